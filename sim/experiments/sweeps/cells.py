"""A sweep worked out: every cell named by its content, every market to be run once, and where the answer belongs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sim.contract import Problem, ScenarioError
from sim.experiments.identity import BASE, cell_id, digest, replication_seed, slug, versions
from sim.experiments.store import Store
from sim.experiments.sweeps.plan import Plan

FORMAT = 1
"""Version of the layout of sweeps on disk."""

MOST_PROBLEMS = 8


class Key(NamedTuple):
    """A market: the hash of its content, and its seed."""

    cell: str
    seed: int


class Job(NamedTuple):
    """A market to be run: its key, the index of its point, and its strategy."""

    key: Key
    point: int
    strategy: str


@dataclass(frozen=True)
class Cell:
    """One row of the answer's design: its number from 0, the hash of its market, its point, its strategy."""

    number: int
    id: str
    point: int
    strategy: str


@dataclass(frozen=True)
class Study:
    """A plan with its cells and seeds, its id, and the store of its scenario."""

    plan: Plan
    cells: tuple[Cell, ...]
    seeds: tuple[int, ...]
    run_id: str
    store: Store

    @property
    def folder(self) -> Path:
        """Where the answer is or will be."""
        return self.store.folder(self.run_id)

    def jobs(self) -> Iterator[Job]:
        """Every market once: by point, then by seed, then by strategy, so that strategies can share a warm-up."""
        seen: set[Key] = set()
        start = 0
        while start < len(self.cells):
            point = self.cells[start].point
            end = start
            while end < len(self.cells) and self.cells[end].point == point:
                end += 1
            for seed in self.seeds:
                for cell in self.cells[start:end]:
                    key = Key(cell.id, seed)
                    if key not in seen:
                        seen.add(key)
                        yield Job(key, point, cell.strategy)
            start = end

    def rows(self) -> Iterator[tuple[Cell, int, Key]]:
        """Every row of the answer: by cell, then by replication."""
        for cell in self.cells:
            for replication, seed in enumerate(self.seeds):
                yield cell, replication, Key(cell.id, seed)


def work_out(plan: Plan, out: str | Path, progress: Callable[[int, int], None] | None = None) -> Study:
    """Build the scenario of every point, so that nothing wrong is found later, and name every cell by its content.

    Some milliseconds a cell. Raises ScenarioError with what is wrong at the points, each where it was written.
    """
    cells: list[Cell] = []
    problems: dict[str, Problem] = {}
    for index, point in enumerate(plan.points):
        try:
            strategies = plan.strategies_at(point)
            there = plan.scenario.with_set(plan.changes(point), events=BASE in strategies)
            for strategy in strategies:
                cells.append(Cell(len(cells), cell_id(there, strategy), index, strategy))
        except ScenarioError as error:
            for problem in error.problems:
                located = _located(plan, index, problem)
                problems.setdefault(f"{located.path} {located.message}", located)
            if len(problems) >= MOST_PROBLEMS:
                break
        if progress is not None:
            progress(index + 1, len(plan.points))
    if problems:
        raise ScenarioError(list(problems.values())[:MOST_PROBLEMS])
    seeds = tuple(replication_seed(plan.seed, r) for r in range(plan.replications))
    store = Store(out, slug(plan.scenario))
    asked = {
        "kind": "sweep", "format": FORMAT, "scenario": plan.scenario.resolved(), "axes": plan.axes,
        "points": [[point[name] for name in plan.axes] for point in plan.points], "seeds": seeds,
        "cells": [cell.id for cell in cells], "daily": plan.daily, "versions": versions(),
    }  # fmt: skip
    return Study(plan, tuple(cells), seeds, digest(asked, 12), store)


def _located(plan: Plan, index: int, problem: Problem) -> Problem:
    """A problem of a point, at the place where the plan says what caused it."""
    axes = [name for name in plan.axes if problem.path == name or problem.path.startswith(name + ".")]
    if axes:
        place = plan.places(axes[0], index)
        return Problem(problem.message, problem.path, place.file, place.line)
    point = json.dumps(plan.points[index], ensure_ascii=False, default=str)
    place = plan.places(plan.axes[0], index)
    return Problem(f"{problem.message} (at {point:.200})", problem.path, place.file, place.line)
