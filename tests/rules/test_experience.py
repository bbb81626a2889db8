"""After delivery, by hand: satisfaction, returns (decision D10), reviews, trust, lapse; sharing and tree shapes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.rules.cascade import pass_on_probability, share_probability, similarity, tree_shapes
from sim.rules.experience import (
    MEAN_SATISFACTION,
    faded,
    lapse_probability,
    return_probability,
    review_probability,
    satisfaction,
    stars,
    trust,
)

pytestmark = pytest.mark.jitoff

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(80)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
BASE, SLOPE = -3.12, -2.0


def mean_over_noise(rule: object) -> float:
    """E rule(z), z standard normal."""
    return float(sum(w * rule(float(z)) for z, w in zip(NODES, WEIGHTS, strict=True)))  # type: ignore[operator]


def test_losses_weigh_twice() -> None:
    assert satisfaction(1.5, 0.5) == pytest.approx(0.75)
    assert satisfaction(0.5, 0.5) == pytest.approx(0.25)
    assert satisfaction(-1.5, 0.5) == pytest.approx(-1.5)
    assert satisfaction(0.0, 0.5) == 0.0


def test_mean_satisfaction_is_minus_a_fifth() -> None:
    z = np.linspace(-9, 9, 200_001)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    mean = float((np.where(z >= 0, 0.5 * z, z) * density).sum() * (z[1] - z[0]))
    assert mean == pytest.approx(MEAN_SATISFACTION, abs=1e-8)
    assert mean == pytest.approx(-0.20, abs=0.001)


def test_the_shelf_returns_twelve_percent() -> None:
    assert mean_over_noise(lambda z: return_probability(z, BASE, SLOPE, 0.0)) == pytest.approx(0.12, abs=0.005)


def test_a_live_stream_with_hype_returns_thirty_five_percent() -> None:
    assert mean_over_noise(lambda z: return_probability(z - 0.4, BASE, SLOPE, 1.3)) == pytest.approx(0.35, abs=0.01)


def test_return_by_hand() -> None:
    assert return_probability(-1.0, BASE, SLOPE, 0.0) == pytest.approx(1 / (1 + math.exp(1.12)))
    assert return_probability(0.0, BASE, SLOPE, 1.3) == pytest.approx(1 / (1 + math.exp(1.82)))


def test_extremes_review_more() -> None:
    assert review_probability(0.0, 0.03, 0.05) == pytest.approx(0.03)
    assert review_probability(-2.0, 0.03, 0.05) == pytest.approx(0.23)
    assert review_probability(9.0, 0.03, 0.05) == 1.0


@pytest.mark.parametrize(("s", "shown"), [(-5, 1), (-1.2, 3), (0, 4), (0.4, 4), (0.6, 5), (3, 5)])
def test_stars(s: float, shown: int) -> None:
    assert stars(s) == shown


def test_trust_and_its_fading() -> None:
    assert trust(3.0, 1.0) == 0.75
    assert faded(7.0, 3.0, 180.0, 180.0) == pytest.approx(5.0)
    assert faded(7.0, 3.0, 0.0, 180.0) == 7.0


def test_lapse_at_the_mean_is_the_persons_own() -> None:
    assert lapse_probability(0.2, MEAN_SATISFACTION, 0.8) == pytest.approx(0.2)
    assert lapse_probability(0.2, 5.0, 0.0) == pytest.approx(0.2)
    assert lapse_probability(0.0, -3.0, 0.8) == 0.0
    assert lapse_probability(1.0, 3.0, 0.8) == 1.0


def test_lapse_by_hand() -> None:
    logit = math.log(0.2 / 0.8) - 0.8 * (1.0 - MEAN_SATISFACTION)
    assert lapse_probability(0.2, 1.0, 0.8) == pytest.approx(1 / (1 + math.exp(-logit)))


def test_sharing_by_hand() -> None:
    assert share_probability(0.5, 0.06, 0.12, 1.0) == pytest.approx(0.06)
    assert share_probability(9.0, 0.06, 0.12, 1.0) == pytest.approx(0.12)
    assert share_probability(0.5, 0.06, 0.12, 0.5) == pytest.approx(0.03)
    assert share_probability(-1.0, 0.06, 0.12, 0.5) == pytest.approx(0.09)
    assert share_probability(-9.0, 0.06, 0.12, 1.0) == pytest.approx(0.24)
    assert share_probability(-9.0, 0.06, 0.9, 1.0) == 1.0
    assert share_probability(0.0, 0.06, 0.12, 1.0) == 0.0
    assert share_probability(3.0, 0.9, 0.12, 1.0) == 1.0
    assert similarity(0.2, 0.7) == pytest.approx(0.5)
    assert pass_on_probability(0.15, 1.0, 3.0) == pytest.approx(0.05)
    assert pass_on_probability(0.9, 2.0, 1.0) == 1.0
    assert pass_on_probability(0.9, 0.0, 0.0) == 0.0


def test_tree_shapes_by_hand() -> None:
    """A star of four, a path of four, a singleton: Wiener indices 9, 10, 0; mixed in the table."""
    parent = np.array([-1, -1, 0, 1, 0, 3, -1, 0, 5])
    root = np.array([-1, -1, 0, 1, 0, 1, -1, 0, 1])
    size, depth, distance = tree_shapes(parent, root)
    assert size[[0, 1, 6]].tolist() == [4, 4, 1]
    assert depth[[0, 1, 6]].tolist() == [1, 3, 0]
    assert distance[[0, 1, 6]].tolist() == [9.0, 10.0, 0.0]
    assert size.sum() == len(parent)
    pair = tree_shapes(np.array([-1, 0]), np.array([-1, 0]))
    path = tree_shapes(np.array([-1, 0, 1]), np.array([-1, 0, 0]))
    assert (pair[0][0], pair[1][0], pair[2][0]) == (2, 1, 1.0)
    assert (path[0][0], path[1][0], path[2][0]) == (3, 2, 4.0)
