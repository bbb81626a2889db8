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
from sim.state.records import BILL, POST
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
def _drawn(base: Any, creator: Any, product: Any, day: int, key: Any, place: Any, appeal: Any) -> None:
    """Of each new post its key, the uniform of its platform and the normal of its appeal, by creator and product."""
    for k in range(len(key)):
        key[k] = entity_key(entity_key(creator[k], product[k]), np.uint64(day + 100_000))
        who = entity_key(base, key[k])
        place[k], appeal[k] = uniform(who, np.uint64(1)), normal(who, np.uint64(2))


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
        lift = {t: c.lift for t, c in a_tier.items()}
        self.lift = np.array([lift.get(t, 1.0) for t in range(len(world.creators))], float)
        self.fits = [[a_tier[t].fits(p) for p in range(len(world.product_names))] if t in a_tier else []
                     for t in range(len(world.creators))]
        self.own_mind = {c.index: c for c in creators if c.policy is not None}
        places = [[s for s, name in enumerate(world.platform_names) if tier.platform in (None, name)]
                  for tier in world.scenario.creators]
        self.choices = np.array([len(found) for found in places], float)
        self.platforms = np.array([found + [0] * (len(world.platform_names) - len(found)) for found in places], int)
        self.integrity = np.array([tier.integrity for tier in world.scenario.creators], float)
        self.kept = 1.0 - (self.params.disclosure_discount if self.params.disclosure else 0.0)
        self.passed = self.kept * world.scenario.mechanisms.persuasion.hype_weight.kol
        self.appeal_spread = world.scenario.mechanisms.feed.appeal_spread
        self.sigma = np.hypot(world.products.spread, world.products.fit_sd)
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
        kol, roster = view.orders_of[m].kol, view.market.roster
        asked = self.fee * roster.ask * roster.agreed(m)
        fen = np.rint(asked * 100).astype(np.int64)
        free = np.flatnonzero((roster.capacity >= 1.0) & (fen <= view.purse[m, KOL]))
        if len(products) == 0 or len(free) == 0:
            return
        ranked = self._ranked(view, day, free, self.engaged / np.maximum(asked, 0.01), kol.tiers)
        offered = products[_offered(day_key(view.seed, Stream.OFFER, day), self.keys[ranked],
                                    name_key(world.merchants[m]), len(products))]
        taken = self._taken(ranked, offered, fen, asked, m, view)
        who, p = ranked[taken], offered[taken]
        heard = ~self.silent[m, self.tier[who]]
        roster.promise(day, who, m, fen[who], self.params.sponsored_trust_cost * heard)
        who, p = who[heard], p[heard]
        if len(who):
            bills, ledger = np.zeros(len(who), BILL), view.market.ledger
            bills["source"], bills["target"] = ledger.merchant0 + m, ledger.creator0 + self.tier[who]
            bills["fen"], bills["reason"], bills["merchant"] = fen[who], books.REASON["slot_fee"], m
            view.bills.append(bills)
            view.posts.append(self._posts(view, day, who, p, kol.hype))

    def _taken(self, ranked: np.ndarray, offered: np.ndarray, fen: np.ndarray, asked: np.ndarray, m: int,
               view: Any) -> list[int]:
        """Places in ``ranked`` of the creators who take what they are offered, while the purse lasts."""
        taken, purse, least = [], int(view.purse[m, KOL]), int(fen[ranked].min(initial=0))
        asking = zip(ranked.tolist(), offered.tolist(), fen[ranked].tolist(), self.tier[ranked].tolist(), strict=True)
        for k, (x, p, fee, tier) in enumerate(asking):
            if purse < least:
                break
            if fee > purse:
                continue
            alone = self.own_mind.get(x)
            if self.fits[tier][p] if alone is None else alone.takes([(float(asked[x]), m, p)]):
                purse -= fee
                taken.append(k)
        view.purse[m, KOL] = purse
        return taken

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

    def _posts(self, view: Any, day: int, who: np.ndarray, p: np.ndarray, hype: float) -> np.ndarray:
        """POST rows of the creators ``who`` on the products ``p``."""
        products, tier, posts = view.world.products, self.tier[who], np.zeros(len(who), POST)
        place, appeal = np.empty(len(who)), np.empty(len(who))
        base = day_key(view.seed, Stream.CONTENT, day)
        _drawn(base, self.keys[who], products.key[p], day, posts["key"], place, appeal)
        posts["weight"] = np.exp(self.appeal_spread * appeal)
        posts["author"], posts["born"], posts["product"] = who, day, p
        posts["channel"], posts["sponsored"] = KOL, 1
        posts["platform"] = self.platforms[tier, (place * self.choices[tier]).astype(int)]
        posts["signal"] = products.advertised[p] + self.passed * hype * self.sigma[p] * (1.5 - self.integrity[tier])
        posts["lift"] = self.lift[tier] * self.kept
        posts["trust"] = view.market.roster.trust[who]
        return posts

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Followers in the block who opened the platform may see today's posts."""
        t = self.today
        if len(t):
            graph, shown = view.followers, scratch.shown
            room = shown.room(int(np.minimum(np.diff(graph.indptr)[t["author"]], hi - lo).sum()))
            shown.n = followers_see(lo, hi, view.id, view.visited, graph.indptr, graph.indices, t["author"],
                                    t["product"], t["platform"], t["key"], self.chance, KOL,
                                    day_key(view.seed, Stream.FOLLOW, day), room, shown.n)
