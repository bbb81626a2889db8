"""What people see in a day, as words of 64 bits: row of the block, product, channel, platform, count.

A day leaves a few of them for each person, in the order in which mechanisms showed things; :func:`arrange` puts them
in the order of people and products, those of one cell added up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

ROW, PRODUCT, CHANNEL, PLATFORM = np.uint64(40), np.uint64(24), np.uint64(16), np.uint64(8)
_PRODUCT, _BYTE = np.uint64(0xFFFF), np.uint64(0xFF)
MOST = 255
"""A person counts at most this many exposures to a cell in a day."""


@njit
def word(row: int, product: int, channel: int, platform: int, count: int) -> np.uint64:
    """Row below 2^24, product below 2^16, channel, platform and count below 2^8 as one word."""
    return np.uint64(
        (np.uint64(row) << ROW) | (np.uint64(product) << PRODUCT) | (np.uint64(channel) << CHANNEL)
        | (np.uint64(platform) << PLATFORM) | np.uint64(min(count, MOST))
    )


@njit
def row_of(w: np.uint64) -> Any:
    """Row of the block, from 0."""
    return np.int64(w >> ROW)


@njit
def product_of(w: np.uint64) -> Any:
    """Position of the product."""
    return np.int64((w >> PRODUCT) & _PRODUCT)


@njit
def channel_of(w: np.uint64) -> Any:
    """Code of the channel."""
    return np.int64((w >> CHANNEL) & _BYTE)


@njit
def platform_of(w: np.uint64) -> Any:
    """Position of the platform."""
    return np.int64((w >> PLATFORM) & _BYTE)


@njit
def count_of(w: np.uint64) -> Any:
    """Number of exposures."""
    return np.int64(w & _BYTE)


@njit(nogil=True, cache=True, _nrt=False)
def arrange(words: Any, start: Any, out: Any) -> int:
    """Put ``words`` in ascending order into ``out``, counts of the same cell added up; how many there are then.

    ``start`` int64[rows + 1] is working space. Counted by row, then insertion within a person, who saw a few things.
    """
    start[:] = 0
    for x in range(len(words)):
        start[row_of(words[x]) + 1] += 1
    for r in range(1, len(start)):
        start[r] += start[r - 1]
    for x in range(len(words)):
        r = row_of(words[x])
        out[start[r]] = words[x]
        start[r] += 1
    n = 0
    for x in range(len(words)):
        w = out[x]
        y = n
        while y > 0 and out[y - 1] > w:
            y -= 1
        if y > 0 and out[y - 1] >> PLATFORM == w >> PLATFORM:
            out[y - 1] = _joined(out[y - 1], w)
        elif y < n and out[y] >> PLATFORM == w >> PLATFORM:
            out[y] = _joined(out[y], w)
        else:
            for z in range(n, y, -1):
                out[z] = out[z - 1]
            out[y] = w
            n += 1
    return n


@njit
def _joined(a: np.uint64, b: np.uint64) -> np.uint64:
    """Two words of one cell as one."""
    return np.uint64((a >> PLATFORM << PLATFORM) | np.uint64(min(MOST, count_of(a) + count_of(b))))
