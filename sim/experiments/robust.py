"""Robust choice: the same strategies in many worlds, who wins where, what is regretted, and where a strategy fails.

In the vocabulary of robust decision making (Lempert, Popper and Bankes 2003; the EMA workbench): *levers* are what can
be chosen (here the strategies, and levers by path), *uncertainties* make the *worlds*, *outcomes* judge.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import ScenarioError
from sim.experiments.execute import Progress
from sim.experiments.exploration.aims import good_way
from sim.experiments.exploration.factors import axes, uncertainties
from sim.experiments.exploration.prim import LEAST, discover
from sim.experiments.exploration.regret import regrets, summary
from sim.experiments.multiple import may_be_best
from sim.experiments.question import known, opened
from sim.experiments.results import Results
from sim.experiments.sensitivity import keep
from sim.experiments.store import read_parquet
from sim.experiments.sweep import sweep
from sim.experiments.sweeps.design import Axis, points

TABLES = ("robustness", "regret", "boxes")
WORLDS = 64
MOST_POLICIES = 64


class Robustness:
    """What came of it.

    ``summary``: a row a strategy (:func:`sim.experiments.exploration.regret.summary`). ``regret``: a row a world and
    strategy: its uncertainties, value, regret, best. ``boxes``: where each strategy fails: a row a strategy and
    restricted uncertainty with low, high, p, and the box's coverage, density, checked density and mass. ``results``:
    the sweep behind.
    """

    def __init__(self, results: Results, tables: Mapping[str, pd.DataFrame]) -> None:
        self.results, self.manifest, self.path = results, results.manifest, results.path
        self.summary, self.regret, self.boxes = (tables[name] for name in TABLES)
        self.outcome: str = results.manifest["robust"]["outcome"]
        self.decided: float | None = results.manifest["robust"]["decided"]

    @classmethod
    def load(cls, results: Results) -> Robustness:
        """From a stored answer. Raises ScenarioError when it is none of a robust choice."""
        if "robust" not in results.manifest or results.path is None:
            raise ScenarioError(f"{results.path} holds no robust choice")
        made = {name: read_parquet(results.path / f"{name}.parquet") for name in TABLES}
        return cls(results, made)

    @property
    def winner(self) -> str:
        """The strategy that is best in most worlds."""
        return str(self.summary["strategy"].iloc[0])

    @property
    def careful(self) -> str:
        """The strategy with the smallest largest regret (minimax regret)."""
        return str(self.summary["strategy"].iloc[int(np.argmin(self.summary["max_regret"].to_numpy()))])

    def figure(self, kind: str = "regret") -> Any:
        """``regret``: each strategy's regret over the worlds; ``worlds``: who wins over the two main uncertainties."""
        from importlib import import_module

        return getattr(import_module("sim.report.exploration"), kind)(self)


def robust(scenario: Any, *, over: Any = None, levers: Mapping[str, Any] | None = None, worlds: int = WORLDS,
           outcome: str | None = None, threshold: float | None = None, strategies: Sequence[str] | None = None,
           replications: int = 2, seed: int = 0, set: Mapping[str, Any] | None = None, jobs: int | None = None,
           threads: int = 1, cluster: str | None = None, out: str | Path | None = None, resume: bool = True,
           progress: Progress | None = None, notes: dict[str, Any] | None = None) -> Robustness:  # fmt: skip
    """Run every strategy in ``worlds`` worlds, drawn by Latin hypercube over the uncertainties, on the same seeds.

    ``over``: as in :func:`sim.experiments.sensitivity.sensitivity`, but by default what is assumed is uncertain: the
    scenario's uncertainties and, over its plausible range, every other parameter of standing A. ``levers``: values by
    path; every combination is a strategy beside the scenario's. ``outcome`` defaults to the first and must have a good
    direction. A strategy *fails* in a world where it misses ``threshold``, or without one, where another strategy is
    better. Raises ScenarioError on wrong input.

    >>> sturdy = sim.robust("presets/examples/tea.yaml", over={"mechanisms.clicks.ctr0": (0.01, 0.05)}, worlds=24,
    ...                     replications=1, jobs=1)
    >>> type(sturdy).__name__
    'Robustness'
    """
    made = opened(scenario)
    made = made.with_set(set) if set else made
    name = outcome or made.outcomes[0]
    way = good_way(name)
    if worlds < 2 * LEAST:
        raise ScenarioError(f"a robust choice needs at least {2 * LEAST} worlds (got {worlds})")
    if name not in made.outcomes:
        made = made.with_set({"outcomes": [name, *made.outcomes]})
    made, names = policies(made, strategies, levers)
    unsure = uncertainties(made, _default(made) if over is None else over)
    drawn = points(unsure, "latin", worlds, seed)
    asked = {axis.name: [point[axis.name] for point in drawn] for axis in unsure}
    found = sweep(made, asked, design="list", strategies=names, replications=replications, seed=seed, daily=False,
                  jobs=jobs, threads=threads, cluster=cluster, out=out, resume=resume, progress=progress,
                  notes=notes)  # fmt: skip
    tables, decided = judged(found, unsure, names, name, way, threshold)
    declared_ones = getattr(made, "uncertainties", None) or {}
    assumed = [axis.name for axis in unsure if over is None and axis.name not in declared_ones]
    keep(found, {"robust": {"outcome": name, "threshold": threshold, "worlds": worlds, "decided": decided,
                            "assumed": assumed}}, tables)  # fmt: skip
    return Robustness(found, tables)


def _default(scenario: Any) -> str | None:
    """What is uncertain when nobody says: what is assumed, where a scenario knows of assumptions."""
    return "assumed" if hasattr(scenario, "mechanisms") else None


def policies(scenario: Any, strategies: Sequence[str] | None,
             levers: Mapping[str, Any] | None) -> tuple[Any, list[str]]:  # fmt: skip
    """The scenario with every combination of the levers as a strategy, and the names of all. Raises ScenarioError."""
    if strategies is not None:
        for name in strategies:
            known(scenario, name)
    names = list(dict.fromkeys(strategies)) if strategies is not None else list(scenario.strategies)
    if levers:
        found = axes(scenario, levers)
        ranges = [axis.name for axis in found if not axis.levels]
        if ranges:
            raise ScenarioError(f"{ranges[0]}: a lever of a robust choice is a list of values, not a range")
        every = {}
        for values in itertools.product(*(axis.levels for axis in found)):
            change = {axis.name: value for axis, value in zip(found, values, strict=True)}
            every[" ".join(f"{path.rpartition('.')[2]} {value}" for path, value in change.items())] = change
        if len(every) > MOST_POLICIES:
            raise ScenarioError(f"{len(every)} combinations of levers are more than {MOST_POLICIES}: give fewer values")
        scenario = scenario.with_set({"strategies": {**scenario.strategies, **every}})
        names += list(every)
    if len(names) < 2:
        raise ScenarioError("a choice needs at least two strategies, or a lever with two values")
    return scenario, names


def judged(found: Results, unsure: Sequence[Axis], names: Sequence[str], outcome: str, way: str,
           threshold: float | None) -> tuple[dict[str, pd.DataFrame], float | None]:  # fmt: skip
    """The tables, and the share of worlds in which the winner is sure (None with one replication)."""
    runs = found.runs
    many = len(names)
    wide = runs.pivot(index="cell", columns="replication", values=outcome).reindex(range(len(found.cells)))
    cube = wide.to_numpy(float).reshape(-1, many, wide.shape[1])
    whole = np.isfinite(cube).all(axis=(1, 2))
    if whole.sum() < 2:
        raise ScenarioError(f"{outcome!r} was measured in {int(whole.sum())} worlds: there is nothing to judge")
    cube = cube[whole]
    values = cube.mean(axis=2)
    lost = regrets(values, way)
    world = np.flatnonzero(whole)
    cells = found.cells.iloc[world * many]
    frames = []
    for k, name in enumerate(names):
        frame = cells[[axis.name for axis in unsure]].reset_index(drop=True)
        frame.insert(0, "world", world)
        frame.insert(1, "strategy", name)
        frames.append(frame.assign(value=values[:, k], regret=lost[:, k], best=lost[:, k] == 0))
    x = np.column_stack([_number(cells[axis.name], axis) for axis in unsure])
    fails = lost > 0
    if threshold is not None:
        fails = values < threshold if way == "up" else values > threshold
    boxes = [row for k, name in enumerate(names) for row in _box(name, x, fails[:, k], unsure)]
    decided = None
    if cube.shape[2] > 1:
        decided = float(np.mean([sum(may_be_best(one.T, way)) == 1 for one in cube]))
    return {
        "robustness": summary(values, names, way, threshold),
        "regret": pd.concat(frames, ignore_index=True).sort_values(["world"], kind="stable", ignore_index=True),
        "boxes": pd.DataFrame(boxes, columns=BOX),
    }, decided


BOX = ("strategy", "fails", "uncertainty", "low", "high", "p", "coverage", "density", "checked", "mass")


def _box(name: str, x: Any, fails: Any, unsure: Sequence[Axis]) -> list[dict[str, Any]]:
    """Rows of one strategy; one without an uncertainty when no box tells its failures from the rest."""
    share = float(fails.mean())
    box = discover(x, fails)
    if box is None:
        return [dict.fromkeys(BOX, float("nan")) | {"strategy": name, "fails": share, "uncertainty": ""}]
    whole = {"coverage": box.coverage, "density": box.density, "checked": box.checked, "mass": box.mass}
    rows = []
    for k, (low, high) in sorted(box.limits.items(), key=lambda item: box.p[item[0]]):
        first, last = (0.0, len(unsure[k].levels) - 1.0) if unsure[k].levels else (unsure[k].low, unsure[k].high)
        rows.append({"strategy": name, "fails": share, "uncertainty": unsure[k].name, "low": max(low, first),
                     "high": min(high, last), "p": box.p[k], **whole})  # fmt: skip
    return rows


def _number(column: pd.Series, axis: Axis) -> Any:
    """A column of values as numbers; of levels, their position in the list."""
    if not axis.levels:
        return column.to_numpy(float)
    at = {str(level): float(k) for k, level in enumerate(axis.levels)}
    return column.astype(str).map(at).to_numpy(float)
