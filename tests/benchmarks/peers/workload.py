"""The common workload "word of mouth": what every peer lives through, in numbers. Imports NumPy only.

People on a Barabasi-Albert graph (m = 5, ids shuffled), 50 ticks. In each tick

    1. whoever adopted in the last tick, or earlier and with probability .1, exposes all neighbours;
    2. a non-adopter with k exposures adopts with probability 1 - (1 - .0005)(1 - .06 trust)^k;
    3. everybody has .5 more to spend and picks one of four products by a logit: own utilities, less .4 x price, and on
       product 1 .1 k, and .5 for adopters; what costs more than one's budget is not bought, what is bought is paid.

One person in a thousand has adopted just before the first tick.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np

TICKS = 50
KEEP_SHARING = 0.1
SPONTANEOUS = 0.0005
PERSUASION = 0.06
PRICE = (0.0, 1.0, 2.0, 3.0)
SENSITIVITY = 0.4
BUZZ = 0.1
LOYALTY = 0.5
ALLOWANCE = 0.5
PROMOTED = 1


class Graph(NamedTuple):
    """Symmetric compressed rows: ``indptr`` int64[n+1], ``indices`` int32."""

    indptr: np.ndarray
    indices: np.ndarray


class People(NamedTuple):
    """``trust`` float64[n]; ``utility`` float64[n, 4]; ``budget`` float64[n]; ``seeds`` positions of first adopters."""

    trust: np.ndarray
    utility: np.ndarray
    budget: np.ndarray
    seeds: np.ndarray


class Story(NamedTuple):
    """What a peer tells of a run: adopters after each tick [ticks], units sold of each product [4]."""

    adopters: list[int]
    sold: list[int]


Live = Callable[[People, int], Callable[[int], Story]]
"""Given people and a seed, a peer sets itself up (not timed) and gives what lives a number of ticks (timed)."""


def people(n: int, seed: int) -> People:
    """The same people for every peer."""
    source = np.random.default_rng([seed, n])
    return People(source.uniform(0.2, 1.0, n), source.normal(size=(n, 4)), source.lognormal(1.0, 0.5, n),
                  np.sort(source.choice(n, max(1, n // 1000), replace=False)))  # fmt: skip


def read_graph(folder: Path) -> Graph:
    """The graph the driver wrote."""
    return Graph(np.load(folder / "indptr.npy"), np.load(folder / "indices.npy"))


def serve(prepare: Callable[[Graph], Live]) -> None:
    """Run a peer as a process: one line of JSON out for each line ``seed ticks`` in. The first says it is ready.

    What the libraries of a peer print goes to the error stream, away from the answers. A ring of 50 people is lived
    first, so that compiling is not timed.
    """
    answers, sys.stdout = sys.stdout, sys.stderr
    ring = np.arange(50)
    prepare(Graph(2 * np.arange(51), np.stack([(ring - 1) % 50, (ring + 1) % 50], 1).ravel().astype(np.int32)))(
        people(50, 0), 0)(2)  # fmt: skip
    graph = read_graph(Path(sys.argv[1]))
    n = len(graph.indptr) - 1
    live = prepare(graph)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        seed, ticks = (int(word) for word in line.split())
        go = live(people(n, seed), seed)
        cpu, wall = process_time(), perf_counter()
        story = go(ticks)
        said = {"wall": perf_counter() - wall, "cpu": process_time() - cpu, **story._asdict()}
        print(json.dumps(said), file=answers, flush=True)
