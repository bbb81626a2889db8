"""Orders of rows, against sorts of the library."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.sorting import NEAR, by_neighbours, by_time, counted

pytestmark = pytest.mark.jitoff

HOURS = st.lists(st.tuples(st.sampled_from([24.0, 25.5, 30.0, 31.0, 47.9, 47.99]), st.integers(0, 3)), max_size=25)


def timed(hour: np.ndarray, key: np.ndarray) -> np.ndarray:
    """The order of moments of day 1."""
    n = len(hour)
    turn = np.zeros(n, np.int64)
    by_time(hour, key, 24.0, 24.0, np.empty(n, np.int64), np.zeros(n + 1, np.int64), turn)
    return turn


def near_by(person: np.ndarray, people: int) -> list[int]:
    turn = np.zeros(len(person), np.int64)
    by_neighbours(person, np.empty(len(person), np.int64), np.zeros((people >> NEAR) + 2, np.int64), turn)
    found: list[int] = turn.tolist()
    return found


@given(HOURS)
def test_by_hour_then_key_then_as_they_stand(moments: list[tuple[float, int]]) -> None:
    hour, key = np.array([m[0] for m in moments]), np.array([m[1] for m in moments], np.uint64)
    np.testing.assert_array_equal(timed(hour, key), np.lexsort((key, hour)))


def test_by_time_where_places_differ_and_beyond_the_day() -> None:
    hour = np.array([47.0, 24.0, 36.0, 23.0, 60.0, 36.0, 35.0])
    found = timed(hour, np.array([0, 0, 5, 0, 0, 4, 0], np.uint64))
    assert found.tolist() == [3, 1, 6, 5, 2, 0, 4]


@given(st.lists(st.integers(0, 4), max_size=30))
def test_counting_is_a_stable_sort(places: list[int]) -> None:
    turn = np.empty(len(places), np.int64)
    counted(np.array(places, np.int64), np.zeros(6, np.int64), turn)
    np.testing.assert_array_equal(turn, np.argsort(np.array(places), kind="stable"))


def test_neighbours_come_together() -> None:
    near = 1 << NEAR
    person = np.array([2 * near, 5, near + 1, 3, 2 * near - 1, near])
    assert near_by(person, 2 * near + 1) == [1, 3, 2, 4, 5, 0]
    assert near_by(np.array([near]), near + 1) == [0]


def test_few_rows_are_spread_over_the_day_in_linear_time() -> None:
    """Places are those of the hour: in order already, nothing is left to insert."""
    hour = np.linspace(24.0, 47.9, 50)
    np.testing.assert_array_equal(timed(hour[::-1].copy(), np.zeros(50, np.uint64)), np.arange(49, -1, -1))
