"""The tables of a run: by channel, merchant, cascade, group, order, and cash by day."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNELS, COUNT, MODES
from sim.metrics.collect import Book
from sim.metrics.summary import NAN, cascade_arrays, daily, focal_index, of_market, of_merchant, weight_of
from sim.state.ledger import REASON
from sim.state.records import STATUSES

CHANNEL_SPEND = {
    "ads": ("ads",),
    "kol": ("slot_fee", "commission"),
    "koc": ("sample",),
    "community": ("community",),
    "friend": (),
}
"""Reasons of the ledger by the channel they pay for (rewards for notes are added to koc)."""


def tables(book: Book) -> dict[str, Any]:
    """All tables of a run; ``summary`` speaks of the focal merchant and has ``metric@merchant`` for every one."""
    market = book.market
    focal = focal_index(market)
    summary: dict[str, float] = dict(of_market(book))
    for m, name in enumerate(market.world.merchants):
        mine = of_merchant(book, m)
        summary |= {f"{k}@{name}": v for k, v in mine.items()}
        if m == focal:
            summary |= mine
    return {
        "summary": summary,
        "daily": daily(book, focal),
        "channels": channels(book, focal),
        "products": market.products.reset_index(),
        "merchants": _merchants(book),
        "cascades": cascades(book, focal),
        "cash": _cash(book),
        "groups": _groups(book),
        "orders": orders(book) if market.keep_orders else None,
    }


def channels(book: Book, m: int) -> dict[str, Any]:
    """One row a channel: exposures, clicks, orders and money by first and last touch, spend, contribution per yuan."""
    days, market = book.days, book.market
    w = weight_of(market)
    mine = market.world.products.merchant == m
    t = {name: book.tally[:days, code][:, mine].sum(axis=(0, 1)) for name, code in COUNT.items()}
    flow = {name: book.flow[:days, code, m].sum() / 100.0 for name, code in REASON.items()}
    spend = np.array([sum(flow[r] for r in CHANNEL_SPEND.get(ch, ())) for ch in CHANNELS])
    spend[CHANNELS.index("koc")] += flow["note_reward"]
    p = market.world.products
    price = p.list_price[mine].sum()
    unit_margin = 1.0 - (p.unit_cost[mine].sum() / price if price else 0.0)
    gained = t["gmv"] / 100.0 * unit_margin - spend
    return {
        "channel": list(CHANNELS),
        "impressions": t["impressions"] * w,
        "clicks": t["clicks"] * w,
        "orders_last_touch": t["orders"] * w,
        "orders_first_touch": t["first_touch_orders"] * w,
        "gmv_last_touch": t["gmv"] / 100.0 * w,
        "gmv_first_touch": t["first_touch_gmv"] / 100.0 * w,
        "new_buyers": t["first_orders"] * w,
        "spend": spend * w,
        "roi": np.where(spend > 0, gained / np.maximum(spend, 1e-12), NAN),
    }


def cascades(book: Book, m: int) -> dict[str, np.ndarray]:
    """One row a (size, depth) of the merchant's share trees, with how many there were."""
    mine = book.market.world.products.merchant == m
    sizes, _, _ = cascade_arrays(book, mine)
    if len(sizes) == 0:
        return {"size": np.zeros(0, int), "depth": np.zeros(0, int), "virality": np.zeros(0), "count": np.zeros(0, int)}
    from sim.mechanisms.sharing import cascade_table

    table = cascade_table(book.market.state.table("shares").rows)
    own = (table["day"] >= 0) & mine[table["product"]]
    keys = np.stack([table["size"][own], table["depth"][own]], axis=1)
    unique, where, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    virality = np.bincount(where.ravel(), table["virality"][own]) / count
    return {"size": unique[:, 0], "depth": unique[:, 1], "virality": virality, "count": count}


def _merchants(book: Book) -> dict[str, Any]:
    rows = [of_merchant(book, m) for m in range(len(book.market.world.merchants))]
    keys = rows[0].keys() if rows else ()
    return {"merchant": list(book.market.world.merchants), **{k: [r[k] for r in rows] for k in keys}}


def _cash(book: Book) -> dict[str, np.ndarray]:
    named = {n: book.cash[: book.days, m] / 100.0 for m, n in enumerate(book.market.world.merchants)}
    return {"day": np.arange(book.days), **named}


def _groups(book: Book) -> dict[str, Any]:
    rows = book.market.state.table("groups").rows[book.first_group_row :]
    names = book.market.world.product_names
    return {
        "product": [names[p] for p in rows["product"]],
        "opened": rows["opened"],
        "closed": rows["closed"],
        "size": rows["size"],
        "members": rows["members"],
        "status": rows["status"],
    }


def orders(book: Book) -> dict[str, Any]:
    """One row an order of the experiment, samples left out (architecture section 6)."""
    state, world = book.market.state, book.market.world
    rows = state.table("orders").rows[book.first_order_row :]
    rows = rows[rows["sample"] == 0]
    touch = np.array([*CHANNELS, *[""] * (256 - len(CHANNELS))])
    return {
        "day": rows["day"],
        "hour": rows["hour"] - 24.0 * rows["day"],
        "consumer": rows["consumer"],
        "product": np.array(world.product_names)[rows["product"]],
        "platform": np.array(world.platform_names)[rows["platform"]],
        "mode": np.array(MODES)[rows["mode"]],
        "price_paid": rows["price"] / 100.0,
        "first_touch": touch[rows["first_touch"]],
        "last_touch": touch[rows["last_touch"]],
        "referrer": rows["referrer"],
        "group": rows["group"],
        "paid_day": rows["paid_day"],
        "delivered_day": rows["delivered_day"],
        "returned": rows["status"] == STATUSES.index("returned"),
        "satisfaction": rows["satisfaction"],
        "status": np.array(STATUSES)[rows["status"]],
    }
