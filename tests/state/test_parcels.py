"""What remains of a buyer after paid orders are called off."""

from __future__ import annotations

import numpy as np
import pytest

from sim.state.columns import NEVER
from sim.state.parcels import give_back
from sim.state.records import CANCELLED, ORDER


@pytest.mark.parametrize(("paid", "called_off", "days"), [
    ([4, 9], [0], (9, NEVER)),       # the first of two: the second is the first now
    ([4, 9], [1], (4, NEVER)),
    ([4, 9], [0, 1], (NEVER, NEVER)),
    ([4], [0], (NEVER, NEVER)),
    ([4, 4], [1], (4, NEVER)),
    ([4, 9, 12], [2], (4, 9)),
])  # fmt: skip
def test_the_days_of_the_orders_that_are_left(paid: list[int], called_off: list[int], days: tuple[int, int]) -> None:
    rows = np.zeros(len(paid), ORDER)
    rows["consumer"], rows["paid_day"], rows["price"] = 1, paid, 700
    units, with_one = np.zeros((2, 1), np.uint16), np.zeros((2, 1), np.uint16)
    units[1], with_one[1] = len(paid), len(paid)
    first, second = np.full((2, 1), NEVER, np.int16), np.full((2, 1), NEVER, np.int16)
    first[1], second[1] = paid[0], paid[1] if len(paid) > 1 else NEVER
    to_ship, tally = np.array([len(paid)]), np.zeros((1, 20), np.int64)
    owed = give_back(rows, np.array(called_off), units, with_one, (first, second), to_ship, np.zeros(1, int), tally)
    assert (int(first[1, 0]), int(second[1, 0])) == days
    left = len(paid) - len(called_off)
    assert (units[1, 0], with_one[1, 0], to_ship[0]) == (left, left, left)
    assert owed == [700 * len(called_off)]
    assert (rows["status"] == CANCELLED).sum() == len(called_off)
