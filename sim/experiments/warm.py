"""Compiling once: before several workers start on a cold cache, a tiny market of the same kind fills it for all."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from sim.experiments import replicate
from sim.experiments.identity import digest

_REAL = "sim.market:Market"
PEOPLE, DAYS = 300, 60
"""Size of the tiny market: enough that every mechanism meets its first order, parcel, return and share."""

MOST_STRATEGIES = 6
"""Strategies tried, each half a second once everything is compiled: one may use a channel that others do not."""


def warm(scenario: Any, jobs: int) -> bool:
    """Make sure that the kernels ``scenario`` needs are in the cache; whether anything had to be done for it.

    Does nothing for a single worker, which compiles for itself. What goes wrong here is left to the market itself.
    """
    if jobs < 2 or replicate.MARKET != _REAL or os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return False
    from sim import jitcache

    marker = jitcache.home() / f"warm-{jitcache.digest_of_all()}" / _kind(scenario)
    if marker.exists():
        return False
    with contextlib.suppress(Exception):
        tiny = _tiny(scenario)
        for strategy in (None, *list(tiny.strategies)[:MOST_STRATEGIES]):
            replicate.simulate(tiny, strategy, 0)
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch()
    return True


def _kind(scenario: Any) -> str:
    """Scenarios of one kind need the same kernels: same mechanisms at work, kind of network, channels bought."""
    resolved = scenario.resolved()
    mechanisms = resolved["mechanisms"].items()
    at_work = sorted(name for name, said in mechanisms if not isinstance(said, dict) or said.get("enabled", True))
    return digest([at_work, scenario.network.kind, sorted(_channels(resolved))])


def _channels(said: Any) -> set[str]:
    """The keys of every mix in a scenario, those of strategies and phases too."""
    if isinstance(said, list):
        return set().union(*map(_channels, said))
    if not isinstance(said, dict):
        return set()
    own = {str(k) for key, value in said.items() if str(key).endswith("mix") and isinstance(value, dict) for k in value}
    return own.union(*map(_channels, said.values()))


def _tiny(scenario: Any) -> Any:
    days = min(scenario.market.days, DAYS)
    changes: dict[str, Any] = {"market.days": days, "market.warmup": 0}
    people = scenario.market.consumers
    if people is not None:
        changes["market.consumers"] = min(people, PEOPLE)
    return scenario.with_set(changes)
