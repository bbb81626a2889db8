"""What strategies are measured against: the business as it is (``today``) and a merchant that does nothing at all.

``nothing``: the focal merchant sells at its list prices and spends nothing: no budget, samples, groups, discounts,
coupons, messages, promises or rewards for sharing. What a strategy earns is its gain over that (decision D30).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import ScenarioError
from sim.experiments.statistics import LEVEL, NAN, Floats, mean_interval, t_half

TODAY, NOTHING = "today", "nothing"
REFERENCES = (TODAY, NOTHING)

SPEND = "marketing_spend"
TOLERANCE = 0.05
"""Share of the baseline's spend within which strategies count as having spent the same."""


def focal(scenario: Any) -> str:
    """Name of the merchant that outcomes speak of. Raises ScenarioError when nobody sells anything."""
    names = [merchant.name for merchant in scenario.merchants]
    if not names:
        raise ScenarioError("there is no merchant in this scenario, and so nothing that a strategy could leave undone")
    return str(scenario.focal if scenario.focal in names else names[0])


def nothing(scenario: Any) -> dict[str, Any]:
    """The change that makes the focal merchant spend nothing."""
    from sim.scenario.paths import quote

    idle = {"budget_per_day": 0, "pushes_per_week": 0, "kol": {"hype": 0}}
    made: dict[str, Any] = {f"merchants.{quote(focal(scenario))}.plan": idle}
    if scenario.mechanisms.sharing.incentive > 0:
        made["mechanisms.sharing.incentive"] = 0
    return made


def with_references(scenario: Any, names: Sequence[str]) -> Any:
    """The scenario with the reference arms among its strategies; one of that name which it has itself stays.

    Raises ScenarioError on a name that is none of ``REFERENCES``.
    """
    unknown = [name for name in names if name not in REFERENCES]
    if unknown:
        raise ScenarioError(f"unknown reference {unknown[0]!r}; there are: {', '.join(REFERENCES)}")
    new = [name for name in dict.fromkeys(names) if name not in scenario.strategies]
    changes = {f"strategies.{name}": nothing(scenario) if name == NOTHING else {} for name in new}
    return scenario.with_set(changes) if changes else scenario


def incremental(gain: Floats, spend: Floats, level: float = LEVEL, pilot: int | None = None) -> tuple[float, ...]:
    """Gain per yuan spent and the ends of its interval: mean(gain) / mean(spend), of differences to ``nothing``.

    A ratio of means, not a mean of ratios; its error by linearisation, sd(gain - ratio x spend) / mean spend / sqrt(n).
    NaN where nothing was spent.
    """
    g, x = np.asarray(gain, float), np.asarray(spend, float)
    seen = np.isfinite(g) & np.isfinite(x)
    first = seen[:pilot]
    g, x = g[seen], x[seen]
    if not len(g) or x.mean() == 0:
        return NAN, NAN, NAN
    ratio = float(g.mean() / x.mean())
    if first.sum() < 2:
        return ratio, NAN, NAN
    half = t_half(0.5 + level / 2, (g - ratio * x)[: first.sum()], len(g)) / abs(float(x.mean()))
    return ratio, ratio - half, ratio + half


def returns(comparison: Any) -> pd.DataFrame:
    """strategy, gain, spend, roi, low, high: profit over ``nothing`` per yuan of spend over it; empty without that arm.

    ``roi`` is profit gained for each yuan, after that yuan.
    """
    if NOTHING not in comparison.strategies:
        return pd.DataFrame(columns=["strategy", "gain", "spend", "roi", "low", "high"])
    profit, spend = comparison.values("profit"), comparison.values(SPEND)
    rows = []
    for strategy in comparison.strategies:
        if strategy != NOTHING:
            gain, extra = profit[strategy] - profit[NOTHING], spend[strategy] - spend[NOTHING]
            ratio, low, high = incremental(gain.to_numpy(), extra.to_numpy(), pilot=comparison.pilot)
            rows.append({"strategy": strategy, "gain": float(gain.mean()), "spend": float(extra.mean()),
                         "roi": ratio, "low": low, "high": high})  # fmt: skip
    return pd.DataFrame(rows)


def spending(comparison: Any) -> pd.DataFrame:
    """strategy, spend, share, low, high, equal: what each spent, and its paired difference in shares of the baseline's.

    ``equal``: within ``TOLERANCE``, or not to be told apart. Reference arms are left out: they are meant to differ.
    """
    rows = []
    if SPEND not in comparison.summary.columns:
        return pd.DataFrame(columns=["strategy", "spend", "share", "low", "high", "equal"])
    spend = comparison.values(SPEND)
    base = spend[comparison.baseline]
    scale = float(base.mean())
    for strategy in comparison.strategies:
        if strategy in (comparison.baseline, *comparison.references):
            continue
        gap = mean_interval((spend[strategy] - base).to_numpy(), pilot=comparison.pilot)
        ends = (gap.mean, gap.low, gap.high)
        share = [x / scale if scale else math.copysign(math.inf, x) if x else 0.0 for x in ends]
        equal = abs(share[0]) <= TOLERANCE or gap.low <= 0 <= gap.high
        rows.append({"strategy": strategy, "spend": float(spend[strategy].mean()), "share": share[0], "low": share[1],
                     "high": share[2], "equal": equal})  # fmt: skip
    return pd.DataFrame(rows, columns=["strategy", "spend", "share", "low", "high", "equal"])
