"""The four verbs of the till on one order: hold, capture, release, refuse, and the list of open groups.

Only checkout calls them. Money is summed in ``cash`` int64[2, M] (held, released, fen), booked once a day.
Stock < 0 means made to order. See decision D5.
"""

from __future__ import annotations

from typing import Any

from numba import njit

RESERVED, PAID, CANCELLED = 0, 1, 6
OPEN, COMPLETE, EXPIRED, FILLED = 0, 1, 2, 3
HELD, RELEASED = 0, 1


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
def oldest_open(groups: Any, head: Any, p: int, consumer: int, hour: float) -> int:
    """Row of the oldest group of product p still open that the consumer does not lead; -1 when there is none."""
    g = head[p]
    while g >= 0:
        if groups[g].status == OPEN and groups[g].deadline > hour and groups[g].leader != consumer:
            return int(g)
        g = groups[g].next_same
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
