"""Opinion consumers (KOC, 种草): samples sent, real experience, honest notes.

    sampled    floor(purse / (unit cost + freight + reward)) authors a day, chosen by the plan's policy
    note       after the experience: w.p. note_rate for a sample, organic_rate for an own purchase
    signal     the quality the author met

The reward is paid when the note is written. A note enters the content stock of a platform its author may open and, as a
share, the feeds of the author's friends. Policies: random, degree, segment, community (one in each), greedy (degree
discount, Chen, Wang & Yang 2009).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, NO_TOUCH, Mechanism
from sim.rng import Stream, day_key, entity_key, normal, uniform
from sim.scenario.parameters import SeedingParams
from sim.state import ledger as books
from sim.state.columns import GIFTED, NEVER
from sim.state.population import uniforms
from sim.state.records import ORDER, SHIPPED, lumps

KOC = CHANNEL["koc"]


@njit(nogil=True, cache=True)
def _notes(experiences: Any, author: Any, segment: Any, home: Any, note_rate: float, organic_rate: float, base: Any,
           content: Any, day: int, posts: Any, first: int, rewarded: Any) -> int:
    """Write the notes on today's ``experiences`` as POST rows from ``first`` on; how many rows there are then. Weights
    are left standard normals.

    ``home`` [G, S]: cumulative shares of the platforms; ``rewarded`` [P] counts notes on samples.
    """
    n = first
    for k in range(len(experiences)):
        e = experiences[k]
        if author[e.consumer] == 0:
            continue
        key = entity_key(e.key, np.uint64(KOC))
        if uniform(entity_key(base, key), np.uint64(0)) >= (note_rate if e.sample else organic_rate):
            continue
        who = entity_key(content, key)
        shares = home[segment[e.consumer]]
        u, s = uniform(who, np.uint64(1)), 0
        while s < len(shares) - 1 and shares[s] <= u:
            s += 1
        post = posts[n]
        post.key = key
        post.weight = normal(who, np.uint64(2))
        post.author = e.consumer
        post.born = day
        post.product = e.product
        post.platform = s
        post.channel = KOC
        post.sponsored = e.sample
        post.signal = e.quality
        post.lift = 1.0
        post.trust = 1.0
        n += 1
        if e.sample:
            rewarded[e.product] += 1
    return n


@njit(nogil=True, cache=True)
def _without(authors: Any, turn: Any, start: int, flags: Any, p: int, out: Any) -> tuple[int, int]:
    """Fill ``out`` with the next authors, in turn from ``start`` on, who have not had product p; how many were found,
    and the place before which all have had it."""
    found, x = 0, start
    while x < len(turn) and found < len(out):
        i = authors[turn[x]]
        if not flags[i, p] & GIFTED:
            out[found] = i
            found += 1
        elif x == start:
            start += 1
        x += 1
    return found, start


@njit(nogil=True, cache=True)
def _covered(authors: Any, taken: Any, indptr: Any, indices: Any) -> Any:
    """int64[n], friends of each author among the ``taken`` (0/1 by person)."""
    out = np.zeros(len(authors), np.int64)
    for x in range(len(authors)):
        for e in range(indptr[authors[x]], indptr[authors[x] + 1]):
            out[x] += taken[indices[e]]
    return out


@njit(nogil=True, cache=True)
def _parcel_keys(ids: Any, chosen: Any, product: Any, day: int) -> Any:
    """uint64[n], keys of today's samples."""
    out = np.empty(len(chosen), np.uint64)
    for x in range(len(chosen)):
        out[x] = entity_key(entity_key(ids[chosen[x]], product), np.uint64(day + 200_000))
    return out


class Seeding(Mechanism):
    """Samples to authors, notes from authors."""

    name = "seeding"
    Params = SeedingParams
    reads = ("id", "segment", "author", "experiences", "market", "orders_of")
    writes = ("flags", "purse", "posts", "bills", "orders", "stock")
    equation = "notes ~ Bernoulli(note_rate) of samples tried; signal = quality met"

    def prepare(self, view: Any, day: int) -> None:
        """Who can write, in which turn they are asked (kept from day to day), and where segments write: [G, S]."""
        self.authors = np.flatnonzero(view.author)
        self.degree = np.diff(view.network.indptr)[self.authors] if view.network.n else np.zeros(0, int)
        pull = view.world.platforms.activity.T + 1e-12
        owner = view.world.products.merchant
        self.owned = [np.flatnonzero(owner == m).tolist() for m in range(len(view.world.merchants))]
        self.enters = view.world.products.enters.tolist()
        self.freight, self.made = view.world.products.freight.tolist(), view.world.products.unit_cost.tolist()
        self.blank = self._blank()
        self.home = np.cumsum(pull, axis=1) / pull.sum(axis=1, keepdims=True)
        if not hasattr(self, "turns"):
            self.turns: dict[tuple[int, str, str], tuple[np.ndarray, int]] = {}

    def morning(self, view: Any, day: int) -> None:
        """Publish what was experienced today, then send new samples."""
        self._publish(view, day)
        for m in range(len(view.world.merchants)):
            if view.purse[m, KOC] > 0:
                self._send(view, day, m)

    def _publish(self, view: Any, day: int) -> None:
        lived = view.experiences.rows
        if len(lived) == 0:
            return
        world, p = view.world, self.params
        rewarded = np.zeros(len(world.products.key), np.int64)
        posts, first = view.posts.reserve(len(lived)), len(view.posts)
        view.posts.grew(_notes(
            lived, view.author, view.segment, self.home, p.note_rate, p.organic_rate,
            day_key(view.seed, Stream.NOTE, 0), day_key(view.seed, Stream.CONTENT, 0), day, posts, first, rewarded))
        if len(view.posts) == first:
            return
        weight = view.posts.rows["weight"][first:]
        weight[:] = np.exp(world.scenario.mechanisms.feed.appeal_spread * weight)
        for x in rewarded.nonzero()[0].tolist():
            m = int(world.products.merchant[x])
            view.bills.add(view.market.ledger.merchant0 + m, books.CONSUMERS,
                           round(view.orders_of[m].koc.reward * 100) * int(rewarded[x]), books.REASON["note_reward"], m)

    def _send(self, view: Any, day: int, m: int) -> None:
        tactics = view.orders_of[m].koc
        on_sale = [p for p in self.owned[m] if self.enters[p] <= day]
        if len(on_sale) == 0 or len(self.authors) == 0:
            return
        purse = int(view.purse[m, KOC]) // len(on_sale)
        reward = round(tactics.reward * 100 * self.params.note_rate)
        for p in on_sale:
            cost, stock = self.made[p] + self.freight[p] + reward, int(view.stock[p])
            count = purse // max(cost, 1)
            if stock >= 0:
                count = min(count, stock)
            if count > 0 and len(chosen := self._choose(view, p, tactics, count)):
                view.purse[m, KOC] -= cost * len(chosen)
                self._dispatch(view, day, m, p, chosen)

    def _dispatch(self, view: Any, day: int, m: int, p: int, chosen: np.ndarray) -> None:
        """Samples of product p are on their way to the ``chosen``, at the merchant's cost and from its stock."""
        count, orders, account = len(chosen), view.orders, view.market.ledger.merchant0 + m
        view.flags[chosen, p] |= GIFTED
        first = orders.append(self._parcels(view, day, p, chosen))
        orders.due.add(day + self.params.sample_lag, np.arange(first, first + count))
        view.bills.add(account, books.CARRIER, self.freight[p] * count, books.REASON["sample"], m)
        if view.stock[p] < 0:
            view.bills.add(account, books.SUPPLIER, self.made[p] * count, books.REASON["sample"], m)
        else:
            view.stock[p] -= count

    def _choose(self, view: Any, p: int, tactics: Any, count: int) -> np.ndarray:
        """Rows of ``count`` authors who have not had the product yet, by policy; ties in keyed order."""
        at = (p, tactics.policy, str(tactics.segment))
        if at not in self.turns or tactics.policy == "greedy":
            self.turns[at] = (np.argsort(self._score(view, p, tactics), kind="stable"), 0)
        turn, start = self.turns[at]
        out = np.empty(min(count, len(turn)), np.int64)
        found, start = _without(self.authors, turn, start, view.flags, p, out)
        self.turns[at] = (turn, start)
        return out[:found]

    def _score(self, view: Any, p: int, tactics: Any) -> np.ndarray:
        """float64[authors], the lowest is asked first."""
        luck = uniforms(view.seed, int(Stream.SAMPLE), view.id[self.authors], view.world.products.key[p : p + 1])[:, 0]
        score = luck
        if tactics.policy == "degree":
            score = -self.degree + luck
        elif tactics.policy == "greedy":
            score = self._discounted(view, p) + luck
        elif tactics.policy == "segment" and tactics.segment in view.world.segments:
            score = luck + (view.segment[self.authors] != view.world.segments.index(tactics.segment))
        elif tactics.policy == "community":
            community = view.network.community[self.authors]
            order = np.lexsort((luck, community))
            rank = np.zeros(len(order))
            starts = np.r_[True, np.diff(community[order]) != 0]
            rank[order] = np.arange(len(order)) - np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
            score = rank + luck
        return np.asarray(score)

    def _discounted(self, view: Any, p: int) -> np.ndarray:
        """Minus the degree not yet covered: each author already sampled next to one takes two off (degree discount)."""
        net = view.network
        taken = np.zeros(net.n, np.int64)
        taken[self.authors] = (view.flags[self.authors, p] & GIFTED) > 0
        return np.asarray(2.0 * _covered(self.authors, taken, net.indptr, net.indices) - self.degree)

    @staticmethod
    def _blank() -> np.ndarray:
        """ORDER[1], what all samples have in common."""
        row = np.zeros(1, ORDER)
        for field in ("referrer", "group", "next_in_group", "creator"):
            row[field] = -1
        row["delivered_day"], row["status"], row["sample"] = NEVER, SHIPPED, 1
        row["first_touch"] = row["last_touch"] = NO_TOUCH
        return row

    def _parcels(self, view: Any, day: int, p: int, chosen: np.ndarray) -> np.ndarray:
        blank = self.blank[0]
        blank["hour"], blank["product"], blank["due_day"] = 24.0 * day, p, day + self.params.sample_lag
        blank["day"] = blank["paid_day"] = blank["shipped_day"] = day
        rows: np.ndarray = lumps(self.blank).repeat(len(chosen)).view(ORDER)
        rows["key"] = _parcel_keys(view.id, chosen, view.world.products.key[p], day)
        rows["consumer"] = chosen
        return rows
