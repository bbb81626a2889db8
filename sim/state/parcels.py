"""Counting what was paid; which paid orders may leave today, what a region adds to their cost, and refunds of what will
never be made.

Only checkout calls them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.rules.till import count_paid
from sim.state.columns import CALLED_OFF, NEVER
from sim.state.records import CANCELLED
from sim.state.team import between_neighbours, gathered, neighbours, shares_of


def may_leave(rows: Any, waiting: np.ndarray, release: np.ndarray, day: int) -> tuple[Any, Any, Any]:
    """Rows of ``waiting`` that may leave today, that are held back, and that are called off, each in its order."""
    if len(waiting) == 0 or max(release.tolist()) <= day:
        return waiting, waiting[:0], waiting[:0]
    until = release[rows["product"][waiting]]
    return waiting[until <= day], waiting[(until > day) & (until < CALLED_OFF)], waiting[until == CALLED_OFF]


def give_back(rows: Any, off: np.ndarray, units: Any, orders_with: Any, first_two: tuple[Any, Any], to_ship: Any,
              merchant: Any, tally: Any) -> list[int]:
    """Cancel the paid orders ``off``; fen to refund by merchant. The buyers have nothing; units sold stay counted.
    Of the days of the ``first_two`` orders with a merchant, those that no order is left for are forgotten; who loses
    the first of two has the second as first."""
    people, products = rows["consumer"][off], rows["product"][off]
    rows["status"][off] = CANCELLED
    np.subtract.at(units, (people, products), 1)
    owner, (first, second) = merchant[products], first_two
    np.subtract.at(orders_with, (people, owner), 1)
    left = orders_with[people, owner]
    lost = (left > 0) & (rows["paid_day"][off] == first[people, owner]) & (second[people, owner] > NEVER)
    first[people[lost], owner[lost]] = second[people[lost], owner[lost]]
    first[people[left <= 0], owner[left <= 0]] = NEVER
    second[people[left <= 1], owner[left <= 1]] = NEVER
    np.subtract.at(to_ship, products, 1)
    np.add.at(tally, (products, np.minimum(rows["last_touch"][off], tally.shape[1] - 1)), 1)
    owed = np.zeros(int(merchant.max()) + 1, np.int64)
    np.add.at(owed, owner, rows["price"][off])
    return [int(fen) for fen in owed]


def surcharges(parcels: Any, world: Any, region: np.ndarray) -> list[int]:
    """Fen by merchant that the regions add to the cost of parcels: freight beyond the usual, and duty on the price."""
    regions = world.scenario.logistics.regions
    where = region[parcels["consumer"]]
    extra = np.rint(100.0 * np.array([r.surcharge for r in regions]))[where]
    duty = np.rint(np.array([r.duty for r in regions])[where] * parcels["price"])
    owed = np.zeros(len(world.merchants), np.int64)
    np.add.at(owed, world.products.merchant[parcels["product"]], (extra + duty).astype(np.int64))
    return [int(fen) for fen in owed]


def count(view: Any, day: int, paid: np.ndarray, counters: tuple[int, ...]) -> None:
    """Count the orders ``paid`` today (rows), neighbours together; ``counters``: :func:`sim.rules.till.count_paid`."""
    orders = view.orders.rows
    view.orders.paid = paid
    person = orders["consumer"][paid]
    turn = neighbours(person, view.network.n)
    pieces = between_neighbours(person, turn, view.team.cut(len(paid)))
    sold = shares_of(np.zeros(len(view.stock), np.int64), len(pieces))
    tally = shares_of(view.tally, len(pieces))

    def piece(k: int) -> None:
        count_paid(orders, paid, turn[slice(*pieces[k])], day, view.units, view.last_purchase, view.orders_with,
                   view.first_order, view.second_order, sold[k], view.world.products.merchant, tally[k], counters)

    view.team.each(piece, len(pieces))
    gathered(tally)
    today = gathered(sold)
    view.sold[:] += today
    view.orders.to_ship += today
