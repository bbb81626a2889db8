"""The till: the only place where intents become orders and where stock and money move.

All of the day's intents, replies to invitations and deadlines of groups are one list sorted by (hour, key):

    solo       hold + capture
    group      hold a seat in the oldest open group on the list, or a group is born; the last seat captures all
    deadline   release all (or the platform fills the group and all are captured)

Then bills are paid and parcels leave, first paid first, up to the day's capacity (decisions D5, D16).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import COUNT, MODES, NO_TOUCH, Mechanism
from sim.rng import Stream, day_key, entity_key, normal
from sim.rules.till import COMPLETE, EXPIRED, FILLED, OPEN, PAID, RESERVED, hold, oldest_open, release, seat
from sim.scenario.parameters import CheckoutParams
from sim.state import ledger as books
from sim.state.columns import NEVER
from sim.state.population import uniforms
from sim.state.records import DEADLINE, EVENT, INTEND, REPLY, SETTLED, SHIPPED

SOLO, GROUP_OPEN, GROUP_JOIN = range(len(MODES))
ONE = np.ones(1, np.uint64)
BELIEVED = 0.6
"""Share of groups thought to complete before any was seen to; worth one group."""
KOL_TOUCH, INVITE_TOUCH, FRIEND_TOUCH = 1, 5, 3
_ORDERS, _GMV, _FIRST, _REFUSED, _CANCELLED = (
    COUNT[c] for c in ("orders", "gmv", "first_orders", "refused", "cancelled"))
_CLICK_ORDERS = COUNT["click_orders"]
_FT_ORDERS, _FT_GMV = COUNT["first_touch_orders"], COUNT["first_touch_gmv"]


@njit(nogil=True, cache=True)
def _capture(orders: Any, n: int, day: int, units: Any, last_purchase: Any, bought: Any, first_order: Any,
             second_order: Any, sold: Any, merchant: Any, tally: Any) -> None:
    """The order is paid: count it for the person, the product and the channel it came through."""
    o = orders[n]
    i, p = o.consumer, o.product
    m = merchant[p]
    o.status = PAID
    o.paid_day = day
    units[i, p] += 1
    last_purchase[i, p] = day
    if bought[i, m] == 0:
        first_order[i, m] = day
        tally[_FIRST, p, o.last_touch] += 1
    elif bought[i, m] == 1:
        second_order[i, m] = day
    bought[i, m] += 1
    sold[p] += 1
    tally[_ORDERS, p, o.last_touch] += 1
    tally[_GMV, p, o.last_touch] += o.price
    tally[_CLICK_ORDERS, p, o.last_touch] += o.impulse
    tally[_FT_ORDERS, p, o.first_touch] += 1
    tally[_FT_GMV, p, o.first_touch] += o.price


@njit(nogil=True, cache=True)
def _till(day: int, events: Any, orders: Any, n: int, groups: Any, n_groups: int, head: Any, tail: Any, group_of: Any,
          units: Any, last_purchase: Any, bought: Any, first_order: Any, second_order: Any, first_touch: Any,
          last_touch: Any, referrer: Any, sold: Any, stock: Any, done: Any, tried: Any, group_price: Any,
          group_size: Any, group_hours: Any, open_list: Any, completes: bool, merchant: Any, cash: Any, refused: Any,
          tally: Any) -> tuple[int, int]:
    for x in range(len(events)):
        e = events[x]
        if e.kind == DEADLINE:
            g = e.parent if e.parent >= 0 else group_of[-1 - e.parent]
            if g < 0 or groups[g].status != OPEN:
                continue
            p = groups[g].product
            groups[g].status = FILLED if completes else EXPIRED
            groups[g].closed = e.hour
            tried[p] += 1.0
            done[p] += 1.0 if completes else 0.0
            o = groups[g].first_order
            while o >= 0:
                if completes:
                    _capture(orders, o, day, units, last_purchase, bought, first_order, second_order, sold, merchant,
                             tally)
                else:
                    release(orders, o, stock, cash, merchant[p])
                    tally[_CANCELLED, p, orders[o].last_touch] += 1
                o = orders[o].next_in_group
            continue
        i, p = e.consumer, e.product
        m = merchant[p]
        g = -1
        mode = e.mode
        if e.kind == REPLY:
            g = group_of[e.parent] if e.parent >= 0 else -1 - e.parent
            if g < 0 or groups[g].status != OPEN or groups[g].deadline <= e.hour:
                continue
            mode = GROUP_JOIN
            if first_touch[i, p] == NO_TOUCH:
                first_touch[i, p] = e.channel
            last_touch[i, p] = e.channel
            referrer[i, p] = groups[g].leader
        elif mode != SOLO:
            if e.sees and open_list[e.platform]:
                g = oldest_open(groups, head, p, i, e.hour)
            mode = GROUP_JOIN if g >= 0 else GROUP_OPEN
        price = e.price if mode == SOLO else (groups[g].price if g >= 0 else group_price[p])
        touch = first_touch[i, p] if first_touch[i, p] != NO_TOUCH else e.channel
        if not hold(orders, n, e, mode, price, g, touch, stock, cash, m):
            tally[_REFUSED, p, e.channel] += 1
            if e.kind == INTEND:
                refused[e.parent] = 1
            continue
        orders[n].referrer = referrer[i, p] if (e.channel == INVITE_TOUCH or e.channel == FRIEND_TOUCH) else -1
        n += 1
        if mode == SOLO:
            _capture(orders, n - 1, day, units, last_purchase, bought, first_order, second_order, sold, merchant, tally)
            continue
        if mode == GROUP_OPEN:
            g = n_groups
            n_groups += 1
            group = groups[g]
            group.key = e.key
            group.opened = e.hour
            group.deadline = e.hour + group_hours[p]
            group.closed = -1.0
            group.leader = i
            group.price = price
            group.first_order = -1
            group.last_order = -1
            group.next_same = -1
            group.product = p
            group.size = group_size[p]
            group.members = 0
            group.status = OPEN
            if head[p] < 0:
                head[p] = g
            else:
                groups[tail[p]].next_same = g
            tail[p] = g
            group_of[e.parent] = g
            orders[n - 1].group = g
        if seat(groups, orders, g, n - 1):
            groups[g].status = COMPLETE
            groups[g].closed = e.hour
            tried[p] += 1.0
            done[p] += 1.0
            o = groups[g].first_order
            while o >= 0:
                _capture(orders, o, day, units, last_purchase, bought, first_order, second_order, sold, merchant, tally)
                o = orders[o].next_in_group
    for p in range(len(head)):
        while head[p] >= 0 and groups[head[p]].status != OPEN:
            head[p] = groups[head[p]].next_same
    return n, n_groups


@njit(nogil=True, cache=True)
def _transit(keys: Any, mean: Any, spread: float, base: Any) -> Any:
    """Whole days on the way, log-normal around the mean, at least 0: int64[n]."""
    out = np.empty(len(keys), np.int64)
    for x in range(len(keys)):
        z = normal(entity_key(base, keys[x]), np.uint64(1)) if spread > 0.0 else 0.0
        out[x] = max(0, int(round(mean[x] * np.exp(spread * z - 0.5 * spread * spread))))
    return out


class Checkout(Mechanism):
    """Orders, stock, money, parcels leaving."""

    name = "checkout"
    Params = CheckoutParams
    equation = "orders = captured holds;  sum of balances = 0;  stock >= 0"
    reads = ("intents", "group_price", "group_size", "group_hours", "creator_weight")
    writes = ("events", "orders", "groups", "ledger", "bills", "units", "last_purchase", "orders_with", "first_order",
              "second_order", "first_touch", "last_touch", "referrer", "sold", "stock", "groups_done", "groups_tried",
              "retry", "group_of")

    def prepare(self, view: Any, day: int) -> None:
        """Heads and tails of the lists of open groups live as long as the market; so does the record of groups."""
        if not hasattr(self, "head"):
            self.head = np.full(len(view.stock), -1, np.int64)
            self.tail = self.head.copy()
            self.shipped = 0
            view.groups_done[:] = BELIEVED
            view.groups_tried[:] = 1.0

    def evening(self, view: Any, day: int) -> None:
        """Run the day's list, pay the bills, let the parcels leave."""
        intents = view.intents.rows
        events = self._events(view, intents, day)
        first_new = len(view.orders)
        orders = view.orders.reserve(len(events))
        groups = view.groups.reserve(len(intents))
        cash = np.zeros((2, max(1, len(view.world.merchants))), np.int64)
        refused = np.zeros(len(intents), np.uint8)
        group_of = np.full(len(intents), -1, np.int64)
        view.groups_done[:] = BELIEVED + 0.98 * (view.groups_done - BELIEVED)
        view.groups_tried[:] = 1.0 + 0.98 * (view.groups_tried - 1.0)
        pf, group_buy = view.world.platforms, view.world.scenario.mechanisms.group_buy
        n, n_groups = _till(
            day, events, orders, first_new, groups, len(view.groups), self.head, self.tail, group_of, view.units,
            view.last_purchase, view.orders_with, view.first_order, view.second_order, view.first_touch,
            view.last_touch, view.referrer, view.sold, view.stock, view.groups_done, view.groups_tried,
            view.group_price, view.group_size, view.group_hours, pf.open_list * group_buy.open_list,
            group_buy.platform_completes, view.world.products.merchant, cash, refused, view.tally)
        view.orders.grew(n)
        view.groups.grew(n_groups)
        view.group_of.clear()
        view.group_of.extend(group_of.tolist())
        self._carry_over(view, intents, refused)
        for m in range(len(view.world.merchants)):
            view.ledger.transfer(books.CONSUMERS, books.ESCROW, int(cash[0, m]), "sale", m)
            view.ledger.transfer(books.ESCROW, books.CONSUMERS, int(cash[1, m]), "refund", m)
        self._credit_creators(view, day, first_new)
        self._ship(view, day)
        self._pay(view)

    def _events(self, view: Any, intents: np.ndarray, day: int) -> np.ndarray:
        events = np.zeros(len(intents) + len(view.events), EVENT)
        mine = events[: len(intents)]
        for field in ("key", "consumer", "price", "product", "platform", "mode", "channel", "impulse", "sees"):
            mine[field] = intents[field]
        mine["hour"] = intents["hour"] + 24.0 * day
        mine["parent"] = np.arange(len(intents))
        mine["kind"] = INTEND
        events[len(intents) :] = view.events.rows
        view.events.grew(0)
        return events[np.lexsort((events["key"], events["hour"]))]

    def _carry_over(self, view: Any, intents: np.ndarray, refused: np.ndarray) -> None:
        view.retry.grew(0)
        if self.params.stockout == "tomorrow" and refused.any():
            view.retry.append(intents[refused == 1])

    def _credit_creators(self, view: Any, day: int, first_new: int) -> None:
        """An order that came through a creator is credited to one with live posts, in proportion to their weight."""
        new = view.orders.rows[first_new:]
        by_creator = np.flatnonzero(new["last_touch"] == KOL_TOUCH)
        product = new["product"][by_creator]
        luck = uniforms(view.seed, int(Stream.CREATOR), new["key"][by_creator], ONE)[:, 0]
        for p in np.unique(product):
            w = view.creator_weight[:, p]
            if w.sum() > 0:
                mine = product == p
                won = np.searchsorted(np.cumsum(w) / w.sum(), luck[mine], side="right")
                new["creator"][by_creator[mine]] = np.minimum(won, len(w) - 1)

    def _ship(self, view: Any, day: int) -> None:
        """Parcels leave in the order of payment, within capacity; goods and freight are billed."""
        rows, world = view.orders.rows, view.world
        waiting = view.orders.first_open + np.flatnonzero(view.orders.open_rows["status"] == PAID)
        if len(waiting) == 0:
            return
        waiting = waiting[np.lexsort((rows["key"][waiting], rows["paid_day"][waiting]))]
        route = world.scenario.logistics
        if route.capacity is not None:
            waiting = waiting[: int(route.capacity * world.scale)]
        products = world.products
        p = rows["product"][waiting]
        mean = np.where(products.delivery[p] < 0, route.delivery_days, products.delivery[p])
        days = _transit(rows["key"][waiting], mean, route.delivery_spread, day_key(view.seed, Stream.DELIVERY, 0))
        rows["shipped_day"][waiting] = day
        rows["due_day"][waiting] = day + days
        rows["status"][waiting] = SHIPPED
        count = np.bincount(p, minlength=len(products.key))
        for x in np.flatnonzero(count):
            m = int(products.merchant[x])
            account = view.ledger.merchant0 + m
            if view.stock[x] < 0:
                view.ledger.transfer(account, books.SUPPLIER, int(count[x]) * int(products.unit_cost[x]), "goods", m)
            view.ledger.transfer(account, books.CARRIER, int(count[x]) * int(round(route.freight * 100)), "freight", m)
        if not world.scenario.mechanisms.delivery.enabled:
            self._settle_at_once(view, waiting, p)

    def _settle_at_once(self, view: Any, rows_of: np.ndarray, p: np.ndarray) -> None:
        """Without the delivery mechanism a shipped order is a settled one (textbook limits)."""
        rows, products = view.orders.rows, view.world.products
        rows["status"][rows_of] = SETTLED
        for m in range(len(view.world.merchants)):
            total = int(rows["price"][rows_of][products.merchant[p] == m].astype(np.int64).sum())
            view.ledger.transfer(books.ESCROW, view.ledger.merchant0 + m, total, "settlement", m)

    def _pay(self, view: Any) -> None:
        for bill in view.bills.rows:
            view.ledger.transfer(int(bill["source"]), int(bill["target"]), int(bill["fen"]),
                                 books.REASONS[bill["reason"]], int(bill["merchant"]))
        view.bills.grew(0)


__all__ = ["NEVER", "RESERVED", "Checkout"]
