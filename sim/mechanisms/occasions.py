"""When people think of buying.

    needs     Poisson(lambda_ic season_c) a day, lambda_ic ~ Gamma: NBD over a period; thinned after a purchase by
              1 - exp(-(days since / cycle)^2)
    impulse   a click is an occasion for that product alone
    on awareness, on every exposure: textbook limits

Source: Ehrenberg 1988 (NBD); decision D9 (cycle).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, poisson, slots_of, uniform, uniform_at
from sim.rules.exposure import PRODUCT, channel_of, platform_of, product_of, row_of
from sim.rules.packed import RATE, number_of
from sim.rules.wishes import think
from sim.scenario.parameters import OccasionParams
from sim.state.exposures import seen

SEARCH = CHANNEL["search"]
TILE = 256
"""People taken together. Occasions are noted tile by tile, and sums over them follow their order to the last digit."""


@njit(nogil=True, cache=True, _nrt=False)
def _needs(lo: int, hi: int, day: int, ids: Any, segment: Any, rate: Any, last_purchase: Any, mean_rate: Any,
           category: Any, category_key: Any, at: Any, cycle: Any, home: Any, base: Any, who: Any, need: Any,
           out: Any, n: int) -> int:
    for first in range(lo, hi, TILE):
        mine, own = ids[first : min(hi, first + TILE)], rate[first : min(hi, first + TILE)]
        count = len(mine)
        for j in range(count):
            who[j] = entity_key(base, mine[j])
        for c in range(len(mean_rate)):
            mean, add = mean_rate[c], at[c]
            for j in range(count):
                need[j] = uniform_at(who[j], add) >= 1.0 - number_of(own[j, c], RATE) * mean
            for j in range(count):
                if not need[j]:
                    continue
                i = first + j
                keep = 1.0
                for p in range(len(category)):
                    if category[p] == c and cycle[p] > 0.0 and last_purchase[i, p] > -20000:
                        since = (day - last_purchase[i, p]) / cycle[p]
                        keep = min(keep, 1.0 - math.exp(-since * since))
                for k in range(poisson(uniform_at(who[j], at[c]), number_of(rate[i, c], RATE) * mean_rate[c])):
                    slot = entity_key(category_key[c], k + 1)
                    if keep < 1.0 and uniform(who[j], slot) >= keep:
                        continue
                    v = uniform(who[j], ~slot)
                    s = 0
                    while s < home.shape[1] - 1 and v >= home[segment[i], s]:
                        s += 1
                    n = think(out, n, slot, i - lo, -1, c, SEARCH, s)
    return n


@njit(nogil=True, cache=True, _nrt=False)
def _impulses(words: Any, category: Any, product_key: Any, out: Any, n: int) -> int:
    """An occasion for each of ``words``."""
    for w in words:
        p = product_of(w)
        n = think(out, n, product_key[p], row_of(w), p, category[p], channel_of(w), platform_of(w))
    return n


def _once(first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """Words of different people and products; of two for the same pair the earlier list's, then the later word."""
    words = np.concatenate([first, *(w[::-1] for w in others)])
    _, place = np.unique(words >> PRODUCT, return_index=True)
    return np.asarray(words[place])


class Occasions(Mechanism):
    """Needs and impulses of the day."""

    name = "occasions"
    Params = OccasionParams
    reads = ("id", "segment", "rate", "last_purchase")
    equation = "k ~ Poisson(lambda_ic season_c (1 - exp(-(dt/cycle)^2)))"

    def prepare(self, view: Any, day: int) -> None:
        """Where a need is taken: platforms in proportion to activity x shelf, cumulative [G, S]."""
        world = view.world
        pull = world.platforms.activity.T * (world.platforms.part[:, 4] + 1e-9)[None, :]
        self.home = np.cumsum(pull, axis=1) / np.maximum(pull.sum(axis=1, keepdims=True), 1e-300)
        self.category_key = np.array([name_key("category", c) for c in world.categories], np.uint64)
        self.at = slots_of(self.category_key)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Note the occasions of the block."""
        p, products, n = self.params, view.world.products, int(scratch.filled[0])
        if p.need:
            n = _needs(lo, hi, day, view.id, view.segment, view.rate, view.last_purchase, view.world.occasions(day),
                       products.category, self.category_key, self.at, products.cycle, self.home,
                       day_key(view.seed, Stream.OCCASION, day), np.empty(TILE, np.uint64), np.empty(TILE, np.uint8),
                       scratch.occasions, n)
        words = scratch.clicked.rows if p.impulse else scratch.clicked.rows[:0]
        if p.on_awareness or p.certain:
            words = _once(words, *([scratch.became.rows] if p.on_awareness else []),
                          *([seen(scratch, hi - lo)] if p.certain else []))
        scratch.filled[0] = _impulses(words, products.category, products.key, scratch.occasions, n)
