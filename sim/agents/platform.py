"""Platforms: feed policy, fees, traffic sold."""

from __future__ import annotations

from typing import Any

import mesa


class Platform(mesa.Agent):
    """A platform. Its policy is its scenario entry; ``plan`` is the place where an adaptive one would change it."""

    def __init__(self, model: mesa.Model, name: str, index: int) -> None:
        super().__init__(model)
        self.name = name
        self.index = index

    @property
    def spec(self) -> Any:
        """The platform's entry in the scenario in force."""
        return self.model.world.scenario.platforms[self.index]

    @property
    def cash(self) -> float:
        """Fees and ads earned so far, yuan."""
        return float(self.model.ledger.balance[self.model.ledger.platform0 + self.index]) / 100.0

    def plan(self, market: Any) -> Any:
        """The policy in force today."""
        return self.spec
