"""Tables of one's own at the command line: what is said of them, and that a wrong one ends with 2."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from sim.cli import call


@pytest.fixture
def shop(tmp_path: Path, scenarios: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example with its tables in a folder of its own, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(scenarios / "own_data.yaml", tmp_path)
    shutil.copytree(scenarios / "data", tmp_path / "data")
    return tmp_path


def test_validate_says_what_was_read(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["validate", "own_data.yaml"]) == 0
    said = capsys.readouterr().out
    assert "data/catalogue.csv: 5 rows in merchants.Yunxi.products (utf-8, comma)\n" in said
    assert "data/creators.csv: 4 rows in creators (utf-8, comma); columns not used: tier\n" in said
    assert "data/orders.csv: 368 orders of 260 customers, the last on 2025-05-17, are the market's past\n" in said
    assert call(["validate", "own_data.yaml", "--json"]) == 0
    read = json.loads(capsys.readouterr().out)
    assert [table["rows"] for table in read["tables"]] == [5, 4, 5]
    assert read["orders"]["customers"] == 260


def test_resolved_shows_the_first_rows_and_those_that_change(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (shop / "own_data.yaml").read_text("utf-8")
    change = "strategies:\n  dear_mask: {merchants.Yunxi.products.mask.price: 69}\n"
    (shop / "own_data.yaml").write_text(text.replace("strategies:\n", change), "utf-8")
    assert call(["validate", "own_data.yaml", "--resolved"]) == 0
    out = capsys.readouterr().out
    assert "# merchants.Yunxi.products: 3 of 5 shown, 5 are rows of data/catalogue.csv\n" in out
    shown = {}
    for part in out.split("--- # strategy: ")[1:]:
        name, _, body = part.partition("\n")
        shown[name] = [product["name"] for product in yaml.safe_load(body)["merchants"][0]["products"]]
    assert shown["base"] == shown["ads"] == ["cleanser", "toner", "serum"]
    assert shown["dear_mask"] == ["cleanser", "toner", "serum", "mask"]


@pytest.mark.parametrize("command", ["validate", "run", "compare"])
@pytest.mark.parametrize("table", ["catalogue.csv", "orders.csv"])
def test_a_bad_row_ends_with_two(shop: Path, capsys: pytest.CaptureFixture[str], command: str, table: str) -> None:
    path = shop / "data" / table
    lines = path.read_text("utf-8-sig").splitlines()
    last = {"catalogue.csv": "balm,beauty,-4,,,,,,,,", "orders.csv": "2025/05/01,B1,balm,1"}[table]
    path.write_text("\n".join([*lines, last]), "utf-8")
    more = [] if command == "validate" else ["--out", "results", "--jobs", "1", "--consumers", "500", "--days", "2"]
    assert call([command, "own_data.yaml", *more]) == 2
    found = capsys.readouterr()
    assert f"data/{table}:{len(lines) + 1}: " in found.err
    assert "Traceback" not in found.err
    assert not list(shop.glob("results/*/*/manifest.json"))


def test_data_in_another_folder(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "elsewhere").mkdir()
    (shop / "data").rename(shop / "elsewhere" / "data")
    assert call(["validate", "own_data.yaml"]) == 2
    assert capsys.readouterr().err.count("there is no file") == 3
    assert call(["validate", "own_data.yaml", "--data", "elsewhere"]) == 0
    assert "368 orders" in capsys.readouterr().out
    assert call(["validate", "own_data.yaml", "--data", "nowhere"]) == 2


def test_fields_of_tables_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["explain", "merchants.Lumi.catalogue.each"]) == 0
    assert "Fields every row has" in capsys.readouterr().out
    assert call(["explain", "orders.unknown"]) == 0
    assert "does not sell" in capsys.readouterr().out
