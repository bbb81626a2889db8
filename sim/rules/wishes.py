"""Occasions and intents, written down: the fields of one record of each."""

from __future__ import annotations

from typing import Any

from numba import njit


@njit(inline="always")
def think(out: Any, n: int, key: Any, row: int, product: int, category: int, channel: int, platform: int) -> int:
    """Note as OCCASION ``n`` that the person in ``row`` of the block thinks of buying (product -1: any of the
    category), at the price of the shelf and at an hour still to be drawn; how many there are then."""
    o = out[n]
    o.row = row
    o.product = product
    o.category = category
    o.key = key
    o.channel = channel
    o.platform = platform
    o.price = 0
    o.hour = -1.0
    o.urgency = 0
    return n + 1


@njit(inline="always")
def want(out: Any, n: int, key: Any, hour: float, consumer: int, price: int, product: int, platform: int,
         channel: int) -> int:
    """Note as INTENT ``n`` that somebody wants a product for herself alone, at a ``price`` in fen for which nothing was
    laid down, at an ``hour`` 0..24; how many there are then."""
    t = out[n]
    t.key = key
    t.hour = hour
    t.consumer = consumer
    t.price = price
    t.product = product
    t.platform = platform
    t.mode = 0
    t.channel = channel
    t.impulse = 0
    t.sees = 0
    t.coupon = 0
    t.points = 0
    t.urgency = 0
    return n + 1
