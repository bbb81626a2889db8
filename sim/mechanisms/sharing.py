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

from bisect import bisect_left
from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Mechanism, Scratch
from sim.rng import Stream, day_key
from sim.rules.exposure import word
from sim.rules.memory import moved
from sim.rules.packed import ADSTOCK, QUALITY, code_of, number_of
from sim.scenario.parameters import SharingParams
from sim.state.columns import CUED
from sim.state.ledger import CONSUMERS, REASON
from sim.state.records import MESSAGE, POST, SHARE, joined, picked
from sim.state.telling import begin, remember, spread
from sim.state.withheld import withheld
from sim.state.world import FEED_PARTS, fen

FRIEND, KOC = CHANNEL["friend"], CHANNEL["koc"]
FRIEND_PART = FEED_PARTS.index("friend")
NOBODY, NO_POST, NOTHING = np.zeros(0, SHARE), np.zeros(0, POST), np.zeros(0, np.uint64)


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
        self.pending = NOBODY
        """Who passes on today's shares tomorrow; ``parent`` and ``root`` are rows of the table of shares."""
        self.room, self.sent = np.zeros(0, SHARE), np.zeros(0, MESSAGE)
        self.taken = self.taken_item = NOTHING
        """Ascending keys of (item, person) of the living cascades, and the item of each."""

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
        if len(inbox) == 0:
            return
        everybody = hi - lo == len(view.id)
        start, stop = (0, len(inbox)) if everybody else np.searchsorted(inbox["target"], [lo, hi])
        if start == stop:
            return
        p, shown = self.params, scratch.shown
        shown.n = _hear(inbox, start, stop, lo, p.seen_cap, view.flags, view.adstock, view.expectation, view.referrer,
                        p.friend_weight, p.warn_adstock, shown.room(stop - start), shown.n)

    def evening(self, view: Any, day: int) -> None:
        """One generation: today's origins and yesterday's converts tell their friends."""
        shares, sparks, lived, posts = view.shares, view.sparks, view.experiences.rows, view.posts.rows
        posts = posts[bisect_left(posts["born"], day) :]  # they stand in the order of their days
        notes = picked(posts, posts["channel"] == KOC) if len(posts) else NO_POST
        first, most = len(shares), len(self.pending) + len(lived) + len(notes) + len(sparks)
        if most == 0:
            return
        origin, note, end, friends = begin(
            day, self.pending, lived, notes, sparks.rows, self.silent, view.segment, self.propensity, self.good_rate,
            self.params.bad_share_rate, day_key(view.seed, Stream.SHARE, 0), view.expectation, view.network.indptr,
            shares.reserve(most), first)
        shares.grew(end)
        sparks.grew(0)
        self.pending = NOBODY
        if end > first:
            self._reward(view, shares.rows[origin:note])
            self._take(shares.rows[origin:], view.id, forget=False)
            self.pending = self._generation(view, shares.rows[first:], first, friends)
        self._take(self.pending, view.id, forget=True)

    def _generation(self, view: Any, nodes: np.ndarray, first: int, friends: int) -> np.ndarray:
        """Send today's shares; SHARE rows of those who will pass them on, each person and item once."""
        network, seed, p = view.network, view.seed, self.params
        if friends > len(self.room):
            self.room, self.sent = np.zeros(2 * friends, SHARE), np.zeros(2 * friends, MESSAGE)
        pieces = view.team.cut(len(nodes))
        starts = [0]
        if len(pieces) > 1:
            tries = np.cumsum(network.indptr[nodes["sharer"] + 1] - network.indptr[nodes["sharer"]])
            starts = [int(tries[a - 1]) if a else 0 for a, _ in pieces]
        shares = view.shares.rows
        fixed = (first, shares, network.indptr, network.indices, network.ties, view.id, view.fit,
                 view.world.products.category, self.taken, p.reach_per_share, self.b, p.attention, self.look,
                 day_key(seed, Stream.SEEN, 0), day_key(seed, Stream.RESHARE, 0))  # fmt: skip
        counts = view.team.each(
            lambda k: spread(nodes, pieces[k][0], pieces[k][1], *fixed, self.sent[starts[k] :],
                             self.room[starts[k] :]), len(pieces))  # fmt: skip
        for at, (filled, _) in zip(starts, counts, strict=True):
            view.outbox.append(self.sent[at : at + filled])
        children = [self.room[at : at + born] for at, (_, born) in zip(starts, counts, strict=True)]
        return _first_reached(children[0] if len(children) == 1 else joined(children, SHARE), shares, view.id)

    def _reward(self, view: Any, told: np.ndarray) -> None:
        """The reward of those who told good news of what they lived through goes on a bill."""
        reward = fen(self.params.incentive)
        if reward and len(told):
            owner = view.world.products.merchant[told["product"][told["good"] == 1]]
            for m, count in enumerate(np.bincount(owner).tolist()):
                if count:
                    view.bills.add(view.ledger.merchant0 + m, CONSUMERS, reward * count, REASON["share_reward"], m)

    def _take(self, nodes: np.ndarray, ids: np.ndarray, forget: bool) -> None:
        """Remember who shares what. ``forget`` what is only of cascades that have ended: nobody can meet it again."""
        if len(nodes):
            most = len(nodes) + len(self.taken)
            keys, items = np.empty(most, np.uint64), np.empty(most, np.uint64)
            n = remember(self.taken, self.taken_item, nodes, ids, forget, keys, items)
            order = keys[:n].argsort(kind="stable")
            self.taken, self.taken_item = keys[order], items[order]
        elif forget:
            self.taken = self.taken_item = NOTHING


def _first_reached(children: np.ndarray, shares: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """One row for each (item, person): the one of the lowest source id. Ordered by item and person."""
    if len(children) < 2:
        return children
    item, sharer = children["item"], children["sharer"]
    order = np.lexsort((ids[shares["sharer"][children["parent"]]], ids[sharer], item))
    item, sharer = item[order], sharer[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (item[1:] != item[:-1]) | (sharer[1:] != sharer[:-1])
    return picked(children, order[fresh])
