"""Choosing the best strategy by adding runs only for those that may still be it.

A comparison spends as much on a strategy that is clearly worse as on the two that matter. Here every strategy lives a
first stage, then the worse ones go as soon as the procedure allows (:class:`sim.experiments.multiple.Race`), and the
rest live on until one is left: the best, or within the zone of indifference of it, with 95 %, however often one looked.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import ScenarioError
from sim.experiments.compare import check_outcomes
from sim.experiments.execute import Interrupted, Progress, collect, manifest_of
from sim.experiments.exploration.aims import good_way
from sim.experiments.identity import replication_seed
from sim.experiments.multiple import Race
from sim.experiments.precision import Precision, parse
from sim.experiments.question import Question, ask, opened
from sim.experiments.results import Results
from sim.experiments.store import MANIFEST, read_parquet, write_json, write_parquet
from sim.experiments.tables import combine

FIRST = 10
"""Replications of the first stage."""

TABLE = "selection"


class Choice:
    """What came of it.

    ``table``: a row a strategy, as they were left: ``strategy``, ``replications`` lived, their ``mean`` and ``sd``,
    ``dropped`` (the replication at which it went, 0 for one still in). ``runs``: a row a market. ``chosen``: the
    strategy that is left, None while several are. ``zone``: the difference not worth caring about, in the outcome's
    unit. ``most``: replications at which it is decided for certain.
    """

    def __init__(self, manifest: dict[str, Any], table: pd.DataFrame, runs: pd.DataFrame, path: Path | None) -> None:
        self.manifest, self.table, self.runs, self.path = manifest, table, runs, path
        said = manifest["select"]
        self.outcome: str = said["outcome"]
        self.zone: float = said["zone"]
        self.most: int = said["most"]
        self.used: int = said["used"]
        left = [str(name) for name in table.loc[table["dropped"] == 0, "strategy"]]
        self.left: list[str] = left
        self.chosen: str | None = left[0] if len(left) == 1 else None

    @classmethod
    def load(cls, results: Results) -> Choice:
        """From a stored answer. Raises ScenarioError when it is none of a choice."""
        if results.kind != "select" or results.path is None:
            raise ScenarioError(f"{results.path} holds no choice of the best")
        table, runs = (read_parquet(results.path / f"{name}.parquet") for name in (TABLE, "summary"))
        return cls(results.manifest, table, runs, results.path)

    @property
    def markets(self) -> int:
        """Markets it took."""
        return int(self.table["replications"].sum())


def choose(scenario: Any, zone: str | Precision, *, strategies: Sequence[str] | None = None, first: int = FIRST,
           max_replications: int | None = None, seed: int = 0, jobs: int | None = None, threads: int | None = None,
           out: str | Path | None = None, progress: Progress | None = None,
           notes: dict[str, Any] | None = None) -> Choice:  # fmt: skip
    """Run strategies until one is left as the best, with 95 %, by the fully sequential procedure of Kim and Nelson.

    ``zone``: the smallest difference that matters, "profit=5000" in the outcome's unit or "profit=2%" of the first
    strategy's mean in the first stage. ``first``: replications of every strategy before any goes. It ends undecided
    at ``max_replications`` (default: the scenario's), and says how many would decide. Markets are kept under ``out``
    and shared with comparisons. Raises ScenarioError on wrong input, Interrupted on Ctrl-C, RunsFailed.

    >>> chosen = sim.choose("presets/examples/tea.yaml", "orders=5", first=4, max_replications=8, jobs=1)
    >>> type(chosen).__name__
    'Choice'
    """
    made = opened(scenario)
    wanted = parse(zone) if isinstance(zone, str) else zone
    way = good_way(wanted.metric)
    most = max_replications or made.experiment.max_replications
    if first < 2 or most < first:
        raise ScenarioError(f"a choice needs two first replications, and room for them (got {first} of {most})")
    settings: dict[str, Any] = {"strategies": strategies, "replications": first, "seed": seed, "references": []}
    with tempfile.TemporaryDirectory(prefix="sim-") as scratch:
        question = ask(made, **settings, out=scratch if out is None else out, zone=str(wanted), most=most)
        stored = question.store.manifest(question.run_id)
        if stored is not None and not stored["failures"]:
            return Choice.load(Results(question.folder, stored))
        return _chosen(question, wanted, way, most, jobs, threads, progress, notes or {}, keep=out is not None)


def _chosen(question: Question, wanted: Precision, way: str, most: int, jobs: int | None, threads: int | None,
            progress: Progress | None, notes: dict[str, Any], keep: bool) -> Choice:  # fmt: skip
    begun, names = time.perf_counter(), [arm.strategy for arm in question.arms]
    runs: dict[tuple[str, int, int], Any] = {}
    failures: list[dict[str, Any]] = []
    seconds, race = 0.0, None
    at, ends = 0, len(question.seeds)
    while True:
        alive = [k for k in range(len(names)) if race is None or race.alive[k]]
        stage = replace(question, arms=tuple(question.arms[k] for k in alive),
                        seeds=tuple(replication_seed(question.seed, r) for r in range(at, ends)))  # fmt: skip
        found, _, failed, spent = _lived(stage, at, most, jobs, threads, progress)
        check_outcomes(question.scenario, found, [wanted.metric])
        runs |= {(name, at + r, seed): run for (name, r, seed), run in found.items()}
        failures, seconds = failures + failed, seconds + spent
        rows = _rows(found, [names[k] for k in alive], len(names), alive, wanted.metric)
        if race is None:
            race = Race(rows, _zone(wanted, rows, names), way)
            rows = rows[:0]
        for row in rows:
            if not race.decided:
                race.look(row)
        if race.decided or ends >= most:
            break
        at, ends = ends, min(most, ends + max(4, ends // 4), max(ends + 1, race.most))
    said = {"select": {"outcome": wanted.metric, "asked": str(wanted), "zone": race.zone, "first": len(question.seeds),
                       "used": race.used, "most": race.most, "max_replications": most}}  # fmt: skip
    table = _table(runs, race, names, wanted.metric)
    manifest = manifest_of(question, "select", race.used, failures, seconds, time.perf_counter() - begun,
                           {**notes, **said})  # fmt: skip
    summary = combine(runs, list(dict.fromkeys([wanted.metric, *question.scenario.outcomes])))["summary"]
    summary = summary.sort_values("replication", kind="stable", ignore_index=True)
    if keep:
        write_parquet(table, question.folder / f"{TABLE}.parquet")
        write_parquet(summary, question.folder / "summary.parquet")
        write_json(manifest, question.folder / MANIFEST)
    return Choice(manifest, table, summary, question.folder if keep else None)


def _lived(stage: Question, at: int, most: int, jobs: int | None, threads: int | None,
           progress: Progress | None) -> tuple[Any, int, list[dict[str, Any]], float]:  # fmt: skip
    def count(done: int, total: int) -> None:
        if progress is not None:
            progress(at + done, most)

    try:
        return collect(stage, jobs, threads, count)
    except Interrupted as stop:
        raise Interrupted(at + stop.done, most) from stop


def _rows(found: dict[tuple[str, int, int], Any], names: list[str], many: int, alive: list[int], metric: str) -> Any:
    """float64[R, K]: the metric by replication and strategy, NaN for those that are out; whole replications only."""
    seen = sorted({r for _, r, _ in found})
    by = {(name, r): run.outcome(metric) for (name, r, _), run in found.items()}
    rows = np.full((len(seen), many), np.nan)
    for name, k in zip(names, alive, strict=True):
        rows[:, k] = [by[name, r] for r in seen]
    return rows[np.isfinite(rows[:, alive]).all(axis=1)]


def _zone(wanted: Precision, first: Any, names: list[str]) -> float:
    """The zone of indifference in the outcome's unit."""
    if len(first) < 2:
        raise ScenarioError(f"{wanted.metric} was observed in {len(first)} first replications; it takes at least two")
    zone = wanted.target * abs(float(first[:, 0].mean())) if wanted.relative else wanted.target
    if not zone > 0:
        raise ScenarioError(f"the mean of {names[0]!r} is 0, and no share of it matters: state the smallest difference "
                            f"that matters as a number, as in {wanted.metric}=100")  # fmt: skip
    return zone


def _table(runs: dict[tuple[str, int, int], Any], race: Race, names: list[str], metric: str) -> pd.DataFrame:
    rows = []
    for k, name in enumerate(names):
        mine = np.array([run.outcome(metric) for (arm, _, _), run in runs.items() if arm == name], float)
        rows.append({"strategy": name, "replications": len(mine), "mean": float(np.nanmean(mine)),
                     "sd": float(np.nanstd(mine, ddof=1)), "dropped": int(race.dropped[k])})  # fmt: skip
    order = sorted(range(len(rows)), key=lambda k: (0 if race.alive[k] else 1, -race.dropped[k], k))
    return pd.DataFrame([rows[k] for k in order])


__all__ = ["Choice", "choose"]
