"""One seed, two worlds: what a difference does not touch stays the same, bit for bit (decisions D1-D3, D13, D14, D21)."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import sim.market
from sim import load
from sim.market import Market

Plain = dict[str, Any]

CITY: Plain = {
    "name": "two brands",
    "market": {"consumers": 900, "days": 40},
    "network": {"kind": "community", "mean_degree": 10},
    "segments": [
        {"name": "young", "share": 0.4, "income": 5000, "affinity": {"tea": 0.7}, "activity": 1.2},
        {"name": "old", "share": 0.6, "income": 8000, "affinity": {"tea": 0.4, "soap": 0.6}},
    ],
    "categories": [
        {"name": "tea", "reference_price": 50, "occasions_per_year": 24},
        {"name": "soap", "reference_price": 20, "occasions_per_year": 18, "season": {1: 1.2}},
    ],
    "platforms": [
        {"name": "notes", "activity": 0.7},
        {"name": "film", "activity": 0.5, "fee": 0.1, "personalisation": 0.3},
    ],
    "creators": [
        {"name": "star", "count": 2, "followers": 300, "category": "tea"},
        {"name": "nano", "count": 9, "followers": 40, "platform": "notes"},
        {"name": "micro", "count": 4, "followers": 90},
    ],
    "merchants": [
        {
            "name": "Leaf",
            "cash": 10_000,
            "products": [
                {"name": "green", "category": "tea", "price": 45, "unit_cost": 15, "quality": 0.8, "cycle_days": 20,
                 "initial": {"aware": 0.3, "buyers": 0.1, "reviews": 30}},
                {"name": "black", "category": "tea", "price": 60, "unit_cost": 20, "inventory": 150},
            ],
            "plan": {"budget_per_day": 160, "mix": {"ads": 0.3, "kol": 0.3, "koc": 0.3, "community": 0.1},
                     "group": {"size": 3, "hours": 30, "discount": 0.25, "products": ["green"]}},
        },
        {
            "name": "Foam",
            "products": [
                {"name": "bar", "category": "soap", "price": 18, "unit_cost": 5, "initial": {"aware": 0.5}},
                {"name": "gel", "category": "soap", "price": 26, "unit_cost": 8, "initial": {"aware": 0.4}},
            ],
            "plan": {"budget_per_day": 60, "mix": {"ads": 0.8, "koc": 0.2}, "coupon": {"value": 3, "min_spend": 20}},
        },
    ],
    "focal": "Leaf",
    "strategies": {
        "same": {},
        "restated": {"merchants.Leaf.plan.budget_per_day": 160, "merchants.Foam.products.bar.price": {"scale": 1.0}},
        "dearer": {"merchants.Leaf.products.green.price": 70},
        "louder": {"merchants.Leaf.plan.mix": {"kol": 1.0}, "merchants.Leaf.plan.budget_per_day": {"scale": 3}},
    },
    "outcomes": ["profit", "gmv"],
}

UNCOUPLED: Plain = {
    "platforms.*.theta_pop": 0, "platforms.*.theta_social": 0, "platforms.*.explore": 0,
    "mechanisms.sharing.enabled": False, "mechanisms.group_buy.enabled": False, "mechanisms.community.enabled": False,
    "mechanisms.seeding.enabled": False, "mechanisms.choice.b_v": 0, "mechanisms.choice.b_n": 0,
    "merchants.Leaf.products.black.inventory": 1_000_000,
}  # fmt: skip
"""Nothing couples consumers: no popularity, friends, groups, reviews, scarcity."""


def plain(**changes: Any) -> Plain:
    """The city, its top-level fields replaced."""
    return copy.deepcopy(CITY) | changes


def lived(scenario: Any, strategy: str | None = None, seed: int = 3, days: int | None = None, **more: Any) -> Market:
    """A market that has lived ``days``, or its horizon."""
    opened = load(scenario) if isinstance(scenario, dict) else scenario
    market = Market(opened, strategy, seed=seed, **more)
    for _ in range(market.scenario.market.days - market.day if days is None else days):
        market.step()
    return market


def columns(market: Market) -> dict[str, np.ndarray]:
    """Every column, by consumer-independent names: ``price:Leaf.green``, ``fit:tea``."""
    world = market.world
    owners = {
        "P": world.product_names, "M": world.merchants, "C": world.categories, "S": world.platform_names,
        "G": world.segments, "K": world.creators,
    }  # fmt: skip
    out: dict[str, np.ndarray] = {}
    for column in market.state.declared:
        values = market.state.columns[column.name]
        parts = {column.name: values}
        for axis in range(values.ndim - 1, -1, -1):
            names = owners.get(column.shape[axis])
            if names is not None:
                parts = {
                    f"{key}:{owner}": np.take(array, k, axis=axis)
                    for key, array in parts.items()
                    for k, owner in enumerate(names)
                }
        out |= parts
    return out


def same(a: Market, b: Market, but: tuple[str, ...] = ()) -> None:
    """Every column, order, share, post, balance and metric is bit-identical; names of b may exceed those of a."""
    mine, theirs = columns(a), columns(b)
    for name, values in mine.items():
        if name.split(":")[0] not in but:
            np.testing.assert_array_equal(values, theirs[name], err_msg=name)
    for table in ("orders", "groups", "shares", "posts"):
        assert rows_of(a, table) == rows_of(b, table), table
    books, others = (dict(zip(m.ledger.names, m.ledger.balance.tolist(), strict=True)) for m in (a, b))
    assert {name: others[name] for name in books} == books
    summary = b.tables()["summary"]
    for name, value in a.tables()["summary"].items():
        np.testing.assert_array_equal(value, summary[name], err_msg=name)


def rows_of(market: Market, table: str) -> list[tuple[Any, ...]]:
    """Rows of a record table, positions replaced by names."""
    rows = market.state.table(table).rows
    names, places = (*market.world.product_names, ""), (*market.world.platform_names, "")
    fields = [f for f in rows.dtype.names if f not in ("product", "platform")]
    return [
        (names[row["product"]], places[row["platform"]] if "platform" in row.dtype.names else "",
         *(row[f].item() for f in fields))
        for row in rows
    ]  # fmt: skip


@pytest.fixture(scope="module")
def base() -> Iterator[Market]:
    """The city at its horizon."""
    yield lived(CITY)


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


def person_state(market: Market) -> dict[str, np.ndarray]:
    """The columns of people."""
    n = market.network.n
    return {k: v.reshape(n, -1) for k, v in market.state.columns.items() if v.ndim and len(v) == n}


def differs(a: Market, b: Market) -> np.ndarray:
    """bool[N], who is not the same in both worlds."""
    mine, theirs = person_state(a), person_state(b)
    return np.any([(mine[k] != theirs[k]).any(axis=1) for k in mine], axis=0)


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


def test_a_channel_nobody_pays_for_is_as_good_as_off() -> None:
    silent = {"merchants.*.plan.budget_per_day": 0}
    a = lived(load(CITY, set=silent), days=20)
    b = lived(load(CITY, set=silent | {"mechanisms.ads.enabled": False, "mechanisms.creators.enabled": False}), days=20)
    same(a, b)


# ---------------------------------------------------------------------------------------------- events and warm-up


def test_events_are_worked_out_from_the_base_and_undone() -> None:
    """Two overlapping scales multiply; afterwards the price is exactly the old one; before, nothing differs."""
    events = [
        {"name": "sale", "day": 10, "days": 10, "change": {"merchants.Foam.products.bar.price": {"scale": 0.7}}},
        {"name": "deeper", "day": 15, "days": 10, "change": {"merchants.Foam.products.bar.price": {"scale": 0.9}}},
    ]
    market, calm = Market(load(plain(events=events)), seed=3), Market(load(CITY), seed=3)
    row, seen = market.world.product_names.index("Foam.bar"), []
    for day in range(30):
        market.step()
        calm.step()
        seen.append(int(market.state.columns["price"][row]))
        if day == 9:
            same(calm, market)
    assert seen == [1800] * 10 + [1260] * 5 + [1134] * 5 + [1620] * 5 + [1800] * 5


def warm(**more: Any) -> Plain:
    return plain(market=CITY["market"] | {"warmup": 15, "days": 20} | more)


def test_warm_up_is_lived_under_the_base_plan() -> None:
    a, b = (Market(load(warm()), s, seed=3).warm_up() for s in (None, "louder"))
    assert a.day == b.day == 0
    np.testing.assert_array_equal(a.ledger.balance, b.ledger.balance)
    assert not differs(a, b).any()
    a.run()
    b.run()
    assert a.book.flow[:, :, 1].sum() != b.book.flow[:, :, 1].sum()
    assert len(a.tables()["daily"]) == 20 or len(next(iter(a.tables()["daily"].values()))) == 20


@pytest.mark.parametrize("strategy", [None, "louder", "dearer"])
def test_a_branch_of_the_warmed_market_is_the_market_run_anew(strategy: str | None) -> None:
    trunk = Market(load(warm()), seed=3).warm_up()
    twin = trunk.branch(strategy)
    twin.run()
    assert trunk.day == 0
    same(lived(warm(), strategy), twin)


def test_branches_do_not_disturb_each_other() -> None:
    trunk = Market(load(warm()), seed=3).warm_up()
    trunk.branch("louder").run()
    twin = trunk.branch("same")
    twin.run()
    trunk.run()
    same(twin, trunk)
    with pytest.raises(ValueError, match="day 0"):
        trunk.branch("louder")


def test_a_branch_may_switch_mechanisms() -> None:
    both = warm() | {"strategies": {"mute": {
        "mechanisms.sharing.enabled": False, "mechanisms.ads.enabled": False, "mechanisms.group_buy.enabled": False,
    }}}  # fmt: skip
    twin = Market(load(both), seed=3).warm_up().branch("mute")
    twin.run()
    assert "sharing" not in twin.schedule["evening"]
    same(lived(both, "mute"), twin)


def test_a_market_without_warm_up_branches_by_starting_anew(base: Market) -> None:
    twin = Market(load(CITY), "louder", seed=3).branch()
    twin.run()
    same(base, twin)


def test_a_market_put_away_and_taken_out_goes_on() -> None:
    market = lived(CITY, days=20)
    twin = pickle.loads(pickle.dumps(market))
    for _ in range(20):
        market.step()
        twin.step()
    same(market, twin)


# ------------------------------------------------------------------------------------------------------------ size


def test_size_is_not_the_question() -> None:
    """Outcomes per head of one scenario, stated for 24,000, at 3,000 and 24,000 consumers agree within noise (D14).

    Without group-buys: how fast strangers fill a group is a matter of how many there are.
    """
    stated = plain(market={"consumers": 24_000, "days": 40})
    for merchant in stated["merchants"]:
        merchant["plan"]["budget_per_day"] *= 25
    for tier in stated["creators"]:
        tier["followers"] *= 6
        tier["count"] *= 4
    stated["merchants"][0]["products"][1]["inventory"] = 4_000
    names = ("orders", "gmv", "impressions", "clicks", "marketing_spend", "new_buyers", "consumer_surplus")
    heads: dict[int, np.ndarray] = {}
    for n, seeds in ((3_000, range(6)), (24_000, range(2))):
        scenario = load(stated, set={"market.consumers": n, "mechanisms.group_buy.enabled": False})
        runs = [lived(scenario, seed=seed, check=False).tables()["summary"] for seed in seeds]
        heads[n] = np.array([[run[name] / n for name in names] for run in runs])
    few, many = heads[3_000], heads[24_000]
    error = few.std(axis=0, ddof=1) * np.sqrt(1 / 6 + 1 / 2)
    gap = np.abs(few.mean(axis=0) - many.mean(axis=0))
    for k, name in enumerate(names):
        assert gap[k] < 3.5 * error[k] + 0.01 * abs(many[:, k].mean()), (name, few[:, k], many[:, k])
        assert gap[k] < 0.15 * abs(many[:, k].mean()), (name, few[:, k], many[:, k])


def test_a_smaller_file_is_a_smaller_market() -> None:
    """The control: without a reference the budget of 24,000 people falls on 3,000, and spending a head is eightfold."""
    rich = {"merchants.Leaf.plan.budget_per_day": 4000, "mechanisms.group_buy.enabled": False}
    spend = [
        lived(load(CITY, set=rich | change), days=10, check=False).book.flow.sum()
        for change in ({"market.reference_consumers": 900}, {"market.reference_consumers": 7200})
    ]
    assert spend[0] > 1.5 * spend[1]
