"""Candidates run as cells of a sweep, in workers that live as long as the search: kept on disk, never run twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from sim.contract import ScenarioError
from sim.experiments.executors import cores
from sim.experiments.identity import BASE
from sim.experiments.sweeps.cells import work_out
from sim.experiments.sweeps.claims import Claims
from sim.experiments.sweeps.conduct import Conductor
from sim.experiments.sweeps.parts import Parts, usable
from sim.experiments.sweeps.plan import make
from sim.experiments.sweeps.tables import runs_of
from sim.experiments.sweeps.workers import Here, Processes, Workers
from sim.experiments.warm import warm

Values = dict[str, np.ndarray[Any, np.dtype[np.float64]]]
"""float64[replications] by metric."""


class Field:
    """Where candidates are tried: a scenario under one strategy, its results under ``out``; use it as a context.

    ``fixed``: what is set for every candidate, and not for the scenario as it stands.
    """

    def __init__(self, scenario: Any, strategy: str, out: Path, jobs: int | None = None, threads: int = 1,
                 cluster: str | None = None, fixed: Mapping[str, Any] | None = None) -> None:  # fmt: skip
        self.scenario, self.strategy, self.out, self.threads = scenario, strategy, out, threads
        self.fixed, self.ran = dict(fixed or {}), 0
        usable(out)
        self._parts: Parts | None = None
        self._team: Workers
        if cluster:
            from sim.experiments.sweeps.cluster import Cluster

            self._team = Cluster(cluster)
        elif (jobs or cores()) > 1:
            warm(scenario, jobs or cores())
            self._team = Processes(jobs or cores())
        else:
            self._team = Here()

    def __enter__(self) -> Field:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._team.close()

    def possible(self, point: Mapping[str, Any]) -> str:
        """Why a candidate makes no scenario; empty when it makes one."""
        try:
            made = self.scenario.with_set({**self.fixed, **point})
            made.for_strategy(None if self.strategy == BASE else self.strategy)
        except ScenarioError as error:
            return str(error)
        return ""

    def tried(self, points: Sequence[Mapping[str, Any]], replications: int, seed: int,
              days: int | None = None) -> list[Values | str]:  # fmt: skip
        """Every candidate on the same seeds: float64[replications] by metric, or why it failed.

        ``days``: a horizon that is shorter than the scenario's.
        """
        if not points:
            return []
        levers = {path: [point[path] for point in points] for path in points[0]}
        levers |= {path: [value] * len(points) for path, value in self.fixed.items()}
        scenario = self.scenario if days is None else self.scenario.with_set({"market.days": days})
        return self._lived(scenario, levers, replications, seed)

    def as_is(self, replications: int, seed: int) -> Values | str:
        """The strategy without any lever moved."""
        return self._lived(self.scenario, {"strategy": [self.strategy]}, replications, seed)[0]

    def _lived(self, scenario: Any, axes: Mapping[str, Any], replications: int, seed: int) -> list[Values | str]:
        more: dict[str, Any] = {} if "strategy" in axes else {"strategies": [self.strategy]}
        plan = make(scenario, axes, design="list", replications=replications, seed=seed, daily=False, **more)
        study = work_out(plan, self.out)
        self._parts = self._parts or Parts(study.store.home)
        self._parts.refresh()
        with Claims(study.store.home / "claims") as claims:
            tally = Conductor(study, self._parts, claims, self._team, self.threads).conduct()
        self.ran += tally.ran
        runs = runs_of(study, self._parts, tally.failures)
        found: list[Values | str] = []
        for cell in study.cells:
            bad = [failure for key, failure in tally.failures.items() if key.cell == cell.id]
            if bad:
                found.append(f"{bad[0].kind}: {bad[0].message}")
                continue
            mine = runs[runs["cell"] == cell.number]
            numbers = mine.select_dtypes("number").drop(columns=["cell", "replication", "seed"])
            found.append({str(name): numbers[name].to_numpy(float) for name in numbers.columns})
        return found


__all__ = ["Field", "Values"]
