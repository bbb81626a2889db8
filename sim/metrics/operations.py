"""Goods, parcels and the desk: what they cost beyond the orders' own lines, and how well they ran."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.metrics.collect import Book
from sim.state.judgement import promised
from sim.state.ledger import REASON
from sim.state.listings import delays
from sim.state.records import picked

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


def running(book: Book, mine: np.ndarray, m: int) -> dict[str, float]:
    """How supply, parcels and the desk of merchant ``m`` ran; NaN where it has none. ``mine`` bool[P]."""
    c, world = book.market.state.columns, book.market.world
    promise = promised(world)[:, None, :] + np.maximum(0.0, delays(world))
    found = {"stockout_share": NAN, "turns": NAN, "late_share": _late(book, mine, promise), "left_line": NAN}
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


def _late(book: Book, mine: np.ndarray, promise: np.ndarray) -> float:
    """Share of the delivered orders that came later than promised."""
    columns: Any = book.market.state.columns
    rows = book.market.state.table("orders").rows[book.first_order_row :]
    rows = picked(rows, (rows["delivered_day"] >= 0) & (rows["sample"] == 0) & mine[rows["product"]])
    if len(rows) == 0:
        return NAN
    product = rows["product"]
    since = np.maximum(rows["paid_day"], columns["announced"][product]).astype(float)
    promised_in = promise[columns["region"][rows["consumer"]], rows["platform"], product]
    return float((rows["delivered_day"] - since > promised_in).mean())
