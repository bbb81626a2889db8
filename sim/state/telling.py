"""Shares from friend to friend: who begins to share today, what has been shared already, one generation of tries.

Kernels of the mechanism ``sharing``, which says what they mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.ahead import SOON, ahead
from sim.rng import entity_key, uniform
from sim.rules.cascade import pass_on_probability, share_probability, similarity
from sim.rules.packed import FIT, QUALITY, number_of
from sim.rules.search import first_at_least
from sim.state.ties import circle, tie


@njit
def _origin(node: Any, key: Any, person: int, product: int, platform: int, good: bool, signal: float) -> None:
    """Fill in a share without a parent."""
    node.item = key
    node.sharer = person
    node.parent = -1
    node.root = -1
    node.product = product
    node.depth = 0
    node.platform = platform
    node.good = good
    node.signal = signal


@njit(nogil=True, cache=True, _nrt=False)
def begin(day: int, pending: Any, lived: Any, notes: Any, sparks: Any, silent: Any, segment: Any, propensity: Any,
          good_rate: float, bad_rate: float, base: Any, expectation: Any, indptr: Any,
          shares: Any, first: int) -> tuple[int, int, int, int]:
    """Write who shares today into ``shares`` from row ``first`` on: who passes on yesterday's, who tells what she has
    ``lived`` through, today's ``notes``, ``sparks``. A note is good news when it promises no less than its
    author now expects. ``propensity`` float64[G]. The first row of an origin, of a note, and past the last; and how
    many friends they have in all."""
    n = first
    for x in range(len(pending)):
        if not silent[pending[x].product]:
            shares[n] = pending[x]
            n += 1
    origin = n
    for x in range(len(lived)):
        e = lived[x]
        if silent[e.product]:
            continue
        chance = share_probability(e.satisfaction, good_rate, bad_rate, propensity[segment[e.consumer]])
        if uniform(entity_key(base, e.key), 0) < chance:
            _origin(shares[n], e.key, e.consumer, e.product, e.platform, e.satisfaction > 0, e.quality)
            n += 1
    note = n
    for x in range(len(notes)):
        t = notes[x]
        if not silent[t.product]:
            expected = number_of(expectation[t.author, t.product], QUALITY)
            _origin(shares[n], t.key, t.author, t.product, t.platform, t.signal >= expected, t.signal)
            n += 1
    for x in range(len(sparks)):
        shares[n] = sparks[x]
        n += 1
    friends = 0
    for x in range(first, n):
        shares[x].day = day
        friends += indptr[shares[x].sharer + 1] - indptr[shares[x].sharer]
    return origin, note, n, friends


@njit(nogil=True, cache=True, _nrt=False)
def remember(taken: Any, taken_item: Any, nodes: Any, ids: Any, forget: bool, keys: Any, items: Any) -> int:
    """Fill uint64[n] with the keys of (item, person) of the ``nodes`` and those ``taken`` before, and with their items;
    how many there are. ``forget`` drops those of items that no node has; the nodes then stand in ascending order of
    their items."""
    for x in range(len(nodes)):
        keys[x] = entity_key(nodes[x].item, ids[nodes[x].sharer])
        items[x] = nodes[x].item
    n = len(nodes)
    for x in range(len(taken)):
        at = first_at_least(items, 0, len(nodes), taken_item[x]) if forget else 0
        if not forget or (at < len(nodes) and items[at] == taken_item[x]):
            keys[n] = taken[x]
            items[n] = taken_item[x]
            n += 1
    return n


@njit
def _among(taken: Any, pair: Any) -> bool:
    """Whether the ascending keys ``taken`` hold ``pair``."""
    k = first_at_least(taken, 0, len(taken), pair)
    return bool(k < len(taken) and taken[k] == pair)


@njit(nogil=True, cache=True)
def spread(nodes: Any, start: int, stop: int, first: int, shares: Any, indptr: Any, indices: Any, ties: Any,
           ids: Any, fit: Any, category: Any, taken: Any, reach: float, b: float, attention: float, look: Any,
           seen_base: Any, pass_base: Any, outbox: Any, children: Any) -> Any:
    """One generation: every friend of every node from ``start`` to ``stop`` gets one try.

    ``nodes`` SHARE rows standing at ``first`` of the table of ``shares``; ``b`` negative for
    the normalised rule; ``look`` float64[S], chance that a friend slot shows at all. Messages go to ``outbox``,
    those who pass on to ``children`` (duplicates within the evening included). Returns how many of each there are.
    """
    filled = born = 0
    for k in range(start, stop):
        node = nodes[k]
        i = node["sharer"]
        home = circle(ties, i)
        c = category[node["product"]]
        own = number_of(fit[i, c], FIT)
        item = node["item"]
        parent = shares[node["parent"]]["sharer"] if node["parent"] >= 0 else -1
        root = node["root"] if node["root"] >= 0 else first + k
        notice = attention * look[min(node["platform"], len(look) - 1)]
        total = 0.0
        if b < 0.0:
            for e in range(indptr[i], indptr[i + 1]):
                if e + SOON < indptr[i + 1]:
                    ahead((fit, ids), indices[e + SOON])
                j = np.int64(indices[e])
                if j != parent:
                    total += tie(ties, e, home) * similarity(own, number_of(fit[j, c], FIT))
        see = entity_key(entity_key(seen_base, ids[i]), item)
        hand = entity_key(entity_key(pass_base, ids[i]), item)
        for e in range(indptr[i], indptr[i + 1]):
            j = np.int64(indices[e])
            if j == parent:
                continue
            chance = b
            if b < 0.0:
                alike = similarity(own, number_of(fit[j, c], FIT))
                chance = pass_on_probability(reach, tie(ties, e, home) * alike, total)
            passes = uniform(hand, ids[j]) < chance
            if not passes and (b >= 0.0 or uniform(see, ids[j]) >= tie(ties, e, home) * notice):
                continue
            if _among(taken, entity_key(item, ids[j])):
                continue  # asked last, for few come this far
            message = outbox[filled]
            message["target"] = j
            message["sender"] = i
            message["product"] = node["product"]
            message["platform"] = node["platform"]
            message["good"] = node["good"]
            message["signal"] = node["signal"]
            filled += 1
            if passes:
                child = children[born]
                child["item"] = item
                child["sharer"] = j
                child["parent"] = first + k
                child["root"] = root
                child["product"] = node["product"]
                child["depth"] = node["depth"] + 1
                child["platform"] = node["platform"]
                child["good"] = node["good"]
                child["signal"] = node["signal"]
                born += 1
    return filled, born
