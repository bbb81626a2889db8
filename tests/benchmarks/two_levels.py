"""Two processes against one, on cells of a sweep: how much of the second core arrives.

    python tests/benchmarks/two_levels.py [--consumers 20000] [--days 180] [--replications 8] [--repeats 3]

Each cell is one market of the benchmark city on one thread. Prints the median wall times of interleaved repeats and
their ratio (starting the workers included), and the processor seconds of the cells in both: where those are equal,
processes do not get in each other's way, and what is missing from a ratio of 2 is start-up or other programs.
"""

from __future__ import annotations

import argparse
import tempfile
from statistics import median
from time import perf_counter

from sim.bench.measure import city, processor_seconds, warm
from sim.experiments.execute import execute
from sim.experiments.executors import spread
from sim.experiments.question import ask_run


def timed(scenario: object, replications: int, jobs: int) -> float:
    """Wall seconds of a run in ``jobs`` processes of one thread, results stored."""
    with tempfile.TemporaryDirectory() as folder:
        question = ask_run(scenario, replications=replications, out=folder)
        start = perf_counter()
        failures, _ = execute(question, jobs, 1)
        assert not failures
        return perf_counter() - start


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Run, print; the ratio of wall times and that of processor seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consumers", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--replications", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    scenario = city(options.consumers, options.days)
    warm()
    walls: dict[int, list[float]] = {1: [], 2: []}
    busy: dict[int, list[float]] = {1: [], 2: []}
    tasks = [(options.consumers, options.days, seed) for seed in range(options.replications)]
    for _ in range(options.repeats):
        for jobs in (1, 2):
            walls[jobs].append(timed(scenario, options.replications, jobs))
            busy[jobs].append(sum(spread(processor_seconds, tasks, jobs)))
    wall = median(walls[1]) / median(walls[2])
    worked = median(busy[1]) / median(busy[2])
    print(f"{options.replications} cells of {options.consumers:,} people x {options.days} days")
    for jobs in (1, 2):
        print(f"  {jobs} job(s): {median(walls[jobs]):6.1f} s on the clock, {median(busy[jobs]):.1f} processor seconds")
    print(f"  ratio {wall:.2f} on the clock; a cell costs {1 / worked:.2f} times the processor time it costs alone")
    return {"wall": wall, "processor": worked}


if __name__ == "__main__":
    main()
