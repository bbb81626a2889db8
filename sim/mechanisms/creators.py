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

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, normal, uniform
from sim.rules.following import followers_see
from sim.scenario.parameters import CreatorParams
from sim.state import ledger as books
from sim.state.records import lumps
from sim.state.withheld import unposted

KOL = CHANNEL["kol"]
SLOT_FEE = books.REASON["slot_fee"]


class Room(NamedTuple):
    """What a merchant's offers are worked out in, over creators: what each ``asked`` (yuan) and in ``fen``, the product
    ``offered``, ``luck``; over those ``free`` (their positions): their ``score``; those who have ``taken``.
    ``state``: see the names of its places below."""

    asked: Any
    fen: Any
    offered: Any
    luck: Any
    free: Any
    score: Any
    taken: Any
    state: Any


PURSE, LEAST, TAKEN, POSTS, BILLS = range(5)
"""Of a merchant: fen in the purse, the least that anybody asks, how many have taken; where the tables of posts and
bills end."""


def _room(creators: int) -> Room:
    asked, luck, score = (np.empty(creators) for _ in range(3))
    fen, offered, free, taken = (np.empty(creators, np.int64) for _ in range(4))
    return Room(asked, fen, offered, luck, free, score, taken, np.zeros(5, np.int64))


@njit(nogil=True, cache=True, _nrt=False)
def _ask(turn: Any, key: Any, merchant: Any, products: Any, fee: Any, asking: Any, agency: Any, rebate: Any,
         engaged: Any, capacity: Any, luck_base: Any, offer_base: Any, asked: Any, fen: Any, offered: Any, luck: Any,
         free: Any, score: Any, state: Any) -> int:
    """What each creator asks of a merchant (``asked`` yuan, ``fen``), which product she is offered, and her luck;
    ``free``: those who have room and can be paid, in ``turn``, with their ``score``, the lowest first. How many."""
    n, least = 0, state[PURSE] + 1
    for x in turn:
        asked[x] = fee[x] * asking[x] * (1.0 - rebate[agency[x]])
        fen[x] = np.int64(np.rint(asked[x] * 100.0))
        if capacity[x] < 1.0 or fen[x] > state[PURSE]:
            continue
        luck[x] = uniform(entity_key(luck_base, key[x]), np.uint64(0))
        offered[x] = products[int(uniform(entity_key(offer_base, key[x]), merchant) * len(products))]
        free[n] = x
        score[n] = -(engaged[x] / max(asked[x], 0.01)) * (0.5 + luck[x])
        least = min(least, fen[x])
        n += 1
    state[LEAST], state[TAKEN] = least, 0
    return n


@njit(nogil=True, cache=True, _nrt=False)
def _take(ranked: Any, first: int, tier: Any, fits: Any, own_mind: Any, fen: Any, offered: Any, taken: Any,
          state: Any) -> int:
    """Those of ``ranked`` from ``first`` on who take what they are offered, while the purse lasts, into ``taken``;
    stops where somebody decides for herself."""
    for k in range(first, len(ranked)):
        x = ranked[k]
        if state[PURSE] < state[LEAST]:
            break
        if fen[x] > state[PURSE]:
            continue
        if own_mind[x]:
            return k
        if fits[tier[x], offered[x]]:
            taken[state[TAKEN]] = x
            state[PURSE] -= fen[x]
            state[TAKEN] += 1
    return len(ranked)


@njit(nogil=True, cache=True, _nrt=False)
def _sign(day: int, m: int, taken: Any, offered: Any, fen: Any, tiers: Any, creators: Any, products: Any, capacity: Any,
          trust: Any, cost: float, silent: Any, payer: int, payee0: int, base: Any, kept: float, hype: float,
          posts: Any, bills: Any, state: Any) -> None:
    """Those who have taken pay with room and trust, are paid and post, unless nobody may speak of it. ``weight`` of a
    post is left the normal of its appeal."""
    key, tier = creators
    lift, integrity, choices, platforms = tiers
    product_key, advertised, sigma = products
    for k in range(state[TAKEN]):
        x = taken[k]
        p, t = offered[x], tier[x]
        capacity[x] -= 1.0
        if silent[t]:
            trust[x] = max(0.0, trust[x])
            continue
        trust[x] = max(0.0, trust[x] - cost)
        bill = bills[state[BILLS]]
        bill.source, bill.target, bill.fen, bill.reason, bill.merchant = payer, payee0 + t, fen[x], SLOT_FEE, m
        post = posts[state[POSTS]]
        post.key = entity_key(entity_key(key[x], product_key[p]), np.uint64(day + 100_000))
        who = entity_key(base, post.key)
        post.weight = normal(who, np.uint64(2))
        post.author, post.born, post.product, post.channel, post.sponsored = x, day, p, KOL, 1
        post.platform = platforms[t, int(uniform(who, np.uint64(1)) * choices[t])]
        post.signal = advertised[p] + hype * sigma[p] * (1.5 - integrity[t])
        post.lift = lift[t] * kept
        post.trust = trust[x]
        state[POSTS] += 1
        state[BILLS] += 1


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
        self.by_key = np.argsort(self.keys, kind="stable")
        self.tier = np.array([c.tier for c in creators], np.int64)
        a_tier = {c.tier: c for c in creators}
        of_tier = np.unique(self.tier, return_inverse=True)[1]
        self.fee = np.array([c.usual_fee for _, c in sorted(a_tier.items())], float)[of_tier]
        self.engaged = np.array([c.spec.followers * c.lift for _, c in sorted(a_tier.items())], float)[of_tier]
        self.per_week = np.array([t.posts_per_week for t in world.scenario.creators], float)[self.tier]
        self.a_day, self.most = self.per_week / 7.0, np.maximum(1.0, self.per_week)
        self.names = [name_key(m) for m in world.merchants]
        self.in_turn = np.argsort(np.array(self.names, np.uint64)).tolist()
        self.entries, self.on_sale = set(world.products.enters.tolist()), self._on_sale(world, day)
        lift = {t: c.lift for t, c in a_tier.items()}
        self.fits = np.zeros((len(world.creators), len(world.product_names)), bool)
        for t, creator in a_tier.items():
            self.fits[t] = [creator.fits(p) for p in range(len(world.product_names))]
        self.own_mind = {c.index: c for c in creators if c.policy is not None}
        self.alone = np.array([c.policy is not None for c in creators], bool)
        self.room = _room(len(creators))
        places = [[s for s, name in enumerate(world.platform_names) if tier.platform in (None, name)]
                  for tier in world.scenario.creators]
        platforms = np.array([found + [0] * (len(world.platform_names) - len(found)) for found in places], int)
        self.tiers = (
            np.array([lift.get(t, 1.0) for t in range(len(world.creators))], float),
            np.array([tier.integrity for tier in world.scenario.creators], float),
            np.array([len(found) for found in places], float), platforms,
        )  # fmt: skip
        self.kept = 1.0 - (self.params.disclosure_discount if self.params.disclosure else 0.0)
        self.passed = self.kept * world.scenario.mechanisms.persuasion.hype_weight.kol
        self.appeal_spread = world.scenario.mechanisms.feed.appeal_spread
        self.sigma = np.hypot(world.products.spread, world.products.fit_sd)
        self.silent = unposted(world)
        self.chance_on = self.params.reach * (1.0 - np.exp(-world.platforms.part[:, 1]))

    @staticmethod
    def _on_sale(world: Any, day: int) -> list[np.ndarray]:
        """By merchant its products that are on sale on ``day``."""
        there = world.products.enters <= day
        return [np.flatnonzero((world.products.merchant == m) & there) for m in range(len(world.merchants))]

    def morning(self, view: Any, day: int) -> None:
        """Spend the purses on posts."""
        posts, first = view.posts, len(view.posts)
        if len(self.keys):
            roster, p = view.market.roster, self.params
            roster.rest(self.a_day, self.most, p.trust_prior)
            roster.ask_less(self.per_week, p.fee_response, p.fee_load, p.fee_band)
            if day in self.entries:
                self.on_sale = self._on_sale(view.world, day)
            self.lucky, self.offering, self.posting = (
                day_key(view.seed, what, day) for what in (Stream.CREATOR, Stream.OFFER, Stream.CONTENT))
            for m in self.in_turn:
                if view.purse[m, KOL] > 0 and len(self.on_sale[m]):
                    self._hire(view, day, m)
        fresh = posts.rows[first:]
        fresh["weight"] = np.exp(self.appeal_spread * fresh["weight"])
        self.today = lumps(fresh).copy().view(fresh.dtype)
        self.chance = self.chance_on[self.today["platform"]]
        author, indptr = self.today["author"], view.followers.indptr
        self.ties = indptr[author + 1] - indptr[author]

    def _hire(self, view: Any, day: int, m: int) -> None:
        """Merchant ``m`` asks creators for posts while its purse lasts."""
        kol, roster, room = view.orders_of[m].kol, view.market.roster, self.room
        state = room.state
        state[PURSE] = view.purse[m, KOL]
        n = _ask(self.by_key, self.keys, self.names[m], self.on_sale[m], self.fee, roster.ask, roster.agency,
                 roster.rebate[:, m], self.engaged, roster.capacity, self.lucky, self.offering, *room[:6], state)
        if n == 0:
            return
        self._taken(self._ranked(view, n, kol.tiers), m)
        view.purse[m, KOL] = state[PURSE]
        if state[TAKEN]:
            taken = room.taken[: state[TAKEN]]
            roster.booked += [(day, x, m, fee) for x, fee in zip(taken.tolist(), room.fen[taken].tolist(), strict=True)]
            self._signed(view, day, m, kol.hype)

    def _ranked(self, view: Any, n: int, tiers: dict[str, float]) -> np.ndarray:
        """The first ``n`` free creators in the order they are asked: by engaged reach a yuan and luck, the best first;
        or those of named tiers by luck in proportion to weights. Of equals the lowest key, in whose order they are."""
        free, score = self.room.free[:n], self.room.score[:n]
        if tiers:
            weight = np.array([tiers.get(name, 0.0) for name in view.world.creators], float)[self.tier[free]]
            free, weight = free[weight > 0], weight[weight > 0]
            score = np.log(np.maximum(self.room.luck[free], 1e-12)) / -weight
        ranked: np.ndarray = free[score.argsort(kind="stable")]
        return ranked

    def _taken(self, ranked: np.ndarray, m: int) -> None:
        """Who of the ``ranked`` creators takes what she is offered, while the purse lasts."""
        room, k = self.room, 0
        fixed = (self.tier, self.fits, self.alone, room.fen, room.offered, room.taken, room.state)
        while (k := _take(ranked, k, *fixed)) < len(ranked):
            x = int(ranked[k])
            if self.own_mind[x].takes([(float(room.asked[x]), m, int(room.offered[x]))]):
                room.taken[room.state[TAKEN]] = x
                room.state[PURSE] -= room.fen[x]
                room.state[TAKEN] += 1
            k += 1

    def _signed(self, view: Any, day: int, m: int, hype: float) -> None:
        """Room, trust, bills and posts of those who have taken."""
        posts, bills, products, room = view.posts, view.bills, view.world.products, self.room
        roster, ledger, state = view.market.roster, view.market.ledger, self.room.state
        state[POSTS], state[BILLS], many = len(posts), len(bills), int(state[TAKEN])
        _sign(day, m, room.taken, room.offered, room.fen, self.tiers, (self.keys, self.tier),
              (products.key, products.advertised, self.sigma), roster.capacity, roster.trust,
              self.params.sponsored_trust_cost, self.silent[m], ledger.merchant0 + m, ledger.creator0,
              self.posting, self.kept, self.passed * hype, posts.reserve(many), bills.reserve(many), state)
        posts.grew(state[POSTS])
        bills.grew(state[BILLS])

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Followers in the block who opened the platform may see today's posts."""
        t = self.today
        if len(t):
            graph, shown = view.followers, scratch.shown
            room = shown.room(int(np.minimum(self.ties, hi - lo).sum()))
            shown.n = followers_see(lo, hi, view.id, view.visited, graph.indptr, graph.indices, t["author"],
                                    t["product"], t["platform"], t["key"], self.chance, KOL,
                                    day_key(view.seed, Stream.FOLLOW, day), room, shown.n)
