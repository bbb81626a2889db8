"""What a block's people saw today, as mechanisms and tests ask for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.rules.cells import TILE, Room
from sim.rules.exposure import CHANNEL, PLATFORM, PRODUCT, ROW, arrange

_PRODUCT, _BYTE = np.uint64(0xFFFF), np.uint64(0xFF)


def seen(scratch: Any, rows: int) -> np.ndarray:
    """uint64[n], what the ``rows`` people of the block saw today, person by person and product by product."""
    arranged = scratch.arranged
    if arranged.n == 0 and scratch.shown.n > 0:
        words, (_, products, channels), platforms = scratch.shown.rows, scratch.tally.shape, len(scratch.ad_shown) + 1
        cells = products * channels * platforms + 1
        if len(scratch.places) < cells + rows + 1:
            scratch.places = np.empty(cells + rows + 1, np.uint32)
        places = scratch.places[: cells + rows + 1]
        arranged.n = arrange(words, channels, platforms, places[:cells], places[cells:],
                             scratch.spare.room(len(words)), arranged.room(len(words)))  # fmt: skip
    found: np.ndarray = arranged.rows
    return found


def table(words: np.ndarray) -> dict[str, np.ndarray]:
    """Words as columns: ``row``, ``product``, ``channel``, ``platform``, ``count``, int64[n] each."""
    w = words.astype(np.uint64)
    return {
        "row": (w >> ROW).astype(np.int64),
        "product": (w >> PRODUCT & _PRODUCT).astype(np.int64),
        "channel": (w >> CHANNEL & _BYTE).astype(np.int64),
        "platform": (w >> PLATFORM & _BYTE).astype(np.int64),
        "count": (w & _BYTE).astype(np.int64),
    }


def room_of(scratch: Any, categories: int, products: int, cells: int) -> Room:
    """The room of a scratch, big enough: that of the last block where it was."""
    room: Room | None = scratch.tile
    if room is None or len(room.by_category) != categories or len(room.liking) < products or len(room.mean) < cells:
        most = (products, cells) if room is None else (max(products, len(room.liking)), max(cells, len(room.mean)))
        room = scratch.tile = new_room(categories, *most)
    return room


def new_room(categories: int, products: int, cells: int) -> Room:
    """Room for tiles of people, so many categories and products, and ``cells`` cells a platform."""
    u32, u64, f64 = np.uint32, np.uint64, np.float64
    flat = [np.empty(TILE, kind) for kind in (u32, u64, u64, u64, f64)]
    wide = [np.empty((n, TILE)) for n in (categories, products, cells)]
    return Room(*flat, *wide, *(np.empty(TILE, kind) for kind in (u32, u32, f64, f64, f64)))
