"""The books against the census: what must hold at the end of every day, or the run stops.

Orders and groups that are closed for good were counted on the day they left (:meth:`sim.metrics.collect.Book.retire`).
Columns that grow with people and products are looked at a piece at a time, so the check takes no memory of its own.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from sim.contract import CHANNELS
from sim.state.columns import CALLED_OFF, NEVER
from sim.state.ledger import ESCROW
from sim.state.records import OPEN, PAID, RECEIVED, RESERVED

CHECK_UP_TO = 100_000
"""Markets of up to this many people have their invariants checked every day unless told otherwise."""

CHECK = "SIM_CHECK"
"""Environment variable that has the laws checked in every market (1), or in none (0)."""

PIECE = 1 << 20
MOST = sys.float_info.max
ANY_SIGN = ("shown_stars", "shown_weight", "shown_volume", "signal", "stock", "expectation")
"""Columns of numbers that may be below nought; all others may not."""
BITS = {"flags": 15}
"""Highest value of columns that are sets of bits."""
MARKS = {"alive": 1, "author": 1, "invited": 1, "referred": 1, "member": 1}
TOUCHES = ("first_touch", "last_touch")
PEOPLE = ("referrer", "invited_by")
"""Columns that name a person by row, -1 for nobody."""


class InvariantError(AssertionError):
    """A law of the market was broken: a fault of the program, not of the input."""


def wanted(people: int) -> bool:
    """Whether a market of that size is checked when nobody says so."""
    said = os.environ.get(CHECK, "")
    return said == "1" or (said != "0" and people <= CHECK_UP_TO)


def check(market: Any) -> None:
    """Raise InvariantError unless money, goods, groups, people, invitations and ranges balance today."""
    law = _Law(market.day)
    _money_and_goods(market, law)
    _groups(market, law)
    _people(market, law)
    _invitations(market, law)
    _points(market, law)
    _ranges(market, law)


def _money_and_goods(market: Any, law: _Law) -> None:
    state = market.state
    c, orders = state.columns, state.table("orders").open_rows
    bought, status = orders["sample"] == 0, orders["status"]
    law("money: balances sum to zero", int(state.ledger.balance.sum()) == 0)
    held = int(orders["price"][bought & (status <= RECEIVED)].sum(dtype=np.int64))
    law("money: escrow holds the open orders", int(state.ledger.balance[ESCROW]) == held)
    law("goods: stock never below zero unless made to order", bool((c["stock"] >= -1).all()))
    paid = bought & (orders["paid_day"] > NEVER)
    count = np.bincount(orders["product"][paid], minlength=len(c["sold"]))
    sold_earlier = market.book.sold_before + market.book.sold_for_good
    law("goods: units sold are the paid orders", bool((c["sold"] - sold_earlier == count).all()))
    to_ship = np.bincount(orders["product"][status == PAID], minlength=len(state.table("orders").to_ship))
    law("goods: what is to ship are the paid orders that have not left",
        bool((state.table("orders").to_ship == to_ship).all()))  # fmt: skip


def _groups(market: Any, law: _Law) -> None:
    orders, groups = market.state.table("orders").open_rows, market.state.table("groups").open_rows
    waiting = orders["status"] == RESERVED
    open_groups = groups["status"] == OPEN
    law("groups: members of open groups hold the reserved orders",
        int(groups["members"][open_groups].sum()) == int(waiting.sum()))  # fmt: skip
    law("groups: none is overfull", bool((groups["members"] <= np.maximum(groups["size"], 1)).all()))
    law("groups: none is open past its deadline",
        bool((groups["deadline"][open_groups] >= 24.0 * (market.day + 1)).all()))  # fmt: skip


def _people(market: Any, law: _Law) -> None:
    """Nobody comes or goes, and what people bought is what was sold to them."""
    state = market.state
    c, n = state.columns, state.network.n
    law("people: as many as there were, each once", len(c["id"]) == n and c["id"] is state.network.ids)
    for a, b in _pieces(c["first_order"]):
        first, second, count = (c[name][a:b] for name in ("first_order", "second_order", "orders_with"))
        law("people: who has ordered has a first order, and nobody else", bool(((first > NEVER) == (count > 0)).all()))
        law("people: a second order comes after a first", bool(((second <= NEVER) | (count > 1)).all()))
    rows = state.table("orders").open_rows
    law("people: orders are of people there are",
        bool(((rows["consumer"] >= 0) & (rows["consumer"] < n)).all()) if len(rows) else True)  # fmt: skip


def _invitations(market: Any, law: _Law) -> None:
    """Nobody is invited by himself; who brought friends to a merchant was named by as many of them at least."""
    c = market.state.columns
    if "invited_by" not in c:
        return
    by = c["invited_by"]
    own = np.arange(len(by))[:, None]
    law("invitations: nobody is invited by himself", not bool((by == own).any()))
    for m in range(by.shape[1]):
        named = np.bincount(by[by[:, m] >= 0, m], minlength=len(by))
        law("invitations: friends rewarded for are friends who came", bool((c["brought"][:, m] <= named).all()))


def _points(market: Any, law: _Law) -> None:
    state = market.state
    c = state.columns
    if "points" not in c:
        return
    bills, aside = state.table("bills").rows, state.ledger.points
    owed = state.ledger.balance[aside] + bills["fen"][bills["target"] == aside].sum()
    owed -= bills["fen"][bills["source"] == aside].sum()
    points = c["points"].sum(dtype=np.int64) + state.table("retry").rows["points"].sum(dtype=np.int64)
    law("points: what is put aside is what people hold", int(owed) == int(points))
    law("points: nobody holds less than none", bool((c["points"] >= 0).all()))


class _Bound(NamedTuple):
    """A law on the numbers of a column: none is below ``low`` or above ``high``."""

    column: str
    text: str
    low: float
    high: float


def _bounds(state: Any) -> Iterator[_Bound]:
    """Every declared column: numbers are finite, not below nought unless they may be; codes name what there is."""
    dims, n = state.world.dims, state.network.n
    codes = {"segment": max(1, dims["G"]) - 1, **BITS, **MARKS}
    for column in state.declared:
        name, kind = column.name, state.columns[column.name].dtype
        if kind.kind == "f":
            yield _Bound(name, f"{name} is a number", -MOST, MOST)
            if name not in ANY_SIGN and column.packed is None and column.default >= 0:
                yield _Bound(name, f"{name} is not negative", 0, MOST)
        if column.packed is not None:
            yield _Bound(name, f"{name} is within its codes", 0, column.packed.top)
        if name in codes:
            yield _Bound(name, f"{name} is one of its codes", 0, codes[name])
        if name in PEOPLE:
            yield _Bound(name, f"{name} names people there are", -1, n - 1)
        if column.unit == "day" and kind == np.int16:
            yield _Bound(name, f"{name} is a day lived, to come, or never", NEVER, CALLED_OFF)
        if kind.kind == "i" and column.unit in ("fen", "units", "people", "orders"):
            yield _Bound(name, f"{name} is not negative", -1 if name == "stock" else 0, MOST)


def _looks(state: Any) -> list[tuple[list[str], float, float, list[_Bound]]]:
    """Columns that can be looked at together, the least and greatest number allowed in them, and their laws: columns of
    people one by one, and none of which its type keeps the law."""
    of = {column.name: [bound for bound in _bounds(state) if bound.column == column.name] for column in state.declared}
    found: dict[Any, tuple[list[str], float, float, list[_Bound]]] = {}
    for column in state.declared:
        laws, kind = of[column.name], state.columns[column.name].dtype
        if not laws:
            continue
        low, high = max(law.low for law in laws), min(law.high for law in laws)
        if kind.kind in "iu" and low <= np.iinfo(kind).min and high >= np.iinfo(kind).max:
            continue
        key = column.name if column.shape[0] == "N" else (kind.str, low, high)
        names, _, _, said = found.setdefault(key, ([], low, high, []))
        names.append(column.name)
        said.extend(laws)
    return list(found.values())


def _ranges(market: Any, law: _Law) -> None:
    """Every declared column keeps its bounds; touches are channels."""
    state = market.state
    if state.looks is None:
        state.looks = _looks(state)
    for names, low, high, laws in state.looks:
        some = [state.columns[name] for name in names]
        if _within(some[0] if len(some) == 1 else np.concatenate(some, axis=None), low, high):
            continue
        for bound in laws:
            law(f"range: {bound.text}", _within(state.columns[bound.column], bound.low, bound.high))
    for name in TOUCHES:
        for a, b in _pieces(state.columns[name]):
            code = state.columns[name][a:b] + np.uint8(1)  # NO_TOUCH, the highest, becomes 0
            law(f"range: {name} is a channel or none", code.size == 0 or int(code.max()) <= len(CHANNELS))


def _within(values: np.ndarray, low: float, high: float) -> bool:
    """Whether all numbers are; NaN is not."""
    return values.size == 0 or bool(values.min().item() >= low and values.max().item() <= high)


def _pieces(values: np.ndarray) -> list[tuple[int, int]]:
    rows = max(1, PIECE // max(1, math.prod(values.shape[1:])))
    return [(a, min(a + rows, len(values))) for a in range(0, len(values), rows)]


class _Law:
    def __init__(self, day: int) -> None:
        self.day = day

    def __call__(self, text: str, holds: bool) -> None:
        if not holds:
            raise InvariantError(f"day {self.day}: {text}: broken")
