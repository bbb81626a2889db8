"""The language of changes: its laws, and what strategies, settings and events make of it."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract import MechanismParams, Registry, ScenarioError, quantity
from sim.scenario import Scenario, load
from sim.scenario.overrides import apply, apply_all
from sim.scenario.paths import PathError, Place, format_path, parse_path
from sim.scenario.schema import ScenarioModel

GOOD = (Path(__file__).parent / "good.yaml").read_text(encoding="utf-8")
ROOT = Place.root(ScenarioModel)
BASE = load(GOOD)
PLAIN = BASE.resolved()

FIELDS = [
    ("merchants.Lumi.plan.budget_per_day", 500.0), ("merchants.Lumi.products.serum.price", 199.0),
    ("logistics.freight", 6.0), ("mechanisms.sharing.reach_per_share", 0.2), ("segments.old.activity", 0.5),
    ('merchants."光 Hi".products.lamp.price', 80.0), ("platforms.notes.feed.ads", 0.2),
]  # fmt: skip
paths = st.sampled_from([path for path, _ in FIELDS])
amounts = st.floats(0.01, 0.9)


def value_at(data: Any, path: str) -> Any:
    for name in parse_path(path):
        data = next(x for x in data if x["name"] == name) if isinstance(data, list) else data[name]
    return data


def applied(change: dict[str, Any], data: dict[str, Any] = PLAIN) -> dict[str, Any]:
    out = apply(data, change, ROOT)
    assert out.problems == []
    return out.data


# ------------------------------------------------------------------------------------------------------------ laws


@given(st.lists(st.text("ab_-9é光 .&'", min_size=1).filter(lambda s: s != "*"), min_size=1, max_size=5))
def test_a_path_survives_being_written(names: list[str]) -> None:
    assert parse_path(format_path(names)) == tuple(names)


@given(st.text("ab.*'\"[] 光\n"))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    try:
        names = parse_path(text)
    except PathError:
        return
    assert parse_path(format_path(names)) == names


@pytest.mark.parametrize(("path", "value"), FIELDS)
def test_fields_stand_where_their_paths_say(path: str, value: float) -> None:
    assert value_at(PLAIN, path) == value
    assert value_at(applied({path: {"scale": 2}}), path) == 2 * value
    assert value_at(applied({path: {"add": 0.25}}), path) == value + 0.25


@given(st.lists(st.tuples(paths, amounts), min_size=1, max_size=6))
def test_assignment_later_wins_and_originals_stay(changes: list[tuple[str, float]]) -> None:
    before = copy.deepcopy(PLAIN)
    data = PLAIN
    for path, amount in changes:
        data = applied({path: amount}, data)
    for path, amount in dict(changes).items():
        assert value_at(data, path) == amount
    assert before == PLAIN
    untouched = {path for path, _ in FIELDS} - {path for path, _ in changes}
    assert all(value_at(data, path) == value_at(PLAIN, path) for path in untouched)


@given(paths, amounts, amounts)
def test_factors_multiply_and_sums_add(path: str, one: float, other: float) -> None:
    twice = applied({path: {"scale": other}}, applied({path: {"scale": one}}))
    assert value_at(twice, path) == pytest.approx(value_at(PLAIN, path) * one * other)
    summed = applied({path: {"add": other}}, applied({path: {"add": one}}))
    assert value_at(summed, path) == pytest.approx(value_at(PLAIN, path) + one + other)


@given(st.permutations([{"logistics.capacity": {"scale": 0.4}}, {"logistics.capacity": {"scale": 0.55}},
                        {"logistics.capacity": {"add": 7}}]))  # fmt: skip
def test_factors_and_sums_of_events_commute(batch: list[dict[str, Any]]) -> None:
    out = apply_all(PLAIN, batch, ROOT, commuting=True).data
    assert out["logistics"]["capacity"] == pytest.approx(200 * 0.4 * 0.55 + 7)
    set_too = apply_all(PLAIN, [*batch, {"logistics.capacity": 100}], ROOT, commuting=True).data
    assert set_too["logistics"]["capacity"] == pytest.approx(100 * 0.4 * 0.55 + 7)


def test_whole_numbers_stay_whole() -> None:
    data = applied({"merchants.Lumi.products.cream.inventory": {"scale": 0.3333}, "market.days": {"add": 0.5}})
    assert value_at(data, "merchants.Lumi.products.cream.inventory") == 133
    assert isinstance(data["market"]["days"], int)
    events = [{"merchants.Lumi.products.cream.inventory": {"scale": 0.5}}] * 3
    rounded = apply_all(PLAIN, [{"creators.micro.count": {"scale": 0.5}}, *events], ROOT, commuting=True).data
    assert value_at(rounded, "creators.micro.count") == 3, "2.5 is rounded up"
    assert value_at(rounded, "merchants.Lumi.products.cream.inventory") == 50, "rounded once, at the end"


def test_wildcards_reach_every_name() -> None:
    data = applied({"merchants.*.products.*.price": {"scale": 2}, "merchants.*.products.cream.price": 5})
    prices = {p["name"]: p["price"] for m in data["merchants"] for p in m["products"]}
    assert prices == {"serum": 398, "cream": 5, "lamp": 160}
    off = applied({"mechanisms.*.enabled": False})
    assert all(block["enabled"] is False for block in off["mechanisms"].values())


def test_merge_joins_and_replacement_replaces() -> None:
    mix = "merchants.Lumi.plan.mix"
    joined = {"ads": 0.6, "kol": 0.4, "koc": 0.3, "community": 0, "live": 0, "content": 0}
    assert value_at(applied({mix: {"merge": {"koc": 0.3}}}), mix) == joined
    assert value_at(applied({mix: {"koc": 0.3}}), mix) == {"koc": 0.3}
    inner = applied({"merchants.Lumi.plan": {"merge": {"mix": {"ads": {"scale": 0.5}}, "discount": 0.1}}})
    assert value_at(inner, mix)["ads"] == 0.3
    assert value_at(inner, "merchants.Lumi.plan.discount") == 0.1
    goods = {"merge": [{"name": "cream", "price": {"add": 1}}, {"name": "soap", "category": "beauty", "price": 9}]}
    products = value_at(applied({"merchants.Lumi.products": goods}), "merchants.Lumi.products")
    assert [(p["name"], p["price"]) for p in products] == [("serum", 199), ("cream", 100), ("soap", 9)]
    coupon = applied({"merchants.Lumi.plan.coupon.value": 20})
    assert value_at(coupon, "merchants.Lumi.plan.coupon") == {"value": 20}
    both = applied({"merchants.Lumi.plan.coupon": {"merge": {"value": 20}}})
    assert value_at(both, "merchants.Lumi.plan.coupon") == {"value": 20}


# -------------------------------------------------------------------------------------------------------- versions


def test_strategies_change_the_market_and_nothing_else() -> None:
    blast, cheap = BASE.for_strategy("blast"), BASE.for_strategy("cheap")
    left = {"ads": 0, "kol": 0.9, "koc": 0.1, "community": 0, "live": 0, "content": 0}
    assert blast.merchants[0].plan.mix.model_dump() == left
    assert [p.price for p in cheap.merchants[0].products] == pytest.approx([179.1, 89.1])
    assert cheap.merchants[0].plan.budget_per_day == 600
    assert BASE.for_strategy(None) is BASE
    assert BASE.for_strategy("base") is BASE
    assert blast.for_strategy(None).resolved() == PLAIN
    assert blast.for_strategy("cheap").resolved() == cheap.resolved()
    assert (blast.strategy, BASE.strategy) == ("blast", None)
    with pytest.raises(ScenarioError, match="did you mean 'blast'"):
        BASE.for_strategy("blas")


def test_settings_come_after_the_strategy() -> None:
    path = "merchants.Lumi.plan.budget_per_day"
    made = load(GOOD, set={path: 50})
    assert made.merchants[0].plan.budget_per_day == 50
    assert made.for_strategy("cheap").merchants[0].plan.budget_per_day == 50
    doubled = BASE.with_set({path: {"scale": 2}})
    assert doubled.for_strategy("cheap").merchants[0].plan.budget_per_day == 1200
    assert doubled.with_set({path: {"scale": 2}}).merchants[0].plan.budget_per_day == 2000
    assert BASE.for_strategy("cheap").with_set({path: 7}).strategy == "cheap"
    assert BASE.with_set({}) is BASE
    assert BASE.resolved() == PLAIN
    added = BASE.with_set({"strategies.new": {"logistics.freight": 1}})
    assert added.for_strategy("new").logistics.freight == 1
    changed = BASE.with_set({'strategies.blast."merchants.Lumi.plan.mix"': {"community": 1}})
    assert changed.for_strategy("blast").merchants[0].plan.mix.community == 1


def test_a_smaller_market_is_the_same_market() -> None:
    assert BASE.market.reference_consumers == 1000
    small = load(GOOD, set={"market.consumers": 200})
    assert (small.market.consumers, small.market.reference_consumers, small.scale) == (200, 1000, 0.2)
    assert small.merchants[0].plan.budget_per_day == 500, "scaled by the state, not here"
    assert load(small.resolved(), set={"market.consumers": 500}).scale == 0.5
    open_size = GOOD.replace("consumers: 1000, ", "")
    assert load(open_size, set={"market.consumers": 300}).scale == 1.0
    with pytest.raises(ScenarioError, match="say how many consumers"):
        load(open_size)


def test_days_are_recomputed_from_the_base() -> None:
    assert BASE.change_days == [20, 25, 30]
    capacity = {day: BASE.on_day(day).logistics.capacity for day in (0, 19, 20, 25, 29, 30, 59)}
    assert capacity == {0: 200, 19: 200, 20: 80, 25: 40, 29: 40, 30: 100, 59: 100}
    assert BASE.on_day(25).logistics.freight == 9
    assert BASE.on_day(3) is BASE
    assert BASE.on_day(26) is BASE.on_day(25)
    assert BASE.on_day(25).on_day(20).logistics.capacity == 80
    assert BASE.on_day(25).on_day(0) is BASE
    assert BASE.on_day(25).for_strategy(None) is BASE
    cheap = BASE.for_strategy("cheap").on_day(22)
    assert (cheap.merchants[0].plan.budget_per_day, cheap.logistics.capacity) == (600, 80)


def test_later_events_win() -> None:
    text = GOOD.replace("{logistics.capacity: {scale: 0.4}}", "{logistics.freight: 3}")
    made = load(text)
    assert [made.on_day(day).logistics.freight for day in (19, 20, 25, 31)] == [6, 3, 9, 9]


def test_events_after_the_horizon_are_checked_all_the_same() -> None:
    made = load(GOOD, set={"market.days": 22})
    assert made.change_days == [20]
    with pytest.raises(ScenarioError, match="did you mean 'freight'"):
        load(GOOD.replace("logistics.freight: 9", "logistics.fright: 9"), set={"market.days": 22})


def test_scenarios_travel() -> None:
    for made in (BASE, BASE.for_strategy("blast"), BASE.on_day(25), load(GOOD, set={"market.days": 40})):
        there: Scenario = pickle.loads(pickle.dumps(made))
        assert there.resolved() == made.resolved()
        assert (there.strategy, there.base_dir, there.settings) == (made.strategy, made.base_dir, made.settings)
        assert there.for_strategy("cheap").resolved() == made.for_strategy("cheap").resolved()
        assert there.on_day(20).resolved() == made.on_day(20).resolved()
    with pytest.raises(Exception, match="frozen"):
        BASE.market.days = 3  # type: ignore[misc]


class EchoParams(MechanismParams):
    """A mechanism of somebody else."""

    loudness: float = quantity(0.5, "How loud.", ge=0, le=1)


def test_a_mechanism_of_ones_own_has_its_place() -> None:
    registry = Registry(params={"echo": EchoParams})
    made = load(GOOD.replace("mechanisms:", "mechanisms:\n  echo: {loudness: 0.7}"), registry=registry)
    assert made.with_set({"mechanisms.echo.loudness": 0.9}).mechanisms.echo.loudness == 0.9  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(made)).resolved() == made.resolved()
    assert isinstance(made, Scenario)
    with pytest.raises(ScenarioError, match="loudness: must be <= 1"):
        made.with_set({"mechanisms.echo.loudness": 2})
    with pytest.raises(ScenarioError, match=r"mechanisms\.echo: unknown key"):
        load(GOOD.replace("mechanisms:", "mechanisms:\n  echo: {}"))
