"""The four verbs of the till on one order, and the list of open groups: by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rows import rows

from sim.rng import entity_key, normal
from sim.rules.till import (
    CANCELLED,
    COMPLETE,
    EXPIRED,
    FILLED,
    HELD,
    OPEN,
    PAID,
    RELEASED,
    RESERVED,
    SHIPPED,
    capture,
    count_paid,
    credited,
    hold,
    lay_out,
    oldest_open,
    release,
    seat,
    ship,
)  # fmt: skip
from sim.state import records
from sim.state.records import EVENT, GROUP, INTENT, ORDER

pytestmark = pytest.mark.jitoff

TERMS = {"key": 91, "consumer": 4, "price": 1250, "product": 1, "platform": 2, "mode": 3, "channel": 4, "impulse": 1,
         "sees": 1, "coupon": 6, "points": 70, "urgency": 30}  # fmt: skip


def test_codes_are_those_of_the_records() -> None:
    assert (RESERVED, PAID, SHIPPED, CANCELLED) == (records.RESERVED, records.PAID, records.SHIPPED, records.CANCELLED)
    assert (OPEN, COMPLETE, EXPIRED, FILLED) == (records.OPEN, records.COMPLETE, records.EXPIRED, records.FILLED)


def test_the_day_is_laid_out_intents_first() -> None:
    intents, others = rows(INTENT, 3, hour=[9.0, 0.0, 7.5], **TERMS), rows(EVENT, 2, hour=[90.0, 75.0], parent=[5, 6])
    intents["mode"] = [0, 1, 2]
    others["kind"] = 2
    events = rows(EVENT, 5, parent=9, kind=9)
    assert lay_out(intents, others, 3, events) == 2
    assert events["hour"].tolist() == [81.0, 72.0, 79.5, 90.0, 75.0]
    assert events["parent"].tolist() == [0, 1, 2, 5, 6]
    assert events["kind"].tolist() == [0, 0, 0, 2, 2]
    for name in TERMS.keys() - {"mode"}:
        assert events[name].tolist() == [TERMS[name]] * 3 + [0, 0], name


def test_an_order_is_credited_by_weight() -> None:
    weight = np.array([[1.0, 0.2], [0.0, 0.3], [3.0, 0.0]])
    assert [credited(weight, 0, luck, False) for luck in (0.0, 0.24, 0.25, 0.999)] == [0, 0, 2, 2]
    assert [credited(weight, 1, luck, False) for luck in (0.0, 0.39, 0.4, 0.999)] == [0, 0, 1, 1]
    assert [credited(weight, 1, luck, True) for luck in (0.19, 0.2, 0.49, 0.5)] == [0, 1, 1, -1]  # the rest is its own
    assert credited(np.ones((2, 1)), 0, 1.0, False) == 1  # luck that rounding puts beyond the last is the last one's
    assert credited(np.array([[0.5], [0.5]]), 0, 1.0, True) == 1
    assert credited(np.zeros((3, 2)), 1, 0.0, False) == credited(np.zeros((0, 2)), 1, 0.0, False) == -1


def test_a_hold_reserves_a_unit_and_the_money() -> None:
    event, orders = rows(EVENT, 1, hour=73.5, **TERMS), rows(ORDER, 2, referrer=5, sample=1)
    stock, cash = np.array([8, 1, 8]), np.array([[7, 7], [7, 7]])
    assert hold(orders, 1, event[0], 2, 990, 17, 5, stock, cash, 1)
    assert stock.tolist() == [8, 0, 8]
    assert cash.tolist() == [[7, 997], [7, 7]]
    o = {name: orders[name][1].item() for name in ORDER.names}
    assert o == {"key": 91, "hour": 73.5, "consumer": 4, "referrer": -1, "group": 17, "next_in_group": -1, "price": 990,
                 "creator": -1, "product": 1, "day": 3, "paid_day": -30000, "shipped_day": -30000, "due_day": -30000,
                 "delivered_day": -30000, "satisfaction": 0.0, "platform": 2, "mode": 2, "status": RESERVED,
                 "first_touch": 5, "last_touch": 4, "sample": 0, "impulse": 1, "urgency": 30, "coupon": 6,
                 "points": 70}  # fmt: skip
    before = orders.copy()
    assert not hold(orders, 0, event[0], 2, 990, 17, 5, stock, cash, 1)  # the shelf is empty
    assert (orders["key"][0], orders["status"][1]) == (before["key"][0], RESERVED)
    assert (stock[1], cash[HELD, 1]) == (0, 997)
    stock[1] = -1
    assert hold(orders, 0, event[0], 2, 990, 17, 5, stock, cash, 1)  # made to order
    assert stock[1] == -1


@pytest.mark.parametrize(("left", "after"), [(0, 1), (5, 6), (-1, -1)])
def test_a_release_gives_both_back(left: int, after: int) -> None:
    orders, stock, cash = rows(ORDER, 2, product=1, price=[3, 400]), np.array([9, left]), np.array([[5, 5], [5, 5]])
    release(orders, 1, stock, cash, 0)
    assert orders["status"].tolist() == [0, CANCELLED]
    assert stock.tolist() == [9, after]
    assert cash[RELEASED].tolist() == [405, 5]
    assert cash[HELD].tolist() == [5, 5]


def test_a_capture_is_noted() -> None:
    orders, paid = rows(ORDER, 3), np.zeros(4, np.int64)
    assert capture(orders, 2, 8, paid, 1) == 2
    assert paid.tolist() == [0, 2, 0, 0]
    assert (orders["status"][2], orders["paid_day"][2]) == (PAID, 8)


def test_paid_orders_are_counted_once_for_everybody() -> None:
    """Person 0 buys twice (products 0 and 1 of merchant 1), person 1 for the third time."""
    orders = rows(ORDER, 4, consumer=[9, 0, 0, 1], product=[0, 0, 1, 1], price=[1, 100, 40, 30], impulse=[1, 1, 0, 1],
                  first_touch=[0, 2, 1, 0], last_touch=[0, 1, 2, 1])  # fmt: skip
    units, last = np.zeros((2, 2), np.int64), np.zeros((2, 2), np.int64)
    bought, first, second = np.array([[0, 0], [0, 2]]), np.full((2, 2), -1), np.full((2, 2), -1)
    sold, tally = np.zeros(2, np.int64), np.zeros((6, 2, 3), np.int64)
    count_paid(orders, np.array([1, 2, 3]), np.array([0, 1, 2]), 12, units, last, bought, first, second, sold,
               np.array([1, 1]), tally, (0, 1, 2, 3, 4, 5))  # fmt: skip
    assert units.tolist() == [[1, 1], [0, 1]]
    assert last.tolist() == [[12, 12], [0, 12]]
    assert bought.tolist() == [[0, 2], [0, 3]]
    assert first.tolist() == [[-1, 12], [-1, -1]]
    assert second.tolist() == [[-1, 12], [-1, -1]]
    assert sold.tolist() == [1, 2]
    wanted = np.zeros((6, 2, 3), np.int64)
    wanted[0, 0, 1] = wanted[0, 1, 2] = wanted[0, 1, 1] = 1
    wanted[1, 0, 1], wanted[1, 1, 2], wanted[1, 1, 1] = 100, 40, 30
    wanted[2, 0, 1] = 1
    wanted[3, 0, 1] = wanted[3, 1, 1] = 1
    wanted[4, 0, 2] = wanted[4, 1, 1] = wanted[4, 1, 0] = 1
    wanted[5, 0, 2], wanted[5, 1, 1], wanted[5, 1, 0] = 100, 40, 30
    np.testing.assert_array_equal(tally, wanted)


def test_every_order_of_many_is_counted() -> None:
    n = 30
    orders = rows(ORDER, n, consumer=np.arange(n) % 3, price=5)
    units, last, bought, first, second = (np.zeros((3, 1), np.int64) for _ in range(5))
    sold, tally = np.zeros(1, np.int64), np.zeros((6, 1, 1), np.int64)
    turn, owner, counters = np.arange(n)[::-1].copy(), np.array([0]), (0, 1, 2, 3, 4, 5)
    count_paid(orders, np.arange(n), turn, 4, units, last, bought, first, second, sold, owner, tally, counters)
    assert units.tolist() == bought.tolist() == [[10], [10], [10]]
    assert tally[:3, 0, 0].tolist() == [30, 150, 3]


def test_a_parcel_of_no_place_goes_the_way_of_the_first_one() -> None:
    orders, due, costs = rows(ORDER, 3, platform=[0, 1, 2]), np.zeros(3, np.int16), np.zeros((2, 1), np.int64)
    ship(orders, np.arange(3), 7, np.array([0]), np.array([[[3.0], [8.0]]]), 0.0, np.uint64(3), np.array([3]),
         np.array([0]), np.array([30]), np.array([6]), np.array([0]), due, costs)  # fmt: skip
    assert due.tolist() == [10, 15, 10]
    assert costs.tolist() == [[0], [18]]  # sold out is not made to order


@pytest.mark.parametrize("spread", [0.0, 0.4])
def test_parcels_leave_for_whole_days(spread: float) -> None:
    n = 40
    orders = rows(ORDER, n + 1, key=np.arange(n + 1) + 5, consumer=np.arange(n + 1) % 2, product=np.arange(n + 1) % 2)
    due, to_ship, base = np.zeros(n, np.int16), np.array([50, 50]), np.uint64(3)
    mean = np.array([[[0.1, 2.4]], [[3.0, 6.0]]])  # one place
    stock, unit_cost, freight, owner = np.array([-1, 5]), np.array([30, 40]), np.array([6, 7]), np.array([1, 0])
    costs = np.zeros((2, 2), np.int64)
    ship(orders, np.arange(1, n + 1), 7, np.array([0, 1]), mean, spread, base, to_ship, stock, unit_cost, freight,
         owner, due, costs)  # fmt: skip
    for x in range(n):
        row = x + 1
        z = normal(entity_key(base, np.uint64(row + 5)), np.uint64(1)) if spread else 0.0
        days = max(0, round(mean[row % 2, 0, row % 2] * float(np.exp(spread * z - spread**2 / 2))))
        assert due[x] == orders["due_day"][row] == 7 + days
        assert (orders["shipped_day"][row], orders["status"][row]) == (7, SHIPPED)
    assert to_ship.tolist() == [30, 30]
    assert costs.tolist() == [[0, 20 * 30], [20 * 7, 20 * 6]]  # what is in stock was paid for when it came
    assert orders["status"][0] == 0
    assert (np.unique(due).size > 2) == (spread > 0)


def listed(status: list[int], leaders: list[int] | None = None, deadlines: list[float] | None = None) -> Any:
    """Groups of one product in the order of opening, each tied to the next, the last to none."""
    n = len(status)
    return rows(GROUP, n, status=status, leader=leaders or [9] * n, deadline=deadlines or [50.0] * n,
                next_same=[*range(1, n), -1])  # fmt: skip


@pytest.mark.parametrize(("groups", "found", "head", "ties"), [
    (listed([OPEN, OPEN]), 0, 0, [1, -1]),
    (listed([COMPLETE, EXPIRED, OPEN]), 2, 2, [1, 2, -1]),  # the closed leave the list
    (listed([OPEN, COMPLETE, EXPIRED, OPEN], [1, 9, 9, 9]), 3, 0, [3, 2, 3, -1]),  # and those met on the way
    (listed([OPEN, OPEN], [1, 9]), 1, 0, [1, -1]),  # never one's own
    (listed([OPEN, OPEN], None, [40.0, 40.1]), 1, 0, [1, -1]),  # too late for the first
    (listed([OPEN, OPEN], None, [40.0, 40.0]), -1, 0, [1, -1]),
    (listed([COMPLETE, COMPLETE]), -1, 1, [1, -1]),  # the last stays, for the next to be tied to
    (listed([OPEN, COMPLETE], [1, 9]), -1, 0, [1, -1]),
    (listed([OPEN, COMPLETE, COMPLETE], [1, 9, 9]), -1, 0, [2, 2, -1]),
])  # fmt: skip
def test_the_oldest_group_that_is_open_to_her(groups: Any, found: int, head: int, ties: list[int]) -> None:
    heads = np.array([-1, 0, -1])
    assert oldest_open(groups, heads, 1, 1, 40.0) == found
    assert heads.tolist() == [-1, head, -1]
    assert groups["next_same"].tolist() == ties


def test_the_list_is_that_of_its_ties_not_of_its_rows() -> None:
    """Rows in the order 3, 2, 1, 0: row 3 is closed, row 2 her own, row 1 closed, row 0 open to her."""
    groups = listed([OPEN, COMPLETE, OPEN, COMPLETE], [9, 9, 1, 9])
    groups["next_same"] = [-1, 0, 1, 2]
    heads = np.array([3])
    assert oldest_open(groups, heads, 0, 1, 40.0) == 0
    assert heads[0] == 2
    assert groups["next_same"].tolist() == [-1, 0, 0, 2]
    groups["status"] = [OPEN, COMPLETE, COMPLETE, COMPLETE]
    groups["next_same"], heads[0] = [-1, 0, 1, 2], 1
    assert oldest_open(groups, heads, 0, 1, 40.0) == heads[0] == 0


def test_no_group_was_ever_opened() -> None:
    assert oldest_open(listed([OPEN]), np.array([-1, 0]), 0, 1, 40.0) == -1


def test_the_last_seat_fills_a_group() -> None:
    groups, orders = rows(GROUP, 2, size=3, first_order=-1, last_order=-1), rows(ORDER, 8, next_in_group=-1)
    assert [seat(groups, orders, 1, n) for n in (0, 5, 7, 2)] == [False, False, True, True]
    assert (groups["first_order"][1], groups["last_order"][1], groups["members"][1]) == (0, 2, 4)
    assert orders["next_in_group"].tolist() == [5, -1, -1, -1, -1, 7, -1, 2]
    assert groups["members"][0] == 0
