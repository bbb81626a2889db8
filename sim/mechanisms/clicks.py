"""From exposure to click.

    P(click) = 1 - (1 - ctr0 x position x relevance x cue x lift x response(n)/response(3))^k
    relevance = 1 + w (fit - 1/2)         cue = 1.3 once a friend has endorsed the product

A person clicks a product at most once a day; of several cells the one with the luckiest draw is remembered.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import COUNT, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, slots_of, uniform_at
from sim.rules.attention import click_probability, response
from sim.rules.exposure import PRODUCT, channel_of, count_of, platform_of, product_of, row_of
from sim.rules.packed import FIT, RECENT, number_of
from sim.scenario.parameters import ClickParams
from sim.state.columns import AWARE, CUED
from sim.state.exposures import seen

_CLICKS = COUNT["clicks"]
NOBODY = ~np.uint64(0)


@njit(cache=True)
def _look_up(peak: float) -> Any:
    """float64[RECENT levels], response to the exposures of a week over the response to three."""
    wear = np.empty(int(RECENT.top) + 1)
    for k in range(len(wear)):
        wear[k] = response(number_of(k, RECENT), peak) / response(3.0, peak)
    return wear


@njit(nogil=True, cache=True, _nrt=False)
def _click(lo: int, ids: Any, fit: Any, flags: Any, recent: Any, last_touch: Any, category: Any, at: Any, lift: Any,
           ctr: float, weight: float, cue: float, steepest: float, wear: Any, base: Any, words: Any, key: Any,
           clicked: Any, filled: int, tally: Any) -> int:
    """Who clicks, into ``clicked`` from ``filled`` on; how many there are then. ``key`` uint64, a place for each row.

    Two loops without branches draw for everybody and leave the few below a bound of their chance, in the places of
    ``clicked`` that the third fills after it has read them.
    """
    mine = ids[lo : lo + len(key)]
    for row in range(len(key)):
        key[row] = entity_key(base, mine[row])
    left = clicked[filled:]
    count = 0
    for w in words:
        p, ch = product_of(w), channel_of(w)
        luck = uniform_at(key[row_of(w)], at[platform_of(w), p, ch])
        left[count] = w
        count += int(luck < count_of(w) * steepest * lift[p, ch])
    best, pair = 2.0, NOBODY
    for w in left[:count]:
        row, p, ch = row_of(w), product_of(w), channel_of(w)
        i = lo + row
        luck = uniform_at(key[row], at[platform_of(w), p, ch])
        relevance = max(0.0, 1.0 + weight * (number_of(fit[i, category[p]], FIT) - 0.5))
        endorsed = cue if flags[i, p] & CUED else 1.0
        chance = click_probability(ctr * lift[p, ch], relevance, endorsed, wear[recent[i, p]], count_of(w))
        if luck >= chance:
            continue
        tally[_CLICKS, p, ch] += 1
        if w >> PRODUCT != pair:
            pair, best = w >> PRODUCT, 2.0
            filled += 1
        if luck / chance < best:
            best = luck / chance
            clicked[filled - 1] = w
            flags[i, p] |= AWARE
            last_touch[i, p] = ch
    return filled


class Clicks(Mechanism):
    """Who follows an exposure to the product page."""

    name = "clicks"
    Params = ClickParams
    reads = ("id", "fit", "recent", "lift")
    writes = ("flags", "last_touch")
    equation = "P(click) = 1-(1 - ctr0 pos rel cue lift response(n)/response(3))^k"

    def prepare(self, view: Any, day: int) -> None:
        """Wear by exposures of the week and a bound of the chance (its peak is 1); what cells add to a key."""
        p, peak = self.params, view.world.scenario.mechanisms.persuasion.wear_in
        self.wear = _look_up(peak)
        self.ctr = p.ctr0 * p.position
        self.steepest = 1.001 * self.ctr * (1.0 + 0.5 * abs(p.relevance_weight)) * max(1.0, p.cue) / response(3.0, peak)
        self.at = slots_of(view.world.cell_key)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Click, or not."""
        p, products = self.params, view.world.products
        words, clicked = seen(scratch, hi - lo), scratch.clicked
        if len(words) == 0:
            return
        clicked.n = _click(lo, view.id, view.fit, view.flags, view.recent, view.last_touch, products.category,
                           self.at, view.lift, self.ctr, p.relevance_weight, p.cue, self.steepest, self.wear,
                           day_key(view.seed, Stream.CLICK, day), words, scratch.spare.room(hi - lo)[: hi - lo],
                           clicked.room(len(words)), clicked.n, scratch.tally)
