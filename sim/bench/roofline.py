"""How near the market is to the machine: what a consumer-day must move and compute, at the prices of this machine.

The floor of a consumer-day is

    bytes       every column of a consumer read once, the ones that change daily written once, at streaming bandwidth
    draws       one keyed uniform for each decision that chance takes, at the measured price of one
    functions   one exp, log or pow for each term of a rule that needs it, at the measured price of one

Decisions are counted by the market itself (its tally), so the floor follows what happens in it. An exposure takes a
draw and two functions (attention, the fading of goodwill); a product considered takes the noise of its utility (a draw
and two logarithms) and three functions of the utility itself; a click or an order takes a draw. What is left above the
floor is branching, gathering over memory, records, books and Python: the factor still to be had.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from numba import njit

from sim.bench.machine import bandwidth
from sim.contract import COUNT
from sim.rng import day_key, uniform

DAILY = ("visited", "fatigue")
"""Columns written for everybody every day."""

EACH = {"impressions": (1, 2), "considered": (1, 5), "clicks": (1, 1), "orders": (1, 0), "delivered": (1, 2)}
"""Draws and functions of one event of the tally."""

DRAW_FLOPS, FUNCTION_FLOPS = 11, 20
"""Operations of a keyed uniform (six shifts and exclusive ors, two products, an addition, a conversion, a scaling) and
of an exponential or logarithm of the mathematical library, about."""


@njit(cache=True)
def _draw(out: np.ndarray, key: np.uint64) -> None:
    for i in range(len(out)):
        out[i] = uniform(key, i)


@njit(cache=True)
def _exp(out: np.ndarray) -> None:
    for i in range(len(out)):
        out[i] = np.exp(-out[i])


def prices() -> dict[str, float]:
    """What this machine charges: GB/s of streaming, nanoseconds of a keyed uniform and of an exponential."""
    out = np.zeros(4096)
    key = day_key(1, 1, 1)
    return {"bandwidth_gb_s": bandwidth(), "draw_ns": _price(lambda: _draw(out, key), len(out)),
            "function_ns": _price(lambda: _exp(out), len(out))}  # fmt: skip


def _price(call: Any, count: int, repeats: int = 200) -> float:
    call()
    best = float("inf")
    for _ in range(repeats):
        start = perf_counter()
        call()
        best = min(best, perf_counter() - start)
    return 1e9 * best / count


def work(market: Any, days: int) -> dict[str, float]:
    """What a consumer-day of a market that has lived ``days`` days moves and computes, on average."""
    n, d = market.network.n, market.world.dims
    columns = {k: v for k, v in market.state.columns.items() if v.ndim and len(v) == n}
    counted = market.book.tally[:days].sum(axis=(0, 2, 3)) / (n * days)
    events = {name: float(counted[COUNT[name]]) for name in EACH}
    draws = d["S"] + d["C"] + sum(EACH[name][0] * events[name] for name in EACH)
    functions = sum(EACH[name][1] * events[name] for name in EACH)
    return {
        "bytes": (sum(a.nbytes for a in columns.values()) + sum(columns[c].nbytes for c in DAILY if c in columns)) / n,
        "draws": draws, "functions": functions, "flops": DRAW_FLOPS * draws + FUNCTION_FLOPS * functions, **events,
    }  # fmt: skip


def roofline(done: dict[str, float], price: dict[str, float], rate: float) -> dict[str, float]:
    """The floor in nanoseconds a consumer-day, its parts, and which share of the speed it allows is reached."""
    parts = {"bytes_ns": done["bytes"] / price["bandwidth_gb_s"], "draws_ns": done["draws"] * price["draw_ns"],
             "functions_ns": done["functions"] * price["function_ns"]}  # fmt: skip
    floor, now = sum(parts.values()), 1e9 / rate
    return {**parts, "floor_ns": floor, "measured_ns": now, "reached": floor / now,
            "flops_a_second": done["flops"] * rate, "gb_a_second": done["bytes"] * rate / 1e9,
            "bandwidth_reached": done["bytes"] * rate / 1e9 / price["bandwidth_gb_s"]}  # fmt: skip
