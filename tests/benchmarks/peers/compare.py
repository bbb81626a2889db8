"""The engine beside its peers on the common workload: one run, interleaved, medians; a table and a JSON file.

    python tests/benchmarks/peers/compare.py [--sizes 10000 100000 1000000] [--repeats 7] [--seeds 24]
        [--python objects,star,cascades=/path/python] [--python frames=/path/python] [--out docs/performance]

Each peer is a process of its own (one thread each) that keeps its graph and lives one seed when asked; in each round
every peer is asked once, in turn, so that a busy minute of the machine falls on all. Time is processor time, setting up
not counted. A peer that is not installed is left out, and said to be. At the smallest size ``--seeds`` rounds are run,
and the adoption curves and market shares of all must agree in distribution.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(ROOT)]

import numpy as np  # noqa: E402
from graph import LINKS, write_graph  # noqa: E402
from workload import TICKS  # noqa: E402

from sim.bench.machine import machine  # noqa: E402
from sim.experiments.store import write_json  # noqa: E402

PEERS = {
    "engine": "this engine",
    "product": "SciPy CSR product alone (the yardstick)",
    "arrays": "NumPy and SciPy",
    "star": "Starsim, own module on its states",
    "frames": "mesa-frames, Polars",
    "cascades": "NDlib independent cascades (nearest; no choice)",
    "objects": "mesa, one agent a person",
}
NEEDS = {"star": "starsim", "frames": "mesa_frames", "cascades": "ndlib", "objects": "mesa"}
"""The module without which a peer cannot run."""

ROUNDS_AT_A_MILLION = {"objects": 1, "frames": 3, "star": 3, "cascades": 0}
"""Slow peers take minutes there; NDlib's graph would not leave room for the others."""

TARGETS = {"objects": 100.0, "star": 10.0, "arrays": 5.0, "product": 0.5}
"""The engine's rate over the peer's, at least."""

LOOKS = (9, 19, 29, 39, 49)
"""Ticks at which adoption is compared."""

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS")


class Peer:
    """A peer's process, ready to live seeds. ``missing`` says why there is none."""

    def __init__(self, name: str, python: str, folder: Path) -> None:
        self.name, self.missing = name, ""
        environment = os.environ | dict.fromkeys(ONE_THREAD, "1")
        need = NEEDS.get(name)
        if need is not None:
            found = subprocess.run([python, "-c", f"import {need}"], capture_output=True, env=environment, check=False)
            if found.returncode:
                self.missing = f"{need} is not installed for {python}"
                return
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  (lives as long as the process)
        self.process = subprocess.Popen([python, str(HERE / f"{name}.py"), str(folder)], text=True, env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)  # fmt: skip
        self._answer()

    def live(self, seed: int, ticks: int) -> dict[str, Any]:
        """One seed: seconds and story."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seed} {ticks}\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise SystemExit(f"{self.name} ended without an answer:\n{self.errors.read()[-2000:]}")
        said: dict[str, Any] = json.loads(line)
        return said

    def end(self) -> None:
        """Let the process finish."""
        if not self.missing:
            self.process.communicate()
            self.errors.close()


def at_size(n: int, rounds: int, pythons: dict[str, str], ticks: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers of each peer, a list by round; and who was missing, with the reason."""
    answers: dict[str, Any] = {}
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        write_graph(n, Path(folder))
        peers = []
        for name in PEERS:
            most = ROUNDS_AT_A_MILLION.get(name, rounds) if n >= 1_000_000 else rounds
            if not most:
                missing[name] = f"not run at {n:,}"
                continue
            peer = Peer(name, pythons.get(name, sys.executable), Path(folder))
            if peer.missing:
                missing[name] = peer.missing
                continue
            peers.append((peer, min(most, rounds)))
            answers[name] = []
        for seed in range(1, rounds + 1):
            for peer, most in peers:
                if seed <= most:
                    answers[peer.name].append(peer.live(seed, ticks))
        for peer, _ in peers:
            peer.end()
    return answers, missing


def rates(answers: dict[str, Any], n: int, ticks: int) -> dict[str, Any]:
    """By peer: agent-steps a second (median, least, most), the engine's rate over it (median of rounds)."""
    table = {}
    for name, told in answers.items():
        pace = [n * ticks / one["cpu"] for one in told]
        times = [one["cpu"] / ours["cpu"] for one, ours in zip(told, answers["engine"], strict=False)]
        table[name] = {"rounds": len(told), "steps_per_second": median(pace), "least": min(pace), "most": max(pace),
                       "engine_over_it": median(times),
                       "ms_a_tick": 1e3 * median(one["cpu"] for one in told) / ticks}  # fmt: skip
    return table


def facts(told: list[dict[str, Any]], n: int, ticks: int) -> dict[str, np.ndarray]:
    """By name one number a seed: share of adopters at some ticks, share of what was sold by product, units sold."""
    sold = np.array([one["sold"] for one in told], float)
    adopters = np.array([one["adopters"] for one in told], float)
    out = {f"adopters at tick {k + 1}": adopters[:, k] / n for k in LOOKS if k < ticks}
    out |= {f"share of product {j}": sold[:, j] / sold.sum(axis=1) for j in range(4)}
    return out | {"units a person": sold.sum(axis=1) / n}


def agreement(answers: dict[str, Any], n: int, ticks: int) -> dict[str, dict[str, Any]]:
    """Each peer that lives the whole workload against the engine: the mean of both, the gap in standard errors.

    The people of a seed are the same, the draws are not; gaps are taken seed by seed. Agreement is a gap below 3.5
    standard errors (two-sided p = .001 by Student at 24 seeds), for every fact.
    """
    ours = facts(answers["engine"], n, ticks)
    found: dict[str, dict[str, Any]] = {}
    for name, told in answers.items():
        if name == "engine" or not told or not told[0]["sold"]:
            continue
        theirs = facts(told, n, ticks)
        rows = {}
        for fact, mine in ours.items():
            gap = [float(x) for x in mine - theirs[fact]]
            error = stdev(gap) / len(gap) ** 0.5
            errors = mean(gap) / error if error else 0.0
            rows[fact] = {"engine": float(mine.mean()), "peer": float(theirs[fact].mean()), "standard_errors": errors,
                          "agrees": abs(errors) < 3.5}  # fmt: skip
        found[name] = rows
    return found


def in_words(found: dict[str, Any]) -> str:
    """The answer as Markdown."""
    lines = []
    for size, table in found["sizes"].items():
        lines += [f"\n{int(size):,} people x {found['ticks']} ticks\n",
                  "| | million steps a second | engine over it | target | ms a tick | rounds |",
                  "|---|---|---|---|---|---|"]  # fmt: skip
        for name, row in sorted(table.items(), key=lambda item: -item[1]["steps_per_second"]):
            target = f">= {TARGETS[name]:g}" if name in TARGETS else ""
            lines.append(f"| {PEERS[name]} | {row['steps_per_second'] / 1e6:.3g} | {row['engine_over_it']:.3g} "
                         f"| {target} | {row['ms_a_tick']:.3g} | {row['rounds']} |")  # fmt: skip
    for name, reason in found["missing"].items():
        lines.append(f"\n{PEERS[name]}: left out, {reason}.")
    for name, rows in found["agreement"].items():
        worst = max(rows.values(), key=lambda row: abs(row["standard_errors"]))
        verdict = "agree" if all(row["agrees"] for row in rows.values()) else "DIFFER"
        lines.append(f"\n{PEERS[name]} and the engine {verdict} over {found['seeds']} seeds in {len(rows)} facts; the "
                     f"largest gap is {abs(worst['standard_errors']):.1f} standard errors.")  # fmt: skip
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run, print, write; the answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--ticks", type=int, default=TICKS)
    parser.add_argument("--python", action="append", default=[], metavar="PEERS=PATH")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    pythons = {peer: path for names, _, path in (p.partition("=") for p in options.python) for peer in names.split(",")}
    found: dict[str, Any] = {"workload": "word of mouth", "links": LINKS, "ticks": options.ticks,
                             "seeds": options.seeds, "machine": machine(), "sizes": {}, "missing": {}}  # fmt: skip
    for n in sorted(options.sizes):
        smallest = n == min(options.sizes)
        answers, missing = at_size(n, options.seeds if smallest else options.repeats, pythons, options.ticks)
        found["missing"] |= missing
        found["sizes"][str(n)] = rates(answers, n, options.ticks)
        if smallest:
            found["agreement"] = agreement(answers, n, options.ticks)
    print(in_words(found))
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        write_json(found, options.out / "peers.json")
    return found


if __name__ == "__main__":
    main()
