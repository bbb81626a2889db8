"""A merchant that learns how much to spend, and where."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from sim.agents.policies import MerchantPolicy, Plan
from sim.agents.sight import merchant_view
from sim.contract import CHANNELS
from sim.gym.environment import MarketEnv, squashed

MIX = ("ads", "kol", "koc", "community")
COUNTS = ("impressions", "clicks", "orders", "gmv")


class Puppet(MerchantPolicy):
    """Plans what it was last told to."""

    looks = False

    def __init__(self) -> None:
        self.wanted: Plan | None = None

    def plan(self, view: Any) -> Plan | None:
        """What it was told."""
        return self.wanted


class MerchantEnv(MarketEnv):
    """The learner is a merchant; the reward is the growth of its worth (cash, open orders at their expected settlement,
    stock at cost, less what it owes), so the rewards of an episode add up to its profit."""

    observed: ClassVar[tuple[str, ...]] = (
        "day", "cash", "worth", "buyers", "members", "roas", "paid", "stars", "cheapest rival",
        *(f"{count} {channel}" for count in COUNTS for channel in CHANNELS),
    )  # fmt: skip

    def _policies(self) -> dict[str, Any]:
        return {self.player: Puppet()}

    def _begin(self) -> None:
        self.merchant = next(m for m in self.market.merchants if m.name == self.player)

    def _tell(self, plan: Plan) -> None:
        self.merchant.policy.wanted = plan

    def _wealth(self) -> float:
        book, scale = self.market.book, self.market.world.scale
        worth = book.worth[book.days - 1, self.merchant.index] if book.days else self.merchant.cash
        return float(worth / scale)

    def _observe(self) -> np.ndarray:
        view = merchant_view(self.market, self.merchant, None)
        rival = min((r.price for r in view.rivals), default=0.0) / view.products[0].list_price
        said = [view.day / view.days * 10, view.cash, view.worth, view.buyers, view.members, min(view.roas, 1e3),
                sum(view.paid.values()), view.products[0].seen.stars, rival]  # fmt: skip
        return squashed(said + [getattr(view.yesterday, n)[c] for n in COUNTS for c in CHANNELS])


class MerchantBudget(MerchantEnv):
    """Action: the share of ``most`` yuan a day that is spent, and the weights of the channels it is divided by."""

    default: ClassVar[dict[str, Any]] = {
        "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml"],
        "market": {"consumers": 2000, "days": 90},
        "merchants": [{
            "name": "Lumi", "products": [
                {"name": "serum", "category": "beauty", "price": 199, "unit_cost": 60, "quality": 0.8, "cycle_days": 45,
                 "initial": {"aware": 0.05}}],
            "plan": {"budget_per_day": 400, "mix": {"ads": 1}},
        }],
    }  # fmt: skip
    actions: ClassVar[tuple[str, ...]] = ("budget", *MIX)

    def __init__(self, *given: Any, most: float = 1000.0, **more: Any) -> None:
        super().__init__(*given, **more)
        self.most = most

    def _act(self, action: np.ndarray) -> None:
        mix = dict(zip(MIX, (action[1:] + 1e-6).tolist(), strict=True))
        self._tell(Plan(budget_per_day=float(self.most * action[0]), mix=mix))
