"""What ``--dry-run`` says: the cells, what is on disk already, and about how long and how large the rest is."""

from __future__ import annotations

import statistics
from typing import Any

SECONDS_PER_CONSUMER_DAY = 2.5e-6
"""Assumed where nothing has been measured yet: 8 products at the pace promised for one core."""

AT_ONCE = 2.0
"""Seconds for which nobody needs to be prepared."""


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


def announce(question: Any, jobs: int | None, quiet: bool) -> None:
    """Say on stderr about how long it will take, where that is more than a moment and known."""
    from sim.cli.screen import note
    from sim.experiments.executors import cores

    if quiet or not question.todo():
        return
    plan = dry_run(question, jobs or cores())
    if plan["seconds"] is None or (plan["measured"] and plan["seconds"] <= AT_ONCE):
        return
    first = "" if plan["measured"] else "; the first market on a machine also compiles, for a minute or two"
    note(f"{plan['to_run']} markets in {plan['jobs']} processes, about {in_time(plan['seconds'])}{first}")


def in_time(seconds: float) -> str:
    """A duration in words."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
