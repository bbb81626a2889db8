"""Where work is done: in this process, or in fresh ones beside it. Results do not depend on which.

Workers import what they need by name and never run the user's script again, so a script needs no
``if __name__ == "__main__"``. They leave interruption to the parent, and end when it is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for
from types import FrameType
from typing import TypeVar

from sim.contract import SimError

LEFT = 128 + signal.SIGTERM
T = TypeVar("T")
R = TypeVar("R")


class WorkerLost(SimError):
    """A worker process ended without a word, as when the system runs out of memory."""


def cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def share_out(tasks: int, jobs: int | None = None, threads: int | None = None) -> tuple[int, int]:
    """Processes, and threads within each market, for so many tasks; what is given is kept.

    Processes first, for they share nothing; a market alone, or fewer of them than cores, gets the cores left over. A
    market of a single block of people uses one thread, whatever it is given.
    """
    if jobs is None:
        jobs = max(1, cores() // (threads or 1))
    jobs = max(1, min(jobs, tasks))
    return jobs, max(1, cores() // jobs) if threads is None else threads


def spread(work: Callable[[T], R], tasks: Sequence[T], jobs: int) -> Iterator[R]:
    """``work(task)`` for every task, in order of completion, in ``jobs`` processes; with one job in this process.

    ``work`` must be a module's function. On an exception, Ctrl-C included, tasks not begun are dropped and running
    workers are ended before it goes on.
    """
    jobs = min(jobs, len(tasks))
    if jobs <= 1:
        for task in tasks:
            yield work(task)
        return
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context(method), initializer=begin_worker)
    try:
        with main_hidden(), _single_pools():
            waiting: set[Future[R]] = {pool.submit(_in_worker, work, task) for task in tasks}
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    except BrokenProcessPool as error:
        end(pool)
        raise WorkerLost(
            "a worker process ended without a word, perhaps for want of memory; what was finished is kept. "
            "The same command goes on from there; fewer --jobs or --consumers need less memory"
        ) from error
    except BaseException:
        end(pool)
        raise
    pool.shutdown()


def end(pool: ProcessPoolExecutor) -> None:
    """Drop what has not begun and end what runs: a replication may take minutes, and its part is not written yet."""
    workers = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in workers:
        process.terminate()
    for process in workers:
        process.join(5)
        process.kill()


def _in_worker(work: Callable[[T], R], task: T) -> R:
    """``work(task)``; told to go meanwhile, a worker tidies up what it was writing and goes, instead of taking the next
    task."""
    try:
        return work(task)
    except SystemExit:
        os._exit(LEFT)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(LEFT)


def begin_worker() -> None:
    """In a new worker: Ctrl-C is the parent's to handle; told to go, go tidily; when the parent is killed, go too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)


POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS",
         "ARROW_IO_THREADS")  # fmt: skip
"""Sizes of the thread pools of libraries; Arrow's for computing follows the first."""


@contextmanager
def _single_pools() -> Iterator[None]:
    """New processes get library pools of one thread each, unless the user has said otherwise: the cores are shared out
    between processes and the market's own threads already."""
    mine = [name for name in POOLS if name not in os.environ]
    os.environ.update(dict.fromkeys(mine, "1"))
    try:
        yield
    finally:
        for name in mine:
            del os.environ[name]


@contextmanager
def main_hidden() -> Iterator[None]:
    """Keep new processes from running the main script again: they look for its name and path, and find none."""
    main = sys.modules["__main__"]
    kept = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    try:
        if "__file__" in kept:
            del main.__file__
        main.__spec__ = None
        yield
    finally:
        for name, value in kept.items():
            setattr(main, name, value)
