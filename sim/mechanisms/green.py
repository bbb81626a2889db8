"""Green goods (绿色消费): who cares and believes pays more for a green claim; points on top for members.

    worth     a_i/ref x price x w claim x care_i x T_im x belief_im, and a_i/ref x u points x claim for members, added
              to the own taste                                                                     (sim.rules.causes)
    points    per_order x claim for an order that is kept, into the programme's points: owed until spent (membership)
    false     a claim above the truth (漂绿) is found as any false claim is, by inspection (moderation); who hears of it
              loses the belief

Greenness is not met with on trial: only inspection shows it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Column, Mechanism
from sim.rng import Stream
from sim.rules.causes import disbelieve, lean
from sim.rules.packed import SHARE
from sim.scenario.parameters import GreenParams
from sim.state.claims import cares, green_claims
from sim.state.columns import packed
from sim.state.ledger import REASON
from sim.state.records import CANCELLED, RECEIVED, RETURNED, SETTLED


class Green(Mechanism):
    """Green claims, belief in them, and points."""

    name = "green"
    Params = GreenParams
    columns = (
        Column("green_care", ("N",), np.uint16, "0..1", "Care for what is green.", owner="green", packed=SHARE),
        Column("green_belief", ("N", "M"), np.uint16, "0..1", "Belief in the merchant's green claims.", owner="green",
               packed=SHARE),
        Column("green_worth", ("N", "P"), np.int16, "codes", "What of the taste is the claim's.", owner="green"),
        Column("green_told", ("N", "M"), np.uint8, "0/1", "Has taken the bad news in.", owner="green"),
        Column("green_points", ("M",), np.int64, "fen", "Points given for green orders so far.", owner="green"),
    )
    reads = ("id", "segment", "sensitivity", "trust_good", "trust_bad", "price", "orders", "orders_of", "told", "tier",
             "ledger")
    writes = ("taste", "green_care", "green_belief", "green_worth", "green_told", "green_points", "points", "bills")
    equation = "dV = a/ref (price w claim care T B + u points claim [member])"

    def prepare(self, view: Any, day: int) -> None:
        """Claims in force; who cares how much; on the first day what is believed."""
        self.claim, self.true = green_claims(view.world)
        merchants = max(1, len(view.world.merchants))
        self.false = np.zeros(merchants, bool)
        np.logical_or.at(self.false, view.world.products.merchant, self.claim > self.true)
        if not hasattr(self, "pending"):
            self.pending = np.zeros(0, np.int64)
            view.green_care[:] = cares(view, Stream.GREEN, "green")
            view.green_belief[:] = packed(self.params.prior, SHARE).astype(np.uint16)

    def morning(self, view: Any, day: int) -> None:
        """News; what the claims of the day are worth to whom."""
        world, p = view.world, self.params
        if view.told.size:
            disbelieve(view.told, view.green_told, self.false, p.shock, view.green_belief)
        products = world.products
        reference = 100.0 * products.reference
        worth = p.premium * self.claim * view.price / reference
        reward = p.points_worth * self._points(view) * self.claim / reference
        if worth.any() or reward.any() or view.green_worth.any():
            lean(worth, reward, products.merchant, view.sensitivity, float(world.scenario.mechanisms.choice.a_p),
                 view.green_care, view.green_belief, view.trust_good, view.trust_bad, view.tier, view.taste,
                 view.green_worth)

    @staticmethod
    def _points(view: Any) -> np.ndarray:
        """Fen of points for an order of each product at a claim of 1, float64[P]."""
        offers = [None if orders is None else orders.green_points for orders in view.orders_of]
        each = np.array([0.0 if o is None else 100.0 * o.per_order for o in offers], float)
        return np.asarray(each[view.world.products.merchant])

    def evening(self, view: Any, day: int) -> None:
        """Green orders that were kept earn their buyers points."""
        orders = view.orders.rows
        paid = view.orders.paid
        self.pending = np.concatenate([self.pending, paid[self.claim[orders["product"][paid]] > 0]])
        status = orders["status"][self.pending]
        final = np.isin(status, (RECEIVED, RETURNED, SETTLED, CANCELLED))
        kept = orders[self.pending[final & np.isin(status, (RECEIVED, SETTLED))]]
        self.pending = self.pending[~final]
        if len(view.tier) == 0 or len(kept) == 0:
            return
        won = np.rint(self._points(view) * self.claim).astype(np.int64)[kept["product"]]
        owner = view.world.products.merchant[kept["product"]]
        won = won * (view.tier[kept["consumer"], owner] > 0)
        np.add.at(view.points, (kept["consumer"], owner), won.astype(np.int32))
        for m in np.unique(owner[won > 0]).tolist():
            owed = int(won[owner == m].sum())
            view.green_points[m] += owed
            view.bills.add(view.ledger.merchant0 + m, view.ledger.points, owed, REASON["points_earned"], m)
