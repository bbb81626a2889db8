"""Group-buys (拼团): whom a leader invites, who accepts and when, and when a group's time is up.

    invited   each friend w.p. min(1, n / degree)        replies after Exp(mean) hours
    accepts   noticed x logit^-1( V(group price) + obligation x tie ), or a constant rate
    deadline  opened + T hours

This mechanism only writes moments into the day's list; checkout seats people and moves money (decision D5). Invitations
are drawn for whoever may turn out to lead; those of a group that never opened are void. ``arrivals`` adds strangers
that join each open group as a Poisson process (a textbook limit). Closed forms: V13.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
from numba import njit

from sim.ahead import SOON, ahead
from sim.contract import CHANNEL, Mechanism
from sim.rng import Stream, day_key, entity_key, exponential, uniform
from sim.rules.choice import accept_probability, price_utility
from sim.rules.packed import INCOME, number_of
from sim.rules.utility import price_sensitivity, systematic
from sim.scenario.parameters import GroupBuyParams
from sim.state import judgement
from sim.state.records import DEADLINE, EVENT, OPEN, REPLY, Table, joined
from sim.state.ties import circle, tie
from sim.state.withheld import withheld

INVITE = CHANNEL["invite"]
NOWHERE = np.zeros(0, np.int64)


@njit(nogil=True, cache=True, _nrt=False)
def _invite(
    day: int,
    intents: Any,
    first: int,
    last: int,
    ids: Any,
    indptr: Any,
    neighbours: Any,
    ties: Any,
    beliefs: Any,
    shelf: Any,
    tastes: Any,
    alive: Any,
    income: Any,
    price: Any,
    wallet: float,
    group_hours: Any,
    invites: int,
    obligation: float,
    noticed: float,
    constant: float,
    reply_hours: float,
    choose: Any,
    answer: Any,
    accept: Any,
    out: Any,
) -> int:
    n = 0
    for x in range(first, last):
        t = intents[x]
        if t.mode == 0:
            continue
        leader, p = t.consumer, t.product
        lo, hi = indptr[leader], indptr[leader + 1]
        if hi == lo:
            continue
        home = circle(ties, leader)
        share = min(1.0, invites / (hi - lo))
        opened = 24.0 * day + t.hour
        chosen, asked, replied = entity_key(choose, t.key), entity_key(accept, t.key), entity_key(answer, t.key)
        for e in range(lo, hi):
            if e + SOON < hi:
                ahead((ids,), neighbours[e + SOON])
            j = neighbours[e]
            if uniform(chosen, ids[j]) >= share:
                continue
            luck = uniform(asked, ids[j])
            if constant < 0.0 and luck >= noticed:
                continue  # whoever does not notice the invitation need not be asked
            delay = reply_hours * exponential(replied, ids[j])
            if delay > group_hours[p]:
                continue
            if constant >= 0.0:
                chance = constant
            else:
                m = shelf.merchant[p]
                if not alive[j, m] or price[p] * 0.01 > wallet * number_of(income[j], INCOME):
                    continue
                v = systematic(j, p, day, beliefs, shelf, tastes)
                v += price_utility(shelf.group_price[p], 1.0, price_sensitivity(j, beliefs, tastes))
                chance = noticed * accept_probability(v, obligation, tie(ties, e, home))
            if luck < chance:
                r = out[n]
                r.key = entity_key(t.key, ids[j])
                r.hour = opened + delay
                r.parent = x
                r.consumer = j
                r.product = p
                r.price = 0
                r.platform = t.platform
                r.kind = REPLY
                r.mode = 0
                r.channel = INVITE
                r.impulse = 0
                r.sees = 0
                r.urgency = 0
                n += 1
    return n


@njit(nogil=True, cache=True)
def _ties(intents: Any, indptr: Any) -> int:
    """Friends of all who may lead a group today."""
    n = 0
    for x in range(len(intents)):
        if intents[x].mode > 0:
            n += indptr[intents[x].consumer + 1] - indptr[intents[x].consumer]
    return n


@njit
def _end(event: Any, key: Any, hour: float, parent: int, product: int) -> None:
    """Fill in the row of a deadline."""
    event.key = key
    event.hour = hour
    event.parent = parent
    event.consumer = 0
    event.price = 0
    event.product = product
    event.platform = 0
    event.kind = DEADLINE
    event.mode = 0
    event.channel = 0
    event.impulse = 0
    event.sees = 0


@njit(nogil=True, cache=True, _nrt=False)
def _list(day: int, later: Any, placed: int, waiting: int, group_of: Any, fresh: Any, silent: Any, groups: Any,
          first: int, intents: Any, group_hours: Any, events: Any, n: int) -> tuple[int, int, int]:
    """Write today's moments behind the ``n`` events: replies to earlier invitations and to ``fresh`` ones, deadlines
    of the open ``groups``, which stand at ``first`` of their table, and of those that may open today.

    Replies of another day stay in ``later``: of the ``waiting`` there the first ``placed`` know their group, the others
    learn from ``group_of`` what became of their leader. How many events, replies that know their group, and replies
    there are then.
    """
    tonight = 24.0 * (day + 1)
    kept = 0
    for x in range(waiting):
        r = later[x]
        if x >= placed:
            if group_of[r.parent] < 0:
                continue
            r.parent = -1 - group_of[r.parent]
        if silent[r.product]:
            continue
        if r.hour < tonight:
            events[n] = r
            n += 1
        else:
            later[kept] = r
            kept += 1
    placed = kept
    for x in range(len(fresh)):
        if silent[fresh[x].product]:
            continue
        if fresh[x].hour < tonight:
            events[n] = fresh[x]
            n += 1
        else:
            later[kept] = fresh[x]
            kept += 1
    for g in range(len(groups)):
        if groups[g].status == OPEN and groups[g].deadline < tonight:
            _end(events[n], groups[g].key, groups[g].deadline, first + g, groups[g].product)
            n += 1
    for x in range(len(intents)):
        t = intents[x]
        if t.mode > 0:
            until = 24.0 * day + t.hour + group_hours[t.product]
            if until < tonight:
                _end(events[n], t.key, until, -1 - x, t.product)
                n += 1
    return n, placed, kept


class GroupBuy(Mechanism):
    """Invitations, replies and deadlines."""

    name = "group_buy"
    Params = GroupBuyParams
    reads = ("id", "alive", "income", *judgement.READS, "group_hours", "groups", "group_of", "intents")
    writes = ("events",)
    lasting = True
    equation = "P(accept) = logit^-1(V(price_g) + obligation tie);  complete when members = g within T"

    def prepare(self, view: Any, day: int) -> None:
        """Replies on their way live as long as the market; for whose products nobody invites, bool[P]."""
        self.silent = withheld(view.world)[:, INVITE]
        self.tastes = judgement.tastes(view.world)
        if not hasattr(self, "later"):
            self.room = np.zeros(0, EVENT)
            self.later, self.placed = Table(EVENT), 0
            """Replies of the days to come; the first ``placed`` know their group, the others were sent today."""

    def evening(self, view: Any, day: int) -> None:
        """List today's replies and deadlines: those included of groups that may open today; a joiner's stands for
        nothing."""
        fresh, later, events = self._invitations(view, day), self.later, view.events
        groups, intents = view.groups.open_rows, view.intents.rows
        n, self.placed, waiting = _list(
            day, later.reserve(len(fresh)), self.placed, len(later), view.group_of[0] if view.group_of else NOWHERE,
            fresh, self.silent, groups, view.groups.first_open, intents, view.group_hours,
            events.reserve(len(later) + len(fresh) + len(groups) + len(intents)), len(events))
        later.grew(waiting)
        events.grew(n)
        if self.params.arrivals:
            self._strangers(view, day)

    def _invitations(self, view: Any, day: int) -> np.ndarray:
        intents = view.intents.rows
        net, p = view.network, self.params
        silent = not p.enabled or p.arrivals is not None or p.invites == 0
        pieces = view.team.cut(len(intents))
        starts = [0] if silent else [*accumulate((_ties(intents[a:b], net.indptr) for a, b in pieces), initial=0)]
        if starts[-1] == 0:
            return self.room[:0]
        if starts[-1] > len(self.room):
            self.room = np.zeros(2 * starts[-1], EVENT)
        fixed = (
            view.id,
            net.indptr,
            net.indices,
            net.ties,
            judgement.beliefs(view),
            judgement.shelf(view),
            self.tastes,
            view.alive,
            view.income,
            view.group_price,
            view.world.scenario.mechanisms.choice.wallet_share,
            view.group_hours,
            p.invites,
            p.obligation,
            p.noticed,
            p.accept_rate if p.accept == "constant" else -1.0,
            p.reply_hours,
            day_key(view.seed, Stream.INVITE, 0),
            day_key(view.seed, Stream.REPLY, 0),
            day_key(view.seed, Stream.ACCEPT, 0),
        )
        counts = view.team.each(
            lambda k: int(_invite(day, intents, pieces[k][0], pieces[k][1], *fixed, self.room[starts[k] :])),
            len(pieces))
        if len(counts) == 1:
            return self.room[: counts[0]]
        return joined([self.room[a : a + n] for a, n in zip(starts, counts, strict=False)], EVENT)

    def _strangers(self, view: Any, day: int) -> None:
        """Poisson arrivals at each group, over the hours it is open today; those of a group not born are void."""
        base = day_key(view.seed, Stream.INVITE, day)
        groups, intents = view.groups.rows, view.intents.rows
        today, tonight = 24.0 * day, 24.0 * (day + 1)
        found = []

        def come(key: Any, parent: int, product: int, start: float, end: float) -> None:
            who, n = entity_key(base, key), 0
            clock = start + exponential(who, np.uint64(0)) * 24.0 / self.params.arrivals
            while clock < end:
                person = int(uniform(who, np.uint64(n + 1_000_003)) * len(view.id))
                own = entity_key(who, np.uint64(n))
                found.append((own, clock, parent, person, 0, product, 0, REPLY, 0, INVITE, 0, 0, 0, 0, 0))
                n += 1
                clock += exponential(who, np.uint64(n)) * 24.0 / self.params.arrivals

        for g in view.groups.first_open + np.flatnonzero(view.groups.open_rows["status"] == OPEN):
            come(groups["key"][g], -1 - int(g), groups["product"][g], today, min(tonight, float(groups["deadline"][g])))
        for x in np.flatnonzero(intents["mode"] > 0):
            start, p = today + float(intents["hour"][x]), intents["product"][x]
            come(intents["key"][x], int(x), p, start, min(tonight, start + float(view.group_hours[p])))
        view.events.append(np.array(found, EVENT))
