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

from operator import is_
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.cells import TILE, Cells, Room, alive, expose, openers, share_slots
from sim.rules.content import on_view, stock
from sim.rules.exposure import word
from sim.rules.packed import FIT
from sim.scenario.parameters import FeedParams
from sim.state import judgement
from sim.state.columns import CUED, unpacked
from sim.state.exposures import room_of

KOL, KOC, SEARCH, OWN = (CHANNEL[c] for c in ("kol", "koc", "search", "content"))
HYPED = tuple(CHANNEL[c] for c in ("ads", "koc", "search", "community", "contact"))
"""Channels that pass on hype as such; a creator's post carries its own in its signal."""
INTEREST_PART, SEARCH_PART = 3, 4
LEVELS = int(FIT.top) + 1
"""How many levels of fit there are."""


class Feeds(NamedTuple):
    """How platforms fill their slots.

    Over S: ``interest`` and ``search`` slots a visit, ``explore`` share of them, ``rest`` weight of the rest of the
    market, ``cue`` factor of what a friend endorsed. ``liking`` float64[S, G, C, LEVELS], factor of a category by fit.
    ``ranked`` float32[S, R, P], factor of a product by person (``personal``) or segment where somebody recommends
    (:mod:`sim.state.ranking`); of no platforms where nobody does.
    """

    interest: Any
    search: Any
    explore: Any
    rest: Any
    cue: Any
    liking: Any
    ranked: Any
    personal: Any


@njit(_nrt=False)
def _like(s: int, rows: Any, n: int, segment: Any, fit: Any, flags: Any, category: Any, feeds: Feeds, by_category: Any,
          liking: Any) -> None:
    """Fill ``liking[:, :n]``, the factor of each product for each of the people ``rows`` on platform ``s``."""
    for c in range(by_category.shape[0]):
        factor, row = feeds.liking[s, :, c], by_category[c]
        for j in range(n):
            i = rows[j]
            row[j] = factor[segment[i], fit[i, c]]
    cue = feeds.cue[s]
    for p in range(len(category)):
        row, factor = liking[p], by_category[category[p]]
        for j in range(n):
            row[j] = factor[j] * (cue if flags[rows[j], p] & CUED else 1.0)
    if len(feeds.ranked) > 0:
        for p in range(len(category)):
            row = liking[p]
            for j in range(n):
                row[j] *= feeds.ranked[s, rows[j] if feeds.personal else np.uint32(segment[rows[j]]), p]


@njit(nogil=True, cache=True, _nrt=False)
def _feed(start: int, lo: int, hi: int, ids: Any, segment: Any, visited: Any, fit: Any, flags: Any, category: Any,
          cells: Cells, feeds: Feeds, base: Any, room: Room, out: Any, filled: int) -> tuple[int, int]:
    """Feeds of the people [start, hi) of the block that begins at ``lo``. Stops where ``out`` might not hold what the
    next people see; the row it came to and how many words there are."""
    rows, key, who = room.rows, room.key, room.who
    worst = 0
    for s in range(len(cells.n)):
        worst += TILE * cells.n[s]
    for first in range(start, hi, TILE):
        last = min(hi, first + TILE)
        if filled + worst > len(out):
            return first, filled
        mine = ids[first:last]
        for j in range(len(mine)):
            key[j] = entity_key(base, mine[j])
        for s in range(len(cells.n)):
            n = openers(first, last, s, visited, rows) if cells.n[s] > 0 else 0
            if n == 0:
                continue
            for j in range(n):
                who[j] = key[rows[j] - first]
            _like(s, rows, n, segment, fit, flags, category, feeds, room.by_category, room.liking)
            product, stock, split, end = cells.product[s], cells.stock[s], cells.n_feed[s], cells.n[s]
            for a, b, slots in ((0, split, feeds.interest[s]), (split, end, feeds.search[s])):
                share_slots(a, b, product, stock, room.liking, n, slots, feeds.explore[s], feeds.rest[s], room.total,
                            room.mean)
            filled = expose(lo, s, n, end, cells.at[s], product, cells.channel[s], room, out, filled)
    return hi, filled


@njit(nogil=True, cache=True)
def _fill_exactly(lo: int, hi: int, ids: Any, segment: Any, visited: Any, fit: Any, flags: Any, category: Any,
                  cells: Cells, feeds: Feeds, cell_key: Any, base: Any, out: Any, filled: int) -> int:
    """The same with slots that each hold exactly one cell, or the rest of the market, by inverse CDF."""
    rows = np.empty(1, np.uint32)
    by_category, liking = np.empty((fit.shape[1], 1)), np.empty((len(category), 1))
    for i in range(lo, hi):
        for s in range(len(cells.n)):
            if not visited[i] & np.uint32(1 << s):
                continue
            rows[0] = i
            _like(s, rows, 1, segment, fit, flags, category, feeds, by_category, liking)
            who = entity_key(base, ids[i])
            for part in range(2):
                first, last = (0, cells.n_feed[s]) if part == 0 else (cells.n_feed[s], cells.n[s])
                slots = feeds.interest[s] if part == 0 else feeds.search[s]
                total = feeds.rest[s]
                for x in range(first, last):
                    total += cells.stock[s, x] * liking[cells.product[s, x], 0]
                for slot in range(int(slots)):
                    left = uniform(who, cell_key[s, 0, KOL if part == 0 else SEARCH] + np.uint64(slot)) * total
                    for x in range(first, last):
                        left -= cells.stock[s, x] * liking[cells.product[s, x], 0]
                        if left < 0.0:
                            out[filled] = word(i - lo, cells.product[s, x], cells.channel[s, x], s, 1)
                            filled += 1
                            break
    return filled


class Feed(Mechanism):
    """What platforms show unasked, and the shelf people browse."""

    name = "feed"
    Params = FeedParams
    reads = ("id", "segment", "visited", "fit", "flags", "sold", "faked", "stock", "closed_until", "orders_of", "alike",
             "ranking")
    writes = ("posts", "content", "signal", "lift", "credence", "creator_weight")
    equation = "w = stock (1+sales)^theta_pop exp(theta_fit (f-1/2) + theta_social cue); n ~ Poisson(slots share)"

    def prepare(self, view: Any, day: int) -> None:
        """What is left of a post's weight by age in days; how far hype passes on, by channel; how slots fill."""
        p, world = self.params, view.world
        age = np.arange(int(8.0 * max(p.video_half_life, p.note_half_life)) + 2)
        self.video_fade, self.note_fade = 2.0 ** (-age / p.video_half_life), 2.0 ** (-age / p.note_half_life)
        weight = world.scenario.mechanisms.persuasion.hype_weight.values()
        self.hype_weight = np.array([weight[ch] for ch in HYPED], float)
        self.sigma = np.hypot(world.products.spread, world.products.fit_sd)
        pf = world.platforms
        fit = unpacked(np.arange(LEVELS), FIT)
        rho = pf.personalisation[:, None, None, None]
        known = rho * fit + (1.0 - rho) * world.affinity[None, :, :, None]
        liking = np.exp(pf.theta_fit[:, None, None, None] * (known - 0.5))
        interest, search = (np.ascontiguousarray(pf.part[:, k]) for k in (INTEREST_PART, SEARCH_PART))
        liking[view.ranking.own] = 1.0
        self.theta = np.where(view.ranking.own, 0.0, pf.theta_pop)[:, None]
        self.count, self.sums = np.zeros_like(view.content), np.zeros((4, *view.signal.shape))
        self.hyped: list[Any] = []
        self.version = view.ranking.version
        self.feeds = Feeds(interest, search, pf.explore, pf.rest, np.exp(pf.theta_social), liking, view.ranking.table,
                           view.ranking.personal)

    def morning(self, view: Any, day: int) -> None:
        """Age the content; the cells there are and what they weigh for everybody."""
        if view.ranking.version != self.version:
            self.prepare(view, day)
        world = view.world
        self._publish(view, world, day)
        on_sale = judgement.on_sale(view, day)
        popularity = (1.0 + (view.sold + view.faked) / world.scale) ** self.theta * on_sale
        self.weight = weight = view.content * popularity[:, :, None]
        weight[:, :, SEARCH] = popularity * (view.stock != 0)
        self.cells = alive(weight, world.cell_key, SEARCH)
        cells = self.cells.n.tolist()
        self.total, self.most = sum(cells), max(cells, default=0)

    def _publish(self, view: Any, world: Any, day: int) -> None:
        """Stock, promised quality, engagement and authorship of the live posts; dead ones are dropped."""
        p, count, sums = self.params, self.count, self.sums
        for filled in (view.content, count, sums, view.creator_weight):
            filled.fill(0.0)
        view.posts.grew(stock(view.posts.rows, day, KOL, 8.0 * p.video_half_life, 8.0 * p.note_half_life,
                              self.video_fade, self.note_fade, world.scale, world.creator_tier, view.content, count,
                              sums, view.creator_weight))  # fmt: skip
        # how alike a merchant's own posts are is in ``alike``
        on_view(view.content, count, OWN, p.similarity_penalty, view.alike, sums, world.products.advertised,
                self._hype(view), view.signal, view.lift, view.credence)  # fmt: skip

    def _hype(self, view: Any) -> np.ndarray:
        """float64[P, CH], quality that merchants' hype lets expect beyond what is advertised."""
        if len(self.hyped) != len(view.orders_of) or not all(map(is_, self.hyped, view.orders_of)):
            self.hyped = list(view.orders_of)
            hype = np.array([0.0 if orders is None else orders.kol.hype for orders in self.hyped], float)
            passed = self.hype_weight[None, :] * hype[view.world.products.merchant][:, None]
            self.hype: np.ndarray = np.zeros_like(view.signal)
            self.hype[:, HYPED] = passed * self.sigma[:, None]
        return self.hype

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Fill the slots of those who opened a platform."""
        if self.total == 0:
            return
        world, shown = view.world, scratch.shown
        people = (view.id, view.segment, view.visited, view.fit, view.flags, world.products.category)
        base = day_key(view.seed, Stream.FEED, day)
        if self.params.slots == "exact":
            out = shown.room((hi - lo) * int(self.feeds.interest.sum() + self.feeds.search.sum() + 1))
            shown.n = _fill_exactly(lo, hi, *people, self.cells, self.feeds, world.cell_key, base, out, shown.n)
            return
        worst, row = TILE * self.total, lo
        tile = room_of(scratch, view.fit.shape[1], len(world.product_names), self.most)
        while row < hi:
            out = shown.room(worst)
            row, shown.n = _feed(row, lo, hi, *people, self.cells, self.feeds, base, tile, out, shown.n)
