"""Players who adapt: creators' fees, agencies, platforms that guard retention, budgets moved by experiment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from city import CITY, lived, plain, same

import sim
from sim.agents.creator import Roster
from sim.contract import CHANNEL, CHANNELS
from sim.mechanisms.budgeting import held_out
from sim.rng import name_key
from sim.state.ledger import REASON

KOL, ADS = CHANNEL["kol"], CHANNEL["ads"]
ALL_KOL = {"merchants.Leaf.plan.mix": {"kol": 1}, "merchants.Foam.plan.mix": {"ads": 1}}


def city(**changes: Any) -> sim.Scenario:
    """The city with changes by path, dots written as two underscores."""
    return sim.load(CITY, set={key.replace("__", "."): value for key, value in changes.items()})


# ------------------------------------------------------------------------------------------------ fees follow demand


def test_fees_stay_at_their_load_and_follow_bookings() -> None:
    """log ask = response (booked - load x room), day by day, within the band."""
    roster = Roster(3, 0.6, 0, 1)
    week = np.full(3, 7.0)
    for _ in range(40):
        roster.booked = [(0, 0, 0, 1), (0, 1, 0, 1), (0, 1, 0, 1)]
        roster.ask_less(week, 0.02, 0.5, 3.0)
    assert np.log(roster.ask) == pytest.approx([40 * 0.02 * 0.5, np.log(3.0), -40 * 0.02 * 0.5])


def test_without_a_response_nothing_is_dearer() -> None:
    a, b = lived(city(), days=20), lived(city(mechanisms__creators__fee_load=0.9), days=20)
    same(a, b)
    assert (a.roster.ask == 1.0).all()


def _post(market: Any) -> float:
    """Mean fee of a post, fen."""
    posts = market.state.table("posts").rows
    return float(market.book.flow[:, REASON["slot_fee"]].sum() / (posts["channel"] == KOL).sum())


def test_demand_makes_posts_dearer_and_idle_creators_cheaper() -> None:
    follow = ALL_KOL | {"mechanisms.creators.fee_response": 0.1, "creators.*.posts_per_week": 7}
    rich, poor = (sim.load(CITY, set=follow | {"merchants.Leaf.plan.budget_per_day": yuan}) for yuan in (900, 15))
    rich, poor = lived(rich), lived(poor)
    assert rich.roster.ask.mean() > 1.3
    assert poor.roster.ask.mean() < 0.8
    fixed = lived(sim.load(CITY, set=follow | {"merchants.Leaf.plan.budget_per_day": 900,
                                               "mechanisms.creators.fee_response": 0}))  # fmt: skip
    assert _post(rich) > 1.1 * _post(fixed)


# --------------------------------------------------------------------------------------------------------- agencies

STABLE = {"name": "House", "signs": {"star": 1.0, "nano": 0.5}, "split": 0.4, "package": 3, "discount": 0.3,
          "passed_on": 0.0}  # fmt: skip


def with_agencies(*agencies: dict[str, Any], **changes: Any) -> sim.Scenario:
    """The city, Leaf's money with creators, and agencies."""
    return sim.load(plain(agencies=list(agencies)), set=ALL_KOL | {
        key.replace("__", "."): value for key, value in changes.items()})  # fmt: skip


def test_an_agency_takes_its_share_and_no_more() -> None:
    market = lived(with_agencies(STABLE))
    agency = market.agencies[0]
    stars = [c.index for c in market.creators if c.spec.name == "star"]
    assert set(stars) <= set(agency.members.tolist()), "all stars are signed"
    assert 0 < len(agency.members) - len(stars) < 9, "some of the nine small ones"
    paid, kept = (market.book.flow[:, REASON[r]].sum() for r in ("slot_fee", "agency"))
    commissions = market.book.flow[:, REASON["commission"]].sum()
    assert 0 < kept <= 0.4 * (paid + commissions) + 500
    assert agency.cash == pytest.approx(kept / 100)
    assert market.ledger.balance.sum() == 0


def test_shares_are_exact_where_all_are_signed() -> None:
    """split x (fees + commissions), to the rounding of each bill."""
    signs = {"star": 1.0, "nano": 1.0, "micro": 1.0}
    market = lived(with_agencies(STABLE | {"signs": signs}))
    flow = market.book.flow.sum(axis=(0, 2))
    bills = len(market.state.table("posts")) + 40 * 3 * 2
    assert flow[REASON["commission"]] > 0
    whole = 0.4 * (flow[REASON["slot_fee"]] + flow[REASON["commission"]])
    assert flow[REASON["agency"]] == pytest.approx(whole, abs=bills)


def test_a_package_makes_further_posts_cheaper_and_binds() -> None:
    """From the third post on 30 % off: cheaper posts, and more of them from the agency's creators."""
    with_it, without = (lived(with_agencies(STABLE | {"discount": d, "signs": {"nano": 0.5}},
                                                merchants__Leaf__plan__budget_per_day=12)) for d in (0.3, 0.0))
    assert _post(with_it) < _post(without)
    shares = []
    for market in (with_it, without):
        posts = market.state.table("posts").rows
        posts = posts[posts["channel"] == KOL]
        shares.append(np.isin(posts["author"], market.agencies[0].members).mean())
    assert shares[0] > shares[1]


def test_posts_passed_on_are_seen_by_more_and_cost_trust() -> None:
    with_it, without = (lived(with_agencies(STABLE | {"passed_on": chance})) for chance in (0.5, 0.0))
    seen = [m.book.tally[:, 0, :, KOL].sum() for m in (with_it, without)]
    assert seen[0] > 1.02 * seen[1]
    members = with_it.agencies[0].members
    assert with_it.roster.trust[members].mean() < without.roster.trust[members].mean()


def test_an_agency_that_signs_nobody_changes_nothing() -> None:
    a, b = lived(with_agencies()), lived(with_agencies(STABLE | {"signs": {}}))
    same(a, b)


def test_settling_at_once_pays_creators_sooner() -> None:
    """The day of the mean fen of commission, with a week from door to settlement and with none."""
    paid = []
    for days in (0, 7):
        flow = lived(sim.load(CITY, set=ALL_KOL | {"mechanisms.delivery.return_days": days})).book.flow
        commission = flow[:40, REASON["commission"]].sum(axis=1)
        assert commission.sum() > 0
        paid.append(np.flatnonzero(commission)[0])
    assert paid[0] + 5 <= paid[1]


# -------------------------------------------------------------------------------------------------------- retention

GUARD = {"keep": 0.99, "step": 0.15, "every": 4, "lowest": 0.1, "highest": 1.2}
TIRING = {"platforms.*.commercial_load": 0.3, "platforms.*.feed": {"ads": 0.7, "interest": 0.3},
          "merchants.Leaf.plan.mix": {"ads": 1}, "merchants.Leaf.plan.budget_per_day": 2000}  # fmt: skip


def test_a_platform_gives_up_ads_when_people_come_back_less() -> None:
    """Less bought is shown, people tire less and come more often, within the bounds."""
    loose = lived(sim.load(CITY, set=TIRING))
    tight = lived(sim.load(CITY, set=TIRING | {"platforms.*.guard": GUARD}))
    load = tight.state.columns["ad_load"]
    assert ((load >= 0.1) & (load <= 1.2)).all()
    assert load.min() < 0.9
    ads = [m.book.tally[:, 0, :, ADS].sum() for m in (loose, tight)]
    tired = [m.book.mood[20:40, 0].mean() for m in (loose, tight)]
    assert ads[1] < ads[0]
    assert tired[1] < tired[0]


def test_a_platform_that_loses_nobody_sells_more() -> None:
    market = lived(city(mechanisms__visits__fatigue_effect=0, platforms__notes__guard=GUARD | {"keep": 0.8}))
    assert market.platforms[0].spec.name == "film"
    assert market.platforms[0].ad_load == 1.0, "no guard"
    assert market.platforms[1].ad_load == 1.2, "the most it may"


def test_the_rule_of_a_guard() -> None:
    market = lived(city(platforms__notes__guard=GUARD), days=0)
    notes = market.platforms[1]
    assert notes.decide(0.5, 1.0) == pytest.approx(1.15), "the first measure is the best so far"
    assert notes.decide(0.49, 1.0) == pytest.approx(0.85)
    assert notes.decide(0.496, 1.0) == pytest.approx(1.15), "within keep of the best"
    assert notes.decide(0.1, 0.11) == pytest.approx(0.1)


# ------------------------------------------------------------------------------------------- budgets by experiment

ALONE = {"mechanisms.sharing.enabled": False, "mechanisms.group_buy.enabled": False,
         "mechanisms.community.enabled": False, "mechanisms.choice.b_n": 0, "mechanisms.choice.b_v": 0,
         "platforms.*.theta_pop": 0, "merchants.Leaf.products.black.inventory": 100_000}  # fmt: skip
TEST = {"by": "experiment", "rate": 0, "hold_out": 0.5, "hold_days": 365, "memory": 1, "every": 365}


def test_as_many_are_held_out_as_was_said() -> None:
    units, slots = np.arange(20_000, dtype=np.uint64), np.array([name_key("A", c) for c in "xy"], np.uint64)
    held = held_out(units, np.uint64(7), slots, 0.2)
    assert held.mean(axis=0) == pytest.approx(0.2, abs=3 * np.sqrt(0.16 / 20_000))
    assert (held[:, 0] & held[:, 1]).mean() == pytest.approx(0.04, abs=0.005), "channel by channel"


@pytest.mark.parametrize("unit", ["people", "day", "region"])
def test_the_held_out_are_not_reached_and_their_ads_not_paid(unit: str) -> None:
    """Half of the people, days or regions: about half of the exposures, and ads cost what was shown."""
    regions = [{"name": f"r{k}"} for k in range(60)]
    base = ALONE | {"logistics.regions": regions, "merchants.Leaf.plan.mix": {"ads": 0.5, "kol": 0.5},
                    "merchants.Foam.plan.budget_per_day": 0}  # fmt: skip
    free = lived(sim.load(CITY, set=base))
    test = lived(sim.load(CITY, set=base | {"merchants.Leaf.budgeting": TEST | {"unit": unit}}))
    leaf = free.world.products.merchant == free.world.merchants.index("Leaf")
    for channel in (ADS, KOL):
        seen = [m.book.tally[:, 0, leaf, channel].sum() for m in (free, test)]
        assert 0.2 < seen[1] / seen[0] < 0.8, CHANNELS[channel]
    shown = test.book.tally[test.day - 1, 0, :, ADS].sum()
    assert test.state.shared["ad_shown"].sum() == shown, "billed is what was shown"
    if unit == "people":
        m = test.world.merchants.index("Leaf")
        held = test.mechanisms["budgeting"]._held(test.views["budgeting"], 0, m, 0, test.network.n)[:, 0] == 1
        touched = (test.state.columns["first_touch"][:, leaf] == ADS).any(axis=1)
        assert touched[~held].any()
        assert not touched[held].any()


def _lift(channel: str, seed: int, mix: dict[str, float]) -> tuple[float, float, float]:
    """What an experiment, last touch and the truth (the channel off) say that a channel brought Leaf, yuan."""
    base = ALONE | {"market.days": 60, "market.consumers": 1800, "market.reference_consumers": 900,
                    "merchants.Leaf.plan.mix": mix, "merchants.Leaf.plan.budget_per_day": 300}  # fmt: skip
    tested, touched, free, off = (
        lived(sim.load(CITY, set=base | more), seed=seed) for more in (
            {"merchants.Leaf.budgeting": TEST}, {"merchants.Leaf.budgeting": TEST | {"by": "last_touch"}}, {},
            {"merchants.Leaf.off": [channel]}))  # fmt: skip
    m, c = free.world.merchants.index("Leaf"), CHANNEL[channel]
    gmv = [run.tables()["summary"]["gmv@Leaf"] for run in (free, off)]
    half = tested.mechanisms["budgeting"].arms[m, ["ads", "kol", "koc", "community"].index(channel)]
    each = half[:, 1] / half[:, 0]
    return (float(each[0] - each[1]) * 1800 * 60 / 100, float(touched.state.columns["earned"][m, c]) / 100,
            gmv[0] - gmv[1])  # fmt: skip


@pytest.mark.slow
def test_the_experiment_finds_what_switching_off_would_show_and_last_touch_does_not() -> None:
    """Ads for goods that many know: most who see an ad last would have bought anyway."""
    found = np.array([_lift("ads", seed, {"ads": 1, "koc": 0.05}) for seed in range(1, 9)])
    error = found[:, 0] - found[:, 2]
    assert abs(error.mean()) < 3 * error.std(ddof=1) / np.sqrt(len(error)), found
    assert (found[:, 1] > found[:, 2]).mean() > 0.8, "last touch says more than was caused"
    assert found[:, 1].mean() > 1.3 * found[:, 2].mean()


def test_by_experiment_money_leaves_a_channel_that_adds_nothing() -> None:
    """Community messages that nobody heeds: their share falls to its floor."""
    rules = {"by": "experiment", "rate": 1, "hold_out": 0.3, "every": 7, "floor": 0.05}
    idle = {"mechanisms.community.engagement": 0, "mechanisms.persuasion.kappa.community": 0}
    market = lived(sim.load(CITY, set=idle | {
        "merchants.Leaf.plan.mix": {"kol": 0.5, "community": 0.5}, "merchants.Leaf.budgeting": rules,
        "mechanisms.community.staff_cost": 5}))  # fmt: skip
    mix = market.state.columns["mix"][market.world.merchants.index("Leaf")]
    assert mix.sum() == pytest.approx(1)
    assert mix[CHANNEL["community"]] < 0.3
