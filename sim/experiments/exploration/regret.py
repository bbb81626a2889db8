"""Choices judged over many worlds: regret, wins, the worst case, and how often a wish is met.

Values are float64[worlds, K]: a row a world, a column a choice, means over the replications on common seeds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

Floats = np.ndarray[Any, np.dtype[np.float64]]

TIE = 1e-9
"""Values this near, as a share of the largest, are the same."""


def regrets(values: Floats, better: str = "up") -> Floats:
    """float64[worlds, K]: what each choice gives away in each world against the best one there (Savage 1951)."""
    signed = values if better == "up" else -values
    made: Floats = signed.max(axis=1, keepdims=True) - signed
    return made


def summary(values: Floats, names: Sequence[str], better: str = "up", threshold: float | None = None) -> pd.DataFrame:
    """A row a choice: ``wins`` share of worlds in which it is best (ties split; 95 % interval by Wilson), ``mean``,
    ``worst`` (the worst world), ``bad`` (the 5 % worst), ``mean_regret``, ``bad_regret`` (95 %), ``max_regret``, and
    ``met``: the share of worlds in which the value is at least (or, where less is better, at most) ``threshold``
    (Starr's domain criterion). Sorted by wins.
    """
    lost = regrets(values, better)
    best = lost <= TIE * max(1e-300, float(np.abs(values).max(initial=0.0)))
    shares = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    rows = []
    for k, name in enumerate(names):
        mine = values[:, k]
        low, high = wilson(float(shares[k]), len(values))
        good = mine if better == "up" else -mine
        met = math.nan
        if threshold is not None:
            met = float((mine >= threshold).mean() if better == "up" else (mine <= threshold).mean())
        rows.append({
            "strategy": name, "wins": float(shares[k]), "wins_low": low, "wins_high": high, "mean": float(mine.mean()),
            "bad": float(np.quantile(good, 0.05)) * (1 if better == "up" else -1),
            "worst": float(mine[int(np.argmin(good))]), "mean_regret": float(lost[:, k].mean()),
            "bad_regret": float(np.quantile(lost[:, k], 0.95)), "max_regret": float(lost[:, k].max()), "met": met,
        })  # fmt: skip
    return pd.DataFrame(rows).sort_values(["wins", "mean_regret"], ascending=[False, True], ignore_index=True)


def wilson(share: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share among ``n``."""
    z = float(special.ndtri(0.5 + level / 2))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
