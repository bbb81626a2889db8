"""One unit of work: every strategy of a question on one seed, in one process."""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

from sim.contract import ScenarioError
from sim.experiments.checkpoint import Checkpoints
from sim.experiments.identity import BASE
from sim.experiments.result import RunResult
from sim.experiments.store import DiskFull, Store

MARKET = "sim.market:Market"
"""Where the market is, as ``module:name``; a name, so that a worker can find it for itself."""


@dataclass(frozen=True)
class Arm:
    """One strategy of a question and the id of the market it makes."""

    strategy: str
    cell: str


@dataclass(frozen=True)
class Task:
    """The arms still to be run on one seed. Everything in it can be sent to another process."""

    scenario: Any
    arms: tuple[Arm, ...]
    seed: int
    root: str
    home: str
    threads: int = 1
    orders: bool = False
    market: str = MARKET
    every: int = 0


@dataclass
class Done:
    """What a worker says: seconds by strategy, and what went wrong by strategy."""

    seed: int
    seconds: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def market_class(where: str = MARKET) -> Any:
    """The class at ``module:name``."""
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)


def simulate(scenario: Any, strategy: str | None, seed: int | None, *, threads: int = 1, orders: bool = False,
             progress: bool = False, market: str = MARKET, trunk: Any = None,
             kept: Checkpoints | None = None) -> RunResult:  # fmt: skip
    """Build one market, branch it from a warmed one or take it up where it was ``kept``, run it to its horizon, and
    collect its tables."""
    name = None if strategy in (None, BASE) else strategy
    make = partial(market_class(market), scenario, strategy=name, seed=seed, threads=threads, orders=orders)
    if kept is not None:
        result = kept.run(kept.begin(make))
    else:
        result = (trunk.branch(name) if trunk is not None else make()).run(progress=progress)
    if not isinstance(result, RunResult):
        raise TypeError(f"{market}: run() gave {type(result).__name__}, not a RunResult")
    result.scenario = scenario
    return result


def replicate(task: Task) -> Done:
    """Run the task's arms and store each as soon as it is finished; a failing arm does not stop the others.

    Warm-up is lived once and shared by the arms (decision D21), bit-equal to living it in each.
    """
    store = Store(task.root, task.home)
    done = Done(task.seed)
    shared = len(task.arms) > 1 and getattr(task.scenario.market, "warmup", 0) > 0
    market = market_class(task.market)
    trunk = None
    for arm in task.arms:
        start = time.perf_counter()
        try:
            if shared and trunk is None:
                trunk = market(task.scenario, seed=task.seed, threads=task.threads, orders=task.orders).warm_up()
            kept = Checkpoints(store.checkpoint(arm.cell, task.seed), arm.cell, task.every) if task.every else None
            result = simulate(task.scenario, arm.strategy, task.seed, threads=task.threads, orders=task.orders,
                              market=task.market, trunk=trunk, kept=kept)  # fmt: skip
            seconds = time.perf_counter() - start
            store.save(arm.cell, task.seed, result, seconds)
            if kept is not None:
                kept.done()
        except (ScenarioError, DiskFull):
            raise  # wrong input, found while building: the user's to mend, and the same in every replication
        except Exception:
            done.failures[arm.strategy] = traceback.format_exc()
        else:
            done.seconds[arm.strategy] = seconds
    return done


def missing(store: Store, arms: Sequence[Arm], seed: int, orders: bool) -> tuple[Arm, ...]:
    """The arms not yet on disk for this seed; strategies that make the same market are run once."""
    found: dict[str, Arm] = {}
    for arm in arms:
        if not store.has(arm.cell, seed, orders):
            found.setdefault(arm.cell, arm)
    return tuple(found.values())
