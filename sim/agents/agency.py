"""Agencies of creators (MCN): whom they have signed, what they ask of merchants, who passes posts on."""

from __future__ import annotations

from collections import deque
from typing import Any

import mesa
import numpy as np


class Agency(mesa.Agent):
    """An agency. It knows what its own creators sold, and to whom."""

    def __init__(self, model: mesa.Model, name: str, index: int) -> None:
        super().__init__(model)
        self.name = name
        self.index = index
        self.sold: deque[tuple[int, int]] = deque()
        """Day and merchant of each post sold within the days of a package."""

    @property
    def spec(self) -> Any:
        """The agency's entry in the scenario in force."""
        return self.model.world.scenario.agencies[self.index]

    @property
    def members(self) -> np.ndarray:
        """int64[n], positions of its creators in ``model.creators``."""
        return np.flatnonzero(self.model.roster.agency == self.index)

    @property
    def cash(self) -> float:
        """Earned so far, yuan."""
        return float(self.model.ledger.balance[self.model.ledger.agency0 + self.index]) / 100.0

    def plan(self, market: Any) -> np.ndarray:
        """float64[M], what it takes off its creators' fees tomorrow: the package price for those who booked enough."""
        spec = self.spec
        while self.sold and self.sold[0][0] <= market.day - spec.package_days:
            self.sold.popleft()
        booked = np.bincount([m for _, m in self.sold], minlength=len(market.world.merchants))
        return np.where(booked >= spec.package, spec.discount, 0.0)
