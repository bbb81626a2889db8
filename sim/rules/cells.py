"""The cells of a feed (product x channel) packed side by side, so that the loops over them run without branches."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit
def alive(weight: Any, key: Any, shelf: int) -> Any:
    """Cells of positive ``weight`` float64[S, P, CH] on each platform, those of the feed first, then the shelf.

    ``key`` uint64[S, P, CH]; ``shelf`` the channel that is the shelf. Returns how many (all, feed) int64[S], and by
    platform and cell product, channel, weight, key.
    """
    platforms, products, channels = weight.shape
    size = products * channels
    live, feed_live = np.zeros(platforms, np.int64), np.zeros(platforms, np.int64)
    product = np.zeros((platforms, size), np.int64)
    channel = np.zeros((platforms, size), np.int64)
    packed = np.zeros((platforms, size))
    keys = np.zeros((platforms, size), np.uint64)
    for s in range(platforms):
        n = 0
        for on_shelf in range(2):
            for p in range(products):
                for ch in range(channels):
                    if (ch == shelf) == (on_shelf == 1) and weight[s, p, ch] > 0.0:
                        product[s, n] = p
                        channel[s, n] = ch
                        packed[s, n] = weight[s, p, ch]
                        keys[s, n] = key[s, p, ch]
                        n += 1
            if on_shelf == 0:
                feed_live[s] = n
        live[s] = n
    return live, feed_live, product, channel, packed, keys


@njit
def means(
    weight: Any, mean: Any, first: int, last: int, slots: float, explore: float, total: float, rest: float
) -> None:
    """Fill ``mean`` with the expected exposures of cells first..last, which weigh ``total``, in ``slots``.

    A part ``explore`` of the slots is spread evenly over what is alive, ``rest`` counting as that many cells.
    """
    explored = explore / ((last - first) + rest)
    for x in range(first, last):
        mean[x] = slots * ((1.0 - explore) * (weight[x] / (total + rest)) + explored)
