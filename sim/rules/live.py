"""A live session as one viewer lives it: looking in, staying, thinking of buying.

    looks in   P = 1 - exp(-(followers + members + feed + bought traffic))
    stays      T ~ Exp(W (1/2 + fit) (1 + w interaction)), cut where the session ends
    thinks     hazard h = h0 (trust of host / prior) (1/2 + fit) exp(b_d discount + b_s scarcity + b_i interaction) a
               minute while one of the merchant's products is explained, once a session
    learns     E <- E + (1 - exp(-minutes/tau)) (promise - E)

Viewers come independently and leave independently, so the room is an M/G/infinity queue: L = lambda W (Little 1961).
Equations (94), (97), (98), (99) and (100) of MODEL.md.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.rng import entity_key, uniform
from sim.rules.experience import trust
from sim.rules.exposure import word
from sim.rules.memory import moved
from sim.rules.packed import EVIDENCE, FIT, QUALITY, code_of, number_of

DAY_MINUTES = 1440
FOLLOWER, MEMBER, FEED, BOUGHT = range(4)
SOURCES = ("followers", "members", "feed", "bought")
"""Where viewers come from."""


class Sessions(NamedTuple):
    """The sessions of a day, over L of them. Rates are expected entries of a person of neutral taste.

    ``start``, ``length`` and ``slot`` minutes; ``author`` the creator who hosts, -1 for the merchant's own; ``trust``
    of the host over the prior, or, for the merchant's own, what the viewer's trust in it is multiplied by; ``boost``
    factor of the hazard; ``dwell`` minutes; ``urgency`` percent. ``first`` int64[L + 1]: the session explains
    ``product[first[x]:first[x+1]]`` in turn, -1 being somebody else's, at ``price`` fen and promising ``promise``.
    """

    key: Any
    merchant: Any
    platform: Any
    category: Any
    author: Any
    start: Any
    length: Any
    slot: Any
    follow: Any
    member: Any
    feed: Any
    bought: Any
    theta: Any
    trust: Any
    boost: Any
    dwell: Any
    urgency: Any
    first: Any
    product: Any
    price: Any
    promise: Any


@njit
def scarcity(countdown: float, wanted: float) -> float:
    """Scarcity a viewer feels, 0..1: the clock or, where it is tighter, how much of the last limit was wanted."""
    return min(1.0, max(countdown, wanted))


@njit
def boost(discount: float, scarce: float, interaction: float, b_d: float, b_s: float, b_i: float) -> float:
    """Factor of the hazard."""
    return math.exp(b_d * discount + b_s * scarce + b_i * interaction)


@njit
def promised(advertised: float, quality: float, hype: float, transparency: float) -> float:
    """Quality a session lets expect: what is claimed and hyped, as far as one cannot see the thing itself."""
    return quality + (1.0 - transparency) * (advertised - quality + hype)


@njit
def _explained(begin: float, end: float, slot: float, turns: int, minutes: Any) -> None:
    """Fill ``minutes[:turns]``, for how long each product was explained between ``begin`` and ``end`` of a session."""
    for k in range(turns):
        minutes[k] = 0.0
    t, w = begin, int(begin / slot)
    while t < end:
        until = min(end, (w + 1) * slot)
        minutes[w % turns] += until - t
        t, w = until, w + 1


@njit
def _when(begin: float, slot: float, turns: int, k: int, explained: float) -> float:
    """Minute of the session at which, for a viewer who came at ``begin``, product ``k`` has had ``explained``."""
    t, w = begin, int(begin / slot)
    while True:
        until = (w + 1) * slot
        if w % turns == k:
            if until - t >= explained:
                return t + explained
            explained -= until - t
        t, w = until, w + 1


@njit(nogil=True, cache=True)
def watch(lo: int, hi: int, ids: Any, visited: Any, fit: Any, bought: Any, alive: Any, good: Any, bad: Any,
          member: Any, expectation: Any, indptr: Any, followers: Any, sessions: Sessions, prior: float, hazard: float,
          learning: float, product_key: Any, base: Any, channel: int, out: Any, filled: int, occasions: Any, n: int,
          room: Any, entries: Any, stays: Any) -> tuple[int, int]:
    """The people [lo, hi) look in on the day's sessions; how many words and occasions there are then.

    ``room`` int32[L, 1441] changes of the number of viewers by minute of the session; ``entries`` int64[L, sources];
    ``stays`` float64[L] minutes watched.
    """
    s = sessions
    most = 1
    for x in range(len(s.key)):
        most = max(most, s.first[x + 1] - s.first[x])
    minutes = np.empty(most)
    for x in range(len(s.key)):
        m, c, author = s.merchant[x], s.category[x], s.author[x]
        turns = s.first[x + 1] - s.first[x]
        today = entity_key(base, s.key[x])
        f = np.searchsorted(followers[indptr[author] : indptr[author + 1]], lo) + indptr[author] if author >= 0 else 0
        for i in range(lo, hi):
            here = (visited[i] & np.uint32(1 << s.platform[x])) != 0
            follows = author < 0 and bought[i, m] > 0 and alive[i, m]
            if author >= 0:
                while f < indptr[author + 1] and followers[f] < i:
                    f += 1
                follows = f < indptr[author + 1] and followers[f] == i
            liking = number_of(fit[i, c], FIT)
            r1 = s.follow[x] if here and follows else 0.0
            r2 = s.member[x] if visited[i] and len(member) and member[i, m] else 0.0
            keen = math.exp(s.theta[x] * (liking - 0.5)) if here else 0.0
            r3, r4 = s.feed[x] * keen, s.bought[x] * keen
            total = r1 + r2 + r3 + r4
            if total <= 0.0:
                continue
            who = entity_key(today, ids[i])
            if uniform(who, 0) >= 1.0 - math.exp(-total):
                continue
            v = uniform(who, 1) * total
            source = FOLLOWER
            if v >= r1:
                source = MEMBER if v < r1 + r2 else (FEED if v < r1 + r2 + r3 else BOUGHT)
            begin = s.length[x] * uniform(who, 2)
            stay = -math.log1p(-uniform(who, 3)) * s.dwell[x] * (0.5 + liking)
            end = min(begin + stay, s.length[x])
            entries[x, source] += 1
            stays[x] += end - begin
            room[x, int(math.ceil(begin))] += 1
            room[x, int(math.ceil(end))] -= 1
            belief = s.trust[x]
            if author < 0:
                belief *= trust(number_of(good[i, m], EVIDENCE), number_of(bad[i, m], EVIDENCE)) / prior
            h = hazard * belief * (0.5 + liking) * s.boost[x]
            _explained(begin, end, s.slot[x], turns, minutes)
            reached, at = -1, 1e300
            for k in range(turns):
                p = s.product[s.first[x] + k]
                if p < 0 or minutes[k] <= 0.0:
                    continue
                out[filled] = word(i - lo, p, channel, s.platform[x], 1)
                filled += 1
                expected, step = number_of(expectation[i, p], QUALITY), 1.0 - math.exp(-minutes[k] / learning)
                expectation[i, p] = code_of(moved(expected, s.promise[s.first[x] + k], step), QUALITY)
                # one exponential patience for each product: the earliest is exponential in the minutes watched
                patience = -math.log1p(-uniform(entity_key(who, 4), product_key[p]))
                if h > 0.0 and patience < h * minutes[k]:
                    when = _when(begin, s.slot[x], turns, k, patience / h)
                    if when < at:
                        at, reached = when, k
            if reached >= 0:
                o = occasions[n]
                o.key = s.key[x]
                o.row = i - lo
                o.product = s.product[s.first[x] + reached]
                o.category = -1
                o.channel = channel
                o.platform = s.platform[x]
                o.price = s.price[s.first[x] + reached]
                o.hour = min(23.9999, (s.start[x] + at) / 60.0)
                o.urgency = s.urgency[x]
                n += 1
    return filled, n


@njit(nogil=True, cache=True)
def whose(intents: Any, channel: int, ids: Any, product_key: Any, day: int, keys: Any, out: Any) -> None:
    """Fill ``out`` int64[intents] with the session each intent was made in, -1 for none."""
    for k in range(len(intents)):
        t = intents[k]
        out[k] = -1
        if t.channel != channel or not t.impulse:
            continue
        who = entity_key(entity_key(ids[t.consumer], product_key[t.product]), day)
        for x in range(len(keys)):
            if entity_key(who, keys[x]) == t.key:
                out[k] = x
                break
