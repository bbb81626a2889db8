"""The social rules of awareness against their closed forms, by hand-built neighbourhoods."""

from __future__ import annotations

from types import SimpleNamespace as NS
from typing import Any

import numpy as np
import pytest
from words import dense, scratch_of

from sim.contract import CHANNEL, CHANNELS, COUNT, COUNTERS, NO_TOUCH
from sim.mechanisms.awareness import Awareness, per_step
from sim.rng import name_key
from sim.scenario.parameters import AwarenessParams
from sim.state.columns import AWARE, NEVER
from sim.state.network import well_mixed
from sim.state.ties import Ties

CONTACT = CHANNEL["contact"]


def graph(n: int, ties: list[tuple[int, int]], strong: bool = True) -> Any:
    """Friends in compressed rows."""
    friends: list[list[int]] = [[] for _ in range(n)]
    for a, b in ties:
        friends[a].append(b)
        friends[b].append(a)
    indptr = np.concatenate([[0], np.cumsum([len(f) for f in friends])]).astype(np.int64)
    indices = np.array([j for f in friends for j in sorted(f)], np.uint32)
    ties = Ties(indices, np.full(len(indices), 0.9 if strong else 0.1, np.float32), np.array([0, n]), 1.0, 1.0)
    return NS(n=n, indptr=indptr, indices=indices, ties=ties, well_mixed=False)


def pairs(people: int, friends: int = 1, strong: bool = True) -> Any:
    """``people`` learners, each with ``friends`` friends of their own: learners are the first rows."""
    ties = [(i, people + i * friends + k) for i in range(people) for k in range(friends)]
    return graph(people * (1 + friends), ties, strong)


def market(net: Any, *, feed: bool = False, ads: bool = False, delivery: bool = True, persuasion: bool = False,
           step: float = 1.0, **params: Any) -> tuple[Awareness, Any]:
    """One product on a network."""
    n = net.n
    on = {"feed": feed, "ads": ads, "delivery": delivery, "persuasion": persuasion}
    world = NS(
        products=NS(key=np.array([name_key("m", "p")], np.uint64), enters=np.zeros(1, np.int64)),
        scenario=NS(market=NS(step_length=step), mechanisms=NS(**{k: NS(enabled=v) for k, v in on.items()})),
    )
    view = NS(
        seed=3, world=world, network=net, id=np.arange(n, dtype=np.uint64), units=np.zeros((n, 1), np.uint16),
        last_purchase=np.full((n, 1), NEVER, np.int16), last_delivery=np.full((n, 1), NEVER, np.int16),
        flags=np.zeros((n, 1), np.uint8), first_touch=np.full((n, 1), NO_TOUCH, np.uint8),
        last_touch=np.full((n, 1), NO_TOUCH, np.uint8),
    )
    mechanism = Awareness(AwarenessParams(**params))
    mechanism.prepare(view, 0)
    return mechanism, view


def buy(view: Any, rows: Any, day: int = -1) -> None:
    view.units[rows] = 1
    view.last_purchase[rows] = day
    view.last_delivery[rows] = day
    view.flags[rows] |= AWARE


def live(mechanism: Awareness, view: Any, day: int = 0, blocks: int = 1) -> Any:
    n = len(view.id)
    tally = np.zeros((len(COUNTERS), 1, len(CHANNELS)), np.int64)
    became, seen = np.zeros((n, 1), np.int64), np.zeros((n, 1, len(CHANNELS)), np.int64)
    mechanism.morning(view, day)
    for part in np.array_split(np.arange(n), blocks):
        lo, hi = int(part[0]), int(part[-1]) + 1
        scratch = scratch_of(1)
        mechanism.block(view, day, lo, hi, scratch)
        became[lo:hi] = dense(scratch.became, hi - lo).sum(axis=2)
        seen[lo:hi] = dense(scratch.shown, hi - lo)
        tally += scratch.tally
    return NS(became=became, tally=tally, seen=seen)


def near(count: int, n: int, p: float) -> bool:
    return abs(count / n - p) < 4.0 * np.sqrt(p * (1 - p) / n) + 1e-9


def test_none_does_nothing() -> None:
    mechanism, view = market(pairs(100))
    buy(view, np.arange(100, 200))
    assert live(mechanism, view).became.sum() == 0


@pytest.mark.parametrize(("strong", "friends"), [(True, 1), (True, 3), (False, 3)])
def test_contact_is_goldenberg_s_formula(strong: bool, friends: int) -> None:
    people = 8000
    mechanism, view = market(pairs(people, friends, strong), rule="contact", per_week=False, alpha=0.05, beta_weak=0.1,
                             beta_strong=0.3)
    buy(view, np.arange(people, people * (1 + friends)))
    made = live(mechanism, view)
    expected = 1 - 0.95 * (1 - (0.3 if strong else 0.1)) ** friends
    assert near(int(made.became.sum()), people, expected)
    assert made.tally[COUNT["aware"], 0, CONTACT] == made.became.sum()
    heard = made.became[:, 0] == 1
    assert (view.first_touch[heard] == CONTACT).all()
    assert (view.flags[heard] & AWARE).all()


def test_weekly_rates_make_the_weekly_chance_in_seven_days() -> None:
    people = 8000
    assert 1 - (1 - per_step(0.3, 1.0)) ** 7 == pytest.approx(0.3)
    mechanism, view = market(pairs(people), rule="contact", beta_strong=0.3, alpha=0.0)
    buy(view, np.arange(people, 2 * people))
    for day in range(7):
        live(mechanism, view, day)
    assert near(int((view.flags[:people] & AWARE).sum()), people, 0.3)


@pytest.mark.parametrize("marketing", ["feed", "ads"])
def test_alpha_is_silent_where_marketing_acts(marketing: str) -> None:
    mechanism, view = market(pairs(500), rule="contact", per_week=False, alpha=1.0, **{marketing: True})
    assert live(mechanism, view).became.sum() == 0
    mechanism, view = market(pairs(500), rule="contact", per_week=False, alpha=1.0)
    assert live(mechanism, view).became.sum() == 1000


def test_friends_talk_for_talk_days_after_delivery() -> None:
    people = 50
    for day, heard in ((9, 0), (10, 0), (11, people), (24, people), (25, 0)):
        mechanism, view = market(pairs(people), rule="contact", per_week=False, alpha=0.0, beta_strong=1.0)
        buy(view, np.arange(people, 2 * people), day=10)
        assert live(mechanism, view, day).became.sum() == heard, day
    mechanism, view = market(pairs(people), rule="contact", per_week=False, alpha=0.0, beta_strong=1.0)
    buy(view, np.arange(people, 2 * people), day=0)
    view.last_delivery[:] = NEVER
    assert live(mechanism, view, 1).became.sum() == 0
    mechanism, view = market(pairs(people), rule="contact", per_week=False, alpha=0.0, beta_strong=1.0, delivery=False)
    buy(view, np.arange(people, 2 * people), day=0)
    view.last_delivery[:] = NEVER
    assert live(mechanism, view, 1).became.sum() == people


def test_hazard_uses_friends_or_everybody() -> None:
    people = 8000
    mechanism, view = market(pairs(people, 2), rule="hazard", p=0.05, q=0.8)
    buy(view, np.arange(people, 3 * people, 2))
    assert near(int(live(mechanism, view).became[:people].sum()), people, 1 - np.exp(-(0.05 + 0.8 * 0.5)))
    mechanism, view = market(well_mixed(people), rule="hazard", p=0.05, q=0.8)
    buy(view, np.arange(people // 4))
    left = people - people // 4
    assert near(int(live(mechanism, view).became.sum()), left, 1 - np.exp(-(0.05 + 0.8 * 0.25)))
    lonely = graph(people, [])
    mechanism, view = market(lonely, rule="hazard", p=0.0, q=0.8)
    buy(view, np.arange(people // 4))
    assert live(mechanism, view).became.sum() == 0


def test_threshold_counts_shares_and_leaves_the_friendless_alone() -> None:
    net = graph(7, [(0, 1), (0, 2), (0, 3), (0, 4), (5, 4)])
    for phi, heard in ((0.25, [0]), (0.26, [])):
        mechanism, view = market(net, rule="threshold", phi=phi)
        buy(view, [1])
        assert np.flatnonzero(live(mechanism, view).became).tolist() == heard
    mechanism, view = market(net, rule="threshold", phi=0.0)
    assert np.flatnonzero(live(mechanism, view).became).tolist() == [0, 1, 2, 3, 4, 5]


def test_threshold_is_synchronous() -> None:
    """On a path one step a day, however blocks are cut."""
    net = graph(6, [(i, i + 1) for i in range(5)])
    for blocks in (1, 3):
        mechanism, view = market(net, rule="threshold", phi=0.5)
        buy(view, [0])
        for day in range(3):
            made = live(mechanism, view, day, blocks)
            assert np.flatnonzero(made.became).tolist() == [day + 1]
            buy(view, [day + 1], day)


def test_cascade_tries_each_tie_once() -> None:
    people = 8000
    mechanism, view = market(pairs(people), rule="cascade", b=0.3)
    buy(view, np.arange(people, 2 * people))
    first = live(mechanism, view, 0).became.sum()
    assert near(int(first), people, 0.3)
    assert live(mechanism, view, 1).became.sum() == 0
    buy(view, np.arange(people, 2 * people), day=4)
    assert live(mechanism, view, 5).became.sum() == 0


def test_the_block_cut_and_the_order_of_rows_change_nothing() -> None:
    made = []
    for blocks in (1, 4):
        mechanism, view = market(pairs(300, 2), rule="contact", per_week=False, beta_strong=0.4)
        buy(view, np.arange(300, 900))
        made.append(live(mechanism, view, 0, blocks).became)
    np.testing.assert_array_equal(made[0], made[1])


def test_who_heard_has_met_the_product_where_persuasion_acts() -> None:
    for acts in (False, True):
        mechanism, view = market(pairs(200), rule="cascade", b=1.0, persuasion=acts)
        buy(view, np.arange(200, 400))
        assert live(mechanism, view).seen[:, 0, CONTACT].sum() == (200 if acts else 0)
