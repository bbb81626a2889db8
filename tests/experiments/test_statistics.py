"""The statistics against scipy, against hand-made cases, and against their own promise of coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.experiments import statistics as s


def test_mean_interval_is_students_t() -> None:
    values = np.array([3.0, 5.0, 4.0, 8.0, 6.5])
    found = s.mean_interval(values)
    low, high = stats.t.interval(0.95, 4, loc=values.mean(), scale=stats.sem(values))
    assert (found.mean, found.low, found.high, found.n) == pytest.approx((values.mean(), low, high, 5))


def test_unobserved_values_are_left_out_and_counted() -> None:
    found = s.mean_interval(np.array([1.0, math.nan, 3.0, math.inf]))
    assert (found.mean, found.n) == (2.0, 2)


@pytest.mark.parametrize(("values", "n"), [([], 0), ([math.nan], 0), ([4.0], 1)])
def test_too_little_to_say(values: list[float], n: int) -> None:
    found = s.mean_interval(np.array(values))
    assert found.n == n
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert math.isnan(s.probability_better(np.array(values)))
    assert all(math.isnan(x) for x in s.bootstrap_interval(np.array(values)))


def test_paired_difference_agrees_with_the_paired_t_test() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 10, 30)
    a, b = 100 + noise + rng.normal(1, 1, 30), 100 + noise
    found = s.paired_difference(a, b)
    test = stats.ttest_rel(a, b, alternative="greater")
    assert found.p_better == pytest.approx(1 - test.pvalue)
    two_sided = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((two_sided.low, two_sided.high))
    assert found.boot_low == pytest.approx(found.low, abs=0.1)


def test_the_good_direction_is_respected() -> None:
    a, b = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.5, 4.0])
    assert s.paired_difference(a, b, "down").p_better == pytest.approx(1 - s.paired_difference(a, b, "up").p_better)
    assert math.isnan(s.paired_difference(a, b, "").p_better)


def test_a_strategy_that_changes_nothing_is_a_coin_toss() -> None:
    a = np.array([1.0, 2.0, 4.0, 8.0])
    found = s.paired_difference(a, a)
    assert (found.mean, found.low, found.high, found.p_better) == (0.0, 0.0, 0.0, 0.5)
    assert s.probability_best(np.column_stack([a, a, a])) == pytest.approx([1 / 3] * 3)


def test_a_difference_without_noise_is_certain() -> None:
    a = np.array([1.0, 2.0, 4.0, 8.0])
    assert s.probability_better((a + 0.1) - a) == 1.0
    assert s.probability_best(np.column_stack([a, a + 0.5]), "down").tolist() == [1.0, 0.0]


@pytest.mark.parametrize("n", [2, 4, 20])
def test_best_of_two_is_better(n: int) -> None:
    rng = np.random.default_rng(n)
    columns = rng.normal([0.3, 0.0], 1, (n, 2))
    best = s.probability_best(columns)
    assert best.sum() == pytest.approx(1)
    assert best[0] == pytest.approx(s.probability_better(columns[:, 0] - columns[:, 1]), abs=0.02)


def test_best_uses_only_complete_replications() -> None:
    columns = np.array([[1.0, 2.0], [1.1, 2.3], [math.nan, -99.0], [0.9, 2.1]])
    assert s.probability_best(columns)[1] > 0.95
    assert np.isnan(s.probability_best(columns[2:])).all()


def test_best_is_calibrated() -> None:
    """Over many experiments on equal strategies P(best) is uniform-ish: its mean is 1/K and extremes are rare."""
    rng = np.random.default_rng(5)
    found = np.array([s.probability_best(rng.normal(0, 1, (5, 2)), draws=1000)[0] for _ in range(400)])
    assert found.mean() == pytest.approx(0.5, abs=0.05)
    assert np.mean(found > 0.95) == pytest.approx(0.05, abs=0.035)


def test_coverage_of_the_paired_interval() -> None:
    rng = np.random.default_rng(9)
    hits = 0
    for _ in range(2000):
        shared = rng.normal(0, 5, 8)
        gap = s.mean_interval((shared + rng.normal(1, 1, 8)) - (shared + rng.normal(0, 1, 8)))
        hits += gap.low <= 1 <= gap.high
    assert hits / 2000 == pytest.approx(0.95, abs=0.015)


def test_pairing_counts_the_replications_saved() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 3, 4000)
    a, b = noise + rng.normal(0, 1, 4000), noise + rng.normal(0, 1, 4000)
    found = s.pairing(a, b)
    assert found.correlation == pytest.approx(0.9, abs=0.01)
    assert found.ratio == pytest.approx(10, rel=0.08)
    assert found.saved == pytest.approx(4000 * (found.ratio - 1))


def test_pairing_at_its_edges() -> None:
    a = np.array([1.0, 2.0, 4.0])
    assert s.pairing(a, a).ratio == math.inf
    assert math.isnan(s.pairing(np.ones(3), np.ones(3)).ratio)
    assert math.isnan(s.pairing(a[:1], a[:1]).ratio)
