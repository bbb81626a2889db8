"""Where batches are worked: in this process, or in processes beside it that live as long as the sweep."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from sim.experiments.executors import begin_worker, end, main_hidden


class WorkerDied(Exception):
    """The worker of a batch ended without a word."""


class Workers(Protocol):
    """Workers of one kind."""

    @property
    def slots(self) -> int:
        """Batches worked at once."""

    def submit(self, work: Callable[[Any], Any], task: Any) -> Any:
        """Hand over a task; gives a handle."""

    def wait(self, handles: list[Any], seconds: float | None) -> list[Any]:
        """Those of the handles that are finished; waits until one is, at most so long."""

    def result(self, handle: Any) -> Any:
        """What the task gave. Raises WorkerDied, or what the task raised."""

    def close(self) -> None:
        """Let the workers go, whatever they do."""


class Here:
    """This process itself."""

    slots = 1

    def submit(self, work: Callable[[Any], Any], task: Any) -> Any:
        """Do it."""
        return work(task)

    def wait(self, handles: list[Any], seconds: float | None) -> list[Any]:
        """All are."""
        return handles

    def result(self, handle: Any) -> Any:
        """The handle."""
        return handle

    def close(self) -> None:
        """Nothing to do."""


class Processes:
    """Processes of this machine. When one dies the pool is made anew at the next task."""

    def __init__(self, jobs: int) -> None:
        self.slots = jobs
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, work: Callable[[Any], Any], task: Any) -> Any:
        """Queue it."""
        for again in (True, False):
            if self._pool is None:
                method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
                context = multiprocessing.get_context(method)
                self._pool = ProcessPoolExecutor(self.slots, mp_context=context, initializer=begin_worker)
            try:
                with main_hidden():
                    return self._pool.submit(work, task)
            except BrokenProcessPool:
                self._renew()
                if not again:
                    raise
        raise AssertionError("unreachable")

    def wait(self, handles: list[Any], seconds: float | None) -> list[Any]:
        """As the protocol says."""
        return list(wait(handles, timeout=seconds, return_when=FIRST_COMPLETED).done)

    def result(self, handle: Any) -> Any:
        """As the protocol says."""
        future: Future[Any] = handle
        try:
            return future.result()
        except BrokenProcessPool as error:
            raise WorkerDied(str(error)) from error

    def _renew(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            end(pool)

    def close(self) -> None:
        """As the protocol says."""
        self._renew()
