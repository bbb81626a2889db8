"""From exposure to click.

    P(click) = 1 - (1 - ctr0 x position x relevance x cue x lift x response(n)/response(3))^k
    relevance = 1 + w (fit - 1/2)         cue = 1.3 once a friend has endorsed the product

A person clicks a product at most once a day; of several channels the one with the luckiest draw is remembered.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from sim.contract import COUNT, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.attention import click_probability, response
from sim.scenario.parameters import ClickParams
from sim.state.columns import AWARE, CUED

_CLICKS = COUNT["clicks"]


@njit(nogil=True, cache=True)
def _click(lo: int, hi: int, ids: Any, fit: Any, flags: Any, recent: Any, last_touch: Any, category: Any, key: Any,
           lift: Any, ctr: float, weight: float, cue: float, peak: float, base: Any, seen: Any, met: Any, hot: Any,
           clicked: Any, tally: Any) -> None:
    products, channels = seen.shape[1], seen.shape[2]
    norm = response(3.0, peak)
    for i in range(lo, hi):
        r = i - lo
        if not hot[r]:
            continue
        who = entity_key(base, ids[i])
        for p in range(products):
            if met[r, p] == 0:
                continue
            best = 2.0
            relevance = max(0.0, 1.0 + weight * (fit[i, category[p]] - 0.5))
            endorsed = cue if flags[i, p] & CUED else 1.0
            wear = response(recent[i, p], peak) / norm
            page = entity_key(who, key[p])
            for ch in range(channels):
                k = seen[r, p, ch]
                if k == 0:
                    continue
                u = uniform(page, ch)
                if u > 1.001 * k * ctr * lift[p, ch] * relevance * endorsed * wear:
                    continue  # above the union bound of the chance, which is cheaper than the chance
                chance = click_probability(ctr * lift[p, ch], relevance, endorsed, wear, k)
                if u < chance:
                    tally[_CLICKS, p, ch] += 1
                    if u / chance < best:
                        best = u / chance
                        clicked[r, p] = ch + 1
            if clicked[r, p]:
                flags[i, p] |= AWARE
                last_touch[i, p] = clicked[r, p] - 1


class Clicks(Mechanism):
    """Who follows an exposure to the product page."""

    name = "clicks"
    Params = ClickParams
    reads = ("id", "fit", "recent", "lift")
    writes = ("flags", "last_touch")
    equation = "P(click) = 1-(1 - ctr0 pos rel cue lift response(n)/response(3))^k"

    def prepare(self, view: Any, day: int) -> None:
        """The peak of wear-in belongs to persuasion."""
        self.peak = view.world.scenario.mechanisms.persuasion.wear_in

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Click, or not."""
        p, products = self.params, view.world.products
        _click(lo, hi, view.id, view.fit, view.flags, view.recent, view.last_touch, products.category, products.key,
               view.lift, p.ctr0 * p.position, p.relevance_weight, p.cue, self.peak,
               day_key(view.seed, Stream.CLICK, day), scratch.seen, scratch.met, scratch.hot, scratch.clicked,
               scratch.tally)
