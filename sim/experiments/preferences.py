"""What a comparison says to owners of different tastes: who shun risk, weigh two outcomes, or take the nearly best.

Tables over the pure functions of :mod:`sim.experiments.distributions` and :mod:`sim.experiments.multiple`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import ScenarioError
from sim.experiments.distributions import dominates, pareto
from sim.experiments.multiple import select
from sim.experiments.statistics import posterior_means
from sim.metrics import declared


def direction(comparison: Any, metric: str) -> str:
    """``up`` or ``down``. Raises ScenarioError on a metric that was not measured or has no good direction."""
    if metric not in comparison.metrics:
        from sim.scenario.paths import nearest

        raise ScenarioError(f"unknown outcome {metric!r}{nearest(metric, comparison.metrics)}")
    way = declared(metric).better
    if not way:
        raise ScenarioError(f"{metric!r} has no good direction: more of it is neither better nor worse")
    return way


def dominance(comparison: Any, metric: str) -> pd.DataFrame:
    """strategy, over, first, second, p_first, p_second: see :class:`sim.experiments.distributions.Dominance`."""
    way, values = direction(comparison, metric), comparison.values(metric)
    return pd.DataFrame([
        {"strategy": a, "over": b, **asdict(dominates(values[a].to_numpy(), values[b].to_numpy(), way))}
        for a in comparison.strategies for b in comparison.strategies if a != b
    ])  # fmt: skip


def front(comparison: Any, first: str, second: str) -> pd.DataFrame:
    """strategy, the two means, on_front (no other is better on one and no worse on the other), p_front its chance."""
    ways = (direction(comparison, first), direction(comparison, second))
    values = [comparison.values(metric) for metric in (first, second)]
    both = np.concatenate([v.to_numpy() for v in values], axis=1)
    k = len(comparison.strategies)
    means = np.stack([v.mean().to_numpy() for v in values], axis=-1)
    drawn = posterior_means(both, pilot=comparison.pilot)
    points = np.stack([drawn[:, :k], drawn[:, k:]], axis=-1)
    chance = pareto(points, ways).mean(axis=0) if len(points) else np.full(k, np.nan)
    return pd.DataFrame({"strategy": comparison.strategies, first: means[:, 0], second: means[:, 1],
                         "on_front": pareto(means, ways), "p_front": chance})  # fmt: skip


def selection(comparison: Any, zone: float, metric: str) -> pd.Series:
    """strategy -> replication at which KN drops it, 0 for those still in; ``attrs``: decided, used, most.

    ``zone``: the smallest difference that matters, in the metric's unit. Raises ScenarioError unless it is above zero.
    """
    way = direction(comparison, metric)
    if not zone > 0:
        raise ScenarioError("the smallest difference that matters must be above zero")
    first = max(2, min(10, comparison.replications))
    found = select(comparison.values(metric).to_numpy(), zone, way, first=first)
    made = pd.Series(found.dropped, index=pd.Index(comparison.strategies, name="strategy"), name="dropped")
    made.attrs.update(decided=found.decided, used=found.used, most=found.most)
    return made
