"""Platforms: feed policy, fees, traffic sold."""

from __future__ import annotations

from typing import Any

import mesa


class Platform(mesa.Agent):
    """A platform. Its policy is its scenario entry; one with a ``guard`` moves its ad load (:meth:`decide`)."""

    def __init__(self, model: mesa.Model, name: str, index: int) -> None:
        super().__init__(model)
        self.name = name
        self.index = index
        self.best = 0.0
        """Highest share of visitors who came back that it has measured."""

    @property
    def spec(self) -> Any:
        """The platform's entry in the scenario in force."""
        return self.model.world.scenario.platforms[self.index]

    @property
    def cash(self) -> float:
        """Fees and ads earned so far, yuan."""
        return float(self.model.ledger.balance[self.model.ledger.platform0 + self.index]) / 100.0

    @property
    def ad_load(self) -> float:
        """Bought slots in force, on those of the scenario."""
        return float(self.model.state.columns["ad_load"][self.index])

    def decide(self, returned: float, load: float) -> float:
        """The next ad load, given the share of visitors who ``returned`` lately and the ``load`` in force."""
        guard = self.spec.guard
        self.best = max(self.best, returned)
        step = -guard.step if returned < guard.keep * self.best else guard.step
        moved: float = min(guard.highest, max(guard.lowest, load * (1.0 + step)))
        return moved

    def plan(self, market: Any) -> Any:
        """The policy in force today."""
        return self.spec
