"""How sure the estimate is: its derivative and its noise, learned from many markets at the estimate, on seeds that
neither the search nor the weights have seen.

    D_s = (m_s(u + h) - m_s(u - h)) / 2h       by seed, common random numbers;  J = mean of D_s;  J = true + E
    A   = J'WJ - E[E'WE]                       chance in J adds to J'WJ and would make errors too small: it is taken off
    V   = A^-1 (J'W Omega W J - E[E'W Omega W E]) A^-1,     Omega = S (people ratio + 1/seeds)
    u  <- u + A^-1 J'W (m_data - m(u))

S is the plain covariance of moments over the fresh seeds. W comes from other seeds: were S the inverse of W as well,
W would weigh by the very chance that S has too little of, and V come out too small (Dodelson & Schneider 2013). The
form is that of simulated minimum distance (McFadden 1989; Pakes & Pollard 1989; Gourieroux, Monfort & Renault 1993):
the data's own noise and, by 1/seeds, that of the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sim.experiments.calibration.evaluate import Laboratory

TURNS = 3
"""Steps to the best point at most; one is enough where the local fit arrived."""

MOST_NOISE = 0.75
"""Largest share of a direction's information that is taken off as chance; beyond, the derivative is not known."""


@dataclass(frozen=True)
class Certain:
    """The estimate ``point`` float[p] in [0, 1]; around ``base``, where the markets lived, ``mean`` float[k] and the
    derivatives ``jacobian`` [k, p] and ``ahead`` [h, p]; ``covariance`` [p, p]; ``gap`` [k] of the moments at the point
    to the data; ``chance``: largest share of J'WJ that was noise of the derivative; ``statistic``, ``misfit``: J of
    Hansen and the chance of a larger one if the model were right."""

    point: np.ndarray
    base: np.ndarray
    mean: np.ndarray
    jacobian: np.ndarray
    ahead: np.ndarray
    covariance: np.ndarray
    gap: np.ndarray
    chance: float
    statistic: float
    misfit: float


def certain(lab: Laboratory, data: np.ndarray, point: np.ndarray, weight: np.ndarray, error: np.ndarray,
            seeds: range, ratio: float) -> Certain:  # fmt: skip
    """Step to the best point and say how sure it is. ``error`` float[p]: a first guess of standard errors, for the
    width of differences; ``ratio``: people of the model over people of the data."""
    for turn in range(TURNS):
        mean, omega, each, ahead = _around(lab, point, np.clip(error, 0.01, 0.1), seeds)
        omega = omega * (ratio + 1.0 / len(seeds))
        slope = each.mean(axis=0)
        bread, covariance, chance = _sandwich(each, weight, omega)
        step = bread @ slope.T @ weight @ (data - mean)
        error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        moved = np.clip(point + np.clip(step, -0.2, 0.2), 0.0, 1.0)
        if turn == TURNS - 1 or np.all(np.abs(moved - point) <= error):
            break
        point = moved
    gap = mean + slope @ (moved - point) - data
    statistic, misfit = _misfit(gap, slope, weight, omega)
    return Certain(moved, point, mean, slope, ahead, covariance, gap, chance, statistic, misfit)


def _around(lab: Laboratory, point: np.ndarray, width: np.ndarray,
            seeds: range) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Mean moments [k], their covariance over seeds [k, k], derivatives by seed [seeds, k, p], held-out ones [h, p]."""
    ends = []
    for k, w in enumerate(width):
        for sign in (1.0, -1.0):
            there = point.copy()
            there[k] = min(1.0, max(0.0, there[k] + sign * w))
            ends.append(there)
    found, after = lab.ahead([point, *ends], seeds)
    slopes, later = [], []
    for k in range(len(point)):
        wide = ends[2 * k][k] - ends[2 * k + 1][k]
        slopes.append((found[1 + 2 * k] - found[2 + 2 * k]) / wide)
        later.append((after[1 + 2 * k] - after[2 + 2 * k]).mean(axis=0) / wide)
    omega = np.atleast_2d(np.cov(found[0], rowvar=False))
    return found[0].mean(axis=0), omega, np.stack(slopes, axis=2), np.stack(later, axis=1)


def _sandwich(each: np.ndarray, weight: np.ndarray, omega: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Bread A^-1 [p, p], covariance V [p, p], and the largest share of J'WJ that was chance in the derivative."""
    inner, chance = _without_chance(each, weight)
    meat, _ = _without_chance(each, weight @ omega @ weight)
    bread = np.linalg.pinv(inner)
    return bread, bread @ meat @ bread, chance


def _without_chance(each: np.ndarray, form: np.ndarray) -> tuple[np.ndarray, float]:
    """J'FJ [p, p] less what chance in J = mean of ``each`` [seeds, k, p] adds to it, and the largest share of that.

    In the axes where J'FJ is the unit matrix the share of chance is taken off each axis, at most ``MOST_NOISE``.
    """
    count = len(each)
    slope = each.mean(axis=0)
    off = (each - slope) / np.sqrt(count * (count - 1.0))
    value, vector = np.linalg.eigh(slope.T @ form @ slope)
    size = np.sqrt(np.maximum(value, 1e-300 + 1e-12 * value.max()))
    inverse = vector / size
    share, turn = np.linalg.eigh(inverse.T @ np.einsum("ski,kl,slj->ij", off, form, off) @ inverse)
    axes = (vector * size) @ turn
    return axes @ np.diag(1.0 - np.clip(share, 0.0, MOST_NOISE)) @ axes.T, float(share.max())


def _misfit(gap: np.ndarray, slope: np.ndarray, weight: np.ndarray, omega: np.ndarray) -> tuple[float, float]:
    """gap'W gap over its scale, and the chance of a larger one: a weighted sum of chi-squares, by its first two moments
    (Satterthwaite 1946), since W is not the inverse of Omega exactly. NaN without more moments than parameters."""
    bread = np.linalg.pinv(slope.T @ weight @ slope)
    left = np.eye(len(gap)) - slope @ bread @ slope.T @ weight
    form = omega @ left.T @ weight @ left
    first, second = float(np.trace(form)), float(np.trace(form @ form))
    size = float(gap @ weight @ gap)
    if len(gap) <= slope.shape[1] or second <= 0.0:
        return size, float("nan")
    scale, freedom = second / first, first**2 / second
    return size, float(stats.chi2.sf(size / scale, freedom))

