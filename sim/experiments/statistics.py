"""What paired replications say: means, paired differences, probabilities, and what the pairing was worth.

Arrays are float64[R] (one value a replication) or float64[R, K] (one column a strategy); row r of every column comes
from the same seed. NaN means that the metric was not observed in that replication; it is left out, and every answer
carries the ``n`` it rests on. An answer that needs two observations and has one is NaN, never a guess.

Intervals are Student's t at 95 %. Probabilities are posterior probabilities under a flat prior on the mean and on the
log of the standard deviation, which makes ``p_better`` and the t interval two readings of one distribution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

LEVEL = 0.95
DRAWS = 10_000
_SEED = 20_240_229
NAN = math.nan

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Interval:
    """A mean, the ends of its 95 % interval (NaN below two observations), and the observations it rests on."""

    mean: float
    low: float
    high: float
    n: int
    sd: float = NAN


@dataclass(frozen=True)
class Difference:
    """A paired difference to the baseline: t interval, bootstrap interval, and the chance that it is an improvement."""

    mean: float
    low: float
    high: float
    boot_low: float
    boot_high: float
    p_better: float
    n: int


@dataclass(frozen=True)
class Pairing:
    """What common random numbers were worth.

    ``ratio`` is Var(a) + Var(b) over Var(a - b): how many times as many replications independent seeds would need for
    the same interval. ``saved`` is that number less the replications run, for each of the two strategies.
    """

    correlation: float
    ratio: float
    saved: float
    n: int


def mean_interval(values: Floats, level: float = LEVEL) -> Interval:
    """Mean and t interval of the observed values."""
    seen = _observed(values)
    n = len(seen)
    if n == 0:
        return Interval(NAN, NAN, NAN, 0)
    mean = float(seen.mean())
    if n == 1:
        return Interval(mean, NAN, NAN, 1)
    sd = float(seen.std(ddof=1))
    half = float(special.stdtrit(n - 1, 0.5 + level / 2)) * sd / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n, sd)


def paired_difference(values: Floats, baseline: Floats, better: str = "up", level: float = LEVEL) -> Difference:
    """``values - baseline`` over the replications in which both were observed. ``better`` is up, down or ""."""
    gap = np.asarray(values, float) - np.asarray(baseline, float)
    found = mean_interval(gap, level)
    low, high = bootstrap_interval(gap, level)
    return Difference(found.mean, found.low, found.high, low, high, probability_better(gap, better), found.n)


def bootstrap_interval(values: Floats, level: float = LEVEL, draws: int = DRAWS) -> tuple[float, float]:
    """Percentile interval of the mean by resampling replications; the resampling is the same on every call."""
    seen = _observed(values)
    n = len(seen)
    if n < 2:
        return NAN, NAN
    picks = np.random.default_rng(_SEED).integers(0, n, size=(draws, n))
    low, high = np.quantile(seen[picks].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def probability_better(gap: Floats, better: str = "up") -> float:
    """Posterior probability that the mean of ``gap`` is on its good side.

    One half when every replication says exactly 0; NaN below two observations or for a metric without a good side.
    """
    seen = _observed(gap)
    n = len(seen)
    if n < 2 or better not in ("up", "down"):
        return NAN
    sign = 1.0 if better == "up" else -1.0
    mean, error = sign * float(seen.mean()), float(seen.std(ddof=1)) / math.sqrt(n)
    if error <= 1e-12 * abs(mean) or error == 0.0:
        return 0.5 if mean == 0 else float(mean > 0)
    return float(special.stdtr(n - 1, mean / error))


def probability_best(columns: Floats, better: str = "up", draws: int = DRAWS) -> Floats:
    """float64[K]: the probability that each strategy's mean is the best one; sums to 1. ``columns`` is float64[R, K].

    A bootstrap of the paired replications with normal weights, spread to Student's t: it keeps the dependence between
    strategies, equals ``probability_better`` for two, and does not turn overconfident with few replications as
    resampling does. Ties are split. Only replications that observed every strategy count; NaN below two of them.
    """
    rows = np.asarray(columns, float)
    rows = rows[np.isfinite(rows).all(axis=1)]
    n, k = rows.shape
    if n < 2 or better not in ("up", "down"):
        return np.full(k, NAN)
    rng = np.random.default_rng(_SEED)
    mean = rows.mean(axis=0)
    weights = rng.standard_normal((draws, n)) / math.sqrt(n * (n - 1))
    tails = np.sqrt((n - 1) / rng.chisquare(n - 1, size=(draws, 1)))
    drawn = mean + tails * (weights @ (rows - mean))
    drawn = drawn if better == "up" else -drawn
    slack = 1e-9 * float(np.abs(rows).max(initial=0.0))
    top = drawn >= drawn.max(axis=1, keepdims=True) - slack
    share: Floats = (top / top.sum(axis=1, keepdims=True)).mean(axis=0)
    return share


def pairing(values: Floats, baseline: Floats) -> Pairing:
    """What running both on the same seeds was worth; ``ratio`` is infinite when the difference has no noise at all."""
    a, b = np.asarray(values, float), np.asarray(baseline, float)
    both = np.isfinite(a) & np.isfinite(b)
    a, b, n = a[both], b[both], int(both.sum())
    if n < 2:
        return Pairing(NAN, NAN, NAN, n)
    apart, together = float(a.var(ddof=1) + b.var(ddof=1)), float((a - b).var(ddof=1))
    if apart == 0.0:
        return Pairing(NAN, NAN, NAN, n)
    scale = math.sqrt(float(a.var(ddof=1)) * float(b.var(ddof=1)))
    correlation = (apart - together) / 2 / scale if scale > 0 else NAN
    ratio = apart / together if together > 1e-24 * apart else math.inf
    return Pairing(min(1.0, max(-1.0, correlation)) if scale > 0 else NAN, ratio, n * (ratio - 1), n)


def _observed(values: Floats) -> Floats:
    seen = np.asarray(values, dtype=float)
    observed: Floats = seen[np.isfinite(seen)]
    return observed
