"""One market compiles for all workers: once a kind of scenario, and never where it is not needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.experiments import replicate, warm
from sim.scenario import load

KOC = Path(__file__).parents[2] / "scenarios" / "koc_or_kol.yaml"


def test_a_tiny_market_under_every_strategy_and_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lived: list[tuple[int, int, Any]] = []

    def simulate(scenario: Any, strategy: str | None, seed: int) -> None:
        lived.append((scenario.market.consumers, scenario.market.days, strategy))

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.setattr(replicate, "simulate", simulate)
    scenario = load(KOC)
    assert not warm.warm(scenario, 1), "a single worker compiles for itself"
    assert warm.warm(scenario, 2)
    assert lived == [(300, 60, name) for name in (None, *scenario.strategies)]
    assert not warm.warm(scenario.with_set({"market.days": 9}), 2), "the same kernels"
    assert warm.warm(scenario.with_set({"network": {"kind": "well_mixed"}}), 2), "other kernels"


def test_a_market_that_cannot_be_built_is_left_to_the_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def simulate(scenario: Any, strategy: str | None, seed: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.setattr(replicate, "simulate", simulate)
    warm.warm(load(KOC), 2)
    assert not list(tmp_path.glob("warm-*"))
