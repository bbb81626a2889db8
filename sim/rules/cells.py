"""Who of many people is shown which of many cells: Poisson exposures, one keyed draw for each person and cell.

The loops run over people inside and over cells outside and do not branch, which lets the compiler take several people
at a time. A cell needs a second look only where u >= 1 - mean, a bound of exp(-mean) from below.
Equation (12) of MODEL.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.rng import poisson, slot_of, uniform_at
from sim.rules.exposure import word
from sim.rules.fastmath import UP_TO, none

TILE = 512
"""People taken through the cells together; what is noted of them stays in the fastest cache."""
_WORD = 64
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_PLACE = np.argsort([(int(_DE_BRUIJN) << k & 0xFFFFFFFFFFFFFFFF) >> 58 for k in range(_WORD)])


@njit(_nrt=False)
def lowest_bit(bits: np.uint64) -> int:
    """Position of the lowest bit set in ``bits`` (not 0), by multiplication with a de Bruijn sequence."""
    alone = bits & (~bits + np.uint64(1))
    return int(_PLACE[int((alone * _DE_BRUIJN) >> np.uint64(58))])


class Cells(NamedTuple):
    """Cells of positive weight on each platform, those of the feed first, then those of the shelf.

    ``n``, ``n_feed`` int64[S], how many in all and in the feed. Over [S, most]: ``product``, ``channel``, ``stock`` the
    weight, ``at`` what the cell adds to a key.
    """

    n: Any
    n_feed: Any
    product: Any
    channel: Any
    stock: Any
    at: Any


class Room(NamedTuple):
    """Working space for a tile of people, so that kernels allocate nothing (:mod:`sim.rules`): rows, keys and hits of
    the people, ``liking`` by category and by product, ``mean`` exposures by cell, candidates for a second look."""

    rows: Any
    key: Any
    who: Any
    hit: Any
    total: Any
    by_category: Any
    liking: Any
    mean: Any
    person: Any
    cell: Any
    luck: Any
    expected: Any
    times: Any


@njit(nogil=True, cache=True)
def alive(weight: Any, key: Any, shelf: int) -> Any:
    """The cells of positive ``weight`` float64[S, P, CH], ``key`` uint64[S, P, CH]; ``shelf`` the channel of that."""
    platforms, products, channels = weight.shape
    size = products * channels
    n, n_feed = np.zeros(platforms, np.int64), np.zeros(platforms, np.int64)
    product, channel = np.zeros((platforms, size), np.int64), np.zeros((platforms, size), np.int64)
    stock, at = np.zeros((platforms, size)), np.zeros((platforms, size), np.uint64)
    for s in range(platforms):
        x = 0
        for on_shelf in range(2):
            for p in range(products):
                for ch in range(channels):
                    if (ch == shelf) == (on_shelf == 1) and weight[s, p, ch] > 0.0:
                        product[s, x] = p
                        channel[s, x] = ch
                        stock[s, x] = weight[s, p, ch]
                        at[s, x] = slot_of(key[s, p, ch])
                        x += 1
            if on_shelf == 0:
                n_feed[s] = x
        n[s] = x
    return Cells(n, n_feed, product, channel, stock, at)


@njit(_nrt=False)
def share_slots(first: int, last: int, product: Any, stock: Any, liking: Any, n: int, slots: float, explore: float,
                rest: float, total: Any, mean: Any) -> None:
    """Fill ``mean[first:last, :n]`` with the exposures that ``slots`` bring people to the cells first .. last.

    A cell weighs ``stock x liking`` (float64[P, n]) against all others and the ``rest`` of the market; a part
    ``explore`` of the slots is spread evenly over the cells alive, ``rest`` counting as that many. ``total`` float64[n]
    is working space.
    """
    if last == first:
        return
    for j in range(n):
        total[j] = rest
    for x in range(first, last):
        w, factor = stock[x], liking[product[x]]
        for j in range(n):
            total[j] += w * factor[j]
    for j in range(n):
        total[j] = slots * (1.0 - explore) / total[j]
    even = slots * explore / ((last - first) + rest)
    for x in range(first, last):
        w, factor, row = stock[x], liking[product[x]], mean[x]
        for j in range(n):
            row[j] = w * factor[j] * total[j] + even


@njit(_nrt=False)
def openers(lo: int, hi: int, s: int, visited: Any, rows: Any) -> int:
    """Fill ``rows`` uint32 with who of [lo, hi) opened platform ``s`` today; how many."""
    n, today = 0, visited[lo:hi]
    for j in range(len(today)):
        rows[n] = lo + j
        n += int((today[j] >> np.uint32(s)) & np.uint32(1))
    return n


@njit(_nrt=False)
def expose(block: int, s: int, n: int, cells: int, at: Any, product: Any, channel: Any, room: Room, out: Any,
           filled: int) -> int:
    """Draw the exposures of the people ``room.rows[:n]`` to ``cells`` cells of platform ``s``; ``out`` is filled to ...
    then.

    ``block`` the first row of the block; over cells: ``at`` uint64, what the cell adds to a key
    (:func:`sim.rng.slot_of`), ``product``, ``channel``. Of the room: ``who`` uint64[n] keys of the people, ``mean``
    float64[cells, n] exposures. ``out`` must have room for cells x n words.
    """
    who, hit, mean, person, cell = room.who, room.hit, room.mean, room.person, room.cell
    for first in range(0, cells, _WORD):
        last = min(cells, first + _WORD)
        for j in range(n):
            hit[j] = np.uint64(0)
        for x in range(first, last):
            bit, add, row = np.uint64(1) << np.uint64(x - first), at[x], mean[x]
            for j in range(n):
                hit[j] |= bit if uniform_at(who[j], add) >= 1.0 - row[j] else np.uint64(0)
        count = 0
        for j in range(n):
            left = hit[j]
            while left != np.uint64(0):
                person[count] = j
                cell[count] = first + lowest_bit(left)
                left &= left - np.uint64(1)
                count += 1
            if count > TILE - _WORD or j == n - 1:
                filled = _count(block, s, count, at, product, channel, room, out, filled)
                count = 0
    return filled


@njit(_nrt=False)
def _count(block: int, s: int, n: int, at: Any, product: Any, channel: Any, room: Room, out: Any, filled: int) -> int:
    """How many exposures each of ``n`` candidates, ``person`` x ``cell``, has; those with any go to ``out``."""
    rows, who, mean, person, cell = room.rows, room.who, room.mean, room.person, room.cell
    luck, expected, times = room.luck, room.expected, room.times
    for c in range(n):
        j, x = person[c], cell[c]
        expected[c] = mean[x, j]
        luck[c] = uniform_at(who[j], at[x])
    for c in range(n):
        u, m = luck[c], expected[c]
        p = none(min(m, UP_TO))
        one = p * m
        two = one * m * (1 / 2)
        three = two * m * (1 / 3)
        times[c] = (1.0 if u >= p else 0.0) + (1.0 if u >= p + one else 0.0) + (1.0 if u >= p + one + two else 0.0) + (
            1.0 if u >= p + one + two + three else 0.0)
    for c in range(n):
        j, x, k = person[c], cell[c], int(times[c])
        if k == 4 or expected[c] > UP_TO:
            k = poisson(luck[c], expected[c])
        out[filled] = word(rows[j] - block, product[x], channel[x], s, k)
        filled += k > 0
    return filled
