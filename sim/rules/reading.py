"""Reading what is sold: the free part before paying, the rest after.

    trial    once: met Q = q + spread z;  E <- E + t (Q - E);  d = (Q - E)/sigma, S = theta d+ - 2 theta d-;
             X <- X + t x (S - X);  evidence t for or against, as after a delivery          t the free share
    reads    w.p. r min(1, (1/2 + X)+) a day while access lasts; a reader knows what is spoken of, and w.p. ``thinks``
             thinks of buying it

A trial is a part of the experience itself, so it makes buyers of those it pleases and keeps the others away.
Equations (110) and (111) of MODEL.md.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from sim.rng import entity_key, normal, uniform
from sim.rules.experience import faded, satisfaction
from sim.rules.exposure import channel_of, product_of, row_of
from sim.rules.memory import moved
from sim.rules.packed import EVIDENCE, FELT, QUALITY, code_of, number_of


@njit(nogil=True, cache=True)
def try_it(lo: int, day: int, words: Any, ids: Any, key: Any, merchant: Any, trial: Any, quality: Any, spread: Any,
           sigma: Any, reads: float, theta: float, rate: float, prior: Any, half_life: float, bad_weight: float,
           bad_below: float, base: Any, tried: Any, expectation: Any, experience: Any, good: Any, bad: Any, since: Any,
           tally: Any) -> None:
    """Those who opened the page of paid content read its free part, once in their lives. ``tally`` [P, CH]."""
    for w in words:
        i, p = lo + row_of(w), product_of(w)
        part = trial[p]
        if part <= 0.0 or tried[i, p]:
            continue
        who = entity_key(entity_key(base, ids[i]), key[p])
        if uniform(who, 0) >= reads:
            continue
        tried[i, p] = 1
        tally[p, channel_of(w)] += 1
        met = quality[p] + spread[p] * normal(who, 1)
        expected, m = number_of(expectation[i, p], QUALITY), merchant[p]
        d = min(8.0, max(-8.0, (met - expected) / max(0.01, sigma[p])))
        s = satisfaction(d, theta)
        expectation[i, p] = code_of(moved(expected, met, part), QUALITY)
        experience[i, p] = code_of(moved(number_of(experience[i, p], FELT), s, part * rate), FELT)
        days = max(0.0, float(day - since[i, m]))
        a = faded(number_of(good[i, m], EVIDENCE), prior[0], days, half_life)
        b = faded(number_of(bad[i, m], EVIDENCE), prior[1], days, half_life)
        if s >= bad_below:
            a += part
        else:
            b += part * bad_weight
        good[i, m], bad[i, m], since[i, m] = code_of(a, EVIDENCE), code_of(b, EVIDENCE), day


@njit
def keen(felt: float) -> float:
    """Factor on the chance to read, by remembered satisfaction."""
    return min(1.0, max(0.0, 0.5 + felt))


@njit(nogil=True, cache=True)
def read(lo: int, hi: int, day: int, until: Any, ids: Any, key: Any, first: Any, others: Any, experience: Any,
         category: Any, visited: Any, platforms: int, reads: float, thinks: float, base: Any, channel: int, flags: Any,
         tally: Any, occasions: Any, n: int) -> int:
    """Holders read, hear of ``others[first[p]:first[p + 1]]`` and may think of buying; how many occasions there are."""
    for i in range(lo, hi):
        for p in range(len(key)):
            if first[p] == first[p + 1] or until[i, p] < day:
                continue
            who = entity_key(entity_key(base, ids[i]), key[p])
            if uniform(who, 0) >= reads * keen(number_of(experience[i, p], FELT)):
                continue
            for k in range(first[p], first[p + 1]):
                q = others[k]
                if not flags[i, q] & 1:
                    flags[i, q] |= 1
                    tally[q] += 1
                if uniform(who, k + 1) >= thinks:
                    continue
                s = 0
                while s < platforms - 1 and not visited[i] >> s & 1:
                    s += 1
                o = occasions[n]
                o.row, o.product, o.category = i - lo, q, category[q]
                o.key = entity_key(who, key[q])
                o.channel, o.platform = channel, s
                o.price, o.hour, o.urgency = 0, -1.0, 0
                n += 1
    return n
