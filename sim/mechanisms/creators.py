"""Opinion leaders (KOL): posts bought by offers, seen by followers.

    offer     merchants ask creators in the order of reach per yuan (or by the tiers named); they take what fits
    shown     a follower who opened the platform sees the post w.p. reach x (1 - exp(-follow slots))
    signal    advertised quality + hype sigma (1.5 - integrity)
    lift      (F/3200)^-gamma: engagement falls with followers
    trust     each sponsored post costs its author trust, won back with a half-life; a label takes its discount off
    fee       f0 F^.9 x ask;  ask <- ask exp(response (posts sold - load x posts there is room for)), within a band

Posts of the day go on into the feed's content stock. Sources: engagement tiers (Statista), slot fee and commission
(industry practice); parameters M06.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, normal, uniform
from sim.rules.following import followers_see
from sim.scenario.parameters import CreatorParams
from sim.state import ledger as books
from sim.state.withheld import unposted

KOL = CHANNEL["kol"]


@njit(nogil=True, cache=True)
def _luck(base: Any, key: Any) -> Any:
    """float64[n], a uniform for each key."""
    out = np.empty(len(key))
    for k in range(len(key)):
        out[k] = uniform(entity_key(base, key[k]), np.uint64(0))
    return out


@njit(nogil=True, cache=True)
def _offered(base: Any, key: Any, merchant: Any, products: int) -> Any:
    """int64[n], which of a merchant's ``products`` each creator is offered today."""
    out = np.empty(len(key), np.int64)
    for k in range(len(key)):
        out[k] = int(uniform(entity_key(base, key[k]), merchant) * products)
    return out


@njit(nogil=True, cache=True)
def _drawn(creator: Any, product: Any, day: int, base: Any) -> tuple[Any, float, float]:
    """A new post's key, the uniform of its platform, the normal of its appeal."""
    key = entity_key(entity_key(creator, product), np.uint64(day + 100_000))
    who = entity_key(base, key)
    return key, uniform(who, np.uint64(1)), normal(who, np.uint64(2))


def _booked(creator: Any, offers: list[tuple[float, int, int]]) -> int:
    """How many offers a creator takes who will then post nothing: her days are gone, her standing is not."""
    trust = creator.trust
    taken = len(creator.plan(offers))
    creator.trust = trust
    return taken


class Creators(Mechanism):
    """Hiring, posting, and the followers' first look."""

    name = "creators"
    Params = CreatorParams
    reads = ("id", "visited", "market", "followers", "orders_of")
    writes = ("purse", "posts", "bills")
    equation = "fee = f0 F^.9;  P(follower sees) = rho (1 - exp(-slots));  engagement ~ (F/3200)^-gamma"

    def prepare(self, view: Any, day: int) -> None:
        """Per creator: key, tier, posts a week, fee in fen, engaged reach a yuan; per tier: fee, lift, platforms."""
        creators, world = view.market.creators, view.world
        self.keys = np.array([c.key for c in creators], np.uint64)
        self.tier = np.array([c.tier for c in creators], np.int64)
        a_tier = {c.tier: c for c in creators}
        of_tier = np.unique(self.tier, return_inverse=True)[1]
        self.fee = np.array([c.usual_fee for _, c in sorted(a_tier.items())], float)[of_tier]
        self.engaged = np.array([c.spec.followers * c.lift for _, c in sorted(a_tier.items())], float)[of_tier]
        self.per_week = np.array([t.posts_per_week for t in world.scenario.creators], float)[self.tier]
        self.in_turn = np.argsort(np.array([name_key(m) for m in world.merchants], np.uint64)).tolist()
        self.lift = {t: c.lift for t, c in a_tier.items()}
        self.platforms = [[s for s, name in enumerate(world.platform_names) if tier.platform in (None, name)]
                          for tier in world.scenario.creators]
        self.kept = 1.0 - (self.params.disclosure_discount if self.params.disclosure else 0.0)
        self.passed = self.kept * world.scenario.mechanisms.persuasion.hype_weight.kol
        self.appeal_spread = world.scenario.mechanisms.feed.appeal_spread
        self.sigma = np.hypot(world.products.spread, world.products.fit_sd).tolist()
        self.silent = unposted(world)
        self.chance_on = self.params.reach * (1.0 - np.exp(-world.platforms.part[:, 1]))

    def morning(self, view: Any, day: int) -> None:
        """Spend the purses on posts."""
        first = len(view.posts)
        if len(self.keys):
            roster, p = view.market.roster, self.params
            roster.rest(self.per_week, p.trust_prior)
            roster.ask_less(self.per_week, p.fee_response, p.fee_load, p.fee_band)
            for m in self.in_turn:
                if view.purse[m, KOL] > 0:
                    self._hire(view, day, m)
        self.today = view.posts.rows[first:].copy()
        self.chance = self.chance_on[self.today["platform"]]

    def _hire(self, view: Any, day: int, m: int) -> None:
        world = view.world
        products = np.flatnonzero((world.products.merchant == m) & (world.products.enters <= day))
        orders = view.orders_of[m]
        roster = view.market.roster
        asked = self.fee * roster.ask * roster.agreed(m)
        fen = np.rint(asked * 100).astype(np.int64)
        free = np.flatnonzero((roster.capacity >= 1.0) & (fen <= view.purse[m, KOL]))
        if len(products) == 0 or len(free) == 0:
            return
        ranked = self._ranked(view, day, free, self.engaged / np.maximum(asked, 0.01), orders.kol.tiers)
        offered = _offered(day_key(view.seed, Stream.OFFER, day), self.keys[ranked], name_key(world.merchants[m]),
                           len(products))
        today, fees = day_key(view.seed, Stream.CONTENT, day), fen[ranked].tolist()
        purse, ledger = int(view.purse[m, KOL]), view.market.ledger
        for x, fee, p in zip(ranked.tolist(), fees, products[offered].tolist(), strict=True):
            if fee > purse:
                continue
            creator = view.market.creators[x]
            if self.silent[m, creator.tier]:
                purse -= fee * _booked(creator, [(float(asked[x]), m, p)])
                continue
            for _, merchant, product in creator.plan([(float(asked[x]), m, p)]):
                purse -= fee
                view.bills.add(ledger.merchant0 + merchant, ledger.creator0 + creator.tier, fee,
                               books.REASON["slot_fee"], merchant)
                view.posts.add(*self._post(world, day, today, creator, product, orders.kol.hype))
        view.purse[m, KOL] = purse

    def _ranked(self, view: Any, day: int, free: np.ndarray, worth: np.ndarray, tiers: dict[str, float]) -> np.ndarray:
        """The creators ``free`` in the order they are asked: by engaged reach a yuan and luck, the best first; or those
        of named tiers by luck in proportion to weights."""
        luck = _luck(day_key(view.seed, Stream.CREATOR, day), self.keys[free])
        score = -worth[free] * (0.5 + luck)
        if tiers:
            weight = np.array([tiers.get(name, 0.0) for name in view.world.creators], float)[self.tier[free]]
            named = weight > 0
            free, luck = free[named], luck[named]
            score = np.log(np.maximum(luck, 1e-12)) / -weight[named]
        return np.asarray(free[np.lexsort((self.keys[free], score))])

    def _post(self, world: Any, day: int, today: Any, creator: Any, p: int, hype: float) -> tuple[Any, ...]:
        """The fields of a POST row."""
        platforms = self.platforms[creator.tier]
        key, u, z = _drawn(self.keys[creator.index], world.products.key[p], day, today)
        appeal = np.exp(self.appeal_spread * z)
        signal = world.products.advertised[p] + self.passed * hype * self.sigma[p] * (1.5 - creator.spec.integrity)
        return (key, appeal, creator.index, day, p, platforms[int(u * len(platforms))], KOL, 1, signal,
                self.lift[creator.tier] * self.kept, creator.trust)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Followers in the block who opened the platform may see today's posts."""
        t = self.today
        if len(t):
            graph, shown = view.followers, scratch.shown
            room = shown.room(int(np.minimum(np.diff(graph.indptr)[t["author"]], hi - lo).sum()))
            shown.n = followers_see(lo, hi, view.id, view.visited, graph.indptr, graph.indices, t["author"],
                                    t["product"], t["platform"], t["key"], self.chance, KOL,
                                    day_key(view.seed, Stream.FOLLOW, day), room, shown.n)
