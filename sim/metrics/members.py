"""Members against others, coupons redeemed, customers won back: numbers of one merchant.

``gap`` compares what members and other customers spent and ordered in the last days of a run, membership as it stood
when those days began: members would otherwise be ahead for the mere reason that whoever orders may join.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import COUNT
from sim.metrics.collect import Book
from sim.metrics.money import NAN, Money, ratio

WINDOW = 30


def window_of(days: int) -> int:
    """Days over which members and others are compared: the last 30, at most half of the run."""
    return min(WINDOW, days // 2)


def gap(spend: np.ndarray, inside: np.ndarray, customer: np.ndarray) -> float:
    """Mean of the customers ``inside`` less that of the other customers; NaN where one side is empty."""
    ours, others = customer & inside, customer & ~inside
    if not ours.any() or not others.any():
        return NAN
    return float(spend[ours].mean() - spend[others].mean())


def of_members(book: Book, m: int, money: Money, weight: float) -> dict[str, float]:
    """Metrics of membership, community and messages; NaN where the mechanism is off or nobody is concerned."""
    c, favours = book.market.state.columns, book.market.state.shared["favours"]
    n, days = book.market.network.n, book.days
    own = money.merchant == m
    who, price, day = money.rows["consumer"][own], money.lines.price[own], money.rows["paid_day"][own]
    begins = days - window_of(days)
    late = np.bincount(who[day >= begins], price[day >= begins], minlength=n)
    orders = np.bincount(who[day >= begins], minlength=n)
    whole = np.bincount(who, price, minlength=n)
    customer = (c["first_order"][:, m] > -30_000) & (c["first_order"][:, m] < begins)
    found: dict[str, float] = {}
    for name, state, joined in (("member", "tier", "enrolled"), ("community", "member", "joined_day")):
        if state not in c:
            found |= dict.fromkeys((f"{name}_{what}" for what in ("count", "gmv_share", "gap", "orders_gap")), NAN)
            continue
        inside = c[state][:, m] > 0
        found[f"{name}_count"] = float(inside.sum()) * weight
        found[f"{name}_gmv_share"] = ratio(whole[inside].sum(), whole.sum())
        settled = inside & (c[joined][:, m] < begins)
        found[f"{name}_gap"] = gap(late, settled, customer)
        found[f"{name}_orders_gap"] = gap(orders, settled, customer)
    found["referred_orders_gap"] = _referred(c, m, who, money.age[own], days)
    issues = np.flatnonzero(favours.owner == m)
    issues = issues[issues > 0]
    sent = float(favours.sent[issues].sum())
    used = int((money.rows["coupon"][own] > 0).sum())
    moves = favours.moves[m]
    return {
        **found,
        "coupons_sent": sent * weight,
        "coupons_used": float(used) * weight,
        "coupon_redemption": ratio(used, sent),
        "reactivation": ratio(moves[4, 1:4].sum(), moves[4].sum()),
        "leads": leads(book, m) * weight,
        "points_owed": _points(c, m) * weight,
    }


def _referred(c: Any, m: int, who: np.ndarray, age: np.ndarray, days: int) -> float:
    """Further orders of new buyers in the days after the first, of the referred less those of the others."""
    if "referred" not in c:
        return NAN
    first, window = c["first_order"][:, m], window_of(days)
    seen = (first >= 0) & (first <= days - window)
    again = np.bincount(who[(age > 0) & (age <= window)], minlength=len(first))
    return gap(again, c["referred"][:, m] == 1, seen)


def leads(book: Book, m: int) -> float:
    """People who joined the community on a click."""
    mine = book.market.world.products.merchant == m
    return float(book.tally[: book.days, COUNT["leads"]][:, mine].sum())


def _points(c: Any, m: int) -> float:
    return float(c["points"][:, m].sum()) / 100.0 if "points" in c else NAN
