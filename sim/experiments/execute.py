"""Running what a question still lacks, reading what it has, and saying where the answer came from."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.contract import SimError
from sim.experiments import replicate
from sim.experiments.executors import cores, share_out, spread
from sim.experiments.fit import check
from sim.experiments.identity import data_files, versions
from sim.experiments.question import Question
from sim.experiments.replicate import Task
from sim.experiments.result import RunResult
from sim.experiments.store import BrokenPart
from sim.experiments.warm import warm

Progress = Callable[[int, int], None]
"""Called with replications finished and replications in all."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C: ``done`` of ``total`` replications (or ``what``) are finished and, with a folder of results, kept."""

    def __init__(self, done: int, total: int, what: str = "replications") -> None:
        super().__init__(f"interrupted after {done} of {total} {what}")
        self.done, self.total, self.what = done, total, what


class RunsFailed(SimError):
    """No replication finished for every strategy; ``failures`` has strategy, seed and traceback of each."""

    def __init__(self, failures: list[dict[str, Any]]) -> None:
        last = failures[-1]["error"].strip().splitlines()[-1] if failures else "no reason known"
        super().__init__(f"every replication failed; the last one said: {last}")
        self.failures = failures


def execute(question: Question, jobs: int | None = None, threads: int | None = None,
            progress: Progress | None = None) -> tuple[list[dict[str, Any]], float]:  # fmt: skip
    """Run what is missing. Gives the failures and the seconds spent in markets. Raises Interrupted on Ctrl-C."""
    total = len(question.seeds)
    todo = question.todo()
    done, seconds = total - len(todo), 0.0
    jobs, threads = share_out(len(todo), jobs, threads)
    failures: list[dict[str, Any]] = []
    tasks = [
        Task(question.scenario, arms, seed, str(question.store.root), question.store.home.name, threads,
             question.orders, replicate.MARKET, question.every)
        for seed, arms in todo
    ]  # fmt: skip
    if tasks:
        check(question, jobs, threads)
        question.store.require_room_to_write()
    if progress is not None:
        progress(done, total)
    try:
        warm(question.scenario, jobs)
        for result in spread(replicate.replicate, tasks, jobs):
            done += 1
            seconds += sum(result.seconds.values())
            failures += [{"strategy": s, "seed": result.seed, "error": e} for s, e in result.failures.items()]
            if progress is not None:
                progress(done, total)
    except KeyboardInterrupt as stop:
        raise Interrupted(total - len(question.todo()), total) from stop
    return sorted(failures, key=lambda item: (question.seeds.index(item["seed"]), item["strategy"])), seconds


def gather(question: Question) -> tuple[dict[tuple[str, int, int], RunResult], int]:
    """Read the replications every strategy finished: (strategy, replication, seed) -> run; and how many they are."""
    rest = {seed for seed, _ in question.todo()}
    whole = [(r, seed) for r, seed in enumerate(question.seeds) if seed not in rest]
    runs = {}
    for arm in question.arms:
        for r, seed in whole:
            run = question.store.load(arm.cell, seed, question.orders)
            run.scenario = question.scenario
            runs[arm.strategy, r, seed] = run
    return runs, len(whole)


def collect(question: Question, jobs: int | None, threads: int | None, progress: Progress | None) -> tuple[
        dict[tuple[str, int, int], RunResult], int, list[dict[str, Any]], float]:  # fmt: skip
    """Run what is missing and read everything; a stored replication that turns out unreadable is run again, once."""
    failures, seconds = execute(question, jobs, threads, progress)
    for last in (False, True):
        try:
            runs, done = gather(question)
            break
        except BrokenPart:
            if last:
                raise
            again, more = execute(question, jobs, threads, progress)
            failures, seconds = failures + again, seconds + more
    if not done:
        raise RunsFailed(failures)
    return runs, done, failures, seconds


def manifest_of(question: Question, kind: str, done: int, failures: list[dict[str, Any]], seconds: float,
                wall: float, notes: dict[str, Any]) -> dict[str, Any]:  # fmt: skip
    """Where an answer came from: scenario, seeds, versions, machine, timings, failures."""
    scenario = question.scenario
    path = getattr(scenario, "path", None)
    resolved = scenario.resolved()
    text = Path(path).read_text(encoding="utf-8") if path and Path(path).is_file() else None
    return {
        "kind": kind, "run_id": question.run_id, "scenario": scenario.name, "question": scenario.question,
        "baseline": question.baseline, "strategies": [arm.strategy for arm in question.arms],
        "cells": {arm.strategy: arm.cell for arm in question.arms}, "outcomes": list(scenario.outcomes),
        "seed": question.seed, "replications": len(question.seeds), "replications_done": done,
        "seeds": list(question.seeds), "failures": failures, "versions": versions(),
        "machine": {"system": platform.system(), "architecture": platform.machine(), "cores": cores()},
        "timings": {"finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "wall_seconds": round(wall, 3),
                    "market_seconds": round(seconds, 3)},
        **notes, "scenario_file": str(path) if path else None, "scenario_text": text, "resolved": resolved,
        "data": {table.file: table.sha256 for table in getattr(scenario, "tables", ())}
        | data_files(resolved, getattr(scenario, "base_dir", None)),
    }  # fmt: skip
