"""The books of whole markets: every table of money is over the same orders, and the sums agree to the fen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from city import lived, plain

from sim.experiments.result import RunResult
from sim.metrics import KNOWN, METRICS
from sim.metrics.money import break_even_orders, break_even_price
from sim.scenario.measures import MARKET_WIDE, OF_CHANNEL, OF_PRODUCT

FEN = 0.02
"""Sums of floats that are exact in fen agree this closely, yuan."""

EVENTS = [
    {
        "name": "dearer", "day": 9, "days": 11,
        "change": {
            "logistics.freight": 9, "platforms.notes.fee": 0.2, "creators.*.commission": 0.35,
            "mechanisms.delivery.salvage": 0.9, "merchants.Leaf.products.green.unit_cost": 22,
            "merchants.Leaf.products.black.unit_cost": 33, "merchants.Leaf.products.green.price": 50,
        },
    }
]  # fmt: skip

WORLDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "costs change": {"events": EVENTS},
    "one day": {"market": {"consumers": 900, "days": 1}},
    "parcels queue": {"logistics": {"capacity": 12}, "mechanisms": {"sharing": {"incentive": 5}}},
    "no delivery": {"mechanisms": {"delivery": {"enabled": False}}},
    "many months": {"market": {"consumers": 300, "days": 130, "ltv_days": 45, "discount_rate": 0.5, "tax_rate": 0.2}},
    "warmed up": {"market": {"consumers": 900, "days": 40, "warmup": 20}, "events": EVENTS},
}


def world(name: str) -> dict[str, Any]:
    """One of the worlds, with much of one product left over and losing value, some of it held for open groups."""
    made = plain(**WORLDS[name])
    made["merchants"][0]["plan"]["group"]["products"] = []
    made["merchants"][0]["products"][1] |= {"inventory": 600, "spoilage": 0.4}
    return made


@pytest.fixture(scope="module", params=list(WORLDS))
def run(request: pytest.FixtureRequest) -> RunResult:
    """A run of a world with its orders kept."""
    result: RunResult = lived(world(request.param), orders=True).result()
    result.meta["world"] = request.param
    return result


def test_profit_is_the_sum_of_the_statement(run: RunResult) -> None:
    """The gain of worth, read off the ledger, equals what the orders leave less marketing and write-off."""
    for owner in ("Leaf", "Foam"):
        s = {name.partition("@")[0]: value for name, value in run.summary.items() if str(name).endswith(owner)}
        assert s["order_margin"] == pytest.approx(
            s["gmv"] - s["refunds"] - s["refunds_expected"] - s["goods_cost"] - s["platform_fees"] - s["freight_cost"]
        )
        spent = ("ads_spend", "slot_fees", "commissions", "samples_cost", "share_rewards", "community_cost",
                 "live_cost")
        assert s["marketing_spend"] == pytest.approx(sum(s[name] for name in spent))
        assert s["contribution_margin"] == pytest.approx(s["order_margin"] - s["marketing_spend"])
        left = s["contribution_margin"] - s["operations"] + s["subsidies"] - s["write_off"]
        assert s["profit"] == pytest.approx(left + s["carried_over"], abs=FEN)
        assert s["profit_after_tax"] == pytest.approx(s["profit"] - s["tax"])
        if run.meta["world"] != "warmed up":
            assert abs(s["carried_over"]) < FEN
    assert run.daily["cumulative_profit"].iloc[-1] == pytest.approx(run.summary["profit"])


def test_gmv_shrinks_from_paid_to_shipped_to_settled(run: RunResult) -> None:
    orders, s = run.orders, run.summary
    assert orders is not None
    mine = orders[orders["product"].str.startswith("Leaf.") & (orders["paid_day"] >= 0)]
    if run.meta["world"] != "warmed up":  # the table of orders begins with those placed on day 0
        assert s["gmv"] == pytest.approx(mine["price_paid"].sum())
        assert s["gmv_settled"] == pytest.approx(mine.loc[mine["status"] == "settled", "price_paid"].sum())
        assert s["gmv_shipped"] == pytest.approx(mine.loc[mine["status"] != "paid", "price_paid"].sum())
        assert s["net_sales"] == pytest.approx(mine.loc[~mine["returned"], "price_paid"].sum())
    assert s["gmv"] >= s["gmv_shipped"] >= s["gmv_settled"]
    assert s["gmv"] >= s["net_sales"] >= s["gmv_settled"]
    if run.meta["world"] == "parcels queue":
        assert s["gmv"] > s["gmv_shipped"] > s["gmv_settled"] > 0


def test_channels_sum_to_the_merchant_by_either_touch(run: RunResult) -> None:
    s, table = run.summary, run.channels
    assert table["spend"].sum() == pytest.approx(s["marketing_spend"])
    for touch in ("last", "first"):
        assert table[f"orders_{touch}_touch"].sum() == s["orders"]
        assert table[f"gmv_{touch}_touch"].sum() == pytest.approx(s["gmv"])
        assert table[f"contribution_{touch}_touch"].sum() == pytest.approx(s["contribution_margin"])
        paid = table[table["spend"] > 0]
        np.testing.assert_allclose(paid[f"roas_{touch}_touch"] * paid["spend"], paid[f"gmv_{touch}_touch"])
        np.testing.assert_allclose(paid[f"roi_{touch}_touch"] * paid["spend"], paid[f"contribution_{touch}_touch"])
        assert table.loc[table["spend"] == 0, [f"roas_{touch}_touch", f"roi_{touch}_touch"]].isna().all(axis=None)


def test_days_sum_to_the_run(run: RunResult) -> None:
    for name in ("gmv", "orders", "new_buyers", "marketing_spend", "impressions", "clicks", "consumer_surplus"):
        assert run.daily[name].sum() == pytest.approx(run.summary[name]), name
    cash = run.daily["cash"].to_numpy()
    assert run.summary["cash_low"] == cash.min()
    assert run.summary["cash_low_day"] == cash.argmin()


def test_cohorts_sum_to_the_run(run: RunResult) -> None:
    s, table = run.summary, run.cohorts
    assert table["orders"].sum() == s["orders"]
    assert table["contribution"].sum() == pytest.approx(s["order_margin"])
    won = table[table["cohort"] >= 0]
    assert won.loc[won["month"] == 0, "buyers"].sum() == s["new_buyers"]
    assert (table["active"] <= table[["buyers", "orders"]].min(axis=1)).all()
    first = won[won["month"] == 0]
    assert (first["active"] == first["buyers"]).all(), "month 0 begins with the first order"


def test_cohorts_as_counted_by_hand() -> None:
    made = lived(world("many months"), orders=True)
    result = made.result()
    orders = result.orders[result.orders["product"].str.startswith("Leaf.") & (result.orders["paid_day"] >= 0)]
    first_ever = made.state.columns["first_order"][:, made.world.merchants.index("Leaf")]
    expected: dict[tuple[int, int], list[int]] = {}
    for who, own in orders.groupby("consumer"):
        if first_ever[who] < 0:
            continue
        start = int(own["paid_day"].min())
        for day in own["paid_day"]:
            expected.setdefault((start // 30, (int(day) - start) // 30), []).append(int(who))
    table = result.cohorts[result.cohorts["cohort"] >= 0].set_index(["cohort", "month"])
    for cell, row in table.iterrows():
        people = expected.get(cell, [])
        assert row["orders"] == len(people)
        assert row["active"] == len(set(people))
        assert row["observed"] == (30 * cell[0] + 29 + 30 * (cell[1] + 1) <= 130)
    assert set(expected) <= set(table.index)
    assert table["observed"].sum() == 3 + 2 + 1, "130 days show whole 3 months of the first cohort"


def _margins_by_hand(orders: pd.DataFrame) -> pd.Series:
    """What each order of Leaf leaves, from the city's plain figures; returns at 60 % salvage and half the freight."""
    cost = orders["product"].map({"Leaf.green": 15.0, "Leaf.black": 20.0})
    regained = orders["product"].map({"Leaf.green": 9.0, "Leaf.black": 20.0}) - 3.0
    done = orders.assign(there=orders["delivered_day"] >= 0).groupby("product")[["there", "returned"]].sum()
    rate = orders["product"].map((done["returned"] + 1.2) / (done["there"] + 10.0))
    back = rate.where(orders["status"].isin(["paid", "shipped"]), 0.0).where(~orders["returned"], 1.0)
    fee = orders["price_paid"] * orders["platform"].map({"notes": 0.05, "film": 0.1})
    fee = fee.where(orders["status"] != "settled", (100.0 * fee).round() / 100.0)
    left: pd.Series = (orders["price_paid"] - fee) * (1.0 - back) - cost + back * regained - 6.0
    return left


def test_value_of_a_buyer_by_hand() -> None:
    made = lived(world("many months"), orders=True)
    result = made.result()
    orders = result.orders[result.orders["product"].str.startswith("Leaf.") & (result.orders["paid_day"] >= 0)]
    left = _margins_by_hand(orders)
    assert left.sum() == pytest.approx(result.summary["order_margin"])
    first_ever = made.state.columns["first_order"][:, made.world.merchants.index("Leaf")]
    values = []
    for who, own in orders.groupby("consumer"):
        start = int(own["paid_day"].min())
        if first_ever[who] >= 0 and start + 45 <= 130:
            age = own["paid_day"] - start
            values.append(float((left[own.index] * 1.5 ** (-age / 365.25))[age < 45].sum()))
    assert len(values) > 100
    assert result.summary["ltv_buyers"] == len(values)
    assert result.summary["ltv"] == pytest.approx(float(np.mean(values)))
    assert result.summary["ltv_to_cac"] == pytest.approx(result.summary["ltv"] / result.summary["cac"])


def test_a_value_nobody_was_observed_for_is_not_a_number() -> None:
    summary = lived(world("plain")).result().summary
    assert np.isnan(summary["ltv"])
    assert np.isnan(summary["ltv_to_cac"])
    assert summary["ltv_buyers"] == 0


def test_stock_left_is_what_was_not_sold_or_given_away() -> None:
    made = lived(world("plain"))
    result, orders = made.result(), made.state.table("orders").rows
    black = made.world.product_names.index("Leaf.black")
    gone = orders[(orders["product"] == black) & (orders["paid_day"] >= 0)]
    given = orders[(orders["product"] == black) & (orders["sample"] == 1)]
    back = (gone["status"] == 4).sum()
    left = 600 - (gone["sample"] == 0).sum() - len(given) + back
    assert result.summary["stock_left"] == left
    assert result.summary["stock_at_risk"] == pytest.approx(20.0 * left)
    assert result.summary["write_off"] == pytest.approx(0.4 * 20.0 * left)
    assert len(given) > 0, "samples out of stock are marketing spend"


def test_weight_multiplies_amounts_and_leaves_prices_and_ratios() -> None:
    market = {"consumers": 400, "days": 35, "ltv_days": 20}
    one, ten = (lived(plain(market=market | {"weight": weight})).result() for weight in (1, 10))
    for name in METRICS:
        per_head = METRICS[name].unit not in ("yuan", "people", "orders", "units", "times", "shares", "groups")
        same = per_head or name in ("cac", "ltv", "ltv_buyers", "break_even_price", "aov", "cpm", "member_gap",
                                     "community_gap")
        assert ten.summary[name] == pytest.approx(one.summary[name] * (1 if same else 10), nan_ok=True), name
    assert ten.cohorts["orders"].sum() == ten.summary["orders"] == 10 * one.summary["orders"]


def test_break_even_in_closed_form() -> None:
    """100 orders at 50 yuan: 10 % are fees, 20 yuan an order are goods and freight, 1,000 yuan are fixed."""
    price = break_even_price(gmv=5_000, of_price=4_500, costs=100 * 20 + 1_000, orders=100)
    assert price == pytest.approx((20 + 10) / 0.9)
    assert 100 * (0.9 * price - 20) == pytest.approx(1_000), "at that price nothing is left and nothing is missing"
    volume = break_even_orders(fixed=1_000, kept=4_500 - 2_000, orders=100)
    assert volume == 40
    assert volume * (0.9 * 50 - 20) == pytest.approx(1_000)
    assert np.isnan(break_even_orders(fixed=1_000, kept=-1, orders=100))
    assert np.isnan(break_even_orders(fixed=1_000, kept=0, orders=0))
    assert np.isnan(break_even_price(gmv=5_000, of_price=-1, costs=1, orders=100))
    assert break_even_orders(fixed=0, kept=10, orders=100) == 0


def test_a_market_at_its_break_even_price_has_no_contribution() -> None:
    """Orders fixed, price moved: contribution at the break-even price, from the lines of the statement, is zero."""
    s = lived(world("plain")).result().summary
    kept = (s["gmv"] - s["refunds"] - s["refunds_expected"] - s["platform_fees"] - s["commissions"]) / s["gmv"]
    fixed = s["marketing_spend"] - s["commissions"]
    at = s["break_even_price"] * s["orders"] * kept - s["goods_cost"] - s["freight_cost"] - fixed
    assert at == pytest.approx(0, abs=FEN)
    each = (s["order_margin"] - s["commissions"]) / s["orders"]
    assert s["break_even_orders"] * each == pytest.approx(fixed)


def test_tax_is_a_line_of_its_own_and_never_negative() -> None:
    low, high = (lived(plain(market={"consumers": 900, "days": 40, "tax_rate": r})).result().summary for r in (0, 0.25))
    assert low["profit"] == high["profit"] > 0, "profit is before tax"
    assert high["tax"] == pytest.approx(0.25 * high["profit"])
    poor = plain(market={"consumers": 900, "days": 5, "tax_rate": 0.25})
    poor["merchants"][0]["products"][0]["unit_cost"] = 100
    loss = lived(poor).result().summary
    assert loss["profit"] < 0
    assert loss["tax"] == 0
    assert loss["profit_after_tax"] == loss["profit"]


def test_tables_have_the_columns_that_outcomes_may_name(run: RunResult) -> None:
    assert set(METRICS) == {str(name) for name in run.summary.index if "@" not in str(name)}
    of_merchants = {str(name).partition("@")[0] for name in run.summary.index if "@" in str(name)}
    assert of_merchants == set(METRICS) - MARKET_WIDE
    assert set(run.channels.columns) - {"channel"} == OF_CHANNEL
    assert set(run.products.columns) >= OF_PRODUCT
    assert set(KNOWN) >= OF_CHANNEL | OF_PRODUCT
    assert run.outcome("roi_last_touch@ads") == run.channels.set_index("channel")["roi_last_touch"]["ads"]
    assert run.outcome("sold@Leaf.black") == run.products.set_index("name")["sold"]["Leaf.black"]
