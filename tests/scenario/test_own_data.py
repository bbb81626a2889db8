"""Tables of one's own: what is read is what would have been written by hand, and every bad row is told by its line."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.contract import ScenarioError
from sim.experiments.identity import cell_id
from sim.scenario import Scenario, load

BASE: dict[str, Any] = {
    "market": {"consumers": 500, "days": 60},
    "categories": [{"name": "beauty", "reference_price": 150}, {"name": "食品", "reference_price": 30}],
}
HEADERS = {"name": "货号", "category": "cat", "price": "售价\n(元)", "quality": "score", "inventory": "库存",
           "durable": "一次性", "initial.aware": "知晓率"}  # fmt: skip
WORDS = {True: "是", False: "no"}

names = st.text("ab光é ,;-.#7", min_size=1, max_size=12).map(str.strip).filter(bool)


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """Floats of the 15 digits that a sheet of xlsx keeps."""
    return st.floats(low, high).map(lambda x: float(f"{x:.14g}")).filter(lambda x: low <= x <= high)


products = st.lists(
    st.fixed_dictionaries(
        {"name": names, "category": st.sampled_from(["beauty", "食品"]), "price": numbers(0.01, 1e6)},
        optional={"quality": numbers(0, 1), "inventory": st.integers(0, 10**9), "durable": st.booleans(),
                  "initial": st.fixed_dictionaries({"aware": numbers(0, 1)})},
    ),
    min_size=1, max_size=6, unique_by=lambda product: product["name"],
)


def cells(product: dict[str, Any]) -> list[Any]:
    return [product.get("initial", {}).get("aware") if field == "initial.aware" else product.get(field)
            for field in HEADERS]  # fmt: skip


def as_text(value: Any, comma: bool) -> str:
    if isinstance(value, float):
        return repr(value).replace(".", ",") if comma else repr(value)
    return "" if value is None else WORDS[value] if isinstance(value, bool) else str(value)


def write(path: Path, items: list[dict[str, Any]], form: str) -> None:
    rows = [cells(item) for item in items]
    if form == "parquet":
        import pyarrow
        from pyarrow import parquet

        columns = {head: [row[k] for row in rows] for k, head in enumerate(HEADERS.values())}
        parquet.write_table(pyarrow.table(columns), path)
    elif form == "xlsx":
        book = pytest.importorskip("openpyxl").Workbook()
        for row in ([*HEADERS.values()], *rows):
            book.active.append(row)
        book.save(path)
    else:
        separator, encoding = form.split(" ")
        text = io.StringIO()
        out = csv.writer(text, delimiter={"tab": "\t"}.get(separator, separator))
        out.writerows([[*HEADERS.values()], *([as_text(v, separator == ";") for v in row] for row in rows)])
        path.write_bytes(text.getvalue().encode(encoding))


def scenario(**merchant: Any) -> dict[str, Any]:
    return BASE | {"merchants": [{"name": "Lumi", **merchant}]}


def catalogue(folder: Path, text: str, extra: str = "", encoding: str = "utf-8") -> Scenario:
    """A scenario file beside ``c.csv``; its catalogue stands on line 4."""
    (folder / "c.csv").write_bytes(text.encode(encoding))
    (folder / "s.yaml").write_text(
        "market: {consumers: 500, days: 60}\n"
        "categories: [{name: beauty, reference_price: 150}]\n"
        "merchants:\n"
        f"  - {{name: Lumi, catalogue: {{file: c.csv{extra}}}}}\n",
        encoding="utf-8",
    )  # fmt: skip
    return load(folder / "s.yaml")


def problems_of(call: Any, *args: Any, **more: Any) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        call(*args, **more)
    return [str(problem) for problem in caught.value.problems]


# ------------------------------------------------------------------------------------------------ what is read


@pytest.mark.parametrize("form", [", utf-8", ", utf-8-sig", "; gb18030", "tab utf-16", "parquet", "xlsx"])
@given(items=products)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_table_is_what_would_have_been_written(tmp_path: Path, form: str, items: list[dict[str, Any]]) -> None:
    write(tmp_path / "c", items, form)
    table = {"file": str(tmp_path / "c"), "columns": HEADERS}
    read, inline = load(scenario(catalogue=table)), load(scenario(products=items))
    assert read.resolved() == inline.resolved()
    assert cell_id(read, None) == cell_id(inline, None)
    assert read.tables[0].rows == len(items)


def test_headers_percent_dates_and_rows_by_hand(tmp_path: Path) -> None:
    made = catalogue(
        tmp_path,
        "Name,PRICE,Unit Cost,note,quality\r\nserum,199,60,x,80%\r\n\r\n,,,,\r\n010,88,,,\r\n",
        ", each: {category: beauty, quality: 0.6, initial: {aware: 0.1}}",
    )
    serum, other = made.merchants[0].products
    assert (serum.price, serum.unit_cost, serum.quality, serum.initial.aware) == (199, 60, 0.8, 0.1)
    assert (other.name, other.price, other.unit_cost, other.quality) == ("010", 88, 0, 0.6)
    assert made.tables[0].unused == ("note",)
    assert made.merchants[0].catalogue is None


def test_rows_are_addressed_like_items_by_hand(tmp_path: Path) -> None:
    catalogue(tmp_path, "name,price\nserum,199\ncream,99\n", ", each: {category: beauty}")
    (tmp_path / "t.yaml").write_text(
        "extends: s.yaml\n"
        "merchants: [{name: Lumi, products: [{name: serum, quality: 0.9}, {name: soap, category: beauty, price: 9}]}]\n"
        "strategies: {low: {merchants.Lumi.products.cream.price: {scale: 0.5}}}\n"
        "events: [{name: sale, day: 5, days: 2, change: {merchants.Lumi.products.serum.price: {add: -20}}}]\n",
        encoding="utf-8",
    )
    made = load(tmp_path / "t.yaml", set={"merchants.Lumi.products.soap.price": 11})
    assert [(p.name, p.price, p.quality) for p in made.merchants[0].products] == [
        ("serum", 199, 0.9), ("cream", 99, 0.7), ("soap", 11, 0.7),
    ]  # fmt: skip
    assert made.for_strategy("low").merchants[0].products[1].price == 49.5
    assert made.on_day(5).merchants[0].products[0].price == 179


def test_a_rate_card_stands_beside_the_preset_or_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "k.csv").write_text("name,followers,fee,commission\n老周,5200,1500,15%\nmicro,450,110,\n", "gb18030")
    text = (
        "extends: presets/creators/rate_card.yaml\n"
        "market: {consumers: 500}\n"
        "categories: [{name: beauty, reference_price: 150}]\n"
        "merchants: [{name: Lumi, products: [{name: serum, category: beauty, price: 199}]}]\n"
    )
    beside, instead = tmp_path / "a.yaml", tmp_path / "b.yaml"
    beside.write_text(text + "rate_card: {file: k.csv, columns: {slot_fee: fee}}\n", "utf-8")
    instead.write_text(text + "rate_card: {file: k.csv, columns: {slot_fee: fee}, replace: true}\n", "utf-8")
    by_name = {c.name: c for c in load(beside).creators}
    assert list(by_name) == ["head", "mid", "micro", "nano", "老周"]
    assert (by_name["micro"].slot_fee, by_name["micro"].count) == (110, 40), "a row joins the preset's of its name"
    assert [(c.name, c.commission) for c in load(instead).creators] == [("老周", 0.15), ("micro", 0.2)]


# ------------------------------------------------------------------------------------------------ price list

LISTED = """\
market: {consumers: 500, days: 60, start: 2025-06-01}
categories: [{name: beauty, reference_price: 150}]
merchants:
  - {name: Lumi, products: [{name: serum, category: beauty, price: 200}, {name: cream, category: beauty, price: 90}]}
  - {name: Aurel, products: [{name: serum, category: beauty, price: 170}]}
focal: Lumi
prices: [{day: 40, product: Aurel.serum, price: 150}]
price_list: {file: p.csv, columns: {day: 日期}}
strategies: {low: {merchants.Lumi.plan.discount: 0.1}}
events: [{name: sale, day: 17, days: 4, change: {merchants.*.products.serum.price: {scale: 0.5}}}]
"""


def test_listed_prices_hold_from_their_day_and_events_act_on_them(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("日期,product,price\n2025/6/21 08:00,serum,220\n2025-06-11,serum,180\n", "utf-8")
    (tmp_path / "s.yaml").write_text(LISTED, "utf-8")
    for made in (load(tmp_path / "s.yaml"), load(tmp_path / "s.yaml").for_strategy("low")):
        assert made.change_days == [10, 17, 20, 21, 40]
        seen = {d: [m.products[0].price for m in made.on_day(d).merchants] for d in (-5, 0, 9, 10, 17, 20, 21, 40, 59)}
        assert seen == {-5: [200, 170], 0: [200, 170], 9: [200, 170], 10: [180, 170], 17: [90, 85], 20: [110, 85],
                        21: [220, 170], 40: [220, 150], 59: [220, 150]}  # fmt: skip
        assert made.on_day(59).on_day(3) is made
        assert made.on_day(59).merchants[0].products[1].price == 90
        assert load(made.yaml()).on_day(59).merchants == made.on_day(59).merchants


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2025-06-03,serumm,9", "p.csv:3: prices[2].product: unknown product 'serumm'; did you mean 'serum'?"),
        ("2025-06-03,serum,-9", "p.csv:3: prices[2].price: must be > 0 (got -9)"),
        ("2025-05-03,serum,9", "p.csv:3: prices[2].day: 2025-05-03 is before the market's start (2025-06-01) (column"),
        ("2025-06-11,Lumi.serum,9", "p.csv:3: prices[2]: a second price of 'Lumi.serum' on that day"),
        ("2025-13-03,serum,9", "p.csv:3: prices[2].day: must be a whole number"),
        ("2.5,serum,9", "p.csv:3: prices[2].day: must be a whole number"),
    ],
)
def test_bad_prices(tmp_path: Path, row: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.csv").write_text(f"日期,product,price\n2025-06-11,serum,180\n{row}\n", "utf-8")
    Path("s.yaml").write_text(LISTED, "utf-8")
    (found,) = problems_of(load, "s.yaml")
    assert found.startswith(said)


def test_dates_need_a_start_and_sums_are_tried_on_every_listed_price(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("日期,product,price\n2025-06-19,serum,15\n", "utf-8")
    (tmp_path / "s.yaml").write_text(LISTED.replace(", start: 2025-06-01", ""), "utf-8")
    assert "say which day is day 0" in problems_of(load, tmp_path / "s.yaml")[0]
    cut = LISTED.replace("merchants.*.products.serum.price: {scale: 0.5}",
                         "merchants.Lumi.products.serum.price: {add: -20}")  # fmt: skip
    (tmp_path / "s.yaml").write_text(cut, "utf-8")
    assert "must be > 0 (got -5.0) (on day 18)" in problems_of(load, tmp_path / "s.yaml")[0]


# ------------------------------------------------------------------------------------------------ what is wrong


def test_every_bad_row_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        '品名,售价,category,quality\nserum,199,beauty,0.8\n"two\nlines",9,beauty,0.8\ncream,-4,beuty,0.8\n'
        'soap,"1,299",beauty,nan\nserum,5,beauty,\n,5,beauty,80\ngel,,beauty,\n'
    )
    found = problems_of(catalogue, tmp_path, text, ", columns: {name: 品名, price: 售价}", "gb18030")
    here = "merchants.Lumi.products"
    assert sorted(found) == sorted([
        f"c.csv:3: {here}.\"two\\nlines\".name: must be 1-80 characters without quotes, *, brackets, braces or blanks "
        "at either end (got 'two\\nlines') (column '品名')",
        f"c.csv:5: {here}.cream.price: must be > 0 (got -4) (column '售价')",
        f"c.csv:6: {here}.soap.price: must be a number (got the text '1,299') (column '售价')",
        f"c.csv:6: {here}.soap.quality: must be a finite number (got nan)",
        f"c.csv:8: {here}[5].name: needed, but not given",
        f"c.csv:8: {here}[5].quality: must be <= 1 (got 80)",
        f"c.csv:9: {here}.gel.price: needed, but not given",
    ])  # fmt: skip
    mended = text.replace('"two\nlines"', "two")
    assert len([line for line in problems_of(catalogue, tmp_path, mended, ", columns: {name: 品名, price: 售价}")
                if "beuty" in line or "a second product called 'serum'" in line]) == 2  # fmt: skip


def test_a_long_list_is_cut(tmp_path: Path) -> None:
    found = problems_of(catalogue, tmp_path, "name,category,price\n" + "x,beauty,0\n" * 300)
    assert len(found) == 51
    assert "more in this file" in found[-1]


@pytest.mark.parametrize(
    ("content", "extra", "said"),
    [
        ("name,category,prise\nx,beauty,3\n", "", "s.yaml:4: merchants.Lumi.catalogue.columns: no column of"),
        ("name,category,售价\nx,beauty,3\n", ", columns: {price: 售介}", "catalogue.columns.price: "),
        ("name,category,售价\nx,beauty,3\n", ", columns: {price: 售介}", "has no column '售介'; did you mean '售价'?"),
        ("name,category,price\nx,beauty,3\n", ", columns: {prise: price}", "no field 'prise'; did you mean 'price'?"),
        ("name,category,price,p,p\nx,beauty,3,3,4\n", ", columns: {price: p}", "has 2 columns called 'p'"),
        ("name,name,category,price\nx,x,beauty,3\n", "", "has two columns called 'name'"),
        ("name,category,price\nx,beauty\n", "", "c.csv:2: merchants.Lumi.products: 2 cells, the header has 3"),
        ("name,category,price\nx,beauty,3,4\n", "", "is a separator inside a value without quotes?"),
        ('name,category,price\n"x,beauty,3\n', "", "c.csv:2: merchants.Lumi.products: not CSV"),
        ("name,category,price\n", "", "has a header and no rows"),
        ("\n", "", "empty: a table begins with a line"),
        ("name,category,price\nx,beauty,3\n", ", separator: xx", "is not one character"),
        ("name,category,price\nx,beauty,3\n", ", colums: {}", "unknown key; did you mean 'columns'?"),
        (b"name,category,price\nx\xff,beauty,3\n", "", "c.csv:2: merchants.Lumi.products: not text in UTF-8"),
        (b"name,category\0price\nx,beauty,3\n", "", "it holds zero bytes"),
        (b"PAR1 and nothing more", "", "not a whole Parquet file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "", "save it as .xlsx or CSV"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path: Path, content: str | bytes, extra: str, said: str) -> None:
    text = content if isinstance(content, str) else content.decode("latin-1")
    found = problems_of(catalogue, tmp_path, text, extra, "utf-8" if isinstance(content, str) else "latin-1")
    assert len(found) == 1, "nothing follows from a table that was not read"
    assert said in found[0]


def test_no_strategy_and_no_setting_names_another_table(tmp_path: Path) -> None:
    catalogue(tmp_path, "name,category,price\nx,beauty,3\n")
    for path in ("merchants.Lumi.catalogue", "rate_card", "price_list"):
        (found,) = problems_of(load, tmp_path / "s.yaml", set={path: {"file": "c.csv"}})
        assert "is read with the scenario file" in found


def test_xlsx_sheets_and_spoilt_books(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.create_sheet("产品").append(["name", "category", "price"])
    book["产品"].append(["x", "beauty", 3])
    book.save(tmp_path / "c.xlsx")
    table = {"file": str(tmp_path / "c.xlsx"), "sheet": "产品"}
    assert load(scenario(catalogue=table)).merchants[0].products[0].price == 3
    assert "has no sheet '产'" in problems_of(load, scenario(catalogue=table | {"sheet": "产"}))[0]
    (tmp_path / "c.xlsx").write_bytes((tmp_path / "c.xlsx").read_bytes()[:900])
    assert "not an xlsx file" in problems_of(load, scenario(catalogue=table))[0]


# ------------------------------------------------------------------------------------------------ where files lie


def test_paths_are_those_of_the_file_that_says_them(tmp_path: Path) -> None:
    """A table, a network and past orders named in an extended file lie beside that file, not beside the scenario."""
    shared = tmp_path / "shared"
    (shared / "data").mkdir(parents=True)
    (tmp_path / "mine").mkdir()
    (shared / "data" / "c.csv").write_text("name,category,price\nx,beauty,3\n", "utf-8")
    (shared / "base.yaml").write_text(
        "categories: [{name: beauty, reference_price: 150}]\n"
        "network: {kind: file, path: data/ties.csv}\n"
        "orders: {file: data/o.csv}\n"
        "merchants: [{name: Lumi, catalogue: {file: data/c.csv}}]\n",
        "utf-8",
    )
    (tmp_path / "mine" / "s.yaml").write_text("extends: ../shared/base.yaml\n", "utf-8")
    (tmp_path / "top.yaml").write_text("extends: shared/base.yaml\n", "utf-8")
    far, near = load(tmp_path / "mine" / "s.yaml", data=[shared]), load(tmp_path / "top.yaml")
    assert far.merchants == near.merchants
    for made in (far, near):
        assert (made.base_dir / made.network.path).resolve() == shared.resolve() / "data" / "ties.csv"
        assert made.orders is not None
        assert (made.base_dir / made.orders.file).resolve() == shared.resolve() / "data" / "o.csv"
    assert near.network.path == "shared/data/ties.csv"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("/etc/hostname", "is not relative"), ("../c.csv", "leads out"), ("data/../../c.csv", "leads out"),
        ("C:\\c.csv", "is not relative"), ("..\\c.csv", "leads out"), ("~/c.csv", "is not relative"),
        ("link.csv", "is a link that leads out"), ("folder/c.csv", "is a link that leads out"),
        ("loop.csv", "there is no file"), ("c.cvs", "there is no file 'c.cvs' beside this one; did you mean 'c.csv'?"),
        ("' '", "a name of a file is needed"),
    ],
)  # fmt: skip
def test_no_path_leads_out(tmp_path: Path, said: str, why: str) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    for folder in (tmp_path, outside, inside):
        (folder / "c.csv").write_text("name,category,price\nx,beauty,3\n", "utf-8")
    (inside / "link.csv").symlink_to(outside / "c.csv")
    (inside / "folder").symlink_to(outside)
    (inside / "loop.csv").symlink_to(inside / "loop.csv")
    catalogue(inside, "name,category,price\nx,beauty,3\n")
    text = (inside / "s.yaml").read_text("utf-8").replace("c.csv", said)
    (inside / "s.yaml").write_text(text, "utf-8")
    (found,) = problems_of(load, inside / "s.yaml")
    assert "s.yaml:4: merchants.Lumi.catalogue.file: " in found
    assert why in found
    if "link" in said:
        assert load(inside / "s.yaml", data=outside).tables, "--data opens a folder"
    if why != "there is no file" and "did you mean" not in why:
        net = text.replace(f"catalogue: {{file: {said}}}", "products: [{name: x, category: beauty, price: 3}]")
        (inside / "s.yaml").write_text(net + f"network: {{kind: file, path: {said}}}\n", "utf-8")
        assert why in problems_of(load, inside / "s.yaml")[0]


def test_a_folder_of_data_is_searched_too(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    catalogue(tmp_path / "a", "name,category,price\nx,beauty,3\n")
    (tmp_path / "a" / "c.csv").rename(tmp_path / "b" / "c.csv")
    assert load(tmp_path / "a" / "s.yaml", data=[tmp_path / "b"]).merchants[0].products[0].name == "x"
    assert "nor in --data" in problems_of(load, tmp_path / "a" / "s.yaml", data=tmp_path / "a")[0]


# ------------------------------------------------------------------------------------------------ cost


def test_two_thousand_rows_are_read_quickly_and_without_heavy_libraries(tmp_path: Path) -> None:
    rows = "".join(f"p{k},{10 + k},beauty,{5 + k / 10}\n" for k in range(2000))
    begin = time.process_time()
    made = catalogue(tmp_path, "name,price,category,unit_cost\n" + rows)
    assert time.process_time() - begin < 1.0
    assert len(made.merchants[0].products) == 2000
    code = f"import sys, sim; sim.load({str(tmp_path / 's.yaml')!r}); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"mesa", "numba", "pandas", "pyarrow", "openpyxl", "scipy"} & set(loaded)
