"""Where a market spends its time: by mechanism and phase, engine, books, building.

Parts are processor seconds, summed over threads: another program on the machine does not change them. What no
mechanism took is the engine's. The first day is lived apart: on a machine that has not seen these kernels it compiles
most of them; what is compiled on later days is in the parts, and reported beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

from numba.core import event


@dataclass(frozen=True)
class Part:
    """Processor seconds of one mechanism (or ``engine``, ``book``) in one phase, summed over days and threads."""

    name: str
    phase: str
    seconds: float


@dataclass(frozen=True)
class Profile:
    """A market's time. ``build`` and ``first_day`` seconds stand apart from ``days`` days of ``wall`` seconds, in which
    processors worked ``busy`` seconds, ``compiling`` of them on kernels used for the first time."""

    people: int
    days: int
    threads: int
    build: float
    first_day: float
    wall: float
    busy: float
    compiling: float
    parts: tuple[Part, ...]

    @property
    def rate(self) -> float:
        """Consumer-days a second on the clock."""
        return self.people * self.days / self.wall

    @property
    def busy_rate(self) -> float:
        """Consumer-days a second of processor time: what a thread does when it is left alone."""
        return self.people * self.days / self.busy

    def by_name(self) -> dict[str, float]:
        """Milliseconds a day of each mechanism, ``engine`` and ``book``, the longest first."""
        total: dict[str, float] = {}
        for part in self.parts:
            total[part.name] = total.get(part.name, 0.0) + 1e3 * part.seconds / self.days
        return dict(sorted(total.items(), key=lambda item: -item[1]))

    def rows(self) -> list[dict[str, Any]]:
        """One row a part, the longest first: share, milliseconds a day, nanoseconds a consumer-day."""
        return [
            {"name": p.name, "phase": p.phase, "share": p.seconds / self.busy, "ms_a_day": 1e3 * p.seconds / self.days,
             "ns_a_consumer_day": 1e9 * p.seconds / (self.people * self.days)}
            for p in sorted(self.parts, key=lambda part: -part.seconds)
        ]  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {"consumers": self.people, "days": self.days, "threads": self.threads, "build_seconds": self.build,
                "first_day_seconds": self.first_day, "wall_seconds": self.wall, "compiling_seconds": self.compiling,
                "processor_seconds": self.busy, "consumer_days_a_second": self.rate,
                "parts": self.rows()}  # fmt: skip


def profile(make: Callable[[], Any], days: int | None = None) -> tuple[Profile, Any]:
    """Build a market with ``make``, live its first day, then ``days`` days (default: to its horizon) under the clock.

    Gives the profile and the market. A market of a single day has only that to show.
    """
    start = perf_counter()
    market = make()
    market.seconds = {}
    build = perf_counter() - start
    left = market.scenario.market.days - market.day if days is None else days + 1
    start = perf_counter()
    market.step()
    first = perf_counter() - start
    wall, busy = first, sum(market.seconds.values())
    compiling = event.TimingListener()  # type: ignore[no-untyped-call]
    if left > 1:
        market.seconds.clear()
        with event.install_listener("numba:compile", compiling):
            start, worked = perf_counter(), process_time()
            for _ in range(left - 1):
                market.step()
            wall, busy = perf_counter() - start, process_time() - worked
    parts = [Part(name, phase, value) for (name, phase), value in market.seconds.items()]
    parts.append(Part("engine", "around", max(0.0, busy - sum(market.seconds.values()))))
    found = Profile(market.network.n, max(1, left - 1), len(market._scratch), build, first, wall, busy,
                    compiling.duration if compiling.done else 0.0, tuple(parts))  # fmt: skip
    return found, market
