"""A merchant that learns the terms of its group-buy (拼团)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from sim.agents.policies import Plan
from sim.gym.merchant import MerchantEnv

SIZES, HOURS, DISCOUNT = (2, 10), (2.0, 72.0), (0.0, 0.5)
"""Between which terms an action chooses."""


class GroupTerms(MerchantEnv):
    """Action: people a group needs, hours it has, and the cut of the price; each from the least to the most."""

    default: ClassVar[dict[str, Any]] = {
        "extends": ["presets/market/small_city.yaml", "presets/platforms/group_buy.yaml"],
        "market": {"consumers": 2000, "days": 60},
        "merchants": [{
            "name": "Orchard", "products": [
                {"name": "apples", "category": "food", "price": 60, "unit_cost": 25, "quality": 0.7, "cycle_days": 20,
                 "initial": {"aware": 0.2, "buyers": 0.02}}],
            "plan": {"budget_per_day": 100, "mix": {"ads": 1}, "group": {"size": 3, "hours": 24, "discount": 0.15}},
        }],
    }  # fmt: skip
    actions: ClassVar[tuple[str, ...]] = ("size", "hours", "discount")

    def _act(self, action: np.ndarray) -> None:
        size, hours, discount = (low + (high - low) * float(a) for a, (low, high) in
                                 zip(action, (SIZES, HOURS, DISCOUNT), strict=True))  # fmt: skip
        self._tell(Plan(group={"size": round(size), "hours": hours, "discount": discount}))
