"""Platforms: feed policy, fees, traffic sold."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import mesa

from sim.agents.policies import PlatformPlan, PlatformPolicy, platform_changes
from sim.agents.sight import platform_view
from sim.state.world import retuned


class Platform(mesa.Agent):
    """A platform. What it does is its scenario entry, tuned by its policy if it has one; one with a ``guard`` moves its
    ad load (:meth:`decide`)."""

    def __init__(self, model: mesa.Model, name: str, index: int) -> None:
        super().__init__(model)
        self.name = name
        self.index = index
        self.policy: PlatformPolicy | None = None
        """Who tunes the feed (:mod:`sim.agents.policies`)."""
        self.recommender: Any = None
        """Who ranks it (:mod:`sim.agents.recommenders`)."""
        self.named: dict[str, Any] = {}
        """Entries of the scenario that these were made from."""
        self.tuned: dict[str, Any] = {}
        """What the policy has changed so far, by field of the scenario."""
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
        """The entry of the scenario in force today, with what the policy has tuned."""
        if self.policy is not None:
            names = [f.name for f in fields(PlatformPlan)]
            now = {name: self.tuned.get(name, getattr(self.spec, name)) for name in names}
            plan = self.policy.plan(platform_view(market, self, now))
            self.tuned |= platform_changes(plan, f"policies.{self.name}")
        return self.spec.model_copy(update=self.tuned) if self.tuned else self.spec


def tuned(market: Any) -> Any:
    """The world as platforms with a policy want it today; the market's own where they want nothing else."""
    if all(p.policy is None for p in market.platforms):
        return market.world
    world = retuned(market.world, [p.plan(market) for p in market.platforms])
    same = all((a == b).all() for a, b in zip(world.platforms, market.world.platforms, strict=True))
    return market.world if same else world
