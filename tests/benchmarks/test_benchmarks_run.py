"""The benchmarks run, tiny and untimed, so that they cannot rot; and the plain model agrees with the engine."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = str(Path(__file__).parent)


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a benchmark by name."""
    monkeypatch.syspath_prepend(HERE)
    yield importlib.import_module
    for name in ("against_mesa", "mesa_market", "plain_shopper", "empty_day", "speed", "start_up", "two_levels",
                 "tiny_cells", "compact", "long_life"):  # fmt: skip
        sys.modules.pop(name, None)


def test_an_empty_day_moves_nothing(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    figures = benchmark("empty_day").main(["--consumers", "600", "--days", "2"])
    assert set(figures) == {"off", "unsold"}
    assert "engine" in capsys.readouterr().out


def test_the_city_runs_on_one_and_two_threads(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    speeds = benchmark("speed").main(["--consumers", "800", "--days", "6", "--repeats", "1"])
    assert set(speeds) == {1, 2}
    assert "bytes a person" in capsys.readouterr().out


def test_one_agent_a_person_lives_the_same_market(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    figures = benchmark("against_mesa").main(["--consumers", "800", "--days", "25", "--repeats", "12"])
    assert "ratio" in capsys.readouterr().out
    wrong = {name: found for name, found in figures["agreement"].items() if not found[3]}
    assert not wrong


@pytest.mark.slow
def test_start_up_is_counted_in_processes_of_their_own(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    figures = benchmark("start_up").main(["--repeats", "1"])
    assert 0 < figures["import sim"] < figures["to the first day"]
    assert "processor seconds" in capsys.readouterr().out


@pytest.mark.slow
def test_two_processes_share_the_cells_of_a_sweep(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tiny = ["--consumers", "300", "--days", "5", "--replications", "2", "--repeats", "1"]
    assert set(benchmark("two_levels").main(tiny)) == {"wall", "processor"}
    assert "2 job(s)" in capsys.readouterr().out


def test_the_compact_profile_tells_time_and_memory(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    found = benchmark("compact").main(["--consumers", "3000", "--days", "2", "--threads", "1"])
    assert set(found) == {"build", "day", "bytes"}
    assert "bytes a person" in capsys.readouterr().out


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
@pytest.mark.parametrize("asked", [["--consumers", "300", "--days", "31", "--threads", "1"], ["--runs", "20"]])
def test_what_a_process_holds_is_told(benchmark: Any, capsys: pytest.CaptureFixture[str], asked: list[str]) -> None:
    assert abs(benchmark("long_life").main(asked)) < 100
    assert "resident MB" in capsys.readouterr().out


def test_what_a_cell_costs_is_told_by_stage(benchmark: Any, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = benchmark("tiny_cells").main(["--cells", "5", "--people", "60", "--days", "1",
                                          "--scenario", str(root / "scenarios" / "koc_or_kol.yaml")])  # fmt: skip
    assert len(found) == 1
    assert found[0] > 0
    assert "collecting" in capsys.readouterr().out
