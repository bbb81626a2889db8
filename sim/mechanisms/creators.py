"""Opinion leaders (KOL): posts bought by offers, seen by followers.

    offer     merchants ask creators in the order of reach per yuan (or by the tiers named); they take what fits
    shown     a follower who opened the platform sees the post w.p. reach x (1 - exp(-follow slots))
    signal    advertised quality + hype sigma (1.5 - integrity)
    lift      (F/3200)^-gamma: engagement falls with followers
    trust     each sponsored post costs its author trust, won back with a half-life; a label takes its discount off

Posts of the day go on into the feed's content stock. Sources: engagement tiers (Statista), slot fee and commission
(industry practice); parameters M06.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, normal, uniform
from sim.rules.exposure import word
from sim.rules.search import first_at_least
from sim.scenario.parameters import CreatorParams
from sim.state import ledger as books
from sim.state.records import BILL, POST

KOL = CHANNEL["kol"]


@njit(nogil=True, cache=True)
def _followers_see(
    lo: int,
    hi: int,
    ids: Any,
    visited: Any,
    indptr: Any,
    followers: Any,
    author: Any,
    product: Any,
    platform: Any,
    post_key: Any,
    chance: Any,
    base: Any,
    out: Any,
    filled: int,
) -> int:
    for x in range(len(author)):
        a, b = indptr[author[x]], indptr[author[x] + 1]
        start = first_at_least(followers, a, b, lo)
        who = entity_key(base, post_key[x])
        s = platform[x]
        for f in range(start, b):
            i = followers[f]
            if i >= hi:
                break
            if visited[i] & np.uint32(1 << s) and uniform(who, ids[i]) < chance[x]:
                out[filled] = word(i - lo, product[x], KOL, s, 1)
                filled += 1
    return filled


class Creators(Mechanism):
    """Hiring, posting, and the followers' first look."""

    name = "creators"
    Params = CreatorParams
    reads = ("id", "visited", "market", "followers", "orders_of")
    writes = ("purse", "posts", "bills")
    equation = "fee = f0 F^.9;  P(follower sees) = rho (1 - exp(-slots));  engagement ~ (F/3200)^-gamma"

    def morning(self, view: Any, day: int) -> None:
        """Spend the purses on posts."""
        first = len(view.posts)
        creators = view.market.creators
        for creator in creators:
            creator.rest()
        base = day_key(view.seed, Stream.CREATOR, day)
        self.luck = {c.key: float(uniform(entity_key(base, np.uint64(c.key)), np.uint64(0))) for c in creators}
        a_tier = {c.tier: c for c in creators}
        self.fee = {tier: creator.fee for tier, creator in a_tier.items()}
        self.reach = {tier: creator.spec.followers * creator.lift for tier, creator in a_tier.items()}
        self.by_value = sorted(creators, key=self._value)
        merchants = sorted(view.market.merchants, key=lambda m: int(name_key(m.name)))
        for merchant in merchants:
            self._hire(view, day, merchant.index, creators)
        today = view.posts.rows[first:]
        part = view.world.platforms.part[today["platform"], 1]
        self.today = today.copy()
        self.chance = self.params.reach * (1.0 - np.exp(-part))

    def _hire(self, view: Any, day: int, m: int, creators: list[Any]) -> None:
        world = view.world
        products = [int(p) for p in np.flatnonzero((world.products.merchant == m) & (world.products.enters <= day))]
        orders = view.orders_of[m]
        if not products or view.purse[m, KOL] <= 0:
            return
        for creator in self._ranked(creators, orders.kol.tiers):
            fee = round(self.fee[creator.tier] * 100)
            if creator.capacity < 1.0 or fee > view.purse[m, KOL]:
                continue
            p = products[
                int(
                    uniform(
                        entity_key(day_key(view.seed, Stream.OFFER, day), np.uint64(creator.key)),
                        name_key(world.merchants[m]),
                    )
                    * len(products)
                )
            ]
            for pay, merchant, product in creator.plan([(self.fee[creator.tier], m, p)]):
                view.purse[m, KOL] -= fee
                account = view.market.ledger.creator0 + creator.tier
                view.bills.append(
                    np.array(
                        [
                            (
                                view.market.ledger.merchant0 + merchant,
                                account,
                                round(pay * 100),
                                books.REASON["slot_fee"],
                                merchant,
                            )
                        ],
                        BILL,
                    )
                )
                view.posts.append(self._post(view, day, creator, product, orders.kol.hype))

    def _value(self, creator: Any) -> tuple[float, int]:
        """Sorts by expected engaged reach per yuan, the best first."""
        worth = self.reach[creator.tier] / max(self.fee[creator.tier], 0.01)
        return -worth * (0.5 + self.luck[creator.key]), creator.key

    def _ranked(self, creators: list[Any], tiers: dict[str, float]) -> list[Any]:
        """Creators in the order they are asked: by value, or those of named tiers by luck in proportion to weights."""
        if not tiers:
            return list(self.by_value)
        chosen = [c for c in creators if tiers.get(c.spec.name, 0.0) > 0]
        return sorted(chosen, key=lambda c: (np.log(max(self.luck[c.key], 1e-12)) / -tiers[c.spec.name], c.key))

    def _post(self, view: Any, day: int, creator: Any, p: int, hype: float) -> np.ndarray:
        world = view.world
        products = world.products
        platforms = [s for s, name in enumerate(world.platform_names) if creator.spec.platform in (None, name)]
        key = entity_key(entity_key(np.uint64(creator.key), products.key[p]), np.uint64(day + 100_000))
        base = day_key(view.seed, Stream.CONTENT, day)
        s = platforms[int(uniform(entity_key(base, key), np.uint64(1)) * len(platforms))]
        appeal = np.exp(world.scenario.mechanisms.feed.appeal_spread * normal(entity_key(base, key), np.uint64(2)))
        sigma = float(np.hypot(products.spread[p], products.fit_sd[p]))
        kept = 1.0 - (self.params.disclosure_discount if self.params.disclosure else 0.0)
        passed = kept * world.scenario.mechanisms.persuasion.hype_weight.kol
        signal = products.advertised[p] + passed * hype * sigma * (1.5 - creator.spec.integrity)
        return np.array(
            [(key, appeal, creator.index, day, p, s, KOL, 1, signal, creator.lift * kept, creator.trust)], POST
        )

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Followers in the block who opened the platform may see today's posts."""
        t = self.today
        if len(t):
            graph, shown = view.followers, scratch.shown
            room = shown.room(int(np.minimum(np.diff(graph.indptr)[t["author"]], hi - lo).sum()))
            shown.n = _followers_see(
                lo,
                hi,
                view.id,
                view.visited,
                graph.indptr,
                graph.indices,
                t["author"],
                t["product"],
                t["platform"],
                t["key"],
                self.chance,
                day_key(view.seed, Stream.FOLLOW, day),
                room,
                shown.n,
            )
