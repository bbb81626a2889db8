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
from sim.state.withheld import unposted

KOL = CHANNEL["kol"]
SLOT_FEE = books.REASON["slot_fee"]


class Room(NamedTuple):
    """What a merchant's offers are worked out in, over creators: what each ``asked`` (yuan) and in ``fen``, the product
    ``offered``, ``luck``; over those ``free`` (their positions): their ``score``."""

    asked: Any
    fen: Any
    offered: Any
    luck: Any
    free: Any
    score: Any


def _room(creators: int) -> Room:
    f64, i64 = np.float64, np.int64
    return Room(*(np.empty(creators, kind) for kind in (f64, i64, i64, f64, i64, f64)))


@njit(nogil=True, cache=True, _nrt=False)
def _ask(key: Any, merchant: Any, products: Any, fee: Any, asking: Any, agency: Any, rebate: Any, engaged: Any,
         capacity: Any, purse: int, luck_base: Any, offer_base: Any, asked: Any, fen: Any, offered: Any, luck: Any,
         free: Any, score: Any) -> int:
    """What each creator asks of a merchant (``asked`` yuan, ``fen``), which product she is offered, and her luck;
    ``free``: those who have room and can be paid, with their ``score``, the lowest first. How many these are."""
    n = 0
    for x in range(len(key)):
        asked[x] = fee[x] * asking[x] * (1.0 - rebate[agency[x]])
        fen[x] = np.int64(np.rint(asked[x] * 100.0))
        if capacity[x] < 1.0 or fen[x] > purse:
            continue
        luck[x] = uniform(entity_key(luck_base, key[x]), np.uint64(0))
        offered[x] = products[int(uniform(entity_key(offer_base, key[x]), merchant) * len(products))]
        free[n] = x
        score[n] = -(engaged[x] / max(asked[x], 0.01)) * (0.5 + luck[x])
        n += 1
    return n


@njit(nogil=True, cache=True, _nrt=False)
def _take(ranked: Any, first: int, offered: Any, fen: Any, tier: Any, fits: Any, own_mind: Any, state: Any,
          taken: Any) -> int:
    """Those of ``ranked`` from ``first`` on who take what they are offered, while the purse lasts, into ``taken``;
    stops where somebody decides for herself. ``state``: what the purse holds (fen), how many have taken."""
    for k in range(first, len(ranked)):
        x = ranked[k]
        if fen[x] > state[0]:
            continue
        if own_mind[x]:
            return k
        if fits[tier[x], offered[x]]:
            taken[state[1]] = x
            state[0] -= fen[x]
            state[1] += 1
    return len(ranked)


@njit(nogil=True, cache=True, _nrt=False)
def _sign(day: int, m: int, taken: Any, offered: Any, fen: Any, tiers: Any, creators: Any, products: Any, capacity: Any,
          trust: Any, cost: float, silent: Any, payer: int, payee0: int, base: Any, kept: float, hype: float,
          posts: Any, bills: Any, at: Any) -> None:
    """Those who have taken pay with room and trust, are paid and post, unless nobody may speak of it; ``at``: where the
    table of posts ends, and that of bills. ``weight`` of a post is left the normal of its appeal."""
    key, tier = creators
    lift, integrity, choices, platforms = tiers
    product_key, advertised, sigma = products
    for x in taken:
        p, t = offered[x], tier[x]
        capacity[x] -= 1.0
        if silent[t]:
            trust[x] = max(0.0, trust[x])
            continue
        trust[x] = max(0.0, trust[x] - cost)
        bill = bills[at[1]]
        bill.source, bill.target, bill.fen, bill.reason, bill.merchant = payer, payee0 + t, fen[x], SLOT_FEE, m
        post = posts[at[0]]
        post.key = entity_key(entity_key(key[x], product_key[p]), np.uint64(day + 100_000))
        who = entity_key(base, post.key)
        post.weight = normal(who, np.uint64(2))
        post.author, post.born, post.product, post.channel, post.sponsored = x, day, p, KOL, 1
        post.platform = platforms[t, int(uniform(who, np.uint64(1)) * choices[t])]
        post.signal = advertised[p] + hype * sigma[p] * (1.5 - integrity[t])
        post.lift = lift[t] * kept
        post.trust = trust[x]
        at[0] += 1
        at[1] += 1


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
        self.names = [name_key(m) for m in world.merchants]
        self.in_turn = np.argsort(np.array(self.names, np.uint64)).tolist()
        self.owned = [np.flatnonzero(world.products.merchant == m) for m in range(len(world.merchants))]
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
        """Merchant ``m`` asks creators for posts while its purse lasts."""
        enters, owned = view.world.products.enters, self.owned[m]
        products = owned if (enters[owned] <= day).all() else owned[enters[owned] <= day]
        kol, roster, purse = view.orders_of[m].kol, view.market.roster, int(view.purse[m, KOL])
        if len(products) == 0:
            return
        room = self.room
        n = _ask(self.keys, self.names[m], products, self.fee, roster.ask, roster.agency, roster.rebate[:, m],
                 self.engaged, roster.capacity, purse, day_key(view.seed, Stream.CREATOR, day),
                 day_key(view.seed, Stream.OFFER, day), *room)
        if n == 0:
            return
        taken = self._taken(self._ranked(view, n, kol.tiers), view, m)
        roster.booked += [(day, x, m, fee) for x, fee in zip(taken.tolist(), room.fen[taken].tolist(), strict=True)]
        self._signed(view, day, m, taken, kol.hype)

    def _ranked(self, view: Any, n: int, tiers: dict[str, float]) -> np.ndarray:
        """The first ``n`` free creators in the order they are asked: by engaged reach a yuan and luck, the best first;
        or those of named tiers by luck in proportion to weights."""
        free, score = self.room.free[:n], self.room.score[:n]
        if tiers:
            weight = np.array([tiers.get(name, 0.0) for name in view.world.creators], float)[self.tier[free]]
            free, weight = free[weight > 0], weight[weight > 0]
            score = np.log(np.maximum(self.room.luck[free], 1e-12)) / -weight
        return np.asarray(free[np.lexsort((self.keys[free], score))])

    def _taken(self, ranked: np.ndarray, view: Any, m: int) -> np.ndarray:
        """The creators of ``ranked`` who take what they are offered, while the purse lasts."""
        room, state = self.room, np.array([view.purse[m, KOL], 0])
        taken, k = np.empty(len(ranked), np.int64), 0
        fixed = (room.offered, room.fen, self.tier, self.fits, self.alone, state, taken)
        while (k := _take(ranked, k, *fixed)) < len(ranked):
            x = int(ranked[k])
            if self.own_mind[x].takes([(float(room.asked[x]), m, int(room.offered[x]))]):
                taken[state[1]] = x
                state += (-room.fen[x], 1)
            k += 1
        view.purse[m, KOL] = state[0]
        return taken[: state[1]]

    def _signed(self, view: Any, day: int, m: int, taken: np.ndarray, hype: float) -> None:
        """Room, trust, bills and posts of those who have ``taken``."""
        posts, bills, products, room = view.posts, view.bills, view.world.products, self.room
        roster, ledger = view.market.roster, view.market.ledger
        first, at = len(posts), np.array([len(posts), len(bills)])
        _sign(day, m, taken, room.offered, room.fen, self.tiers, (self.keys, self.tier),
              (products.key, products.advertised, self.sigma), roster.capacity, roster.trust,
              self.params.sponsored_trust_cost, self.silent[m], ledger.merchant0 + m, ledger.creator0,
              day_key(view.seed, Stream.CONTENT, day), self.kept, self.passed * hype,
              posts.reserve(len(taken)), bills.reserve(len(taken)), at)
        posts.grew(at[0])
        bills.grew(at[1])
        weight = posts.rows["weight"][first:]
        weight[:] = np.exp(self.appeal_spread * weight)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Followers in the block who opened the platform may see today's posts."""
        t = self.today
        if len(t):
            graph, shown = view.followers, scratch.shown
            room = shown.room(int(np.minimum(np.diff(graph.indptr)[t["author"]], hi - lo).sum()))
            shown.n = followers_see(lo, hi, view.id, view.visited, graph.indptr, graph.indices, t["author"],
                                    t["product"], t["platform"], t["key"], self.chance, KOL,
                                    day_key(view.seed, Stream.FOLLOW, day), room, shown.n)
