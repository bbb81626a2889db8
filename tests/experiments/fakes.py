"""A market and a scenario with the faces of the real ones and nothing behind them, for tests of what stands around."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.contract import Problem, ScenarioError
from sim.experiments.result import RunResult

CALLS: list[tuple[str, int]] = []
"""Markets built in this process: (strategy, seed)."""

STRATEGIES: dict[str, dict[str, Any]] = {
    "kol": {"lift": 0.0},
    "koc": {"lift": 5.0},
    "same": {"lift": 0.0},
}


@dataclass(frozen=True)
class FakeScenario:
    """Has what experiments read of a scenario. ``lift`` is what a strategy changes; ``trouble`` what goes wrong."""

    name: str = "Fake: one?"
    question: str = "Which?"
    strategies: dict[str, dict[str, Any]] = field(default_factory=lambda: dict(STRATEGIES))
    outcomes: tuple[str, ...] = ("profit", "cac", "repurchase_90d")
    lift: float = 0.0
    trouble: str = ""
    days: int = 5
    size: float = 0.0
    depth: float = 0.0
    baseline: str | None = None
    replications: int = 4
    precision: float | None = None
    most: int = 100
    focal: str | None = "Lumi"
    path: Path | None = None
    base_dir: Path | None = None
    data: str = ""

    @property
    def market(self) -> Any:
        return SimpleNamespace(consumers=100, days=self.days, currency="CNY")

    @property
    def experiment(self) -> Any:
        return SimpleNamespace(replications=self.replications, baseline=self.baseline, precision=self.precision,
                               max_replications=self.most, references=[], hold="spend")  # fmt: skip

    def for_strategy(self, name: str | None) -> FakeScenario:
        return self if name is None else replace(self, **self.strategies[name])

    def with_set(self, changes: dict[str, Any], events: bool = True) -> FakeScenario:
        changes = {"days" if name == "market.days" else name: value for name, value in changes.items()}
        unknown = [name for name in changes if name not in self.__dataclass_fields__]
        if unknown:
            raise ScenarioError([Problem(f"unknown path {unknown[0]!r}", unknown[0], "--set")])
        return replace(self, **changes)

    def resolved(self) -> dict[str, Any]:
        return {
            "name": self.name, "question": self.question, "strategies": self.strategies, "outcomes": [*self.outcomes],
            "market": {"days": self.days, "lift": self.lift, "trouble": self.trouble,
                       "size": self.size, "depth": self.depth}, "focal": self.focal,
            "network": {"kind": "file", "path": self.data} if self.data else {"kind": "community"},
            "experiment": {"replications": self.replications, "baseline": self.baseline,
                           "precision": self.precision},
        }  # fmt: skip


class FakeMarket:
    """Profit is noise of the seed plus the strategy's lift plus a little noise of its own."""

    def __init__(self, scenario: Any, strategy: str | None = None, seed: int | None = None, threads: int = 1,
                 orders: bool = False, check: bool = True) -> None:
        self.scenario, self.strategy, self.seed, self.orders = scenario, strategy, seed, orders
        self.mine = scenario.for_strategy(strategy)
        self.day = 0
        CALLS.append((strategy or "base", int(seed or 0)))

    @property
    def consumers(self) -> range:
        return range(100)

    def run(self, progress: bool = False) -> RunResult:
        trouble = str(getattr(self.mine, "trouble", ""))
        if trouble == "always" or trouble == f"seed {self.seed}":
            raise ZeroDivisionError("the market fell over")
        if trouble == "interrupt" and len(CALLS) > 3:
            raise KeyboardInterrupt
        if trouble == "die":
            os._exit(9)
        if trouble == "nap":
            time.sleep(0.05)
        if trouble == "slow":
            time.sleep(0.5)
        self.day = self.scenario.market.days
        return RunResult.from_market(self)

    def tables(self) -> dict[str, Any]:
        shared = np.random.default_rng(self.seed).normal(100, 10)
        own = np.random.default_rng([self.seed or 0, int(10 * self._lift)]).normal(0, 0.5)
        profit = shared + own + self._lift + float(getattr(self.mine, "size", 0.0))
        days = np.arange(self.day)
        return {
            "summary": {"profit": profit, "cac": 50 - profit / 10, "repurchase_90d": float("nan"), "gmv": 3 * profit,
                        "groups_opened": 7.0, "new_buyers": 10.0, "ctr": 0.04, "return_rate": 0.3},
            "daily": {"day": days, "profit": profit / self.day + days, "gmv": 3 * days},
            "products": {"name": ["Lumi.serum"], "product": ["serum"], "units": [3]},
            "merchants": {"merchant": ["Lumi", "Nox"], "profit": [profit, -1.0]},
            "channels": {"channel": ["ads", "koc"], "impressions": [100, 50], "clicks": [10, 20],
                         "orders_last_touch": [1, 2], "orders_first_touch": [2, 1], "gmv_last_touch": [9.0, 8.0],
                         "gmv_first_touch": [8.0, 9.0], "spend": [5.0, 0.0],
                         "roi_last_touch": [1.0, float("nan")],
                         "roi_first_touch": [0.5, float("nan")]},
            "cascades": {"size": [1, 1, 3], "depth": [0, 0, 2], "virality": [0.0, 0.0, 1.5]},
            "cash": {"day": days, "Lumi": 10.0 * days, "Nox": -days},
            "groups": {"opened": [1], "completed": [1]},
            "orders": {"day": days, "consumer": days * 3, "mode": ["solo"] * self.day} if self.orders else None,
        }  # fmt: skip

    @property
    def _lift(self) -> float:
        return float(getattr(self.mine, "lift", len(str(self.strategy)) if self.strategy else 0))


def long_at_it(task: tuple[str, bool]) -> None:
    """Begin to write in a folder and take a minute, as a replication that is ended before it is finished; or fail as
    soon as two others have begun."""
    folder, fails = task
    while fails:
        if len(list(Path(folder).rglob("begun"))) == 2:
            raise ArithmeticError
        time.sleep(0.05)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as scratch:
        (Path(scratch) / "begun").touch()
        time.sleep(60)
