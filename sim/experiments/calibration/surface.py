"""A smooth stand-in for the simulator near a point, the best point on it, and how sure one may be.

    m(u) ~ c + J (u - u0) + (u - u0)'H(u - u0)            least squares; H with cross terms where points suffice
    Q(u) = (m(u) - m_data)' W (m(u) - m_data)       minimised by scipy's bounded Gauss-Newton, W = Omega^-1
    V    = (J'WJ)^-1 J'W Omega W J (J'WJ)^-1        sandwich; Omega = covariance of the data's moments + the markets'
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize


@dataclass(frozen=True)
class Surface:
    """Moments around ``centre`` float[p]: ``constant`` [k], ``linear`` [k, p], ``square`` [k, p, p]."""

    centre: np.ndarray
    constant: np.ndarray
    linear: np.ndarray
    square: np.ndarray

    def __call__(self, u: np.ndarray) -> np.ndarray:
        """Moments float[k] at u."""
        step = u - self.centre
        return np.asarray(self.constant + self.linear @ step + self.square @ step @ step)

    def jacobian(self, u: np.ndarray) -> np.ndarray:
        """float[k, p] at u."""
        return np.asarray(self.linear + 2.0 * self.square @ (u - self.centre))


def fitted(points: np.ndarray, moments: np.ndarray, centre: np.ndarray) -> Surface:
    """Least squares over ``points`` float[n, p] and ``moments`` float[n, k]: all products where there are points enough
    for them and half as many again, else squares, else straight lines."""
    n, p = points.shape
    step = points - centre
    pairs = [(i, j) for i in range(p) for j in range(i, p)]
    if n < 1.5 * (1 + p + len(pairs)):
        pairs = [(i, i) for i in range(p)] if n >= 1.5 * (1 + 2 * p) else []
    design = np.column_stack([np.ones(n), step, *(step[:, i] * step[:, j] for i, j in pairs)])
    solved = np.linalg.lstsq(design, moments, rcond=None)[0].T
    square = np.zeros((moments.shape[1], p, p))
    for c, (i, j) in enumerate(pairs):
        square[:, i, j] += 0.5 * solved[:, 1 + p + c]
        square[:, j, i] += 0.5 * solved[:, 1 + p + c]
    return Surface(centre, solved[:, 0], solved[:, 1 : 1 + p], square)


def root(weight: np.ndarray) -> np.ndarray:
    """L with L'L = W, of a symmetric positive W."""
    value, vector = np.linalg.eigh(weight)
    return np.asarray(np.sqrt(np.maximum(value, 0))[:, None] * vector.T)


def best_on(surface: Surface, data: np.ndarray, weight: np.ndarray, low: np.ndarray, high: np.ndarray,
            fixed: dict[int, float] | None = None) -> tuple[np.ndarray, float]:  # fmt: skip
    """The point of least Q between ``low`` and ``high`` float[p] with some coordinates ``fixed``, and Q there."""
    scale = root(weight)
    held = fixed or {}
    free = [k for k in range(len(low)) if k not in held]

    def at(part: np.ndarray) -> np.ndarray:
        u = surface.centre.copy()
        u[free] = part
        for k, value in held.items():
            u[k] = value
        return u

    def gap(part: np.ndarray) -> np.ndarray:
        return np.asarray(scale @ (surface(at(part)) - data))

    if not free:
        return at(np.zeros(0)), float((gap(np.zeros(0)) ** 2).sum())
    start = np.clip(surface.centre, low + 1e-9, high - 1e-9)[free]
    found = optimize.least_squares(gap, start, bounds=(low[free] - 1e-12, high[free] + 1e-12))
    return at(found.x), float(2 * found.cost)


def covariance(sample: np.ndarray) -> np.ndarray:
    """Covariance float[k, k] of moments over seeds, float[seeds, k], drawn a little towards its diagonal so that it can
    be inverted (linear shrinkage, intensity of Schaefer & Strimmer 2005 approximated by k / (seeds + k))."""
    seeds, k = sample.shape
    raw = np.atleast_2d(np.cov(sample, rowvar=False))
    diagonal = np.diag(np.maximum(np.diag(raw), 1e-12 + 1e-6 * np.mean(np.diag(raw))))
    share = min(0.9, k / (seeds + k))
    return np.asarray((1 - share) * raw + share * diagonal)


def sandwich(jacobian: np.ndarray, weight: np.ndarray, omega: np.ndarray) -> np.ndarray:
    """Covariance float[p, p] of the estimate, in the units of the point."""
    bread = np.linalg.pinv(jacobian.T @ weight @ jacobian)
    return np.asarray(bread @ jacobian.T @ weight @ omega @ weight @ jacobian @ bread)
