"""Friends paid for friends: closed forms of the rules, who is owed what, what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

import sim
import sim.market
from sim.contract import CHANNEL, COUNT, ScenarioError
from sim.market import Market
from sim.mechanisms.distribution import tree
from sim.metrics.summary import gini
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.referral import links_seen_before_mute, take_probability, way_cut
from sim.state.ledger import REASON
from sim.state.records import RETURNED, SETTLED

PLAN = "merchants.A.plan."
ON = {"referral": {"enabled": True}, "bargain": {"enabled": True}, "distribution": {"enabled": True}}
TOWN: dict[str, Any] = {
    "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml", "presets/platforms/group_buy.yaml"],
    "name": "town",
    "market": {"consumers": 1500, "days": 40},
    "mechanisms": ON,
    "merchants": [{
        "name": "A",
        "products": [{"name": "x", "category": "beauty", "price": 120, "unit_cost": 40,
                      "initial": {"aware": 0.3, "buyers": 0.05, "reviews": 50}}],
        "plan": {"budget_per_day": 100, "mix": {"ads": 1}},
    }],
}  # fmt: skip
ALL = {
    PLAN + "referral": {"inviter_reward": 20, "invitee_reward": 10, "gift_reward": 5},
    PLAN + "bargain": {"cut": 0.5, "shrink": 0.6},
    PLAN + "distribution": {"commissions": [0.2, 0.1]},
    "mechanisms.referral.gift_rate": 0.2,
    "mechanisms.distribution.willing": -1,
    "mechanisms.distribution.posts_per_week": 7,
}


def lived(seed: int = 3, **settings: Any) -> Market:
    market = Market(TOWN, seed=seed, check=True, **settings)
    market.run()
    return market


@pytest.fixture(scope="module")
def full() -> Market:
    """A town where all three programmes run."""
    return lived(**ALL)


# ------------------------------------------------------------------------------------------------------- the rules


def test_helpers_needed_solve_the_geometric_series() -> None:
    for cut, shrink in ((0.3, 0.8), (0.2, 0.85), (0.25, 1.0), (1.0, 0.5)):
        needed = next(k for k in range(100) if way_cut(k, cut, shrink) >= 1.0)
        law = 1 / cut if shrink == 1.0 else math.log(1 - (1 - shrink) / cut) / math.log(shrink) if cut < 1 else 1.0
        assert needed == math.ceil(law - 1e-9)
        cuts = np.diff([way_cut(k, cut, shrink) for k in range(needed)])
        np.testing.assert_allclose(cuts[1:] / cuts[:-1], shrink)


def test_reward_is_worth_what_a_price_cut_is_worth() -> None:
    odds = [p / (1 - p) for p in (take_probability(-2.5, 2.5, g) for g in (0.0, 0.1))]
    assert odds[0] == pytest.approx(math.exp(-2.5))
    assert odds[1] / odds[0] == pytest.approx(math.exp(0.25))


def test_muting_is_geometric() -> None:
    luck = np.array([uniform(entity_key(day_key(1, Stream.MUTE, 0), k), 0) for k in range(20_000)])
    seen = np.array([min(30.0, links_seen_before_mute(u, 0.05)) for u in luck])
    law = (1 - 0.95**30) / 0.05
    assert abs(seen.mean() - law) < 3 * seen.std() / math.sqrt(len(seen))
    assert abs(seen.mean() - (1 - 0.9**30) / 0.1) > 3
    assert links_seen_before_mute(0.5, 0.0) == math.inf
    assert links_seen_before_mute(0.5, 1.0) == 1.0


def test_gini_and_trees_by_hand() -> None:
    assert gini(np.ones(7)) == pytest.approx(0)
    assert gini(np.array([0.0, 0.0, 0.0, 8.0])) == pytest.approx(0.75)
    assert np.isnan(gini(np.zeros(3)))
    upline = np.array([-1, 0, 1, 0, -1, -1], np.int32)
    levels, people = tree(np.array([1, 1, 1, 1, 1, 0], bool), upline)
    assert levels.tolist() == [3, 1]
    assert people.tolist() == [4, 1]


# --------------------------------------------------------------------------------------------------- the mechanisms


def test_bargains_reach_the_floor_as_a_binomial_tail() -> None:
    """Everybody has 12 friends, asks all of them, each helps w.p. .3; cuts of .3, .24, ... need five helpers."""
    market = lived(**{
        PLAN + "bargain": {"floor": 0.6, "hours": 300}, "mechanisms.bargain.invites": 12,
        "mechanisms.bargain.noticed": 1,
        "market.consumers": 3000, "mechanisms.bargain.reply_hours": 0.01, "mechanisms.choice.impulse_appeal": -1,
        "network": {"kind": "networkx", "generator": "random_regular_graph", "args": {"d": 12}}})  # fmt: skip
    rows = market.mechanisms["bargain"].begun.rows  # type: ignore[attr-defined]
    law = float(stats.binom.sf(4, 12, 0.3))
    assert len(rows) > 150
    assert (rows["asked"] == 12).all()
    hits = (rows["way"] >= 1).mean()
    assert abs(hits - law) < 3 * math.sqrt(law * (1 - law) / len(rows))
    assert abs(hits - stats.binom.sf(3, 12, 0.3)) > 3 * math.sqrt(law * (1 - law) / len(rows))
    assert (rows["price"][rows["way"] >= 1] == 7200).all()
    orders = market.state.table("orders").rows
    cheap = orders[orders["price"] < 12_000]
    assert len(cheap) == rows["ordered"].sum() > 0
    assert (cheap["last_touch"] == CHANNEL["referral"]).all()
    assert (rows["ordered"][rows["helpers"] == 0] == 0).all()


def test_rewards_are_paid_for_settled_first_orders_and_no_others(full: Market) -> None:
    won, orders = full.mechanisms["referral"].won.rows, full.state.table("orders").rows  # type: ignore[attr-defined]
    status = orders["status"][won["order"]]
    assert (won["paid"][status == RETURNED] == 2).all()
    assert not won["paid"][(status != RETURNED) & (status != SETTLED)].any()
    paid = won[won["paid"] == 1]
    assert len(paid) > 5
    assert set(paid["r1"]) <= {2000, 500}
    assert set(paid["r2"]) <= {1000, 0}
    assert full.book.flow[:, REASON["referral"]].sum() == paid["r1"].sum() + paid["r2"].sum()
    first = won[won["first"] == 1]
    assert len(np.unique(first["friend"])) == len(first)
    found = full.state.columns["first_order"][first["friend"], 0]
    np.testing.assert_array_equal(found, orders["paid_day"][first["order"]])


def test_inviters_have_bought_and_invite_friends_only(full: Market) -> None:
    won, net = full.mechanisms["referral"].won.rows, full.network  # type: ignore[attr-defined]
    for row in won[won["first"] == 1]:
        i = row["inviter"]
        assert full.state.columns["orders_with"][i, 0] > 0
        assert row["friend"] in net.indices[net.indptr[i] : net.indptr[i + 1]]


def test_a_cap_limits_what_one_person_is_paid_for() -> None:
    terms = {"inviter_reward": 60, "invitee_reward": 30, "first_order_gate": False}
    free, capped = (lived(**{PLAN + "referral": terms | cap}) for cap in ({}, {"cap": 1}))
    assert free.state.columns["brought"].max() > 1
    assert capped.state.columns["brought"].max() == 1
    assert capped.tables()["summary"]["referral_rewards"] < free.tables()["summary"]["referral_rewards"]


def test_commissions_follow_the_orders(full: Market) -> None:
    """What distributors earned is what the books say, at most two people an order, after the lag."""
    sales = full.mechanisms["distribution"].sales.rows  # type: ignore[attr-defined]
    c, orders = full.state.columns, full.state.table("orders").rows
    assert len(sales) > 20
    assert full.book.flow[:, REASON["distribution"]].sum() == c["sales_paid"].sum() > 0
    price = orders["price"][sales["order"]]
    np.testing.assert_array_equal(sales["first"], np.rint(price * 0.2))
    np.testing.assert_array_equal(sales["second"], np.where(sales["above"] >= 0, np.rint(price * 0.1), 0))
    assert (sales["second"] > 0).any()
    assert (c["distributor"][sales["seller"], 0] == 1).all()
    assert (c["upline"][c["distributor"][:, 0] == 0, 0] == -1).all()
    assert (orders["consumer"][sales["order"]] != sales["seller"]).all()
    done = sales["done"] == 2
    late = orders["delivered_day"][sales["order"]] + 7 + 7
    assert (late[done & (orders["status"][sales["order"]] == SETTLED)] < 40).all()


def test_profit_is_still_the_sum_of_its_lines(full: Market) -> None:
    """Rewards owed for open orders are counted, so nothing is left over."""
    s = full.tables()["summary"]
    assert s["referral_rewards"] > full.book.flow[:, REASON["referral"]].sum() / 100
    assert s["profit"] == pytest.approx(s["contribution_margin"] - s["write_off"], abs=0.02)
    assert full.tables()["daily"]["marketing_spend"].sum() == pytest.approx(s["marketing_spend"])


def test_cutting_the_market_into_blocks_changes_nothing(full: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.market, "BLOCK", 400)
    cut = lived(**ALL, threads=2)
    assert cut.state.table("orders").rows.tobytes() == full.state.table("orders").rows.tobytes()
    np.testing.assert_array_equal(cut.state.columns["sales_paid"], full.state.columns["sales_paid"])


def test_without_a_programme_the_world_is_as_it_was() -> None:
    off = {f"mechanisms.{name}.enabled": False for name in ON}
    with_them, without = lived(), lived(**off)
    assert with_them.state.table("orders").rows.tobytes() == without.state.table("orders").rows.tobytes()
    assert with_them.state.ledger.balance.tolist() == without.state.ledger.balance.tolist()


def test_a_channel_switched_off_invites_nobody() -> None:
    market = lived(**ALL, **{"merchants.A.off": ["referral", "distribution"]})
    orders = market.state.table("orders").rows
    assert not np.isin(orders["last_touch"], (CHANNEL["referral"], CHANNEL["distribution"])).any()
    assert market.book.tally[:, COUNT["invited"]].sum() == 0


@pytest.mark.parametrize(("settings", "said"), [
    ({PLAN + "distribution": {"commissions": [0.1, 0.05, 0.02]}}, "a third level is unlawful"),
    ({PLAN + "distribution": {"commissions": [0.7, 0.4]}}, "must leave some of it"),
    ({PLAN + "distribution": {"open_to_buyers": False}}, "nobody sells"),
    ({PLAN + "referral": {}, "mechanisms.referral.enabled": False}, "set mechanisms.referral.enabled: true"),
    ({PLAN + "referral": {}, "network": {"kind": "well_mixed"}}, "needs ties"),
    ({PLAN + "referral": {"invitee_reward": 120}}, "paid to take the product"),
    ({PLAN + "bargain": {"cut": 0.1, "shrink": 0.8}}, "no number of helpers reaches the floor"),
    ({PLAN + "bargain": {"products": ["y"]}}, "unknown product"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_a_remedy(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        sim.load(TOWN, set=settings)
