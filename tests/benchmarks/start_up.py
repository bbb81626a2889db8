"""Start-up: what a user waits for before the first day, and which kernels are compiled for it.

    python tests/benchmarks/start_up.py [--scenario scenarios/koc_or_kol.yaml] [--cold] [--kernels 15]

Processor seconds of fresh processes, the least of some: ``import sim``, ``sim --help``, and a process up to the end of
its first day with kernels in the cache. ``--cold`` adds one with an empty cache, and lists the slowest kernels and
those compiled for more than one kind of argument: a second kind is often an array read-only here and writable there,
or a field of records, which counts as contiguous while it has one row at most.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FIRST_DAY = """
import json, sys, time
start = time.process_time()
found, open_ = [], []
from sim import jitcache
jitcache.use()
from numba.core import event

class Listener(event.Listener):
    def on_start(self, e):
        kernel = e.data["dispatcher"].py_func
        open_.append([kernel.__module__ + "." + kernel.__qualname__, time.process_time(), 0.0])
    def on_end(self, e):
        name, begun, inner = open_.pop()
        took = time.process_time() - begun
        found.append((name, took - inner, took))
        if open_:
            open_[-1][2] += took

event.register("numba:compile", Listener())
import sim
scenario = sim.load(sys.argv[1], set={"market.consumers": 2000})
market = sim.Market(scenario, seed=1)
built = time.process_time() - start
market.step()
first = time.process_time() - start
for _ in range(40):
    market.step()
print(json.dumps({"built": built, "first": first, "later": time.process_time() - start - first, "kernels": found}))
"""


def processor(command: list[str], **more: Any) -> float:
    """Processor seconds of a process of its own."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **more)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def to_first_day(scenario: str, **more: Any) -> dict[str, Any]:
    """Processor seconds until the market is built, until its first day is over, and in 40 more; what was compiled."""
    command = [sys.executable, "-c", FIRST_DAY, scenario]
    done = subprocess.run(command, check=True, capture_output=True, text=True, **more)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def by_kernel(kernels: list[tuple[str, float, float]]) -> list[tuple[str, int, float, float]]:
    """Name, times compiled, seconds of its own, seconds with what it calls; the slowest first."""
    table: dict[str, list[float]] = {}
    for name, own, whole in kernels:
        row = table.setdefault(name, [0, 0.0, 0.0])
        row[0] += 1
        row[1] += own
        row[2] += whole
    return sorted(((name, int(c), own, whole) for name, (c, own, whole) in table.items()), key=lambda row: -row[3])


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Run, print; processor seconds by what was started."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default=str(Path(__file__).parents[2] / "scenarios" / "koc_or_kol.yaml"))
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--kernels", type=int, default=15)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    python = sys.executable
    to_first_day(options.scenario)
    figures = {
        "import sim": min(processor([python, "-c", "import sim"]) for _ in range(options.repeats)),
        "sim --help": min(processor([python, "-m", "sim", "--help"]) for _ in range(options.repeats)),
        "to the first day": min(to_first_day(options.scenario)["first"] for _ in range(options.repeats)),
    }
    if options.cold:
        with tempfile.TemporaryDirectory() as empty:
            cold = to_first_day(options.scenario, env=os.environ | {"NUMBA_CACHE_DIR": empty})
        figures |= {"to the first day, compiling": cold["first"], "compiling in the 40 days after it": cold["later"]}
    for name, seconds in figures.items():
        print(f"{name:36} {seconds:6.2f} processor seconds")
    if options.cold:
        rows = by_kernel(cold["kernels"])
        print(f"\n{sum(row[1] for row in rows)} compiled, {sum(row[2] for row in rows):.1f} s; with what they call:")
        for name, count, own, whole in rows[: options.kernels]:
            print(f"  {whole:5.2f} s ({own:.2f} its own)  x{count}  {name}")
        print("the project's own that were compiled more than once:")
        for name, count, own, _ in (row for row in rows if row[1] > 1 and row[0].startswith("sim.")):
            print(f"  {own:5.2f} s  x{count}  {name}")
    return figures


if __name__ == "__main__":
    main()
