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

from numba import njit

from sim.contract import CHANNEL, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, poisson, uniform
from sim.scenario.parameters import OccasionParams

SEARCH, CONTACT = CHANNEL["search"], CHANNEL["contact"]


@njit
def _emit(out: Any, n: int, key: Any, r: int, p: int, c: int, channel: int, platform: int) -> int:
    o = out[n]
    o.row = r
    o.product = p
    o.category = c
    o.key = key
    o.channel = channel
    o.platform = platform
    return n + 1


@njit(nogil=True, cache=True)
def _occasions(
    lo: int,
    hi: int,
    day: int,
    ids: Any,
    segment: Any,
    rate: Any,
    last_purchase: Any,
    mean_rate: Any,
    category: Any,
    product_key: Any,
    category_key: Any,
    cycle: Any,
    home: Any,
    need: bool,
    impulse: bool,
    aware_too: bool,
    certain: bool,
    base: Any,
    seen: Any,
    seen_on: Any,
    hot: Any,
    clicked: Any,
    became: Any,
    out: Any,
    filled: Any,
) -> None:
    n = 0
    products = len(category)
    for i in range(lo, hi):
        r = i - lo
        if need:
            who = entity_key(base, ids[i])
            for c in range(len(mean_rate)):
                mean = rate[i, c] * mean_rate[c]
                u = uniform(who, category_key[c])
                if u < 1.0 - mean:
                    continue
                k = poisson(u, mean)
                if k == 0:
                    continue
                keep = 1.0
                for p in range(products):
                    if category[p] == c and cycle[p] > 0.0 and last_purchase[i, p] > -20000:
                        since = (day - last_purchase[i, p]) / cycle[p]
                        keep = min(keep, 1.0 - math.exp(-since * since))
                for j in range(k):
                    slot = entity_key(category_key[c], j + 1)
                    if keep < 1.0 and uniform(who, slot) >= keep:
                        continue
                    v = uniform(who, ~slot)
                    s = 0
                    while s < home.shape[1] - 1 and v >= home[segment[i], s]:
                        s += 1
                    n = _emit(out, n, slot, r, -1, c, SEARCH, s)
        for p in range(products):
            ch = -1
            if impulse and hot[r] and clicked[r, p]:
                ch = clicked[r, p] - 1
            elif aware_too and became[r, p]:
                ch = CONTACT
            elif certain and hot[r]:
                for x in range(seen.shape[2]):
                    if seen[r, p, x]:
                        ch = x
            if ch >= 0:
                platform = seen_on[r, p, ch]
                n = _emit(out, n, product_key[p], r, p, category[p], ch, platform)
    filled[0] = n


class Occasions(Mechanism):
    """Needs and impulses of the day."""

    name = "occasions"
    Params = OccasionParams
    reads = ("id", "segment", "rate", "last_purchase")
    equation = "k ~ Poisson(lambda_ic season_c (1 - exp(-(dt/cycle)^2)))"

    def prepare(self, view: Any, day: int) -> None:
        """Where a need is taken: platforms in proportion to activity x shelf, cumulative [G, S]."""
        import numpy as np

        world = view.world
        pull = world.platforms.activity.T * (world.platforms.part[:, 4] + 1e-9)[None, :]
        self.home = np.cumsum(pull, axis=1) / np.maximum(pull.sum(axis=1, keepdims=True), 1e-300)
        self.category_key = np.array([name_key("category", c) for c in world.categories], np.uint64)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Note the occasions of the block."""
        p, world = self.params, view.world
        _occasions(
            lo,
            hi,
            day,
            view.id,
            view.segment,
            view.rate,
            view.last_purchase,
            world.occasions(day),
            world.products.category,
            world.products.key,
            self.category_key,
            world.products.cycle,
            self.home,
            p.need,
            p.impulse,
            p.on_awareness,
            p.certain,
            day_key(view.seed, Stream.OCCASION, day),
            scratch.seen,
            scratch.seen_on,
            scratch.hot,
            scratch.clicked,
            scratch.became,
            scratch.occasions,
            scratch.filled,
        )
