"""Goods, parcels and the desk: what they cost beyond the orders' own lines, and how well they ran."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.metrics.collect import Book
from sim.state.judgement import promised
from sim.state.ledger import REASON

NAN = float("nan")


def operating(book: Book, flow: np.ndarray) -> dict[str, np.ndarray]:
    """Lines of the statement, yuan float64[M]. ``flow`` yuan [REASONS, M] since day 0.

    Stock is valued at the unit cost of the start, so a batch that cost more, and stock that spoilt, are costs here.
    """
    columns, owner = book.market.state.columns, book.market.world.products.merchant
    units = np.zeros(len(owner))
    for name in ("received", "made"):
        if name in columns:
            units += columns[name]
    units -= columns["spoiled"] if "spoiled" in columns else 0
    valued = np.bincount(owner, units * book.bought_at / 100.0, minlength=flow.shape[1])
    paid = sum(flow[REASON[why]] for why in ("supply", "storage", "region", "service"))
    return {"operations": paid - valued, "subsidies": flow[REASON["subsidy"]] - flow[REASON["subsidy_back"]]}


def running(book: Book, mine: np.ndarray, m: int) -> dict[str, float]:
    """How supply, parcels and the desk of merchant ``m`` ran; NaN where it has none. ``mine`` bool[P]."""
    c, world = book.market.state.columns, book.market.world
    found = {"stockout_share": NAN, "turns": NAN, "late_share": _late(book, mine, promised(world)), "left_line": NAN}
    supplied = np.array([p.supply is not None for x in world.scenario.merchants for p in x.products]) & mine
    if "stock_days" in c and supplied.any() and book.days:
        on_sale = np.maximum(book.days - np.maximum(world.products.enters, 0), 0)[supplied].sum()
        sold = (c["sold"] - book.sold_before)[supplied].sum()
        held = c["stock_days"][supplied].sum()
        found["stockout_share"] = float(c["empty_days"][supplied].sum() / on_sale) if on_sale else NAN
        found["turns"] = float(365.0 * sold / held) if held else NAN
    if "asked" in c and c["asked"][m]:
        found["left_line"] = float(c["left_line"][m] / c["asked"][m])
    return found


def _late(book: Book, mine: np.ndarray, promise: np.ndarray) -> float:
    """Share of the delivered orders that came later than promised."""
    columns: Any = book.market.state.columns
    rows = book.market.state.table("orders").rows[book.first_order_row :]
    rows = rows[(rows["delivered_day"] >= 0) & (rows["sample"] == 0) & mine[rows["product"]]]
    if len(rows) == 0:
        return NAN
    product = rows["product"]
    since = np.maximum(rows["paid_day"], columns["announced"][product]).astype(float)
    return float((rows["delivered_day"] - since > promise[columns["region"][rows["consumer"]], product]).mean())
