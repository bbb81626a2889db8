"""A platform that learns how many goods to show, and how to rank them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

import numpy as np

from sim.agents.policies import PlatformPlan, PlatformPolicy
from sim.agents.sight import platform_view
from sim.contract import CHANNELS
from sim.gym.environment import MarketEnv, squashed
from sim.gym.merchant import COUNTS

RANGES = {"commercial_load": (0.02, 0.6), "explore": (0.0, 0.5), "personalisation": (0.0, 1.0), "theta_fit": (0.0, 6.0),
          "theta_pop": (0.0, 1.5)}  # fmt: skip
"""Settings an action chooses, from the least to the most."""


class Puppet(PlatformPolicy):
    """Plans what it was last told to."""

    looks = False

    def __init__(self) -> None:
        self.wanted: PlatformPlan | None = None

    def plan(self, view: Any) -> PlatformPlan | None:
        """What it was told."""
        return self.wanted


class PlatformFeed(MarketEnv):
    """Action: the settings of ``RANGES``. Reward: fees and ads earned, yuan. Who shows more goods earns more today, and
    tires people, who come back less."""

    default: ClassVar[dict[str, Any]] = {
        "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml"],
        "market": {"consumers": 2000, "days": 90},
        "merchants": [
            {"name": name, "products": [
                {"name": "item", "category": category, "price": price, "unit_cost": price / 3, "quality": quality,
                 "initial": {"aware": 0.1}}],
             "plan": {"budget_per_day": 150, "mix": {"ads": 1, "koc": 1}}}
            for name, category, price, quality in (("Lumi", "beauty", 199, 0.8), ("Moss", "beauty", 99, 0.5),
                                                   ("Orchard", "food", 60, 0.7))
        ],
        "focal": "Lumi",
    }  # fmt: skip
    actions: ClassVar[tuple[str, ...]] = tuple(RANGES)
    observed: ClassVar[tuple[str, ...]] = (
        "day", "visitors", "income", *(f.name for f in fields(PlatformPlan)),
        *(f"{count} {channel}" for count in COUNTS for channel in CHANNELS),
    )  # fmt: skip

    def _usual(self) -> str:
        return str(self.scenario.platforms[0].name)

    def _policies(self) -> dict[str, Any]:
        return {self.player: Puppet()}

    def _begin(self) -> None:
        self.platform = next(p for p in self.market.platforms if p.name == self.player)

    def _act(self, action: np.ndarray) -> None:
        ranges = zip(action.tolist(), RANGES.items(), strict=True)
        said = {name: low + (high - low) * a for a, (name, (low, high)) in ranges}
        self.platform.policy.wanted = PlatformPlan(**said)

    def _wealth(self) -> float:
        return float(self.platform.cash / self.market.world.scale)

    def _observe(self) -> np.ndarray:
        spec, tuned = self.platform.spec, self.platform.tuned
        now = {f.name: float(tuned.get(f.name, getattr(spec, f.name))) for f in fields(PlatformPlan)}
        view = platform_view(self.market, self.platform, now)
        said = [view.day / view.days * 10, view.visitors, view.income, *now.values()]
        return squashed(said + [getattr(view.yesterday, n)[c] for n in COUNTS for c in CHANNELS])
