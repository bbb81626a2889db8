"""What paired replications say: means, paired differences, probabilities, and what the pairing was worth.

Arrays are float64[R] (one value a replication) or float64[R, K] (one column a strategy); row r of every column comes
from the same seed. NaN means that the metric was not observed in that replication; it is left out, and every answer
carries the ``n`` it rests on. An answer that needs two observations and has one is NaN, never a guess.

Intervals are Student's t at 95 %. Probabilities are posterior probabilities under a flat prior on the mean and on the
log of the standard deviation, which makes ``p_better`` and the t interval two readings of one distribution.

``pilot``: where the first ``pilot`` replications settled how many there are (:mod:`sim.experiments.precision`), spread
is measured on those alone and has ``pilot - 1`` degrees of freedom, which is what makes the interval exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

LEVEL = 0.95
DRAWS = 4_000
ENOUGH = 6
"""Fewest observations that are worth resampling: below, whole resamples hold one value only."""
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
    """A paired difference to the baseline.

    ``low``, ``high``: t interval; ``boot_low``, ``boot_high``: studentised bootstrap interval; ``p_better``: the chance
    that it is an improvement; ``p_value``: two-sided, of no difference.
    """

    mean: float
    low: float
    high: float
    boot_low: float
    boot_high: float
    p_better: float
    p_value: float
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


def mean_interval(values: Floats, level: float = LEVEL, pilot: int | None = None) -> Interval:
    """Mean and t interval of the observed values."""
    seen = _observed(values)
    n = len(seen)
    if n == 0:
        return Interval(NAN, NAN, NAN, 0)
    mean = float(seen.mean())
    first = _observed(np.asarray(values, float)[:pilot])
    if len(first) < 2:
        return Interval(mean, NAN, NAN, n)
    half = t_half(0.5 + level / 2, first, n)
    return Interval(mean, mean - half, mean + half, n, float(seen.std(ddof=1)))


def t_half(quantile: float, first: Floats, n: int) -> float:
    """Student's quantile times the standard error of a mean of ``n`` values whose spread is that of ``first``."""
    return float(special.stdtrit(len(first) - 1, quantile)) * float(first.std(ddof=1)) / math.sqrt(n)


def paired_difference(values: Floats, baseline: Floats, better: str = "up", level: float = LEVEL,
                      pilot: int | None = None) -> Difference:  # fmt: skip
    """``values - baseline`` over the replications in which both were observed. ``better`` is up, down or ""."""
    gap = np.asarray(values, float) - np.asarray(baseline, float)
    found = mean_interval(gap, level, pilot)
    low, high = bootstrap_interval(gap, level)
    p = probability_better(gap, better or "up", pilot)
    two_sided = NAN if math.isnan(p) else 2 * min(p, 1 - p)
    return Difference(found.mean, found.low, found.high, low, high, p if better else NAN, two_sided, found.n)


def bootstrap_interval(values: Floats, level: float = LEVEL, draws: int = DRAWS) -> tuple[float, float]:
    """Studentised bootstrap interval of the mean: no normal distribution is assumed, and skew moves the interval.

    The resampled (mean* - mean) / error* stand in for Student's t (Efron and Tibshirani 1993, chapter 12), which is
    accurate to second order where resampling the mean alone is not. The resampling is the same on every call. NaN
    below ``ENOUGH`` observations; both ends are the mean when it has no spread.
    """
    seen = _observed(values)
    n = len(seen)
    if n < ENOUGH:
        return NAN, NAN
    mean, error = float(seen.mean()), float(seen.std(ddof=1)) / math.sqrt(n)
    if error <= 1e-12 * max(abs(mean), 1e-300):
        return mean, mean
    rng = np.random.default_rng(_SEED)
    centred = (seen - mean) / error
    ratios = []
    for count in _chunks(draws, n):
        drawn = centred[rng.integers(0, n, size=(count, n))]
        middle, spread = drawn.mean(axis=1), drawn.std(axis=1, ddof=1) / math.sqrt(n)
        ratios.append(np.divide(middle, spread, out=np.copysign(np.inf, middle), where=spread > 0))
    low, high = np.quantile(np.concatenate(ratios), [(1 - level) / 2, (1 + level) / 2], method="nearest")
    return mean - float(high) * error, mean - float(low) * error


def _chunks(draws: int, n: int, most: int = 2_000_000) -> list[int]:
    """``draws`` in parts of at most ``most`` numbers each, so that memory stays small however large ``n`` is."""
    size = max(1, min(draws, most // max(n, 1)))
    return [size] * (draws // size) + ([draws % size] if draws % size else [])


def probability_better(gap: Floats, better: str = "up", pilot: int | None = None) -> float:
    """Posterior probability that the mean of ``gap`` is on its good side.

    One half when every replication says exactly 0; NaN below two observations or for a metric without a good side.
    """
    seen, first = _observed(gap), _observed(np.asarray(gap, float)[:pilot])
    if len(first) < 2 or better not in ("up", "down"):
        return NAN
    sign = 1.0 if better == "up" else -1.0
    mean, error = sign * float(seen.mean()), float(first.std(ddof=1)) / math.sqrt(len(seen))
    if error <= 1e-12 * abs(mean) or error == 0.0:
        return 0.5 if mean == 0 else float(mean > 0)
    return float(special.stdtr(len(first) - 1, mean / error))


def posterior_means(columns: Floats, draws: int = DRAWS, pilot: int | None = None) -> Floats:
    """float64[draws, K]: plausible means of every strategy together, as the replications leave them.

    A bootstrap of the paired replications with normal weights, spread to Student's t: it keeps the dependence between
    strategies, equals ``probability_better`` for two, and does not turn overconfident with few replications as
    resampling does. Only replications that observed every strategy count; no rows below two of them.
    """
    rows = np.asarray(columns, float)
    whole = np.isfinite(rows).all(axis=1)
    first = rows[:pilot][whole[:pilot]]
    rows = rows[whole]
    n, (m, k) = len(rows), first.shape
    if m < 2:
        return np.zeros((0, k))
    rng = np.random.default_rng(_SEED)
    drawn = []
    for count in _chunks(draws, m):
        weights = rng.standard_normal((count, m)) / math.sqrt(n * (m - 1))
        tails = np.sqrt((m - 1) / rng.chisquare(m - 1, size=(count, 1)))
        drawn.append(rows.mean(axis=0) + tails * (weights @ (first - first.mean(axis=0))))
    return np.concatenate(drawn)


def probability_best(columns: Floats, better: str = "up", draws: int = DRAWS, pilot: int | None = None) -> Floats:
    """float64[K]: the probability that each strategy's mean is the best one; sums to 1. ``columns`` is float64[R, K].

    Ties are split; NaN below two replications that observed every strategy. See :func:`posterior_means`.
    """
    rows = np.asarray(columns, float)
    drawn = posterior_means(rows, draws, pilot)
    if not len(drawn) or better not in ("up", "down"):
        return np.full(rows.shape[1], NAN)
    drawn = drawn if better == "up" else -drawn
    slack = 1e-9 * float(np.abs(rows[np.isfinite(rows).all(axis=1)]).max(initial=0.0))
    top = drawn >= drawn.max(axis=1, keepdims=True) - slack
    share: Floats = (top / top.sum(axis=1, keepdims=True)).mean(axis=0)
    return share


def expected_regret(columns: Floats, better: str = "up", draws: int = DRAWS, pilot: int | None = None) -> Floats:
    """float64[K]: what choosing each strategy may be expected to give away against the best one, in the metric's unit.

    The mean over :func:`posterior_means` of the best strategy's mean less one's own: 0 for one that is surely best.
    """
    rows = np.asarray(columns, float)
    drawn = posterior_means(rows, draws, pilot)
    if not len(drawn) or better not in ("up", "down"):
        return np.full(rows.shape[1], NAN)
    drawn = drawn if better == "up" else -drawn
    regret: Floats = (drawn.max(axis=1, keepdims=True) - drawn).mean(axis=0)
    return regret


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
