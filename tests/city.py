"""A small city where everything happens, and what makes two of its worlds the same."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from sim import catalogue, load
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


EVERYTHING: Plain = {
    "agencies": [{"name": "House", "signs": {"star": 1.0, "nano": 0.5}, "package": 2}],
    "platforms.*.guard": {"keep": 0.99, "every": 5},
    "logistics.regions": [{"name": "near", "delivery_days": 2, "rent": 5},
                          {"name": "far", "delivery_days": 5, "surcharge": 3, "duty": 0.05, "payment_success": 0.8,
                           "returns_accepted": 0.7}],
    "mechanisms.creators.fee_response": 0.05, "mechanisms.pricing.rivals": "match_spend",
    "mechanisms.moderation.inspections": 0.5, "mechanisms.talk.care": 0.5,
    "mechanisms.crm.at_risk_days": 8, "mechanisms.crm.lapsed_days": 15, "mechanisms.referral.gift_rate": 0.1,
    "merchants.Leaf.plan.mix": {"ads": 0.3, "kol": 0.2, "koc": 0.2, "community": 0.1, "live": 0.2},
    "merchants.Leaf.plan.budget_per_day": 600, "merchants.Leaf.cash": 50_000,
    "merchants.Leaf.plan.live": {"hosts": {"brand": 3, "star": 2}, "discount": 0.15, "traffic": 0.2},
    "merchants.Leaf.plan.referral": {"inviter_reward": 3, "invitee_reward": 3, "gift_reward": 2},
    "merchants.Leaf.plan.bargain": {"floor": 0.6, "products": ["black"]},
    "merchants.Leaf.plan.distribution": {"commissions": [0.1, 0.03], "leaders": 5},
    "merchants.Leaf.plan.club_discount": 0.05, "merchants.Leaf.plan.pushes_per_week": 4,
    "merchants.Leaf.plan.membership": {
        "postage": 3, "points": {"earn": 0.05, "least": 0.1},
        "tiers": [{"name": "gold", "spend": 60, "discount": 0.05}], "paid": {"fee": 5, "days": 20, "discount": 0.08}},
    "merchants.Leaf.plan.crm": {"rules": [
        {"name": s, "stage": s, "every_days": 5, "coupon": {"value": 5}} for s in ("at_risk", "lapsed")]},
    "merchants.Leaf.desk": {"staff": 1, "handle_minutes": 30, "bot_solves": 0.3, "bot_cost": 0.1},
    "merchants.Leaf.pricing": {"rule": "stock", "subsidy": {"platform": "film", "share": 0.1}},
    "merchants.Leaf.budgeting": {},
    "merchants.Leaf.products.black.supply": {"lead_days": 5, "review_days": 3, "spoils": 0.01, "sources": 2},
    "merchants.Leaf.products.green.listings": [{"name": "notes"}, {"name": "film", "price": 43}],
    "merchants.Leaf.assurance": {"refund": True, "compensation": 1, "verify": 0.3, "trace": True, "tryon": 0.3},
    "merchants.Leaf.review_reward": {"yuan": 1},
    "merchants.Foam.tricks": {"fake_orders": 20, "counterfeit": 0.1}, "merchants.Foam.honesty": 0.5,
    "merchants.Foam.deposit": 500,
    "merchants.Foam.products.gel.presale": {"from_day": 2, "days": 10, "moq": 3, "lead_days": 4},
    "merchants.Foam.budgeting": {"by": "experiment", "every": 5},
}  # fmt: skip
"""What gives every mechanism something to do, by path (``agencies`` by field)."""


NEED_IT: dict[str, tuple[str, ...]] = {
    "community": ("hand_over", "talk"), "delivery": ("reviews", "dishonesty", "moderation", "assurance", "store"),
    "reviews": ("dishonesty",), "feed": ("content",),
}  # fmt: skip
"""Mechanisms that cannot be without another."""
_GO_WITH = {
    "community": ("plan.club_discount",), "referral": ("plan.referral",), "bargain": ("plan.bargain",),
    "distribution": ("plan.distribution",), "membership": ("plan.membership",), "crm": ("plan.crm",),
    "dishonesty": ("tricks",), "assurance": ("assurance",), "reviews": ("review_reward",),
}  # fmt: skip


def everything(off: tuple[str, ...] = (), **more: Any) -> Any:
    """The city with all mechanisms switched on, but for those named, and something for each to do."""
    on = {f"mechanisms.{name}.enabled": name not in off for name in catalogue.BUILT_IN if name != "planning"}
    gone = {part for name in off for part in _GO_WITH.get(name, ())}
    asked = {path: value for path, value in EVERYTHING.items()
             if path != "agencies" and path.removeprefix("merchants.Leaf.").removeprefix("merchants.Foam.") not in gone}
    return load(plain(agencies=EVERYTHING["agencies"]), set=asked | on | more)


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


def person_state(market: Market) -> dict[str, np.ndarray]:
    """The columns of people."""
    n = market.network.n
    return {k: v.reshape(n, -1) for k, v in market.state.columns.items() if v.ndim and len(v) == n}


def differs(a: Market, b: Market) -> np.ndarray:
    """bool[N], who is not the same in both worlds."""
    mine, theirs = person_state(a), person_state(b)
    return np.any([(mine[k] != theirs[k]).any(axis=1) for k in mine], axis=0)
