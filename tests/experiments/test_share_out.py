"""How cores are shared between processes and threads, and that workers' libraries do not take more."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.experiments import executors, store
from sim.experiments.executors import POOLS, share_out, spread
from sim.experiments.result import RunResult


@pytest.mark.parametrize(
    ("tasks", "jobs", "threads", "wanted"),
    [
        (100, None, None, (8, 1)),  # a sweep takes processes
        (1, None, None, (1, 8)),  # a market alone takes threads
        (2, None, None, (2, 4)),
        (3, None, None, (3, 2)),
        (100, 2, None, (2, 4)),
        (100, None, 4, (2, 4)),
        (100, None, 16, (1, 16)),
        (1, 4, None, (1, 8)),  # no more processes than tasks
        (100, 8, 8, (8, 8)),  # what is asked for is given
        (0, None, None, (1, 8)),  # everything is on disk already
    ],
)
def test_cores_are_shared_out(
    monkeypatch: pytest.MonkeyPatch, tasks: int, jobs: int | None, threads: int | None, wanted: tuple[int, int]
) -> None:
    monkeypatch.setattr(executors, "cores", lambda: 8)
    assert share_out(tasks, jobs, threads) == wanted


@pytest.mark.parametrize("many", [1, 2, 3, 5, 16])
def test_defaults_never_take_more_than_there_is(monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    monkeypatch.setattr(executors, "cores", lambda: many)
    for tasks in range(1, 40):
        jobs, threads = share_out(tasks)
        assert 1 <= jobs <= tasks
        assert jobs * threads <= many


def pools(_: int) -> dict[str, str | None]:
    """What a worker was told."""
    return {name: os.environ.get(name) for name in POOLS}


def test_workers_get_library_pools_of_one_thread_and_the_parent_keeps_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in POOLS:
        monkeypatch.delenv(name, raising=False)
    with executors._single_pools():
        assert pools(0) == dict.fromkeys(POOLS, "1")
    assert pools(0) == dict.fromkeys(POOLS)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with executors._single_pools():
        assert os.environ["OMP_NUM_THREADS"] == "3"  # the user's word counts
    assert os.environ["OMP_NUM_THREADS"] == "3"
    assert list(spread(abs, [-1, -2], 1)) == [1, 2]


def test_workers_that_are_ended_leave_nothing_half_written(fakes: Any, tmp_path: Path) -> None:
    """Told to go in the middle of a task, each tidies up and goes."""
    tasks = [(str(tmp_path), fails) for fails in (False, False, True)]
    with pytest.raises(ArithmeticError):
        list(spread(fakes.long_at_it, tasks, 3))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moment", range(12))
def test_whenever_a_writer_is_stopped_its_folder_goes(monkeypatch: Any, tmp_path: Path, moment: int) -> None:
    """SystemExit just after any of the steps that write a part, the first one (its folder) included."""
    steps = 0

    def stops(real: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal steps
            found = real(*args, **options)
            steps += 1
            if steps == moment + 1:
                raise SystemExit
            return found

        return call

    result = RunResult(pd.Series({"profit": 1.0}, name="value").rename_axis("metric"),
                       **{name: pd.DataFrame({"a": [1]}) for name in store.TABLES}, orders=None, meta={})  # fmt: skip
    monkeypatch.setattr(Path, "mkdir", stops(Path.mkdir))
    monkeypatch.setattr(store, "write_parquet", stops(store.write_parquet))
    monkeypatch.setattr(store, "write_json", stops(store.write_json))
    home = store.Store(tmp_path, "two")
    with contextlib.suppress(SystemExit):
        home.save("cell", 7, result, 1.0)
    assert not list(tmp_path.rglob(".part-*"))
    assert home.has("cell", 7) == (steps < moment + 1)
