"""Comparing strategies: every one on the same seeds, each replication kept as soon as it is done."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from sim.contract import ScenarioError
from sim.experiments.comparison import Comparison
from sim.experiments.execute import Progress, collect, manifest_of
from sim.experiments.question import Question, ask, forget, opened
from sim.experiments.result import RunResult
from sim.experiments.statistics import mean_interval
from sim.experiments.store import MANIFEST, write_json, write_parquet
from sim.experiments.tables import combine

BATCH = 5
"""Replications between two looks at the precision, when the scenario asks for one (``experiment.precision``)."""


def compare(scenario: Any, *, replications: int | None = None, seed: int = 0, jobs: int | None = None,
            threads: int | None = None, strategies: Sequence[str] | None = None, baseline: str | None = None,
            orders: bool = False, out: str | Path | None = None, resume: bool = True, progress: Progress | None = None,
            notes: dict[str, Any] | None = None) -> Comparison:  # fmt: skip
    """Compare the strategies of a scenario (a Scenario, or the path of one) on the same seeds.

    ``replications``, ``baseline`` and ``strategies`` default to the scenario's own; the baseline to the first
    strategy. ``jobs`` processes share the work (default: every core), each market in ``threads`` threads
    (default: the cores the processes leave); results depend on neither. With ``out`` each
    finished replication is kept there, an interrupted comparison goes on where it stopped, and the same question is
    answered from disk; without it nothing is left behind. ``resume=False`` computes all again. With
    ``experiment.precision`` replications stop as soon as the first outcome is known that well. ``notes`` go into the
    manifest. Raises ScenarioError on wrong input, RunsFailed when nothing finished, Interrupted on Ctrl-C.
    """
    scenario = opened(scenario)
    settings: dict[str, Any] = {
        "replications": replications, "seed": seed, "strategies": strategies, "baseline": baseline, "orders": orders,
    }  # fmt: skip
    if out is None:
        with tempfile.TemporaryDirectory(prefix="sim-") as scratch:
            question = ask(scenario, **settings, out=scratch)
            return _answer(question, jobs, threads, progress, notes or {}, keep=False)
    question = ask(scenario, **settings, out=out)
    if resume:
        stored = question.store.manifest(question.run_id)
        if stored is not None and not stored.get("failures"):
            return Comparison.load(question.folder, scenario)
    else:
        forget(question)
    return _answer(question, jobs, threads, progress, notes or {}, keep=True)


def _answer(question: Question, jobs: int | None, threads: int | None, progress: Progress | None, notes: dict[str, Any],
            keep: bool) -> Comparison:  # fmt: skip
    start = time.perf_counter()
    precision = getattr(question.scenario.experiment, "precision", None)
    failures: list[dict[str, Any]] = []
    seconds = 0.0
    for count in _batches(len(question.seeds), precision):
        part = replace(question, seeds=question.seeds[:count])
        runs, done, failed, spent = collect(part, jobs, threads, progress)
        failures, seconds = failed, seconds + spent
        check_outcomes(question.scenario, runs)
        if precision is not None and _precise(part, runs, precision):
            break
    tables = combine(runs, list(question.scenario.outcomes))
    wall = time.perf_counter() - start
    manifest = manifest_of(part, "compare", done, failures, seconds, wall, notes)
    if keep:
        for name, frame in tables.items():
            write_parquet(frame, question.folder / f"{name}.parquet")
        write_json(manifest, question.folder / MANIFEST)
    return Comparison(question.scenario, manifest, tables, question.folder if keep else None)


def _batches(most: int, precision: float | None) -> list[int]:
    """Replications after which to look whether the answer is precise enough; a fixed rhythm, whatever the jobs."""
    return [most] if precision is None else [*range(BATCH, most, BATCH), most]


def _precise(question: Question, runs: dict[tuple[str, int, int], RunResult], precision: float) -> bool:
    """Whether every strategy's interval of the first outcome is within ``precision`` of its mean, on either side."""
    metric = question.scenario.outcomes[0]
    for arm in question.arms:
        values = np.array([run.outcome(metric) for (strategy, _, _), run in runs.items() if strategy == arm.strategy])
        found = mean_interval(values)
        if not found.high - found.mean <= precision * abs(found.mean):
            return False
    return True


def check_outcomes(scenario: Any, runs: dict[tuple[str, int, int], RunResult]) -> None:
    """Raise ScenarioError for an outcome that no market of this kind measures, naming the nearest one."""
    first = next(iter(runs.values()))
    measured = [str(name) for name in first.summary.index if "@" not in str(name)]
    by_owner = {*first.channels.columns, *first.products.columns}
    wrong = []
    for name in scenario.outcomes:
        metric = name.partition("@")[0]
        if metric not in measured and not ("@" in name and metric in by_owner):
            near = get_close_matches(metric, measured, n=1)
            wrong.append(f"unknown outcome {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    if wrong:
        raise ScenarioError("\n".join(wrong) + f"\nmeasured are: {', '.join(measured)}")
