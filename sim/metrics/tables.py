"""The tables of a run: by channel, merchant, cascade, group, order, and cash by day."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNELS, COUNT, MODES
from sim.metrics.cascades import cascade_table
from sim.metrics.cohorts import cohorts
from sim.metrics.collect import Book
from sim.metrics.glimpses import glimpses
from sim.metrics.money import NAN, Money
from sim.metrics.summary import cascade_arrays, daily, focal_index, of_market, of_merchant, weight_of
from sim.state.records import STATUSES, picked


def tables(book: Book) -> dict[str, Any]:
    """All tables of a run; ``summary`` speaks of the focal merchant and has ``metric@merchant`` for every one."""
    market, money = book.market, Money(book)
    focal = focal_index(market)
    merchants = [of_merchant(book, m, money) for m in range(len(market.world.merchants))]
    summary: dict[str, float] = dict(of_market(book))
    for m, name in enumerate(market.world.merchants):
        summary |= {f"{k}@{name}": v for k, v in merchants[m].items()}
        if m == focal:
            summary |= merchants[m]
    return {
        "summary": summary,
        "daily": daily(book, focal, money),
        "channels": channels(book, focal, money),
        "products": market.products.reset_index(),
        "merchants": _merchants(book, merchants),
        "cascades": cascades(book, focal),
        "cash": _cash(book),
        "groups": _groups(book),
        "cohorts": cohorts(money, focal, weight_of(market)),
        "crossings": crossings(book, focal),
        "orders": orders(book) if market.keep_orders else None,
        **glimpses(book, focal, money),
    }


def channels(book: Book, m: int, money: Money) -> dict[str, Any]:
    """One row a channel: exposures, clicks, and by last and first touch orders, money, and money per yuan of spend.

    Each credit gives every order to one channel, so orders, GMV, spend and contribution sum to the merchant's own.
    """
    days, market = book.days, book.market
    w = weight_of(market)
    mine = market.world.products.merchant == m
    t = {name: book.tally[:days, code][:, mine].sum(axis=(0, 1)) for name, code in COUNT.items()}
    spend = money.spend[:, m]
    table = {
        "channel": list(CHANNELS),
        "impressions": t["impressions"] * w,
        "clicks": t["clicks"] * w,
        "new_buyers": t["first_orders"] * w,
        "spend": spend * w,
    }
    for touch in ("last", "first"):
        gmv = money.by_channel(money.lines.price, touch, m)
        left = money.by_channel(money.margin, touch, m) - spend
        table[f"orders_{touch}_touch"] = money.by_channel(np.ones(len(money.rows)), touch, m) * w
        table[f"gmv_{touch}_touch"] = gmv * w
        table[f"contribution_{touch}_touch"] = left * w
        table[f"roas_{touch}_touch"] = np.divide(gmv, spend, out=np.full(len(spend), NAN), where=spend > 0)
        table[f"roi_{touch}_touch"] = np.divide(left, spend, out=np.full(len(spend), NAN), where=spend > 0)
    return table


def cascades(book: Book, m: int) -> dict[str, np.ndarray]:
    """One row a (size, depth) of the merchant's share trees, with how many there were."""
    mine = book.market.world.products.merchant == m
    sizes, _, _ = cascade_arrays(book, mine)
    if len(sizes) == 0:
        return {"size": np.zeros(0, int), "depth": np.zeros(0, int), "virality": np.zeros(0), "count": np.zeros(0, int)}
    table = cascade_table(book.market.state.table("shares").rows)
    own = (table["day"] >= 0) & mine[table["product"]]
    keys = np.stack([table["size"][own], table["depth"][own]], axis=1)
    unique, where, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    virality = np.bincount(where.ravel(), table["virality"][own]) / count
    return {"size": unique[:, 0], "depth": unique[:, 1], "virality": virality, "count": count}


def crossings(book: Book, m: int) -> dict[str, Any]:
    """Paid orders of the merchant's listed products by place of first exposure (``met_at``) and of order."""
    c, world = book.market.state.columns, book.market.world
    table: dict[str, Any] = {"met_at": [], "ordered_at": [], "orders": [], "gmv": []}
    if "crossed" not in c:
        return table
    mine, w, names = world.products.merchant == m, weight_of(book.market), world.platform_names
    for s, t in np.argwhere(c["crossed"][:, :, mine].sum(axis=2)).tolist():
        row = (names[s], names[t], float(c["crossed"][s, t, mine].sum()) * w,
               float(c["crossed_gmv"][s, t, mine].sum()) / 100.0 * w)
        for column, value in zip(table.values(), row, strict=True):
            column.append(value)
    return table


def _merchants(book: Book, rows: list[dict[str, float]]) -> dict[str, Any]:
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
    rows = picked(rows, rows["sample"] == 0)
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
