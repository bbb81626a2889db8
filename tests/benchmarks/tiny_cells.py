"""What a sweep costs beside its markets: many cells so small that everything around them shows.

    python tests/benchmarks/tiny_cells.py [--cells 400] [--people 100] [--days 3] [--scenario koc_or_kol] [--cells 800]

Cells are lived in this process. In milliseconds of processor time a cell: ``naming`` the cells, ``opening`` each one's
scenario where it is lived, ``market`` (building it and living its days), ``collecting`` its tables, ``rows`` made of
them, ``parts`` written and read, ``answer`` put together, and the rest. Overhead is all but the market. Several sizes
say whether it grows with their number; ``memory`` is the growth of the largest resident size from the first to the last
cell.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sim.experiments.sweep import sweep
from sim.market import Market
from sim.scenario import load

PRICE = "merchants.Lumi.products.serum.price"
STAGES = ("naming", "opening", "market", "collecting", "rows", "parts", "answer", "rest")


class Clock:
    """Processor seconds by stage; what a stage inside another takes is taken from the outer one."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self._inside: list[float] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begun = time.process_time()
        self._inside.append(0.0)
        try:
            yield
        finally:
            spent = time.process_time() - begun
            self.seconds[name] += spent - self._inside.pop()
            if self._inside:
                self._inside[-1] += spent

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            with self.stage(name):
                return function(*args, **named)

        return call


def measure(scenario: Any, cells: int) -> tuple[dict[str, float], float, float]:
    """Milliseconds a cell by stage, wall milliseconds a cell, and megabytes that memory grew by."""
    from sim.experiments.sweeps import conduct, parts, work

    clock, before = Clock(), _peak()
    marks = [(Market, "__init__", "market"), (Market, "step", "market"), (Market, "result", "collecting"),
             (work.Tables, "add", "rows"), (work.Tables, "runs", "rows"), (work.Tables, "days", "rows"),
             (parts.Parts, "add", "parts"), (parts.Parts, "refresh", "parts"),
             (work, "opened_at", "opening")]  # fmt: skip
    assert conduct.work is work.work
    with tempfile.TemporaryDirectory() as out, ExitStack() as stack:
        for owner, name, stage in marks:
            stack.enter_context(patch.object(owner, name, clock.timed(stage, getattr(owner, name))))
        for module, name, stage in (("sim.experiments.sweep", "work_out", "naming"),
                                    ("sim.experiments.sweep", "write_all", "answer")):  # fmt: skip
            target = f"{module}.{name}"
            whole = getattr(__import__(module, fromlist=[name]), name)
            stack.enter_context(patch(target, clock.timed(stage, whole)))
        begun = time.perf_counter()
        with clock.stage("rest"):
            axes = {PRICE: {"from": 100.0, "to": 300.0, "steps": cells}}
            sweep(scenario, axes, strategies=["koc_first"], replications=1, jobs=1, out=Path(out))
        wall = time.perf_counter() - begun
    return {name: 1e3 * s / cells for name, s in clock.seconds.items()}, 1e3 * wall / cells, _peak() - before


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: list[str] | None = None) -> list[float]:
    """Run, print; overhead in milliseconds a cell by number of cells."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, action="append")
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--scenario", default="scenarios/koc_or_kol.yaml")
    options = parser.parse_args(arguments)
    scenario = load(options.scenario, set={"market.consumers": options.people, "market.days": options.days,
                                           "market.warmup": 0})  # fmt: skip
    measure(scenario, 4)  # compiles
    found = []
    heads = " ".join(f"{name:>10}" for name in (*STAGES, "overhead"))
    print(f"{'cells':>7} {heads} {'wall':>8} {'memory':>9}")
    for cells in options.cells or [400]:
        spent, wall, grown = measure(scenario, cells)
        found.append(sum(spent.values()) - spent["market"])
        print(f"{cells:7,} " + " ".join(f"{spent[name]:10.2f}" for name in STAGES)
              + f" {found[-1]:10.2f} {wall:8.1f} {grown:6.0f} MB", flush=True)  # fmt: skip
    return found


if __name__ == "__main__":
    main()
