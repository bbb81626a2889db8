"""Running what a sweep still lacks: claims, batches, workers that die, markets that fail, disks that fill."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sim.experiments import replicate
from sim.experiments.execute import Interrupted, Progress
from sim.experiments.identity import source_digest
from sim.experiments.store import BrokenPart, read_json, write_json
from sim.experiments.sweeps.cells import Job, Key, Study
from sim.experiments.sweeps.claims import Claims
from sim.experiments.sweeps.parts import Parts, table_of
from sim.experiments.sweeps.work import Batch, Context, Failure, Rows, Tables, work
from sim.experiments.sweeps.workers import WorkerDied, Workers

SECONDS_A_BATCH = 1.0
"""A batch is as many markets as are lived in about this time: what is lost when the power goes."""

MOST = 200
"""Markets in a batch at most."""

POLL = 0.3
"""Seconds between two looks at what other processes have finished."""


@dataclass
class Tally:
    """What came of it. ``failures`` by market; ``seconds`` spent in markets; ``ran`` here, ``found`` on disk."""

    failures: dict[Key, Failure] = field(default_factory=dict)
    seconds: float = 0.0
    ran: int = 0
    found: int = 0


class Conductor:
    """One process's part in a sweep."""

    def __init__(self, study: Study, parts: Parts, claims: Claims, workers: Workers, threads: int = 1,
                 progress: Progress | None = None) -> None:  # fmt: skip
        self.study, self.parts, self.claims, self.workers = study, parts, claims, workers
        plan = study.plan
        self.outcomes, self.daily = tuple(plan.scenario.outcomes), plan.daily
        self.context = Context(plan.scenario, replicate.MARKET, threads, plan.daily).sealed()
        self.tally = Tally()
        self.todo: deque[Job] = deque()
        self.busy: deque[Job] = deque()
        self.suspects: deque[Job] = deque()
        self.flying: dict[int, tuple[Any, tuple[Job, ...]]] = {}
        self.total = self.done = 0
        self.pace: float | None = None
        self.alone: Key | None = None
        self.begun = time.time()
        self._progress = progress

    def conduct(self) -> Tally:
        """Run everything that is missing. Raises Interrupted on Ctrl-C, DiskFull, ScenarioError on wrong outcomes."""
        try:
            self._look()
            while self.todo or self.flying or self.suspects or self.busy:
                self._fly()
                if self.flying:
                    self._land()
                elif not self.todo and not self.suspects and self.busy:
                    time.sleep(POLL)
                    self._look_at_others()
            self._tidy()
        except KeyboardInterrupt as stop:
            raise Interrupted(self.done, self.total, "markets") from stop
        return self.tally

    # -- what there is ----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Sort all markets into those on disk and those to do; take over what comparisons have left."""
        kept: list[Job] = []
        for job in self.study.jobs():
            self.total += 1
            if self._on_disk(job.key):
                self.done += 1
            elif self.study.store.has(*job.key):
                kept.append(job)
            else:
                self.todo.append(job)
        for start in range(0, len(kept), MOST):
            self._adopt(kept[start : start + MOST])
        self.tally.found = self.done
        self._say()

    def _on_disk(self, key: Key) -> bool:
        return self.parts.find(key, self.outcomes, self.daily) is not None

    def _adopt(self, jobs: list[Job]) -> None:
        tables = Tables(self.outcomes, self.daily)
        for job in jobs:
            try:
                found = self.study.store.load(*job.key)
            except BrokenPart:
                self.todo.append(job)
                continue
            tables.add(job.key, found, float(found.meta.get("seconds") or 0.0))
            self.done += 1
        runs = tables.runs()
        if runs is not None:
            self.parts.add(runs, tables.days())

    def _look_at_others(self) -> None:
        """What others worked on is done, has failed, or is free again."""
        self.parts.refresh()
        for _ in range(len(self.busy)):
            job = self.busy.popleft()
            failed = None if self._on_disk(job.key) else failure_of(self.study, job.key, self.begun)
            if self._on_disk(job.key):
                self.done += 1
            elif failed is not None:
                self._failed(failed)
            elif self.claims.take(job.key):
                self.claims.free(job.key)
                self.todo.append(job)
            else:
                self.busy.append(job)
        self._say()

    # -- batches ----------------------------------------------------------------------------------------------------

    def _fly(self) -> None:
        """Hand out batches while workers are free; a market whose worker died is tried alone."""
        if self.suspects:
            if not self.flying:
                self.alone = self.suspects[0].key
                self._submit((self.suspects.popleft(),))
            return
        while self.todo and len(self.flying) < self.workers.slots + (self.workers.slots > 1):
            jobs = self._claimed()
            if jobs:
                self._submit(jobs)

    def _claimed(self) -> tuple[Job, ...]:
        """The next markets that are neither done nor claimed elsewhere."""
        share = -(-len(self.todo) // (2 * self.workers.slots))
        size = 1 if self.pace is None else int(max(1, min(SECONDS_A_BATCH / max(self.pace, 1e-6), MOST, share)))
        taken: list[Job] = []
        while self.todo and len(taken) < size:
            job = self.todo.popleft()
            if self.claims.take(job.key):
                taken.append(job)
            else:
                self.busy.append(job)
        self.parts.refresh()  # another process may have finished one between our look and our claim
        for job in [job for job in taken if self._on_disk(job.key)]:
            taken.remove(job)
            self.claims.free(job.key)
            self.done += 1
        return tuple(taken)

    def _submit(self, jobs: tuple[Job, ...]) -> None:
        plan = self.study.plan
        changes = {job.point: plan.changes(plan.points[job.point]) for job in jobs}
        handle = self.workers.submit(work, Batch(self.context, jobs, changes, source_digest()))
        self.flying[id(handle)] = (handle, jobs)

    def _land(self) -> None:
        """Keep what has come back."""
        ready = self.workers.wait([handle for handle, _ in self.flying.values()], None if not self.busy else 5.0)
        for handle in ready:
            _, jobs = self.flying.pop(id(handle))
            try:
                rows: Rows = self.workers.result(handle)
            except WorkerDied as error:
                self._died(jobs, error)
                continue
            if rows.runs is not None:
                self.parts.add(table_of(rows.runs), table_of(rows.daily))
            for failure in rows.failures:
                self._failed(failure, write=True)
            for job in jobs:
                self.claims.free(job.key)
            good = len(jobs) - len(rows.failures)
            self.done += good
            self.tally.ran += good
            self.tally.seconds += rows.seconds
            latest = rows.seconds / len(jobs)
            self.pace = latest if self.pace is None else 0.5 * self.pace + 0.5 * latest
            self._say()

    def _died(self, jobs: tuple[Job, ...], error: WorkerDied) -> None:
        """A worker died. A market that was alone is to blame; of several each is tried alone."""
        if self.alone == jobs[0].key:
            said = "the worker process ended without a word, perhaps for want of memory"
            self._failed(Failure(jobs[0].key, "WorkerDied", said, f"{said}\n{error}\n"), write=True)
            self.claims.free(jobs[0].key)
            return
        self.suspects.extend(jobs)

    def _failed(self, failure: Failure, write: bool = False) -> None:
        self.tally.failures[failure.key] = failure
        if write:
            keep_failure(self.study, failure)

    def _tidy(self) -> None:
        """Forget the failures of markets that have a result now."""
        for file in (self.study.store.home / "failed").glob("*.json"):
            cell, _, seed = file.stem.partition(".")
            if seed.isdigit() and self._on_disk(Key(cell, int(seed))):
                file.unlink(missing_ok=True)

    def _say(self) -> None:
        if self._progress is not None:
            self._progress(self.done + len(self.tally.failures), self.total)


def missing(study: Study) -> tuple[int, int]:
    """How many different markets a sweep has, and how many are not on disk. Writes nothing."""
    folder = study.store.home / "cells"
    parts = Parts(study.store.home, write=False) if folder.is_dir() else None
    outcomes, daily = tuple(study.plan.scenario.outcomes), study.plan.daily
    total = todo = 0
    for job in study.jobs():
        total += 1
        kept = parts is not None and parts.find(job.key, outcomes, daily) is not None
        todo += not (kept or study.store.has(*job.key))
    return total, todo


def _failure_file(study: Study, key: Key) -> Any:
    return study.store.home / "failed" / f"{key.cell}.{key.seed}.json"


def keep_failure(study: Study, failure: Failure) -> None:
    """Remember a failure beside the parts; the next sweep tries the market again."""
    said = {"type": failure.kind, "message": failure.message, "traceback": failure.trace}
    write_json(said, _failure_file(study, failure.key))


def failure_of(study: Study, key: Key, since: float) -> Failure | None:
    """The failure that another process has met since a time, else None."""
    file = _failure_file(study, key)
    try:
        if file.stat().st_mtime < since - 1:
            return None
    except OSError:
        return None
    said = read_json(file)
    return None if said is None else Failure(key, said["type"], said["message"], said["traceback"])
