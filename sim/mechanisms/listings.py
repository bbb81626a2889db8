"""One product in several places (全域): touched here, ordered there.

    order      a click takes the listing in place; without one, and on a need, the best listing by price, wait and the
               friction of going elsewhere (sim.rules.listings, within choice)
    looked up  who saw the product within ``search_days`` and has not bought it since looks for it w.p. ``brand_search``
               a day, on a shelf that has it, by activity x search slots of the places: an occasion for it alone
    crossed    paid orders by the place where the buyer first met the product and the place of the order

A look-up counts as a click of the channel search, whatever showed the product first: what last touch credits to search
began elsewhere. Acts for products with ``listings``; a product without any is sold wherever people are. Stock is shared
by all listings, and a place takes its own fee. Decision D27.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, COUNT, NO_TOUCH, Column, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.exposure import platform_of, product_of, row_of
from sim.rules.wishes import think
from sim.scenario.parameters import ListingParams
from sim.state.columns import AWARE
from sim.state.listings import sold_at

SEARCH = CHANNEL["search"]
_CLICKS = COUNT["clicks"]
LOOKED_UP = np.uint64(0x10CED)


@njit(nogil=True, cache=True, _nrt=False)
def _meet(words: Any, lo: int, met_at: Any) -> None:
    """Note where people first saw what they saw today."""
    for x in range(len(words)):
        i, p = lo + row_of(words[x]), product_of(words[x])
        if met_at[i, p] == NO_TOUCH:
            met_at[i, p] = platform_of(words[x])


@njit(nogil=True, cache=True, _nrt=False)
def _look_up(lo: int, hi: int, day: int, ids: Any, segment: Any, flags: Any, last_exposure: Any, last_purchase: Any,
             alive: Any, chosen: Any, merchant: Any, category: Any, product_key: Any, home: Any, chance: float,
             days: int, base: Any, out: Any, n: int, tally: Any) -> int:
    """Occasions of those who look for one of the products ``chosen``; ``home`` [P, G, S] cumulative shares."""
    for x in range(len(chosen)):
        p = chosen[x]
        key = entity_key(product_key[p], LOOKED_UP)
        for i in range(lo, hi):
            seen = last_exposure[i, p]
            if day - seen > days or seen > day or not flags[i, p] & AWARE:
                continue
            if last_purchase[i, p] >= seen or not alive[i, merchant[p]]:
                continue
            who = entity_key(base, ids[i])
            if uniform(who, key) >= chance:
                continue
            u, s = uniform(who, ~key), 0
            while s < home.shape[2] - 1 and u >= home[p, segment[i], s]:
                s += 1
            n = think(out, n, key, i - lo, p, category[p], SEARCH, s)
            tally[_CLICKS, p, SEARCH] += 1
    return n


class Listings(Mechanism):
    """Search for a brand, and orders by where they began."""

    name = "listings"
    Params = ListingParams
    columns = (
        Column("met_at", ("N", "P"), np.uint8, "code", "Platform of the first exposure, 255 none.", NO_TOUCH,
               owner="listings"),
        Column("crossed", ("S", "S", "P"), np.int64, "orders", "Paid orders by platform of the first exposure and of "
               "the order.", owner="listings"),
        Column("crossed_gmv", ("S", "S", "P"), np.int64, "fen", "Their price.", owner="listings"),
    )
    reads = ("id", "segment", "flags", "last_exposure", "last_purchase", "alive", "orders")
    writes = ("met_at", "crossed", "crossed_gmv")
    equation = "u_l = -a price_l/ref - b_wait days_l - friction [elsewhere];  P(look up) = q for days after an exposure"

    def prepare(self, view: Any, day: int) -> None:
        """Products with listings, and the shares of the shelves on which they are looked up."""
        platforms, at = view.world.platforms, sold_at(view.world)
        self.chosen = np.flatnonzero(at.any(axis=0))
        pull = platforms.activity.T * (platforms.part[:, 4] + 1e-9)[None, :]
        by_product = at.T[:, None, :] * pull[None, :, :]
        self.home = np.cumsum(by_product, axis=2) / np.maximum(by_product.sum(axis=2, keepdims=True), 1e-300)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Note first meetings; look up what was seen lately."""
        if len(self.chosen) == 0:
            return
        _meet(scratch.shown.rows, lo, view.met_at)
        products, p = view.world.products, self.params
        scratch.filled[0] = _look_up(
            lo, hi, day, view.id, view.segment, view.flags, view.last_exposure, view.last_purchase, view.alive,
            self.chosen, products.merchant, products.category, products.key, self.home, p.brand_search, p.search_days,
            day_key(view.seed, Stream.BRAND_SEARCH, day), scratch.occasions, int(scratch.filled[0]), scratch.tally)

    def evening(self, view: Any, day: int) -> None:
        """Book today's paid orders by where they began."""
        if len(self.chosen) == 0 or day < 0:
            return
        rows = view.orders.rows[view.orders.paid]
        met = view.met_at[rows["consumer"], rows["product"]] if len(rows) else np.zeros(0, np.uint8)
        known = (met != NO_TOUCH) & (rows["sample"] == 0) & np.isin(rows["product"], self.chosen)
        at = (met[known], rows["platform"][known], rows["product"][known])
        np.add.at(view.crossed, at, 1)
        np.add.at(view.crossed_gmv, at, rows["price"][known].astype(np.int64))
