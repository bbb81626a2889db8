"""Hand-over into the private domain (引流): people who follow an ad, a post or a live-stream join the community.

    lead      w.p. p_ch when a click of channel ch leads to a product of a merchant who keeps a community
    cost      lead_cost for each who joins so, card_cost for the card in each parcel paid for

Joining after an order is the community's own ``join``; here stand the other ways in, and what the ways cost. A lead
has not bought: the pushes he reads are what may make him.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNELS, COUNT, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, uniform
from sim.rules.exposure import channel_of, product_of, row_of
from sim.scenario.parameters import HandOverParams
from sim.state.ledger import REASON, SUPPLIER

_LEADS = COUNT["leads"]


@njit(nogil=True, cache=True)
def _lead(lo: int, day: int, words: Any, ids: Any, merchant: Any, merchant_key: Any, keeps: Any, chance: Any, base: Any,
          member: Any, joined_day: Any, tally: Any) -> None:
    for w in words:
        i, p, ch = lo + row_of(w), product_of(w), channel_of(w)
        m = merchant[p]
        if not keeps[m] or member[i, m] or chance[ch] <= 0.0:
            continue
        if uniform(entity_key(entity_key(base, ids[i]), merchant_key[m]), np.uint64(ch)) < chance[ch]:
            member[i, m] = 1
            joined_day[i, m] = day
            tally[_LEADS, p, ch] += 1


class HandOver(Mechanism):
    """Leads that become members, and the price of every way in."""

    name = "hand_over"
    Params = HandOverParams
    reads = ("id", "orders", "ledger")
    writes = ("member", "joined_day", "bills")
    equation = "P(join | click by channel) = p_channel"

    def prepare(self, view: Any, day: int) -> None:
        """Who keeps a community, and is not silenced there; chances by channel float64[CH]."""
        scenario = view.world.scenario
        self.chance = np.array([self.params.leads.get(channel, 0.0) for channel in CHANNELS], float)
        self.keeps = np.array([
            "community" not in merchant.off
            and any(mix is not None and mix.community > 0 for mix in
                    (merchant.plan.mix, *(phase.mix for phase in merchant.plan.phases)))
            for merchant in scenario.merchants
        ], bool)  # fmt: skip
        if scenario.mechanisms.community.assign == "random":
            self.keeps[:] = False
        self.key = np.array([name_key("hand_over", name) for name in view.world.merchants], np.uint64)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Some of those who clicked join."""
        if len(scratch.clicked.rows) and self.keeps.any():
            _lead(lo, day, scratch.clicked.rows, view.id, view.world.products.merchant, self.key, self.keeps,
                  self.chance, day_key(view.seed, Stream.HAND_OVER, day), view.member, view.joined_day, scratch.tally)

    def evening(self, view: Any, day: int) -> None:
        """Bill the leads of the day and the cards of the orders paid."""
        owner, paid = view.world.products.merchant, view.orders.paid
        leads = view.tally[_LEADS].sum(axis=1)
        cards = np.bincount(view.orders.rows["product"][paid], minlength=len(leads))
        for m in np.flatnonzero(self.keeps).tolist():
            mine = owner == m
            cost = round(100.0 * (self.params.lead_cost * int(leads[mine].sum())
                                  + self.params.card_cost * int(cards[mine].sum())))
            if cost:
                view.bills.add(view.ledger.merchant0 + m, SUPPLIER, cost, REASON["hand_over"], m)
