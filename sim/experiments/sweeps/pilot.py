"""What a sweep will cost: one short run of its largest market, measured in a process of its own."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Any

from sim.experiments import replicate
from sim.experiments.sweeps.cells import Study
from sim.experiments.sweeps.plan import Plan
from sim.experiments.sweeps.workers import Processes, WorkerDied

DAYS = 10
"""Days of the pilot, beside those of its warm-up."""

OVERHEAD = 0.01
"""Seconds a market costs beside its own: naming it, sending it, keeping it; as measured by the benchmark."""


@dataclass(frozen=True)
class Probe:
    """The market a pilot lives; its scenario is cut short already."""

    scenario: Any
    strategy: str
    seed: int
    market: str
    threads: int


@dataclass(frozen=True)
class Measured:
    """Seconds to build, seconds a day, and the most memory the process ever had, in bytes."""

    build: float
    day: float
    memory: float


def probe(task: Probe) -> Measured:
    """Live a short market twice, so that the second finds everything compiled, and take the time of the second."""
    build = day = 0.0
    for _ in range(2):
        start = time.perf_counter()
        market = replicate.market_class(task.market)(
            task.scenario, strategy=None if task.strategy == "base" else task.strategy, seed=task.seed,
            threads=task.threads,
        )  # fmt: skip
        build = time.perf_counter() - start
        start = time.perf_counter()
        market.run()
        lived = task.scenario.market.days + getattr(task.scenario.market, "warmup", 0)
        day = (time.perf_counter() - start) / max(1, lived)
    return Measured(build, day, _peak())


def _peak() -> float:
    try:
        import resource
    except ImportError:  # Windows has none
        return 0.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(most if sys.platform == "darwin" else 1024 * most)


def estimate(study: Study, todo: int, jobs: int, threads: int = 1) -> dict[str, Any]:
    """Seconds (those until a worker is ready among them) and bytes of the ``todo`` markets in ``jobs`` processes.

    The pilot is the largest of the markets by consumers times days; the others are taken to cost in proportion.
    """
    if todo == 0:
        return {"seconds": 0.0, "megabytes": 0, "pilot": None}
    sizes = [_size(study.plan, point) for point in study.plan.points]
    index = max(range(len(sizes)), key=lambda k: sizes[k][0] * sizes[k][1])
    point = study.plan.points[index]
    there = study.plan.scenario.with_set(study.plan.changes(point))
    days = there.market.days
    short = there.with_set({"market.days": min(days, DAYS)})
    task = Probe(short, study.plan.strategies_at(point)[0], study.seeds[0], replicate.MARKET, threads)
    workers = Processes(1)
    begun = time.perf_counter()
    try:
        found: Measured = workers.result(workers.submit(probe, task))
    except WorkerDied as error:
        raise MemoryError("the pilot run of the largest market did not survive") from error
    finally:
        workers.close()
    ready = time.perf_counter() - begun - found.build - found.day * short.market.days
    shares = [people * length / (sizes[index][0] * sizes[index][1]) for people, length in sizes]
    whole = found.build + found.day * (days + getattr(there.market, "warmup", 0))
    mean = whole * sum(shares) / len(shares)
    return {
        "seconds": round(ready + todo * (mean + OVERHEAD) / jobs, 3),
        "megabytes": round(jobs * found.memory / 1e6) or None,
        "pilot": {"point": {k: str(v) for k, v in point.items()}, "days": short.market.days,
                  "build_seconds": round(found.build, 4), "day_seconds": round(found.day, 5)},
    }  # fmt: skip


def _size(plan: Plan, point: dict[str, Any]) -> tuple[float, float]:
    """Consumers and days at a point; those of the scenario where no axis sets a plain number."""
    market = plan.scenario.market
    people, days = (
        said if isinstance(said := point.get(f"market.{name}"), (int, float)) else getattr(market, name) or 1
        for name in ("consumers", "days")
    )
    return float(people), float(days)
