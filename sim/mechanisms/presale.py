"""Made when enough have ordered (预售, C2M): paid orders wait for the batch.

    window        orders are paid and held; buyers are told the day on which the batch is to leave, and mind the wait
    closing       votes >= MOQ: a batch of the votes is made, paid at once, and leaves lead_days later
                  else, refund: everybody gets the money back;  make: the MOQ is made, and what nobody ordered is stock

Acts for products with ``presale``. Before the window opens and after it closes a product has no more than its stock.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Column, Mechanism
from sim.scenario.parameters import PresaleParams
from sim.state.columns import CALLED_OFF
from sim.state.ledger import REASON, SUPPLIER
from sim.state.replenishment import unit_cost

SOON, OPEN_NOW, MADE, REFUNDED = range(4)


class Presale(Mechanism):
    """Orders that are votes."""

    name = "presale"
    Params = PresaleParams
    columns = (
        Column("votes", ("P",), np.int64, "units", "Paid orders of the presale, as counted when it closed.",
               owner="presale"),
        Column("made", ("P",), np.int64, "units", "Units made for the presale.", owner="presale"),
        Column("campaign", ("P",), np.uint8, "code", "0 not open yet, 1 open, 2 made, 3 refunded.", owner="presale"),
    )
    reads = ("sold", "orders", "ledger")
    writes = ("votes", "made", "campaign", "release", "announced", "wait", "stock", "bills")
    equation = "votes >= MOQ: make votes, leave lead_days later;  else refund, or make the MOQ"

    def prepare(self, view: Any, day: int) -> None:
        """Which products are sold before they are made."""
        specs = [p.presale for m in view.world.scenario.merchants for p in m.products]
        self.presold = [(p, spec) for p, spec in enumerate(specs) if spec is not None]

    def morning(self, view: Any, day: int) -> None:
        """Windows open and close; the wait of today's buyers."""
        for p, spec in self.presold:
            ends = spec.from_day + spec.days
            if view.campaign[p] <= OPEN_NOW and day < spec.from_day:
                view.stock[p] = 0
            elif view.campaign[p] == SOON:
                view.stock[p] = -1
                view.campaign[p] = OPEN_NOW
                view.announced[p] = view.release[p] = ends + spec.lead_days
            if view.campaign[p] == OPEN_NOW and day >= ends:
                self._close(view, day, p, spec)
            view.wait[p] = max(0.0, float(view.announced[p] - day)) if view.campaign[p] in (OPEN_NOW, MADE) else 0.0

    def _close(self, view: Any, day: int, p: int, spec: Any) -> None:
        """Make the batch, or call it off."""
        world = view.world
        moq, votes = max(1, round(spec.moq * world.scale)), int(view.orders.to_ship[p])
        view.votes[p] = votes
        view.stock[p] = 0
        if votes < moq and spec.fallback == "refund":
            view.campaign[p] = REFUNDED
            view.release[p] = CALLED_OFF
            return
        units, m = max(votes, moq), int(world.products.merchant[p])
        cost = unit_cost(float(world.products.unit_cost[p]), units, spec.cost_batch * world.scale, spec.scale_effect)
        view.campaign[p] = MADE
        view.made[p] = units
        view.stock[p] = units - votes
        view.release[p] = day + spec.lead_days
        if units * cost > 0:
            view.bills.add(view.ledger.merchant0 + m, SUPPLIER, round(units * cost), REASON["supply"], m)
