"""Reading what is stored: sweeps, comparisons and runs in one shape, as CSV, xarray and for DuckDB; and their pages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.contract import ScenarioError
from sim.experiments.compare import compare
from sim.experiments.question import ask_run
from sim.experiments.results import MissingExtra, load_results
from sim.experiments.run import run_stored
from sim.experiments.sweep import sweep
from sim.report.sweep import write_sweep_report


@pytest.fixture
def swept(fakes: Any, tmp_path: Path) -> Any:
    axes = {"size": [1.0, 2.0], "days": [3, 4], "strategy": ["kol", "koc"]}
    return sweep(fakes.FakeScenario(), axes, replications=2, jobs=1, out=tmp_path / "out")


def test_csv_holds_the_tables(swept: Any, tmp_path: Path) -> None:
    files = swept.to_csv(tmp_path / "csv")
    assert [file.name for file in files] == ["cells.csv", "runs.csv", "outcomes.csv", "daily.csv", "failures.csv"]
    for name in ("cells", "runs", "daily"):
        pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "csv" / f"{name}.csv"),
                                      getattr(swept, name), check_dtype=False)  # fmt: skip


def test_a_comparison_and_a_run_have_the_same_shape(fakes: Any, tmp_path: Path) -> None:
    made = compare(fakes.FakeScenario(), jobs=1, replications=3, out=tmp_path)
    found = load_results(made.path)
    assert found.kind == "compare"
    assert found.cells["strategy"].tolist() == ["kol", "koc", "same"]
    assert len(found.runs) == 9
    table = made.table[made.table["metric"] == "profit"]
    assert found.table("profit")["mean"].tolist() == pytest.approx(table["mean"].tolist())
    stored = run_stored(ask_run(fakes.FakeScenario(), strategy="koc", out=tmp_path), jobs=1)
    again = load_results(stored.path / "manifest.json")
    assert (again.kind, len(again.runs), len(again.daily)) == ("run", 1, 5)


def test_xarray(swept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("xarray")
    grid = swept.to_xarray()
    assert dict(grid.sizes) == {"size": 2, "days": 2, "strategy": 2, "replication": 2}
    row = swept.runs.iloc[7]
    there = grid["profit"].sel(size=row["size"], days=row["days"], strategy=row["strategy"])
    assert float(there.sel(replication=row["replication"])) == row["profit"]
    swept.manifest["design"] = "latin"
    flat = swept.to_xarray()
    assert dict(flat.sizes) == {"cell": 8, "replication": 2}
    assert flat["size"].to_numpy().tolist() == swept.cells["size"].tolist()


def test_without_xarray_it_says_what_to_install(swept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(MissingExtra, match=r"pip install 'sim\[tables\]'"):
        swept.to_xarray()


def test_duckdb_reads_the_files(swept: Any) -> None:
    duckdb = pytest.importorskip("duckdb")
    query = f"SELECT size, avg(profit) FROM '{swept.path}/runs.parquet' GROUP BY size ORDER BY size"
    said = duckdb.sql(query).fetchall()
    assert [row[1] for row in said] == pytest.approx(swept.runs.groupby("size")["profit"].mean().tolist())


def test_what_is_no_answer_is_told(swept: Any, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no such folder"):
        load_results(tmp_path / "nowhere")
    with pytest.raises(ScenarioError, match=f"there are: .*{swept.path.name}"):
        load_results(swept.path.parent)
    manifest = swept.path / "manifest.json"
    again = "to convert it, give its command again, 'sim sweep .*same --out"
    for number, remedy in ((0, again), (9, "the version that wrote it")):
        manifest.write_text(json.dumps({**swept.manifest, "format": number}))
        with pytest.raises(ScenarioError, match=f"written in format {number}, .*{remedy}"):
            load_results(swept.path)


def test_the_page_of_a_sweep(swept: Any, fakes: Any, tmp_path: Path) -> None:
    page = write_sweep_report(swept, tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<figure") == 4, "two outcomes were observed, under two strategies"
    assert page.count("<tr><td data-label=\"Cell\">") == 8
    assert "http://" not in page.replace("http://www.w3.org", "")
    axes = {"trouble": ["", "always"], "size": [1.0]}
    failed = sweep(fakes.FakeScenario(), axes, strategies=["kol"], replications=1, jobs=1, out=tmp_path / "failed")
    page = write_sweep_report(failed, tmp_path / "failed.html").read_text(encoding="utf-8")
    assert "1 runs failed" in page
    assert "the market fell over" in page
