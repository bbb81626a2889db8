"""Past orders: the first day's buyers are those of the table, and what is wrong in it is told by its line."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from city import lived
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import load
from sim.contract import ScenarioError
from sim.experiments.identity import cell_id
from sim.scenario import Scenario
from sim.state.build import State, build
from sim.state.columns import AWARE, NEVER
from sim.state.edgelist import id_key

PEOPLE = 40
PRODUCTS = ["Foam.bar", "Leaf.black", "Leaf.green"]
HEAD = "customer,product,day,quantity\n"


def scenario(folder: Path, orders: str | bytes, network: bool = False, more: str = "", spec: str = "") -> Scenario:
    """A market with two sellers of tea and soap, its past in ``o.csv``, its people numbered in ``ties.csv``."""
    (folder / "o.csv").write_bytes(orders.encode() if isinstance(orders, str) else orders)
    ties = "".join(f"{k},{(k + 1) % PEOPLE}\n" for k in range(PEOPLE))
    (folder / "ties.csv").write_text(ties, "utf-8")
    size = "days: 20" if network else f"consumers: {PEOPLE}, days: 20"
    (folder / "s.yaml").write_text(
        f"market: {{{size}{more}}}\n"
        f"{'network: {kind: file, path: ties.csv}' if network else ''}\n"
        "categories: [{name: tea, reference_price: 50, occasions_per_year: 100}]\n"
        "merchants:\n"
        "  - name: Leaf\n"
        "    products: [{name: green, category: tea, price: 45}, {name: black, category: tea, price: 9}]\n"
        "  - {name: Foam, products: [{name: bar, category: tea, price: 18, durable: true}]}\n"
        "focal: Leaf\n"
        "strategies: {dearer: {merchants.Leaf.products.green.price: 60}}\n"
        f"orders: {{file: o.csv{spec}}}\n",
        "utf-8",
    )
    return load(folder / "s.yaml")


def problems_of(made: Scenario) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        build(made, 1)
    return [str(problem) for problem in caught.value.problems]


def by_id(state: State, name: str) -> dict[int, list[int]]:
    """Rows of a column by the number of the person in the files."""
    rows = dict(zip(state.columns["id"].tolist(), state.columns[name].tolist(), strict=True))
    return {k: rows[id_key(str(k))] for k in range(PEOPLE)}


# ------------------------------------------------------------------------------------------------ what is made

orders_of = st.lists(
    st.tuples(st.integers(0, PEOPLE + 3), st.sampled_from(PRODUCTS), st.integers(-400, 90), st.integers(1, 5)),
    min_size=1, max_size=60,
).filter(lambda rows: any(row[0] < PEOPLE for row in rows))  # fmt: skip


@given(rows=orders_of, warmup=st.sampled_from([0, 7]))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_past_is_counted_as_by_hand(tmp_path: Path, rows: list[tuple[int, str, int, int]], warmup: int) -> None:
    """Every column the past fills, against a count in plain Python; people are those of the same id."""
    text = HEAD + "".join(f"{who},{product},{day},{n}\n" for who, product, day, n in rows)
    state = build(scenario(tmp_path, text, network=True, more=f", warmup: {warmup}"), 1)
    zero = max(day for _, _, day, _ in rows) + 1 + warmup
    units: Any = defaultdict(int)
    days: Any = defaultdict(list)
    with_merchant: Any = defaultdict(list)
    for who, product, day, n in rows:
        units[who, product] += n
        days[who, product].append(day - zero)
        with_merchant[who, product.split(".")[0]].append(day - zero)
    filled = ("units", "last_purchase", "last_exposure", "flags", "orders_with", "first_order", "second_order")
    read = {name: by_id(state, name) for name in filled}
    assert state.world.product_names == tuple(PRODUCTS)
    for who in range(PEOPLE):
        for p, product in enumerate(PRODUCTS):
            mine = days[who, product]
            assert read["units"][who][p] == units[who, product]
            assert read["last_purchase"][who][p] == max(mine, default=NEVER)
            assert read["last_exposure"][who][p] == max(mine, default=NEVER)
            assert bool(read["flags"][who][p] & AWARE) is bool(mine)
        for m, merchant in enumerate(("Foam", "Leaf")):
            first, second, *_ = [*sorted(with_merchant[who, merchant]), NEVER, NEVER]
            assert read["orders_with"][who][m] == len(with_merchant[who, merchant])
            assert (read["first_order"][who][m], read["second_order"][who][m]) == (first, second)
    here = [row for row in rows if row[0] < PEOPLE]
    assert state.columns["sold"].tolist() == [sum(n for _, name, _, n in here if name == p) for p in PRODUCTS]


def test_without_a_network_of_ones_own_customers_are_drawn(tmp_path: Path) -> None:
    text = HEAD + "".join(f"buyer {k % 12},green,2025-03-{1 + k:02d},1\n" for k in range(24))
    made = scenario(tmp_path, text)
    one, again, other = build(made, 1), build(made.for_strategy("dearer"), 1), build(made, 2)
    buyers = [np.flatnonzero(state.columns["units"][:, 2]) for state in (one, again, other)]
    assert [len(b) for b in buyers] == [12, 12, 12]
    np.testing.assert_array_equal(buyers[0], buyers[1], err_msg="strategies share the past")
    assert set(buyers[0].tolist()) != set(buyers[2].tolist()), "another seed draws other people"
    assert set(one.columns["units"][buyers[0], 2].tolist()) == {2}
    assert sorted(one.columns["last_purchase"][buyers[0], 2].tolist()) == list(range(-12, 0))
    half = build(load(tmp_path / "s.yaml", set={"market.consumers": PEOPLE // 2}), 1)
    double = build(load(tmp_path / "s.yaml", set={"market.consumers": PEOPLE * 2}), 1)
    assert (half.columns["units"] > 0).sum() == 6
    assert double.columns["sold"][2] == 48


def test_the_order_of_rows_means_nothing(tmp_path: Path) -> None:
    rows = [f"b{k % 9},{PRODUCTS[k % 3]},2025-02-{1 + k:02d},{1 + k % 2}\n" for k in range(27)]
    one = build(scenario(tmp_path, HEAD + "".join(rows)), 1).columns
    two = build(scenario(tmp_path, HEAD + "".join(reversed(rows))), 1).columns
    for name, values in one.items():
        np.testing.assert_array_equal(values, two[name], err_msg=name)


def test_days_are_dates_before_the_start_or_numbers(tmp_path: Path) -> None:
    text = "客户,商品,时间\nA,green,2025年3月1日\nA,bar,2025/3/31 10:00\n"
    spec = ", columns: {customer: 客户, product: 商品, day: 时间}"
    last = {}
    for start in ("", ", start: 2025-04-11"):
        made = scenario(tmp_path, text.encode("gb18030"), more=start, spec=spec)
        last[start] = build(made, 1).columns["last_purchase"].max(axis=0).tolist()
    assert last == {"": [-1, NEVER, -31], ", start: 2025-04-11": [-11, NEVER, -41]}
    weekly = scenario(tmp_path, HEAD + "A,green,1,1\nA,bar,15,1\n", more=", step_length: 7")
    assert build(weekly, 1).columns["last_purchase"].max(axis=0).tolist() == [-1, NEVER, -3]


def test_the_past_stands_beside_initial_buyers(tmp_path: Path) -> None:
    text = HEAD + "".join(f"{k},green,{k},1\n" for k in range(10))
    made = scenario(tmp_path, text, network=True).with_set({"merchants.Leaf.products.green.initial.buyers": 0.5})
    columns = build(made, 1).columns
    drawn = build(made.with_set({"orders": None}), 1).columns
    only = drawn["units"][:, 2] == 1
    assert 0 < only.sum() < PEOPLE
    listed = np.isin(columns["id"], [id_key(str(k)) for k in range(10)])
    np.testing.assert_array_equal(columns["units"][:, 2], only.astype(int) + listed)
    np.testing.assert_array_equal(columns["orders_with"][:, 1], columns["units"][:, 2])
    assert (columns["second_order"][only & listed, 1] == -1).all()
    assert columns["sold"][2] == columns["units"][:, 2].sum()


def test_the_past_acts(tmp_path: Path) -> None:
    """Who has bought a durable does not buy it again; past buyers are nobody's new buyers."""
    everyone = HEAD + "".join(f"{k},bar,{k},1\n" for k in range(PEOPLE))
    known = {f"merchants.{m}.products.*.initial.aware": 1 for m in ("Leaf", "Foam")} | {"mechanisms.choice.appeal": 3}
    made = scenario(tmp_path, everyone, network=True).with_set(known)
    past, none = lived(made), lived(made.with_set({"orders": None}))
    assert past.state.columns["sold"][0] == PEOPLE, "no second one is sold"
    assert none.state.columns["sold"][0] > 0
    assert (past.state.columns["first_order"][:, 0] < 0).all()
    assert past.state.columns["sold"][2] > 0, "other things are bought as ever"


def test_identity_follows_the_content(tmp_path: Path) -> None:
    made = scenario(tmp_path, HEAD + "A,green,1,1\n")
    before = cell_id(made, None)
    (tmp_path / "p.csv").write_text(HEAD + "A,green,1,1\n", "utf-8")
    assert cell_id(made.with_set({"orders.file": "p.csv"}), None) == before, "a moved file is the same file"
    (tmp_path / "o.csv").write_text(HEAD + "A,green,1,2\n", "utf-8")
    assert cell_id(made, None) != before
    assert build(made, 1).columns["sold"][2] == 2, "a file that changed is read again"


# ------------------------------------------------------------------------------------------------ what is wrong


def test_every_bad_order_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = ("A,green,1,1", "A,gren,1,1", ",green,soon,0", "A,green,1", "A,green,2025-01-01,1.5", "A,,9,")
    text = "\n".join(["buyer,product,day,quantity", *rows])
    assert problems_of(scenario(tmp_path, text, spec=", columns: {customer: buyer}")) == [
        "o.csv:3: product: nobody sells 'gren'; did you mean 'green'?",
        "o.csv:4: customer: needed, but empty (column 'buyer')",
        "o.csv:4: day: must be a date or a whole number (got 'soon')",
        "o.csv:4: quantity: must be a whole number from 1 to 65,535 (got '0')",
        "o.csv:5: 3 cells, the header has 4",
        "o.csv:6: day: all days must be dates, or all numbers",
        "o.csv:6: quantity: must be a whole number from 1 to 65,535 (got '1.5')",
        "o.csv:7: product: needed, but empty",
    ]


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("who,product,day\nA,green,1\n", {}, "s.yaml:10: orders.columns: no column of"),
        (HEAD, {}, "holds no orders of products the scenario sells"),
        (HEAD + "A,white,1,1\n", {"spec": ", unknown: skip"}, "holds no orders"),
        (HEAD + "A,green,2025-05-01,1\n", {"more": ", start: 2025-05-01"}, "must be before market.start, 2025-05-01"),
        (HEAD + "".join(f"c{k},green,1,1\n" for k in range(50)), {}, "orders: its 50 customers do not fit into 40"),
        (HEAD + "A,green,1,1\n", {"network": True}, "s.yaml:10: orders.file: none of its customers is a person"),
        (HEAD + "A,green,1,1\n", {"spec": ", columns: {produkt: x}"}, "there is no field 'produkt'"),
    ],
)
def test_orders_that_cannot_be_used(tmp_path: Path, text: str, more: dict[str, Any], said: str) -> None:
    assert any(said in problem for problem in problems_of(scenario(tmp_path, text, **more)))


def test_a_missing_file_and_products_of_others(tmp_path: Path) -> None:
    made = scenario(tmp_path, HEAD + "A,green,1,1\nB,white,1,1\n", spec=", unknown: skip")
    assert build(made, 1).columns["sold"].tolist() == [0, 0, 1]
    (tmp_path / "o.csv").unlink()
    assert problems_of(made)[0].endswith("s.yaml:10: orders.file: there is no file 'o.csv'")


def test_strategies_share_the_past(tmp_path: Path) -> None:
    made = scenario(tmp_path, HEAD + "A,green,1,1\n")
    with pytest.raises(ScenarioError, match="a strategy cannot change this"):
        load(made.resolved() | {"strategies": {"other": {"orders": None}}})
