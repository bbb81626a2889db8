"""Selling slots, by hand and against a slow body of the same rule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.auction import ascending, clear, lowest_level

pytestmark = pytest.mark.jitoff

BIDDERS = st.lists(st.integers(0, 6), max_size=9)


@given(BIDDERS)
def test_ascending_is_a_stable_sort(values: list[int]) -> None:
    np.testing.assert_array_equal(ascending(np.array(values, float)), np.argsort(np.array(values), kind="stable"))


def test_each_pays_the_next_score_over_its_own_rate() -> None:
    score, ctr = np.array([2.0, 6.0, 4.0]), np.array([0.5, 1.0, 2.0])
    got, price = clear(score, ctr, np.array([10.0, 10.0, 10.0]), np.full(3, 1e9), 25.0)
    np.testing.assert_allclose(price, [0.0, 4.0, 1.0])
    np.testing.assert_allclose(got, [5.0, 10.0, 10.0])


def test_who_stands_beyond_the_slots_gets_nothing_and_is_asked_nothing() -> None:
    got, price = clear(np.array([3.0, 2.0, 1.0]), np.ones(3), np.full(3, 10.0), np.full(3, 1e9), 10.0)
    np.testing.assert_allclose(got, [10.0, 0.0, 0.0])
    np.testing.assert_allclose(price, [2.0, 0.0, 0.0])


def test_a_budget_ends_what_is_won() -> None:
    got, price = clear(np.array([5.0, 4.0]), np.ones(2), np.array([10.0, 50.0]), np.array([12.0, 1.0]), 20.0)
    np.testing.assert_allclose(got, [3.0, 17.0])  # the last pays nothing: its budget does not bind
    np.testing.assert_allclose(price, [4.0, 0.0])
    exact, _ = clear(np.array([5.0, 4.0]), np.ones(2), np.array([3.0, 1.0]), np.array([12.0, 1.0]), 20.0)
    np.testing.assert_allclose(exact, [3.0, 1.0])


def test_half_a_slot_is_sold_too() -> None:
    got, price = clear(np.array([5.0, 4.0, 3.0]), np.ones(3), np.array([10.0, 10.0, 1.0]), np.full(3, 1e9), 10.5)
    np.testing.assert_allclose(got, [10.0, 0.5, 0.0])
    np.testing.assert_allclose(price, [4.0, 3.0, 0.0])


def test_no_slots_no_sale() -> None:
    got, price = clear(np.array([5.0]), np.ones(1), np.ones(1), np.ones(1), 0.0)
    assert got[0] == price[0] == 0.0


def test_the_lowest_level_that_spends_the_budget() -> None:
    """Slots 10, rivals take 4 each at 1, 2, 3. Above 1 there is no room but 2; above all at 2, six."""
    score, taken = np.array([3.0, 1.0, 2.0]), np.array([4.0, 4.0, 4.0])
    assert lowest_level(score, taken, 10.0, 2.0) == (1.0, 2.0)
    assert lowest_level(score, taken, 10.0, 2.1) == (2.0, 6.0)
    assert lowest_level(score, taken, 10.0, 12.0) == (2.0, 6.0)
    assert lowest_level(score, taken, 10.0, 12.1) == (3.0, 10.0)
    assert lowest_level(score, taken, 10.0, 99.0) == (3.0, 10.0)  # the highest score when none is enough


def test_a_level_of_nothing_spends_nothing() -> None:
    assert lowest_level(np.array([0.0, 2.0]), np.array([1.0, 1.0]), 5.0, 0.0) == (2.0, 5.0)
    assert lowest_level(np.zeros(0), np.zeros(0), 5.0, 1.0) == (0.0, 5.0)
    assert lowest_level(np.array([0.5]), np.array([1.0]), -3.0, 9.0) == (0.5, 0.0)
    assert lowest_level(np.array([0.5, 1.0]), np.array([1.0, 1.0]), 2.0, 0.4) == (0.5, 1.0)
