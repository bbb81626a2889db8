"""Which parameters matter: Morris over every ranged parameter, then Sobol over the ten that matter most.

    python docs/science/sensitivity.py [--jobs 2] [--trajectories 8] [--points 128]

Writes docs/science/morris.csv, sobol.csv, screening.svg and shares.svg. Markets are kept under results/ and an
interrupted run goes on. At the defaults 2,912 markets of 1,000 people and 60 days, a quarter of an hour
of one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

import sim

HERE = Path(__file__).parent
OUTCOMES = ["profit", "gmv", "new_buyers", "trust"]
CHANGES = {
    "market.consumers": 1000,
    "market.days": 60,
    "merchants.Lumi.plan.mix": {"ads": 0.3, "kol": 0.2, "koc": 0.3, "community": 0.1, "live": 0.1},
    "merchants.Lumi.plan.live": {"hosts": {"brand": 3}},
    "outcomes": OUTCOMES,
}
STRATEGY = "ads_and_kol"


def top(table: pd.DataFrame, count: int) -> list[str]:
    """The factors whose share of the largest effect, summed over the outcomes, is largest."""
    share = table["mu_star"] / table.groupby("outcome")["mu_star"].transform("max")
    return [str(f) for f in share.groupby(table["factor"]).sum().nlargest(count).index]


def main() -> None:
    """Run both analyses and write tables and figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--trajectories", type=int, default=8)
    parser.add_argument("--points", type=int, default=128)
    asked = parser.parse_args()
    scenario = sim.load("scenarios/koc_or_kol.yaml", set=CHANGES)
    common = {"strategies": [STRATEGY], "jobs": asked.jobs, "out": "results"}
    screened = sim.sensitivity(scenario, method="morris", over="all", samples=asked.trajectories, **common)
    screened.table.drop(columns=["of", "noise"]).to_csv(HERE / "morris.csv", index=False, float_format="%.5g")
    shares = sim.sensitivity(scenario, method="sobol", over=top(screened.table, 10), samples=asked.points, **common)
    shares.table.drop(columns=["of", "noise"]).to_csv(HERE / "sobol.csv", index=False, float_format="%.5g")
    screened.panels(12).savefig(HERE / "screening.svg")
    shares.panels(10).savefig(HERE / "shares.svg")


if __name__ == "__main__":
    main()
