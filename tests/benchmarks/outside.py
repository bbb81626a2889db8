"""A mechanism written outside is as fast as one inside: the same source, as a plug-in and as a part of the package.

    python tests/benchmarks/outside.py [--consumers 100000] [--days 12] [--repeats 5]

The lottery of ``examples`` is loaded from its file, and, in runs between those, copied into a folder that the package
``sim.mechanisms`` looks into and put into the order of the day. Prints processor milliseconds a day of its block hook,
medians, and their ratio.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import sim
import sim.mechanisms
from sim import catalogue, plugins
from sim.market import Market

FILE = Path(__file__).resolve().parents[2] / "examples" / "lottery.py"
MARKET = {"mechanisms.lottery.share": 0.05, "market.reference_consumers": 2000}


def lived(scenario: Any) -> tuple[float, int]:
    """Milliseconds a day of the block hook, and coupons won, which must agree."""
    market = Market(scenario, seed=1, check=False)
    market.step()  # compiles
    market.seconds = {}
    market.run()
    days = scenario.market.days - 1
    return 1000 * market.seconds["lottery", "block"] / days, int(market.consumers.lottery_wins.sum())


def inside(folder: Path) -> None:
    """Make it one of the package: its module beside the others, its place in the order of the day."""
    (folder / "lottery.py").write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    sim.mechanisms.__path__.append(str(folder))
    catalogue.BUILT_IN["lottery"] = "sim.mechanisms.lottery:Lottery"
    for phase in ("morning", "block"):
        order = list(catalogue.ORDER[phase])
        order.insert(order.index("choice"), "lottery")
        catalogue.ORDER[phase] = tuple(order)


def outside(foreign: Any, order: dict[Any, Any]) -> None:
    """Make it a plug-in again."""
    catalogue.BUILT_IN.pop("lottery", None)
    catalogue.ORDER.update(order)
    plugins.registry.classes["lottery"] = foreign


def measured(consumers: int, days: int, repeats: int) -> dict[str, float]:
    """Medians of both, and how many coupons each gave."""
    plugins.load_file(FILE)
    foreign, order = plugins.registry.classes["lottery"], dict(catalogue.ORDER)
    scenario = sim.load(FILE.with_suffix(".yaml"), set=MARKET | {"market.consumers": consumers, "market.days": days})
    times: dict[str, list[float]] = {"outside": [], "inside": []}
    wins = set()
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeats):
            for where in times:
                if where == "inside":
                    plugins.registry.classes.pop("lottery")
                    scenario._registry, kept = None, scenario._registry
                    inside(Path(folder))
                took, won = lived(scenario)
                times[where].append(took)
                wins.add(won)
                if where == "inside":
                    scenario._registry = kept
                    sim.mechanisms.__path__.pop()
                    outside(foreign, order)
    assert len(wins) == 1, f"the two are not the same mechanism: {wins}"
    return {where: median(took) for where, took in times.items()} | {"coupons": wins.pop()}


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consumers", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args(argv)
    found = measured(given.consumers, given.days, given.repeats)
    print(f"outside {found['outside']:.3f} ms a day, inside {found['inside']:.3f} ms a day, "
          f"ratio {found['outside'] / found['inside']:.2f}  ({found['coupons']:.0f} coupons in each)")
    return found


if __name__ == "__main__":
    main()
