"""Faults of the machine and of whoever sits at it: nothing finished is lost, nothing half-written is read, and the
words say what to do. What sweeps do is in tests/experiments/test_sweep.py; these are runs and comparisons."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from city import CITY

from sim.cli import call
from sim.experiments.store import Store

ROOT = Path(__file__).resolve().parents[2]
FAKES = ROOT / "tests" / "experiments"
SCENARIO = """
name: Two ways
market: {consumers: 200, days: 6}
categories: [{name: beauty, reference_price: 150}]
merchants:
  - name: Lumi
    products: [{name: serum, category: beauty, price: 199, unit_cost: 60}]
    plan: {budget_per_day: 100, mix: {ads: 1}}
strategies:
  ads: {}
  cheaper: {merchants.Lumi.products.serum.price: 149}
outcomes: [profit, gmv, new_buyers]
experiment: {replications: 12, baseline: ads}
"""
HEARS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
"""What a shell starts in the background would not hear Ctrl-C, nor would its children."""

Sim = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sim:
    """A command line in an empty folder with a fake market, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(FAKES))
    from sim.cli import compare
    from sim.experiments import replicate

    monkeypatch.setattr(replicate, "MARKET", "fakes:FakeMarket")
    monkeypatch.setattr(compare, "_report", lambda found, lang, quiet: found.path)
    (tmp_path / "two.yaml").write_text(SCENARIO, encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = call(arguments)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return code, said.out, said.err

    return run


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A command line in a process of its own; with ``fake``, each market takes half a second and is made up."""
    started: list[subprocess.Popen[str]] = []
    (tmp_path / "two.yaml").write_text(SCENARIO, encoding="utf-8")
    fake = "from sim.experiments import replicate\nreplicate.MARKET = 'slow_market:SlowMarket'\n"
    path = os.pathsep.join(map(str, (ROOT, FAKES, Path(__file__).parent)))

    def start(*arguments: str, fake_market: bool = True, before: str = "") -> subprocess.Popen[str]:
        code = HEARS + before + "\n" + (fake if fake_market else "") + "import sys\nfrom sim.cli import main\nmain()\n"
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def until(what: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 90) -> None:
    """Wait for something that a process does."""
    deadline = time.monotonic() + seconds
    while not what() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert what() or process.poll() is not None


def named(folder: Path, end: str) -> list[str]:
    """Files below a folder whose names end so, but for what is being written; folders may go away meanwhile."""
    return [f"{at}/{name}" for at, _, names in os.walk(folder) if ".part-" not in at for name in names
            if name.endswith(end)]  # fmt: skip


def metas(folder: Path) -> int:
    return len(named(folder, "meta.json"))


def whole(folder: Path) -> None:
    """Every part that has its name can be read."""
    for meta in folder.rglob("parts/*/[0-9]*/meta.json"):
        json.loads(meta.read_text(encoding="utf-8"))
        for file in meta.parent.glob("*.parquet"):
            pq.read_table(file)


COMPARE = ("compare", "two.yaml", "--jobs", "1", "--json", "--quiet")


# ------------------------------------------------------------------------------------------------------------ kill -9


def test_kill_9_of_a_comparison(child: Any, sim: Sim, tmp_path: Path) -> None:
    """Killed three times on the way; what is finished stands, is whole, and is not run again."""
    for more in (1, 3, 2):
        before = metas(tmp_path / "results")
        process = child(*COMPARE)
        until(lambda b=before, m=more: metas(tmp_path / "results") >= b + m, process)  # type: ignore[misc]
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        whole(tmp_path / "results")
        assert not list((tmp_path / "results").rglob("manifest.json")), "an answer appears when it is whole"
    kept = metas(tmp_path / "results")
    assert kept >= 6
    import fakes

    fakes.CALLS.clear()
    from sim.experiments import replicate

    replicate.MARKET = "fakes:FakeMarket"
    code, out, err = sim(*COMPARE)
    assert code == 0, err
    code, quiet, _ = sim(*COMPARE, "--out", "undisturbed")
    a, b = json.loads(out), json.loads(quiet)
    assert {k: v for k, v in a.items() if k != "path"} == {k: v for k, v in b.items() if k != "path"}


def test_kill_9_of_a_long_run_with_checkpoints(child: Any, tmp_path: Path) -> None:
    """A real market, killed after its first checkpoint: the same command ends as an undisturbed one does."""
    long = {**CITY, "market": {"consumers": 500, "days": 120}}
    (tmp_path / "city.yaml").write_text(yaml.safe_dump(long), encoding="utf-8")
    command = ("run", "city.yaml", "--json", "--quiet", "--jobs", "1", "--checkpoint-every", "5")
    process = child(*command, fake_market=False)
    until(lambda: bool(named(tmp_path / "results", ".checkpoint.npz")), process, 180)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert metas(tmp_path / "results") == 0
    assert len(list((tmp_path / "results").rglob("*.checkpoint.npz"))) == 1
    resumed, quiet = (child(*command, *more, fake_market=False) for more in ((), ("--out", "undisturbed")))
    (out, err), (calm, _) = resumed.communicate(timeout=300), quiet.communicate(timeout=300)
    assert (resumed.returncode, quiet.returncode) == (0, 0), err
    assert json.loads(out)["summary"] == json.loads(calm)["summary"]
    assert not list(tmp_path.rglob("*.checkpoint.npz")), "a finished market needs none"
    assert not list(tmp_path.rglob("*.broken"))


# -------------------------------------------------------------------------------------------------------------- Ctrl-C


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_once_is_tidy_and_says_how_to_go_on(child: Any, tmp_path: Path, jobs: str) -> None:
    process = child("compare", "two.yaml", "--jobs", jobs, "--quiet")
    until(lambda: metas(tmp_path / "results") >= 2, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "are finished and kept. To go on, give the same command:\n  sim compare two.yaml" in err
    assert "Traceback" not in err + out
    whole(tmp_path / "results")
    assert not list((tmp_path / "results").rglob(".part-*")), "nothing half-written is left"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_twice_is_now(child: Any, tmp_path: Path, jobs: str) -> None:
    process = child("compare", "two.yaml", "--jobs", jobs, "--quiet")
    until(lambda: metas(tmp_path / "results") >= 2, process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in err
    whole(tmp_path / "results")


def test_sigterm_is_as_good_as_ctrl_c(child: Any, tmp_path: Path) -> None:
    process = child(*COMPARE)
    until(lambda: metas(tmp_path / "results") >= 1, process)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "give the same command" in err


# ------------------------------------------------------------------------------------------------ memory, disk, rights


@pytest.mark.parametrize("command", ["run", "compare"])
def test_what_cannot_fit_is_refused_beforehand(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.yaml").write_text(SCENARIO, encoding="utf-8")
    assert call([command, "two.yaml", "--consumers", "900000000"]) == 2
    err = capsys.readouterr().err
    assert "GB" in err
    assert "--force" in err or "consumers" in err
    assert not list(tmp_path.rglob("parts"))


@pytest.mark.parametrize("limit", [200, 3_000])
def test_a_full_disk_ends_a_run_and_leaves_nothing_torn(child: Any, tmp_path: Path, limit: int) -> None:
    """The system refuses to write more than so many bytes into a file."""
    before = (
        f"import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
    )
    process = child("run", "two.yaml", "--jobs", "1", "--quiet", before=before)
    _, err = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "no room left on the disk" in err
    assert "give the same command" in err
    whole(tmp_path / "results")
    assert not list((tmp_path / "results").rglob("manifest.json"))
    again = child("run", "two.yaml", "--jobs", "1", "--quiet")
    again.communicate(timeout=90)
    assert again.returncode == 0


def test_a_full_disk_while_saving_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import errno

    from sim.experiments import checkpoint

    def no_room(*arguments: Any, **members: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.chdir(tmp_path)
    (tmp_path / "city.yaml").write_text(
        yaml.safe_dump({**CITY, "market": {"consumers": 60, "days": 4}}), encoding="utf-8"
    )
    monkeypatch.setattr(checkpoint.np, "savez", no_room)
    assert call(["run", "city.yaml", "--jobs", "1", "--checkpoint-every", "1"]) == 1
    assert "no room left on the disk" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.part"))
    assert not list(tmp_path.rglob("*.npz"))


def test_results_that_cannot_be_written_are_told_before_the_first_market(sim: Sim, tmp_path: Path) -> None:
    import fakes

    (tmp_path / "file").write_text("in the way")
    fakes.CALLS.clear()
    for place in ("/proc/results", "file", "file/below"):
        for command in (("run", "two.yaml"), COMPARE):
            code, out, err = sim(*command, "--out", place)
            assert (code, out) == (2, "")
            assert "results cannot be written here" in err
            assert "--out" in err
    assert fakes.CALLS == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(sim: Sim, tmp_path: Path) -> None:
    (tmp_path / "fixed").mkdir(mode=0o555)
    code, _, err = sim("run", "two.yaml", "--out", "fixed")
    assert code == 2
    assert "results cannot be written here" in err


# ----------------------------------------------------------------------------------------------------- damaged results


def damage(file: Path, how: str) -> None:
    raw = file.read_bytes()
    file.write_bytes(
        {
            "short": raw[: len(raw) // 2],
            "empty": b"",
            "noise": os.urandom(len(raw)),
            "flipped": raw[:-20] + bytes(x ^ 255 for x in raw[-20:]),
        }[how]
    )


@pytest.mark.parametrize("how", ["short", "empty", "noise", "flipped"])
@pytest.mark.parametrize("name", ["summary.parquet", "daily.parquet", "meta.json", "cascades.parquet"])
def test_a_damaged_part_is_found_set_aside_and_run_again(sim: Sim, tmp_path: Path, name: str, how: str) -> None:
    _, first, _ = sim(*COMPARE)
    part = sorted((tmp_path / "results").rglob("parts/*/*/meta.json"))[0].parent
    damage(part / name, how)
    for manifest in (tmp_path / "results").rglob("manifest.json"):
        manifest.unlink()
    code, again, err = sim(*COMPARE)
    assert code == 0, err
    assert json.loads(again) == json.loads(first)
    assert [p.name for p in (tmp_path / "results").rglob("*.broken")] == [part.name + ".broken"]


@pytest.mark.parametrize("how", ["short", "empty", "noise"])
def test_a_damaged_manifest_is_written_again(sim: Sim, tmp_path: Path, how: str) -> None:
    import fakes

    _, first, _ = sim(*COMPARE)
    manifest = next((tmp_path / "results").rglob("manifest.json"))
    damage(manifest, how)
    code, _, err = sim("report", str(manifest.parent))
    assert code == 2
    assert "no finished answer" in err
    fakes.CALLS.clear()
    code, again, _ = sim(*COMPARE)
    assert code == 0
    assert fakes.CALLS == [], "markets that are whole are not run again"
    assert json.loads(again) == json.loads(first)


# -------------------------------------------------------------------------------------------- clocks, writers, workers


@pytest.mark.parametrize("jump", [-1e9, 1e9, -3_600.0])
def test_a_clock_that_jumps(sim: Sim, monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    """Nothing that is computed or kept asks what time it is."""
    _, first, _ = sim(*COMPARE)
    real, calls = time.time, [0]

    def jumping() -> float:
        calls[0] += 1
        return real() + (jump if calls[0] % 2 else 0.0)

    monkeypatch.setattr(time, "time", jumping)
    code, again, err = sim(*COMPARE, "--out", "other")
    assert code == 0, err
    strip = lambda text: {k: v for k, v in json.loads(text).items() if k != "path"}  # noqa: E731
    assert strip(again) == strip(first)


def test_two_writers(child: Any, sim: Sim, tmp_path: Path) -> None:
    """Two processes given one command at once: both answer, alike, and every part is whole."""
    both = [child(*COMPARE) for _ in range(2)]
    ends = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], [err for _, err in ends]
    assert json.loads(ends[0][0]) == json.loads(ends[1][0])
    whole(tmp_path / "results")
    assert metas(tmp_path / "results") == 24
    assert not list((tmp_path / "results").rglob(".part-*"))
    assert not list((tmp_path / "results").rglob("*.broken"))


def test_a_worker_that_is_killed(child: Any, tmp_path: Path) -> None:
    """What is finished is kept, the words say so, and the same command goes on."""
    command = ("compare", "two.yaml", "--jobs", "2", "--json", "--quiet")
    process = child(*command)
    until(lambda: metas(tmp_path / "results") >= 2, process)
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
    ).stdout
    workers = [int(pid) for pid in found.split()]
    below = [
        int(pid)
        for parent in workers
        for pid in subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False
        ).stdout.split()
    ]
    assert below, "workers are children of the server of forks"
    os.kill(below[0], signal.SIGKILL)
    _, err = process.communicate(timeout=90)
    assert process.returncode == 3
    assert "a worker process ended without a word" in err
    assert "goes on from there" in err
    whole(tmp_path / "results")
    again = child(*command)
    out, _ = again.communicate(timeout=120)
    assert again.returncode == 0
    assert json.loads(out)["replications"] == 12


def test_a_store_reads_only_what_has_its_name(tmp_path: Path) -> None:
    store = Store(tmp_path, "x")
    torn = store.part("cell", 3).parent / ".part-abc" / "part"
    torn.mkdir(parents=True)
    (torn / "meta.json").write_text("{}")
    assert not store.has("cell", 3)


def test_many_writers_of_one_part(sim: Sim, tmp_path: Path) -> None:
    """Eight at once: none fails, the part is there all the while; one with orders replaces one without."""
    import fakes

    store = Store(tmp_path, "x")
    result, more = (fakes.FakeMarket(fakes.FakeScenario(), seed=3, orders=orders).run() for orders in (False, True))
    store.save("cell", 3, result, 1.0)

    def write(number: int) -> bool:
        store.save("cell", 3, result, 1.0)
        return store.has("cell", 3)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write, range(40)))
    store.save("cell", 3, more, 1.0)
    assert store.has("cell", 3, orders=True)
    store.save("cell", 3, result, 1.0)
    assert store.has("cell", 3, orders=True), "what is more stays"
    assert [p.name for p in store.part("cell", 3).parent.iterdir()] == ["3"]
