"""Talk inside the chat groups of a community (社群): members hear of each other's experience; staff mend bad ones.

    groups    members fill groups of at most community.group_size (500), in the order of joining
    speak     a member tells his group of what arrived today, w.p. speak
    hear      each other member of the group w.p. hear: E <- E + weight (Q - E); evidence on the merchant as from an
              experience, times ``evidence``; good news are an exposure of channel community
    care      staff take up a member's bad experience w.p. care: X <- X + min(amends, -S) and the relation stays

What is heard is true experience: a community of a poor product warns its members.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Column, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.experience import faded
from sim.rules.exposure import word
from sim.rules.memory import moved
from sim.rules.packed import EVIDENCE, FELT, QUALITY, code_of, number_of
from sim.scenario.parameters import TalkParams
from sim.state.columns import packed, unpacked
from sim.state.ledger import REASON, SUPPLIER
from sim.state.population import uniforms

COMMUNITY = CHANNEL["community"]
ONE = np.ones(1, np.uint64)


class Evidence(NamedTuple):
    """How what is heard counts: weight, trust_bad, bad_below, prior_good, prior_bad, half_life."""

    weight: float
    bad: float
    below: float
    prior_good: float
    prior_bad: float
    half_life: float


@njit(nogil=True, cache=True)
def _hear(lo: int, hi: int, day: int, ids: Any, visited: Any, chat: Any, stories: Any, first: Any,
          hear: float, weight: float, t: Evidence, expectation: Any, good: Any, bad: Any, trust_day: Any, base: Any,
          out: Any, filled: int) -> int:
    """Stories ``first[g] .. first[g+1]`` are told in group g of all merchants, numbered from 0; -1 no group."""
    for i in range(lo, hi):
        s = 0
        while s < 31 and visited[i] and not visited[i] & np.uint32(1 << s):
            s += 1
        for m in range(chat.shape[1]):
            g = chat[i, m]
            if g < 0 or g >= len(first) - 1:
                continue
            for k in range(first[g], first[g + 1]):
                e = stories[k]
                if e.consumer == i or uniform(entity_key(base, ids[i]), e.key) >= hear:
                    continue
                p = e.product
                told = moved(number_of(expectation[i, p], QUALITY), e.quality, weight)
                expectation[i, p] = code_of(told, QUALITY)
                if t.weight > 0.0:
                    days = max(0.0, float(day - trust_day[i, m]))
                    a = faded(number_of(good[i, m], EVIDENCE), t.prior_good, days, t.half_life)
                    b = faded(number_of(bad[i, m], EVIDENCE), t.prior_bad, days, t.half_life)
                    if e.satisfaction >= t.below:
                        a += t.weight
                    else:
                        b += t.weight * t.bad
                    good[i, m] = code_of(a, EVIDENCE)
                    bad[i, m] = code_of(b, EVIDENCE)
                    trust_day[i, m] = day
                if e.satisfaction > 0.0:
                    out[filled] = word(i - lo, p, COMMUNITY, s, 1)
                    filled += 1
    return filled


class Talk(Mechanism):
    """Members tell their group; the group hears."""

    name = "talk"
    Params = TalkParams
    columns = (
        Column("chat", ("N", "M"), np.int32, "number", "Chat group, counted over all merchants; -1 none.", -1,
               owner="talk"),
    )
    reads = ("id", "visited", "member", "experiences", "ledger")
    writes = ("chat", "expectation", "experience", "trust_good", "trust_bad", "trust_day", "alive", "bills")
    equation = "E <- E + weight (Q - E) w.p. hear;  care: X <- X + min(amends, -S)"

    def prepare(self, view: Any, day: int) -> None:
        """Groups are numbered as they are founded; ``seats`` free in the latest group of each merchant."""
        if not hasattr(self, "seats"):
            merchants = max(1, len(view.world.merchants))
            self.seats, self.latest = np.zeros(merchants, np.int64), np.full(merchants, -1, np.int64)
            self.founded = 0
        mechanisms = view.world.scenario.mechanisms
        d = mechanisms.delivery
        self.size = int(mechanisms.community.group_size)
        self.treated = bool(mechanisms.community.treated)
        self.terms = Evidence(self.params.evidence, d.trust_bad, d.trust_bad_below, d.trust_prior_good,
                              d.trust_prior_bad, d.trust_half_life)

    def morning(self, view: Any, day: int) -> None:
        """Who tells what in which group; staff mend."""
        rows = view.experiences.rows
        self.first, self.stories, self.most = np.zeros(1, np.int64), rows[:0], 0
        owner = view.world.products.merchant[rows["product"]] if len(rows) else np.zeros(0, np.int64)
        room = view.chat[rows["consumer"], owner].astype(np.int64)
        inside = (room >= 0) & self.treated
        if not inside.any():
            return
        rows, owner, room = rows[inside], owner[inside], room[inside]
        self._care(view, rows, owner)
        tells = uniforms(view.seed, int(Stream.TALK), rows["key"], ONE)[:, 0] < self.params.speak
        rows, room = rows[tells], room[tells]
        turn = np.lexsort((rows["key"], room))
        self.stories = rows[turn].copy()
        heard = np.bincount(room, minlength=self.founded)
        self.first, self.most = np.concatenate([[0], np.cumsum(heard)]), int(heard.max(initial=0))

    def _care(self, view: Any, rows: np.ndarray, owner: np.ndarray) -> None:
        """Some of the bad experiences are made good."""
        p = self.params
        bad = rows["satisfaction"] < 0
        taken = bad & (uniforms(view.seed, int(Stream.CARE), rows["key"], ONE)[:, 0] < p.care)
        if not taken.any():
            return
        at = rows["consumer"][taken], rows["product"][taken]
        felt = unpacked(view.experience[at], FELT) + np.minimum(p.amends, -rows["satisfaction"][taken])
        view.experience[at] = packed(felt, FELT)
        view.alive[at[0], owner[taken]] = 1
        for m, cases in enumerate(np.bincount(owner[taken]).tolist()):
            cost = round(100.0 * p.care_cost * cases)
            if cost:
                view.bills.add(view.ledger.merchant0 + m, SUPPLIER, cost, REASON["care"], m)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Members hear."""
        if len(self.stories):
            shown = scratch.shown
            room = shown.room((hi - lo) * self.most * view.chat.shape[1])
            shown.n = _hear(lo, hi, day, view.id, view.visited, view.chat, self.stories, self.first,
                            self.params.hear, self.params.weight, self.terms,
                            view.expectation, view.trust_good, view.trust_bad, view.trust_day,
                            day_key(view.seed, Stream.TALK, day), room, shown.n)

    def evening(self, view: Any, day: int) -> None:
        """Those who joined take the next free seats, in the order of their ids; those who left give up theirs."""
        view.chat[(view.member == 0) & (view.chat >= 0)] = -1
        for m in range(view.member.shape[1]):
            new = np.flatnonzero((view.member[:, m] == 1) & (view.chat[:, m] < 0))
            new = new[np.argsort(view.id[new], kind="stable")]
            while len(new):
                if self.seats[m] == 0:
                    self.latest[m], self.seats[m] = self.founded, self.size
                    self.founded += 1
                seated, new = new[: self.seats[m]], new[self.seats[m] :]
                view.chat[seated, m] = self.latest[m]
                self.seats[m] -= len(seated)
