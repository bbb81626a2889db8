"""Choosing on an occasion: multinomial logit over the products considered and not buying.

    considered   known and recalled, P = (1 + t/tau)^-psi (1 for a year after a purchase); or found on the shelf
    chosen       argmin of Exp / e^V, which is argmax of V + Gumbel, keyed by (person, day, occasion, product)
    mode         solo, open a group, join one: the best systematic utility; modes share the product's noise (D4)
    listing      of a product sold in several places, the one that she takes sets price and wait (sim.rules.listings)
    own price    member's cut, postage, coupon and points set the price of the solo mode (sim.rules.favours); what is
                 laid down for an intent is out of hand at once

V is in sim/rules/choice.py. A person who has left a merchant does not consider it; what costs more than the wallet
share of her monthly income is out of reach.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from sim.ahead import SOON, ahead
from sim.contract import CHANNEL, COUNT, NO_TOUCH, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, uniform, waiting
from sim.rules.choice import group_utility, price_utility, surplus
from sim.rules.favours import asked_of
from sim.rules.listings import best_listing
from sim.rules.memory import gap_of
from sim.rules.packed import INCOME, number_of
from sim.rules.utility import price_sensitivity, systematic
from sim.scenario.parameters import ChoiceParams
from sim.state import judgement
from sim.state.columns import AWARE
from sim.state.listings import listed
from sim.state.records import OPEN

SEARCH = CHANNEL["search"]
OUTSIDE = name_key("outside option")
_CONSIDERED, _INTENTS = COUNT["considered"], COUNT["intents"]


@njit(nogil=True, cache=True, _nrt=False)
def _choose(
    lo: int,
    day: int,
    n: int,
    occasions: Any,
    ids: Any,
    income: Any,
    flags: Any,
    units: Any,
    alive: Any,
    last_purchase: Any,
    first_touch: Any,
    last_touch: Any,
    beliefs: Any,
    shelf: Any,
    tastes: Any,
    price: Any,
    product_key: Any,
    reference: Any,
    durable: Any,
    enters: Any,
    stock: Any,
    group_ok: Any,
    group_size: Any,
    group_hours: Any,
    completes: Any,
    open_now: Any,
    list_seen: float,
    search_share: float,
    recalled: Any,
    impulse_appeal: float,
    outside: bool,
    wallet: float,
    b_wait: float,
    base: Any,
    consider_base: Any,
    hour_base: Any,
    favours: Any,
    listed: Any,
    intents: Any,
    filled: Any,
    tally: Any,
    welfare: Any,
) -> None:
    products = len(product_key)
    made = 0
    for o in range(n):
        if o + SOON < n:
            soon = lo + occasions[o + SOON].row
            ahead((ids, income, flags, units, alive, last_purchase, last_touch), soon)
            ahead(beliefs, soon)
        occasion = occasions[o]
        i = lo + occasion.row
        who = entity_key(entity_key(base, ids[i]), occasion.key)
        recall = entity_key(entity_key(consider_base, ids[i]), occasion.key)
        impulse = occasion.product >= 0
        best = waiting(who, OUTSIDE) if outside else math.inf
        chosen = -1
        mode = 0
        own_price, own_points, own_coupon, where = 0, 0, 0, occasion.platform
        total = 0.0
        ref = 0.0
        for p in range(products):
            if impulse:
                if p != occasion.product:
                    continue
            elif shelf.category[p] != occasion.category:
                continue
            m = shelf.merchant[p]
            if enters[p] > day or stock[p] == 0 or (durable[p] and units[i, p] > 0):
                continue
            asked, toll, place = occasion.price if occasion.price > 0 else price[p], 0.0, occasion.platform
            if occasion.price == 0 and listed.first[p + 1] > listed.first[p]:
                a = price_sensitivity(i, beliefs, tastes)
                k, toll = best_listing(p, place, impulse, a, 100.0 * reference[p], listed)
                asked, place = listed.price[k], listed.platform[k]
            if asked * 0.01 > wallet * number_of(income[i], INCOME) or not alive[i, m]:
                continue
            if not impulse:
                if flags[i, p] & AWARE:
                    if not (units[i, p] > 0 and day - last_purchase[i, p] <= 365):
                        kept = recalled[gap_of(max(0, day - beliefs.last_exposure[i, p]))]
                        if uniform(recall, product_key[p]) >= kept:
                            continue
                elif uniform(recall, product_key[p]) >= search_share:
                    continue
            channel = occasion.channel if impulse else (last_touch[i, p] if last_touch[i, p] != NO_TOUCH else SEARCH)
            tally[_CONSIDERED, p, channel] += 1
            v0 = systematic(i, p, day, beliefs, shelf, tastes) - toll
            if impulse:
                v0 += impulse_appeal
            a = price_sensitivity(i, beliefs, tastes)
            v = v0 + price_utility(shelf.price[p] * (asked / price[p]) if asked != price[p] else shelf.price[p], 1.0, a)
            laid, issue = 0, 0
            if occasion.price == 0 and favours.on[m]:
                asked, laid, issue = asked_of(i, m, asked, day, favours)
                v = v0 + price_utility(asked * 0.01, reference[p], a)
            way = 0
            if occasion.price == 0 and shelf.group_price[p] > 0.0 and group_ok[occasion.platform]:
                solo = v
                v_group = v0 + price_utility(shelf.group_price[p], 1.0, a)
                q = completes[p]
                opened = group_utility(q, v_group, solo, group_hours[p] * (1.0 - 0.5 * q), b_wait)
                if opened > v:
                    v, way = opened, 1
                if open_now[p] and group_ok[occasion.platform] > 1 and uniform(recall, ~product_key[p]) < list_seen:
                    left = (group_size[p] - 2.0) / (group_size[p] - 1.0)
                    q = q**left
                    joined = group_utility(q, v_group, solo, group_hours[p] * 0.5 * left, b_wait)
                    if joined > v:
                        v, way = joined, 2
            worth = math.exp(max(v, -700.0))
            total += worth
            ref = reference[p]
            liked = waiting(who, product_key[p]) / worth
            if liked < best:
                best, chosen, mode = liked, p, way
                own_price, own_points, own_coupon, where = asked, laid, issue, place
        if ref > 0.0 and outside:
            welfare[0] += surplus(total, ref, price_sensitivity(i, beliefs, tastes))
            welfare[1] += 1.0
        if chosen < 0:
            continue
        channel = (
            occasion.channel if impulse else (last_touch[i, chosen] if last_touch[i, chosen] != NO_TOUCH else SEARCH)
        )
        flags[i, chosen] |= AWARE
        if first_touch[i, chosen] == NO_TOUCH:
            first_touch[i, chosen] = channel
        if last_touch[i, chosen] == NO_TOUCH:
            last_touch[i, chosen] = channel
        tally[_INTENTS, chosen, channel] += 1
        t = intents[made]
        t.key = entity_key(entity_key(entity_key(ids[i], product_key[chosen]), day), occasion.key)
        t.hour = occasion.hour
        if occasion.hour < 0.0:
            t.hour = 24.0 * uniform(entity_key(hour_base, ids[i]), entity_key(product_key[chosen], occasion.key))
        t.consumer = i
        if mode > 0:
            own_price, own_points, own_coupon, where = price[chosen], 0, 0, occasion.platform
        if own_points > 0:
            favours.points[i, shelf.merchant[chosen]] -= own_points
        if own_coupon > 0:
            favours.coupon[i, shelf.merchant[chosen]] = 0
        t.price = own_price
        t.points = own_points
        t.coupon = own_coupon
        t.urgency = occasion.urgency
        t.product = chosen
        t.platform = where
        t.mode = mode
        t.channel = channel
        t.impulse = impulse
        t.sees = uniform(recall, ~product_key[chosen]) < list_seen
        made += 1
    filled[1] = made


class Choice(Mechanism):
    """Which product, if any, and in which mode."""

    name = "choice"
    Params = ChoiceParams
    reads = (
        "id",
        "income",
        "units",
        "alive",
        "last_purchase",
        *judgement.READS,
        "stock",
        "closed_until",
        "group_size",
        "group_hours",
        "groups_done",
        "groups_tried",
        "groups",
        "tier",
        "member",
        "favours",
    )
    writes = ("flags", "first_touch", "last_touch", "points", "coupon")
    equation = "P_j = exp V_j / (1 + sum exp V)"

    def prepare(self, view: Any, day: int) -> None:
        """Coefficients in force; platforms by what they allow: 0 no groups, 1 groups, 2 groups on an open list."""
        self.tastes = judgement.tastes(view.world)
        persuasion = view.world.scenario.mechanisms.persuasion
        self.recalled = judgement.recalled_by_days(persuasion.forgetting_tau, persuasion.forgetting)
        listed = view.world.platforms.open_list * view.world.scenario.mechanisms.group_buy.open_list
        self.group_ok = view.world.platforms.group_buy * (1 + listed)

    def morning(self, view: Any, day: int) -> None:
        """Prices, ratings and open groups as they stand at the start of the day."""
        self.shelf = judgement.shelf(view)
        self.beliefs = judgement.beliefs(view)
        self.enters = view.world.products.enters
        if (view.closed_until > day).any():
            self.enters = np.where(judgement.on_sale(view, day), self.enters, day + 1)
        self.favours = view.favours.now(view.tier, view.member, view.points, view.coupon)
        self.listed = listed(view.world, view.price)
        self.completes = view.groups_done / np.maximum(view.groups_tried, 1e-9)
        self.open_now = np.zeros(len(view.price), np.uint8)
        groups = view.groups.open_rows
        if len(groups):
            self.open_now[groups["product"][groups["status"] == OPEN]] = 1

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Turn the block's occasions into intents."""
        p, world = self.params, view.world
        products = world.products
        _choose(
            lo,
            day,
            int(scratch.filled[0]),
            scratch.occasions,
            view.id,
            view.income,
            view.flags,
            view.units,
            view.alive,
            view.last_purchase,
            view.first_touch,
            view.last_touch,
            self.beliefs,
            self.shelf,
            self.tastes,
            view.price,
            products.key,
            products.reference,
            products.durable,
            self.enters,
            view.stock,
            self.group_ok,
            view.group_size,
            view.group_hours,
            self.completes,
            self.open_now,
            world.scenario.mechanisms.group_buy.list_seen,
            world.scenario.mechanisms.occasions.search_share,
            self.recalled,
            p.impulse_appeal,
            p.outside,
            p.wallet_share,
            p.b_group_wait,
            day_key(view.seed, Stream.CHOICE, day),
            day_key(view.seed, Stream.CONSIDER, day),
            day_key(view.seed, Stream.HOUR, day),
            self.favours,
            self.listed,
            scratch.intents,
            scratch.filled,
            scratch.tally,
            scratch.surplus,
        )
