"""Running one market: in memory for a program, by way of the store for the command line."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.experiments import replicate
from sim.experiments.execute import Progress, collect, manifest_of
from sim.experiments.executors import share_out
from sim.experiments.identity import BASE
from sim.experiments.question import Question, forget, known, opened
from sim.experiments.replicate import simulate
from sim.experiments.result import RunResult
from sim.experiments.statistics import Interval, mean_interval
from sim.experiments.store import MANIFEST, write_json, write_parquet
from sim.experiments.tables import combine
from sim.metrics import in_order


def run(scenario: Any, strategy: str | None = None, seed: int = 0, *, threads: int | None = None, orders: bool = True,
        progress: bool = False) -> RunResult:  # fmt: skip
    """Run one market to its horizon and give its tables. ``scenario`` is a Scenario or the path of one.

    Nothing is written. Raises ScenarioError on wrong input.

    >>> result = sim.run("presets/examples/tea.yaml", strategy="sale", seed=7)
    >>> len(result.daily), result.outcome("orders") > 0
    (10, True)
    """
    scenario = opened(scenario)
    known(scenario, strategy or BASE)
    return simulate(scenario, strategy, seed, threads=share_out(1, 1, threads)[1], orders=orders, progress=progress,
                    market=replicate.MARKET)  # fmt: skip


@dataclass(frozen=True)
class Band:
    """The range in which a plausible market's metric lies, as shares."""

    metric: str
    low: float
    high: float


BANDS: tuple[Band, ...] = (
    Band("ctr", 0.02, 0.06),
    Band("click_to_order", 0.01, 0.05),
    Band("return_rate", 0.08, 0.15),
    Band("repurchase_90d", 0.20, 0.40),
    Band("singleton_share", 0.70, 0.95),
    Band("deep_share", 0.01, 0.04),
    Band("group_completion", 0.40, 0.85),
)
"""What reports and papers find in such markets; comparators, not targets. See the parameter book."""


@dataclass(frozen=True)
class Stored:
    """One market run on one or several seeds, on disk at ``path``. ``first`` is replication 0."""

    path: Path
    manifest: dict[str, Any]
    summary: pd.DataFrame
    first: RunResult

    def interval(self, metric: str) -> Interval:
        """Mean of a metric over the replications, with its interval."""
        return mean_interval(self.summary[metric].to_numpy(float))

    @property
    def metrics(self) -> list[str]:
        """What was measured, in the order declared."""
        return in_order(c for c in self.summary.columns if c not in ("strategy", "replication", "seed"))


def run_stored(question: Question, *, jobs: int | None = None, threads: int | None = None, resume: bool = True,
               progress: Progress | None = None, notes: dict[str, Any] | None = None) -> Stored:  # fmt: skip
    """Run what is not yet on disk, write the answer's folder, and give what is in it."""
    start = time.perf_counter()
    if not resume:
        forget(question)
    runs, done, failures, seconds = collect(question, jobs, threads, progress)
    tables = combine(runs, _owned(question.scenario.outcomes, runs.values()))
    for name, frame in tables.items():
        write_parquet(frame, question.folder / f"{name}.parquet")
    manifest = manifest_of(question, "run", done, failures, seconds, time.perf_counter() - start, notes or {})
    write_json(manifest, question.folder / MANIFEST)
    return Stored(question.folder, manifest, tables["summary"], next(iter(runs.values())))


def _owned(outcomes: Sequence[str], runs: Any) -> list[str]:
    """The outcomes a single run can answer for: those its summary or its tables have."""
    first: RunResult = next(iter(runs))
    return [name for name in outcomes if first.outcome(name) == first.outcome(name)]
