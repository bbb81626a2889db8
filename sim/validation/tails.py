"""Power law or lognormal: the tail of degrees by maximum likelihood (Clauset, Shalizi & Newman 2009).

    power law   P(k) = k^-a / zeta(a, xmin)                                     k = xmin, xmin + 1, ...
    lognormal   P(k) = [Phi(z(k + 1/2)) - Phi(z(k - 1/2))] / [1 - Phi(z(xmin - 1/2))],  z(x) = (ln x - mu) / sigma
    Vuong       R = sum ln(p_power / p_lognormal),   z = R / (sqrt(n) sd)       below 0: the lognormal is nearer

``xmin`` is where the power law lies nearest to the data (least Kolmogorov-Smirnov distance), which favours the power
law. The two are told apart only where |z| is large; p is two-sided (Vuong 1989).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

LEAST = 50
"""Values a tail must hold."""


@dataclass(frozen=True)
class Tail:
    """A fitted tail of ``count`` values from ``xmin`` on: ``exponent`` of the power law and its Kolmogorov-Smirnov
    ``distance``; ``mu``, ``sigma`` of the lognormal; ``loglik``, ln likelihood of the power law over the lognormal, its
    normalised ``ratio`` and ``p`` (Vuong)."""

    xmin: int
    count: int
    exponent: float
    distance: float
    mu: float
    sigma: float
    loglik: float
    ratio: float
    p: float

    @property
    def verdict(self) -> str:
        """What the data say, at 5 %."""
        return judged(self.ratio, self.p)


def judged(ratio: float, p: float) -> str:
    """The verdict on a likelihood ratio of power law over lognormal."""
    if p >= 0.05:
        return "not told apart"
    return "lognormal" if ratio < 0 else "power law"


def tail(values: np.ndarray) -> Tail:
    """The tail of whole numbers int[n], those below 1 left out. Raises ValueError below ``LEAST`` values."""
    x = np.asarray(values)
    x = x[x >= 1].astype(np.int64)
    if len(x) < LEAST:
        raise ValueError(f"a tail needs at least {LEAST} values above 0 (got {len(x)})")
    found: tuple[float, int, float] | None = None
    for xmin in np.unique(x):
        beyond = x[x >= xmin]
        if len(beyond) < LEAST or len(np.unique(beyond)) < 3:
            break
        exponent = _power(beyond, int(xmin))
        distance = _distance(beyond, int(xmin), exponent)
        if found is None or distance < found[0]:
            found = (distance, int(xmin), exponent)
    if found is None:
        raise ValueError("the values are all alike: there is no tail")
    distance, xmin, exponent = found
    beyond = x[x >= xmin]
    mu, sigma = _lognormal(beyond, xmin)
    gap = power_density(beyond, xmin, exponent) - lognormal_density(beyond, xmin, mu, sigma)
    spread = float(gap.std())
    ratio = float(gap.sum() / (np.sqrt(len(gap)) * spread)) if spread > 0 else 0.0
    p = float(2 * stats.norm.sf(abs(ratio)))
    return Tail(xmin, len(beyond), exponent, distance, mu, sigma, float(gap.sum()), ratio, p)


def power_density(x: np.ndarray, xmin: int, exponent: float) -> np.ndarray:
    """float[n], ln P(x) of the power law."""
    return np.asarray(-exponent * np.log(x) - np.log(special.zeta(exponent, xmin)))


def lognormal_density(x: np.ndarray, xmin: int, mu: float, sigma: float) -> np.ndarray:
    """float[n], ln P(x) of the lognormal rounded to whole numbers and cut below xmin."""
    low, high = ((np.log(x + side) - mu) / sigma for side in (-0.5, 0.5))
    inside = _log_difference(stats.norm.logsf(low), stats.norm.logsf(high))
    return np.asarray(inside - stats.norm.logsf((np.log(xmin - 0.5) - mu) / sigma))


def _log_difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """ln(exp(a) - exp(b)) for a > b."""
    return np.asarray(a + np.log(-np.expm1(np.minimum(b - a, -1e-15))))


def _power(x: np.ndarray, xmin: int) -> float:
    logs, n = float(np.log(x).sum()), len(x)

    def loss(a: float) -> float:
        return a * logs + n * float(np.log(special.zeta(a, xmin)))

    return float(optimize.minimize_scalar(loss, bounds=(1.05, 8.0), method="bounded").x)


def _distance(x: np.ndarray, xmin: int, exponent: float) -> float:
    at, counts = np.unique(x, return_counts=True)
    seen = np.cumsum(counts) / len(x)
    law = 1.0 - special.zeta(exponent, at + 1) / special.zeta(exponent, xmin)
    return float(np.abs(seen - law).max())


def _lognormal(x: np.ndarray, xmin: int) -> tuple[float, float]:
    logs = np.log(x)

    def loss(theta: np.ndarray) -> float:
        value = -float(lognormal_density(x, xmin, float(theta[0]), float(np.exp(theta[1]))).sum())
        return value if np.isfinite(value) else 1e12

    starts = [(float(logs.mean()), np.log(max(float(logs.std()), 0.2))), (float(logs.mean()) - 2.0, 0.3)]
    best = min((optimize.minimize(loss, np.array(s), method="Nelder-Mead", options={"maxiter": 800}) for s in starts),
               key=lambda found: float(found.fun))  # fmt: skip
    return float(best.x[0]), float(np.exp(best.x[1]))
