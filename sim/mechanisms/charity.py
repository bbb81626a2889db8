"""Donations (公益): a part of each price promised to a cause; who cares and believes finds the thing worth more.

    worth     a_i/ref x price x w s/(s + h) x care_i x T_im x belief_im, added to the own taste       (sim.rules.causes)
    given     kept part x s x price of every order paid, from the merchant to the account ``charity``, the same evening
    reports   every so many days, read by some: belief moves towards the part of the promise that was kept
    broken    a promise not kept is found as any false claim is, by inspection (moderation); who hears of it, by that or
              by a scandal, loses the belief

Nobody sees what was given but through reports and news.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Column, Mechanism
from sim.rng import Stream, day_key, name_key
from sim.rules.causes import disbelieve, lean, premium, report
from sim.rules.packed import SHARE
from sim.scenario.parameters import CharityParams
from sim.state.claims import cares
from sim.state.columns import packed
from sim.state.ledger import REASON, SUPPLIER
from sim.state.world import fen


class Charity(Mechanism):
    """Promises to give, and belief in them."""

    name = "charity"
    Params = CharityParams
    columns = (
        Column("charitable", ("N",), np.uint16, "0..1", "Care for good causes.", owner="charity", packed=SHARE),
        Column("charity_belief", ("N", "M"), np.uint16, "0..1", "Belief that promises to give are kept.",
               owner="charity", packed=SHARE),
        Column("charity_worth", ("N", "P"), np.int16, "codes", "What of the taste is the cause's.", owner="charity"),
        Column("charity_told", ("N", "M"), np.uint8, "0/1", "Has taken the bad news in.", owner="charity"),
        Column("given", ("M",), np.int64, "fen", "Donated so far.", owner="charity"),
    )
    reads = ("id", "segment", "sensitivity", "trust_good", "trust_bad", "price", "orders", "orders_with", "orders_of",
             "told", "ledger")
    writes = ("taste", "charitable", "charity_belief", "charity_worth", "charity_told", "given", "bills")
    equation = "dV = a/ref price w s/(s+h) care T B;  B <- B + w (kept - B)"

    def prepare(self, view: Any, day: int) -> None:
        """Who cares how much; on the first day what is believed."""
        if not hasattr(self, "key"):
            self.key = np.array([name_key("charity", name) for name in view.world.merchants], np.uint64)
            view.charitable[:] = cares(view, Stream.CHARITY, "charity")
            view.charity_belief[:] = packed(self.params.prior, SHARE).astype(np.uint16)

    def morning(self, view: Any, day: int) -> None:
        """News and reports; what the promise of the day is worth to whom."""
        world, p = view.world, self.params
        offers = [None if orders is None else orders.donation for orders in view.orders_of]
        kept = np.array([1.0 if o is None else o.given for o in offers], float)
        if view.told.size:
            disbelieve(view.told, view.charity_told, kept < 1.0, p.shock, view.charity_belief)
        for m, offer in enumerate(offers):
            if offer is not None and offer.report_days and day > 0 and day % offer.report_days == 0:
                report(view.id, self.key[m], m, float(offer.given), p.reach, p.customers, p.weight, view.orders_with,
                       day_key(view.seed, Stream.CHARITY_REPORT, day), view.charity_belief)
                self._bill(view, m, SUPPLIER, fen(offer.report_cost * world.scale), "charity_report")
        part = np.array([0.0 if o is None else premium(o.share, p.premium, p.half) for o in offers], float)
        products = world.products
        worth = part[products.merchant] * view.price / (100.0 * products.reference)
        if worth.any() or view.charity_worth.any():
            lean(worth, np.zeros(len(worth)), products.merchant, view.sensitivity,
                 float(world.scenario.mechanisms.choice.a_p), view.charitable, view.charity_belief, view.trust_good,
                 view.trust_bad, np.zeros((0, 0), np.uint8), view.taste, view.charity_worth)

    def evening(self, view: Any, day: int) -> None:
        """Give what is kept of the promise on today's orders."""
        rows = view.orders.rows[view.orders.paid]
        owner = view.world.products.merchant[rows["product"]]
        for m, orders in enumerate(view.orders_of):
            if orders is None or orders.donation is None:
                continue
            share = orders.donation.share * orders.donation.given
            owed = int(np.rint(share * rows["price"][owner == m].astype(float)).sum())
            view.given[m] += owed
            self._bill(view, m, view.ledger.charity, owed, "donation")

    @staticmethod
    def _bill(view: Any, m: int, target: int, owed: int, reason: str) -> None:
        if owed > 0:
            view.bills.add(view.ledger.merchant0 + m, target, owed, REASON[reason], m)
