"""The benchmarks of what others write run, tiny and untimed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim import catalogue, plugins
from sim.contract import Registry


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Imports a benchmark by name; the registry is as it was afterwards."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setattr(plugins, "registry", Registry())
    monkeypatch.setattr(catalogue, "registry", plugins.registry)
    yield importlib.import_module
    for name in ("outside", "environments"):
        sys.modules.pop(name, None)


def test_inside_and_outside_are_the_same_mechanism(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    built_in, order = dict(catalogue.BUILT_IN), dict(catalogue.ORDER)
    found = benchmark("outside").main(["--consumers", "600", "--days", "3", "--repeats", "1"])
    assert found["coupons"] > 0
    assert "ratio" in capsys.readouterr().out
    assert (built_in, order) == (catalogue.BUILT_IN, catalogue.ORDER)


def test_environments_are_measured(benchmark: Any) -> None:
    pytest.importorskip("gymnasium", reason="needs the extra learn")
    found = benchmark("environments").main(["--consumers", "200", "--steps", "3"])
    assert set(found) == {"MerchantBudget", "PlatformFeed", "GroupTerms"}
