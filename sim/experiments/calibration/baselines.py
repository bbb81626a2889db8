"""Simple models of the same adoptions, fitted by maximum likelihood: what a network model must beat.

    calendar   h_t  = 1 - exp(-exp(a + b t))             time alone
    Bass       h_t  = 1 - exp(-(p + q F_t))              share of all who adopted before period t
    network    h_it = 1 - exp(-(p + q F_it))             share of one's own friends who did

All predict one period ahead from what had happened by then, so that held-out periods compare fairly.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import optimize

from sim.experiments.calibration.moments import Events

Hazard = Callable[[np.ndarray, np.ndarray], np.ndarray]


def baselines(data: Events, until: float) -> pd.DataFrame:
    """A row a model: its two parameters, log-likelihood fitted (periods before ``until``) and held out, AIC."""
    time, share, friends, adopted = _person_periods(data)
    inside = time < until
    models: list[tuple[str, tuple[str, str], np.ndarray, bool]] = [
        ("calendar", ("a", "b"), time, True), ("Bass", ("p", "q"), share, False)]  # fmt: skip
    if data.ties is not None:
        models.append(("network", ("p", "q"), friends, False))
    rows = []
    for name, (first, second), x, exponential in models:

        def loss(theta: np.ndarray, keep: np.ndarray, x: np.ndarray = x, exponential: bool = exponential) -> float:
            if exponential:
                rate = np.exp(theta[0] + theta[1] * x[keep])
            else:
                rate = np.exp(theta[0]) + np.exp(theta[1]) * x[keep]
            rate = np.clip(rate, 1e-12, 50.0)
            return float(-np.where(adopted[keep], np.log(-np.expm1(-rate)), -rate).sum())

        start = np.array([-3.0, 0.0 if exponential else -2.0])
        best = optimize.minimize(loss, start, args=(inside,), method="Nelder-Mead", options={"maxiter": 4000}).x
        rows.append({
            "model": name, first: best[0] if exponential else np.exp(best[0]),
            second: best[1] if exponential else np.exp(best[1]), "loglik": -loss(best, inside),
            "aic": 2 * loss(best, inside) + 4, "held_out_loglik": -loss(best, ~inside) if (~inside).any() else np.nan,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _person_periods(data: Events) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A row for each person and period at risk: period, share of all and of friends adopted before, whether adopts."""
    when = np.full(data.people, np.inf)
    when[data.who] = np.floor(data.day)
    last = int(when[np.isfinite(when)].max())
    ties = data.ties if data.ties is not None else np.zeros((0, 2), np.int64)
    a, b = np.concatenate([ties, ties[:, ::-1]]).T
    degree = np.bincount(a, minlength=data.people)
    parts = []
    for t in range(last + 1):
        risk = when >= t
        friends = np.bincount(a, when[b] < t, minlength=data.people) / np.maximum(degree, 1)
        count = int(risk.sum())
        parts.append(np.stack([np.full(count, t), np.full(count, (when < t).mean()), friends[risk], when[risk] == t]))
    time, share, near, adopted = np.concatenate(parts, axis=1)
    return time, share, near, adopted.astype(bool)
