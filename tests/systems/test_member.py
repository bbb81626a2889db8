"""Private domain, membership, points, coupons and win-back: closed forms, conservation, paired worlds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim import ScenarioError, load
from sim.market import Market
from sim.rules.favours import Favours, asked_of
from sim.rules.membership import pay_probability, revive_probability, stages
from sim.state.ledger import REASON

Plain = dict[str, Any]


def world(people: int = 1500, days: int = 60, plan: Plain | None = None, **mechanisms: Any) -> Plain:
    """One shop that many have bought at; needs only, so that what is tested is not drowned."""
    return {
        "market": {"consumers": people, "days": days},
        "network": {"mean_degree": 6},
        "categories": [{"name": "tea", "reference_price": 50, "occasions_per_year": 24}],
        "platforms": [{"name": "feed", "activity": 0.6}],
        "merchants": [{
            "name": "Leaf", "cash": 100_000,
            "products": [{"name": "green", "category": "tea", "price": 50, "unit_cost": 15, "quality": 0.7,
                          "initial": {"aware": 0.6, "buyers": 0.3}}],
            "plan": {"budget_per_day": 60, "mix": {"community": 1.0}, **(plan or {})},
        }],
        "mechanisms": {"sharing": {"enabled": False}, "awareness": {"enabled": False}, **mechanisms},
        "focal": "Leaf",
    }  # fmt: skip


ON = {"enabled": True}
POINTS: Plain = {"points": {"earn": 0.05, "redeem": 0.5, "least": 0.5}}
LADDER: Plain = {
    "tiers": [{"name": "silver", "spend": 60, "discount": 0.05, "points": 2},
              {"name": "gold", "spend": 140, "discount": 0.1, "points": 3, "free_freight": True}],
    "postage": 3, **POINTS,
}  # fmt: skip


def lived(scenario: Plain, seed: int = 5, days: int | None = None) -> Market:
    market = Market(load(scenario), seed=seed, check=True)
    for _ in range(days or market.scenario.market.days):
        market.step()
    return market


def near(count: float, n: float, p: float) -> bool:
    return bool(abs(count - n * p) < 4.0 * math.sqrt(n * p * (1 - p)) + 1e-9)


# ------------------------------------------------------------------------------------------------------- the rules


def favours(**changes: Any) -> Favours:
    """One person, one merchant, two tiers."""
    fields: Plain = {
        "on": np.ones(1, bool), "tier": np.ones((1, 1), np.uint8), "member": np.zeros((1, 1), np.uint8),
        "points": np.zeros((1, 1), np.int32), "coupon": np.zeros((1, 1), np.uint16), "cut": np.array([[0.0, 0.1]]),
        "redeem": np.array([[0.0, 0.5]]), "postage": np.array([[300, 0]]), "club": np.zeros(1),
        "least": np.array([100]), "value": np.array([0, 1000]), "min_spend": np.array([0, 4000]),
        "last": np.array([0, 10]),
    }  # fmt: skip
    return Favours(**fields | changes)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, (4500, 0, 0)),
        ({"tier": np.zeros((1, 1), np.uint8)}, (5300, 0, 0)),
        ({"tier": np.zeros((0, 0), np.uint8)}, (5300, 0, 0)),
        ({"club": np.array([0.2]), "member": np.ones((1, 1), np.uint8)}, (4000, 0, 0)),
        ({"coupon": np.ones((1, 1), np.uint16)}, (3500, 0, 1)),
        ({"coupon": np.ones((1, 1), np.uint16), "last": np.array([0, 9])}, (4500, 0, 0)),
        ({"coupon": np.ones((1, 1), np.uint16), "min_spend": np.array([0, 4501])}, (4500, 0, 0)),
        ({"coupon": np.ones((1, 1), np.uint16), "value": np.array([0, 9000])}, (1, 0, 1)),
        ({"points": np.full((1, 1), 99, np.int32)}, (4500, 0, 0)),
        ({"points": np.full((1, 1), 700, np.int32)}, (3800, 700, 0)),
        ({"points": np.full((1, 1), 9000, np.int32)}, (2250, 2250, 0)),
        ({"points": np.full((1, 1), 9000, np.int32), "coupon": np.ones((1, 1), np.uint16)}, (1750, 1750, 1)),
    ],
)
def test_the_price_one_is_asked(changes: Plain, asked: tuple[int, int, int]) -> None:
    """50 yuan: a tenth off for the tier, 10 yuan by coupon above 40 until day 10, half of the rest in points."""
    assert asked_of(0, 0, 5000, 10, favours(**changes)) == asked


def test_stages_by_number_and_day_of_orders() -> None:
    found = stages(100, np.array([0, 1, 3, 1, 2, 5]), np.array([0, 90, 56, 55, 11, 10]), 45, 90)
    assert found.tolist() == [0, 1, 2, 3, 3, 4]


def test_a_fee_is_paid_for_what_is_worth_it() -> None:
    assert pay_probability(100.0, 100.0, -1.0, 2.0) == pytest.approx(1 / (1 + math.e))
    chances = pay_probability(np.array([0.0, 50.0, 100.0, 400.0]), 100.0, -1.0, 2.0)
    assert (np.diff(chances) > 0).all()
    assert revive_probability(0.2, 0.5, -3.0, 5.0, 1.0) == pytest.approx(1 / (1 + math.exp(1.5)))


# ------------------------------------------------------------------------------------------------ points and tiers


@pytest.fixture(scope="module")
def members() -> Market:
    plan = {"membership": LADDER | {"paid": {"fee": 20, "days": 30, "discount": 0.12, "points": 5}}}
    scenario = world(days=80, plan=plan, membership=ON | {"enrol": 0.8, "offered": 1.0})
    return lived(scenario)


def test_points_owed_are_points_held(members: Market) -> None:
    """Earned - spent - lapsed is what the account holds and what people hold: nothing is made or lost."""
    ledger, points = members.ledger, members.state.columns["points"]
    earned, spent = (int(ledger.total[REASON[r], 0]) for r in ("points_earned", "points_spent"))
    assert earned > spent > 0
    assert int(ledger.balance[ledger.points]) == earned - spent == int(points.sum())
    assert int(ledger.balance.sum()) == 0
    summary = members.tables()["summary"]
    assert summary["points_owed"] == pytest.approx(int(points.sum()) / 100)
    assert summary["points_cost"] == pytest.approx(summary["points_owed"])


def test_orders_account_for_the_points_spent(members: Market) -> None:
    orders = members.state.table("orders").rows
    laid = orders["points"][orders["paid_day"] >= 0].astype(int)
    assert laid.sum() == members.ledger.total[REASON["points_spent"], 0]
    assert (laid[laid > 0] >= 50).all()
    goods = orders["price"] + orders["points"]
    assert (orders["points"] <= 0.5 * goods + 1).all()


def test_profit_is_the_sum_of_its_lines(members: Market) -> None:
    s = members.tables()["summary"]
    assert s["member_fees"] > 0
    assert s["carried_over"] == pytest.approx(0.0, abs=0.02)
    lines = s["contribution_margin"] + s["member_fees"] - s["points_cost"] - s["write_off"] + s["carried_over"]
    assert s["profit"] == pytest.approx(lines, abs=0.02)


def test_tiers_follow_kept_spending(members: Market) -> None:
    c = members.state.columns
    tier, spent = c["tier"][:, 0], c["kept_spending"][:, 0]
    assert (spent[tier == 1] < 6000).all()
    assert ((spent[tier == 2] >= 6000) & (spent[tier == 2] < 14_000)).all()
    assert (spent[tier == 3] >= 14_000).all()
    assert all((tier == t).any() for t in (0, 1, 2, 3, 4))
    assert (c["points"][tier == 0] == 0).all()


def test_the_fee_is_paid_once_a_term(members: Market) -> None:
    fees = members.ledger.total[REASON["member_fee"], 0]
    assert fees % 2000 == 0
    until = members.state.columns["paid_until"][:, 0]
    assert fees / 2000 >= (until > -30_000).sum() > 0
    assert (until[members.state.columns["tier"][:, 0] == 4] >= members.day - 1).all()


def test_points_lapse_without_orders() -> None:
    plan = {"membership": {"points": {"earn": 0.1, "redeem": 0.0, "expire_days": 14}}}
    market = lived(world(days=50, plan=plan, membership=ON | {"enrol": 1.0}))
    void = int(market.ledger.total[REASON["points_expired"], 0])
    stirred, points = market.state.columns["stirred"][:, 0], market.state.columns["points"][:, 0]
    assert void > 0
    assert (points[(stirred > -30_000) & (stirred < 49 - 14)] == 0).all()
    assert int(market.ledger.balance[market.ledger.points]) == int(points.sum())


def test_what_came_back_returns_the_points() -> None:
    plan = {"membership": POINTS}
    market = lived(world(days=60, plan=plan, membership=ON | {"enrol": 1.0}, delivery={"return_base": 0.0}))
    rows = market.state.table("orders").rows
    back = rows[(rows["points"] > 0) & (rows["status"] == 4)]
    assert len(back) > 0  # the daily law of the points account has held meanwhile


# ----------------------------------------------------------------------------------------------- coupons, win-back


def crm_world(days: int, valid: int, people: int = 3000, **rule: Any) -> Plain:
    """Everybody has bought, buys at every need, and is due on day 0 or soon after."""
    rules = [{"name": "r", "stage": "new", "coupon": {"value": 10}, "valid_days": valid, **rule}]
    scenario = world(people, days, {"crm": {"rules": rules}, "budget_per_day": 0}, crm=ON | {
        "open_rate": 0.4, "delay_days": 0.0, "at_risk_days": 400, "lapsed_days": 500})  # fmt: skip
    scenario["categories"][0] |= {"occasion_shape": 1e6, "occasions_per_year": 36.525}
    scenario["platforms"][0]["commercial_load"] = 0.0
    scenario["mechanisms"] |= {"choice": {"outside": False, "wallet_share": 1e9},
                               "occasions": {"search_share": 1.0, "impulse": False}, "loyalty": {"enabled": False}}
    scenario["merchants"][0]["products"][0]["initial"] = {"aware": 1.0, "buyers": 0.0}
    return scenario


def test_redemption_is_opening_times_a_need_in_time() -> None:
    """Needs at rate l a day, one shop, no way out: a coupon opened on the evening before is used within V days w.p.
    1 - exp(-l (V + 1)); so of those targeted early enough, open_rate of that."""
    valid, days = 9, 40
    market = lived(crm_world(days, valid))
    rows, favours = market.state.table("orders").rows, market.state.shared["favours"]
    early = np.flatnonzero((favours.last > 0) & (favours.last < days))
    sent = int(favours.sent[early].sum())
    used = int(np.isin(rows["coupon"], early).sum())
    expected = 0.4 * (1.0 - math.exp(-0.1 * (valid + 1)))
    assert sent > 1500
    assert near(used, sent, expected)
    assert near(int(favours.opened[early].sum()), sent, 0.4)


def test_a_coupon_is_used_once_and_in_time() -> None:
    market = lived(crm_world(30, 5, people=800))
    rows, favours = market.state.table("orders").rows, market.state.shared["favours"]
    used = rows[rows["coupon"] > 0]
    pairs = np.stack([used["consumer"].astype(int), used["coupon"].astype(int)])
    assert len(used) > 20
    assert len(np.unique(pairs, axis=1).T) == len(used)
    assert (used["day"] <= favours.last[used["coupon"]]).all()
    assert (used["price"] == 4000).all()


def test_a_hold_out_is_not_written_to() -> None:
    market = lived(crm_world(20, 5, share=0.5))
    favours, rows = market.state.shared["favours"], market.state.table("orders").rows
    full = lived(crm_world(20, 5)).state.shared["favours"]
    assert near(favours.sent.sum(), full.sent.sum(), 0.5)
    assert len(rows) > 0


def quiet(revive: float, rules: bool = True) -> Market:
    """All relations have ended; letters to the lapsed."""
    rule = {"name": "back", "stage": "lapsed", "coupon": {"value": 10}, "valid_days": 30}
    scenario = world(2000, 40, {"crm": {"rules": [rule] if rules else []}, "budget_per_day": 0}, crm=ON | {
        "open_rate": 0.5, "delay_days": 0.0, "at_risk_days": 5, "lapsed_days": 10, "revive": revive,
        "revive_coupon": 0.0, "revive_experience": 0.0})  # fmt: skip
    scenario["mechanisms"]["loyalty"] = {"enabled": False}
    market = Market(load(scenario), seed=5, check=True)
    c = market.state.columns
    c["alive"][:] = 0
    c["orders_with"][:], c["first_order"][:] = 1, -9
    market.mechanisms["crm"].prepare(market.views["crm"], 0)
    c["last_order"][:] = -9
    for _ in range(40):
        market.step()
    return market


def test_win_back_revives_and_its_absence_does_not() -> None:
    """Chain: letters sent -> relations alive -> orders; every link is there with letters, none without."""
    on, off = quiet(0.0), quiet(0.0, rules=False)
    alive = [int(m.state.columns["alive"].sum()) for m in (on, off)]
    orders = [int((m.state.table("orders").rows["paid_day"] >= 0).sum()) for m in (on, off)]
    sent = on.state.shared["favours"].sent
    assert sent[1] == 2000
    assert near(alive[0], 2000, 0.5 * 0.5)
    assert (alive[1], orders[1]) == (0, 0)
    assert orders[0] > 10
    assert on.ledger.total[REASON["crm"], 0] == sent.sum() * 5
    assert quiet(-20.0).state.columns["alive"].sum() == 0


# ------------------------------------------------------------------------------------------------ private domain


def test_members_leave_at_the_hazard_of_their_pushes() -> None:
    """Random members, nobody joins: after T days a share exp(-u0 e^(u1 (r - free)) T/7) is left."""
    plan = {"push_days": [1, 1, 1, 1, 1, 0, 0], "budget_per_day": 10_000}
    market = lived(world(3000, 35, plan, community={"assign": "random", "random_share": 0.6, "opt_out": 0.02}))
    joined = int((market.state.columns["joined_day"][:, 0] > -30_000).sum())
    assert near(joined, 3000, 0.6)
    left = math.exp(-0.02 * math.exp(0.5 * 2) * 5)
    assert near(int(market.state.columns["member"].sum()), joined, left)


def test_push_days_are_kept() -> None:
    plan = {"push_days": [0, 2, 0, 0, 1, 0, 0], "budget_per_day": 10_000}
    market = lived(world(600, 21, plan, community={"assign": "random", "random_share": 0.5, "opt_out": 0.0}))
    bills = market.book.flow[:, REASON["community"], 0]
    members = int(market.state.columns["member"].sum())
    assert (bills.reshape(3, 7) == np.array([0, 10, 0, 0, 5, 0, 0]) * members).all()


def test_leads_join_and_are_paid_for() -> None:
    """Paired worlds: leads -> members who have not bought; the bill is leads and cards, to the fen."""
    leads = {"enabled": True, "leads": {"ads": 0.5, "community": 0.0}, "lead_cost": 2.0, "card_cost": 0.1}
    plan = {"budget_per_day": 300, "mix": {"ads": 0.5, "community": 0.5}}
    on, off = (lived(world(1200, 40, plan, hand_over=leads | {"enabled": e})) for e in (True, False))
    s, t = on.tables()["summary"], off.tables()["summary"]
    assert s["leads"] > 5
    assert t["leads"] == 0
    assert s["community_count"] > t["community_count"]
    c = on.state.columns
    assert ((c["member"][:, 0] == 1) & (c["orders_with"][:, 0] == 0)).any()
    assert on.ledger.total[REASON["hand_over"], 0] == 200 * s["leads"] + 10 * s["orders"]


def talk_world(quality: float, **talk: Any) -> Market:
    """Everybody expects .7 and is in a group of 50; the truth is ``quality``."""
    scenario = world(1500, 45, {"pushes_per_week": 0, "budget_per_day": 1000},
                     talk=ON | {"speak": 1.0, "hear": 1.0} | talk,
                     community={"assign": "random", "random_share": 1.0, "group_size": 50, "opt_out": 0.0})
    scenario["merchants"][0]["products"][0] |= {"quality": quality, "advertised_quality": 0.7}
    return lived(scenario)


def test_groups_are_filled_to_their_size() -> None:
    chat = talk_world(0.7).state.columns["chat"][:, 0]
    assert (chat >= 0).all()
    assert (np.bincount(chat) == 50).all()


def test_groups_tell_the_truth_to_those_who_have_not_bought() -> None:
    """Chain: told -> expected -> trusted. A bad product is expected to be worse, a good one better."""
    def seen(market: Market) -> tuple[float, float]:
        c = market.state.columns
        strangers = c["units"][:, 0] == 0
        trust = c["trust_good"][strangers, 0].astype(float) - c["trust_bad"][strangers, 0]
        return float(c["expectation"][strangers, 0].mean()), float(trust.mean())

    bad, silent, good = (seen(talk_world(q, **t)) for q, t in ((0.3, {}), (0.3, {"speak": 0.0}), (0.9, {})))
    assert bad[0] < silent[0] < good[0]
    assert bad[1] < silent[1] < good[1]


def test_care_keeps_relations_and_costs() -> None:
    none, all_ = talk_world(0.3, speak=0.0, care=0.0), talk_world(0.3, speak=0.0, care=1.0)
    alive = [int(m.state.columns["alive"].sum()) for m in (none, all_)]
    assert alive[0] < alive[1]
    cases = all_.ledger.total[REASON["care"], 0] / 1000
    assert cases > 0
    assert cases == int(cases)
    assert none.ledger.total[REASON["care"], 0] == 0


# ------------------------------------------------------------------------------------------ selection or treatment


def arm(assign: str, benefits: bool) -> float:
    """Mean over seeds of the orders by which members are ahead of other customers in one arm."""
    plan = {"membership": {"tiers": [{"name": "all", "spend": 0, "discount": 0.3}]}, "budget_per_day": 0}
    scenario = world(2500, 80, plan, membership=ON | {
        "assign": assign, "benefits": benefits, "random_share": 0.5, "enrol": 0.3})  # fmt: skip
    scenario["categories"][0]["occasion_shape"] = 0.5
    gaps = [lived(scenario, seed).tables()["summary"]["member_orders_gap"] for seed in (1, 2, 3)]
    return float(np.mean(gaps))


def test_contrast_is_selection_and_treatment() -> None:
    """Who orders often joins sooner: members are ahead without any benefit. By lot and without benefit, none is."""
    selection, nothing, both = arm("earned", False), arm("random", False), arm("earned", True)
    treatment = arm("random", True)
    assert selection > 0.05
    assert abs(nothing) < 0.5 * selection
    assert treatment > nothing
    assert both > selection


# --------------------------------------------------------------------------------------------------- bad scenarios


@pytest.mark.parametrize(
    ("plan", "mechanisms", "said"),
    [
        ({"membership": POINTS}, {}, "needs mechanisms.membership.enabled: true"),
        ({"crm": {"rules": []}}, {}, "needs mechanisms.crm.enabled: true"),
        ({"membership": {"paid": {"fee": 0}}}, {"membership": ON}, "a paid membership costs something"),
        ({"membership": {"tiers": [{"name": "a", "spend": 5}, {"name": "b", "spend": 5}]}}, {"membership": ON},
         "must be more than that of 'a'"),
        ({"membership": {"tiers": [{"name": "a", "spend": 5, "free_freight": True}]}}, {"membership": ON},
         "free_freight waives nothing"),
        ({"crm": {"rules": [{"name": "r", "stage": "new", "after_days": 44}]}}, {"crm": ON},
         "the stage 'new' is over after 44 days"),
        ({}, {"crm": ON | {"at_risk_days": 90}}, "must be more than at_risk_days"),
        ({}, {"hand_over": ON | {"leads": {"radio": 0.1}}}, "unknown channel 'radio'"),
        ({}, {"talk": ON, "community": {"enabled": False}}, "needs mechanisms.community.enabled: true"),
        ({"push_days": [1, 2]}, {}, "seven numbers"),
    ],
)
def test_what_cannot_be_is_said_before_the_first_day(plan: Plain, mechanisms: Plain, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        load(world(plan=plan, **mechanisms))


def test_a_switch_without_a_plan_changes_nobody() -> None:
    """Mechanisms that are on and asked for nothing leave every order as it was."""
    worlds = [lived(world(600, 30, None, **on)) for on in ({}, {"membership": ON, "crm": ON})]
    a, b = (m.state.table("orders").rows for m in worlds)
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(*(m.ledger.balance for m in worlds))
