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
ONE, ONE32 = np.uint64(1), np.uint32(1)
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


@njit
def places(w: np.uint64) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Row of the block, product and channel, without a sign: a kernel need not ask whether they count from the end."""
    return w >> ROW, (w >> PRODUCT) & _PRODUCT, (w >> CHANNEL) & _BYTE


@njit(nogil=True, cache=True, _nrt=False)
def arrange(words: Any, channels: int, platforms: int, cell_at: Any, row_at: Any, first: Any, out: Any) -> int:
    """Put ``words`` in ascending order into ``out``, counts of the same cell added up; how many there are then.

    Counted by cell, then by row, each in the order in which they stood: no comparison whose outcome is anybody's guess.
    ``channels``: how many there are; ``platforms``: one more than there are, the last place for what was seen on none.
    Working space: ``first`` uint64 as long as ``words``; ``cell_at`` and ``row_at`` uint32, one more than there are
    cells and rows.
    """
    cell_at[:] = 0
    row_at[:] = 0
    for w in words:
        cell_at[_cell(w, channels, platforms) + ONE] += ONE32
        row_at[(w >> ROW) + ONE] += ONE32
    for k in range(1, len(cell_at)):
        cell_at[k] += cell_at[k - 1]
    for k in range(1, len(row_at)):
        row_at[k] += row_at[k - 1]
    for w in words:
        cell = _cell(w, channels, platforms)
        place = cell_at[cell]
        first[place] = w
        cell_at[cell] = place + ONE32
    for w in first[: len(words)]:
        place = row_at[w >> ROW]
        out[place] = w
        row_at[w >> ROW] = place + ONE32
    n = 0
    for x in range(len(words)):
        if n > 0 and out[n - 1] >> PLATFORM == out[x] >> PLATFORM:
            out[n - 1] = _joined(out[n - 1], out[x])
        else:
            out[n] = out[x]
            n += 1
    return n


@njit
def _cell(w: np.uint64, channels: int, platforms: int) -> np.uint64:
    """Place of the cell of a word among all cells: by product, channel, platform."""
    _, product, channel = places(w)
    within = product * np.uint64(channels) + channel
    return np.uint64(within * np.uint64(platforms) + min((w >> PLATFORM) & _BYTE, np.uint64(platforms - 1)))


@njit
def _joined(a: np.uint64, b: np.uint64) -> np.uint64:
    """Two words of one cell as one."""
    return np.uint64((a >> PLATFORM << PLATFORM) | np.uint64(min(MOST, count_of(a) + count_of(b))))
