"""The speed of the whole market: 100,000 people x 8 products x 180 days, every core mechanism on.

    python tests/benchmarks/speed.py [--consumers 100000] [--days 180] [--threads 1 2] [--repeats 3] [--check]

One size in depth, where ``sim bench`` looks at several (the code is the same: ``sim/bench``). Prints the seconds to
build and to live, consumer-days a second, bytes a person, and where the time went. Medians over interleaved repeats;
compiling and the first day are not counted.
"""

from __future__ import annotations

import argparse
from statistics import median

from sim.bench.measure import bytes_of, city, live, totals, warm
from sim.bench.profile import Profile


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
    warm()
    found: dict[int, list[Profile]] = {threads: [] for threads in options.threads}
    for _ in range(options.repeats):
        for threads in options.threads:
            said, market = live(scenario, threads, options.days, options.check)
            found[threads].append(said)
    print(f"{options.consumers:,} people x {len(market.world.product_names)} products x {options.days} days, "
          f"median of {options.repeats}; building took {said.build:.1f} s")
    for threads, runs in found.items():
        print(f"  {threads} thread(s): {median(r.wall for r in runs):6.1f} s  "
              f"{median(r.rate for r in runs):12,.0f} consumer-days/s, {median(r.busy_rate for r in runs):,.0f} in a "
              f"second of processor time  (all: {', '.join(f'{r.wall:.1f}' for r in runs)})")
    print("  bytes a person: " + ", ".join(f"{name} {size:.0f}" for name, size in totals(bytes_of(market)).items()))
    print("  milliseconds of processor time a day, last run:")
    for name, ms in said.by_name().items():
        print(f"    {name:12} {ms:8.2f}")
    print(f"  orders {len(market.state.table('orders')):,}, shares {len(market.state.table('shares')):,}")
    return {threads: median(r.rate for r in runs) for threads, runs in found.items()}


if __name__ == "__main__":
    main()
