"""Invitations of one day and the friends they won: their records, who asks whom, who decides to order.

Kernels of the mechanism ``referral``, which says what they mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL
from sim.rng import entity_key, uniform
from sim.rules.choice import accept_probability, price_utility
from sim.rules.exposure import word
from sim.rules.packed import INCOME, number_of
from sim.rules.referral import take_probability
from sim.rules.utility import price_sensitivity, systematic
from sim.rules.wishes import want
from sim.state.ties import circle, tie

REFERRAL = CHANNEL["referral"]
FRIEND, GIFT = 0, 1
ASKED = np.dtype(
    [("key", "u8"), ("target", "i4"), ("sender", "i4"), ("product", "i2"), ("platform", "u1"), ("kind", "u1"),
     ("opened", "u1"), ("fits", "u1"), ("tie", "f4")], align=True,
)  # fmt: skip
"""An invitation, or a gift, of today. ``fits``: a constant rate has already said that an order follows."""
WON = np.dtype(
    [("key", "u8"), ("order", "i4"), ("inviter", "i4"), ("friend", "i4"), ("merchant", "i2"), ("day", "i2"),
     ("lapse", "u2"), ("kind", "u1"), ("first", "u1"), ("paid", "u1"), ("bonded", "u1"), ("r1", "i4"), ("r2", "i4")],
    align=True,
)  # fmt: skip
"""A friend who ordered: ``lapse`` his own lapse chance as kept, ``first`` whether the merchant had sold to him before
(0) or not (1), ``r1`` and ``r2`` fen owed when the order settles."""


@njit(nogil=True, cache=True)
def ask(paid: Any, orders: Any, day: int, ids: Any, indptr: Any, indices: Any, ties: Any, merchant: Any, terms: Any,
         on: Any, invited: Any, invited_by: Any, beliefs: Any, shelf: Any, tastes: Any,
         reference: Any, invites: float, constant: float, willing: float, opened: float, gift_rate: float,
         obligation: float, base: Any, out: Any) -> int:
    """Invitations and gifts of the buyers of yesterday, in the order of their payment; how many.

    ``terms`` float64[M, 3], rewards to inviter, friend and giver (fen) that count for the decision; ``on`` [M].
    """
    n = 0
    for o in paid:
        i, p = orders[o].consumer, orders[o].product
        m = merchant[p]
        if not on[m] or orders[o].sample:
            continue
        lo, hi = indptr[i], indptr[i + 1]
        home = circle(ties, i)
        a = price_sensitivity(i, beliefs, tastes)
        ref = reference[p] * 100.0
        who = entity_key(base[0], orders[o].key)
        if gift_rate > 0.0 and hi > lo and uniform(who, np.uint64(1)) < gift_rate:
            e = lo + np.int64(uniform(who, np.uint64(2)) * (hi - lo))
            v = systematic(i, p, day, beliefs, shelf, tastes)
            v += price_utility(shelf.price[p] - terms[m, 2] / ref, 1.0, a)
            w = tie(ties, e, home)
            if uniform(who, np.uint64(3)) < accept_probability(v, obligation, w):
                n = _note(out, n, entity_key(base[3], orders[o].key), np.int64(indices[e]), i, p, orders[o].platform,
                          GIFT, w)
                out[n - 1].opened = 1
                out[n - 1].fits = 1
        if invited[i, m]:
            continue
        if constant < 0.0:
            gain = (terms[m, 0] + terms[m, 1]) / ref
            if uniform(who, np.uint64(0)) >= take_probability(willing, a, gain):
                continue
        invited[i, m] = 1
        parent = invited_by[i, m]
        others = 0
        for e in range(lo, hi):
            others += np.int64(indices[e]) != parent
        if others == 0:
            continue
        share = min(1.0, invites / others)
        pick, look = entity_key(base[1], orders[o].key), entity_key(base[2], orders[o].key)
        say = entity_key(base[1], ~orders[o].key)
        for e in range(lo, hi):
            j = np.int64(indices[e])
            if j == parent or uniform(pick, ids[j]) >= share:
                continue
            n = _note(out, n, entity_key(say, ids[j]), j, i, p, orders[o].platform, FRIEND, tie(ties, e, home))
            if constant >= 0.0:
                out[n - 1].fits = uniform(look, ids[j]) < constant
                out[n - 1].opened = out[n - 1].fits
            else:
                out[n - 1].opened = uniform(look, ids[j]) < opened
    return n


@njit
def _note(out: Any, n: int, key: Any, target: Any, sender: int, product: int, platform: int, kind: int,
          strength: float) -> int:
    asked = out[n]
    asked.key = key
    asked.target = target
    asked.sender = sender
    asked.product = product
    asked.platform = platform
    asked.kind = kind
    asked.opened = 0
    asked.fits = 0
    asked.tie = strength
    return n + 1


@njit(nogil=True, cache=True)
def decide(asked: Any, day: int, merchant: Any, on_sale: Any, alive: Any, orders_with: Any, income: Any, price: Any,
            wallet: float, rewards: Any, reference: Any, beliefs: Any, shelf: Any, tastes: Any, obligation: float,
            hour_base: Any, luck_base: Any, intents: Any, kept: Any) -> int:
    """Which of the opened invitations ``asked`` become intents; ``kept`` int64[n] says which they were."""
    n = 0
    for k in range(len(asked)):
        a = asked[k]
        j, p = a.target, a.product
        m = merchant[p]
        if not on_sale[p] or (a.kind == FRIEND and orders_with[j, m] > 0):
            continue
        if not a.fits:
            if not alive[j, m] or price[p] * 0.01 > wallet * number_of(income[j], INCOME):
                continue
            v = systematic(j, p, day, beliefs, shelf, tastes)
            cost = shelf.price[p] - rewards[m] / (100.0 * reference[p])
            v += price_utility(cost, 1.0, price_sensitivity(j, beliefs, tastes))
            if uniform(entity_key(luck_base, a.key), np.uint64(0)) >= accept_probability(v, obligation, a.tie):
                continue
        hour = 24.0 * uniform(entity_key(hour_base, a.key), np.uint64(1))
        kept[n] = k
        n = want(intents, n, a.key, hour, j, price[p], p, a.platform, REFERRAL)
    return n


@njit(nogil=True, cache=True)
def show(asked: Any, start: int, stop: int, lo: int, out: Any, filled: int) -> int:
    for k in range(start, stop):
        if asked[k].opened:
            out[filled] = word(asked[k].target - lo, asked[k].product, REFERRAL, asked[k].platform, 1)
            filled += 1
    return filled
