"""Four merchants of one's own play each other for two shops that sell the same thing.

    python examples/shop_duel.py
"""

from __future__ import annotations

from typing import Any

import sim

DUEL: dict[str, Any] = {
    "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml"],
    "name": "Two shops", "market": {"consumers": 1_500, "days": 60},
    "merchants": [
        {"name": name, "products": [
            {"name": "serum", "category": "beauty", "price": 199, "unit_cost": 80, "quality": 0.7, "cycle_days": 45,
             "initial": {"aware": 0.3, "buyers": 0.03, "reviews": 100, "rating": 4.4}}],
         "plan": {"budget_per_day": 80, "mix": {"ads": 1, "koc": 1}}}
        for name in ("North", "South")
    ],
    "focal": "North",
}  # fmt: skip


class Discounter(sim.MerchantPolicy):
    """Always a fifth off."""

    def plan(self, view: Any) -> sim.Plan:
        return sim.Plan(discount=0.2)


class Follower(sim.MerchantPolicy):
    """Never dearer than the cheapest rival, nor sold at less than cost and a tenth."""

    def plan(self, view: Any) -> sim.Plan:
        own, lowest = view.products[0], min(rival.price for rival in view.rivals)
        price = min(own.list_price, max(lowest, 1.1 * own.unit_cost))
        return sim.Plan(discount=1.0 - price / own.list_price)


class Launcher(sim.MerchantPolicy):
    """All the money in the first third of the time, nothing after."""

    def plan(self, view: Any) -> sim.Plan:
        return sim.Plan(budget_per_day=240.0 if 3 * view.day < view.days else 0.0)


PLAYERS = {"as planned": None, "discounter": Discounter(), "follower": Follower(), "launcher": Launcher()}


def main(replications: int = 8, consumers: int = 1_500, days: int = 60) -> None:
    """Play, and print the table."""
    scenario = sim.load(DUEL, set={"market.consumers": consumers, "market.days": days})
    found = sim.tournament(scenario, PLAYERS, replications=replications)
    print(found)
    print("\nprofit of the row above the column when they met, yuan:")
    print(found.margins.round(0).to_string())


if __name__ == "__main__":
    main()
