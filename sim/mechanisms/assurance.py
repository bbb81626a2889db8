"""What reassures: guarantees (假一赔三), verification (先鉴别后发货), traceability (溯源), try-on (AR, 3D).

    guarantee   trust counts as T + c (1 - T)  (sim.rules.honesty); a buyer of a counterfeit claims w.p. notice and is
                paid ``compensation`` prices; returning is easier
    verified    a fee and days for each parcel; counterfeits are stopped, and some good ones, their buyers refunded
    traced      a code on each parcel; w.p. trace_reads those on the page move E towards the true mean quality, and
                the buyer of a counterfeit notices w.p. max(notice, trace_reads)
    try-on      realised fit noise x (1 - cut) for those who use it; a cost a day

The first two act on choice and parcels by way of :mod:`sim.state.goods`; here is what they cost and what is read.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.exposure import product_of, row_of
from sim.rules.reviews import learn
from sim.scenario.parameters import AssuranceParams
from sim.state.goods import goods, verified
from sim.state.ledger import CONSUMERS, REASON, SUPPLIER
from sim.state.world import fen


@njit(nogil=True, cache=True)
def _scan(lo: int, ids: Any, words: Any, key: Any, truth: Any, reads: Any, share: float, base: Any,
          expectation: Any) -> None:
    """People on the page of a traced product read where it comes from."""
    for x in range(len(words)):
        i, p = lo + row_of(words[x]), product_of(words[x])
        if reads[p] > 0.0 and uniform(entity_key(base, ids[i]), key[p]) < reads[p]:
            learn(expectation, i, p, truth[p], share)


@njit(nogil=True, cache=True)
def _claims(lived: Any, orders: Any, merchant: Any, notice: Any, multiple: Any, base: Any, owed: Any) -> None:
    """Add up what buyers of counterfeits claim today, fen by merchant into ``owed``."""
    for x in range(len(lived)):
        e = lived[x]
        m = merchant[e.product]
        if e.fake and not e.sample and multiple[m] > 0.0 and uniform(entity_key(base, e.key), 0) < notice[m]:
            owed[m] += np.int64(np.rint(multiple[m] * orders[e.order].price))


class Assurance(Mechanism):
    """Guarantees, verification, traceability, try-on."""

    name = "assurance"
    Params = AssuranceParams
    reads = ("id", "experiences", "orders", "ledger")
    writes = ("expectation", "bills")
    equation = "T' = T + c (1-T);  c = 1 - (1 - v sens)(1 - claim (1 + multiple));  fit noise x (1 - cut)"

    def prepare(self, view: Any, day: int) -> None:
        """What each merchant offers, and the true mean quality of its parcels."""
        p, world = self.params, view.world
        offers = [m.assurance for m in world.scenario.merchants]
        self.multiple = np.array([o.compensation for o in offers], float)
        self.traced = np.array([o.trace for o in offers], bool)
        self.notice = np.where(self.traced, max(p.notice, p.trace_reads), p.notice)
        self.readers = np.where(self.traced, p.trace_reads, 0.0)[world.products.merchant]
        held = goods(world)
        self.truth = world.products.quality + held.fake * (held.fake_quality - world.products.quality)
        self.verified = verified(world)
        self.tryon = [o.tryon > 0 for o in offers]

    def morning(self, view: Any, day: int) -> None:
        """Pay what buyers of counterfeits claim, and what try-on costs."""
        owed = np.zeros(len(self.multiple), np.int64)
        _claims(view.experiences.rows, view.orders.rows, view.world.products.merchant, self.notice, self.multiple,
                day_key(view.seed, Stream.CLAIM, 0), owed)
        count = np.bincount(view.world.products.merchant, minlength=len(owed))
        daily = fen(self.params.tryon_cost * view.world.scale)
        for m, fen_owed in enumerate(owed.tolist()):
            self._bill(view, m, CONSUMERS, fen_owed, "compensation")
            self._bill(view, m, SUPPLIER, daily * int(count[m]) if self.tryon[m] else 0, "assurance")

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Those who clicked may read the record."""
        if self.traced.any():
            _scan(lo, view.id, scratch.clicked.rows, view.world.products.key, self.truth, self.readers,
                  self.params.trace_learning, day_key(view.seed, Stream.TRACE, day), view.expectation)

    def evening(self, view: Any, day: int) -> None:
        """Each order paid today is verified and coded, at the merchant's cost; the platform verifies."""
        p, rows = self.params, view.orders.rows[view.orders.paid]
        owner = view.world.products.merchant[rows["product"]]
        for m in np.unique(owner).tolist():
            count = int((owner == m).sum())
            checked = round(count * self.verified[m] * 100 * p.verify_fee)
            at = int(rows["platform"][owner == m][0])
            platforms = len(view.world.platform_names)
            self._bill(view, m, view.ledger.platform0 + min(at, platforms - 1) if platforms else SUPPLIER, checked,
                       "verification")
            self._bill(view, m, SUPPLIER, round(count * 100 * p.trace_cost) if self.traced[m] else 0, "assurance")

    @staticmethod
    def _bill(view: Any, m: int, target: int, owed: int, reason: str) -> None:
        if owed > 0:
            view.bills.add(view.ledger.merchant0 + m, target, owed, REASON[reason], m)
