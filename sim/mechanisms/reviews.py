"""Reviews one by one (评价): who writes, with a picture or for a reward, what is shown, and who reads them.

    written   min(1, base + square (o - middle)^2) + effect x reward,  o = centre + scale S      (sim.rules.reviews)
    shown     stars and weights fade by half-life; taken-down reviews do not count; pictures count several times
    read      by shoppers who clicked and by buyers who did not: E <- E + w (claim + v sigma (page - usual) - E)

In place of the reviews that delivery writes. What was shown before the first day fades like a review of that day.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, COUNT, NO_TOUCH, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.exposure import product_of, row_of
from sim.rules.reviews import learn, pages, show, write
from sim.scenario.parameters import ReviewParams
from sim.state.ledger import CONSUMERS, REASON

SEARCH = CHANNEL["search"]


@njit(nogil=True, cache=True)
def _browse(lo: int, ids: Any, words: Any, key: Any, signal: Any, reads: float, share: float, base: Any,
            expectation: Any) -> None:
    """People who opened a product page today read its reviews."""
    for x in range(len(words)):
        i, p = lo + row_of(words[x]), product_of(words[x])
        if uniform(entity_key(base, ids[i]), key[p]) < reads:
            learn(expectation, i, p, signal[p], share)


@njit(nogil=True, cache=True)
def _check(orders: Any, paid: Any, ids: Any, key: Any, signal: Any, reads: float, share: float, base: Any,
           expectation: Any) -> None:
    """Buyers of today who came without a click read before they paid."""
    for k in paid:
        i, p = orders[k].consumer, orders[k].product
        if not orders[k].impulse and uniform(entity_key(base, ids[i]), key[p]) < reads:
            learn(expectation, i, p, signal[p], share)


class Reviews(Mechanism):
    """What buyers write and shoppers read."""

    name = "reviews"
    Params = ReviewParams
    reads = ("id", "experiences", "orders", "ledger")
    writes = ("reviews", "rating_sum", "review_count", "shown_stars", "shown_weight", "shown_volume", "expectation",
              "bills")
    equation = "o = centre + scale S;  P = base + square (o - middle)^2 + effect x reward;  stars = round(o)"

    def prepare(self, view: Any, day: int) -> None:
        """Rewards by product (chance added, fewest stars; fen); quality that a star stands for."""
        p, world = self.params, view.world
        delivery, products = world.scenario.mechanisms.delivery, world.products
        offers = [m.review_reward for m in world.scenario.merchants]
        reward = np.array([(p.reward_effect * o.yuan, o.stars) for o in offers], float).reshape(-1, 2)
        self.reward = reward[products.merchant]
        self.fen = [round(100 * o.yuan) for o in offers]
        self.terms = (p.centre, p.scale, p.middle, delivery.review_base, delivery.review_square, p.image_share,
                      p.reward_images)
        self.usual = np.full(len(products.key), float(delivery.review_prior))
        self.star = p.star_value * np.hypot(products.spread, products.fit_sd)

    def morning(self, view: Any, day: int) -> None:
        """Write about what arrived today; work out what is shown and what a reader finds."""
        if not hasattr(self, "past"):
            self.past, self.since = (view.rating_sum.copy(), view.review_count.copy()), day
        p, world = self.params, view.world
        self._write(view, day)
        rows = view.reviews.rows
        fade = 2.0 ** (-(day - self.since) / p.recency)
        stars, weight, volume = fade * self.past[0], fade * self.past[1], self.past[1].copy()
        show(rows, day, p.recency, p.image_weight, stars, weight, volume)
        view.shown_stars[:] = stars - view.rating_sum
        view.shown_weight[:] = weight - view.review_count
        view.shown_volume[:] = volume - view.review_count
        page = pages(rows, max(1.0, p.depth * world.scale), p.image_weight, self._found(stars, weight, world))
        self.signal = world.products.advertised + self.star * (page - self.usual)

    def _found(self, stars: np.ndarray, weight: np.ndarray, world: Any) -> np.ndarray:
        """Stars that stand in for reviews missing on a page: those shown, drawn to the usual rating."""
        count = world.scenario.mechanisms.delivery.review_prior_count * world.scale
        found: np.ndarray = (count * self.usual + stars) / (count + weight)
        return found

    def _write(self, view: Any, day: int) -> None:
        lived, products = view.experiences.rows, view.world.products
        if len(lived) == 0:
            return
        first, paid = len(view.reviews), np.zeros(len(self.usual), np.int64)
        view.reviews.grew(write(
            lived, day, self.terms, self.reward, day_key(view.seed, Stream.REVIEW, 0),
            view.reviews.reserve(len(lived)), first, view.rating_sum, view.review_count, paid))
        orders, fresh = view.orders.rows, view.reviews.rows[first:]
        touch = orders["last_touch"][lived["order"][np.isin(lived["key"], fresh["key"])]]
        about = lived["product"][np.isin(lived["key"], fresh["key"])]
        np.add.at(view.tally[COUNT["reviews"]], (about, np.where(touch == NO_TOUCH, SEARCH, touch)), 1)
        for x in np.flatnonzero(paid).tolist():
            m = int(products.merchant[x])
            view.bills.add(view.ledger.merchant0 + m, CONSUMERS, self.fen[m] * int(paid[x]), REASON["review_reward"], m)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Those who clicked read."""
        p = self.params
        _browse(lo, view.id, scratch.clicked.rows, view.world.products.key, self.signal, p.reads, p.learning,
                day_key(view.seed, Stream.READ, day), view.expectation)

    def evening(self, view: Any, day: int) -> None:
        """Those who bought without a click have read too."""
        p = self.params
        _check(view.orders.rows, view.orders.paid, view.id, view.world.products.key, self.signal, p.reads, p.learning,
               day_key(view.seed, Stream.READ, day), view.expectation)
