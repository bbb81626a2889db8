"""From the book to metrics: one number a run for each merchant, and the daily columns.

Formulas are those declared in :mod:`sim.scenario.measures`. Money in yuan; money and counts are multiplied by
the weight of a consumer (:func:`weight_of`), once. A window metric uses only people whose whole window was observed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNEL, CHANNELS, COUNT
from sim.metrics.collect import Book
from sim.metrics.members import of_members
from sim.metrics.money import NAN, Money, ratio
from sim.metrics.offers import of_offers
from sim.metrics.operations import running
from sim.state.columns import AWARE, NEVER, REACHED
from sim.state.judgement import displayed
from sim.state.ledger import REASON
from sim.state.records import COMPLETE, FILLED, OPEN, picked


def weight_of(market: Any) -> float:
    """People that one consumer stands for: ``market.represents`` over N where it is given, else ``market.weight``."""
    spec = market.scenario.market
    return float(spec.represents / market.network.n) if spec.represents else float(spec.weight)


def focal_index(market: Any) -> int:
    """Position of the merchant a run speaks of."""
    name = market.scenario.focal
    return market.world.merchants.index(name) if name in market.world.merchants else 0


def of_market(book: Book) -> dict[str, float]:
    d = slice(0, book.days)
    w = weight_of(book.market)
    rows = _tree(book, None)
    return {
        "fatigue": float(book.mood[d, 0].mean()) if book.days else NAN,
        "consumer_surplus": float(book.surplus[d, 0].sum()) * w,
        "experienced_surplus": float(book.surplus[d, 2].sum()) * w,
        **rows,
    }


def _tree(book: Book, mine: np.ndarray | None) -> dict[str, float]:
    """Cascade statistics: nodes, children a node, share of singletons, share of trees deeper than one hop."""
    sizes, depths, nodes = cascade_arrays(book, mine)
    return {
        "shares": float(nodes) * weight_of(book.market),
        "reproduction": ratio(nodes - len(sizes), nodes),
        "singleton_share": ratio((sizes == 1).sum(), len(sizes)),
        "deep_share": ratio((depths >= 2).sum(), len(sizes)),
    }


def cascade_arrays(book: Book, mine: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, int]:
    rows = book.market.state.table("shares").rows
    if len(rows) == 0:
        return np.zeros(0, int), np.zeros(0, int), 0
    root = np.where(rows["root"] < 0, np.arange(len(rows)), rows["root"])
    size = np.bincount(root, minlength=len(rows))
    depth = np.zeros(len(rows), np.int64)
    np.maximum.at(depth, root, rows["depth"])
    is_root = root == np.arange(len(rows))
    is_root &= rows["day"] >= 0
    if mine is not None:
        is_root &= mine[rows["product"]]
    return size[is_root], depth[is_root], int(size[is_root].sum())


def of_merchant(book: Book, m: int, money: Money) -> dict[str, float]:
    """Every metric that belongs to a merchant. ``money``: the orders of the run, worked out once for all merchants."""
    market, days = book.market, book.days
    world, c = market.world, market.state.columns
    w = weight_of(market)
    mine = world.products.merchant == m
    t = dict(zip(COUNT, money.counts[:, mine].sum(axis=1), strict=True))
    gains = book.worth[:days, m] - book.start_worth[m] if days else np.zeros(0)
    ads_seen = market.book.tally[:days, COUNT["impressions"]][:, mine, CHANNELS.index("ads")].sum()
    flags = c["flags"][:, mine]
    groups = market.state.table("groups").rows[book.first_group_row :]
    groups = picked(groups, mine[groups["product"]])
    closed = (groups["status"] != OPEN) & (groups["deadline"] <= 24.0 * days)
    shown, _ = displayed(world, c)
    rating = (
        shown[mine] @ c["sold"][mine] / max(c["sold"][mine].sum(), 1) if c["sold"][mine].sum() else shown[mine].mean()
    )
    satisfaction, late = money.delivered.of(m)
    return {
        **money.of_merchant(m, float(t["first_orders"]), w),
        **running(book, mine, m, late),
        "payback_day": _payback(gains),
        "impressions": float(t["impressions"]) * w,
        "clicks": float(t["clicks"]) * w,
        "ctr": ratio(t["clicks"], t["impressions"]),
        "reach": float(((flags & REACHED) != 0).any(axis=1).sum()) * w,
        "aware": float(((flags & AWARE) != 0).any(axis=1).sum()) * w,
        "orders": float(t["orders"]) * w,
        "click_to_order": ratio(t["click_orders"], t["clicks"]),
        "aov": ratio(t["gmv"] / 100.0, t["orders"]),
        "new_buyers": float(t["first_orders"]) * w,
        "repurchase_30d": _repurchase(c, m, days, 30),
        "repurchase_90d": _repurchase(c, m, days, 90),
        "return_rate": ratio(t["returned"], t["delivered"]),
        "satisfaction": satisfaction,
        "rating": float(rating),
        "trust": float(book.mood[days - 1, 3 + m]) if days else NAN,
        "groups_opened": float(len(groups)) * w,
        "group_completion": ratio((closed & np.isin(groups["status"], (COMPLETE, FILLED))).sum(), closed.sum()),
        "cpm": ratio(1000.0 * money.flow[REASON["ads"], m], ads_seen),
        **_tree(book, mine),
        "invitations": float(t["invited"]) * w,
        "referred_buyers": float(book.tally[:days, COUNT["first_orders"]][:, mine, CHANNEL["referral"]].sum()) * w,
        **_distribution(c, m, w),
        **of_members(book, m, money, w),
        **of_offers(book, m, money, w),
    }


def _distribution(c: dict[str, np.ndarray], m: int, w: float) -> dict[str, float]:
    """People who sell for merchant ``m``, how concentrated their income is, and how deep recruiting went."""
    if "distributor" not in c:
        return {"distributors": 0.0, "distributor_gini": NAN, "distribution_levels": 0.0, "distribution_flagged": 0.0}
    from sim.mechanisms.distribution import tree

    sells = c["distributor"][:, m] == 1
    levels, people = tree(sells, c["upline"][:, m])
    return {
        "distributors": float(sells.sum()) * w,
        "distributor_gini": gini(c["sales_paid"][sells, m].astype(float)),
        "distribution_levels": float(levels.max(initial=0)),
        "distribution_flagged": float(((levels >= 3) & (people >= 30)).sum()),
    }


def gini(income: np.ndarray) -> float:
    """Gini coefficient of incomes (>= 0), 0 when all are alike; NaN when nobody earns anything."""
    if income.sum() <= 0:
        return NAN
    n = len(income)
    return float(2.0 * (np.arange(1, n + 1) @ np.sort(income)) / (n * income.sum()) - (n + 1) / n)


def _repurchase(c: dict[str, np.ndarray], m: int, days: int, window: int) -> float:
    """Share of first-time buyers, their whole window observed, with a second paid order within ``window`` days."""
    first, second = c["first_order"][:, m].astype(int), c["second_order"][:, m].astype(int)
    seen = (first >= 0) & (first <= days - window)
    again = seen & (second > NEVER) & (second - first <= window)
    return ratio(again.sum(), seen.sum())


def _payback(gains: np.ndarray) -> float:
    """First day from which the gain stays at or above zero; NaN when it never does."""
    below = np.flatnonzero(gains < 0)
    if len(gains) == 0 or (len(below) and below[-1] == len(gains) - 1):
        return NAN
    return float(below[-1] + 1) if len(below) else 0.0


def daily(book: Book, m: int, money: Money) -> dict[str, np.ndarray]:
    """Columns of the daily table of merchant ``m``."""
    days, market = book.days, book.market
    w = weight_of(market)
    mine = market.world.products.merchant == m
    t = {name: book.tally[:days, code][:, mine].sum(axis=(1, 2)) for name, code in COUNT.items()}
    return {
        "day": np.arange(days),
        "impressions": t["impressions"] * w,
        "clicks": t["clicks"] * w,
        "aware": np.cumsum(t["aware"]) * w,
        "orders": t["orders"] * w,
        "gmv": t["gmv"] / 100.0 * w,
        "new_buyers": t["first_orders"] * w,
        "delivered": t["delivered"] * w,
        "returns": t["returned"] * w,
        "shares": book.shares[:days][:, mine].sum(axis=1) * w,
        "marketing_spend": money.daily_spend(m) * w,
        "cumulative_profit": (book.worth[:days, m] - book.start_worth[m]) * w,
        "cash": book.cash[:days, m] / 100.0 * w,
        "fatigue": book.mood[:days, 0],
        "trust": book.mood[:days, 3 + m],
        "reach": np.cumsum(t["reached"]) * w,
        "consumer_surplus": book.surplus[:days, 0] * w,
    }
