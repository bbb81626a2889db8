"""Bargains (砍价): friends' help cuts the price, each helper less than the one before, down to a floor.

    wants     who followed a product to its page and did not buy has a lasting luck u >= logit^-1(V(price)); wants it at
              a price p when u < logit^-1(V(p)), V with the intercept of impulses
    starts    w.p. noticed, who wants it at the floor; once a product
    asked     each friend w.p. min(1, n / degree); helps w.p. help_rate after Exp(mean) hours, within T
    price     price - (price - floor) x min(1, c (1 - q^k)/(1 - q)) after k helpers
    ends      at the floor, or when the time is up; then buys who wants it at the price reached

A helper has been on the page and knows the product from then on (channel referral). Helps of a bargain are independent,
so the chance of reaching the floor is a binomial tail at the number of helpers it takes. Nobody buys what nothing was
cut from. Orders are written as intents. Model section 7.31.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, COUNT, NO_TOUCH, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, exponential, uniform
from sim.rules.choice import price_utility
from sim.rules.packed import INCOME, number_of
from sim.rules.referral import take_probability, way_cut
from sim.rules.utility import price_sensitivity, systematic
from sim.rules.wishes import want
from sim.scenario.parameters import BargainParams
from sim.state import judgement
from sim.state.columns import AWARE
from sim.state.records import INTENT, OCCASION, Table
from sim.state.withheld import withheld

REFERRAL = CHANNEL["referral"]
INVITED, _AWARE = COUNT["invited"], COUNT["aware"]
STARTED = np.dtype(
    [("key", "u8"), ("ends", "f8"), ("way", "f8"), ("luck", "f8"), ("consumer", "i4"), ("price", "i4"),
     ("helpers", "i2"), ("asked", "i2"), ("product", "i2"), ("day", "i2"),
     ("platform", "u1"), ("ordered", "u1")], align=True,
)  # fmt: skip
"""A bargain: ``ends`` hour (absolute), ``way`` cut by then (1: the floor), ``price`` fen reached, ``luck`` u."""
HELPER = np.dtype([("person", "i4"), ("product", "i2"), ("platform", "u1")], align=True)


@njit(nogil=True, cache=True)
def _left(occasions: Any, n: int, intents: Any, made: int, lo: int, offered: Any, out: Any) -> int:
    """Occasions of clicks on products ``offered`` [P] that ended without an intent; rows counted from the first."""
    found = 0
    for o in range(n):
        occasion = occasions[o]
        if occasion.product < 0 or not offered[occasion.product]:
            continue
        bought = False
        for k in range(made):
            if intents[k].consumer == lo + occasion.row and intents[k].product == occasion.product:
                bought = True
                break
        if not bought:
            out[found] = occasion
            out[found].row = lo + occasion.row
            found += 1
    return found


@njit(nogil=True, cache=True)
def _start(found: Any, day: int, ids: Any, product_key: Any, alive: Any, merchant: Any, income: Any, price: Any,
           wallet: float, impulse: float, terms: Any, beliefs: Any, shelf: Any, tastes: Any, noticed: float,
           invites: float, help_rate: float,
           reply_hours: float, indptr: Any, indices: Any, start_base: Any, help_base: Any, out: Any,
           helpers: Any) -> Any:
    """Bargains begun by the people of ``found`` and those who help; ``terms`` float64[P, 4]: floor, cut, shrink,
    hours. How many of each."""
    n = helped = 0
    when, who = np.empty(4096), np.empty(4096, np.int64)
    for x in range(len(found)):
        i, p = found[x].row, found[x].product
        floor, cut, shrink, hours = terms[p, 0], terms[p, 1], terms[p, 2], terms[p, 3]
        if not alive[i, merchant[p]] or price[p] * 0.01 * floor > wallet * number_of(income[i], INCOME):
            continue
        key = entity_key(entity_key(start_base, ids[i]), product_key[p])
        a = price_sensitivity(i, beliefs, tastes)
        v = systematic(i, p, day, beliefs, shelf, tastes) + impulse
        at_price = take_probability(v + price_utility(shelf.price[p], 1.0, a), 0.0, 0.0)
        luck = at_price + (1.0 - at_price) * uniform(key, np.uint64(0))
        if luck >= take_probability(v + price_utility(shelf.price[p] * floor, 1.0, a), 0.0, 0.0):
            continue
        if uniform(entity_key(key, np.uint64(day)), np.uint64(0)) >= noticed:
            continue
        opened = 24.0 * day + 24.0 * uniform(key, np.uint64(7_000_003))
        lo, hi = indptr[i], min(indptr[i + 1], indptr[i] + len(when))
        share = min(1.0, invites / max(1, hi - lo))
        ask = entity_key(help_base, key)
        count = asked = 0
        for e in range(lo, hi):
            j = np.int64(indices[e])
            if uniform(ask, ids[j]) >= share:
                continue
            asked += 1
            mine = entity_key(ask, ids[j])
            delay = reply_hours * exponential(mine, np.uint64(1))
            if delay <= hours and uniform(mine, np.uint64(0)) < help_rate:
                when[count], who[count] = delay, j
                count += 1
        turn = np.argsort(when[:count])
        way, ends, k = 0.0, hours, 0
        while k < count and way < 1.0:
            helpers[helped].person = who[turn[k]]
            helpers[helped].product = p
            helpers[helped].platform = found[x].platform
            helped += 1
            k += 1
            way = way_cut(k, cut, shrink)
            if way >= 1.0:
                ends = when[turn[k - 1]]
        b = out[n]
        b.key = key
        b.ends = opened + ends
        b.way = way
        b.luck = luck
        b.consumer = i
        b.price = max(1, int(round(price[p] * (1.0 - (1.0 - floor) * way))))
        b.helpers = k
        b.asked = asked
        b.product = p
        b.day = day
        b.platform = found[x].platform
        b.ordered = 0
        n += 1
    return n, helped


@njit(nogil=True, cache=True)
def _end(ending: Any, day: int, alive: Any, merchant: Any, stock: Any, price: Any, impulse: float, beliefs: Any,
         shelf: Any, tastes: Any, intents: Any) -> int:
    """Who buys at the price reached, as intents; sets ``ordered``."""
    n = 0
    for x in range(len(ending)):
        b = ending[x]
        i, p = b.consumer, b.product
        if stock[p] == 0 or not alive[i, merchant[p]]:
            continue
        if b.helpers == 0:
            continue
        v = systematic(i, p, day, beliefs, shelf, tastes) + impulse
        v += price_utility(shelf.price[p] * b.price / price[p], 1.0, price_sensitivity(i, beliefs, tastes))
        if b.luck >= take_probability(v, 0.0, 0.0):
            continue
        b.ordered = 1
        n = want(intents, n, entity_key(b.key, np.uint64(1)), b.ends - 24.0 * day, i, b.price, p, b.platform, REFERRAL)
    return n


@njit(nogil=True, cache=True)
def _meet(helpers: Any, flags: Any, first_touch: Any, last_touch: Any, tally: Any) -> None:
    """Who helps has been on the product's page: aware of it from now on."""
    for h in helpers:
        i, p = h.person, h.product
        last_touch[i, p] = REFERRAL
        if first_touch[i, p] == NO_TOUCH:
            first_touch[i, p] = REFERRAL
        if not flags[i, p] & AWARE:
            flags[i, p] |= AWARE
            tally[_AWARE, p, REFERRAL] += 1


class Bargain(Mechanism):
    """The price falls as friends help."""

    name = "bargain"
    Params = BargainParams
    reads = ("id", "alive", "income", *judgement.READS, "stock", "orders_of")
    writes = ("intents", "flags", "first_touch", "last_touch")
    lasting = True
    equation = "price_k = price - (price - floor) min(1, c (1-q^k)/(1-q))"

    def prepare(self, view: Any, day: int) -> None:
        """Bargains on their way live with the market."""
        self.silent = withheld(view.world)[:, REFERRAL]
        self.tastes = judgement.tastes(view.world)
        if not hasattr(self, "begun"):
            self.begun = Table(STARTED, 64)
            """Every bargain so far, in the order of its day."""
            self.tried = np.zeros(0, np.int64)
            """Ascending person x products + product of the bargains so far."""

    def morning(self, view: Any, day: int) -> None:
        """Terms of the day, float64[P, 4] and which products are offered, bool[P]; nobody has left a page yet."""
        world = view.world
        products = len(view.price)
        self.found: dict[int, np.ndarray] = {}
        self.terms = np.zeros((products, 4))
        self.offered = np.zeros(products, bool)
        for p, m in enumerate(world.products.merchant.tolist()):
            plan = view.orders_of[m].bargain if self.params.enabled else None
            name = world.product_names[p].partition(".")[2]
            if plan is not None and (not plan.products or name in plan.products) and not self.silent[p]:
                self.terms[p] = plan.floor, plan.cut, plan.shrink, plan.hours
                self.offered[p] = True

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Note who leaves a product page without buying."""
        if self.offered.any() and scratch.filled[0]:
            n = int(scratch.filled[0])
            out = np.zeros(n, OCCASION)
            count = _left(scratch.occasions, n, scratch.intents, int(scratch.filled[1]), lo, self.offered, out)
            self.found[lo] = out[:count]

    def evening(self, view: Any, day: int) -> None:
        """Bargains begin, and those whose time has come end."""
        self._begin(view, day)
        rows = self.begun.rows
        ending = np.flatnonzero((rows["ends"] >= 24.0 * day) & (rows["ends"] < 24.0 * (day + 1)))
        if len(ending):
            intents, mine = np.zeros(len(ending), INTENT), rows[ending]
            n = _end(mine, day, view.alive, view.world.products.merchant, view.stock, view.price,
                     view.world.scenario.mechanisms.choice.impulse_appeal, judgement.beliefs(view),
                     judgement.shelf(view), self.tastes, intents)
            rows["ordered"][ending] = mine["ordered"]
            view.intents.append(intents[:n])

    def _begin(self, view: Any, day: int) -> None:
        """Today's bargains and their helpers."""
        found = np.concatenate([self.found[lo] for lo in sorted(self.found)] or [np.zeros(0, OCCASION)])
        pair = found["row"].astype(np.int64) * len(view.price) + found["product"]
        fresh = np.unique(pair, return_index=True)[1]
        found = found[fresh[~np.isin(pair[fresh], self.tried)]]
        if len(found) == 0:
            return
        p, net, world = self.params, view.network, view.world
        ties = int((net.indptr[found["row"] + 1] - net.indptr[found["row"]]).sum())
        begun, helpers = np.zeros(len(found), STARTED), np.zeros(ties, HELPER)
        n, helped = _start(
            found, day, view.id, world.products.key, view.alive, world.products.merchant, view.income, view.price,
            world.scenario.mechanisms.choice.wallet_share, world.scenario.mechanisms.choice.impulse_appeal, self.terms,
            judgement.beliefs(view), judgement.shelf(view),
            self.tastes, p.noticed, p.invites, p.help_rate, p.reply_hours, net.indptr, net.indices,
            day_key(view.seed, Stream.BARGAIN, 0), day_key(view.seed, Stream.HELP, 0), begun, helpers)
        begun = begun[:n]
        self.begun.append(begun)
        np.add.at(view.tally[INVITED, :, REFERRAL], begun["product"], begun["asked"])
        self.tried = np.union1d(self.tried, begun["consumer"].astype(np.int64) * len(view.price) + begun["product"])
        _meet(helpers[:helped], view.flags, view.first_touch, view.last_touch, view.tally)
