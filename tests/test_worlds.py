"""One seed, two worlds: what a difference does not touch stays the same, bit for bit (decisions D1-D3)."""

from __future__ import annotations

import numpy as np
import pytest
from city import CITY, NEED_IT, UNCOUPLED, columns, differs, everything, lived, plain, rows_of, same

import sim.market
from sim import catalogue, load
from sim.contract import CHANNEL
from sim.market import Market


@pytest.fixture(scope="module")
def base() -> Market:
    """The city at its horizon."""
    return lived(CITY)


# ---------------------------------------------------------------------------------------- the same world again


def test_the_city_is_alive(base: Market) -> None:
    """The comparisons below compare something: every channel shows, people buy, talk, group and return."""
    tally = base.book.tally.sum(axis=(0, 2))
    assert (base.book.tally[:, 0].sum(axis=(0, 1))[:5] > 0).all(), "ads, kol, koc, friend, search"
    assert tally[6].sum() > 100, "orders"
    assert min(len(base.state.table(t)) for t in ("groups", "shares", "posts")) > 5
    assert base.state.columns["member"].sum() > 0


def test_two_runs_of_one_seed_are_one(base: Market) -> None:
    same(base, lived(CITY))


@pytest.mark.parametrize("strategy", ["same", "restated"])
def test_a_strategy_that_changes_nothing_changes_nothing(base: Market, strategy: str) -> None:
    same(base, lived(CITY, strategy))


def test_seeds_differ(base: Market) -> None:
    other = lived(CITY, seed=4)
    assert (other.state.columns["income"] != base.state.columns["income"]).mean() > 0.99
    assert other.tables()["summary"]["gmv"] != base.tables()["summary"]["gmv"]


def test_fixed_people_live_different_days(base: Market) -> None:
    fixed = plain(market=CITY["market"] | {"population": "fixed"})
    a, b = lived(fixed, seed=3, days=5), lived(fixed, seed=4, days=5)
    for name in ("id", "segment", "income", "fit", "taste", "rate", "lapse_p"):
        np.testing.assert_array_equal(a.state.columns[name], b.state.columns[name], err_msg=name)
    np.testing.assert_array_equal(a.network.indices, b.network.indices)
    assert (a.state.columns["visited"] != b.state.columns["visited"]).any()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_nothing(base: Market, monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    """Seven blocks and as many workers as there are threads; only sums of floats may know of the blocks."""
    monkeypatch.setattr(sim.market, "BLOCK", 131)
    market, alone = lived(CITY, threads=threads), lived(CITY)
    assert len(market.blocks) == 7
    assert len(market._scratch) == threads
    same(alone, market)
    assert not differs(base, market).any()
    assert rows_of(base, "orders") == rows_of(market, "orders")
    np.testing.assert_allclose(base.book.surplus, market.book.surplus, rtol=1e-9, atol=1e-9)


def test_threads_change_nothing_in_blocks_of_full_size() -> None:
    """70,000 people are three blocks; three days of them, by one worker and by two."""
    wide = plain(market={"consumers": 70_000, "days": 3, "reference_consumers": 900})
    for tier in wide["creators"]:
        tier["count"] = 1
    a, b = (lived(wide, threads=threads) for threads in (1, 2))
    assert len(b.blocks) == 3
    assert not differs(a, b).any()
    np.testing.assert_array_equal(a.state.table("orders").rows, b.state.table("orders").rows)
    np.testing.assert_array_equal(a.book.tally, b.book.tally)
    np.testing.assert_array_equal(a.book.surplus, b.book.surplus)


# ---------------------------------------------------------------------------------------------- order of lists


@pytest.mark.parametrize("field", ["segments", "categories", "platforms", "creators", "merchants", "products", "all"])
def test_the_order_of_a_list_means_nothing(base: Market, field: str) -> None:
    turned = plain()
    for name in ("segments", "categories", "platforms", "creators", "merchants"):
        if field in (name, "all"):
            turned[name] = turned[name][1:] + turned[name][:1]
    if field in ("products", "all"):
        for merchant in turned["merchants"]:
            merchant["products"].reverse()
    same(base, lived(turned))


def test_an_inert_merchant_changes_nothing() -> None:
    """One whose only product is not yet on sale, in a category of its own; its name sorts between the others."""
    wider = plain()
    wider["categories"].insert(0, {"name": "ships", "reference_price": 10, "occasions_per_year": 0})
    wider["merchants"].insert(1, {
        "name": "Gamma", "products": [{"name": "ship", "category": "ships", "price": 10, "enters": 39}],
    })  # fmt: skip
    a, b = lived(CITY, days=39), lived(wider, days=39)
    same(a, b)


# --------------------------------------------------------------------------------------------- what is not touched


def test_without_coupling_only_those_reached_can_differ() -> None:
    """Leaf spends on creators in one world: who follows none of the hired and buys nothing of Leaf lives the same."""
    quiet = load(CITY, set=UNCOUPLED | {
        "merchants.Leaf.plan.budget_per_day": 0, "merchants.Leaf.plan.mix": {"kol": 1.0},
        "merchants.Foam.plan.mix": {"ads": 1.0}, "platforms.*.feed.interest": 0,
    })  # fmt: skip
    a, b = lived(quiet), lived(quiet.with_set({"merchants.Leaf.plan.budget_per_day": 200}))
    posts = b.ledger.balance[b.ledger.creator0 :].sum()
    assert posts > 0
    followers = b.state.shared["followers"]
    reached = np.zeros(b.network.n, bool)
    reached[followers.indices] = True
    changed = differs(a, b)
    assert changed.any()
    assert not (changed & ~reached).any()
    assert (~reached).sum() > 100


def test_without_coupling_a_price_moves_only_those_who_meet_it() -> None:
    """A dearer tea: who never thinks of buying tea lives the same, and soap sells to the same people."""
    calm = load(CITY, set=UNCOUPLED | {"merchants.Leaf.plan.budget_per_day": 0})
    a, b = lived(calm), lived(calm, "dearer")
    changed = differs(a, b)
    orders = [m.state.table("orders").rows for m in (a, b)]
    tea = a.world.products.merchant[0] != a.world.merchants.index("Leaf")
    assert tea, "products are in the order of names: Foam first"
    mine = [set(rows["consumer"][rows["product"] >= 2].tolist()) for rows in orders]
    buyers = np.zeros(len(changed), bool)
    buyers[sorted(mine[0] | mine[1])] = True
    assert changed.any()
    assert not (changed & ~buyers).any()
    keys = [set(rows["key"][rows["product"] < 2].tolist()) for rows in orders]
    assert len(keys[0] ^ keys[1]) <= 0.02 * len(keys[0])


@pytest.mark.parametrize("name", ["ads", "creators", "seeding", "sharing", "community", "group_buy"])
def test_a_mechanism_switched_off_leaves_the_draws_of_others_alone(name: str) -> None:
    """Traits, visits without fatigue and the occasions' needs are the same people's on the same days."""
    still = {"mechanisms.visits.fatigue_effect": 0, "mechanisms.occasions.impulse": False}
    a = lived(load(CITY, set=still), days=12)
    b = lived(load(CITY, set=still | {f"mechanisms.{name}.enabled": False}), days=12)
    for column in ("visited", "income", "fit", "taste", "rate", "lapse_p", "author"):
        np.testing.assert_array_equal(a.state.columns[column], b.state.columns[column], err_msg=column)
    np.testing.assert_array_equal(a.book.surplus[:12, 1] > 0, b.book.surplus[:12, 1] > 0)


LIVE = CHANNEL["live"]
STILL = {"mechanisms.visits.fatigue_effect": 0}


@pytest.fixture(scope="module")
def busy() -> Market:
    """The market in which every mechanism has something to do, but fatigue keeps nobody away."""
    return lived(everything(**STILL), days=12)


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in catalogue.BUILT_IN if n not in ("planning", "checkout", "visits")])
def test_any_mechanism_switched_off_leaves_the_draws_of_all_others_alone(busy: Market, name: str) -> None:
    """Traits and visits bit by bit; an order that happens in both worlds has one hour and as many days on its way."""
    other = lived(everything((name, *NEED_IT.get(name, ())), **STILL), days=12)
    for column in ("visited", "income", "sensitivity", "region", "fit", "taste", "rate", "author"):
        np.testing.assert_array_equal(busy.state.columns[column], other.state.columns[column], err_msg=column)
    a, b = (m.state.table("orders").rows for m in (busy, other))
    a, b = (rows[rows["sample"] == 0] for rows in (a, b))
    common, at, there = np.intersect1d(a["key"], b["key"], return_indices=True)
    assert len(common) > 5 or name in ("choice", "occasions"), "they have something in common"
    off_air = (a["last_touch"][at] != LIVE) & (b["last_touch"][there] != LIVE)  # on air it is when she looked in
    hours = [(rows["hour"] - 24.0 * rows["day"])[k][off_air] for rows, k in ((a, at), (b, there))]
    np.testing.assert_allclose(*hours, rtol=0, atol=1e-9)  # of the day: who was invited once may order on another one
    sent = (a["shipped_day"][at] >= 0) & (b["shipped_day"][there] >= 0)
    if name not in ("assurance", "delivery"):  # verification takes its own days, and cannot be without delivery
        took = [rows["due_day"][k][sent] - rows["shipped_day"][k][sent] for rows, k in ((a, at), (b, there))]
        np.testing.assert_array_equal(*took)


def test_a_channel_nobody_pays_for_is_as_good_as_off() -> None:
    silent = {"merchants.*.plan.budget_per_day": 0}
    a = lived(load(CITY, set=silent), days=20)
    b = lived(load(CITY, set=silent | {"mechanisms.ads.enabled": False, "mechanisms.creators.enabled": False}), days=20)
    same(a, b)


def test_without_tracing_nothing_differs_but_who_told_whom() -> None:
    traced, plain = lived(CITY, days=25), lived(CITY | {"market": CITY["market"] | {"tracing": False}}, days=25)
    assert "referrer" not in plain.state.columns
    mine, theirs = columns(traced), columns(plain)
    for name in theirs:
        np.testing.assert_array_equal(mine[name], theirs[name], err_msg=name)
    for name, value in plain.tables()["summary"].items():
        np.testing.assert_array_equal(traced.tables()["summary"][name], value, err_msg=name)
    known, invited = (market.state.table("orders").rows["referrer"] for market in (traced, plain))
    assert (known[invited >= 0] == invited[invited >= 0]).all()
    assert 0 < (invited >= 0).sum() <= (known >= 0).sum()
