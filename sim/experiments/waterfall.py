"""From the baseline to a strategy along the funnel: how much of the difference enters at which step.

    GMV     = reach x views a person x CTR x new buyers a click x orders a buyer x order value
    profit  = GMV - goods, freight, fees and returns - marketing + stock, open orders and the rest

A product of factors has no natural order in which to change them, so each factor's part is its mean over all orders
(Shapley's value), which leaves no remainder; money that is added or taken away enters as it is. Steps are worked out in
every replication, and their means sum exactly to the mean paired difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import ScenarioError
from sim.experiments.shapley import exact
from sim.experiments.statistics import mean_interval


@dataclass(frozen=True)
class Step:
    """One step: ``level`` is the count or sum it leads to (for a factor), or the metrics that are added up, signed."""

    name: str
    level: str = ""
    sums: tuple[tuple[str, float], ...] = ()


FACTORS = (
    Step("reach", "reach"),
    Step("views", "impressions"),
    Step("ctr", "clicks"),
    Step("cvr", "new_buyers"),
    Step("repeat", "orders"),
    Step("aov", "gmv"),
)
"""Each level is the one before times a factor: people, views of a person, clicks a view, and so on."""

COSTS = (
    Step("costs", sums=(("contribution_margin", 1.0), ("marketing_spend", 1.0), ("gmv", -1.0))),
    Step("marketing", sums=(("marketing_spend", -1.0),)),
    Step("other", sums=(("profit", 1.0), ("contribution_margin", -1.0))),
)
"""From GMV to profit: goods, freight, fees and refunds; marketing; what is still open or in stock at the horizon."""

METRICS = ("profit", "contribution_margin", "gmv", "orders", "new_buyers")
"""What can be taken apart, each with the steps that lead to it."""


def plan_of(metric: str) -> tuple[Step, ...]:
    """The steps that lead to a metric. Raises ScenarioError on one that has none."""
    if metric not in METRICS:
        raise ScenarioError(f"a waterfall leads to one of {', '.join(METRICS)}, not to {metric!r}")
    if metric in ("orders", "new_buyers"):
        return FACTORS[: [step.level for step in FACTORS].index(metric) + 1]
    return (*FACTORS, *{"profit": COSTS, "contribution_margin": COSTS[:2], "gmv": ()}[metric])


def steps(comparison: Any, strategy: str | None = None, metric: str = "profit") -> pd.DataFrame:
    """step, mean, low, high, n, from, to: a row a step of ``strategy`` less the baseline.

    ``strategy`` defaults to the one with the best mean, or the runner-up where that is the baseline. ``from`` and
    ``to`` are running means, beginning at the baseline's and ending at the strategy's. Raises ScenarioError on a name
    that was not compared and on a metric that has no funnel.
    """
    plan, chosen = plan_of(metric), challenger(comparison, strategy, metric)
    names = sorted({s.level for s in plan if s.level} | {name for s in plan for name, _ in s.sums})
    values = {name: comparison.values(name) for name in names}
    rows = []
    for replication in range(len(values[names[0]])):
        a, b = ({name: float(v[arm].iloc[replication]) for name, v in values.items()}
                for arm in (comparison.baseline, chosen))  # fmt: skip
        rows.append([*chain([s.level for s in plan if s.level], a, b),
                     *(sum(w * (b[name] - a[name]) for name, w in s.sums) for s in plan if s.sums)])  # fmt: skip
    parts = np.array(rows, float)
    parts = parts[np.isfinite(parts).all(axis=1)]
    at = float(comparison.values(metric)[comparison.baseline].mean())
    made = []
    for step, column in zip(plan, parts.T, strict=True):
        found = mean_interval(column, pilot=comparison.pilot)
        made.append({"step": step.name, "mean": found.mean, "low": found.low, "high": found.high, "n": found.n,
                     "from": at, "to": at + found.mean})  # fmt: skip
        at += found.mean
    table = pd.DataFrame(made)
    table.attrs.update(strategy=chosen, baseline=comparison.baseline, metric=metric)
    return table


def challenger(comparison: Any, strategy: str | None, metric: str) -> str:
    """The strategy to be explained: the one named, else the best but for the baseline and the reference arms."""
    if strategy is not None:
        if strategy not in comparison.strategies:
            raise ScenarioError(f"{strategy!r} was not compared; there are: {', '.join(comparison.strategies)}")
        return strategy
    others = [s for s in comparison.strategies if s not in (comparison.baseline, *comparison.references)]
    means = comparison.values(metric)[others or [s for s in comparison.strategies if s != comparison.baseline]].mean()
    return str(means.idxmax())


def chain(levels: list[str], a: dict[str, float], b: dict[str, float]) -> list[float]:
    """Part of each level's factor in b - a of the last level; they sum to it exactly.

    A level at which either side has nothing cannot be divided by: it is passed over, its step is 0 and the next step
    is from the last level that stands.
    """
    standing = [name for name in levels[:-1] if a[name] > 0 and b[name] > 0] + levels[-1:]
    before = [1.0, 1.0]
    pairs = []
    for name in standing:
        pairs.append((a[name] / before[0], b[name] / before[1]))
        before = [a[name], b[name]]
    values = {}
    for mask in range(1 << len(pairs)):
        product = 1.0
        for k, (old, new) in enumerate(pairs):
            product *= new if mask >> k & 1 else old
        values[mask] = product
    found = dict(zip(standing, exact(values, len(pairs)), strict=True))
    return [float(found.get(name, 0.0)) for name in levels]
