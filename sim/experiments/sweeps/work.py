"""What a worker does: a batch of markets, one after the other, given back as rows. The same here and far away."""

from __future__ import annotations

import pickle
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from sim.contract import SimError
from sim.experiments.compare import check_outcomes
from sim.experiments.identity import source_digest
from sim.experiments.replicate import market_class, simulate
from sim.experiments.result import RunResult
from sim.experiments.sweeps.cells import Job, Key
from sim.experiments.sweeps.parts import EXTRA, bytes_of


class OtherVersion(SimError):
    """A worker runs another version of the program: its bits could differ."""


@dataclass(frozen=True)
class Context:
    """What all batches of a sweep share; sent as bytes, opened once in each worker."""

    scenario: Any
    market: str
    threads: int = 1
    daily: bool = True

    def sealed(self) -> bytes:
        """As bytes to send."""
        return pickle.dumps(self)


@dataclass(frozen=True)
class Batch:
    """Markets to run. ``changes``: what each of their points changes in the scenario, by the point's index."""

    context: bytes
    jobs: tuple[Job, ...]
    changes: dict[int, dict[str, Any]]
    source: str


@dataclass(frozen=True)
class Failure:
    """Why a market has no result."""

    key: Key
    kind: str
    message: str
    trace: str


@dataclass
class Rows:
    """What a batch gave: tables as bytes (None when empty), failures, seconds in all."""

    runs: bytes | None = None
    daily: bytes | None = None
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0


_one_at_a_time = threading.Lock()


@lru_cache(maxsize=2)
def _opened(context: bytes) -> Context:
    found: Context = pickle.loads(context)
    return found


def work(batch: Batch) -> Rows:
    """Run a batch. A market that fails is recorded and the others go on; only wrong outcomes stop it."""
    with _one_at_a_time:  # a worker of several threads still lives one market at a time
        if batch.source != source_digest():
            raise OtherVersion("a worker has another version of the program than this one; install the same everywhere")
        return _worked(batch, _opened(batch.context))


def _worked(batch: Batch, context: Context) -> Rows:
    rows = Rows()
    tables = Tables(context.scenario.outcomes, context.daily)
    begun = time.perf_counter()
    at: tuple[int, int] | None = None
    there = trunk = None
    for k, job in enumerate(batch.jobs):
        start = time.perf_counter()
        try:
            if at is None or at[0] != job.point:
                there = opened_at(context, batch.changes[job.point])
            if at != (job.point, job.key.seed):
                at, trunk = (job.point, job.key.seed), None
                if _shared(batch.jobs, k) and getattr(there.market, "warmup", 0) > 0:  # type: ignore[union-attr]
                    trunk = market_class(context.market)(there, seed=job.key.seed, threads=context.threads).warm_up()
            result = simulate(there, job.strategy, job.key.seed, threads=context.threads, market=context.market,
                              trunk=trunk)  # fmt: skip
        except Exception as error:
            at = None
            said = "".join(traceback.format_exception(error))
            rows.failures.append(Failure(job.key, type(error).__name__, str(error), said))
            continue
        check_outcomes(context.scenario, {(job.strategy, 0, job.key.seed): result})
        tables.add(job.key, result, time.perf_counter() - start)
    rows.runs, rows.daily = bytes_of(tables.runs()), bytes_of(tables.days())
    rows.seconds = time.perf_counter() - begun
    return rows


def opened_at(context: Context, changes: dict[str, Any]) -> Any:
    """The scenario of a point, which was checked when its cells were named."""
    return context.scenario.with_set(changes, events=False) if changes else context.scenario


def _shared(jobs: tuple[Job, ...], k: int) -> bool:
    """Whether the next market is the same point on the same seed, so that warm-up serves both (decision D21)."""
    return k + 1 < len(jobs) and (jobs[k + 1].point, jobs[k + 1].key.seed) == (jobs[k].point, jobs[k].key.seed)


class Tables:
    """Results put together as rows."""

    def __init__(self, outcomes: Any, daily: bool) -> None:
        self._outcomes, self._daily = list(outcomes), daily
        self._rows: list[dict[str, Any]] = []
        self._days: dict[tuple[Any, ...], list[tuple[Key, dict[str, Any]]]] = {}

    def add(self, key: Key, result: RunResult, seconds: float) -> None:
        """One finished market."""
        summary: Mapping[Any, float] = result.summary.to_dict()
        more = {EXTRA + name: result.outcome(name) for name in self._outcomes if name not in summary}
        self._rows.append({"cell": key.cell, "seed": key.seed, "seconds": seconds, **summary, **more})
        if self._daily and len(result.daily.columns):
            days = {"day": result.daily.index.to_numpy()} | {str(n): c.to_numpy() for n, c in result.daily.items()}
            alike = tuple((name, column.dtype) for name, column in days.items())
            self._days.setdefault(alike, []).append((key, days))

    def runs(self) -> pa.Table | None:
        """A row a market, or None without any."""
        if not self._rows:
            return None
        names = dict.fromkeys(name for row in self._rows for name in row)
        types = {"cell": pa.string(), "seed": pa.int64()}
        return pa.table({n: pa.array([row.get(n) for row in self._rows], types.get(n, pa.float64())) for n in names})

    def days(self) -> pa.Table | None:
        """A row a market and day, or None when days are not kept."""
        made = [_stacked(markets) for markets in self._days.values()]
        return pa.concat_tables(made, promote_options="permissive") if made else None


def _stacked(markets: list[tuple[Key, dict[str, Any]]]) -> pa.Table:
    """The days of markets that measure the same."""
    lengths = [len(days["day"]) for _, days in markets]
    where = pa.array(np.repeat(np.arange(len(markets)), lengths))
    columns = {name: np.concatenate([days[name] for _, days in markets]) for name in markets[0][1]}
    return pa.table({
        "cell": pa.array([key.cell for key, _ in markets], pa.string()).take(where),
        "seed": pa.array([key.seed for key, _ in markets], pa.int64()).take(where),
        **{name: pa.array(column, from_pandas=True) for name, column in columns.items()},
    })  # fmt: skip
