"""An event that names strategies is a decision taken under them, and nothing to the others."""

from __future__ import annotations

from typing import Any

import pytest

from sim.contract import ScenarioError
from sim.experiments.identity import cell_id
from sim.scenario import load

PRICE = "merchants.Lumi.products.serum.price"


def market(*events: dict[str, Any]) -> dict[str, Any]:
    product = {"name": "serum", "category": "beauty", "price": 100}
    return {
        "market": {"consumers": 100, "days": 60},
        "categories": [{"name": "beauty", "reference_price": 100}],
        "merchants": [{"name": "Lumi", "products": [product]}],
        "strategies": {"dear": {PRICE: 120}, "cheap": {PRICE: 80}},
        "events": list(events),
    }


def cut(**more: Any) -> dict[str, Any]:
    return {"name": "cut", "day": 40, "change": {PRICE: {"scale": 0.5}}, **more}


def price(scenario: Any, strategy: str | None, day: int) -> float:
    return float(scenario.for_strategy(strategy).on_day(day).merchants[0].products[0].price)


def test_it_happens_under_the_strategies_it_names_and_under_no_other() -> None:
    made = load(market(cut(strategies=["dear", "base"])))
    assert [price(made, name, 40) for name in (None, "dear", "cheap")] == [50, 60, 80]
    assert [price(made, name, 39) for name in (None, "dear", "cheap")] == [100, 120, 80]
    assert [made.for_strategy(name).change_days for name in (None, "dear", "cheap")] == [[40], [40], []]


def test_one_that_names_none_happens_under_all() -> None:
    made = load(market(cut()))
    assert [price(made, name, 40) for name in (None, "dear", "cheap")] == [50, 60, 40]


def test_of_events_that_exclude_each_other_two_may_come_under_different_strategies() -> None:
    apart = [cut(exclusive="price", strategies=["dear"]), cut(name="other", exclusive="price", strategies=["cheap"])]
    assert price(load(market(*apart)), "cheap", 50) == 40
    with pytest.raises(ScenarioError, match="in force together"):
        load(market(apart[0], {**apart[1], "strategies": ["cheap", "dear"]}))


def test_an_unknown_strategy_is_named_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match=r"events\.cut\.strategies.*cheep.*did you mean 'cheap'"):
        load(market(cut(strategies=["cheep"])))


def test_the_id_of_a_market_holds_its_own_events_and_no_others() -> None:
    """A stored result may be reused by whoever lives the same market, and by nobody else."""
    data = market(cut(strategies=["dear"]))
    data["strategies"]["too"] = data["strategies"]["dear"]
    made, calm = load(data), load({**data, "events": []})
    assert cell_id(made, "dear") != cell_id(made, "too")
    assert cell_id(made, "too") == cell_id(calm, "too")
    assert cell_id(made, "dear") == cell_id(load({**data, "events": [cut()]}), "dear")
