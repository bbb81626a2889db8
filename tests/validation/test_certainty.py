"""Standard errors of a fit by simulated moments, on a simulator whose law is known in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.experiments.calibration.certainty import certain

SLOPE = np.array([[1.0, 0.2], [0.5, 1.0], [0.3, -0.4], [0.0, 0.6]])
TRUTH = np.array([0.4, 0.6])
ROOT = 0.05 * np.linalg.cholesky(0.5 * np.eye(4) + 0.5)
OMEGA = ROOT @ ROOT.T


class Linear:
    """m_s(u) = SLOPE u + chance of the seed; beside it chance of its own at every point, ``loose`` times as large."""

    def __init__(self, seed: int, loose: float) -> None:
        self.rng, self.loose = np.random.default_rng(seed), loose

    def ahead(self, points: list[np.ndarray], seeds: range) -> tuple[np.ndarray, np.ndarray]:
        shared = self.rng.normal(size=(len(seeds), 4)) @ ROOT.T
        own = self.loose * self.rng.normal(size=(len(points), len(seeds), 4)) @ ROOT.T
        found = np.array(points)[:, None] @ SLOPE.T + shared + own
        return found, found[:, :, :1]


def fit(seed: int, loose: float, seeds: int, weight: Any, error: float = 0.05) -> Any:
    rng = np.random.default_rng(10_000 + seed)
    data = SLOPE @ TRUTH + ROOT @ rng.normal(size=4) * (1 + loose**2) ** 0.5
    start = TRUTH + 0.03 * rng.normal(size=2)
    return certain(Linear(seed, loose), data, start, weight, np.full(2, error), range(seeds), 1.0)  # type: ignore[arg-type]


def test_errors_are_those_of_least_squares() -> None:
    """With the best weights V is (J' Omega^-1 J)^-1 (1 + 1/seeds)."""
    weight = np.linalg.inv(OMEGA)
    found = fit(1, 0.0, 4000, weight)
    exact = np.linalg.inv(SLOPE.T @ weight @ SLOPE) * (1 + 1 / 4000)
    np.testing.assert_allclose(found.covariance, exact, rtol=0.1, atol=1e-5)
    np.testing.assert_allclose(found.jacobian, SLOPE, atol=1e-9)
    assert found.chance == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("loose", [0.0, 0.7])
def test_intervals_hold_the_truth_as_often_as_they_say(loose: float) -> None:
    """Over 400 fits with poor weights, 24 seeds and a noisy derivative: z has variance 1, and 2 errors hold 95 %."""
    rng = np.random.default_rng(3)
    z = []
    for k in range(400):
        sample = rng.normal(size=(20, 4)) @ ROOT.T
        found = fit(k, loose, 24, np.linalg.inv(np.cov(sample, rowvar=False)))
        z.append((found.point - TRUTH) / np.sqrt(np.diag(found.covariance)))
    assert np.mean(np.square(z)) == pytest.approx(1.0, abs=0.25)
    assert np.mean(np.abs(z) < 2) == pytest.approx(0.95, abs=0.025)


def test_chance_in_the_derivative_is_taken_off() -> None:
    """Where differences are narrow J'WJ is swollen by chance: the errors said grow by what is taken off."""
    weight = np.linalg.inv(OMEGA)
    ratios, chance = [], []
    for k in range(60):
        found = fit(k, 0.7, 24, weight, error=0.03)
        naive = np.linalg.inv(found.jacobian.T @ weight @ found.jacobian)
        exact = np.linalg.inv(SLOPE.T @ weight @ SLOPE)
        ratios.append([np.trace(naive) / np.trace(exact), found.covariance.trace() / np.trace(exact) / 1.49])
        chance.append(found.chance)
    naive_ratio, ours = np.median(ratios, axis=0)
    assert 0.02 < np.median(chance) < 0.75
    assert naive_ratio < ours
    assert ours == pytest.approx(1.0, abs=0.2)


def test_misfit_is_uniform_when_the_model_is_right() -> None:
    """Hansen's test rejects a right model at 10 % in about 10 % of fits, and a wrong one nearly always."""
    weight = np.linalg.inv(OMEGA)
    p = np.array([fit(k, 0.0, 40, weight).misfit for k in range(300)])
    assert (p < 0.1).mean() == pytest.approx(0.1, abs=0.06)
    wrong = certain(Linear(1, 0.0), SLOPE @ TRUTH + [0.3, -0.3, 0.3, 0.3], TRUTH, weight, np.full(2, 0.05),
                    range(40), 1.0)  # type: ignore[arg-type]  # fmt: skip
    assert wrong.misfit < 0.01
