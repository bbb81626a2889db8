"""An empty day at a million people: what the engine costs when nothing happens.

    python tests/benchmarks/empty_day.py [--consumers 1000000] [--days 10] [--threads 1]

Two empty markets: ``off`` has every mechanism switched off that can be; ``unsold`` has all of them on, and products
that enter after the horizon, no budgets and no needs: people open platforms, and there is nothing to see.
For each: milliseconds a day by mechanism and, as ``engine``, what no mechanism takes (views, buffers, books).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

import sim

CITY = Path(__file__).with_name("city.yaml")


def off(consumers: int) -> Any:
    """Every mechanism disabled."""
    city = sim.load(CITY, set={"market.consumers": consumers})
    names = [name for name, params in city.mechanisms if hasattr(params, "enabled")]
    return city.with_set({f"mechanisms.{name}.enabled": False for name in names})


def unsold(consumers: int) -> Any:
    """All mechanisms on, nothing on sale, nothing needed, nobody paid."""
    changes: dict[str, Any] = {"market.consumers": consumers, "mechanisms.occasions.need": False}
    city = sim.load(CITY)
    for merchant in city.merchants:
        changes[f"merchants.{merchant.name}.plan.budget_per_day"] = 0
        for product in merchant.products:
            changes[f"merchants.{merchant.name}.products.{product.name}.enters"] = 1000
            changes[f"merchants.{merchant.name}.products.{product.name}.initial"] = {"aware": 0, "buyers": 0}
    return city.with_set(changes)


def profile(scenario: Any, days: int, threads: int) -> tuple[float, float, dict[str, float]]:
    """Seconds to build, milliseconds a day, and milliseconds a day by mechanism; the first day is not counted."""
    start = perf_counter()
    market = sim.Market(scenario, seed=1, threads=threads, check=False)
    market.step()
    built = perf_counter() - start
    market.seconds.clear()
    start = perf_counter()
    for _ in range(days):
        market.step()
    whole = 1000.0 * (perf_counter() - start) / days
    by_mechanism = {name: 1000.0 * s / days for name, s in market.seconds.items()}
    by_mechanism["engine"] = whole - sum(by_mechanism.values())
    return built, whole, by_mechanism


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Print both profiles; milliseconds a day of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consumers", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    figures = {}
    for name, make in (("off", off), ("unsold", unsold)):
        built, whole, parts = profile(make(options.consumers), options.days, options.threads)
        print(f"{name}: {options.consumers:,} people, {options.threads} thread(s): {whole:.1f} ms a day "
              f"(built with its first day in {built:.1f} s)")
        for part, ms in sorted(parts.items(), key=lambda item: -item[1]):
            print(f"  {part:12} {ms:8.2f} ms")
        figures[name] = whole
    return figures


if __name__ == "__main__":
    main()
