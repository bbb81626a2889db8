"""The private domain: who joins, who reads, who leaves, and what it costs."""

from __future__ import annotations

import math
from types import SimpleNamespace as NS
from typing import Any

import numpy as np
import pytest
from words import dense, scratch_of

from sim.contract import CHANNEL, CHANNELS
from sim.mechanisms.community import Community
from sim.rng import name_key
from sim.rules.community import opt_out_probability, pushes_until, read_probability
from sim.scenario.parameters import CommunityParams
from sim.scenario.players import Mix
from sim.state.columns import NEVER
from sim.state.exposures import table
from sim.state.ledger import REASON, SUPPLIER
from sim.state.records import BILL, CANCELLED, ORDER, PAID, RESERVED, Orders, Table
from sim.state.team import Team

COMMUNITY = CHANNEL["community"]
WITH, WITHOUT = Mix(community=1.0), Mix(ads=1.0)


# ------------------------------------------------------------------------------------------------------- the rules


def test_opting_out_has_the_shape_of_the_model() -> None:
    """Flat up to the free pushes, then e^slope a push; seven days make the weekly hazard."""
    chance = {r: opt_out_probability(r, 0.002, 0.5, 3.0, 7.0) for r in (0.0, 3.0, 4.0, 7.0)}
    assert chance[0.0] == chance[3.0] == pytest.approx(1 - math.exp(-0.002))
    hazard = {r: -math.log1p(-c) for r, c in chance.items()}
    assert hazard[4.0] / hazard[3.0] == pytest.approx(math.exp(0.5))
    assert hazard[7.0] / hazard[3.0] == pytest.approx(math.exp(2.0))
    daily = opt_out_probability(7.0, 0.002, 0.5, 3.0, 1.0)
    assert (1 - daily) ** 7 == pytest.approx(1 - chance[7.0])


def test_a_larger_group_reads_less_up_to_its_capacity() -> None:
    reads = [read_probability(n, 500, 0.4, 200.0, 0.5) for n in (0, 200, 500, 5000)]
    assert reads[0] == pytest.approx(0.4)
    assert reads[1] == pytest.approx(0.4 / math.sqrt(2))
    assert reads[2] == reads[3] < reads[1]


@pytest.mark.parametrize("rate", [0.0, 0.5, 2.0, 7.0, 14.0])
def test_pushes_are_spaced_evenly(rate: float) -> None:
    sent = [pushes_until(d + 1, rate, 0.3) - pushes_until(d, rate, 0.3) for d in range(-70, 70)]
    assert sum(sent) == pytest.approx(20 * rate, abs=1)
    assert max(sent) - min(sent) <= 1


# --------------------------------------------------------------------------------------------------- the mechanism


def market(n: int = 2000, pushes: float = 7.0, purse: int = 10**9, mixes: tuple[Mix, ...] = (WITH, WITHOUT),
           products: int = 1, **params: Any) -> tuple[Community, Any]:
    """As many merchants as mixes, each with the same number of products."""
    count = len(mixes)
    names = tuple(f"m{m}" for m in range(count))
    merchants = [NS(name=name, plan=NS(mix=mix, phases=[])) for name, mix in zip(names, mixes, strict=True)]
    world = NS(
        merchants=names, scenario=NS(merchants=merchants, market=NS(step_length=1.0)),
        products=NS(merchant=np.repeat(np.arange(count), products), enters=np.zeros(count * products, np.int64)),
    )
    view = NS(
        seed=11, world=world, id=np.arange(n, dtype=np.uint64), visited=np.full(n, 2, np.uint32),
        pushes=np.full(count, pushes), stock=np.full(count * products, -1), orders=Orders(1), bills=Table(BILL),
        ledger=NS(merchant0=5), member=np.zeros((n, count), np.uint8), joined_day=np.full((n, count), NEVER, np.int16),
        purse=np.zeros((count, len(CHANNELS)), np.int64), orders_of=[None] * count, team=Team(1),
    )
    view.purse[:, COMMUNITY] = purse
    community = Community(CommunityParams(**params))
    community.prepare(view, 0)
    return community, view


def order(view: Any, rows: Any, day: int, product: int = 0, status: int = PAID, sample: int = 0) -> None:
    """Orders paid on ``day`` by these people."""
    orders = np.zeros(len(rows), ORDER)
    orders["key"] = [int(name_key("order", int(i), product, day)) for i in rows]
    orders["consumer"], orders["product"], orders["paid_day"] = rows, product, day
    orders["status"], orders["sample"] = status, sample
    view.orders.append(orders)


def live(community: Community, view: Any, day: int, blocks: int = 1) -> Any:
    n, products = len(view.id), len(view.stock)
    seen = np.zeros((n, products, len(CHANNELS)), np.int64)
    platform = np.zeros((n, products), np.int64)
    community.morning(view, day)
    for part in np.array_split(np.arange(n), blocks):
        lo, hi = int(part[0]), int(part[-1]) + 1
        scratch = scratch_of(products)
        community.block(view, day, lo, hi, scratch)
        seen[lo:hi] = dense(scratch.shown, hi - lo, products)
        told = table(scratch.shown.rows)
        platform[lo + told["row"], told["product"]] = told["platform"]
    rows = view.orders.rows
    view.orders.paid = np.flatnonzero((rows["paid_day"] == day) & (rows["status"] == PAID) & (rows["sample"] == 0))
    community.evening(view, day)
    return NS(seen=seen, platform=platform)


def near(count: float, n: float, p: float) -> bool:
    return bool(abs(count - n * p) < 4.0 * math.sqrt(n * p * (1 - p)) + 1e-9)


def test_buyers_of_today_join_by_the_key_of_their_order() -> None:
    community, view = market()
    order(view, np.arange(2000), day=3)
    live(community, view, 2)
    assert view.member.sum() == 0
    live(community, view, 3)
    assert near(int(view.member[:, 0].sum()), 2000, 0.15)
    assert (view.joined_day[view.member == 1] == 3).all()
    assert (view.joined_day[view.member == 0] == NEVER).all()
    again, other = market()
    order(other, np.arange(2000)[::-1], day=3)
    live(again, other, 3, blocks=3)
    np.testing.assert_array_equal(other.member, view.member)


def test_only_paid_orders_of_merchants_who_keep_a_community_count() -> None:
    community, view = market(n=300, join=1.0)
    order(view, np.arange(100), day=0, product=1)
    order(view, np.arange(100), day=0, status=RESERVED)
    order(view, np.arange(100), day=0, status=CANCELLED)
    order(view, np.arange(100), day=0, sample=1)
    live(community, view, 0)
    assert view.member.sum() == 0


def test_a_phase_is_enough_to_keep_a_community() -> None:
    community, view = market(n=10, join=1.0, mixes=(WITHOUT,))
    view.world.scenario.merchants[0].plan.phases = [NS(mix=None), NS(mix=WITH)]
    community.prepare(view, 0)
    order(view, np.arange(10), day=0)
    live(community, view, 0)
    assert view.member.sum() == 10


def test_members_are_conserved() -> None:
    """Tomorrow's members are today's, less those who left, plus those who joined."""
    community, view = market(n=3000, opt_out=0.2, join=0.5)
    joined = left = 0
    for day in range(10):
        order(view, np.arange(day * 200, day * 200 + 1000), day)
        before = view.member.copy()
        live(community, view, day)
        today = (view.joined_day == day) & (view.member == 1)
        gone = (before == 1) & ((view.member == 0) | today)
        joined, left = joined + int(today.sum()), left + int(gone.sum())
        assert view.member.sum() == before.sum() + today.sum() - gone.sum()
    assert view.member.sum() == joined - left
    assert left > 0
    assert set(np.unique(view.member)) <= {0, 1}


@pytest.mark.parametrize("pushes", [2.0, 7.0])
def test_members_leave_at_the_hazard(pushes: float) -> None:
    n = 20_000
    community, view = market(n=n, pushes=pushes, opt_out=0.02)
    view.member[:, 0] = 1
    for day in range(7):
        live(community, view, day)
    assert near(n - int(view.member[:, 0].sum()), n, 1 - math.exp(-0.02 * math.exp(0.5 * max(0.0, pushes - 3.0))))


def test_members_read_and_others_do_not() -> None:
    n = 10_000
    community, view = market(n=n, opt_out=0.0, group_size=200)
    view.member[: n // 2, 0] = 1
    view.visited[0::2] = 0
    made = live(community, view, 0)
    assert near(int(made.seen[: n // 2, 0, COMMUNITY].sum()), n // 2, 0.4 / math.sqrt(2))
    assert made.seen[n // 2 :].sum() == 0
    assert made.seen[:, 1].sum() == 0
    read = made.seen[:, 0, COMMUNITY] > 0
    assert (made.platform[read, 0] == (view.visited[read] == 2)).all()


def test_pushes_go_through_the_products_on_sale() -> None:
    community, view = market(n=500, opt_out=0.0, products=3)
    view.member[:, 0] = 1
    view.stock[1] = 0
    shown = sum(live(community, view, day).seen[:, :, COMMUNITY].sum(axis=0).astype(int) for day in range(8))
    assert shown[1] == 0
    assert shown[0] > 0
    assert shown[2] > 0


def test_pushes_cost_what_they_cost_and_the_purse_is_the_limit() -> None:
    n = 1000
    community, view = market(n=n, opt_out=0.0, purse=8000)
    view.member[:, 0] = 1
    reads = []
    for day in range(3):
        reads.append(int(live(community, view, day).seen.sum()))
    np.testing.assert_array_equal(view.bills.rows["fen"], [5000, 3000])
    assert (view.bills.rows["reason"] == REASON["community"]).all()
    assert (view.bills.rows["target"] == SUPPLIER).all()
    assert (view.bills.rows["source"] == 5).all()
    assert view.purse[0, COMMUNITY] == 0
    full = read_probability(n, 500, 0.4, 200.0, 0.5)
    assert near(reads[0], n, full)
    assert near(reads[1], n, 0.6 * full)
    assert reads[2] == 0


def test_staff_is_paid_for_members_before_pushes() -> None:
    community, view = market(n=100, pushes=0.0, opt_out=0.0, staff_cost=0.05)
    view.member[:, 0] = 1
    live(community, view, 0)
    assert view.bills.rows["fen"].tolist() == [500]


def test_blocks_can_be_cut_anywhere() -> None:
    made = []
    for blocks in (1, 5):
        community, view = market(n=1000, opt_out=0.3)
        view.member[:, 0] = 1
        made.append((live(community, view, 0, blocks).seen, view.member))
    np.testing.assert_array_equal(made[0][0], made[1][0])
    np.testing.assert_array_equal(made[0][1], made[1][1])
