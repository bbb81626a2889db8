"""An empty day at a million people: what the engine costs when nothing happens.

    python tests/benchmarks/empty_day.py [--consumers 1000000] [--days 10] [--threads 1]

Two empty markets: ``off`` has every mechanism switched off that can be; ``unsold`` has all of them on, and products
that enter after the horizon, no budgets and no needs: people open platforms, and there is nothing to see.
For each: milliseconds a day by mechanism and, as ``engine``, what no mechanism and no book takes (blocks, buffers).
"""

from __future__ import annotations

import argparse
from typing import Any

import sim
from sim.bench.measure import CITY, live


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


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Print both profiles; milliseconds a day of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consumers", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    figures = {}
    for name, make in (("off", off), ("unsold", unsold)):
        found, _ = live(make(options.consumers), options.threads, options.days + 1)
        whole = 1e3 * found.wall / found.days
        print(f"{name}: {options.consumers:,} people, {options.threads} thread(s): {whole:.1f} ms a day "
              f"(built with its first day in {found.build + found.first_day:.1f} s)")
        for part, ms in found.by_name().items():
            print(f"  {part:12} {ms:8.2f} ms of processor time")
        figures[name] = whole
    return figures


if __name__ == "__main__":
    main()
