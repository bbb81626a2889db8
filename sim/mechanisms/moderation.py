"""Policing: fakes are looked for, merchants inspected, offences punished and told.

    removed     a fake w.p. recall, a true review w.p. false_alarm, after Exp(delay); unlabelled paid posts likewise
    inspected   w.p. ``inspections`` on one day of each month of 30 days; finds fakes of that month or an inflated claim
                w.p. power, counterfeits w.p. 1 - (1 - f)^sample
    offence     fine on the sales of 30 days, fakes taken down, k x suspension days off sale; the last one closes the
                shop and forfeits the deposit
    news        reaches each person w.p. ``news_reach``: evidence against the merchant, a part of it against all others,
                fading with the half-life of trust (brought up to date each week)
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Column, Mechanism
from sim.rng import Stream, day_key, entity_key, name_key, uniform
from sim.rules.experience import faded
from sim.rules.honesty import found_in_sample
from sim.rules.packed import EVIDENCE, code_of, number_of
from sim.scenario.parameters import ModerationParams
from sim.state.claims import inflated
from sim.state.columns import NEVER
from sim.state.ledger import REASON, STATE
from sim.state.records import CANCELLED, TRUE
from sim.state.world import fen

KOL = CHANNEL["kol"]
WEEK, MONTH, FOR_GOOD = 7, 30, 32_000


@njit(inline="always")
def _caught(key: Any, base: Any, born: int, day: int, chance: float, delay: float) -> bool:
    """Whether what was put up on day ``born`` is found by ``day``: w.p. ``chance`` ever, after Exp(delay)."""
    who = entity_key(base, key)
    return bool(uniform(who, 0) < chance and day >= born + 1 + int(-delay * math.log(1.0 - uniform(who, 1))))


@njit(nogil=True, cache=True)
def _take_down(reviews: Any, day: int, recall: float, false_alarm: float, delay: float, base: Any) -> None:
    for x in range(len(reviews)):
        r = reviews[x]
        chance = false_alarm if r.kind == TRUE else recall
        if r.removed == NEVER and _caught(r.key, base, r.day, day, chance, delay):
            r.removed = day


@njit(nogil=True, cache=True)
def _unlabelled(posts: Any, day: int, recall: float, delay: float, base: Any, merchant: Any, found: Any) -> None:
    """Take down paid posts without a label; ``found`` [M] counts them."""
    for x in range(len(posts)):
        p = posts[x]
        if p.channel == KOL and p.weight > 0.0 and _caught(p.key, base, p.born, day, recall, delay):
            p.weight = 0.0
            found[merchant[p.product]] += 1


@njit(inline="always")
def _remember(i: int, j: int, day: int, heard: float, prior: Any, half_life: float, good: Any, bad: Any,
              since: Any) -> None:
    """Evidence of person i about merchant j as of today, ``heard`` added against it."""
    days = max(0.0, float(day - since[i, j]))
    good[i, j] = code_of(faded(number_of(good[i, j], EVIDENCE), prior[0], days, half_life), EVIDENCE)
    bad[i, j] = code_of(faded(number_of(bad[i, j], EVIDENCE), prior[1], days, half_life) + heard, EVIDENCE)
    since[i, j] = day


@njit(nogil=True, cache=True)
def _hear(ids: Any, day: int, m: int, key: Any, reach: float, weight: float, spill: float, prior: Any,
          half_life: float, base: Any, good: Any, bad: Any, since: Any, told: Any) -> None:
    """The news of merchant ``m``: evidence of ``weight`` bad experiences, ``spill`` of it against each other one."""
    for i in range(len(ids)):
        if uniform(entity_key(base, ids[i]), key) >= reach:
            continue
        for j in range(good.shape[1]):
            heard = weight if j == m else weight * spill
            if heard <= 0.0:
                continue
            _remember(i, j, day, heard, prior, half_life, good, bad, since)
            told[i, j] = 1


@njit(nogil=True, cache=True)
def _forget(day: int, prior: Any, half_life: float, good: Any, bad: Any, since: Any, told: Any) -> None:
    """What people who heard news hold for and against merchants fades to today."""
    for i in range(told.shape[0]):
        for j in range(told.shape[1]):
            if told[i, j]:
                _remember(i, j, day, 0.0, prior, half_life, good, bad, since)


class Moderation(Mechanism):
    """Removal, inspection, sanctions, news."""

    name = "moderation"
    Params = ModerationParams
    columns = (
        Column("offences", ("M",), np.int64, "offences", "Offences found so far.", owner="moderation"),
        Column("told", ("N", "M"), np.uint8, "0/1", "Heard bad news of the merchant.", owner="moderation"),
    )
    reads = ("id", "orders", "ledger")
    writes = ("reviews", "posts", "offences", "told", "closed_until", "trust_good", "trust_bad", "trust_day", "bills")
    equation = "P(found in a month) = inspections x (power | 1 - (1-f)^sample);  fine = share x sales of 30 days"

    def prepare(self, view: Any, day: int) -> None:
        """What can be found of each merchant, and how it is punished."""
        world, mechanisms = view.world, view.world.scenario.mechanisms
        self.key = [name_key("inspected", name) for name in world.merchants]
        self.dishonest = bool(mechanisms.dishonesty.enabled)
        self.overclaims = (inflated(world) > self.params.tolerance).tolist()
        self.labelled = bool(mechanisms.creators.disclosure)
        self.news = bool(view.told.any())
        d = mechanisms.delivery
        self.prior, self.half_life = (float(d.trust_prior_good), float(d.trust_prior_bad)), float(d.trust_half_life)

    def morning(self, view: Any, day: int) -> None:
        """Remove, inspect, tell."""
        p, base = self.params, day_key(view.seed, Stream.FOUND, 0)
        _take_down(view.reviews.rows, day, p.recall, p.false_alarm, p.delay, base)
        found = np.zeros(len(self.key), np.int64)
        if not self.labelled:
            _unlabelled(view.posts.rows, day, p.recall, p.delay, base, view.world.products.merchant, found)
        if self.news and day % WEEK == 0:
            _forget(day, self.prior, self.half_life, view.trust_good, view.trust_bad, view.trust_day, view.told)
        for m, merchant in enumerate(view.world.scenario.merchants):
            weight = float(merchant.scandal) + (p.hidden_news * p.news_weight if found[m] else 0.0)
            if self._inspected(view, day, m) and self._guilty(view, day, m):
                self._punish(view, day, m)
                weight += p.news_weight
            if weight > 0.0:
                _hear(view.id, day, m, self.key[m], p.news_reach, weight, p.spillover, self.prior, self.half_life,
                      day_key(view.seed, Stream.NEWS, day), view.trust_good, view.trust_bad, view.trust_day,
                      view.told)
                self.news = True

    def _inspected(self, view: Any, day: int, m: int) -> bool:
        month = day // MONTH
        who = entity_key(day_key(view.seed, Stream.INSPECT, month), self.key[m])
        on = month * MONTH + int(MONTH * uniform(who, 1))
        return bool(view.closed_until[m] <= day == on and uniform(who, 0) < self.params.inspections)

    def _guilty(self, view: Any, day: int, m: int) -> bool:
        """What an inspection today finds."""
        p, tricks = self.params, view.world.scenario.merchants[m].tricks
        who = entity_key(day_key(view.seed, Stream.INSPECT, day), self.key[m])
        rows = view.reviews.rows
        faked = bool(((rows["author"] == m) & (rows["day"] > day - MONTH)).any())
        share = tricks.counterfeit if self.dishonest else 0.0
        return bool(((faked or self.overclaims[m]) and uniform(who, 2) < p.power)
                    or uniform(who, 3) < found_in_sample(share, p.sample))

    def _punish(self, view: Any, day: int, m: int) -> None:
        p, world = self.params, view.world
        view.offences[m] += 1
        rows, orders, own = view.reviews.rows, view.orders.rows, view.ledger.merchant0 + m
        rows["removed"][(rows["author"] == m) & (rows["removed"] == NEVER)] = day
        recent = (orders["paid_day"] > day - MONTH) & (orders["sample"] == 0) & (orders["status"] != CANCELLED)
        recent &= world.products.merchant[orders["product"]] == m
        owed = round(p.fine * int(orders["price"][recent].astype(np.int64).sum()))
        view.closed_until[m] = day + math.ceil(p.suspension * int(view.offences[m]))
        if view.offences[m] >= p.blacklist_after:
            view.closed_until[m] = FOR_GOOD
            owed += fen(world.scenario.merchants[m].deposit * world.scale)
        if owed > 0:
            view.bills.add(own, STATE, owed, REASON["fine"], m)
