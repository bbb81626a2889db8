"""The day's list; the four verbs of the till on one order, hold, capture, release, refuse; the list of open groups.

Only checkout calls them. Money is summed in ``cash`` int64[2, M] (held, released, fen), booked once a day. Captured
orders are counted for people and products when the day's list is done (:func:`count_paid`), then leave (:func:`ship`).
Stock < 0 means made to order. See decision D5.
Equation (49) of MODEL.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.ahead import SOON, ahead
from sim.rng import entity_key, normal

RESERVED, PAID, SHIPPED, CANCELLED = 0, 1, 2, 6
OPEN, COMPLETE, EXPIRED, FILLED = 0, 1, 2, 3
HELD, RELEASED = 0, 1


@njit(nogil=True, cache=True, _nrt=False)
def lay_out(intents: Any, others: Any, day: int, events: Any) -> int:
    """Fill the day's list: the intents as its first moments (kind 0: somebody wants to buy), then the ``others``. How
    many of them may open a group."""
    n, groups = len(intents), 0
    for x in range(n):
        t, e = intents[x], events[x]
        e.key = t.key
        e.hour = 24.0 * day + t.hour
        e.parent = x
        e.consumer = t.consumer
        e.price = t.price
        e.product = t.product
        e.platform = t.platform
        e.kind = 0
        e.mode = t.mode
        e.channel = t.channel
        e.impulse = t.impulse
        e.sees = t.sees
        e.coupon = t.coupon
        e.points = t.points
        e.urgency = t.urgency
        groups += t.mode > 0
    for x in range(len(others)):
        events[n + x] = others[x]
    return groups


@njit
def credited(weight: Any, p: int, luck: float, own: bool) -> int:
    """To which creator an order of product p is credited: w.p. ``weight`` [K, P] over their sum, or, where what is
    missing to one is the merchant's ``own``, w.p. their weight; -1 for none."""
    total = reached = 0.0
    for k in range(len(weight)):
        total += weight[k, p]
    if total <= 0.0:
        return -1
    whole = 1.0 if own else total
    for k in range(len(weight)):
        reached += weight[k, p]
        if reached / whole > luck:
            return k
    return len(weight) - 1 if total >= whole else -1


@njit
def hold(
    orders: Any, n: int, e: Any, mode: int, price: int, group: int, first_touch: int, stock: Any, cash: Any, m: int
) -> bool:
    """Reserve one unit and take the money into escrow as order row ``n``; False when the shelf is empty."""
    p = e.product
    if stock[p] == 0:
        return False
    if stock[p] > 0:
        stock[p] -= 1
    o = orders[n]
    o.key = e.key
    o.hour = e.hour
    o.consumer = e.consumer
    o.referrer = -1
    o.group = group
    o.next_in_group = -1
    o.price = price
    o.creator = -1
    o.product = p
    o.day = int(e.hour // 24.0)
    o.paid_day = -30000
    o.shipped_day = -30000
    o.due_day = -30000
    o.delivered_day = -30000
    o.satisfaction = 0.0
    o.platform = e.platform
    o.mode = mode
    o.status = RESERVED
    o.first_touch = first_touch
    o.last_touch = e.channel
    o.sample = 0
    o.impulse = e.impulse
    o.coupon = e.coupon
    o.points = e.points
    o.urgency = e.urgency
    cash[HELD, m] += price
    return True


@njit
def release(orders: Any, n: int, stock: Any, cash: Any, m: int) -> None:
    """Give the money and the unit back: the order is cancelled."""
    o = orders[n]
    o.status = CANCELLED
    if stock[o.product] >= 0:
        stock[o.product] += 1
    cash[RELEASED, m] += o.price


@njit
def capture(orders: Any, n: int, day: int, paid: Any, filled: int) -> int:
    """The order is paid: note its row in ``paid`` behind the ``filled`` ones; how many there are now."""
    orders[n].status = PAID
    orders[n].paid_day = day
    paid[filled] = n
    return filled + 1


@njit(nogil=True, cache=True, _nrt=False)
def count_paid(orders: Any, paid: Any, turn: Any, day: int, units: Any, last_purchase: Any, bought: Any,
               first_order: Any, second_order: Any, sold: Any, merchant: Any, tally: Any, counters: Any) -> None:
    """Count the orders ``paid[turn]`` for the person, the product, the channel they came through and the books.

    ``counters``: places in the tally of orders, gmv, first orders, orders by click, and the first two by first touch.
    """
    orders_, gmv, first, clicked, first_touch, first_touch_gmv = counters
    for y in range(len(turn)):
        if y + 2 * SOON < len(turn):
            ahead((orders,), paid[turn[y + 2 * SOON]])
            soon = orders[paid[turn[y + SOON]]]
            ahead((units, last_purchase, bought, first_order, second_order), soon.consumer)
        o = orders[paid[turn[y]]]
        i, p = o.consumer, o.product
        m = merchant[p]
        units[i, p] += 1
        last_purchase[i, p] = day
        if bought[i, m] == 0:
            first_order[i, m] = day
            tally[first, p, o.last_touch] += 1
        elif bought[i, m] == 1:
            second_order[i, m] = day
        bought[i, m] += 1
        sold[p] += 1
        tally[orders_, p, o.last_touch] += 1
        tally[gmv, p, o.last_touch] += o.price
        tally[clicked, p, o.last_touch] += o.impulse
        tally[first_touch, p, o.first_touch] += 1
        tally[first_touch_gmv, p, o.first_touch] += o.price


@njit(nogil=True, cache=True, _nrt=False)
def ship(orders: Any, leaving: Any, day: int, region: Any, mean: Any, spread: float, base: Any, to_ship: Any,
         stock: Any, unit_cost: Any, freight: Any, merchant: Any, due: Any, costs: Any) -> None:
    """Send the orders ``leaving`` off; ``due`` int16[n] is filled with the day each arrives.

    On the way for whole days, log-normal around ``mean[region, platform, p]``, at least 0. What is made to order is
    made now: ``costs`` int64[2, M] gets the fen for goods and freight.
    """
    for x in range(len(leaving)):
        o = orders[leaving[x]]
        p = o.product
        z = normal(entity_key(base, o.key), np.uint64(1)) if spread > 0.0 else 0.0
        s = o.platform if o.platform < mean.shape[1] else 0
        due[x] = day + max(0, int(round(mean[region[o.consumer], s, p] * np.exp(spread * z - 0.5 * spread * spread))))
        o.shipped_day = day
        o.due_day = due[x]
        o.status = SHIPPED
        to_ship[p] -= 1
        if stock[p] < 0:
            costs[0, merchant[p]] += unit_cost[p]
        costs[1, merchant[p]] += freight[p]


@njit
def oldest_open(groups: Any, head: Any, p: int, consumer: int, hour: float) -> int:
    """Row of the oldest group of product p still open that the consumer does not lead; -1 when there is none.

    Closed groups met on the way leave the list, except its last one, to which the next is tied.
    """
    g = head[p]
    while g >= 0 and groups[g].status != OPEN and groups[g].next_same >= 0:
        g = groups[g].next_same
    head[p] = g
    while g >= 0:
        if groups[g].status == OPEN and groups[g].deadline > hour and groups[g].leader != consumer:
            return int(g)
        after = groups[g].next_same
        while after >= 0 and groups[after].status != OPEN and groups[after].next_same >= 0:
            after = groups[after].next_same
        groups[g].next_same = after
        g = after
    return -1


@njit
def seat(groups: Any, orders: Any, g: int, n: int) -> bool:
    """Add order ``n`` to group ``g``; True when that fills it."""
    group = groups[g]
    if group.first_order < 0:
        group.first_order = n
    else:
        orders[group.last_order].next_in_group = n
    group.last_order = n
    group.members += 1
    return bool(group.members >= group.size)
