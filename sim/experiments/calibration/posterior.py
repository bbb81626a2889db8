"""An approximate posterior: rejection on few summaries, adjusted by regression (Beaumont, Zhang & Balding 2002).

The prior is uniform over the plan's ranges; only where the fit says the posterior can be (six standard errors) are
markets spent. The summaries are one a parameter, J'W m: the fit's own estimate of it (Fearnhead & Prangle 2012).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sim.experiments.calibration.evaluate import Laboratory
from sim.experiments.calibration.surface import Surface

KEEP = 0.5
"""Share of the markets nearest to the data that is kept; the regression does the rest."""


@dataclass(frozen=True)
class Cloud:
    """Adjusted draws ``points`` float[n, p] in [0, 1] with weights float[n] that sum to one."""

    points: np.ndarray
    weights: np.ndarray

    def quantile(self, k: int, q: float) -> float:
        """Weighted quantile of coordinate k."""
        order = np.argsort(self.points[:, k])
        upto = np.cumsum(self.weights[order])
        return float(self.points[order, k][min(int(np.searchsorted(upto, q)), len(order) - 1)])


def posterior(lab: Laboratory, data: np.ndarray, weight: np.ndarray, surface: Surface, point: np.ndarray,
              error: np.ndarray, draws: int, ratio: float) -> Cloud:  # fmt: skip
    """Draws of the posterior from ``draws`` single markets, each with people and luck of its own.

    ``ratio``: people of the model over people of the data; what one market scatters is stretched by its root.
    """
    reach = np.maximum(6.0 * error, 0.02)
    low, high = np.clip(point - reach, 0, 1), np.clip(point + reach, 0, 1)
    unit = stats.qmc.LatinHypercube(len(point), rng=lab.seed).random(draws)
    points = low + unit * (high - low)
    found = lab.each(list(points), 5000)
    project = surface.jacobian(point).T @ weight
    summary, wanted = found @ project.T, project @ data
    spread = np.maximum(np.median(np.abs(summary - np.median(summary, axis=0)), axis=0), 1e-12)
    distance = np.sqrt((((summary - wanted) / spread) ** 2).sum(axis=1))
    limit = max(float(np.quantile(distance, KEEP)), 1e-12)
    kept = distance <= limit
    near = 1.0 - (distance[kept] / limit) ** 2 + 1e-9
    design = np.column_stack([np.ones(int(kept.sum())), (summary[kept] - wanted) / spread])
    heavy = np.sqrt(near)[:, None]
    slope = np.linalg.lstsq(design * heavy, points[kept] * heavy, rcond=None)[0][1:]
    adjusted = points[kept] - design[:, 1:] @ slope
    middle = (near[:, None] * adjusted).sum(axis=0) / near.sum()
    adjusted = middle + np.sqrt(ratio) * (adjusted - middle)
    return Cloud(np.clip(adjusted, 0.0, 1.0), near / near.sum())

