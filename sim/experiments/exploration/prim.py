"""Scenario discovery: the box of the uncertainties in which most of the cases of interest lie (PRIM).

The patient rule induction method of Friedman and Fisher (1999, Statistics and Computing 9, 123-143) peels a box from
outside, a small share of the points at a time, always where what is left is densest in cases of interest. Which box of
the trajectory to take, and which of its restrictions are more than chance, is after Bryant and Lempert (2010,
Technological Forecasting and Social Change 77, 34-49): coverage, density, quasi-p-values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special

PEEL = 0.05
"""Share of the points left that one step peels off (alpha)."""

LEAST = 12
"""Points a box must hold."""

CHANCE = 0.05
"""Quasi-p-value above which a restriction is dropped."""

FOLDS = 5
_SEED = 20_240_229

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Box:
    """A box and what it holds.

    ``limits``: column -> (low, high) where it is restricted; ``p``: the quasi-p-value of each restriction.
    ``coverage``: share of the cases of interest that lie inside; ``density``: share of the points inside that are of
    interest; ``mass``: share of all points inside; ``checked``: density on points the box was not made from.
    """

    limits: dict[int, tuple[float, float]]
    coverage: float
    density: float
    mass: float
    p: dict[int, float] = field(default_factory=dict)
    checked: float = float("nan")

    def holds(self, x: Floats) -> Any:
        """bool[n]: which points lie inside."""
        inside = np.ones(len(x), bool)
        for k, (low, high) in self.limits.items():
            inside &= (x[:, k] >= low) & (x[:, k] <= high)
        return inside


def discover(x: Floats, interest: Any) -> Box | None:
    """The box of float64[n, k] points that best tells bool[n] cases of interest: high coverage and high density.

    None where there is nothing to tell: no case, every case, too few points, or no restriction beyond chance.
    """
    found = _found(x, np.asarray(interest, bool))
    if found is None:
        return None
    fold = np.random.default_rng(_SEED).permutation(len(x)) % FOLDS
    inside = hits = 0
    for f in range(FOLDS):
        held = fold == f
        other = _found(x[~held], np.asarray(interest, bool)[~held])
        if other is not None:
            there = other.holds(x[held])
            inside, hits = inside + int(there.sum()), hits + int(np.asarray(interest, bool)[held][there].sum())
    checked = hits / inside if inside else float("nan")
    return Box(found.limits, found.coverage, found.density, found.mass, found.p, checked)


def trajectory(x: Floats, interest: Any) -> list[Box]:
    """The boxes of the peeling, from the whole space inwards."""
    y = np.asarray(interest, bool)
    limits: dict[int, tuple[float, float]] = {}
    boxes = [measured(x, y, limits)]
    while True:
        inside = boxes[-1].holds(x)
        if inside.sum() <= LEAST or boxes[-1].density == 1.0:
            return boxes
        best: tuple[float, int, dict[int, tuple[float, float]]] | None = None
        for k in range(x.shape[1]):
            column = x[inside, k]
            for low, high in _peels(column, limits.get(k, (-np.inf, np.inf))):
                keep = (column >= low) & (column <= high)
                count = int(keep.sum())
                if LEAST <= count < len(column):
                    rank = (float(y[inside][keep].mean()), count)
                    if best is None or rank > best[:2]:
                        best = (*rank, {**limits, k: (low, high)})
        if best is None or best[0] < boxes[-1].density:
            return boxes
        limits = best[2]
        boxes.append(measured(x, y, limits))


def measured(x: Floats, y: Any, limits: dict[int, tuple[float, float]]) -> Box:
    """A box with coverage, density and mass."""
    inside = Box(limits, 0, 0, 0).holds(x)
    hits, count = int(y[inside].sum()), int(inside.sum())
    return Box(limits, hits / max(1, int(y.sum())), hits / max(1, count), count / max(1, len(x)))


def _found(x: Floats, y: Any) -> Box | None:
    if len(x) < 2 * LEAST or y.all() or not y.any():
        return None
    best = max(trajectory(x, y), key=lambda box: _balance(box.coverage, box.density))
    limits = best.limits
    while limits:
        p = {k: _chance(x, y, limits, k) for k in limits}
        worst = max(p, key=lambda k: p[k])
        if p[worst] <= CHANCE:
            box = measured(x, y, limits)
            return Box(limits, box.coverage, box.density, box.mass, p)
        limits = {k: ends for k, ends in limits.items() if k != worst}
    return None


def _balance(coverage: float, density: float) -> float:
    """The harmonic mean: neither a box with everything in it nor one of a few sure points is an answer."""
    return 2 * coverage * density / (coverage + density) if coverage + density > 0 else 0.0


def _peels(column: Floats, ends: tuple[float, float]) -> list[tuple[float, float]]:
    """The two boxes that one peel of a column leaves, each cut in the middle between two points."""
    values = np.unique(column)
    if len(values) < 2:
        return []
    low_at = int(np.searchsorted(values, np.quantile(column, PEEL), side="right"))
    high_at = int(np.searchsorted(values, np.quantile(column, 1 - PEEL), side="left")) - 1
    low = (values[max(0, min(low_at, len(values) - 1) - 1)] + values[max(1, min(low_at, len(values) - 1))]) / 2
    high = (values[max(0, high_at)] + values[max(0, high_at) + 1]) / 2
    return [(float(low), ends[1]), (ends[0], float(high))]


def _chance(x: Floats, y: Any, limits: dict[int, tuple[float, float]], k: int) -> float:
    """The chance of so many hits inside if the restriction of column k meant nothing (binomial tail)."""
    inside = Box(limits, 0, 0, 0).holds(x)
    wider = Box({j: ends for j, ends in limits.items() if j != k}, 0, 0, 0).holds(x)
    share = float(y[wider].mean())
    count, hits = int(inside.sum()), int(y[inside].sum())
    return 1.0 if hits == 0 else float(special.bdtrc(hits - 1, count, share))
