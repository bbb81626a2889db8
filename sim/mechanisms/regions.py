"""Where people live: payments that fail, and the rent of warehouses (前置仓, 海外仓).

    payment       goes through w.p. payment_success of the buyer's region, drawn once for each intent
    rent          of a region's warehouse, divided evenly among the merchants

What else a region changes acts where it belongs: delivery time and surcharge at the till, the wait in choice, promise
and returns refused at the door. People who join a friend's group have paid elsewhere; their payments do not fail here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Column, Mechanism
from sim.rng import Stream
from sim.scenario.parameters import RegionsParams
from sim.state.ledger import CARRIER, REASON, split
from sim.state.population import uniforms

ONE = np.ones(1, np.uint64)


class Regions(Mechanism):
    """Distance, as money and payments feel it."""

    name = "regions"
    Params = RegionsParams
    columns = (
        Column("unpaid", ("P",), np.int64, "orders", "Payments that failed so far.", owner="regions"),
    )
    reads = ("region", "ledger")
    writes = ("unpaid", "intents", "bills")
    equation = "P(paid) = payment_success of the region"

    def prepare(self, view: Any, day: int) -> None:
        """Payment success float64[regions]; rent of a day, fen."""
        regions = view.world.scenario.logistics.regions
        self.success = np.array([r.payment_success for r in regions], float)
        self.all_pay = bool((self.success >= 1.0).all())
        self.rent = round(100.0 * view.world.scale * sum(r.rent for r in regions))

    def morning(self, view: Any, day: int) -> None:
        """Rent."""
        if self.rent == 0:
            return
        for m, part in enumerate(split(self.rent, np.ones(len(view.world.merchants))).tolist()):
            if part > 0:
                view.bills.add(view.ledger.merchant0 + m, CARRIER, part, REASON["region"], m)

    def evening(self, view: Any, day: int) -> None:
        """Who cannot pay does not buy."""
        if self.all_pay or len(view.intents) == 0:
            return
        rows = view.intents.rows
        luck = uniforms(view.seed, int(Stream.PAYMENT), rows["key"].copy(), ONE)[:, 0]
        paid = luck < self.success[view.region[rows["consumer"]]]
        np.add.at(view.unpaid, rows["product"][~paid], 1)
        view.intents.keep(paid)
