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

from sim.contract import CHANNEL, NO_TOUCH, Mechanism
from sim.rng import Stream, day_key, entity_key, normal, uniform
from sim.scenario.parameters import SeedingParams
from sim.state import ledger as books
from sim.state.columns import GIFTED, NEVER
from sim.state.population import uniforms
from sim.state.records import BILL, ORDER, POST, SHIPPED

KOC = CHANNEL["koc"]


class Seeding(Mechanism):
    """Samples to authors, notes from authors."""

    name = "seeding"
    Params = SeedingParams
    reads = ("id", "segment", "author", "experiences", "market", "orders_of")
    writes = ("flags", "purse", "posts", "bills", "orders", "stock")
    equation = "notes ~ Bernoulli(note_rate) of samples tried; signal = quality met"

    def prepare(self, view: Any, day: int) -> None:
        """Who can write; promised rewards are kept until the note is written or not."""
        self.authors = np.flatnonzero(view.author)
        self.degree = np.diff(view.network.indptr)[self.authors] if view.network.n else np.zeros(0, int)

    def morning(self, view: Any, day: int) -> None:
        """Publish what was experienced today, then send new samples."""
        self._publish(view, day)
        for merchant in view.market.merchants:
            self._send(view, day, merchant.index)

    def _publish(self, view: Any, day: int) -> None:
        world = view.world
        base = day_key(view.seed, Stream.NOTE, 0)
        content = day_key(view.seed, Stream.CONTENT, 0)
        rows = view.experiences.rows
        for e in rows[view.author[rows["consumer"]] == 1]:
            key = entity_key(e["key"], np.uint64(KOC))
            rate = self.params.note_rate if e["sample"] else self.params.organic_rate
            if uniform(entity_key(base, key), np.uint64(0)) >= rate:
                continue
            i, p = int(e["consumer"]), int(e["product"])
            who = entity_key(content, key)
            pull = world.platforms.activity[:, view.segment[i]] + 1e-12
            u = uniform(who, np.uint64(1))
            s = min(int(np.searchsorted(np.cumsum(pull) / pull.sum(), u, "right")), len(pull) - 1)
            appeal = np.exp(world.scenario.mechanisms.feed.appeal_spread * normal(who, np.uint64(2)))
            view.posts.append(np.array([(key, appeal, i, day, p, s, KOC, e["sample"], e["quality"], 1.0, 1.0)], POST))
            m = int(world.products.merchant[p])
            if e["sample"]:
                reward = round(view.orders_of[m].koc.reward * 100)
                view.bills.append(np.array([(view.market.ledger.merchant0 + m, books.CONSUMERS, reward,
                                             books.REASON["note_reward"], m)], BILL))

    def _send(self, view: Any, day: int, m: int) -> None:
        world = view.world
        orders = view.orders_of[m]
        on_sale = np.flatnonzero((world.products.merchant == m) & (world.products.enters <= day))
        if len(on_sale) == 0 or len(self.authors) == 0 or view.purse[m, KOC] <= 0:
            return
        purse = int(view.purse[m, KOC]) // len(on_sale)
        freight = round(world.scenario.logistics.freight * 100)
        for p in on_sale:
            made = int(world.products.unit_cost[p])
            cost = made + freight + round(orders.koc.reward * 100 * self.params.note_rate)
            count = purse // max(cost, 1)
            if view.stock[p] >= 0:
                count = min(count, int(view.stock[p]))
            chosen = self._choose(view, day, int(p), orders.koc, int(count))
            if len(chosen) == 0:
                continue
            view.flags[chosen, p] |= GIFTED
            view.purse[m, KOC] -= cost * len(chosen)
            parcels = self._parcels(view, day, int(p), chosen)
            first = view.orders.append(parcels)
            view.orders.due.put(parcels["due_day"], np.arange(first, first + len(parcels)))
            account = view.market.ledger.merchant0 + m
            bills = [(account, books.CARRIER, freight * len(chosen), books.REASON["sample"], m)]
            if view.stock[p] < 0:
                bills.append((account, books.SUPPLIER, made * len(chosen), books.REASON["sample"], m))
            else:
                view.stock[p] -= len(chosen)
            view.bills.append(np.array(bills, BILL))

    def _choose(self, view: Any, day: int, p: int, tactics: Any, count: int) -> np.ndarray:
        """Rows of ``count`` authors who have not had the product yet, by policy; ties in keyed order."""
        free = (view.flags[self.authors, p] & GIFTED) == 0
        if count <= 0 or not free.any():
            return np.zeros(0, np.int64)
        luck = uniforms(view.seed, int(Stream.SAMPLE), view.id[self.authors], view.world.products.key[p : p + 1])[:, 0]
        score = luck
        if tactics.policy in ("degree", "greedy"):
            score = -self.degree + luck
            if tactics.policy == "greedy":
                score = self._discounted(view, free) + luck
        elif tactics.policy == "segment" and tactics.segment in view.world.segments:
            score = luck + (view.segment[self.authors] != view.world.segments.index(tactics.segment))
        elif tactics.policy == "community":
            community = view.network.community[self.authors]
            order = np.lexsort((luck, community))
            rank = np.zeros(len(order))
            starts = np.r_[True, np.diff(community[order]) != 0]
            rank[order] = np.arange(len(order)) - np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
            score = rank + luck
        order = np.argsort(np.where(free, score, np.inf), kind="stable")[:count]
        chosen: np.ndarray = self.authors[order[free[order]]]
        return chosen

    def _discounted(self, view: Any, free: np.ndarray) -> np.ndarray:
        """Minus the degree not yet covered: each author already sampled next to one takes two off (degree discount)."""
        net = view.network
        taken = np.zeros(net.n, np.int64)
        taken[self.authors[~free]] = 1
        near = np.array([taken[net.indices[net.indptr[a] : net.indptr[a + 1]]].sum() for a in self.authors])
        return -(self.degree - 2.0 * near)

    def _parcels(self, view: Any, day: int, p: int, chosen: np.ndarray) -> np.ndarray:
        rows = np.zeros(len(chosen), ORDER)
        key = view.world.products.key[p]
        rows["key"] = [entity_key(entity_key(view.id[i], key), np.uint64(day + 200_000)) for i in chosen]
        rows["hour"] = 24.0 * day
        rows["consumer"] = chosen
        rows["product"] = p
        for field in ("referrer", "group", "next_in_group", "creator"):
            rows[field] = -1
        rows["day"] = rows["paid_day"] = rows["shipped_day"] = day
        rows["delivered_day"] = NEVER
        rows["due_day"] = day + self.params.sample_lag
        rows["status"] = SHIPPED
        rows["first_touch"] = rows["last_touch"] = NO_TOUCH
        rows["sample"] = 1
        return rows
