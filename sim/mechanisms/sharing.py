"""Shares from friend to friend: cascades whose nodes are people who (re)share.

    origin     after an experience w.p. share rate x (1 + e x incentive) x propensity x min(2, 1/2 + S); warnings
               likewise; every note of an opinion consumer, to its author's friends
    seen       w.p. tie x attention x (1 - exp(-friend slots)), or because the friend passes it on
    passed on  w.p. min(1, R w_ij / sum_k w_ik), w = tie x similarity, k all friends but the one it came from
    rule percolation: both w.p. b, as one event

One generation a day: decided in the evening, seen the next day, passed on that evening. A try is keyed by (source,
target, item) without the day. Nobody shares an item twice; who has shared it already is not tried again. Of two who
reach a person with one item on one evening, the lower source id is the parent. A good report is an exposure (channel
friend), endorses and sets the referrer; a warning takes adstock away. Work is proportional to the shares made, not to
the ties there are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.ahead import SOON, ahead
from sim.contract import CHANNEL, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.cascade import pass_on_probability, share_probability, similarity
from sim.rules.exposure import word
from sim.rules.memory import moved
from sim.rules.packed import ADSTOCK, FIT, QUALITY, code_of, number_of
from sim.rules.search import first_at_least
from sim.scenario.parameters import SharingParams
from sim.state.columns import CUED, unpacked
from sim.state.ledger import CONSUMERS, REASON
from sim.state.records import MESSAGE, SHARE, joined
from sim.state.ties import circle, tie
from sim.state.withheld import withheld
from sim.state.world import FEED_PARTS, fen

FRIEND, KOC = CHANNEL["friend"], CHANNEL["koc"]
FRIEND_PART = FEED_PARTS.index("friend")
NOBODY = np.zeros(0, SHARE)


@njit(nogil=True, cache=True)
def sharers(experiences: Any, segment: Any, propensity: Any, good_rate: float, bad_rate: float, base: Any) -> Any:
    """bool[n], who of today's experiences tells friends; ``propensity`` float64[G]."""
    out = np.zeros(len(experiences), np.bool_)
    for k in range(len(experiences)):
        e = experiences[k]
        chance = share_probability(e["satisfaction"], good_rate, bad_rate, propensity[segment[e["consumer"]]])
        out[k] = uniform(entity_key(base, e["key"]), 0) < chance
    return out


@njit(nogil=True, cache=True)
def pairs(item: Any, person: Any, ids: Any) -> Any:
    """uint64[n], one key for each (item, person)."""
    out = np.empty(len(item), np.uint64)
    for k in range(len(item)):
        out[k] = entity_key(item[k], ids[person[k]])
    return out


@njit
def _among(taken: Any, pair: Any) -> bool:
    """Whether the ascending keys ``taken`` hold ``pair``."""
    k = first_at_least(taken, 0, len(taken), pair)
    return bool(k < len(taken) and taken[k] == pair)


@njit(nogil=True, cache=True)
def spread(nodes: Any, start: int, stop: int, first: int, shared_by: Any, indptr: Any, indices: Any, ties: Any,
           ids: Any, fit: Any, category: Any, taken: Any, reach: float, b: float, attention: float, look: Any,
           seen_base: Any, pass_base: Any, outbox: Any, children: Any) -> Any:
    """One generation: every friend of every node from ``start`` to ``stop`` gets one try.

    ``nodes`` SHARE rows standing at ``first`` of the table whose column of people is ``shared_by``; ``b`` negative for
    the normalised rule; ``look`` float64[S], chance that a friend slot shows at all. Messages go to ``outbox``,
    those who pass on to ``children`` (duplicates within the evening included). Returns how many of each there are.
    """
    filled = born = 0
    for k in range(start, stop):
        node = nodes[k]
        i = node["sharer"]
        home = circle(ties, i)
        c = category[node["product"]]
        own = number_of(fit[i, c], FIT)
        item = node["item"]
        parent = shared_by[node["parent"]] if node["parent"] >= 0 else -1
        root = node["root"] if node["root"] >= 0 else first + k
        notice = attention * look[min(node["platform"], len(look) - 1)]
        total = 0.0
        if b < 0.0:
            for e in range(indptr[i], indptr[i + 1]):
                if e + SOON < indptr[i + 1]:
                    ahead((fit, ids), indices[e + SOON])
                j = np.int64(indices[e])
                if j != parent:
                    total += tie(ties, e, home) * similarity(own, number_of(fit[j, c], FIT))
        see = entity_key(entity_key(seen_base, ids[i]), item)
        hand = entity_key(entity_key(pass_base, ids[i]), item)
        for e in range(indptr[i], indptr[i + 1]):
            j = np.int64(indices[e])
            if j == parent:
                continue
            chance = b
            if b < 0.0:
                alike = similarity(own, number_of(fit[j, c], FIT))
                chance = pass_on_probability(reach, tie(ties, e, home) * alike, total)
            passes = uniform(hand, ids[j]) < chance
            if not passes and (b >= 0.0 or uniform(see, ids[j]) >= tie(ties, e, home) * notice):
                continue
            if _among(taken, entity_key(item, ids[j])):
                continue  # asked last, for few come this far
            message = outbox[filled]
            message["target"] = j
            message["sender"] = i
            message["product"] = node["product"]
            message["platform"] = node["platform"]
            message["good"] = node["good"]
            message["signal"] = node["signal"]
            filled += 1
            if passes:
                child = children[born]
                child["item"] = item
                child["sharer"] = j
                child["parent"] = first + k
                child["root"] = root
                child["product"] = node["product"]
                child["depth"] = node["depth"] + 1
                child["platform"] = node["platform"]
                child["good"] = node["good"]
                child["signal"] = node["signal"]
                born += 1
    return filled, born


@njit(nogil=True, cache=True)
def _hear(inbox: Any, start: int, stop: int, lo: int, cap: int, flags: Any, adstock: Any, expectation: Any,
          referrer: Any, weight: float, warned: float, out: Any, filled: int) -> int:
    last, heard = -1, 0
    for k in range(start, stop):
        message = inbox[k]
        i, p = message["target"], message["product"]
        heard = heard + 1 if i == last else 1
        last = i
        if heard > cap:
            continue
        expectation[i, p] = code_of(moved(number_of(expectation[i, p], QUALITY), message["signal"], weight), QUALITY)
        if message["good"]:
            out[filled] = word(i - lo, p, FRIEND, message["platform"], 1)
            filled += 1
            flags[i, p] |= CUED
            if len(referrer) > 0:
                referrer[i, p] = message["sender"]
        else:
            adstock[i, p] = code_of(number_of(adstock[i, p], ADSTOCK) * warned, ADSTOCK)
    return filled


class Sharing(Mechanism):
    """Word of mouth as cascades on the social graph."""

    name = "sharing"
    Params = SharingParams
    reads = ("id", "segment", "fit", "experiences", "posts", "inbox", "ledger")
    writes = ("flags", "adstock", "expectation", "referrer", "shares", "outbox", "bills", "sparks")
    equation = "P(i's friend j passes on) = min(1, R w_ij / sum_k w_ik),  w = tie x similarity"

    def __init__(self, params: Any) -> None:
        super().__init__(params)
        self.pending = np.zeros(0, SHARE)
        """Who passes on today's shares tomorrow; ``parent`` and ``root`` are rows of the table of shares."""
        self.room, self.sent = np.zeros(0, SHARE), np.zeros(0, MESSAGE)
        self.taken = np.zeros(0, np.uint64)
        """Ascending keys of (item, person) of the living cascades, and the item of each."""
        self.taken_item = np.zeros(0, np.uint64)

    def prepare(self, view: Any, day: int) -> None:
        """Propensity float64[G]; chance of a friend slot float64[S]; whose products nobody speaks of, bool[P]."""
        p, world = self.params, view.world
        self.silent = withheld(world)[:, FRIEND]
        self.propensity = np.array([s.share_propensity for s in world.scenario.segments], float)
        part = world.platforms.part
        self.look = 1.0 - np.exp(-part[:, FRIEND_PART]) if len(part) else np.ones(1)
        self.good_rate = p.share_rate * (1.0 + p.incentive_effect * p.incentive)
        self.b = p.b if p.rule == "percolation" else -1.0

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Hear what friends shared yesterday."""
        inbox = view.inbox.rows
        start, stop = np.searchsorted(inbox["target"], [lo, hi])
        if start == stop:
            return
        p, shown = self.params, scratch.shown
        shown.n = _hear(inbox, start, stop, lo, p.seen_cap, view.flags, view.adstock, view.expectation, view.referrer,
                        p.friend_weight, p.warn_adstock, shown.room(stop - start), shown.n)

    def evening(self, view: Any, day: int) -> None:
        """One generation: today's origins and yesterday's converts tell their friends."""
        origins = joined([self._told(view, day), self._notes(view, day), view.sparks.rows], SHARE)
        view.sparks.grew(0)
        nodes = joined([self.pending[~self.silent[self.pending["product"]]], origins], SHARE)
        self.pending = np.zeros(0, SHARE)
        if len(nodes):
            nodes["day"] = day
            first = view.shares.append(nodes)
            self._take(origins, view.id)
            self.pending = self._generation(view, nodes, first)
            self._take(self.pending, view.id)
        self._forget()

    def _generation(self, view: Any, nodes: np.ndarray, first: int) -> np.ndarray:
        """Send today's shares; SHARE rows of those who will pass them on, each person and item once."""
        network, seed, p = view.network, view.seed, self.params
        tries = np.cumsum(network.indptr[nodes["sharer"] + 1] - network.indptr[nodes["sharer"]])
        if tries[-1] > len(self.room):
            self.room, self.sent = np.zeros(2 * tries[-1], SHARE), np.zeros(2 * tries[-1], MESSAGE)
        pieces = view.team.cut(len(nodes))
        starts = [int(tries[a - 1]) if a else 0 for a, _ in pieces]
        shared_by = view.shares.rows["sharer"]
        fixed = (first, shared_by, network.indptr, network.indices, network.ties, view.id, view.fit,
                 view.world.products.category, self.taken, p.reach_per_share, self.b, p.attention, self.look,
                 day_key(seed, Stream.SEEN, 0), day_key(seed, Stream.RESHARE, 0))  # fmt: skip
        counts = view.team.each(
            lambda k: spread(nodes, pieces[k][0], pieces[k][1], *fixed, self.sent[starts[k] :],
                             self.room[starts[k] :]), len(pieces))  # fmt: skip
        children = []
        for at, (filled, born) in zip(starts, counts, strict=True):
            view.outbox.append(self.sent[at : at + filled])
            children.append(self.room[at : at + born])
        return _first_reached(joined(children, SHARE), shared_by, view.id)

    def _told(self, view: Any, day: int) -> np.ndarray:
        """SHARE rows of those who tell today's experience; their reward goes on a bill."""
        rows = view.experiences.rows
        if len(rows) == 0:
            return NOBODY
        base = day_key(view.seed, Stream.SHARE, 0)
        rows = rows[~self.silent[rows["product"]]]
        rows = rows[sharers(rows, view.segment, self.propensity, self.good_rate, self.params.bad_share_rate, base)]
        origins = _origins(rows["key"], rows["consumer"], rows["product"], rows["platform"], rows["satisfaction"] > 0,
                           rows["quality"])
        reward = fen(self.params.incentive)
        if reward and len(origins):
            owner = view.world.products.merchant[origins["product"][origins["good"] == 1]]
            for m, count in enumerate(np.bincount(owner).tolist()):
                if count:
                    view.bills.add(view.ledger.merchant0 + m, CONSUMERS, reward * count, REASON["share_reward"], m)
        return origins

    def _notes(self, view: Any, day: int) -> np.ndarray:
        """SHARE rows of today's notes. A note is good news when it promises no less than its author now expects."""
        posts = view.posts.rows
        today = posts[first_at_least(posts["born"], 0, len(posts), day) :]  # posts stand in the order of their days
        notes = today[(today["channel"] == KOC) & ~self.silent[today["product"]]]
        if len(notes) == 0:
            return NOBODY
        expected = unpacked(view.expectation[notes["author"], notes["product"]], QUALITY)
        return _origins(notes["key"], notes["author"], notes["product"], notes["platform"],
                        notes["signal"] >= expected, notes["signal"])

    def _take(self, nodes: np.ndarray, ids: np.ndarray) -> None:
        """Remember who shares what."""
        keys = np.concatenate([self.taken, pairs(nodes["item"], nodes["sharer"], ids)])
        items = np.concatenate([self.taken_item, nodes["item"]])
        order = np.argsort(keys, kind="stable")
        self.taken, self.taken_item = keys[order], items[order]

    def _forget(self) -> None:
        """Drop the items of cascades that have ended: nobody can meet them again."""
        if len(self.taken) == 0:
            return
        met = self.pending["item"]  # in ascending order
        place = np.minimum(np.searchsorted(met, self.taken_item), len(met) - 1)
        alive = met[place] == self.taken_item if len(met) else np.zeros(len(place), bool)
        self.taken, self.taken_item = self.taken[alive], self.taken_item[alive]


def _origins(key: Any, person: Any, product: Any, platform: Any, good: Any, signal: Any) -> np.ndarray:
    """SHARE rows without a parent."""
    out = np.zeros(len(key), SHARE)
    out["item"], out["sharer"], out["product"], out["platform"] = key, person, product, platform
    out["parent"] = out["root"] = -1
    out["good"], out["signal"] = good, signal
    return out


def _first_reached(children: np.ndarray, shared_by: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """One row for each (item, person): the one of the lowest source id. Ordered by item and person."""
    if len(children) == 0:
        return children
    order = np.lexsort((ids[shared_by[children["parent"]]], ids[children["sharer"]], children["item"]))
    rows = children[order]
    fresh = np.ones(len(rows), bool)
    fresh[1:] = (rows["item"][1:] != rows["item"][:-1]) | (rows["sharer"][1:] != rows["sharer"][:-1])
    return np.asarray(rows[fresh])
