"""The kernels of :mod:`sim.state.generate`: ties drawn, counted, and written into rows where they will stay."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sim.rng import Stream, day_key, entity_key, uniform

_STREAM = int(Stream.NETWORK)
_SHIFT = np.uint64(32)
_MASK = np.uint64(0xFFFFFFFF)
NONE = np.uint64(0xFFFFFFFFFFFFFFFF)
"""No tie: a place that a draw left empty; sorts last."""


@njit(cache=True)
def uniforms(n, seed, purpose):  # type: ignore[no-untyped-def]
    base = day_key(seed, _STREAM, purpose)
    out = np.empty(n, np.float64)
    for i in range(n):
        out[i] = uniform(entity_key(base, np.uint64(i)), np.uint64(0))
    return out


@njit
def _tie_probability(ti, tj, distance, near, far):  # type: ignore[no-untyped-def]
    """``near`` and ``far`` already divided by the community's mean wish (and by s-1): see the equation sheet."""
    product = ti * tj
    close = min(max(near * product - distance + 1.0, 0.0), 1.0)
    return close + (1.0 - close) * min(far * product, 1.0)


@njit(nogil=True)
def _wish(weight, lo, hi, share, near, far, inside):  # type: ignore[no-untyped-def]
    """Fill ``inside`` with what each of a community wants inside; ``near`` and ``far`` on its scale."""
    size = hi - lo
    room = 0.6 * max(size - 1, 0)
    mean = 0.0
    for k in range(size):
        inside[k] = min(share * weight[lo + k], room)
        mean += inside[k]
    mean = max(mean / max(size, 1), 1e-12)
    return 0.5 * near / mean, far / (mean * max(size - 1, 1))


@njit(cache=True)
def _largest(starts, first, last):  # type: ignore[no-untyped-def]
    most = 0
    for c in range(first, last):
        most = max(most, starts[c + 1] - starts[c])
    return most


@njit(cache=True)
def expected_strong(starts, weight, share, near, far):  # type: ignore[no-untyped-def]
    total = 0.0
    inside = np.empty(_largest(starts, 0, len(starts) - 1), np.float64)
    for c in range(len(starts) - 1):
        size = starts[c + 1] - starts[c]
        near_c, far_c = _wish(weight, starts[c], starts[c + 1], share, near, far, inside)
        for i in range(size):
            for j in range(i + 1, size):
                total += _tie_probability(inside[i], inside[j], min(j - i, size - j + i), near_c, far_c)
    return total


@njit(nogil=True, cache=True)
def strong_ties(seed, starts, weight, share, near, far, first, last, after, indices):  # type: ignore[no-untyped-def]
    """The ties inside the communities [first, last): ``after[i + 1]`` grows by one for each of i's, and where there
    are ``indices`` the friend is written at the place it held."""
    base = day_key(seed, _STREAM, 2)
    write = len(indices) > 0
    inside = np.empty(_largest(starts, first, last), np.float64)
    for c in range(first, last):
        lo = starts[c]
        size = starts[c + 1] - lo
        near_c, far_c = _wish(weight, lo, lo + size, share, near, far, inside)
        for i in range(size):
            key = entity_key(base, np.uint64(lo + i))
            for j in range(i + 1, size):
                p = _tie_probability(inside[i], inside[j], min(j - i, size - j + i), near_c, far_c)
                if uniform(key, np.uint64(lo + j)) < p:
                    if write:
                        indices[after[lo + i + 1]] = lo + j
                        indices[after[lo + j + 1]] = lo + i
                    after[lo + i + 1] += 1
                    after[lo + j + 1] += 1


@njit(cache=True)
def weak_wish(weight, strong, least):  # type: ignore[no-untyped-def]
    """Cumulative wish for weak ties float64[n], and uint32[n], who stands where in it: a table of first guesses.

    ``strong[i + 1]`` is the number of strong ties of i.
    """
    n = len(weight)
    cumulative = np.empty(n, np.float64)
    total = 0.0
    for i in range(n):
        total += max(weight[i] - strong[i + 1], least * weight[i] + 1e-9)
        cumulative[i] = total
    guide = np.empty(n, np.uint32)
    step = total / n
    j = 0
    for i in range(n):
        while j < n and cumulative[j] <= i * step:
            j += 1
        guide[i] = j
    return cumulative, guide


@njit(nogil=True, cache=True)
def draw_weak(seed, purpose, starts, cumulative, guide, wanted, first, last, out):  # type: ignore[no-untyped-def]
    """The people [first, last) start floor-systematic many ties each, so that the total is exact.

    ``out`` uint64[wanted + 1] has a place for every tie of everybody; the place of one that found no end stays.
    """
    n = len(cumulative)
    base = day_key(seed, _STREAM, purpose)
    total = cumulative[n - 1]
    shift = uniform(base, np.uint64(0))
    slot0 = np.int64(math.floor(shift))
    before = slot0
    if first > 0:
        before = np.int64(math.floor(cumulative[first - 1] * (wanted / total) + shift))
    c = 0 if first == last else np.searchsorted(starts, first, side="right")
    for i in range(first, last):
        while starts[c] <= i:
            c += 1
        upto = np.int64(math.floor(cumulative[i] * (wanted / total) + shift))
        key = entity_key(base, np.uint64(i))
        for slot in range(upto - before):
            for trial in range(32):
                x = uniform(key, np.uint64(slot * 32 + trial)) * total
                j = np.int64(guide[min(np.int64(x / total * n), n - 1)])
                while j < n - 1 and cumulative[j] <= x:
                    j += 1
                if j < starts[c - 1] or j >= starts[c]:
                    low, high = (i, j) if i < j else (j, i)
                    out[before + slot - slot0] = (np.uint64(low) << _SHIFT) | np.uint64(high)
                    break
        before = upto


@njit(cache=True)
def distinct(codes):  # type: ignore[no-untyped-def]
    """Move the distinct among ascending codes to the front, without those that are none; how many."""
    made = 0
    for k in range(len(codes)):
        code = codes[k]
        if code != NONE and (made == 0 or codes[made - 1] != code):
            codes[made] = code
            made += 1
    return made


@njit(cache=True)
def to_row_starts(after, weak):  # type: ignore[no-untyped-def]
    """Turn numbers of strong ties, ``after[i + 1]``, into the first place of i's row; how many have no tie at all."""
    for code in weak:
        after[np.int64(code >> _SHIFT) + 1] += 1
        after[np.int64(code & _MASK) + 1] += 1
    isolated = 0
    total = 0
    for i in range(1, len(after)):
        degree = after[i]
        isolated += degree == 0
        after[i] = total
        total += degree
    return isolated


@njit(cache=True)
def write_weak(after, indices, weak, lower):  # type: ignore[no-untyped-def]
    """Write the weak friends of lower number, or of higher; before and after the strong ones, rows come out sorted."""
    for code in weak:
        lo, hi = np.int64(code >> _SHIFT), np.int64(code & _MASK)
        row, friend = (hi, lo) if lower else (lo, hi)
        indices[after[row + 1]] = friend
        after[row + 1] += 1
