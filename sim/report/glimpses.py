"""Tables of glimpses as figures need them: picked for a strategy, averaged over replications."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from sim.report.inputs import ComparisonLike, outcomes, rows
from sim.report.verdict import ranked

PLACED = 4
"""Most strategies that get a picture each; of more, the best and the baseline."""


def table(comparison: Any, name: str) -> pd.DataFrame:
    """A further table of a comparison; empty where it was not kept."""
    found = (getattr(comparison, "tables", None) or {}).get(name)
    return pd.DataFrame() if found is None else found


def own(comparison: Any, name: str, strategy: str) -> pd.DataFrame:
    """One strategy's rows of such a table."""
    return rows(table(comparison, name), strategy=strategy)


def pictured(comparison: ComparisonLike, name: str, most: int = PLACED) -> list[str]:
    """The strategies that get a picture each, in their order: all, or the best ones and the baseline."""
    have = [s for s in comparison.strategies if not own(comparison, name, s).empty]
    if len(have) <= most:
        return have
    metric = (outcomes(comparison) or [""])[0]
    order = [s for s in ranked(comparison, metric) if s in have]
    first = [comparison.baseline] if comparison.baseline in have else []
    chosen = [*first, *(s for s in order if s not in first)][:most]
    return [s for s in have if s in chosen]


def over_replications(frame: pd.DataFrame, keys: list[str], value: str) -> pd.DataFrame:
    """Mean and 95 % interval (Student's t) over replications: columns keys, mean, low, high; one run has no band."""
    grouped = frame.groupby(keys, sort=True)[value]
    made = grouped.agg(["mean", "std", "count"]).reset_index()
    n = made["count"].to_numpy(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = special.stdtrit(np.where(n > 1, n - 1, np.nan), 0.975) * made["std"].to_numpy(float) / np.sqrt(n)
    half = np.nan_to_num(half)
    return made.assign(low=made["mean"] - half, high=made["mean"] + half)[[*keys, "mean", "low", "high"]]
