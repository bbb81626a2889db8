"""Platforms: feed policy, fees, traffic sold."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import mesa

from sim.agents.policies import PlatformPlan, PlatformPolicy, platform_changes
from sim.agents.sight import platform_view
from sim.state.world import retuned

FEEDERS = ("visits", "feed", "sharing", "occasions", "creators", "agencies")
"""Mechanisms that prepare tables of what a policy can tune; the others look at it when they need it, or never."""


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
            view: Any = platform_view(market, self, now) if self.policy.looks else None
            self.tuned |= platform_changes(self.policy.plan(view), f"policies.{self.name}")
        return self.spec.model_copy(update=self.tuned) if self.tuned else self.spec


def tune(market: Any) -> None:
    """Put in force what platforms with a policy want from today on."""
    if all(p.policy is None for p in market.platforms):
        return
    now = market.world
    world = retuned(now, [p.plan(market) for p in market.platforms])
    if all(a is b or (a == b).all() for a, b in zip(world.platforms, now.platforms, strict=True)):
        return
    market.state.world = market.state.shared["world"] = world
    for name, mechanism in market.mechanisms.items():
        view = market.views[name]
        view.world = world
        if name in FEEDERS or not type(mechanism).__module__.startswith("sim.mechanisms."):
            mechanism.prepare(view, market.day)
