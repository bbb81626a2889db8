"""A question worked out but not yet run: which markets, on which seeds, and where the answer belongs."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sim.contract import ScenarioError
from sim.experiments.identity import BASE, cell_id, replication_seed, run_id, slug
from sim.experiments.reference import with_references
from sim.experiments.replicate import Arm, missing
from sim.experiments.store import MANIFEST, Store


@dataclass(frozen=True)
class Question:
    """A comparison worked out but not run: its arms, seeds, ids, and where its answer belongs."""

    scenario: Any
    arms: tuple[Arm, ...]
    baseline: str
    seeds: tuple[int, ...]
    seed: int
    run_id: str
    store: Store
    orders: bool
    same: dict[str, str] = field(default_factory=dict)
    """References that are left out, with the strategy that makes the same market."""
    every: int = 0
    """Days after which a market is saved on the way, to be taken up again; 0: it is not."""

    @property
    def folder(self) -> Path:
        """Where the answer is or will be."""
        return self.store.folder(self.run_id)

    def todo(self) -> list[tuple[int, tuple[Arm, ...]]]:
        """Seeds with the arms not yet on disk."""
        rest = [(seed, missing(self.store, self.arms, seed, self.orders)) for seed in self.seeds]
        return [(seed, arms) for seed, arms in rest if arms]


def ask(scenario: Any, *, replications: int | None = None, seed: int = 0, strategies: Sequence[str] | None = None,
        baseline: str | None = None, orders: bool = False, out: str | Path = "results",
        references: Sequence[str] | None = None, **more: Any) -> Question:  # fmt: skip
    """Work out what a comparison is of. Raises ScenarioError when there is nothing to compare or a name is unknown.

    ``references``: arms to add (:mod:`sim.experiments.reference`); default: the scenario's. ``more`` is what else
    distinguishes the question from others.
    """
    names = list(scenario.strategies) if strategies is None else list(dict.fromkeys(strategies))
    base = baseline or scenario.experiment.baseline or (names[0] if names else BASE)
    added = list(scenario.experiment.references if references is None else references)
    if added:
        scenario = with_references(scenario, added)
        names += [name for name in dict.fromkeys(added) if name not in names]
    for name in (*names, base):
        known(scenario, name)
    if base not in names:
        names.insert(0, base)
    if len(names) < 2:
        have = f"only {names[0]!r}" if scenario.strategies else "none"
        raise ScenarioError(
            f"compare needs at least two strategies, and {scenario.name!r} has {have}: add one under 'strategies:', or "
            f"set 'experiment.baseline: {BASE}' to compare it with the market as it stands"
        )
    count = scenario.experiment.replications if replications is None else replications
    if count < 1:
        raise ScenarioError(f"replications must be at least 1 (got {count})")
    cells = {name: cell_id(scenario, name) for name in names}
    same: dict[str, str] = {}
    for name in dict.fromkeys(added):  # one that is a strategy already would only split its chance of being best
        twin = next((other for other, cell in cells.items() if other != name and cell == cells[name]), None)
        if twin is not None and name != base:
            same[name] = twin
            del cells[name]
    return Question(
        scenario, tuple(Arm(name, cell) for name, cell in cells.items()), base,
        tuple(replication_seed(seed, r) for r in range(count)), seed,
        run_id(scenario, cells, seed, count, base, orders, **more), Store(out, slug(scenario)), orders, same,
    )  # fmt: skip


def known(scenario: Any, name: str) -> None:
    """Raise ScenarioError when the scenario has no such strategy, naming the nearest."""
    if name != BASE and name not in scenario.strategies:
        near = get_close_matches(name, scenario.strategies, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(scenario.strategies) or 'none'}"
        raise ScenarioError(f"unknown strategy {name!r}; {hint}")


def ask_run(scenario: Any, *, strategy: str | None = None, seed: int = 0, replications: int = 1, orders: bool = False,
            out: str | Path = "results", every: int = 0) -> Question:  # fmt: skip
    """Work out what a run is of."""
    name = strategy or BASE
    known(scenario, name)
    cells = {name: cell_id(scenario, name)}
    seeds = tuple(replication_seed(seed, r) for r in range(max(1, replications)))
    asked = run_id(scenario, cells, seed, len(seeds), "run", orders)
    store = Store(out, slug(scenario))
    return Question(scenario, (Arm(name, cells[name]),), name, seeds, seed, asked, store, orders, every=every)


def opened(scenario: Any) -> Any:
    """The scenario itself, or the one at the path given."""
    if isinstance(scenario, (str, Path, dict)):
        from sim.scenario import load

        return load(scenario)
    return scenario


def forget(question: Question) -> None:
    """Drop the finished replications of a question, so that they are run again."""
    for arm in question.arms:
        for seed in question.seeds:
            shutil.rmtree(question.store.part(arm.cell, seed), ignore_errors=True)
            question.store.checkpoint(arm.cell, seed).unlink(missing_ok=True)
    (question.folder / MANIFEST).unlink(missing_ok=True)
