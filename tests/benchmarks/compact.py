"""How many people fit: a market in the compact profile, its time and its memory, build included.

    python tests/benchmarks/compact.py [--consumers 10000000] [--days 7] [--threads 2]

A size that cannot fit is refused before anything is built, with the estimate. Memory is the peak of the process, less
what it held before the market was built. A hundred million people want a machine of 24 GiB for themselves.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import sim
from sim import catalogue
from sim.bench.measure import bytes_of, totals
from sim.state.size import estimate

COMPACT = Path(__file__).with_name("compact.yaml")


def peak() -> int:
    """Bytes this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Build, live the days, print; seconds to build, seconds a day, bytes a person at the peak."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consumers", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args(arguments)
    n = asked.consumers
    sim.Market(sim.load(COMPACT, set={"market.consumers": 2_000}), seed=1).run()  # compiles
    scenario = sim.load(COMPACT, set={"market.consumers": n, "market.days": asked.days})
    thought, before = estimate(scenario, catalogue.columns(scenario), n, asked.threads), peak()
    print(f"{n:,} people, estimate {thought.total / 2**30:.2f} GiB", flush=True)
    start = time.perf_counter()
    market = sim.Market(scenario, seed=1, threads=asked.threads, check=False)
    build = time.perf_counter() - start
    print(f"built in {build:.1f} s, peak {peak() / 2**30:.2f} GiB", flush=True)
    start = time.perf_counter()
    for _ in range(asked.days):
        market.step()
        print(f"day {market.day}: {time.perf_counter() - start:.1f} s, peak {peak() / 2**30:.2f} GiB", flush=True)
    day = (time.perf_counter() - start) / asked.days
    held = totals(bytes_of(market))
    print("bytes a person: " + ", ".join(f"{name} {size:.0f}" for name, size in held.items()))
    each = (peak() - before) / n
    print(f"peak {each:.0f} bytes a person; {n / day / 1e6:.2f} million consumer-days a second")
    return {"build": build, "day": day, "bytes": each}


if __name__ == "__main__":
    main()
