"""What a person keeps, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.rules.memory import (
    GAPS,
    aware_by_contact,
    aware_by_exposure,
    aware_by_hazard,
    decayed,
    faded_by,
    fading,
    moved,
    retaining,
    retention,
)  # fmt: skip

pytestmark = pytest.mark.jitoff


def test_stocks_halve() -> None:
    assert decayed(8.0, 14.0, 7.0) == pytest.approx(2.0)
    left = fading(7.0)
    assert len(left) == GAPS
    assert left[[0, 7, 21]].tolist() == pytest.approx([1.0, 0.5, 0.125])
    for days in (0, 1, 127, 128, 300, 49_000):
        assert faded_by(3.0, days, left) == pytest.approx(3.0 * 0.5 ** (days / 7))
    assert faded_by(3.0, -7, left) == pytest.approx(6.0)  # a day of the warm-up, before what is kept
    assert GAPS == 65_536  # all that lie between two days of two bytes
    slow = fading(7000.0)
    for days in (-8192, -8191, 57_000, 57_343):
        assert faded_by(1.0, days, slow) == pytest.approx(0.5 ** (days / 7000))
    assert faded_by(1.0, -600, fading(0.5)) == 2.0**1000  # no more than a number can be
    marked = left.copy()
    marked[:] = 9.0
    assert faded_by(1.0, 127, marked) == faded_by(1.0, 0, marked) == 9.0  # the table is what is read


def test_forgetting_follows_a_power() -> None:
    assert retention(0.0, 2.0, 0.3) == 1.0
    assert retention(6.0, 2.0, 0.5) == pytest.approx(0.5)
    kept = retaining(2.0, 0.5)
    assert len(kept) == GAPS
    np.testing.assert_allclose(kept[[0, 6, 1022]], [1.0, 0.5, 1 / math.sqrt(512.0)])


def test_awareness_by_exposure_contact_hazard() -> None:
    assert aware_by_exposure(0.5, 3.0) == pytest.approx(0.875)
    assert aware_by_contact(0.5, 0.2, 0.1, 2.0, 3.0) == pytest.approx(1 - 0.5 * 0.8**2 * 0.9**3)
    assert aware_by_contact(0.0, 0.2, 0.1, 0.0, 0.0) == 0.0
    assert aware_by_hazard(0.03, 0.4, 0.5) == pytest.approx(1 - math.exp(-0.23))


def test_beliefs_move_part_of_the_way() -> None:
    assert moved(0.2, 0.8, 0.25) == pytest.approx(0.35)
