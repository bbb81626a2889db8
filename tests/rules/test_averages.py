"""Sums over people, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.averages import mean_trust
from sim.rules.search import first_at_least

pytestmark = pytest.mark.jitoff


def test_mean_of_trust() -> None:
    found = mean_trust(np.array([[3.0, 1.0], [1.0, 0.0]]), np.array([[1.0, 1.0], [3.0, 0.0]]))
    assert found.tolist() == [0.5, 0.25]
    assert mean_trust(np.array([[0.25]]), np.array([[0.25]])).tolist() == [0.5]
    assert mean_trust(np.zeros((0, 2)), np.zeros((0, 2))).tolist() == [0.0, 0.0]
    assert mean_trust(np.array([[2.0], [1.0], [0.0]]), np.array([[0.0], [1.0], [1.0]])).tolist() == [0.5]


@pytest.mark.parametrize("start", [0, 1, 3])
@pytest.mark.parametrize("stop", [3, 5, 7])
@pytest.mark.parametrize("wanted", [0, 1, 2, 4, 5, 8, 9])
def test_the_first_place_that_holds_enough(start: int, stop: int, wanted: int) -> None:
    values = np.array([1, 2, 2, 4, 4, 5, 8])
    assert first_at_least(values, start, stop, wanted) == start + int(np.searchsorted(values[start:stop], wanted))
