"""Whole distributions of an outcome over replications: which one a careful owner would prefer, and trade-offs of two.

Replications differ in people and luck, so their spread is the risk an owner takes. Columns are float64[R, K] as in
:mod:`sim.experiments.statistics`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiments.statistics import Floats

RESAMPLES = 500
_SEED = 20_240_229


@dataclass(frozen=True)
class Dominance:
    """Whether one sample dominates another, and the share of resamples of the replications in which it still does.

    First order: whatever level one asks for, a reaches it at least as often as b; any owner who prefers more prefers a.
    Second order: the mean shortfall of a below any level is no larger; any owner who shuns risk prefers a.
    """

    first: bool
    second: bool
    p_first: float
    p_second: float


def dominates(a: Floats, b: Floats, better: str = "up", resamples: int = RESAMPLES) -> Dominance:
    """Stochastic dominance of ``a`` over ``b`` (float64[R] each, paired; equal samples do not dominate each other).

    Orders as in Hadar and Russell (1969); resampling replications whole keeps their pairing. NaN below two.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    seen = np.isfinite(a) & np.isfinite(b)
    sign = -1.0 if better == "down" else 1.0
    a, b = sign * a[seen], sign * b[seen]
    n = len(a)
    if n < 2 or better not in ("up", "down"):
        return Dominance(False, False, float("nan"), float("nan"))
    first, second = _dominance(a[None, :], b[None, :])
    size = max(1, min(resamples, 4_000_000 // n))
    picks = np.random.default_rng(_SEED).integers(0, n, size=(size, n))
    firsts, seconds = _dominance(a[picks], b[picks])
    return Dominance(bool(first[0]), bool(second[0]), float(firsts.mean()), float(seconds.mean()))


def _dominance(a: Floats, b: Floats) -> tuple[np.ndarray, np.ndarray]:
    """bool[D] twice, for samples float64[D, n] of one size: sorted values and their running sums decide."""
    gap = np.sort(a, axis=1) - np.sort(b, axis=1)
    slack = 1e-12 * np.abs(b).max(axis=1, initial=0.0)[:, None]
    first = (gap >= -slack).all(axis=1) & (gap > slack).any(axis=1)
    sums = np.cumsum(gap, axis=1)
    wide = slack * gap.shape[1]
    second = (sums >= -wide).all(axis=1) & (sums > wide).any(axis=1)
    return first, second


def pareto(points: Floats, better: Sequence[str]) -> np.ndarray:
    """bool[..., K]: which strategies no other beats on one outcome without losing on the other.

    ``points``: float64[..., K, 2], a mean of each outcome; ``better``: up or down for each. Equal points both stay.
    """
    signs = np.array([-1.0 if way == "down" else 1.0 for way in better])
    x = np.asarray(points, float) * signs
    mine, other = x[..., :, None, :], x[..., None, :, :]
    beaten = (other >= mine).all(axis=-1) & (other > mine).any(axis=-1)
    front: np.ndarray = ~beaten.any(axis=-1)
    return front
