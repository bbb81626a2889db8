"""The speed of the whole market: 100,000 people x 8 products x 180 days, every core mechanism on.

    python tests/benchmarks/speed.py [--consumers 100000] [--days 180] [--threads 1 2] [--repeats 3] [--check]

A small market runs first, so that compiling is not counted. Prints the seconds to build and to live, consumer-days a
second, bytes of state a person, and where the time of the last run went. Medians over interleaved repeats.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import sim

CITY = Path(__file__).with_name("city.yaml")


def city(consumers: int, days: int) -> Any:
    """The benchmark's scenario at another size."""
    return sim.load(CITY, set={"market.consumers": consumers, "market.days": days})


def live(scenario: Any, threads: int, check: bool = False) -> tuple[float, float, Any]:
    """Seconds to build, seconds to live, the market."""
    start = perf_counter()
    market = sim.Market(scenario, seed=7, threads=threads, check=check)
    built = perf_counter() - start
    start = perf_counter()
    for _ in range(scenario.market.days):
        market.step()
    return built, perf_counter() - start, market


def bytes_a_person(market: Any) -> dict[str, float]:
    """Bytes of state a person: columns, the network, and the records at the end of the run."""
    n = len(market.consumers)
    net, state = market.network, market.state
    tables = [t for t in state.shared.values() if hasattr(t, "reserve")]
    return {
        "columns": sum(c.nbytes for c in state.columns.values()) / n,
        "network": sum(a.nbytes for a in (net.indptr, net.indices, net.stored, net.starts)) / n,
        "records": sum(t.rows.nbytes for t in tables) / n,
    }


def main(arguments: list[str] | None = None) -> dict[int, float]:
    """Run, print; consumer-days a second by number of threads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consumers", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--check", action="store_true", help="check the invariants every day, as runs of this size do")
    options = parser.parse_args(arguments)
    scenario = city(options.consumers, options.days)
    live(city(min(2000, options.consumers), min(30, options.days)), 1)
    seconds: dict[int, list[float]] = {threads: [] for threads in options.threads}
    for _ in range(options.repeats):
        for threads in options.threads:
            built, lived, market = live(scenario, threads, options.check)
            seconds[threads].append(lived)
    work = options.consumers * options.days
    print(f"{options.consumers:,} people x {len(market.world.product_names)} products x {options.days} days, "
          f"median of {options.repeats}; building took {built:.1f} s")
    for threads, runs in seconds.items():
        print(f"  {threads} thread(s): {median(runs):6.1f} s  {work / median(runs):12,.0f} consumer-days/s  "
              f"(all: {', '.join(f'{r:.1f}' for r in runs)})")
    memory = bytes_a_person(market)
    print("  bytes a person: " + ", ".join(f"{name} {size:.0f}" for name, size in memory.items()))
    print("  seconds by mechanism, last run (summed over threads):")
    for name, s in sorted(market.seconds.items(), key=lambda item: -item[1]):
        print(f"    {name:12} {s:6.2f}")
    print(f"  orders {len(market.state.table('orders')):,}, shares {len(market.state.table('shares')):,}")
    return {threads: work / median(runs) for threads, runs in seconds.items()}


if __name__ == "__main__":
    main()
