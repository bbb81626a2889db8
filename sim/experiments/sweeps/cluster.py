"""Dask workers, on this machine or on many: the same batches, the same bits. See docs/cluster.md."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from sim.contract import ScenarioError, SimError
from sim.experiments.executors import cores, main_hidden
from sim.experiments.sweeps.workers import WorkerDied

ANSWER = 10
"""Seconds a scheduler has to answer."""

LOOK = 5.0
"""Seconds between two looks at how many workers there are."""

_LOCAL = re.compile(r"local(?::([1-9][0-9]{0,3}))?")
_SCHEDULER = re.compile(r"(?:tcp|tls|ucx|ws|wss)://\S+:[0-9]+")


class ClusterError(SimError):
    """The cluster cannot be used."""


def _require_certificate(distributed: Any, address: str) -> None:
    """Raises ClusterError when TLS is asked for and the configuration names no certificate to show."""
    if address.startswith("tls://") and distributed.Security().get_connection_args("client")["ssl_context"] is None:
        raise ClusterError(
            f"--cluster {address}: no certificate is set for the client: name ca-file, cert and key in "
            "~/.config/dask/distributed.yaml, as docs/cluster.md shows"
        )


class Cluster:
    """The workers of a Dask scheduler (``tcp://host:8786``, ``tls://...``), or of one started here (``local:4``).

    A task whose worker dies is given to another by Dask; one that takes several workers with it is reported. Workers
    may come and go. Raises ScenarioError on an address that is none, ClusterError when nobody answers.
    """

    def __init__(self, address: str) -> None:
        local = _LOCAL.fullmatch(address)
        if local is None and not _SCHEDULER.fullmatch(address):
            raise ScenarioError(f"--cluster {address}: write tcp://host:port of a Dask scheduler, or local:N")
        try:
            distributed: Any = import_module("distributed")
        except ImportError as error:
            raise ClusterError("a cluster needs Dask: pip install 'sim[cluster]'") from error
        self._dask = distributed
        self._own: Any = None
        self._address = address
        self._many, self._looked = 1, -LOOK
        try:
            if local is not None:
                with main_hidden():
                    self._own = distributed.LocalCluster(
                        n_workers=int(local[1] or cores()), threads_per_worker=1, dashboard_address=None,
                        silence_logs=logging.CRITICAL,
                    )  # fmt: skip
            _require_certificate(distributed, address)
            self._client = distributed.Client(self._own or address, timeout=ANSWER, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ClusterError(
                f"--cluster {address}: no scheduler answers within {ANSWER} s ({reason:.200}). Is it running, and is "
                "the port open from here? 'dask scheduler' starts one"
            ) from error
        if not self._client.nthreads():
            logging.getLogger("sim").warning("%s has no worker yet: waiting for the first ('dask worker %s' adds one)",
                                             address, address)  # fmt: skip

    @property
    def slots(self) -> int:
        """Workers there are now."""
        now = time.monotonic()
        if now - self._looked >= LOOK:
            self._looked = now
            self._many = max(1, len(self._client.nthreads()))
        return self._many

    def submit(self, work: Callable[[Any], Any], task: Any) -> Any:
        """Hand over a task."""
        return self._client.submit(work, task, pure=False)

    def wait(self, handles: list[Any], seconds: float | None) -> list[Any]:
        """As the protocol says."""
        try:
            with self._client.as_current():
                self._dask.wait(handles, timeout=seconds, return_when="FIRST_COMPLETED")
        except TimeoutError:
            return []
        except self._lost() as error:
            raise self._gone() from error
        return [handle for handle in handles if handle.done()]

    def result(self, handle: Any) -> Any:
        """As the protocol says; ClusterError when the scheduler has gone, or workers lack the program."""
        try:
            return handle.result()
        except self._dask.scheduler.KilledWorker as error:
            raise WorkerDied(str(error)) from error
        except self._lost() as error:
            raise self._gone() from error
        except ModuleNotFoundError as error:
            raise ClusterError(f"a worker lacks {error.name!r}: install the same program on every worker") from error

    def _lost(self) -> tuple[type[BaseException], ...]:
        from concurrent.futures import CancelledError

        return (CancelledError, self._dask.CancelledError, OSError)

    def _gone(self) -> ClusterError:
        return ClusterError(
            f"--cluster {self._address}: the scheduler has gone away; what was finished is kept, and the same command "
            "goes on from there"
        )

    def close(self) -> None:
        """As the protocol says. Workers of a scheduler that was running already live on."""
        self._client.close(timeout=2)
        if self._own is not None:
            self._own.close(timeout=5)
