"""Who adopted when, from a table: those before the first day have bought, the rest is left for a fit to explain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import load
from sim.contract import ScenarioError
from sim.experiments.calibration import calibrate
from sim.experiments.calibration.baselines import baselines
from sim.experiments.calibration.moments import Events, events_of, measure, target
from sim.experiments.calibration.plan import made
from sim.market import Market
from sim.state.build import State, build
from sim.state.columns import AWARE, NEVER
from sim.state.edgelist import id_key

PEOPLE = 30
WHEN = {0: 1, 4: 2, 7: 2, 11: 5, 12: 6, 13: 9}
"""Period of adoption by person; the others never did."""
ROWS = "person,year\n" + "".join(f"{k},{WHEN.get(k, '')}\n" for k in range(PEOPLE))
MAPPED = ", columns: {day: year}"


def town(folder: Path, rows: str = ROWS, spec: str = MAPPED, goods: str = "", more: str = "") -> Any:
    """A ring of people who may buy one durable thing; their adoptions in ``a.csv``, their ties in ``ties.csv``."""
    (folder / "a.csv").write_text(rows, "utf-8")
    (folder / "ties.csv").write_text("a,b\n" + "".join(f"{k},{(k + 1) % PEOPLE}\n" for k in range(PEOPLE)), "utf-8")
    (folder / "s.yaml").write_text(
        f"market: {{days: 8{more}}}\n"
        "network: {kind: file, path: ties.csv}\n"
        "categories: [{name: tool, reference_price: 50, occasions_per_year: 100}]\n"
        "merchants:\n"
        f"  - {{name: Seller, products: [{{name: hoe, category: tool, price: 45, durable: true}}{goods}]}}\n"
        f"adoptions: {{file: a.csv{spec}}}\n",
        "utf-8",
    )
    return load(folder / "s.yaml")


def known(state: State, column: np.ndarray) -> dict[int, Any]:
    """A column by the number of the person in the files."""
    rows = dict(zip(state.columns["id"].tolist(), column.tolist(), strict=True))
    return {k: rows[id_key(str(k))] for k in range(PEOPLE)}


def days(state: State) -> dict[int, int]:
    """Last purchase by person, of those with one."""
    return {k: d for k, d in known(state, state.columns["last_purchase"][:, 0]).items() if d > NEVER}


def test_those_before_the_first_day_have_bought_and_no_others(tmp_path: Path) -> None:
    state = build(town(tmp_path, spec=MAPPED + ", first: 6"), 1)
    assert days(state) == {0: -5, 4: -4, 7: -4, 11: -1}
    assert {k for k, n in known(state, state.columns["units"][:, 0]).items() if n} == {0, 4, 7, 11}
    assert {k for k, f in known(state, state.columns["flags"][:, 0]).items() if f & AWARE} == {0, 4, 7, 11}
    assert state.columns["sold"].tolist() == [4]
    assert days(build(town(tmp_path, spec=MAPPED + ", first: 1"), 1)) == {}, "nobody had adopted by then"
    everybody = days(build(town(tmp_path), 1))
    assert everybody == {k: when - 10 for k, when in WHEN.items()}, "without a first day all of it is past"
    coded = ROWS.replace(",\n", ",99\n")
    assert days(build(town(tmp_path, coded, MAPPED + ", never: [99]"), 1)) == everybody


def test_an_adoption_is_one_order(tmp_path: Path) -> None:
    made = town(tmp_path, spec=MAPPED + ", first: 6")
    past = "".join(f"{k},hoe,{when}\n" for k, when in WHEN.items() if when < 6)
    (tmp_path / "o.csv").write_text("customer,product,day\n" + past, "utf-8")
    ordered = load(made.path, set={"adoptions": None, "orders": {"file": "o.csv"}})
    adopted, bought = build(made, 1).columns, build(ordered, 1).columns
    assert {name for name in adopted if not np.array_equal(adopted[name], bought[name])} == set()


def test_days_may_be_dates_and_products_a_column(tmp_path: Path) -> None:
    rows = "who,what,when\n0,hoe,2024-01-30\n1,Seller.rake,2024-02-01\n2,hoe,\n3,rake,2023-12-31\n"
    goods = ", {name: rake, category: tool, price: 20}"
    spec = ", columns: {person: who, product: what, day: when}"
    state = build(town(tmp_path, rows, spec, goods, ", start: 2024-02-01"), 1)
    bought = {k: row for k, row in known(state, state.columns["last_purchase"]).items() if max(row) > NEVER}
    assert bought == {0: [-2, NEVER], 3: [NEVER, -32]}


@pytest.mark.parametrize(("rows", "spec", "goods", "wanted"), [
    (ROWS.replace("\n4,2\n", "\n4,soon\n"), MAPPED, "", r"a\.csv:6: day: must be a date or .*'soon'"),
    (ROWS.replace("\n4,2\n", "\n,2\n"), MAPPED, "", r"a\.csv:6: person: needed, but empty"),
    (ROWS, MAPPED, ", {name: rake, category: tool, price: 20}", r"s\.yaml:6: adoptions\.product: say which .*rake"),
    (ROWS, MAPPED + ", product: ho", "", r"s\.yaml:6: adoptions\.product: nobody sells 'ho'; did you mean 'hoe'"),
    (ROWS, MAPPED + ", first: 2024-01-01", "", r"s\.yaml:6: adoptions\.first: must be a number"),
    (ROWS, "", "", r"s\.yaml:6: adoptions.*day"),
    (ROWS, ", columns: {day: years}", "", r"s\.yaml:6: adoptions\.columns\.day"),
    (ROWS.replace("person", "x"), MAPPED, "", r"s\.yaml:6: adoptions.*person"),
])  # fmt: skip
def test_mistakes_are_located(tmp_path: Path, rows: str, spec: str, goods: str, wanted: str) -> None:
    with pytest.raises(ScenarioError, match=wanted):
        build(town(tmp_path, rows, spec, goods), 1)


def test_strategies_share_it_and_files_stay_beside_the_scenario(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"adoptions\.first"):
        load(town(tmp_path).said | {"strategies": {"a": {"adoptions.first": 3}}})
    file = tmp_path / "s.yaml"
    file.write_text(file.read_text("utf-8").replace("file: a.csv", "file: ../a.csv"), "utf-8")
    with pytest.raises(ScenarioError, match=r"s\.yaml:6: adoptions\.file"):
        load(file)


# ------------------------------------------------------------------------------------------------- the same, for a fit


def plan(folder: Path, **data: Any) -> Any:
    """A plan whose data are the table, its people named as in the ties."""
    source = {"kind": "adoptions", "path": "a.csv", "columns": {"person": "person", "day": "year"}, "edges": "ties.csv"}
    free = {"merchants.Seller.products.hoe.price": [30, 60]}
    given = {"scenario": "s.yaml", "data": source | data, "free": free, "bins": 2, "base_dir": str(folder)}
    return made(given)


def test_a_fit_explains_what_came_after_the_first_day_and_sees_who_came_before(tmp_path: Path) -> None:
    town(tmp_path, spec=MAPPED + ", first: 6")
    found = target(plan(tmp_path, first=6))
    events = found.adoptions
    assert events is not None
    assert found.window.prior
    assert events.prior.tolist() == [0, 4, 7, 11]
    assert dict(zip(events.who.tolist(), events.day.tolist(), strict=True)) == {12: 0.5, 13: 3.5}
    names, values = found.window.names()[0], found.fitted
    assert dict(zip(names, values, strict=True))["friends before, mean share"] == 0.5, "11 before 12, 12 before 13"
    assert dict(zip(names, values, strict=True))["no friend before"] == 0.0
    assert len(baselines(events, 4.0)) == 3
    assert any("had adopted before the first day" in note for note in found.notes)
    blind = Events(events.who, events.day, events.people, events.ties)
    assert measure(blind, found.window)[0][-1] == 0.5, "without the past nobody was there before 12"


def test_the_market_is_measured_in_the_same_way(tmp_path: Path) -> None:
    market = Market(town(tmp_path, spec=MAPPED + ", first: 6"), seed=1, orders=True)
    market.run()
    window = target(plan(tmp_path, first=6)).window
    seen = events_of(market, window)
    assert isinstance(seen, Events)
    before = {row for row, key in enumerate(market.network.ids.tolist())
              if key in {id_key(str(k)) for k, when in WHEN.items() if when < 6}}  # fmt: skip
    assert set(seen.prior.tolist()) == before
    assert not before & set(seen.who.tolist())


def test_dates_and_names_of_people_in_the_data_of_a_fit(tmp_path: Path) -> None:
    dated = "person,year\n" + "".join(f"{k},{f'2024-03-{WHEN[k]:02d}' if k in WHEN else ''}\n" for k in range(PEOPLE))
    town(tmp_path, dated, MAPPED + ", first: 2024-03-06")
    events, plain = (target(plan(tmp_path, first=first)).adoptions for first in ("2024-03-06", "2024-03-01"))
    assert events is not None
    assert plain is not None
    assert events.day.tolist() == [0.5, 3.5]
    assert sorted(plain.day.tolist()) == [when - 0.5 for when in sorted(WHEN.values())]
    (tmp_path / "a.csv").write_text(dated.replace("2024-03-05", "5th"), "utf-8")
    with pytest.raises(ScenarioError, match=r"a\.csv:13: data: must be a date.*'5th'"):
        target(plan(tmp_path, first="2024-03-06"))
    (tmp_path / "a.csv").write_text(dated, "utf-8")
    with pytest.raises(ScenarioError, match=r"no column 'farmer'"):
        target(plan(tmp_path, columns={"person": "farmer", "day": "year"}, first="2024-03-06"))


def test_a_scenario_that_does_not_begin_with_them_is_refused(tmp_path: Path) -> None:
    file = town(tmp_path, spec=MAPPED + ", first: 6").path
    file.write_text(file.read_text("utf-8").partition("adoptions:")[0], "utf-8")
    with pytest.raises(ScenarioError, match=r"data\.first: some adopted before it"):
        calibrate(plan(tmp_path, first=6))
