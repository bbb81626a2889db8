"""Goods, parcels and the desk: what they cost beyond the orders' own lines, and how well they ran."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.metrics.collect import Book
from sim.state.judgement import promised
from sim.state.ledger import REASON
from sim.state.listings import delays

NAN = float("nan")


def operating(book: Book, flow: np.ndarray) -> dict[str, np.ndarray]:
    """Lines of the statement, yuan float64[M]. ``flow`` yuan [REASONS, M] since day 0.

    Stock is valued at the unit cost of the start, so a batch that cost more, and stock that spoilt, are costs here.
    """
    owner = book.market.world.products.merchant
    units = np.zeros(len(owner))
    for name, sign in (("received", 1.0), ("made", 1.0), ("spoiled", -1.0)):
        count = book.running(name)
        units += 0.0 if count is None else sign * count
    valued = np.bincount(owner, units * book.bought_at / 100.0, minlength=flow.shape[1])
    paid = sum(flow[REASON[why]] for why in ("supply", "storage", "region", "service"))
    return {"operations": paid - valued, "subsidies": flow[REASON["subsidy"]] - flow[REASON["subsidy_back"]]}


class Delivered(NamedTuple):
    """Delivered orders of a run: ``merchant`` int64[n], ``satisfaction`` float32[n], ``late`` bool[n]."""

    merchant: np.ndarray
    satisfaction: np.ndarray
    late: np.ndarray

    def of(self, m: int) -> tuple[float, float]:
        """Mean satisfaction with merchant ``m``, and the share that came later than promised; NaN where none came."""
        own = self.merchant == m
        return (float(self.satisfaction[own].mean()), float(self.late[own].mean())) if own.any() else (NAN, NAN)


def delivered(book: Book) -> Delivered:
    """Every order that somebody paid for and got since day 0."""
    columns: Any = book.market.state.columns
    world = book.market.world
    orders = book.market.state.table("orders").rows[book.first_order_row :]
    came = np.flatnonzero((orders["delivered_day"] >= 0) & (orders["sample"] == 0))
    product, day, paid, consumer, platform, satisfaction = (
        orders[field][came]
        for field in ("product", "delivered_day", "paid_day", "consumer", "platform", "satisfaction")
    )
    promise = promised(world)[:, None, :] + np.maximum(0.0, delays(world))
    since = np.maximum(paid, columns["announced"][product]).astype(float)
    late = day - since > promise[columns["region"][consumer], platform, product]
    return Delivered(world.products.merchant[product], satisfaction, late)


def running(book: Book, mine: np.ndarray, m: int, late: float) -> dict[str, float]:
    """How supply, parcels (``late``, a share) and the desk of merchant ``m`` ran; NaN where it has none. ``mine``
    bool[P]."""
    c, world = book.market.state.columns, book.market.world
    found = {"stockout_share": NAN, "turns": NAN, "late_share": late, "left_line": NAN}
    supplied = np.array([p.supply is not None for x in world.scenario.merchants for p in x.products]) & mine
    empty, stock = book.running("empty_days"), book.running("stock_days")
    if empty is not None and stock is not None and supplied.any() and book.days:
        on_sale = np.maximum(book.days - np.maximum(world.products.enters, 0), 0)[supplied].sum()
        sold = (c["sold"] - book.sold_before)[supplied].sum()
        held = stock[supplied].sum()
        found["stockout_share"] = float(empty[supplied].sum() / on_sale) if on_sale else NAN
        found["turns"] = float(365.0 * sold / held) if held else NAN
    asked, left = book.running("asked"), book.running("left_line")
    if asked is not None and left is not None and asked[m]:
        found["left_line"] = float(left[m] / asked[m])
    return found
