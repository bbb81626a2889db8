"""The performance book and the profile: sums are sums, every figure of the page is one of the JSON file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.bench import measure
from sim.bench.book import page_of
from sim.bench.machine import bandwidth
from sim.bench.profile import profile
from sim.bench.roofline import roofline, work
from sim.cli import call
from sim.market import Market


@pytest.fixture(scope="module")
def lived() -> tuple[object, object]:
    """A small market under the clock."""
    return profile(lambda: Market(measure.city(400, 12), seed=1))


def test_the_parts_are_all_of_the_processor_time(lived: tuple[object, object]) -> None:
    found, market = lived
    assert found.days == 11
    assert market.day == 12
    assert sum(part.seconds for part in found.parts) == pytest.approx(found.busy, rel=0.02)
    assert sum(row["share"] for row in found.rows()) == pytest.approx(1.0, rel=0.02)
    assert sum(found.by_name().values()) == pytest.approx(1e3 * found.busy / found.days, rel=0.02)
    names = {part.name for part in found.parts}
    assert names == {*market.mechanisms, "engine", "book"}
    assert all(part.seconds >= 0 for part in found.parts)
    assert found.compiling <= found.wall


def test_bytes_are_those_of_the_arrays(lived: tuple[object, object]) -> None:
    market = lived[1]
    memory = measure.bytes_of(market)
    n, p = 400, len(market.world.product_names)
    assert memory["columns"]["flags"] == p * market.state.columns["flags"].itemsize
    assert memory["network"]["indices"] == pytest.approx(4 * len(market.network.indices) / n)
    total = measure.totals(memory)
    assert total["all"] == pytest.approx(sum(value for name, value in total.items() if name != "all"))
    assert "price" not in memory["columns"]  # a product's, not a consumer's


def test_the_floor_is_a_sum_of_prices(lived: tuple[object, object]) -> None:
    done = work(lived[1], 12)
    assert done["draws"] > done["impressions"] > done["clicks"] > 0
    price = {"bandwidth_gb_s": 10.0, "draw_ns": 1.0, "function_ns": 2.0}
    found = roofline(done, price, rate=1e6)
    assert found["floor_ns"] == pytest.approx(done["bytes"] / 10 + done["draws"] + 2 * done["functions"])
    assert found["reached"] == pytest.approx(found["floor_ns"] / 1000)
    assert roofline(done, price, rate=2e6)["reached"] == pytest.approx(2 * found["reached"])


def test_bandwidth_is_one_a_machine_can_have() -> None:
    assert 0.05 < bandwidth(megabytes=8, repeats=2) < 5_000


def test_bench_writes_json_page_and_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "book"
    sizes = ("--consumers", "300", "--consumers", "600")
    assert call(["bench", *sizes, "--days", "5", "--repeats", "1", "--out", str(folder), "--json", "-q"]) == 0
    said = json.loads(capsys.readouterr().out)
    stored = json.loads((folder / "bench.json").read_text(encoding="utf-8"))
    assert said == stored
    assert {case["consumers"] for case in stored["cases"]} == {300, 600}
    page = (tmp_path / "book.md").read_text(encoding="utf-8")
    assert page == page_of(stored, folder)
    linked = re.findall(r"\]\((book/[^)]+)\)", page)
    assert {"book/scaling.svg", "book/spent.svg", "book/memory.svg", "book/bench.json"} <= set(linked)
    assert all((tmp_path / name).is_file() for name in linked)


def test_the_page_of_the_documentation_is_made_of_its_figures(root: Path) -> None:
    folder = root / "docs" / "performance"
    stored = json.loads((folder / "bench.json").read_text(encoding="utf-8"))
    assert (root / "docs" / "performance.md").read_text(encoding="utf-8") == page_of(stored, folder)


def test_run_profile_prints_where_time_goes_and_stores_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], scenarios: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    small = [str(scenarios / "koc_or_kol.yaml"), "--consumers", "300", "--days", "8"]
    assert call(["run", *small, "--profile"]) == 0
    said = capsys.readouterr().out
    assert "ns a consumer-day" in said
    assert re.search(r"^checkout +evening +\d", said, re.M)
    assert re.search(r"^all +100\.0 %", said, re.M)
    assert call(["run", *small, "--profile", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["consumers"] == 300
    assert found["days"] == 7
    assert call(["run", *small, "--profile", "--strategy", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
