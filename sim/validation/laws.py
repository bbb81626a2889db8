"""Closed forms and exact recursions that cases compare the engine with. Numbers in, numbers out; no market."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize, special, stats

YEAR = 365.25


def bass_path(p: float, q: float, steps: int) -> np.ndarray:
    """float64[steps + 1], Bass's path when everybody looks at the share that had adopted when the step began."""
    path = [0.0]
    for _ in range(steps):
        path.append(path[-1] + (1.0 - path[-1]) * (1.0 - np.exp(-(p + q * path[-1]))))
    return np.array(path)


def giant(one: Callable[[float], float], reached: Callable[[float], float], b: float) -> float:
    """Share in the giant cluster of bond percolation on a configuration model (Newman 2002, equations 10 to 13).

    ``reached`` and ``one`` are the generating functions G1 of the excess degree and G0 of the degree.
    """
    u = 0.0
    for _ in range(20_000):
        u, before = reached(1.0 - b + b * u), u
        if abs(u - before) < 1e-13:
            break
    return 1.0 - one(1.0 - b + b * u)


def giant_poisson(mean: float, b: float) -> float:
    """The same for degrees that are Poisson: S = 1 - exp(-mean b S)."""

    def g(x: float) -> float:
        return float(np.exp(-mean * (1.0 - x)))

    return giant(g, g, b)


def giant_regular(degree: int, b: float) -> float:
    """The same when everybody has ``degree`` ties."""
    return giant(lambda x: x**degree, lambda x: x ** (degree - 1), b)


def giant_mixed(weights: np.ndarray, b: float) -> float:
    """The same for degrees that are Poisson around ``weights`` float64[n] (Chung and Lu's random graph)."""

    def one(x: float) -> float:
        return float(np.exp(-weights * (1.0 - x)).mean())

    def reached(x: float) -> float:
        return float((weights * np.exp(-weights * (1.0 - x))).sum() / weights.sum())

    return giant(one, reached, b)


def tree_sizes(first: int, later: int, reach: float, most: int) -> np.ndarray:
    """float64[most + 1], P(total progeny = n) when the root has Binomial(first, R/first) children and all others
    Binomial(later, R/later): by Dwass's formula for the forest under the root's children."""
    out = np.zeros(most + 1)
    root = stats.binom.pmf(np.arange(first + 1), first, reach / first)
    out[1] = root[0]
    for n in range(2, most + 1):
        k = np.arange(1, min(first, n - 1) + 1)
        rest = n - 1
        out[n] = (root[k] * k / rest * stats.binom.pmf(rest - k, rest * later, reach / later)).sum()
    return out


def nbd_none(mean: float, shape: float) -> float:
    """Share of people who buy nothing when Poisson rates are Gamma."""
    return float((1.0 + mean / shape) ** -shape)


def dirichlet_none(brands: float, mean: float, shape: float, s: float) -> float:
    """Chance to buy none of brands that together have the share ``brands`` of a category: NBD-Dirichlet."""
    n = np.arange(400)
    nbd = stats.nbinom.pmf(n, shape, shape / (shape + mean))
    rest = s * (1.0 - brands)
    log = special.gammaln(rest + n) - special.gammaln(rest) - special.gammaln(s + n) + special.gammaln(s)
    return float((nbd * np.exp(log)).sum())


def bgnbd_mean(t: float, r: float, alpha: float, a: float, b: float) -> float:
    """E[X(t)] of the BG/NBD (Fader, Hardie and Lee 2005, equation 9)."""
    z = t / (alpha + t)
    return float((a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * special.hyp2f1(r, b, a + b - 1, z)))


def bgnbd_pmf(x: int, t: float, r: float, alpha: float, a: float, b: float) -> float:
    """P(X(t) = x) of the BG/NBD (the same paper, equation 8)."""

    def log_nb(n: int) -> float:
        return float(special.gammaln(r + n) - special.gammaln(r) - special.gammaln(n + 1)
                     + r * np.log(alpha / (alpha + t)) + n * np.log(t / (alpha + t)))

    stay = np.exp(special.betaln(a, b + x) - special.betaln(a, b) + log_nb(x))
    if x == 0:
        return float(stay)
    gone = np.exp(special.betaln(a + 1, b + x - 1) - special.betaln(a, b))
    return float(stay + gone * (1.0 - sum(np.exp(log_nb(j)) for j in range(x))))


def bgnbd_fit(x: np.ndarray, last: np.ndarray, horizon: float, start: np.ndarray,
              age: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, float]:
    """Maximum likelihood (r, alpha, a, b), standard errors, and the log-likelihood (the same paper, equation 6).

    ``x`` repeat orders and ``last`` the time of the last one, float64[n]; ``age`` float64[n], time since the first
    order when it differs from ``horizon``.
    """
    n, until = len(x), np.full(len(x), horizon) if age is None else age

    def loss(theta: np.ndarray) -> float:
        r, alpha, a, b = np.exp(theta)
        base = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
        alive = special.betaln(a, b + x) - special.betaln(a, b) - (r + x) * np.log(alpha + until)
        gone = special.betaln(a + 1, b + np.maximum(x, 1) - 1) - special.betaln(a, b) - (r + x) * np.log(alpha + last)
        return -float((base + np.where(x > 0, np.logaddexp(alive, gone), alive)).mean())

    best = optimize.minimize(loss, np.log(start), method="BFGS", options={"gtol": 1e-7})
    step, eye = 1e-3, np.eye(4)
    hessian = np.array([[loss(best.x + step * (eye[i] + eye[j])) - loss(best.x + step * (eye[i] - eye[j]))
                         - loss(best.x - step * (eye[i] - eye[j])) + loss(best.x - step * (eye[i] + eye[j]))
                         for j in range(4)] for i in range(4)]) / (4 * step**2)
    error = np.sqrt(np.diag(np.linalg.inv(hessian)) / n)
    return np.exp(best.x), np.exp(best.x) * error, -best.fun * n


def bulk_queue(rate: float, capacity: int, most: int = 4000) -> np.ndarray:
    """float64[most], stationary distribution of parcels left after a day's service: Q <- (Q + Poisson(rate) - c)+.

    Solved by iterating the recursion from empty until it stands still; ``rate`` must be below ``capacity``.
    """
    arrivals = stats.poisson.pmf(np.arange(max(50, int(rate + 12 * np.sqrt(rate)))), rate)
    q = np.zeros(most)
    q[0] = 1.0
    for _ in range(100_000):
        total = np.convolve(q, arrivals)
        left = np.concatenate([[total[: capacity + 1].sum()], total[capacity + 1 :]])[:most]
        left /= left.sum()
        if np.abs(left - q).sum() < 1e-11:
            break
        q = left
    return left
