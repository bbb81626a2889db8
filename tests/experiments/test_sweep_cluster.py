"""The same cells by way of Dask: same bits, workers that die are replaced, a silent scheduler is told at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.contract import ScenarioError
from sim.experiments.sweep import sweep

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("default")  # Dask's own, in its threads

from sim.experiments.sweeps.cluster import Cluster, ClusterError  # noqa: E402

AXES = {"size": [float(k) for k in range(12)]}
HERE = Path(__file__).parent


def bytes_in(folder: Path | None) -> dict[str, bytes]:
    assert folder is not None
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.parquet"))}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def begin(*command: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])])}
    return subprocess.Popen([sys.executable, "-m", *command], env=env, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)  # fmt: skip


@pytest.fixture
def by_hand() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers on loopback, as one starts them by hand; gives the address and the workers."""
    address = f"tcp://127.0.0.1:{free_port()}"
    scheduler = begin("distributed.cli.dask_scheduler", "--host", address, "--no-dashboard", "--no-show")
    workers = [begin("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
               for _ in range(2)]  # fmt: skip
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def test_an_address_that_is_none(fakes: Any, tmp_path: Path) -> None:
    for said in ("host:8786", "local:0", "tcp://host", "everywhere"):
        with pytest.raises(ScenarioError, match="write tcp://host:port"):
            sweep(fakes.FakeScenario(), AXES, replications=1, cluster=said, out=tmp_path)


@pytest.mark.slow
def test_a_silent_scheduler_is_told_within_15_seconds(fakes: Any, tmp_path: Path) -> None:
    for address in (f"tcp://127.0.0.1:{free_port()}", "tcp://no-such-host.invalid:8786"):
        start = time.monotonic()
        with pytest.raises(ClusterError, match=r"no scheduler answers within 10 s.*Is it running"):
            sweep(fakes.FakeScenario(), AXES, replications=1, cluster=address, out=tmp_path)
        assert time.monotonic() - start < 15


@pytest.mark.slow
def test_the_same_bytes_while_a_worker_is_killed(fakes: Any, tmp_path: Path, by_hand: Any) -> None:
    address, workers = by_hand
    scenario = fakes.FakeScenario(trouble="slow")
    alone = sweep(scenario, AXES, strategies=["kol"], replications=2, jobs=2, out=tmp_path / "alone")
    killed = threading.Event()

    def progress(done: int, total: int) -> None:
        if done >= 4 and not killed.is_set():
            killed.set()
            workers[0].send_signal(signal.SIGKILL)

    found = sweep(scenario, AXES, strategies=["kol"], replications=2, cluster=address, out=tmp_path / "cluster",
                  progress=progress)  # fmt: skip
    assert killed.is_set()
    assert found.failures.empty
    assert bytes_in(found.path) == bytes_in(alone.path)
    workers[1].poll()
    assert workers[1].returncode is None, "the scheduler and its workers live on"


@pytest.mark.slow
def test_workers_started_here(fakes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), str(HERE.parents[1])]))
    axes = {"size": [1.0, 2.0], "trouble": ["", "always"]}
    found = sweep(fakes.FakeScenario(), axes, strategies=["kol"], replications=2, cluster="local:2", out=tmp_path / "a")
    alone = sweep(fakes.FakeScenario(), axes, strategies=["kol"], replications=2, jobs=1, out=tmp_path / "b")
    assert len(found.failures) == 4
    assert bytes_in(found.path) == bytes_in(alone.path)


def test_tls_without_certificates_is_told_before_anything_is_sent() -> None:
    with pytest.raises(ClusterError, match="no certificate is set for the client"):
        Cluster("tls://127.0.0.1:1")
