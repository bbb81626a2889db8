"""Sweeping: a design of points, strategies and seeds, run cell by cell, restartable, anywhere."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.contract import SimError
from sim.experiments.execute import Progress
from sim.experiments.executors import cores
from sim.experiments.identity import versions
from sim.experiments.results import Results, load_results
from sim.experiments.store import MANIFEST, room, write_json
from sim.experiments.sweeps.cells import FORMAT, Study, work_out
from sim.experiments.sweeps.claims import Claims
from sim.experiments.sweeps.conduct import Conductor, Tally
from sim.experiments.sweeps.parts import Parts, TornPart, usable
from sim.experiments.sweeps.plan import Plan, make, read_plan
from sim.experiments.sweeps.tables import write_all
from sim.experiments.sweeps.workers import Here, Processes, Workers
from sim.experiments.warm import warm


class EveryMarketFailed(SimError):
    """No market of a sweep finished."""


def sweep(scenario: Any, axes: Mapping[str, Any] | Sequence[str] | None = None, *, design: Any = "grid",
          samples: int | None = None, strategies: Sequence[str] | None = None, replications: int | None = None,
          seed: int | None = None, daily: bool | None = None, set: Mapping[str, Any] | None = None,
          jobs: int | None = None, threads: int = 1, cluster: str | None = None, out: str | Path | None = None,
          resume: bool = True, progress: Progress | None = None,
          notes: dict[str, Any] | None = None) -> Results:  # fmt: skip
    """Run a scenario at every point of a design, under every strategy, on the same seeds.

    ``scenario``: a Scenario or the path of one, with ``axes``: a mapping of dotted paths (or ``strategy``, ``event``)
    to lists of values or ranges ``{from, to, steps, log, whole}``; or, without axes, the path of a plan that says it
    all. ``design``: ``grid``, ``list`` (side by side), ``latin`` or ``sobol`` (with ``samples``), or a CSV file with a
    column a path. ``set``: changes in force everywhere. ``daily=False`` keeps no days.

    ``jobs`` processes here (default: every core), or a Dask ``cluster`` (``tcp://host:8786``, ``local:4``); results do
    not depend on it. With ``out`` every finished market is kept, an interrupted sweep goes on, and several processes
    may work on it at once. A market that fails is recorded and the others go on. ``resume=False`` runs all again.
    Raises ScenarioError on wrong input, Interrupted on Ctrl-C, DiskFull, ClusterError.

    >>> swept = sim.sweep("presets/examples/tea.yaml", {"merchants.Leaf.products.green.price": [30, 45]},
    ...                   strategies=["plain"], replications=2, jobs=1)
    >>> len(swept.cells), len(swept.runs)
    (2, 4)
    """
    plan = planned(scenario, axes, design=design, samples=samples, strategies=strategies, replications=replications,
                   seed=seed, daily=daily, set=set)  # fmt: skip
    if out is not None:
        usable(Path(out))
    team = _cluster(cluster) if cluster else None  # before the cells are named, which takes a while in a large design
    try:
        if cluster and cluster.startswith("local"):
            warm(plan.scenario, 2)
        if progress is not None:
            progress(0, len(plan.points) * len(plan.strategies) * plan.replications)
        settings: dict[str, Any] = {
            "jobs": jobs, "threads": threads, "team": team, "progress": progress, "notes": notes or {},
        }  # fmt: skip
        if out is not None:
            return _answer(work_out(plan, out), resume, **settings)
        with tempfile.TemporaryDirectory(prefix="sim-") as scratch:
            return _answer(work_out(plan, scratch), resume, **settings).in_memory()
    finally:
        if team is not None:
            team.close()


def planned(scenario: Any, axes: Any = None, **said: Any) -> Plan:
    """The plan of a sweep; what is said here comes before what a plan file says. Raises ScenarioError."""
    given = {key: value for key, value in said.items() if value is not None}
    if axes is None and isinstance(scenario, (str, os.PathLike)) and given.get("design", "grid") == "grid":
        given.pop("design", None)
        plan = read_plan(scenario)
        given["set"] = {**(plan.pop("set", None) or {}), **(given.get("set") or {})}
        return make(**{**plan, **given})
    return make(scenario, axes, **given)


def _answer(study: Study, resume: bool, *, jobs: int | None, threads: int, team: Workers | None,
            progress: Progress | None, notes: dict[str, Any]) -> Results:  # fmt: skip
    stored = study.store.manifest(study.run_id)
    if resume and stored is not None and not stored.get("failures"):
        return load_results(study.folder)
    start = time.perf_counter()
    with room(study.store.home):
        parts = Parts(study.store.home)
        if not resume:
            parts.hide({key for _, _, key in study.rows()})
        tally = _conducted(study, parts, jobs, threads, team, progress)
        manifest = _manifest(study, tally, time.perf_counter() - start, notes)
        write_json(manifest, study.folder / MANIFEST)
    return Results(study.folder, manifest)


def _conducted(study: Study, parts: Parts, jobs: int | None, threads: int, team: Workers | None,
               progress: Progress | None) -> Tally:  # fmt: skip
    """Run what is missing and write the tables; a part that turns out torn is made again, once."""
    for last in (False, True):
        workers = team or _workers(study, jobs)
        try:
            with Claims(study.store.home / "claims") as claims:
                conductor = Conductor(study, parts, claims, workers, threads, progress)
                tally = conductor.conduct()
        finally:
            if workers is not team:
                workers.close()
        if len(tally.failures) == conductor.total:
            failure = next(iter(tally.failures.values()))
            file = study.store.home / "failed" / f"{failure.key.cell}.{failure.key.seed}.json"
            raise EveryMarketFailed(
                f"every market failed; the first said: {failure.kind}: {failure.message}\n  traceback: {file}"
            )
        (study.folder / MANIFEST).unlink(missing_ok=True)  # it speaks of the tables that are now replaced
        try:
            write_all(study, parts, tally.failures)
            return tally
        except TornPart:
            if last:
                raise
    raise AssertionError("unreachable")


def _cluster(address: str) -> Workers:
    from sim.experiments.sweeps.cluster import Cluster

    return Cluster(address)


def _workers(study: Study, jobs: int | None) -> Workers:
    count = min(jobs or cores(), len(study.cells) * len(study.seeds))
    if count <= 1:
        return Here()
    warm(study.plan.scenario, count)
    return Processes(count)


def _manifest(study: Study, tally: Tally, wall: float, notes: dict[str, Any]) -> dict[str, Any]:
    """Where the answer came from, and how to read it."""
    plan, scenario = study.plan, study.plan.scenario
    path = getattr(scenario, "path", None)
    failures = [
        {"cell": cell.number, "replication": r, "seed": key.seed, "type": found.kind, "message": found.message}
        for cell, r, key in study.rows() if (found := tally.failures.get(key)) is not None
    ] if tally.failures else []  # fmt: skip
    return {
        "kind": "sweep", "format": FORMAT, "run_id": study.run_id, "scenario": scenario.name,
        "question": scenario.question, "design": plan.design, "axes": list(plan.axes), "points": len(plan.points),
        "strategies": list(dict.fromkeys(cell.strategy for cell in study.cells)), "outcomes": list(scenario.outcomes),
        "cells": len(study.cells), "replications": plan.replications, "seed": plan.seed, "seeds": list(study.seeds),
        "daily": plan.daily, "failures": failures, "versions": versions(),
        "machine": {"system": platform.system(), "architecture": platform.machine(), "cores": cores()},
        "timings": {"finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "wall_seconds": round(wall, 3),
                    "market_seconds": round(tally.seconds, 3), "markets_run": tally.ran},
        **notes, "scenario_file": str(path) if path else None, "resolved": scenario.resolved(),
    }  # fmt: skip


