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
from sim.experiments.identity import replication_seed
from sim.experiments.precision import Precision, affordable, parse, record, stages
from sim.experiments.question import Question, ask, forget, opened
from sim.experiments.reference import REFERENCES
from sim.experiments.result import RunResult
from sim.experiments.store import MANIFEST, write_json, write_parquet
from sim.experiments.tables import combine


def compare(scenario: Any, *, replications: int | None = None, seed: int = 0, jobs: int | None = None,
            threads: int | None = None, strategies: Sequence[str] | None = None, baseline: str | None = None,
            orders: bool = False, out: str | Path | None = None, resume: bool = True, progress: Progress | None = None,
            notes: dict[str, Any] | None = None, precision: str | Precision | None = None,
            max_replications: int | None = None, references: Sequence[str] | None = None) -> Comparison:  # fmt: skip
    """Compare the strategies of a scenario (a Scenario, or the path of one) on the same seeds.

    ``replications``, ``baseline`` and ``strategies`` default to the scenario's own; the baseline to the first
    strategy. ``jobs`` processes share the work (default: every core), each market in ``threads`` threads
    (default: the cores the processes leave); results depend on neither. With ``out`` each
    finished replication is kept there, an interrupted comparison goes on where it stopped, and the same question is
    answered from disk; without it nothing is left behind. ``resume=False`` computes all again. ``notes`` go into the
    manifest. ``references`` adds the arms ``today`` and ``nothing``.

    With ``precision`` ("profit=2%" of the mean, "profit=5000" in its unit) ``replications`` are a first stage, and as
    many follow, up to ``max_replications``, as make half the interval of every strategy that small
    (:mod:`sim.experiments.precision`). Raises ScenarioError on wrong input and on a precision that would need more
    than that, RunsFailed when nothing finished, Interrupted on Ctrl-C.

    >>> answer = sim.compare("presets/examples/tea.yaml", replications=3, jobs=1)
    >>> answer.strategies
    ['plain', 'sale']
    >>> answer.differences.query("metric == 'orders'")[["mean", "low", "high"]].shape
    (1, 3)
    """
    scenario = opened(scenario)
    wanted = _wanted(scenario, precision)
    most = max_replications or scenario.experiment.max_replications
    settings: dict[str, Any] = {
        "replications": replications, "seed": seed, "strategies": strategies, "baseline": baseline, "orders": orders,
        "references": references, **({"precision": str(wanted), "most": most} if wanted else {}),
    }  # fmt: skip
    if out is None:
        with tempfile.TemporaryDirectory(prefix="sim-") as scratch:
            question = ask(scenario, **settings, out=scratch)
            return _answer(question, wanted, most, jobs, threads, progress, notes or {}, keep=False)
    question = ask(scenario, **settings, out=out)
    if resume:
        stored = question.store.manifest(question.run_id)
        if stored is not None and not stored.get("failures"):
            return Comparison.load(question.folder, question.scenario)
    else:
        forget(question)
    return _answer(question, wanted, most, jobs, threads, progress, notes or {}, keep=True)


def _wanted(scenario: Any, precision: str | Precision | None) -> Precision | None:
    """The precision asked for here, or by the scenario for its first outcome."""
    if precision is not None:
        return parse(precision) if isinstance(precision, str) else precision
    share = scenario.experiment.precision
    return None if share is None else Precision(scenario.outcomes[0], share, relative=True)


def _answer(question: Question, wanted: Precision | None, most: int, jobs: int | None, threads: int | None,
            progress: Progress | None, notes: dict[str, Any], keep: bool) -> Comparison:  # fmt: skip
    start = time.perf_counter()
    runs, done, failures, seconds = collect(question, jobs, threads, progress)
    check_outcomes(question.scenario, runs, [wanted.metric] if wanted else [])
    extra: dict[str, Any] = {"references": [a.strategy for a in question.arms if a.strategy in REFERENCES],
                             "same": question.same}  # fmt: skip
    if wanted is not None:
        found = stages(_first(question, runs, wanted.metric), wanted)
        affordable(found, wanted, most)
        extra["precision"] = record(wanted, found, done, most)
        if found.needed > len(question.seeds):
            seeds = tuple(replication_seed(question.seed, r) for r in range(found.needed))
            question = replace(question, seeds=seeds)
            runs, done, failures, more = collect(question, jobs, threads, progress)
            seconds += more
    tables = combine(runs, list(question.scenario.outcomes))
    wall = time.perf_counter() - start
    manifest = manifest_of(question, "compare", done, failures, seconds, wall, {**notes, **extra})
    if keep:
        for name, frame in tables.items():
            write_parquet(frame, question.folder / f"{name}.parquet")
        write_json(manifest, question.folder / MANIFEST)
    return Comparison(question.scenario, manifest, tables, question.folder if keep else None)


def _first(question: Question, runs: dict[tuple[str, int, int], RunResult], metric: str) -> dict[str, Any]:
    """float64[n0] by strategy, reference arms left out: what the first stage found of a metric."""
    return {
        arm.strategy: np.array([run.outcome(metric) for (name, _, _), run in runs.items() if name == arm.strategy])
        for arm in question.arms if arm.strategy not in REFERENCES
    }  # fmt: skip


def check_outcomes(scenario: Any, runs: dict[tuple[str, int, int], RunResult], also: Sequence[str] = ()) -> None:
    """Raise ScenarioError for an outcome that no market of this kind measures, naming the nearest one."""
    first = next(iter(runs.values()))
    measured = [str(name) for name in first.summary.index if "@" not in str(name)]
    by_owner = {*first.channels.columns, *first.products.columns}
    wrong = []
    for name in (*scenario.outcomes, *also):
        metric = name.partition("@")[0]
        if metric not in measured and not ("@" in name and metric in by_owner):
            near = get_close_matches(metric, measured, n=1)
            wrong.append(f"unknown outcome {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    if wrong:
        raise ScenarioError("\n".join(wrong) + f"\nmeasured are: {', '.join(measured)}")
