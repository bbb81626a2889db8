"""Sets (组合套餐): several products, some of them in several units, sold as one at the price of the set.

    chosen      one alternative among those of its category; reference, quality, taste: sim.state.offers
    bought      units and the day of purchase count for everything in it, and it is known from then on
    met         E_k <- E_k + w (q_k + (Q - q) - E_k),  X_k <- X_k + x (S - X_k)   for each thing k in it

Q and q: the quality met with the set and its mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Mechanism
from sim.rules.memory import moved
from sim.rules.packed import FELT, QUALITY
from sim.scenario.parameters import BundleParams
from sim.state.columns import AWARE, packed, unpacked
from sim.state.offers import contents


class Bundles(Mechanism):
    """What a set leaves behind of the things in it."""

    name = "bundles"
    Params = BundleParams
    reads = ("orders", "experiences")
    writes = ("units", "last_purchase", "flags", "expectation", "experience")
    equation = "reference = sum ref (1 + d + .. + d^(n-1));  taste = mean of the things' tastes by that"

    def prepare(self, view: Any, day: int) -> None:
        """What is in each set; rates of learning."""
        scenario = view.world.scenario
        self.sets = contents(scenario, [(m, p) for m in scenario.merchants for p in m.products])
        self.rates = (float(scenario.mechanisms.delivery.expectation_rate),
                      float(scenario.mechanisms.delivery.experience_rate))

    def morning(self, view: Any, day: int) -> None:
        """Who has met a set has met what is in it."""
        lived, quality = view.experiences.rows, view.world.products.quality
        for b, (which, _) in self.sets.items():
            mine = lived[lived["product"] == b]
            if len(mine) == 0:
                continue
            mine = mine[np.argsort(mine["key"])]
            who = mine["consumer"]
            for k in which.tolist():
                met = quality[k] + mine["quality"] - quality[b]
                expected = unpacked(view.expectation[who, k], QUALITY)
                view.expectation[who, k] = packed(moved(expected, met, self.rates[0]), QUALITY)
                felt = unpacked(view.experience[who, k], FELT)
                view.experience[who, k] = packed(moved(felt, mine["satisfaction"], self.rates[1]), FELT)

    def evening(self, view: Any, day: int) -> None:
        """Who has bought a set today has bought what is in it."""
        sold = view.orders.rows[view.orders.paid]
        for b, (which, units) in self.sets.items():
            who = sold["consumer"][sold["product"] == b]
            for k, n in zip(which.tolist(), units.tolist(), strict=True):
                np.add.at(view.units[:, k], who, np.uint16(n))
                view.last_purchase[who, k] = day
                view.flags[who, k] |= AWARE
