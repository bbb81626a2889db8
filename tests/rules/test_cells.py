"""Cells alive and exposures, at small sizes by hand; their laws are in test_seeing."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rng import poisson, slot_of, slots_of, uniform_at
from sim.rules.cells import TILE, alive, expose, lowest_bit, openers, share_slots
from sim.rules.exposure import channel_of, count_of, platform_of, product_of, row_of
from sim.state.exposures import new_room

pytestmark = pytest.mark.jitoff


def test_cells_alive_stand_feed_first() -> None:
    weight, key = np.zeros((2, 2, 3)), np.arange(12, dtype=np.uint64).reshape(2, 2, 3)
    weight[0, 0, 2], weight[0, 1, 0], weight[0, 1, 1], weight[1, 0, 1] = 4.0, 3.0, 2.0, 1.0
    cells = alive(weight, key, 1)
    assert cells.n.tolist() == [3, 1]
    assert cells.n_feed.tolist() == [2, 0]
    assert cells.product[0, :3].tolist() == [0, 1, 1]
    assert cells.channel[0, :3].tolist() == [2, 0, 1]
    assert cells.stock[0, :3].tolist() == [4.0, 3.0, 2.0]
    assert cells.at[0, :3].tolist() == [slot_of(k) for k in key[0][weight[0] > 0][[0, 1, 2]]]
    assert (cells.product[1, 0], cells.channel[1, 0], cells.stock[1, 0]) == (0, 1, 1.0)
    assert cells.at[1, 0] == slot_of(np.uint64(7))


def test_who_opened_a_platform() -> None:
    rows = np.full(4, 9, np.uint32)
    visited = np.array([2, 0, 2, 1, 3, 6, 4, 2], np.uint32)
    assert openers(1, 7, 1, visited, rows) == 3
    assert rows[:3].tolist() == [2, 4, 5]
    assert openers(0, 8, 2, visited, rows) == 2
    assert rows[:2].tolist() == [5, 6]


def test_slots_among_some_cells_only() -> None:
    """Cells 1 and 2 of three; the first row is another's."""
    mean, liking = np.full((3, 2), -1.0), np.array([[9.0, 9.0], [1.0, 2.0]])
    share_slots(1, 3, np.array([0, 1, 1]), np.array([7.0, 2.0, 1.0]), liking, 2, 12.0, 0.25, 3.0, np.zeros(2), mean)
    assert mean[0].tolist() == [-1.0, -1.0]
    for j, like in enumerate((1.0, 2.0)):
        for x, stock in ((1, 2.0), (2, 1.0)):
            assert mean[x, j] == pytest.approx(9.0 * stock * like / (3.0 + 3.0 * like) + 3.0 / 5.0)
    share_slots(2, 2, np.array([0]), np.array([1.0]), liking, 2, 12.0, 0.25, 3.0, np.zeros(2), mean)
    assert mean[0].tolist() == [-1.0, -1.0]


@pytest.mark.parametrize(("people", "cells"), [(7, 3), (40, 66), (TILE, 2), (12, 130)])
def test_each_person_and_cell_has_its_own_draw(people: int, cells: int) -> None:
    """Any number of cells and people, beyond a word and a tile: the count is the inverse CDF at the named uniform."""
    rng = np.random.default_rng(people)
    who, at = rng.integers(1, 2**62, people).astype(np.uint64), slots_of(np.arange(cells, dtype=np.uint64))
    mean = rng.choice([0.0, 0.01, 0.3, 0.8, 1.0, 2.5, 3.9, 7.0], (cells, people))
    product, channel, room = np.arange(cells) % 9, np.arange(cells) % 4, new_room(1, 9, cells)
    room.rows[:people], room.who[:people] = np.arange(people) + 50, who
    room.mean[:cells, :people] = mean
    out = np.zeros(people * cells + 3, np.uint64)
    n = expose(40, 2, people, cells, at, product, channel, room, out, 3)
    wanted = {}
    for j in range(people):
        for x in range(cells):
            k = poisson(uniform_at(who[j], at[x]), mean[x, j])
            if k:
                wanted[j + 10, x % 9, x % 4] = wanted.get((j + 10, x % 9, x % 4), 0) + k
    found: dict[tuple[int, ...], int] = {}
    for w in out[3:n]:
        assert platform_of(w) == 2
        cell = (int(row_of(w)), int(product_of(w)), int(channel_of(w)))
        found[cell] = found.get(cell, 0) + int(count_of(w))
    assert found == wanted
    assert 0 not in [int(count_of(w)) for w in out[3:n]]


def test_the_lowest_bit_of_several() -> None:
    assert [lowest_bit(np.uint64(b)) for b in (1, 2, 12, 1 << 63, (1 << 63) + (1 << 40))] == [0, 1, 2, 63, 40]
