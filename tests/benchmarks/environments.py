"""Steps a second of the environments of ``sim.gym``.

    python tests/benchmarks/environments.py [--consumers 5000] [--steps 60]

A step is a day of the market, its observation and reward; resets are counted apart. Printed a second of the clock and a
second of the processor, which on a machine that does other things is what its own core would give.
"""

from __future__ import annotations

import argparse
from time import perf_counter, process_time
from typing import Any

import sim
from sim.gym import GroupTerms, MerchantBudget, PlatformFeed


def measured(kind: Any, consumers: int, steps: int) -> dict[str, float]:
    """Steps a second of the clock and of the processor, seconds a reset takes."""
    env = kind(sim.load(kind.default, set={"market.consumers": consumers, "market.days": steps + 10}))
    env.action_space.seed(0)
    env.reset(seed=0)
    for _ in range(10):
        env.step(env.action_space.sample())
    clock, processor = perf_counter(), process_time()
    for _ in range(steps):
        env.step(env.action_space.sample())
    made = {"clock": steps / (perf_counter() - clock), "processor": steps / (process_time() - processor)}
    processor = process_time()
    env.reset(seed=1)
    return made | {"reset": process_time() - processor}


def main(argv: list[str] | None = None) -> dict[str, dict[str, float]]:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consumers", type=int, default=5_000)
    parser.add_argument("--steps", type=int, default=60)
    given = parser.parse_args(argv)
    found = {}
    for kind in (MerchantBudget, PlatformFeed, GroupTerms):
        found[kind.__name__] = one = measured(kind, given.consumers, given.steps)
        print(f"{kind.__name__:<15} {one['clock']:5.0f} steps/s of the clock, {one['processor']:5.0f} of the "
              f"processor; a reset {one['reset']:.2f} s")  # fmt: skip
    return found


if __name__ == "__main__":
    main()
