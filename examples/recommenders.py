"""What three recommenders do to variety in one market, beside the platform's own rule.

    python examples/recommenders.py
"""

from __future__ import annotations

from typing import Any

import pandas as pd

import sim
from sim.agents.recommenders import ContentBased, MatrixFactorised, Popularity
from sim.metrics.diversity import diversity

SHOPS: dict[str, Any] = {
    "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml"],
    "name": "Twelve small shops", "market": {"consumers": 1_500, "days": 90},
    "merchants": [
        {"name": f"Shop {k + 1}", "products": [
            {"name": "item", "category": ("beauty", "food", "home")[k % 3], "price": (80, 40, 120)[k % 3],
             "unit_cost": 20, "quality": 0.5 + 0.04 * k, "initial": {"aware": 0.1}}],
         "plan": {"budget_per_day": 20, "mix": {"koc": 1}}}
        for k in range(12)
    ],
    "focal": "Shop 1",
}  # fmt: skip
FEEDS = {
    "own rule": None, "popularity": Popularity(), "content-based": ContentBased(), "factorised": MatrixFactorised(),
}  # fmt: skip


def main(consumers: int = 1_500, days: int = 90, seeds: int = 3) -> pd.DataFrame:
    """Live each, and print the means over seeds."""
    scenario = sim.load(SHOPS, set={"market.consumers": consumers, "market.days": days})
    rows = {}
    for name, feed in FEEDS.items():
        lived = []
        for seed in range(seeds):
            market = sim.Market(scenario, seed=seed, policies={"notes": feed} if feed else None, check=False)
            market.run()
            lived.append({**diversity(market), "orders": market.state.columns["sold"].sum()})
        rows[name] = pd.DataFrame(lived).mean()
    table = pd.DataFrame(rows).T
    print(table.round(3).to_string())
    return table


if __name__ == "__main__":
    main()
