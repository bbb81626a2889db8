"""Sums over people, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rows import rows

from sim.rules.averages import mean_trust, worth_felt
from sim.rules.search import first_at_least
from sim.state.records import EXPERIENCE

pytestmark = pytest.mark.jitoff


@pytest.mark.parametrize(
    ("good", "bad", "mean"),
    [
        ([[3.0, 1.0], [1.0, 0.0]], [[1.0, 1.0], [3.0, 0.0]], [0.5, 0.25]),
        ([[0.25]], [[0.25]], [0.5]),
        (np.zeros((0, 2)), np.zeros((0, 2)), [0.0, 0.0]),
        ([[2.0], [1.0], [0.0]], [[0.0], [1.0], [1.0]], [0.5]),
    ],
)
def test_mean_of_trust(good: Any, bad: Any, mean: list[float]) -> None:
    found = np.zeros(len(mean))
    mean_trust(np.array(good), np.array(bad), found)
    assert found.tolist() == mean


def test_what_was_felt_in_yuan() -> None:
    """Twice as sensitive, half as dear; the sample of the second row does not count."""
    lived = rows(EXPERIENCE, 3, consumer=[1, 0, 0], product=[0, 1, 1], sample=[0, 1, 0], satisfaction=[0.5, 9.0, -1.5])
    yuan = np.full(3, 7.0)
    assert worth_felt(lived, np.array([4096, 2048]), np.array([30.0, 80.0]), 0.8, yuan) == 2
    assert yuan.tolist() == [0.5 * 30 / 0.4, -1.5 * 80 / 0.8, 7.0]
    assert worth_felt(lived[:1], np.array([0, 0]), np.array([30.0]), 0.8, yuan) == 1
    assert yuan[0] == pytest.approx(0.5 * 30 / 1e-6)  # whom prices do not move


@pytest.mark.parametrize("start", [0, 1, 3])
@pytest.mark.parametrize("stop", [3, 5, 7])
@pytest.mark.parametrize("wanted", [0, 1, 2, 4, 5, 8, 9])
def test_the_first_place_that_holds_enough(start: int, stop: int, wanted: int) -> None:
    values = np.array([1, 2, 2, 4, 4, 5, 8])
    assert first_at_least(values, start, stop, wanted) == start + int(np.searchsorted(values[start:stop], wanted))
