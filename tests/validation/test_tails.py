"""Power law or lognormal: both densities are densities, known laws are found again, the verdict is the test's."""

from __future__ import annotations

import numpy as np
import pytest

from sim.validation.tails import judged, lognormal_density, power_density, tail


def test_both_densities_sum_to_one() -> None:
    x = np.arange(3, 2_000_000)
    assert np.exp(power_density(x, 3, 2.6)).sum() == pytest.approx(1, abs=1e-6)
    assert np.exp(lognormal_density(x, 3, 1.5, 0.9)).sum() == pytest.approx(1, abs=1e-6)


def test_a_power_law_is_found_again() -> None:
    """Discrete Pareto by inversion: exponent within 3 errors, (a - 1) / sqrt(n); the lognormal is not preferred."""
    u = np.random.default_rng(4).random(4000)
    values = np.floor(3.5 * (1 - u) ** (-1 / 1.5) + 0.5).astype(int)
    found = tail(values)
    assert found.exponent == pytest.approx(2.5, abs=3 * 1.5 / found.count**0.5)
    assert found.verdict != "lognormal"


def test_a_lognormal_body_is_told_from_a_power_law() -> None:
    """With all of a lognormal in view, and not its far end alone, the power law loses beyond doubt."""
    values = np.rint(np.exp(np.random.default_rng(4).normal(3, 0.5, 3000))).astype(int)
    gap = power_density(values[values >= 10], 10, 2.2) - lognormal_density(values[values >= 10], 10, 3, 0.5)
    assert gap.sum() < -100
    assert tail(values).ratio < 0


def test_the_verdict_needs_evidence() -> None:
    assert [judged(r, p) for r, p in ((-5, 0.01), (5, 0.01), (-5, 0.2))] == ["lognormal", "power law", "not told apart"]
    with pytest.raises(ValueError, match="at least 50"):
        tail(np.arange(10))
    with pytest.raises(ValueError, match="all alike"):
        tail(np.full(100, 3))
