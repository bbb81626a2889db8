"""The organic feed: recommended content and the shelf (search).

    score of a cell   w = stock x (1+sales)^theta_pop x exp(theta_fit (f - 1/2) + theta_social cue)
    f                 rho fit_i + (1-rho) mean fit of i's segment,  rho personalisation
    exposures         Poisson( n [ (1-eps) w/(sum w + rest) + eps live/(sum live + rest) ] )
    shelf             the same with stock 1 for every product on sale and not sold out, on the search slots

Stock is the live content of the product in the channel (kol, koc); ``rest`` is the weight of everything else that
competes for the slot. With theta_pop = 1, rest = 0 and one exact slot this is the Polya urn. Sales and notes are
counted per reference market (decision D14).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, poisson, uniform
from sim.rules.cells import alive, means
from sim.rules.content import drop_dead, stock
from sim.rules.exposure import show
from sim.scenario.parameters import FeedParams
from sim.state.columns import CUED

KOL, KOC, SEARCH = CHANNEL["kol"], CHANNEL["koc"], CHANNEL["search"]
HYPED = tuple(CHANNEL[c] for c in ("ads", "koc", "search", "community", "contact"))
"""Channels that pass on hype as such; a creator's post carries its own in its signal."""
INTEREST_PART, SEARCH_PART = 3, 4


@njit(nogil=True, cache=True)
def _feed(
    lo: int,
    hi: int,
    ids: Any,
    segment: Any,
    visited: Any,
    fit: Any,
    flags: Any,
    base_weight: Any,
    category: Any,
    mean_fit: Any,
    part: Any,
    personal: Any,
    explore: Any,
    theta_fit: Any,
    theta_social: Any,
    rest: Any,
    cell_key: Any,
    base: Any,
    exact: bool,
    seen: Any,
    seen_on: Any,
    hot: Any,
) -> None:
    platforms, products, channels = base_weight.shape
    live, feed_live, product, channel, stock, keys = alive(base_weight, cell_key, SEARCH)
    if live.sum() == 0:
        return
    weight, mean, luck = np.empty(products * channels), np.empty(products * channels), np.empty(products * channels)
    table = np.zeros((products, channels))
    factors = np.empty((2, fit.shape[1]))
    for i in range(lo, hi):
        bits = visited[i]
        if bits == 0:
            continue
        who = entity_key(base, ids[i])
        r = i - lo
        for s in range(platforms):
            if not bits & np.uint32(1 << s):
                continue
            n, n_feed = live[s], feed_live[s]
            feed_sum = 0.0
            shelf_sum = 0.0
            factors[:] = -1.0
            for x in range(n):
                p = product[s, x]
                c = category[p]
                cued = 1 if flags[i, p] & CUED else 0
                factor = factors[cued, c]
                if factor < 0.0:
                    f = personal[s] * fit[i, c] + (1.0 - personal[s]) * mean_fit[segment[i], c]
                    score = theta_fit[s] * (f - 0.5)
                    if cued:
                        score += theta_social[s]
                    factor = np.exp(score)
                    factors[cued, c] = factor
                w = stock[s, x] * factor
                weight[x] = w
                if x < n_feed:
                    feed_sum += w
                else:
                    shelf_sum += w
            if exact:
                table[:] = 0.0
                for x in range(n):
                    table[product[s, x], channel[s, x]] = weight[x]
                _exact(
                    who,
                    r,
                    s,
                    table,
                    cell_key,
                    int(part[s, INTEREST_PART]),
                    KOL,
                    KOC,
                    feed_sum + rest[s],
                    seen,
                    seen_on,
                    hot,
                )
                _exact(
                    who,
                    r,
                    s,
                    table,
                    cell_key,
                    int(part[s, SEARCH_PART]),
                    SEARCH,
                    SEARCH,
                    shelf_sum + rest[s],
                    seen,
                    seen_on,
                    hot,
                )
                continue
            if n_feed > 0:
                means(weight, mean, 0, n_feed, part[s, INTEREST_PART], explore[s], feed_sum, rest[s])
            if n > n_feed:
                means(weight, mean, n_feed, n, part[s, SEARCH_PART], explore[s], shelf_sum, rest[s])
            for x in range(n):
                luck[x] = uniform(who, keys[s, x])
            for x in range(n):
                if luck[x] < 1.0 - mean[x]:
                    continue
                k = poisson(luck[x], mean[x])
                if k > 0:
                    show(seen, seen_on, hot, r, product[s, x], channel[s, x], s, k, uniform(who, ~keys[s, x]))


@njit(nogil=True, cache=True)
def _exact(
    who: Any,
    r: int,
    s: int,
    weight: Any,
    cell_key: Any,
    slots: int,
    first: int,
    second: int,
    total: float,
    seen: Any,
    seen_on: Any,
    hot: Any,
) -> None:
    """Fill each slot with exactly one cell (or with the rest of the market), by inverse CDF."""
    for j in range(slots):
        left = uniform(who, cell_key[s, 0, first] + np.uint64(j)) * total
        chosen = False
        for p in range(weight.shape[0]):
            for ch in (first, second):
                if not chosen and weight[p, ch] > 0.0:
                    left -= weight[p, ch]
                    if left < 0.0:
                        show(seen, seen_on, hot, r, p, ch, s, 1, 0.0)
                        chosen = True
                if first == second:
                    break
            if chosen:
                break


class Feed(Mechanism):
    """What platforms show unasked, and the shelf people browse."""

    name = "feed"
    Params = FeedParams
    reads = ("id", "segment", "visited", "fit", "flags", "sold", "stock", "orders_of")
    writes = ("posts", "content", "signal", "lift", "credence", "creator_weight")
    equation = "w = stock (1+sales)^theta_pop exp(theta_fit (f-1/2) + theta_social cue); n ~ Poisson(slots share)"

    def prepare(self, view: Any, day: int) -> None:
        """What is left of a post's weight by age in days; how far hype passes on, by channel of HYPED."""
        p, world = self.params, view.world
        age = np.arange(int(8.0 * max(p.video_half_life, p.note_half_life)) + 2)
        self.video_fade, self.note_fade = 2.0 ** (-age / p.video_half_life), 2.0 ** (-age / p.note_half_life)
        weight = world.scenario.mechanisms.persuasion.hype_weight.values()
        self.hype_weight = np.array([weight[ch] for ch in HYPED], float)
        self.sigma = np.hypot(world.products.spread, world.products.fit_sd)

    def morning(self, view: Any, day: int) -> None:
        """Age the content; weights that are the same for everybody: float64[S, P, CH]."""
        world = view.world
        self._publish(view, world, day)
        platforms = world.platforms
        on_sale = world.products.enters <= day
        popularity = (1.0 + view.sold[None, :] / world.scale) ** platforms.theta_pop[:, None] * on_sale
        self.weight = view.content * popularity[:, :, None]
        self.weight[:, :, SEARCH] = popularity * (view.stock != 0)

    def _publish(self, view: Any, world: Any, day: int) -> None:
        """Stock, promised quality, engagement and authorship of the live posts; dead ones are dropped."""
        p = self.params
        view.posts.grew(drop_dead(view.posts.rows, day, KOL, 8.0 * p.video_half_life, 8.0 * p.note_half_life))
        count = np.zeros_like(view.content)
        sums = np.zeros((4, *view.signal.shape))
        view.content[:] = 0.0
        view.creator_weight[:] = 0.0
        stock(view.posts.rows, day, KOL, self.video_fade, self.note_fade, world.scale, world.creator_tier,
              view.content, count, sums, view.creator_weight)
        view.content[:] /= 1.0 + p.similarity_penalty * np.maximum(count - 1.0, 0.0)
        met, least = sums[0] > 0, np.maximum(sums[0], 1e-300)
        view.signal[:] = np.where(met, sums[1] / least, world.products.advertised[:, None])
        view.lift[:] = np.where(met, sums[2] / least, 1.0)
        view.credence[:] = np.where(met, sums[3] / least, 1.0)
        hype = [0.0 if orders is None else orders.kol.hype for orders in view.orders_of]
        if any(hype):
            passed = self.hype_weight[None, :] * np.array(hype, float)[world.products.merchant][:, None]
            view.signal[:, HYPED] += passed * self.sigma[:, None]

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Fill the slots of those who opened a platform."""
        world, pf = view.world, view.world.platforms
        _feed(
            lo,
            hi,
            view.id,
            view.segment,
            view.visited,
            view.fit,
            view.flags,
            self.weight,
            world.products.category,
            world.affinity,
            pf.part,
            pf.personalisation,
            pf.explore,
            pf.theta_fit,
            pf.theta_social,
            pf.rest,
            world.cell_key,
            day_key(view.seed, Stream.FEED, day),
            self.params.slots == "exact",
            scratch.seen,
            scratch.seen_on,
            scratch.hot,
        )
