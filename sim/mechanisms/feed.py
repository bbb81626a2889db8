"""The organic feed: recommended content and the shelf (search).

    score of a cell   w = stock x (1+sales)^theta_pop x exp(theta_fit (f - 1/2) + theta_social cue)
    f                 rho fit_i + (1-rho) mean fit of i's segment,  rho personalisation
    exposures         Poisson( n [ (1-eps) w/(sum w + rest) + eps live/(sum live + rest) ] )
    shelf             the same with stock 1 for every product on sale, on the search slots

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
    reads = ("id", "segment", "visited", "fit", "flags", "sold", "orders_of")
    writes = ("posts", "content", "signal", "lift", "credence", "creator_weight")
    equation = "w = stock (1+sales)^theta_pop exp(theta_fit (f-1/2) + theta_social cue); n ~ Poisson(slots share)"

    def morning(self, view: Any, day: int) -> None:
        """Age the content; weights that are the same for everybody: float64[S, P, CH]."""
        world = view.world
        self._publish(view, world, day)
        platforms = world.platforms
        on_sale = world.products.enters <= day
        popularity = (1.0 + view.sold[None, :] / world.scale) ** platforms.theta_pop[:, None] * on_sale
        self.weight = view.content * popularity[:, :, None]
        self.weight[:, :, SEARCH] = popularity

    def _publish(self, view: Any, world: Any, day: int) -> None:
        """Stock, promised quality, engagement and authorship of the live posts; dead ones are dropped."""
        p = self.params
        posts = view.posts.rows
        half = np.where(posts["channel"] == KOL, p.video_half_life, p.note_half_life)
        alive = (day - posts["born"]) < 8.0 * half
        if not alive.all():
            view.posts.keep(alive)
            posts, half = view.posts.rows, half[alive]
        weight = posts["weight"] * 2.0 ** (-(day - posts["born"]) / half)
        weight = np.where(posts["channel"] == KOC, weight / world.scale, weight)
        cell = (
            posts["platform"].astype(np.int64),
            posts["product"].astype(np.int64),
            posts["channel"].astype(np.int64),
        )
        count = np.zeros_like(view.content)
        view.content[:] = 0.0
        np.add.at(view.content, cell, weight)
        np.add.at(count, cell, np.where(posts["channel"] == KOC, 1.0 / world.scale, 1.0))
        view.content[:] /= 1.0 + p.similarity_penalty * np.maximum(count - 1.0, 0.0)
        self._averages(view, world, posts, weight)

    @staticmethod
    def _hype(view: Any, world: Any) -> None:
        """Bought and owned channels promise a share of the campaign's hype above the advertised quality."""
        weight = world.scenario.mechanisms.persuasion.hype_weight.values()
        sigma = np.hypot(world.products.spread, world.products.fit_sd)
        for p, m in enumerate(world.products.merchant):
            orders = view.orders_of[m]
            if orders is not None:
                for ch in HYPED:
                    view.signal[p, ch] += weight[ch] * orders.kol.hype * sigma[p]

    def _averages(self, view: Any, world: Any, posts: np.ndarray, weight: np.ndarray) -> None:
        by = (posts["product"].astype(np.int64), posts["channel"].astype(np.int64))
        total = np.zeros_like(view.signal)
        np.add.at(total, by, weight)
        for column, field, neutral in (
            (view.signal, "signal", world.products.advertised[:, None]),
            (view.lift, "lift", 1.0),
            (view.credence, "trust", 1.0),
        ):
            mean = np.zeros_like(column)
            np.add.at(mean, by, weight * posts[field])
            column[:] = np.where(total > 0, mean / np.maximum(total, 1e-300), neutral)
        self._hype(view, world)
        view.creator_weight[:] = 0.0
        mine = posts["channel"] == KOL
        tier = world.creator_tier[posts["author"][mine]] if mine.any() else np.zeros(0, np.int64)
        np.add.at(view.creator_weight, (tier, posts["product"][mine].astype(np.int64)), weight[mine])

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
