"""Any market somebody may write down lives its days without breaking a law of money, goods, groups or ranges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from city import everything
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import catalogue, load
from sim.market import Market
from sim.state.ledger import ESCROW, REASON
from sim.state.records import OPEN, PAID, RECEIVED, RESERVED, SHIPPED

Plain = dict[str, Any]
DAYS = 30
CATEGORIES, SEGMENTS, PLATFORMS, MERCHANTS = ("tea", "soap"), ("young", "mid", "old"), ("notes", "film", "mart"), "ABC"

share = st.floats(0, 1, allow_subnormal=False)
some = st.floats(0.2, 3, allow_subnormal=False)


def fields(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Plain]:
    """A mapping with all of the one and any of the other."""
    return st.fixed_dictionaries(required, optional=optional)


mix = st.dictionaries(st.sampled_from(["ads", "kol", "koc", "community"]), some, min_size=1)
coupon = fields({"value": st.floats(1, 60)}, {"min_spend": st.floats(0, 100)})
group = fields({"size": st.integers(2, 6)}, {"hours": st.floats(1, 100), "discount": st.floats(0, 0.6)})
kol = fields({}, {"hype": st.floats(0, 2), "tiers": st.just({"nano": 1.0, "star": 0.5})})
koc = fields({"policy": st.sampled_from(["random", "degree", "community", "greedy"])}, {"reward": st.floats(0, 50)})
ads = fields({}, {"bid": st.floats(1, 500), "target": st.sampled_from(["broad", "interest"])})
levers = {
    "budget_per_day": st.floats(0, 400), "mix": mix, "discount": st.floats(0, 0.8), "coupon": coupon, "group": group,
    "ads": ads, "kol": kol, "koc": koc, "pushes_per_week": st.floats(0, 14),
}  # fmt: skip
until = st.sampled_from(["stock < 20", "roas < 1.5", "members >= 3", "buyers >= 10"])
phase = fields({"from_day": st.integers(0, 20)}, levers | {"until": until})
plan = fields({}, levers | {"total": st.floats(0, 5000), "phases": st.lists(phase, max_size=3)})
initial = fields({}, {"aware": share, "buyers": share, "reviews": st.floats(0, 500), "rating": st.floats(1, 5)})
product = fields(
    {"category": st.sampled_from(CATEGORIES), "price": st.floats(1, 300)},
    {
        "unit_cost": st.floats(0, 200), "quality": share, "quality_spread": share, "advertised_quality": share,
        "fit_uncertainty": share, "cycle_days": st.floats(0, 60), "inventory": st.integers(0, 200),
        "durable": st.booleans(), "appeal": st.floats(-3, 5), "enters": st.integers(0, DAYS - 1),
        "delivery_days": st.floats(0, 20), "initial": initial,
    },
)  # fmt: skip
merchant = fields(
    {"products": st.lists(product, min_size=1, max_size=3)}, {"cash": st.floats(-1000, 1000), "plan": plan}
)
segment = fields({"share": some}, {"income": st.floats(300, 20_000), "activity": some, "price_sensitivity": some})
platform = fields(
    {"activity": share},
    {"fee": st.floats(0, 0.5), "feed_length": st.floats(0, 150), "commercial_load": share, "group_buy": st.booleans(),
     "open_list": st.booleans(), "theta_pop": st.floats(0, 1.5), "rest_of_market": st.floats(0, 20),
     "explore": share, "personalisation": share},
)  # fmt: skip
tier = fields({"followers": st.floats(1, 2000), "count": st.integers(1, 5)}, {"platform": st.just("notes")})
network = st.one_of(
    fields({"kind": st.just("community"), "mean_degree": st.floats(1, 12)}, {}),
    st.just({"kind": "well_mixed"}),
    st.just({"kind": "networkx", "generator": "watts_strogatz_graph", "args": {"k": 4, "p": 0.2}}),
)
mechanisms = fields(
    {"choice": fields({"appeal": st.floats(-2, 3)}, {"tastes": st.sampled_from(["normal", "dirichlet"])})},
    {
        "checkout": st.just({"stockout": "tomorrow"}), "group_buy": st.just({"platform_completes": True}),
        "sharing": fields({}, {"rule": st.just("percolation"), "incentive": st.floats(0, 20), "share_rate": share}),
        "seeding": fields({"author_share": share}, {"note_rate": share, "sample_lag": st.integers(0, 9)}),
        "community": fields({}, {"join": share, "staff_cost": st.floats(0, 2), "opt_out": share}),
        "awareness": fields({"rule": st.sampled_from(["contact", "hazard"])}, {}),
        "delivery": fields({}, {"return_days": st.integers(0, 20), "return_base": st.floats(-5, 3)}),
    },
)  # fmt: skip
changes = st.sampled_from([
    {"logistics.capacity": 3}, {"logistics.delivery_days": {"scale": 4}}, {"platforms.*.fee": {"add": 0.2}},
    {"merchants.*.plan.budget_per_day": {"scale": 3}}, {"merchants.*.products.*.price": {"scale": 0.5}},
    {"merchants.*.products.*.quality": 0.1}, {"mechanisms.clicks.ctr0": 0.5}, {"merchants.A.plan.group": {"size": 2}},
])  # fmt: skip
event = fields({"day": st.integers(0, DAYS - 1), "change": changes}, {"days": st.integers(1, 20)})


@st.composite
def scenarios(draw: st.DrawFn) -> Plain:
    """A valid scenario of at most 400 consumers."""

    def named(names: Any, items: list[Plain]) -> list[Plain]:
        return [{"name": name} | item for name, item in zip(names, items, strict=False)]

    merchants = named(MERCHANTS, draw(st.lists(merchant, min_size=1, max_size=3)))
    for item in merchants:
        item["products"] = named(("p", "q", "r"), item["products"])
        phases = item.get("plan", {}).get("phases")
        if phases:
            item["plan"]["phases"] = named(("one", "two", "three"), phases)
    return {
        "market": {"consumers": draw(st.integers(13, 400)), "days": DAYS, "warmup": draw(st.sampled_from([0, 0, 5]))},
        "network": draw(network),
        "categories": [{"name": n, "reference_price": draw(st.floats(5, 200)), "occasions_per_year": draw(
            st.floats(0, 120))} for n in CATEGORIES],
        "segments": named(SEGMENTS, draw(st.lists(segment, min_size=1, max_size=3))),
        "platforms": named(PLATFORMS, draw(st.lists(platform, min_size=1, max_size=3))),
        "creators": named(("nano", "star"), [draw(tier), draw(tier)]),
        "merchants": merchants,
        "focal": "A",
        "logistics": draw(fields({}, {"capacity": st.floats(0, 50), "delivery_days": st.floats(0, 4),
                                      "delivery_spread": share, "freight": st.floats(0, 20)})),
        "mechanisms": draw(mechanisms),
        "events": named(("storm", "flood"), draw(st.lists(event, max_size=2))),
    }  # fmt: skip


def laws(market: Market) -> None:
    """Laws told again in other words than those of sim.state.invariants, and what the reports must satisfy."""
    ledger, orders = market.ledger, market.state.table("orders").rows
    bought = orders[orders["sample"] == 0]
    flow = market.book.flow.sum(axis=(0, 2))
    assert ledger.balance.sum() == 0
    live = np.isin(bought["status"], (RESERVED, PAID, SHIPPED, RECEIVED))
    assert ledger.balance[ESCROW] == bought["price"][live].astype(np.int64).sum()
    assert (flow >= 0).all()
    assert (bought["price"] > 0).all()
    assert len(np.unique(bought["key"])) == len(bought), "no order has the key of another"
    delivered = bought["delivered_day"] > -30000
    assert (bought["delivered_day"][delivered] >= bought["shipped_day"][delivered]).all()
    assert (bought["shipped_day"][delivered] >= bought["paid_day"][delivered]).all()
    groups = market.state.table("groups").rows
    assert (groups["members"][groups["status"] == OPEN] < groups["size"][groups["status"] == OPEN]).all()
    for name, values in market.state.columns.items():
        if values.dtype.kind == "f":
            assert np.isfinite(values).all(), name
    for values in (market.book.worth, market.book.surplus, market.book.mood):
        assert np.isfinite(values).all()
    summary = market.tables()["summary"]
    for name in ("ctr", "return_rate", "group_completion", "singleton_share", "fatigue", "trust"):
        value = summary[name]
        assert np.isnan(value) or 0.0 <= value <= 1.0, name
    for name in ("gmv", "orders", "impressions", "clicks", "new_buyers", "marketing_spend"):
        assert summary[name] >= 0, name


def live(scenario: Plain, days: int = DAYS, seed: int = 1, **settings_: Any) -> Market:
    """A market whose invariants are checked every day, ``days`` old, and its laws hold."""
    market = Market(load(scenario, set=settings_ or None), seed=seed, check=True)
    while market.day < days:
        market.step()
    laws(market)
    return market


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(scenario=scenarios(), seed=st.integers(0, 2**32 - 1))
def test_any_market_keeps_the_laws(scenario: Plain, seed: int) -> None:
    live(scenario, seed=seed)


# ------------------------------------------------------------------------------------------------- next to nothing


def town(**changes: Any) -> Plain:
    """One merchant, one product, 200 people who need it often."""
    return {
        "market": {"consumers": 200, "days": DAYS},
        "network": {"mean_degree": 6},
        "categories": [{"name": "tea", "reference_price": 50, "occasions_per_year": 60}],
        "creators": [{"name": "nano", "count": 4, "followers": 40}],
        "merchants": [{
            "name": "A",
            "products": [{"name": "p", "category": "tea", "price": 45, "unit_cost": 10, "initial": {"aware": 0.8}}],
            "plan": {"budget_per_day": 50, "mix": {"ads": 1, "kol": 1, "koc": 1, "community": 1}, "group": {"size": 3}},
        }],
    } | changes  # fmt: skip


PRODUCT = "merchants.A.products.p."


def test_the_town_is_alive() -> None:
    assert live(town()).tables()["summary"]["orders"] > 20


@pytest.mark.parametrize("consumers", [1, 2, 3])
def test_a_handful_of_consumers(consumers: int) -> None:
    market = live(town(market={"consumers": consumers, "days": DAYS}, network={"kind": "well_mixed"}))
    assert len(market.consumers.frame()) == consumers


@pytest.mark.parametrize("kind", ["well_mixed", "community"])
def test_one_consumer_without_friends(kind: str) -> None:
    network = {"kind": kind} | ({"mean_degree": 0.5} if kind == "community" else {})
    market = live(town(market={"consumers": 1, "days": DAYS}, network=network))
    assert len(market.consumers[0].friends) == 0


def test_no_product_is_on_sale_before_the_last_day() -> None:
    market = live(town(), days=DAYS - 1, **{PRODUCT + "enters": DAYS - 1})
    assert market.tables()["summary"]["orders"] == 0
    market.step()
    laws(market)


def test_nobody_can_afford_it() -> None:
    market = live(town(), **{PRODUCT + "price": 10_000_000})
    assert market.tables()["summary"]["orders"] == 0
    assert market.tables()["summary"]["impressions"] > 0


def test_there_is_nothing_in_stock() -> None:
    market = live(town(), **{PRODUCT + "inventory": 0})
    summary = market.tables()["summary"]
    assert summary["orders"] == summary["gmv"] == 0


def test_a_little_stock_is_sold_to_the_last_unit() -> None:
    market = live(town(), **{PRODUCT + "inventory": 7})
    orders = market.state.table("orders").rows
    assert ((orders["sample"] == 1) | (orders["paid_day"] > -30000)).sum() >= 7


def test_a_merchant_without_a_budget() -> None:
    summary = live(town(), **{"merchants.A.plan.budget_per_day": 0}).tables()["summary"]
    assert summary["marketing_spend"] == 0
    assert summary["orders"] > 0


def test_a_purse_for_the_whole_horizon_is_never_overdrawn() -> None:
    """What is bought with it, that is; commission and the rewards of notes follow success."""
    market = live(town(), **{"merchants.A.plan.total": 120.5})
    spent = market.book.flow[:, [REASON[r] for r in ("ads", "slot_fee", "sample", "community")]].sum()
    assert 0 < spent <= 12_050


@pytest.mark.parametrize("name", [n for n in catalogue.BUILT_IN if n != "planning"])
def test_every_mechanism_can_be_missing(name: str) -> None:
    live(town(), days=12, **{f"mechanisms.{name}.enabled": False})


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), price=st.floats(20, 120), budget=st.floats(0, 3000))
def test_all_mechanisms_at_once_keep_the_laws(seed: int, price: float, budget: float) -> None:
    """Money and goods are conserved, points are owed to those who hold them, every day, with everything switched on."""
    scenario = everything(**{"merchants.Leaf.products.green.price": price,
                             "merchants.Leaf.plan.budget_per_day": budget, "market.consumers": 400})
    market = Market(scenario, seed=seed, check=True)
    while market.day < 25:
        market.step()
    laws(market)
    flow = market.book.flow.sum(axis=(0, 2))
    busy = ("sale", "settlement", "region", "service", "verification", "member_fee", "points_earned", "live_host")
    assert min(flow[REASON[r]] for r in busy) > 0 or budget < 200


def test_all_mechanisms_can_be_missing() -> None:
    names = [n for n in catalogue.BUILT_IN if n != "planning"]
    market = live(town(), days=5, **{f"mechanisms.{n}.enabled": False for n in names})
    assert market.tables()["summary"]["orders"] == 0


@pytest.mark.parametrize("path", ["platforms.*.activity", "segments.*.activity", "mechanisms.clicks.ctr0"])
def test_nobody_looks(path: str) -> None:
    clicks = live(town(platforms=[{"name": "notes"}], segments=[{"name": "all"}]), **{path: 0}).tables()["summary"]
    assert clicks["clicks"] == 0
