"""Messages and coupons by stage of a customer's life (RFM: 新客、活跃、沉睡、流失), and win-back.

    stage     new (one order), active, at risk (no order for a days), lapsed (l days), as the merchant's books show it
    due       on day ``after_days`` of the stage (new, active: 0 is the morning after the last order), again every
              ``every_days``; a fixed share of people is written to
    opened    w.p. open_rate, after Exp(delay_days); then the coupon is in hand and the product last bought is seen
    revive    a relation that had ended lives again w.p. logit^-1(r0 + r1 coupon/price + r2 X)       (decision D9)
    redeemed  with the next order that reaches its least spend, until it runs out                (sim.rules.favours)

The books do not know whether a relation lives: most customers who are quiet still do, and a coupon sent to them is
spent on an order that would have come. Messages are of channel ``community``, and are not sent where that is off.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Column, Mechanism, Scratch
from sim.rng import Stream, name_key
from sim.rules.exposure import word
from sim.rules.membership import revive_probability, stages
from sim.rules.packed import FELT
from sim.scenario.members import STAGES
from sim.scenario.parameters import CrmParams
from sim.state.columns import NEVER, unpacked
from sim.state.favours import given_back
from sim.state.ledger import REASON, SUPPLIER
from sim.state.population import uniforms
from sim.state.world import fen

COMMUNITY = CHANNEL["community"]
MONTH = 30
NONE = np.zeros(0, np.int64)


@njit(nogil=True, cache=True)
def _show(rows: Any, products: Any, lo: int, visited: Any, out: Any, filled: int) -> int:
    for k in range(len(rows)):
        bits, s = visited[rows[k]], 0
        while s < 31 and bits and not bits & np.uint32(1 << s):
            s += 1
        out[filled] = word(rows[k] - lo, products[k], COMMUNITY, s, 1)
        filled += 1
    return filled


class Crm(Mechanism):
    """Rules that write to customers."""

    name = "crm"
    Params = CrmParams
    columns = (
        Column("coupon", ("N", "M"), np.uint16, "number", "Issue of the coupon in hand, 0 none.", owner="crm"),
        Column("last_order", ("N", "M"), np.int16, "day", "Day of the last paid order.", NEVER, owner="crm"),
        Column("stage", ("N", "M"), np.uint8, "code", "Stage of life at the last count.", owner="crm"),
    )
    reads = ("id", "orders", "intents", "retry", "ledger", "orders_with", "orders_of", "last_purchase", "visited",
             "experience", "stock", "price")
    writes = ("coupon", "last_order", "stage", "alive", "bills", "favours")
    equation = "P(revive) = logit^-1(r0 + r1 coupon/price + r2 X)"

    def prepare(self, view: Any, day: int) -> None:
        """Past orders; what lies in letter boxes, by the day on which it is opened."""
        if hasattr(self, "box"):
            return
        self.box: dict[int, list[tuple[np.ndarray, int, int]]] = {}
        for p, m in enumerate(view.world.products.merchant):
            np.maximum(view.last_order[:, m], view.last_purchase[:, p], out=view.last_order[:, m])
        self._count(view, day)

    def morning(self, view: Any, day: int) -> None:
        """Send what is due, then let today's letters be opened."""
        for m, orders in enumerate(view.orders_of):
            if orders is None or orders.crm is None or "community" in view.world.scenario.merchants[m].off:
                continue
            stage = self._stages(view, day, m)
            for rule in orders.crm.rules:
                self._send(view, day, m, rule, stage)
        self.rows, self.products = NONE, NONE
        for who, m, issue in self.box.pop(day, []):
            self._open(view, day, m, who, issue)
        order = np.argsort(self.rows, kind="stable")
        self.rows, self.products = self.rows[order], self.products[order]

    def _stages(self, view: Any, day: int, m: int) -> np.ndarray:
        found: np.ndarray = stages(day, view.orders_with[:, m], view.last_order[:, m], self.params.at_risk_days,
                                   self.params.lapsed_days)
        return found

    def _send(self, view: Any, day: int, m: int, rule: Any, stage: np.ndarray) -> None:
        """Letters of one rule."""
        p = self.params
        begins = {"at_risk": p.at_risk_days, "lapsed": p.lapsed_days}.get(rule.stage, 1) + rule.after_days
        who = np.flatnonzero(stage == STAGES.index(rule.stage))
        quiet = day - view.last_order[who, m].astype(np.int64) - begins
        due = (quiet >= 0) & (quiet % rule.every_days == 0) if rule.every_days else quiet == 0
        who = who[due]
        key = np.array([name_key("rule", view.world.merchants[m], rule.name)], np.uint64)
        if rule.share < 1.0:
            who = who[uniforms(view.seed, int(Stream.TARGET), view.id[who], key)[:, 0] < rule.share]
        if len(who) == 0:
            return
        book, issue = view.favours, 0
        if rule.coupon is not None:
            issue = book.issue(m, fen(rule.coupon.value), fen(rule.coupon.min_spend), day + rule.valid_days)
            book.sent[issue] = len(who)
        cost = round(100.0 * p.cost_per_message * len(who))
        if cost:
            view.bills.add(view.ledger.merchant0 + m, SUPPLIER, cost, REASON["crm"], m)
        slots = key ^ np.array([2 * (day + 40_000), 2 * (day + 40_000) + 1], np.uint64)
        luck = uniforms(view.seed, int(Stream.OPEN_MESSAGE), view.id[who], slots)
        opens = luck[:, 0] < p.open_rate
        delay = np.floor(-np.log1p(-luck[opens, 1]) * p.delay_days).astype(np.int64)
        for wait in np.unique(delay).tolist():
            self.box.setdefault(day + wait, []).append((who[opens][delay == wait], m, issue))

    def _open(self, view: Any, day: int, m: int, who: np.ndarray, issue: int) -> None:
        """``who`` open a letter: coupon in hand, the product last bought before their eyes, perhaps a new beginning."""
        book, p = view.favours, self.params
        mine = np.flatnonzero((view.world.products.merchant == m) & (view.stock != 0))
        if len(mine) == 0:
            return
        product = mine[view.last_purchase[np.ix_(who, mine)].argmax(axis=1)]
        value = 0
        if issue:
            book.opened[issue] += len(who)
            view.coupon[who, m], value = issue, int(book.value[issue])
        ended = view.alive[who, m] == 0
        felt = unpacked(view.experience[who, product], FELT)
        chance = revive_probability(value / view.price[product], felt, p.revive, p.revive_coupon, p.revive_experience)
        slot = np.array([name_key("revive", view.world.merchants[m], day)], np.uint64)
        luck = uniforms(view.seed, int(Stream.REVIVE), view.id[who], slot)[:, 0]
        view.alive[who[ended & (luck < chance)], m] = 1
        self.rows, self.products = np.concatenate([self.rows, who]), np.concatenate([self.products, product])

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Those who open a letter see what it is about."""
        first, last = np.searchsorted(self.rows, [lo, hi])
        if first < last:
            shown = scratch.shown
            shown.n = _show(self.rows[first:last], self.products[first:last], lo, view.visited,
                            shown.room(int(last - first)), shown.n)

    def evening(self, view: Any, day: int) -> None:
        """Note who ordered; coupons of refused orders return to hands that are empty; once a month count stages."""
        owner, rows, paid = view.world.products.merchant, view.orders.rows, view.orders.paid
        view.last_order[rows["consumer"][paid], owner[rows["product"][paid]]] = day
        lost = given_back(view)
        at = lost["consumer"], owner[lost["product"]]
        view.coupon[at] = np.where(view.coupon[at] == 0, lost["coupon"], view.coupon[at])
        if (day + 1) % MONTH == 0:
            before = view.stage.copy()
            self._count(view, day)
            for m in range(before.shape[1]):
                np.add.at(view.favours.moves, (m, before[:, m], view.stage[:, m]), 1)

    def _count(self, view: Any, day: int) -> None:
        for m in range(view.stage.shape[1]):
            view.stage[:, m] = self._stages(view, day, m)
