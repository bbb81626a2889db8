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

from sim.ahead import SOON, ahead
from sim.contract import CHANNEL, COUNT, MODES, NO_TOUCH, Mechanism
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.sorting import by_time
from sim.rules.till import (
    COMPLETE,
    EXPIRED,
    FILLED,
    OPEN,
    capture,
    credited,
    hold,
    lay_out,
    oldest_open,
    release,
    seat,
    ship,
)
from sim.scenario.parameters import CheckoutParams
from sim.state import judgement
from sim.state import ledger as books
from sim.state.listings import delays
from sim.state.parcels import count, give_back, may_leave, surcharges
from sim.state.records import DEADLINE, EVENT, INTEND, PAID, REPLY, SETTLED, picked

SOLO, GROUP_OPEN, GROUP_JOIN = range(len(MODES))
BELIEVED = 0.6
"""Share of groups thought to complete before any was seen to; worth one group."""
NONE = np.zeros(0, np.int64)
KEPT = 0.98
"""What is left of a day's groups, done and tried, the day after."""
KOL_TOUCH, INVITE_TOUCH, FRIEND_TOUCH, LIVE_TOUCH = (CHANNEL[c] for c in ("kol", "invite", "friend", "live"))
_REFUSED, _CANCELLED = COUNT["refused"], COUNT["cancelled"]
ENTRIES = books.entries(
    (books.CONSUMERS, books.ESCROW, "sale"), (books.ESCROW, books.CONSUMERS, "refund"),
    (books.OWN, books.SUPPLIER, "goods"), (books.OWN, books.CARRIER, "freight"),
)  # fmt: skip
"""Money of the day: held, released, and the two costs of :func:`sim.rules.till.ship`."""
_SALES = tuple(COUNT[c] for c in (
    "orders", "gmv", "first_orders", "click_orders", "first_touch_orders", "first_touch_gmv"))


@njit(nogil=True, cache=True, _nrt=False)
def _till(day: int, events: Any, turn: Any, orders: Any, n: int, groups: Any, n_groups: int, head: Any, tail: Any,
          group_of: Any, first_touch: Any, last_touch: Any, referrer: Any, stock: Any, done: Any, tried: Any,
          group_price: Any, group_size: Any, group_hours: Any, open_list: Any, completes: bool, merchant: Any,
          posting: Any, hosting: Any, credit: Any, cash: Any, refused: Any, paid: Any, tally: Any
          ) -> tuple[int, int, int, int]:
    """Live the moments in their turn; how many orders, groups, paid and released orders there are then. Rows of orders
    are int64 throughout, so that the verbs are compiled once."""
    for p in range(len(done)):
        done[p] = BELIEVED + KEPT * (done[p] - BELIEVED)
        tried[p] = 1.0 + KEPT * (tried[p] - 1.0)
    o: Any
    captured: Any = np.int64(0)
    released: Any = np.int64(0)
    for y in range(len(turn)):
        if y + 2 * SOON < len(turn):
            ahead((events,), turn[y + 2 * SOON])
            soon = events[turn[y + SOON]]
            ahead((first_touch, last_touch), soon.consumer)
        x = turn[y]
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
            o = np.int64(groups[g].first_order)
            while o >= 0:
                if completes:
                    captured = capture(orders, o, day, paid, captured)
                else:
                    released += 1
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
            if len(referrer) > 0:
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
        if e.kind == REPLY:
            orders[n].referrer = groups[g].leader
        elif len(referrer) > 0 and (e.channel == INVITE_TOUCH or e.channel == FRIEND_TOUCH):
            orders[n].referrer = referrer[i, p]
        if e.channel == KOL_TOUCH or e.channel == LIVE_TOUCH:
            live = e.channel == LIVE_TOUCH
            luck = uniform(entity_key(credit, e.key), np.uint64(1))
            orders[n].creator = credited(hosting if live else posting, p, luck, live)
        n += 1
        if mode == SOLO:
            captured = capture(orders, n - 1, day, paid, captured)
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
            o = np.int64(groups[g].first_order)
            while o >= 0:
                captured = capture(orders, o, day, paid, captured)
                o = orders[o].next_in_group
    for p in range(len(head)):
        while head[p] >= 0 and groups[head[p]].status != OPEN:
            head[p] = groups[head[p]].next_same
    return n, n_groups, captured, released


class Checkout(Mechanism):
    """Orders, stock, money, parcels leaving."""

    name = "checkout"
    Params = CheckoutParams
    equation = "orders = captured holds;  sum of balances = 0;  stock >= 0"
    reads = ("intents", "group_price", "group_size", "group_hours", "creator_weight", "region", "release", "live_host")
    writes = ("events", "orders", "groups", "ledger", "bills", "units", "last_purchase", "orders_with", "first_order",
              "second_order", "first_touch", "last_touch", "referrer", "sold", "stock", "groups_done", "groups_tried",
              "retry", "group_of")

    def prepare(self, view: Any, day: int) -> None:
        """What is known of open groups and waiting parcels lives as long as the market; days under way
        [regions, S, P]."""
        if not hasattr(self, "head"):
            self.head = np.full(len(view.stock), -1, np.int64)
            self.tail = self.head.copy()
            self.waiting, self.room = NONE, np.zeros(0, EVENT)
            self.reserved = 0
            view.groups_done[:] = BELIEVED
            view.groups_tried[:] = 1.0
        world = view.world
        group_buy = world.scenario.mechanisms.group_buy
        self.transit = np.maximum(0.0, judgement.transit(world)[:, None, :] + delays(world))
        self.open_list = world.platforms.open_list * group_buy.open_list
        self.completes, self.delivered = group_buy.platform_completes, world.scenario.mechanisms.delivery.enabled

    def evening(self, view: Any, day: int) -> None:
        """Run the day's list, let the parcels leave, pay the bills."""
        intents = view.intents.rows
        events, turn, leaders = self._list(view, intents, day)
        first_new = len(view.orders)
        refused = np.zeros(len(intents), np.uint8)
        group_of = np.empty(len(intents), np.int64)
        group_of.fill(-1)
        paid = np.empty(len(events) + self.reserved, np.int64)
        fen = np.zeros((len(ENTRIES), max(1, len(view.world.merchants))), np.int64)
        n, n_groups, captured, released = _till(
            day, events, turn, view.orders.reserve(len(events)), first_new, view.groups.reserve(leaders),
            len(view.groups), self.head, self.tail, group_of, view.first_touch, view.last_touch, view.referrer,
            view.stock, view.groups_done, view.groups_tried, view.group_price, view.group_size, view.group_hours,
            self.open_list, self.completes, view.world.products.merchant, view.creator_weight, view.live_host,
            day_key(view.seed, Stream.CREATOR, 0), fen, refused, paid, view.tally)
        view.events.grew(0)
        view.orders.grew(n)
        view.groups.grew(n_groups)
        view.group_of[:] = [group_of]
        self.reserved += n - first_new - captured - released
        count(view, day, paid[:captured], _SALES)
        view.retry.grew(0)
        if self.params.stockout == "tomorrow" and refused.any():
            view.retry.append(picked(intents, refused == 1))
        self._ship(view, day, fen[2:])
        view.ledger.owe(view.bills, ENTRIES, fen)
        self.pay(view)

    def _list(self, view: Any, intents: np.ndarray, day: int) -> tuple[np.ndarray, np.ndarray, int]:
        """The day's moments as EVENT rows, the order in which they are lived, and how many may open a group."""
        n = len(intents) + len(view.events)
        if n > len(self.room):
            self.room = np.zeros(2 * n, EVENT)
        events, turn = self.room[:n], np.zeros(n, np.int64)
        leaders = lay_out(intents, view.events.rows, day, events)
        if n > 1:
            by_time(events["hour"], events["key"], 24.0 * day, 24.0, np.empty(n, np.int64), np.zeros(n + 1, np.int64),
                    turn)
        return events, turn, leaders

    @staticmethod
    def pay(view: Any) -> None:
        """Pay all bills. What is billed after the till has run is paid the next evening, or when the market ends."""
        view.ledger.pay(view.bills.rows)
        view.bills.grew(0)

    def _ship(self, view: Any, day: int, costs: np.ndarray) -> None:
        """Parcels leave in the order of payment, within capacity; ``costs`` fen int64[2, M] of goods and freight."""
        orders, world = view.orders, view.world
        rows, logistics = orders.rows, world.scenario.logistics
        queue, capacity = orders.paid, logistics.capacity
        if capacity is not None:
            queue = queue[np.argsort(rows["key"][queue], kind="stable")]
        if len(self.waiting):  # those that are not paid any more were redeemed or ran out meanwhile
            queue = np.concatenate([self.waiting[rows["status"][self.waiting] == PAID], queue])
        leaving, self.waiting, off = may_leave(rows, queue, view.release, day)
        if len(off):
            owed = give_back(rows, off, view.units, view.orders_with, (view.first_order, view.second_order),
                             orders.to_ship, world.products.merchant, view.tally[_CANCELLED])
            for m, fen in enumerate(owed):
                view.ledger.transfer(books.ESCROW, books.CONSUMERS, fen, "refund", m)
        if capacity is not None:
            most = int(capacity * world.scale)
            leaving, self.waiting = leaving[:most], np.concatenate([leaving[most:], self.waiting])
        if len(leaving) == 0:
            return
        due, products = np.empty(len(leaving), np.int16), world.products
        ship(rows, leaving, day, view.region, self.transit, logistics.delivery_spread,
             day_key(view.seed, Stream.DELIVERY, 0), orders.to_ship, view.stock, products.unit_cost, products.freight,
             products.merchant, due, costs)
        if logistics.regions:
            for m, fen in enumerate(surcharges(rows[leaving], world, view.region)):
                view.ledger.transfer(view.ledger.merchant0 + m, books.CARRIER, fen, "region", m)
        if self.delivered:
            orders.due.put(due, leaving)
        else:
            self._settle_at_once(view, leaving)

    def _settle_at_once(self, view: Any, leaving: np.ndarray) -> None:
        """Without the delivery mechanism a shipped order is a settled one (textbook limits)."""
        view.orders.rows["status"][leaving] = SETTLED
        sold = view.orders.rows[leaving]
        price = sold["price"].astype(np.int64)
        owner = view.world.products.merchant[sold["product"]]
        for m in range(len(view.world.merchants)):
            view.ledger.transfer(books.ESCROW, view.ledger.merchant0 + m, int(price[owner == m].sum()), "settlement", m)
