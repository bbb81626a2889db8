"""Sweeps: cells by content, nothing twice, failures apart from the rest, the same bytes whatever happened."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.experiments.compare import compare
from sim.experiments.execute import Interrupted
from sim.experiments.identity import replication_seed
from sim.experiments.results import load_results
from sim.experiments.run import run
from sim.experiments.store import DiskFull
from sim.experiments.sweep import EveryMarketFailed, sweep
from sim.experiments.sweeps import claims as claims_module
from sim.experiments.sweeps.cells import Key
from sim.experiments.sweeps.claims import Claims
from sim.scenario import load

AXES = {"size": [1.0, 2.0, 3.0], "days": [3, 4]}


def tables_of(folder: Path | None) -> dict[str, bytes]:
    assert folder is not None
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.parquet"))}


def asked(fakes: Any, out: Path | None, **more: Any) -> Any:
    settings: dict[str, Any] = {"replications": 3, "strategies": ["kol", "koc"], "jobs": 1, "out": out} | more
    return sweep(settings.pop("scenario", fakes.FakeScenario()), settings.pop("axes", AXES), **settings)


def test_the_answer(fakes: Any, tmp_path: Path) -> None:
    found = asked(fakes, tmp_path)
    assert len(fakes.CALLS) == 6 * 2 * 3
    assert found.cells.columns.tolist() == ["cell", "strategy", "size", "days", "id"]
    assert found.cells["cell"].tolist() == list(range(12))
    assert found.cells.iloc[3].tolist()[:4] == [3, "koc", 1.0, 4]
    assert found.runs.columns.tolist()[:7] == ["cell", "strategy", "size", "days", "replication", "seed", "profit"]
    assert found.runs["seed"].tolist()[:3] == [replication_seed(0, r) for r in range(3)]
    assert found.runs[["cell", "replication"]].to_numpy().tolist() == [[c, r] for c in range(12) for r in range(3)]
    wide = found.runs.pivot(index="replication", columns="cell", values="profit")
    assert (wide[4] - wide[0]).tolist() == pytest.approx([1.0] * 3), "size 2 less size 1, on the same seeds"
    assert len(found.daily) == 2 * 3 * 3 * (3 + 4)
    assert found.daily.groupby("cell").size().tolist() == [9, 9, 12, 12] * 3
    row = found.table("profit").iloc[5]
    mine = found.runs.loc[found.runs["cell"] == 5, "profit"]
    assert (row["n"], row["mean"], row["sd"]) == (3, pytest.approx(mine.mean()), pytest.approx(mine.std()))
    assert row["low"] < row["mean"] < row["high"]
    assert found.failures.empty
    assert np.isnan(found.table("repurchase_90d")["mean"]).all()


def test_jobs_and_order_do_not_matter(fakes: Any, tmp_path: Path) -> None:
    one = asked(fakes, tmp_path / "one")
    two = asked(fakes, tmp_path / "two", jobs=2)
    asked(fakes, tmp_path / "three", axes={"size": [3.0], "days": [4, 3]}, strategies=["koc"])
    three = asked(fakes, tmp_path / "three")
    assert tables_of(one.path) == tables_of(two.path) == tables_of(three.path)


def test_nothing_is_run_twice(fakes: Any, tmp_path: Path) -> None:
    first = asked(fakes, tmp_path)
    fakes.CALLS.clear()
    again = asked(fakes, tmp_path)
    assert fakes.CALLS == []
    pd.testing.assert_frame_equal(again.runs, first.runs)
    asked(fakes, tmp_path, axes={**AXES, "size": [1.0, 2.0, 3.0, 4.0]}, replications=4)
    assert len(fakes.CALLS) == 2 * 4 * 2 * 4 - 36, "new cells and new seeds alone"
    fakes.CALLS.clear()
    asked(fakes, tmp_path, resume=False)
    assert len(fakes.CALLS) == 36


def test_strategies_that_make_the_same_market_are_run_once(fakes: Any, tmp_path: Path) -> None:
    found = asked(fakes, tmp_path, strategies=["kol", "same"])
    assert len(fakes.CALLS) == 6 * 3
    assert len(found.runs) == 36


def test_a_comparison_leaves_markets_for_a_sweep(fakes: Any, tmp_path: Path) -> None:
    scenario = fakes.FakeScenario()
    compare(scenario, strategies=["kol", "koc"], replications=3, jobs=1, out=tmp_path)
    fakes.CALLS.clear()
    found = asked(fakes, tmp_path, axes={"size": [0.0]})
    assert fakes.CALLS == []
    assert tables_of(found.path) == tables_of(asked(fakes, tmp_path / "alone", axes={"size": [0.0]}).path)


def test_without_a_folder_nothing_is_left(fakes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = asked(fakes, None)
    assert (found.path, len(found.runs), len(found.daily)) == (None, 36, 126)
    assert list(tmp_path.iterdir()) == []


def test_days_that_were_not_kept_are_run_when_they_are_asked_for(fakes: Any, tmp_path: Path) -> None:
    found = asked(fakes, tmp_path, daily=False)
    assert found.daily.empty
    fakes.CALLS.clear()
    assert len(asked(fakes, tmp_path).daily) == 126
    assert len(fakes.CALLS) == 36
    fakes.CALLS.clear()
    asked(fakes, tmp_path, daily=False, axes={"size": [2.0], "days": [4]})
    assert fakes.CALLS == []


def test_a_failing_cell_does_not_stop_the_others(fakes: Any, tmp_path: Path) -> None:
    axes = {"trouble": ["", "always"], "size": [1.0, 2.0]}
    found = asked(fakes, tmp_path, axes=axes)
    assert found.runs["trouble"].unique().tolist() == [""]
    assert len(found.runs) == len(found.failures) == 12
    row = found.failures.iloc[0]
    assert (row["type"], row["message"], row["cell"]) == ("ZeroDivisionError", "the market fell over", 4)
    trace = (found.path / row["traceback"]).read_text()
    assert "fakes.py" in trace
    assert trace.rstrip().endswith("ZeroDivisionError: the market fell over")
    assert len(found.manifest["failures"]) == 12
    fakes.CALLS.clear()
    asked(fakes, tmp_path, axes=axes)
    assert len(fakes.CALLS) == 12, "only what failed is tried again"
    fine = asked(fakes, tmp_path / "fine", axes={"trouble": [""], "size": [1.0, 2.0]})
    metrics = ["profit", "cac", "gmv"]
    pd.testing.assert_frame_equal(fine.runs[metrics], found.runs[metrics])


def test_all_failing_says_why(fakes: Any, tmp_path: Path) -> None:
    with pytest.raises(EveryMarketFailed, match="ZeroDivisionError: the market fell over"):
        asked(fakes, tmp_path, axes={"trouble": ["always"]})


def test_a_cell_that_takes_its_worker_along_is_found_out(fakes: Any, tmp_path: Path) -> None:
    found = asked(fakes, tmp_path, axes={"trouble": ["", "die"]}, replications=1, strategies=["kol"], jobs=2,
                  scenario=fakes.FakeScenario())  # fmt: skip
    assert found.failures["type"].tolist() == ["WorkerDied"]
    assert found.runs["trouble"].tolist() == [""]


def test_ctrl_c_keeps_what_is_finished(fakes: Any, tmp_path: Path) -> None:
    with pytest.raises(Interrupted, match="markets") as stopped:
        asked(fakes, tmp_path, scenario=fakes.FakeScenario(trouble="interrupt"))
    assert stopped.value.total == 36
    assert not list(tmp_path.rglob("manifest.json"))
    assert not list((tmp_path / "fake_one").glob("claims/*"))


@pytest.mark.parametrize("damage", ["truncate", "flip"])
def test_a_damaged_part_is_set_aside_and_run_again(fakes: Any, tmp_path: Path, damage: str) -> None:
    first = asked(fakes, tmp_path)
    whole = tables_of(first.path)
    part = next(tmp_path.rglob("cells/*.runs.parquet"))
    data = bytearray(part.read_bytes())
    if damage == "truncate":
        data = data[:100]
    else:
        column = pq.ParquetFile(part).metadata.row_group(0).column(3)
        data[column.data_page_offset + column.total_compressed_size - 5] ^= 0xFF
    part.write_bytes(bytes(data))
    (first.path / "manifest.json").unlink()
    again = asked(fakes, tmp_path)
    assert tables_of(again.path) == whole
    assert len(list(tmp_path.rglob("*.broken*"))) >= 1


def test_claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, other = Key("a" * 16, 3), Key("b" * 16, 3)
    with Claims(tmp_path) as one, Claims(tmp_path) as two:
        assert one.take(key)
        assert not two.take(key)
        assert two.take(other)
        one.free(key)
        assert two.take(key)
    assert not tmp_path.exists(), "claims and owners are gone, and their folder with them"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    host = claims_module.socket.gethostname()
    with Claims(tmp_path) as mine:
        (tmp_path / f"{key.cell}.{key.seed}").write_text(f"{host}+{ended.pid}+x")
        assert mine.take(key), "its process is gone"
        elsewhere = tmp_path / "owner-elsewhere+1+x"
        elsewhere.write_bytes(b"")
        (tmp_path / f"{other.cell}.{other.seed}").write_text("elsewhere+1+x")
        assert not mine.take(other)
        old = time.time() - 2 * claims_module.STALE
        os.utime(elsewhere, (old, old))
        assert mine.take(other), "no sign of life for long"


@pytest.fixture
def child(tmp_path: Path) -> Any:
    """Starts a sweep of the fakes in a process of its own; ends what is left of it."""
    script = tmp_path / "ask.py"
    script.write_text(
        f"import sys; sys.path[:0] = [{str(Path(__file__).parent)!r}]\n"
        "import json, fakes\nfrom sim.experiments import replicate\nfrom sim.experiments.sweep import sweep\n"
        "replicate.MARKET = 'fakes:FakeMarket'\n"
        "said = json.loads(sys.argv[1])\n"
        "print('begin', flush=True)\n"
        "found = sweep(fakes.FakeScenario(**said.pop('scenario', {})), said.pop('axes'), **said)\n"
        "print(found.manifest['timings']['markets_run'])\n"
    )
    started: list[subprocess.Popen[str]] = []

    def start(**said: Any) -> subprocess.Popen[str]:
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        process = subprocess.Popen([sys.executable, str(script), json.dumps(said)], env=env, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def parts_in(folder: Path) -> int:
    return len(list(folder.rglob("cells/*.runs.parquet")))


def killed_and_resumed(child: Any, folder: Path, said: dict[str, Any], moments: list[float]) -> int:
    """Kill a sweep at each of the moments (seconds after it begins to work), then let it end; markets the last ran."""
    for moment in moments:
        process = child(**said, out=str(folder))
        assert process.stdout.readline() == "begin\n"
        before, deadline = parts_in(folder), time.monotonic() + 60
        while parts_in(folder) == before and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    process = child(**said, out=str(folder))
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return int(out.split()[-1])


def test_kill_9_and_resume(fakes: Any, child: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, Any] = {"axes": {"size": [float(k) for k in range(12)]}, "strategies": ["kol"], "replications": 1,
                            "scenario": {"trouble": "slow"}, "jobs": 2}  # fmt: skip
    ran = killed_and_resumed(child, tmp_path / "killed", said, [0.1])
    assert ran < 12, "what was finished is not run again"
    monkeypatch.setattr(fakes.time, "sleep", lambda seconds: None)
    undisturbed = sweep(fakes.FakeScenario(trouble="slow"), said["axes"], strategies=["kol"], replications=1, jobs=1,
                        out=tmp_path / "quiet")  # fmt: skip
    assert tables_of(next((tmp_path / "killed").rglob("manifest.json")).parent) == tables_of(undisturbed.path)


def test_two_processes_share_a_folder(fakes: Any, child: Any, tmp_path: Path) -> None:
    said: dict[str, Any] = {"axes": {"size": [float(k) for k in range(10)]}, "strategies": ["kol"], "replications": 1,
                            "jobs": 1, "out": str(tmp_path / "both")}  # fmt: skip
    both = [child(**said, scenario={"trouble": "slow"}) for _ in range(2)]
    ends = [process.communicate(timeout=120) for process in both]
    ran = [int(out.split()[-1]) for out, _ in ends]
    assert sum(ran) == 10, "every market once"
    assert min(ran) > 0, "both worked"
    assert len(load_results(next((tmp_path / "both").rglob("manifest.json")).parent).runs) == 10


@pytest.mark.slow
def test_kill_9_at_twenty_random_moments(fakes: Any, child: Any, tmp_path: Path) -> None:
    axes = {"size": [float(k) for k in range(100)], "days": [3, 4]}
    said: dict[str, Any] = {"axes": axes, "strategies": ["kol"], "replications": 1, "jobs": 2,
                            "scenario": {"trouble": "nap"}}  # fmt: skip
    moments = np.random.default_rng(5).uniform(0, 0.5, 20).tolist()
    killed_and_resumed(child, tmp_path / "killed", said, moments)
    quiet = sweep(fakes.FakeScenario(trouble="nap"), axes, strategies=["kol"], replications=1, jobs=1,
                  out=tmp_path / "quiet")  # fmt: skip
    killed = load_results(next((tmp_path / "killed").rglob("manifest.json")).parent)
    assert len(killed.runs) == 200
    assert tables_of(killed.path) == tables_of(quiet.path)


@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_full_disk(fakes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Writing fails from the ``at``-th file on: it stops, what is there is whole, and with room it goes on."""
    from sim.experiments.sweeps import parts

    real, count = os.replace, [0]

    def replace(source: Any, target: Any) -> None:
        if str(target).endswith(".parquet"):
            count[0] += 1
            if count[0] > at:
                raise OSError(errno.ENOSPC, "No space left on device")
        real(source, target)

    monkeypatch.setattr(parts.os, "replace", replace)
    with pytest.raises(DiskFull, match="make room and give the same command"):
        asked(fakes, tmp_path)
    monkeypatch.setattr(parts.os, "replace", real)
    for file in tmp_path.rglob("*.parquet"):
        pq.read_table(file)
    assert not list(tmp_path.rglob("*.part"))
    assert not list(tmp_path.rglob("manifest.json"))
    again = asked(fakes, tmp_path)
    assert tables_of(again.path) == tables_of(asked(fakes, tmp_path / "roomy").path)


def test_a_file_size_limit_of_the_system(child: Any, tmp_path: Path, fakes: Any) -> None:
    """The same with a limit that the system enforces (setrlimit), too small for the tables of the answer."""
    resource = pytest.importorskip("resource")
    script = (tmp_path / "ask.py").read_text()
    (tmp_path / "ask.py").write_text(
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n" + script
    )
    assert resource
    process = child(axes={"size": [1.0, 2.0]}, strategies=["kol"], replications=2, jobs=1, out=str(tmp_path / "out"))
    _, err = process.communicate(timeout=60)
    assert "no room left on the disk" in err
    assert not list((tmp_path / "out").rglob("manifest.json"))
    assert not list((tmp_path / "out").rglob("*.part"))


def test_memory_of_the_answer_is_bounded(fakes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.experiments.sweeps import tables

    whole = tables_of(asked(fakes, tmp_path).path)
    sizes = []
    real = tables._gather
    monkeypatch.setattr(tables, "RUNS_AT_ONCE", 4)
    monkeypatch.setattr(tables, "DAYS_AT_ONCE", 4)
    monkeypatch.setattr(tables, "_gather", lambda *a: sizes.append(len(a[2])) or real(*a))
    small = asked(fakes, tmp_path / "small")
    assert max(sizes) <= 4 + 2, "whole cells, about four rows at once"
    pd.testing.assert_frame_equal(small.runs, load_results(next(tmp_path.glob("fake_one/*/manifest.json")).parent).runs)
    assert whole["cells.parquet"] == tables_of(small.path)["cells.parquet"]


def test_a_cell_is_the_market_that_a_run_gives(tmp_path: Path) -> None:
    """The real market, with a warm-up that the strategies of a point share."""
    scenario = load(Path(__file__).parents[2] / "scenarios" / "koc_or_kol.yaml",
                    set={"market.consumers": 200, "market.days": 4, "market.warmup": 2})  # fmt: skip
    price = "merchants.Lumi.products.serum.price"
    found = sweep(scenario, {price: [150, 210]}, strategies=["koc_first", "kol_blast"], replications=2, jobs=1,
                  out=tmp_path)  # fmt: skip
    for row in found.runs.to_dict("records"):
        alone = run(scenario.with_set({price: row[price]}), row["strategy"], row["seed"])
        expected = {name: float(value) for name, value in alone.summary.items()}
        np.testing.assert_array_equal([row[name] for name in expected], list(expected.values()))
        mine = found.daily[(found.daily["cell"] == row["cell"]) & (found.daily["replication"] == row["replication"])]
        assert mine["day"].tolist() == [0, 1, 2, 3]
        assert mine["gmv"].tolist() == alone.daily["gmv"].tolist()
