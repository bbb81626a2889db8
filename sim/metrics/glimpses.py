"""Glimpses of one run that no sum can show: two sharing trees, a piece of the network, how groups filled, who paid
whom, buyers by segment. Each is a small table, whatever the size of the market.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNELS
from sim.metrics.cascades import cascade_table
from sim.metrics.collect import Book
from sim.metrics.money import NAN, Money, ratio
from sim.metrics.summary import weight_of
from sim.state.columns import AWARE, NEVER, REACHED
from sim.state.ledger import PARTIES, REASONS
from sim.state.records import COMPLETE, FILLED, OPEN, picked

MOST_NODES = 400
"""People of a tree that are kept, nearest to its origin first."""

MOST_PEOPLE = 360
"""People of the piece of the network: whole communities while they fit."""

REPEAT = 90
"""Days within which a second order counts as a repurchase (metric ``repurchase_90d``)."""


def glimpses(book: Book, m: int, money: Money) -> dict[str, Any]:
    """All glimpses of merchant ``m`` by the name of their table."""
    people, ties = neighbourhood(book, m)
    return {
        "trees": trees(book, m),
        "piece": people,
        "ties": ties,
        "fills": fills(book, m),
        "flows": flows(book),
        "segments": segments(book, m, money),
    }


def trees(book: Book, m: int) -> dict[str, Any]:
    """The largest sharing tree of merchant ``m`` and the typical one, a row a person.

    ``tree``: largest, or typical: the one of median size among those that anybody passed on, the earliest of them.
    ``node`` counts from 0, its origin, in order of generation; ``parent`` is a node, -1 for the origin; ``depth``
    generations; ``day``; ``size`` people in all, of whom ``MOST_NODES`` are kept; ``good``: praise or warning.
    """
    rows = book.market.state.table("shares").rows
    made: dict[str, list[Any]] = {k: [] for k in ("tree", "node", "parent", "depth", "day", "size", "good")}
    if len(rows) == 0:
        return made
    shapes = cascade_table(rows)
    own = (shapes["day"] >= 0) & (book.market.world.products.merchant == m)[shapes["product"]] & (shapes["size"] > 1)
    roots, sizes = shapes["root"][own], shapes["size"][own]
    if len(roots) == 0:
        return made
    by_size = np.lexsort((roots, sizes))
    middle = np.flatnonzero(sizes == sizes[by_size[(len(sizes) - 1) // 2]])[0]
    origin = np.where(rows["root"] < 0, np.arange(len(rows)), rows["root"])
    for name, k in (("largest", int(np.flatnonzero(sizes == sizes.max())[0])), ("typical", int(middle))):
        members = np.flatnonzero(origin == roots[k])
        members = members[np.argsort(rows["depth"][members], kind="stable")][:MOST_NODES]
        place = {int(row): node for node, row in enumerate(members)}
        kept = picked(rows, members)
        made["tree"] += [name] * len(members)
        made["node"] += range(len(members))
        made["parent"] += [place.get(int(parent), -1) for parent in kept["parent"]]
        for column in ("depth", "day", "good"):
            made[column] += kept[column].astype(int).tolist()
        made["size"] += [int(sizes[k])] * len(members)
    return made


def neighbourhood(book: Book, m: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first communities of the network, up to ``MOST_PEOPLE`` people, and the ties among them.

    People: ``person`` row, ``community``, ``segment``, ``friends`` in the whole network, ``first_touch`` channel by
    which merchant ``m`` was first met (of the product bought first, else of the first one met; "" for nobody met),
    ``aware``, ``bought`` day of the first order since day 0 (-1: none). Ties: ``a``, ``b``, persons, a < b.
    """
    market = book.market
    c, net, world = market.state.columns, market.network, market.world
    ends = net.starts[1:]
    whole = ends[ends <= MOST_PEOPLE]
    n = int(whole[-1]) if len(whole) else min(MOST_PEOPLE, net.n)
    mine = np.flatnonzero(world.products.merchant == m)
    flags, touch = c["flags"][:n, mine], c["first_touch"][:n, mine]
    met = (flags & REACHED) != 0
    best = np.argmax(2 * (c["units"][:n, mine] > 0) + met, axis=1)
    names = np.array([*CHANNELS, *[""] * (256 - len(CHANNELS))])
    first = c["first_order"][:n, m].astype(int)
    people = {
        "person": np.arange(n),
        "community": net.community[:n],
        "segment": np.array(world.segments)[c["segment"][:n].astype(int)],
        "friends": net.degree[:n],
        "first_touch": np.where(met.any(axis=1), names[touch[np.arange(n), best]], ""),
        "aware": ((flags & AWARE) != 0).any(axis=1),
        "bought": np.where(first >= 0, first, -1),
    }
    a = np.repeat(np.arange(n), net.degree[:n])
    b = net.indices[: net.indptr[n]].astype(np.int64)
    once = (a < b) & (b < n)
    return people, {"a": a[once], "b": b[once]}


def fills(book: Book, m: int) -> dict[str, Any]:
    """How groups filled: a row a size and hour since opening, over the groups whose time is up.

    ``seats``: mean share of the size taken by people, ``complete``: share of groups that were full by then,
    ``groups``: how many, ``filled_up``: share that the platform filled up at the deadline.
    """
    market = book.market
    rows = market.state.table("groups").rows
    made: dict[str, list[Any]] = {k: [] for k in ("size", "hour", "seats", "complete", "groups", "filled_up")}
    mine = market.world.products.merchant == m
    over = (rows["status"] != OPEN) & (rows["deadline"] <= 24.0 * book.days)
    over &= mine[rows["product"]] & (np.arange(len(rows)) >= book.first_group_row)
    orders = market.state.table("orders").rows
    within = np.flatnonzero(orders["group"] >= 0)
    within = within[over[orders["group"][within]]]
    group = orders["group"][within]
    since, seats = orders["hour"][within] - rows["opened"][group], rows["size"][group]
    for size in np.unique(rows["size"][over]).tolist():  # a plain int: bytes of the table would overflow below
        own = over & (rows["size"] == size)
        lasts = int(np.ceil((rows["deadline"] - rows["opened"])[own].max()))
        count = int(own.sum())
        joined = np.sort(since[seats == size])
        closed = np.sort((rows["closed"] - rows["opened"])[own & (rows["status"] == COMPLETE)])
        hours = np.linspace(0, lasts, min(lasts, 72) + 1)
        made["size"] += [size] * len(hours)
        made["hour"] += hours.tolist()
        made["seats"] += (np.searchsorted(joined, hours + 1e-9, "right") / (count * size)).tolist()
        made["complete"] += (np.searchsorted(closed, hours + 1e-9, "right") / count).tolist()
        made["groups"] += [count] * len(hours)
        made["filled_up"] += [ratio((rows["status"][own] == FILLED).sum(), count)] * len(hours)
    return made


def flows(book: Book) -> dict[str, Any]:
    """Who paid whom in the focal merchant's business since day 0: ``payer``, ``payee``, ``reason``, ``yuan``."""
    ledger, w = book.market.state.ledger, weight_of(book.market)
    reason, payer, payee = np.nonzero(ledger.walked)
    return {
        "payer": [PARTIES[k] for k in payer],
        "payee": [PARTIES[k] for k in payee],
        "reason": [REASONS[k] for k in reason],
        "yuan": ledger.walked[reason, payer, payee] / 100.0 * w,
    }


def segments(book: Book, m: int, money: Money) -> dict[str, Any]:
    """A row a segment: ``people``, ``reach``, ``aware``, ``new_buyers``, ``orders``, ``gmv``, ``order_margin`` (yuan,
    before marketing spend), ``repurchase_90d``, ``trust`` in the merchant (mean, 0..1)."""
    market, w = book.market, weight_of(book.market)
    c, names = market.state.columns, list(market.world.segments)
    segment, k = c["segment"].astype(np.int64), len(names)
    mine = market.world.products.merchant == m
    first, second = c["first_order"][:, m].astype(int), c["second_order"][:, m].astype(int)
    seen = (first >= 0) & (first <= book.days - REPEAT)
    again = seen & (second > NEVER) & (second - first <= REPEAT)

    def count(mask: np.ndarray, values: Any = None) -> np.ndarray:
        weights = None if values is None else values[mask]
        return np.bincount(segment[mask], weights, minlength=k).astype(float)

    own = money.merchant == m
    buyer = segment[money.rows["consumer"][own]]
    people, everybody = count(np.ones(len(segment), bool)), np.ones(len(segment), bool)
    good, bad = c["trust_good"][:, m].astype(float), c["trust_bad"][:, m].astype(float)
    flags = c["flags"][:, mine]
    observed = count(seen)
    return {
        "segment": names,
        "people": people * w,
        "reach": count(((flags & REACHED) != 0).any(axis=1)) * w,
        "aware": count(((flags & AWARE) != 0).any(axis=1)) * w,
        "new_buyers": count(first >= 0) * w,
        "orders": np.bincount(buyer, minlength=k) * w,
        "gmv": np.bincount(buyer, money.lines.price[own], minlength=k) * w,
        "order_margin": np.bincount(buyer, money.margin[own], minlength=k) * w,
        "repurchase_90d": np.divide(count(again), observed, out=np.full(k, NAN), where=observed > 0),
        "trust": np.divide(count(everybody, good / (good + bad)), people, out=np.full(k, NAN), where=people > 0),
    }
