"""The whole market at several sizes: consumer-days a second, time by mechanism, bytes a consumer by column.

The workload is ``city.yaml``: 8 products, 3 platforms, every core mechanism at work. Repeats are interleaved over sizes
and threads, so that a busy minute of the machine falls on all; medians are given with the range, on the
clock and in processor time, which the machine's other work does not change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import sim
from sim.bench.profile import Profile, profile
from sim.bench.roofline import work

CITY = Path(__file__).with_name("city.yaml")
SIZES = (2_000, 20_000, 100_000)
FULL = (*SIZES, 1_000_000)
DAYS = 30
REPEATS = 5
SLOW = 500_000
"""Sizes from here on are repeated twice only."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Case:
    """One size on one number of threads, and what its repeats showed."""

    people: int
    threads: int
    profiles: tuple[Profile, ...]

    @property
    def middle(self) -> Profile:
        """The repeat of median processor time."""
        return sorted(self.profiles, key=lambda p: p.busy)[len(self.profiles) // 2]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        rates = [p.rate for p in self.profiles]
        return {"consumers": self.people, "threads": self.threads, "repeats": len(rates), "rate": median(rates),
                "least": min(rates), "most": max(rates),
                "busy_rate": median(p.busy_rate for p in self.profiles),
                "build_seconds": median(p.build for p in self.profiles),
                "ms_a_day": 1e3 * self.people / median(rates), "parts": self.middle.rows()}  # fmt: skip


def city(people: int, days: int = DAYS) -> Any:
    """The workload at a size; budgets and stocks scale with it."""
    return sim.load(CITY, set={"market.consumers": people, "market.days": days})


def warm() -> None:
    """Compile everything, before any clock runs."""
    live(city(1_000, 30), 1, 30)


def live(scenario: Any, threads: int, days: int, check: bool = False) -> tuple[Profile, Any]:
    """One market of the workload under the clock; its first day is not counted."""
    return profile(lambda: sim.Market(scenario, seed=7, threads=threads, check=check), days - 1)


def processor_seconds(task: tuple[int, int, int]) -> float:
    """Processor seconds of the days of one market: consumers, days, seed. Here, where a worker process can find it."""
    people, days, seed = task
    return profile(lambda: sim.Market(city(people, days), seed=seed, check=False))[0].busy


def measure(sizes: Sequence[int], threads: Sequence[int], days: int = DAYS, repeats: int = REPEATS,
            progress: Progress | None = None) -> tuple[list[Case], dict[int, dict[str, Any]]]:  # fmt: skip
    """Every size on every number of threads; and by size what its market holds (``memory``) and did (``work``)."""
    warm()
    found: dict[tuple[int, int], list[Profile]] = {(n, t): [] for n in sizes for t in threads}
    facts: dict[int, dict[str, Any]] = {}
    times = {n: min(repeats, 2) if n >= SLOW else repeats for n in sizes}
    total, done = sum(times.values()) * len(threads), 0
    for r in range(repeats):
        for n, t in found:
            if r >= times[n]:
                continue
            said, market = live(city(n, days), t, days)
            found[n, t].append(said)
            facts[n] = {"memory": bytes_of(market), "work": work(market, days)}
            del market
            done += 1
            if progress is not None:
                progress(done, total)
    return [Case(n, t, tuple(said)) for (n, t), said in found.items()], facts


def bytes_of(market: Any) -> dict[str, Any]:
    """Bytes a consumer: of every column that has a row for each, of the network, of records, and of buffers."""
    state, n = market.state, market.network.n
    columns = {name: a.nbytes / n for name, a in state.columns.items() if a.ndim and len(a) == n}
    network = {name: a.nbytes / n for name, a in vars(state.network).items() if hasattr(a, "nbytes")}
    tables = {name: t.rows.nbytes / n for name, t in state.shared.items() if hasattr(t, "reserve")}
    buffers = sum(scratch.nbytes for scratch in market._scratch) / n
    return {"columns": columns, "network": network, "records": tables, "buffers": buffers}


def totals(memory: dict[str, Any]) -> dict[str, float]:
    """Bytes a consumer by group, and in all."""
    found = {name: sum(memory[name].values()) for name in ("columns", "network", "records")}
    found["buffers"] = memory["buffers"]
    return found | {"all": sum(found.values())}
