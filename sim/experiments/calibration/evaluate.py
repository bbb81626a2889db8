"""Points of the parameter space turned into moments: markets on common seeds, in as many processes as wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.contract import ScenarioError
from sim.experiments.calibration.moments import Window, events_of, measure
from sim.experiments.calibration.plan import Range
from sim.experiments.executors import spread
from sim.experiments.identity import replication_seed


@dataclass(frozen=True)
class Space:
    """The free parameters. A point is float[p] in [0, 1]; values are what the scenario gets."""

    free: dict[str, Range]

    def values(self, point: np.ndarray) -> dict[str, float]:
        """The point as ``{path: value}``."""
        return {path: self.value(k, float(u)) for k, (path, u) in enumerate(zip(self.free, point, strict=True))}

    def value(self, k: int, u: float) -> float:
        """The value of parameter k at u in [0, 1]."""
        found = list(self.free.values())[k]
        u = min(1.0, max(0.0, u))
        if found.scale == "log":
            return float(found.low * (found.high / found.low) ** u)
        return float(found.low + (found.high - found.low) * u)

    def slope(self, k: int, u: float) -> float:
        """dvalue/du."""
        found = list(self.free.values())[k]
        if found.scale == "log":
            return float(self.value(k, u) * np.log(found.high / found.low))
        return float(found.high - found.low)


@dataclass(frozen=True)
class Task:
    """One market: a scenario with its changes, a seed, and what to measure."""

    place: tuple[int, int]
    scenario: Any
    changes: dict[str, float]
    seed: int
    window: Window


def run(task: Task) -> tuple[tuple[int, int], np.ndarray, np.ndarray]:
    """Live one market and measure it: its place, fitted and held-out moments."""
    from sim.market import Market

    scenario = task.scenario.with_set(task.changes)
    market = Market(scenario, seed=task.seed, orders=task.window.kind != "daily", check=False)
    while market.running:
        market.step()
    window = task.window
    return (task.place, *measure(events_of(market, window), window))


@dataclass
class Laboratory:
    """Runs markets and counts them; they live to the end of the fitted window, or where asked of all the data."""

    scenario: Any
    space: Space
    window: Window
    seed: int
    jobs: int
    markets: int = 0

    def __call__(self, points: Sequence[np.ndarray], seeds: Sequence[int]) -> np.ndarray:
        """Moments float[points, seeds, k] of the fitted window."""
        return self._run(points, [list(seeds)] * len(points), ahead=False)[0]

    def ahead(self, points: Sequence[np.ndarray], seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Moments float[points, seeds, k] and held-out ones float[points, seeds, h].

        Seeds are numbers of replications: the same number is the same people and luck at every point.
        """
        return self._run(points, [list(seeds)] * len(points), ahead=True)

    def each(self, points: Sequence[np.ndarray], first: int) -> np.ndarray:
        """Moments float[points, k] of one market a point, with the replications ``first``, ``first + 1``, ..."""
        return self._run(points, [[first + i] for i in range(len(points))], ahead=False)[0][:, 0]

    def _run(self, points: Sequence[np.ndarray], seeds: list[list[int]],
             ahead: bool) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        days = self.window.horizon if ahead else int(np.ceil(self.window.edges[self.window.fitted]))
        scenario = self.scenario.with_set({"market.days": days})
        tasks = [Task((i, j), scenario, self.space.values(point), replication_seed(self.seed, s), self.window)
                 for i, point in enumerate(points) for j, s in enumerate(seeds[i])]  # fmt: skip
        fitted, held_out = (np.full((len(points), len(seeds[0]), len(n)), np.nan) for n in self.window.names())
        for (i, j), inside, after in spread(run, tasks, self.jobs):
            fitted[i, j], held_out[i, j] = inside, after
            self.markets += 1
        return fitted, held_out


def check_space(scenario: Any, space: Space) -> None:
    """Raise ScenarioError when a path is unknown or an end of its range is not allowed."""
    problems = []
    for k, path in enumerate(space.free):
        for u in (0.0, 1.0):
            try:
                scenario.with_set({path: space.value(k, u)})
            except ScenarioError as error:
                problems += error.problems
                break
    if problems:
        raise ScenarioError(problems)
