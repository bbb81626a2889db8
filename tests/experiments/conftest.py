"""The fake market stands in for the real one, in this process and in workers."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> object:
    """The module ``fakes``, its market in force."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import fakes as module

    from sim.experiments import replicate

    monkeypatch.setattr(replicate, "MARKET", "fakes:FakeMarket")
    module.CALLS.clear()
    return module
