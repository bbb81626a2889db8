"""What mesa's tools find in a market: a DataCollector that is filled at the end of every day.

Put another collector in ``market.datacollector`` and that one is filled instead.
"""

from __future__ import annotations

import math
from typing import Any

import mesa
import numpy as np

from sim.contract import COUNT

TOTALS = ("impressions", "clicks", "orders", "gmv")


class Diary(mesa.DataCollector):
    """Day, running totals of the whole market (``total_...``), and the outcomes of the scenario.

    Outcomes are those of the focal merchant. They are worked out only when somebody looks at a finished market, for its
    last day, and are NaN before; so a market that nobody asks pays nothing for them.
    """

    def __init__(self, outcomes: Any) -> None:
        self._vars: dict[str, list[float]] = {}
        self._market: Any = None
        self._outcomes = tuple(outcomes)
        super().__init__()
        for name in ("day", *(f"total_{n}" for n in TOTALS), *self._outcomes):
            self._vars[name] = []
            self.model_reporters[name] = name

    def collect(self, model: Any) -> None:
        """Note the day just lived."""
        self._market = model
        if hasattr(self, "_collection_steps"):  # mesa 3.5 looks rows up by step
            self._collection_steps.append(model.steps)
        self._vars["day"].append(float(model.day - 1))
        tally, weight = model.state.shared["tally"], model.scenario.market.weight
        counts = np.add.reduce(tally.reshape(len(tally), -1), axis=1).tolist()
        for name in TOTALS:
            held = self._vars[f"total_{name}"]
            today = float(counts[COUNT[name]]) * weight * (0.01 if name == "gmv" else 1.0)
            held.append((held[-1] if held else 0.0) + (today if model.day > 0 else 0.0))
        for name in self._outcomes:
            self._vars[name].append(math.nan)

    @property
    def model_vars(self) -> dict[str, list[float]]:
        """Values by reporter and day; mesa reads them here."""
        market = self._market
        if self._outcomes and market is not None and not market.running:
            result = market.result()
            for name in self._outcomes:
                self._vars[name][-1] = float(result.outcome(name))
            self._market = None
        return self._vars

    @model_vars.setter
    def model_vars(self, value: dict[str, list[float]]) -> None:
        self._vars = value
