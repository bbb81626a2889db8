"""Numbers of one merchant's own posts, sets, paid content, vouchers and green goods."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import COUNT
from sim.metrics.collect import Book
from sim.metrics.money import NAN, Money, ratio
from sim.state.claims import green_claims
from sim.state.offers import contents


def of_offers(book: Book, m: int, money: Money, weight: float) -> dict[str, float]:
    """Metrics of what a merchant offers beside plain goods; NaN or 0 where it offers none of it."""
    world = book.market.world
    mine = world.products.merchant == m
    t = {name: float(book.tally[: book.days, COUNT[name]][:, mine].sum())
         for name in ("redeemed", "expired", "trials", "trial_orders")}
    owned = [(merchant, p) for merchant in world.scenario.merchants for p in merchant.products]
    is_set = np.zeros(len(owned), bool)
    is_set[list(contents(world.scenario, owned))] = True
    own = money.merchant == m
    sold, price = money.rows["product"][own], money.lines.price[own]
    posted, by_ai = (_running(book, name, m) for name in ("posted", "posted_ai"))
    return {
        "own_posts": posted * weight,
        "ai_posts_share": ratio(by_ai, posted),
        "store_visits": t["redeemed"] * weight,
        "voucher_redemption": ratio(t["redeemed"], t["redeemed"] + t["expired"]),
        "set_share": ratio(price[is_set[sold]].sum(), price.sum()) if is_set.any() else NAN,
        "trials": t["trials"] * weight,
        "trial_conversion": ratio(t["trial_orders"], t["trials"]),
        "green_share": _green(world, sold, price),
    }


def _running(book: Book, name: str, m: int) -> float:
    count = book.running(name)
    return 0.0 if count is None else float(count[m])


def _green(world: Any, sold: np.ndarray, price: np.ndarray) -> float:
    claimed = green_claims(world)[0] > 0
    return ratio(price[claimed[sold]].sum(), price.sum()) if claimed.any() else NAN
