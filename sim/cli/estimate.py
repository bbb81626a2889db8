"""What ``--dry-run`` says: the cells, what is on disk already, and about how long and how large the rest is."""

from __future__ import annotations

import statistics
from typing import Any

SECONDS_PER_CONSUMER_DAY = 2.5e-6
"""Assumed where nothing has been measured yet: 8 products at the pace promised for one core."""

def dry_run(question: Any, jobs: int) -> dict[str, Any]:
    """The plan of a question as plain data. ``seconds`` is for what is not on disk; ``megabytes`` at its peak."""
    from sim.experiments.fit import size

    scenario = question.scenario
    todo = question.todo()
    cells = [
        {"strategy": arm.strategy, "seed": seed, "on_disk": arm.cell not in {a.cell for a in rest}}
        for seed, rest in [(seed, dict(todo).get(seed, ())) for seed in question.seeds] for arm in question.arms
    ]  # fmt: skip
    runs = sum(len(arms) for _, arms in todo)
    speeds = question.store.speeds()
    people, days = scenario.market.consumers, scenario.market.days
    pace = statistics.median(speeds) if speeds else SECONDS_PER_CONSUMER_DAY
    workers = max(1, min(jobs, len(todo)))
    known = people is not None
    return {
        "scenario": scenario.name, "run_id": question.run_id, "path": str(question.folder),
        "strategies": [arm.strategy for arm in question.arms], "replications": len(question.seeds), "cells": cells,
        "to_run": runs, "consumers": people, "days": days, "jobs": workers,
        "seconds": round(runs * people * days * pace / workers, 3) if known else None,
        "megabytes": round(workers * size(question).total / 1e6) if known else None,
        "measured": bool(speeds),
    }  # fmt: skip


def in_words(plan: dict[str, Any]) -> str:
    """The plan as a few lines of text."""
    done = len(plan["cells"]) - plan["to_run"]
    count = plan["consumers"]
    people = "as many consumers as the network has people" if count is None else f"{count:,} consumers"
    lines = [
        f"{plan['scenario']}: {len(plan['strategies'])} strategies ({', '.join(plan['strategies'])}) x "
        f"{plan['replications']} replications, {people}, {plan['days']} days",
        f"to run: {plan['to_run']} markets in {plan['jobs']} processes; on disk or shared: {done}",
        f"answer: {plan['path']}",
    ]
    if plan["seconds"] is not None:
        basis = "as measured here before" if plan["measured"] else "assumed pace: nothing measured here yet"
        lines.append(f"about {in_time(plan['seconds'])} ({basis}) and {plan['megabytes']:,} MB of memory")
    return "\n".join(lines)


def in_time(seconds: float) -> str:
    """A duration in words."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
