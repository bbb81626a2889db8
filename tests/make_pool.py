"""Makes ``pool.parquet``: 2,000 replications of a small market under two strategies, for experiments to be drawn from.

    python tests/make_pool.py [--jobs 2] [--out FOLDER]

Ten minutes on two cores; it may be interrupted and started again. The tests read the stored file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.experiments.store import write_parquet
from sim.experiments.sweep import sweep
from sim.scenario import load

HERE = Path(__file__).resolve().parent
STRATEGIES = ("koc_first", "ads_and_kol")
SIZE = 2_000


def main() -> None:
    """Run what is missing, and write the pool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("results"))
    options = parser.parse_args()
    scenario = load(HERE.parent / "scenarios" / "koc_or_kol.yaml",
                    set={"market.consumers": 1_000, "market.days": 20, "market.warmup": 0})  # fmt: skip
    found = sweep(scenario, {"strategy": list(STRATEGIES)}, replications=SIZE, daily=False, jobs=options.jobs,
                  out=options.out)  # fmt: skip
    wide = found.runs.pivot(index="replication", columns="strategy", values=["profit", "gmv"])
    wide.columns = [f"{metric} {strategy}" for metric, strategy in wide.columns]
    write_parquet(wide.reset_index(drop=True), HERE / "pool.parquet")


if __name__ == "__main__":
    main()
