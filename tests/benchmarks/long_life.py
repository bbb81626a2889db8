"""A long life and many short ones: what a process holds, as days and markets go by.

    python tests/benchmarks/long_life.py [--consumers 200000] [--days 1095] [--threads 2]     one market
    python tests/benchmarks/long_life.py --runs 10000                                         many, in this process

Of the long market: megabytes resident, and how much of it is history (records kept for good); the rest must stay what
it was on day 30. Of the many: megabytes, objects, threads and open files after each tenth of them.
"""

from __future__ import annotations

import argparse
import gc
import os
import threading
import time
from pathlib import Path

import sim
from sim.bench.measure import CITY

MB = 1e6


def resident() -> float:
    """Megabytes this process holds, what nobody refers to let go."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB


def history(market: sim.Market) -> float:
    """Megabytes of records in use."""
    return sum(table.rows.nbytes for table in market.state.shared.values() if hasattr(table, "reserve")) / MB


def long(consumers: int, days: int, threads: int) -> float:
    """One market; megabytes that are no history, on the last day less those on day 30."""
    scenario = sim.load(CITY, set={"market.consumers": consumers, "market.days": days})
    market = sim.Market(scenario, seed=1, threads=threads, check=False)
    start, base = time.perf_counter(), 0.0
    print(f"{'day':>6} {'resident MB':>12} {'history MB':>11} {'rest MB':>9} {'files':>6} {'seconds':>8}")
    while market.day < days:
        market.step()
        if market.day == 30 or market.day % 180 == 0 or market.day == days:
            now, kept = resident(), history(market)
            base = base or now - kept
            files = len(list(Path("/proc/self/fd").iterdir()))
            spent = time.perf_counter() - start
            print(f"{market.day:6} {now:12.0f} {kept:11.0f} {now - kept:9.0f} {files:6} {spent:8.0f}", flush=True)
    return now - kept - base


def many(runs: int) -> float:
    """That many small markets; megabytes after the last less those after the first tenth."""
    scenario = sim.load(CITY, set={"market.consumers": 200, "market.days": 5})
    held = []
    print(f"{'runs':>7} {'resident MB':>12} {'objects':>9} {'threads':>8} {'files':>6}")
    for k in range(1, runs + 1):
        sim.Market(scenario, seed=k).run()
        if k % max(1, runs // 10) == 0:
            held.append(resident())
            files = len(list(Path("/proc/self/fd").iterdir()))
            things, threads = len(gc.get_objects()), threading.active_count()
            print(f"{k:7,} {held[-1]:12.1f} {things:9,} {threads:8} {files:6}", flush=True)
    return held[-1] - held[0]


def main(arguments: list[str] | None = None) -> float:
    """Live and print; megabytes gained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consumers", type=int, default=200_000)
    parser.add_argument("--days", type=int, default=1_095)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=0)
    asked = parser.parse_args(arguments)
    gained = many(asked.runs) if asked.runs else long(asked.consumers, asked.days, asked.threads)
    print(f"gained {gained:+.1f} MB")
    return gained


if __name__ == "__main__":
    main()
