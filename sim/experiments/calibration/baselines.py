"""Simple models of the same adoptions, fitted by maximum likelihood: what a network model must beat.

    calendar   h_t  = 1 - exp(-exp(a + b t))             time alone
    Bass       h_t  = 1 - exp(-(p + q F_t))              share of all who adopted before period t
    network    h_it = 1 - exp(-(p + q F_it))             share of one's own friends who did

All predict one period ahead from what had happened by then, so that held-out periods compare fairly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import optimize

from sim.experiments.calibration.moments import Events


@dataclass(frozen=True)
class _Fit:
    """A fitted model: name, names of its parameters, what its hazard depends on (a value a row), and theta float[2]."""

    name: str
    names: tuple[str, str]
    x: np.ndarray
    theta: np.ndarray

    def rate(self, theta: np.ndarray) -> np.ndarray:
        """Hazard rate of every row."""
        if self.names == ("a", "b"):
            return np.asarray(np.clip(np.exp(theta[0] + theta[1] * self.x), 1e-12, 50.0))
        return np.asarray(np.clip(np.exp(theta[0]) + np.exp(theta[1]) * self.x, 1e-12, 50.0))

    def loglik(self, theta: np.ndarray, adopted: np.ndarray, keep: np.ndarray) -> float:
        """Log-likelihood of the rows in ``keep``."""
        rate = self.rate(theta)[keep]
        return float(np.where(adopted[keep], np.log(-np.expm1(-rate)), -rate).sum())


def baselines(data: Events, until: float) -> pd.DataFrame:
    """A row a model: its two parameters, log-likelihood fitted (periods before ``until``) and held out, AIC."""
    rows = []
    time, _, _, adopted = table = _person_periods(data)
    inside = time < until
    for fit in _fits(data, table, inside):
        shown = fit.theta if fit.names == ("a", "b") else np.exp(fit.theta)
        loglik = fit.loglik(fit.theta, adopted, inside)
        after = fit.loglik(fit.theta, adopted, ~inside) if (~inside).any() else np.nan
        rows.append({"model": fit.name, **dict(zip(fit.names, shown, strict=True)), "loglik": loglik,
                     "aic": 4 - 2 * loglik, "held_out_loglik": after})  # fmt: skip
    return pd.DataFrame(rows)


def paths(data: Events, until: float) -> dict[str, np.ndarray]:
    """New adopters each model expects, float[periods] by name, given what had happened before each period."""
    table = _person_periods(data)
    time = table[0].astype(np.int64)
    return {fit.name: np.bincount(time, -np.expm1(-fit.rate(fit.theta))) for fit in _fits(data, table, time < until)}


def _fits(data: Events, table: tuple[np.ndarray, ...], inside: np.ndarray) -> list[_Fit]:
    time, share, friends, adopted = table
    models = [("calendar", ("a", "b"), time), ("Bass", ("p", "q"), share)]
    if data.ties is not None:
        models.append(("network", ("p", "q"), friends))
    found = []
    for name, names, x in models:
        fit = _Fit(name, names, x, np.array([-3.0, 0.0 if name == "calendar" else -2.0]))

        def loss(theta: np.ndarray, fit: _Fit = fit) -> float:
            return -fit.loglik(theta, adopted, inside)

        best = optimize.minimize(loss, fit.theta, method="Nelder-Mead", options={"maxiter": 4000}).x
        found.append(replace(fit, theta=best))
    return found


def _person_periods(data: Events) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A row for each person and period at risk: period, share of all and of friends adopted before, whether adopts."""
    when = np.full(data.people, np.inf)
    when[data.prior] = -1.0
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
