"""How much memory a market will take, told from its scenario; a run that cannot fit is refused before it begins.

Columns, friendships, followers and buffers are counted from what is declared. Records are a guess: ``ORDERS`` a day,
with what goes with an order. The graph is made before the columns are filled, so making it costs nothing
beyond them but where there are few. The process is the program with its libraries.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.contract import CHANNELS, Column, Problem, ScenarioError
from sim.state.build import BLOCK, new_scratch
from sim.state.memory import FORCE, available
from sim.state.records import ORDER, SHARE

PROCESS = 300_000_000
"""Bytes of a Python process with the program's libraries and kernels loaded; measured."""

ORDERS = 0.012
"""Orders a person and day, which only the run can tell: .0065 to .035 in three markets of ours. An assumption."""

BY_NETWORKX = 800
"""Bytes a tie while networkx makes a graph: two dictionaries of Python objects."""


@dataclass(frozen=True)
class Size:
    """Bytes by what they are for. ``building`` is what the making takes for a moment beyond all that stays."""

    columns: int
    network: int
    followers: int
    buffers: int
    records: int
    building: int
    process: int = PROCESS

    @property
    def total(self) -> int:
        """Bytes at the peak."""
        return sum(getattr(self, field.name) for field in fields(self))

    def __str__(self) -> str:
        parts = sorted(((getattr(self, f.name), f.name) for f in fields(self)), reverse=True)
        return f"{_gb(self.total)} ({', '.join(f'{name} {_gb(size)}' for size, name in parts[:4])})"


def estimate(scenario: Any, columns: Iterable[Column], people: int, threads: int = 1) -> Size:
    """What a market of ``people`` with these columns takes, from its first day to its last, warm-up included."""
    dims = _dims(scenario, people)
    stays = sum(np.dtype(c.dtype).itemsize * math.prod(dims[d] for d in c.shape) for c in columns)
    spec = scenario.network
    degree = 0.0 if spec.kind == "well_mixed" else min(getattr(spec, "mean_degree", 12.0), max(people - 1.0, 0.0))
    network = people * (8.0 + 4.0 * degree)  # ids are among the columns
    weak = 4.0 * degree * (1.0 - getattr(spec, "strong_share", 0.0))
    graph = BY_NETWORKX * degree / 2 if spec.kind == "networkx" else 8.0 + weak + max(12.0, 4.0 * degree)
    scale = people / (scenario.market.reference_consumers or people or 1)
    follows = 4.0 * sum(tier.count * min(tier.followers * scale, people) for tier in scenario.creators)
    one, two = (_bytes_of_scratch(dims, rows) for rows in (1, 2))
    buffers = min(threads, math.ceil(people / BLOCK)) * (one + (two - one) * (min(BLOCK, people) - 1))
    return Size(
        stays, round(network), round(follows), buffers, round(_records(scenario, people)),
        round(max(people * (8.0 + graph) - network - stays, follows, 0.0)),
    )  # fmt: skip


def require(size: Size, people: int, workers: int = 1, begun: bool = False) -> None:
    """Raise ScenarioError when ``workers`` such markets, of ``people`` each, cannot fit into the memory there is.

    ``begun``: this process, with its libraries, is the one that runs it. Nothing is refused where the memory is not
    known, nor when the environment variable ``SIM_FORCE`` is set.
    """
    room = available()
    needed = workers * size.total - (size.process if begun else 0)
    if room is None or needed <= room or os.environ.get(FORCE):
        return
    fixed = size.process + size.buffers
    spare = room / workers - fixed + (size.process if begun else 0)
    remedies = [f"about {_two_digits(people * spare / max(size.total - fixed, 1)):,} would fit"]
    if workers > 1 and room >= size.total:
        remedies.append(f"--jobs {int(room // size.total)} would do")
    each = f"{workers} markets at a time, each" if workers > 1 else "the market"
    text = f"{people:,} do not fit: {each} of about {size}, into {_gb(room)} of free memory"
    raise ScenarioError([Problem(f"{text}; {', '.join(remedies)}; --force tries ({FORCE}=1)", path="market.consumers")])


def _dims(scenario: Any, people: int) -> dict[str, int]:
    sizes = {"N": people, "P": sum(len(m.products) for m in scenario.merchants), "CH": len(CHANNELS)}
    lists = {"M": "merchants", "S": "platforms", "C": "categories", "G": "segments", "K": "creators"}
    return sizes | {letter: len(getattr(scenario, name)) for letter, name in lists.items()}


def _bytes_of_scratch(dims: dict[str, int], rows: int) -> int:
    return new_scratch(SimpleNamespace(dims=dims), rows).nbytes + 2 * 8 * rows * dims["P"]


def _records(scenario: Any, people: int) -> float:
    days = scenario.market.days + scenario.market.warmup
    return float(people * days * scenario.market.step_length * ORDERS * (ORDER.itemsize + SHARE.itemsize))


def _two_digits(number: float) -> int:
    unit = 10 ** max(math.floor(math.log10(max(number, 1.0))) - 1, 0)
    return int(max(number, 0.0) // unit * unit)


def _gb(size: float) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.0f} MB"
