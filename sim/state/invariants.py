"""The books against the census: what must hold at the end of every day, or the run stops.

Orders and groups that are closed for good were counted on the day they left (:meth:`sim.metrics.collect.Book.retire`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.state.ledger import ESCROW
from sim.state.records import OPEN, PAID, RECEIVED, RESERVED, SHIPPED


class InvariantError(AssertionError):
    """A law of the market was broken: a fault of the program, not of the input."""


def check(market: Any) -> None:
    """Raise InvariantError unless money, goods, groups, people and ranges balance today."""
    state = market.state
    c, orders, groups = state.columns, state.table("orders").open_rows, state.table("groups").open_rows
    sold_earlier = market.book.sold_before + market.book.sold_for_good
    bought = orders[orders["sample"] == 0]
    law = _Law(market.day)
    law("money: balances sum to zero", int(state.ledger.balance.sum()) == 0)
    open_money = np.isin(bought["status"], (RESERVED, PAID, SHIPPED, RECEIVED))
    held = int(bought["price"][open_money].astype(np.int64).sum())
    law("money: escrow holds the open orders", int(state.ledger.balance[ESCROW]) == held)
    law("goods: stock never below zero unless made to order", bool((c["stock"] >= -1).all()))
    paid = bought["paid_day"] > -30000
    count = np.bincount(bought["product"][paid], minlength=len(c["sold"]))
    law("goods: units sold are the paid orders", bool((c["sold"] - sold_earlier == count).all()))
    waiting = orders["status"] == RESERVED
    open_groups = groups["status"] == OPEN
    law(
        "groups: members of open groups hold the reserved orders",
        int(groups["members"][open_groups].sum()) == int(waiting.sum()),
    )
    law("groups: none is overfull", bool((groups["members"] <= np.maximum(groups["size"], 1)).all()))
    law(
        "groups: none is open past its deadline",
        bool((groups["deadline"][open_groups] >= 24.0 * (market.day + 1)).all()),
    )
    law(
        "range: ad prices and content are not negative",
        bool((c["ad_price"] >= 0).all() and (c["content"] >= 0).all() and (c["purse"] >= 0).all()),
    )
    if "points" in c:
        bills, aside = state.table("bills").rows, state.ledger.points
        owed = state.ledger.balance[aside] + bills["fen"][bills["target"] == aside].sum()
        owed -= bills["fen"][bills["source"] == aside].sum()
        points = c["points"].sum(dtype=np.int64) + state.table("retry").rows["points"].sum(dtype=np.int64)
        law("points: what is put aside is what people hold", int(owed) == int(points))
        law("points: nobody holds less than none", bool((c["points"] >= 0).all()))


class _Law:
    def __init__(self, day: int) -> None:
        self.day = day

    def __call__(self, text: str, holds: bool) -> None:
        if not holds:
            raise InvariantError(f"day {self.day}: {text}: broken")
