"""What people see: words in order, exposures by their law, numbers kept as small whole ones."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rng import Stream, day_key, entity_key, slots_of
from sim.rules import packed
from sim.rules.cells import TILE, expose, lowest_bit, openers, share_slots
from sim.rules.exposure import MOST, arrange, word
from sim.rules.fastmath import NONE_ERROR, UP_TO, none
from sim.rules.packed import Packed, code_of, number_of
from sim.state.exposures import new_room, table

SEEN = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 9), st.integers(0, 2),
                          st.integers(1, 200)), max_size=60)  # fmt: skip


@given(SEEN)
def test_words_come_in_order_and_those_of_a_cell_are_one(seen: list[tuple[int, int, int, int, int]]) -> None:
    words = np.array([word(*w) for w in seen], np.uint64)
    out = np.empty(len(words), np.uint64)
    n = arrange(words, 10, 3, np.empty(4 * 10 * 3 + 1, np.uint32), np.empty(11, np.uint32), out.copy(), out)
    found = table(out[:n])
    cells = list(zip(*(found[k].tolist() for k in ("row", "product", "channel", "platform")), strict=True))
    wanted: Counter[tuple[int, ...]] = Counter()
    for *cell, count in seen:
        wanted[tuple(cell)] += count
    assert cells == sorted(wanted)
    assert found["count"].tolist() == [min(MOST, wanted[cell]) for cell in cells]


@pytest.mark.parametrize("bit", range(64))
def test_the_lowest_bit(bit: int) -> None:
    assert lowest_bit(np.uint64(((1 << 64) - (1 << bit)) & 0xFFFFFFFFFFFFFFFF)) == bit


def test_the_chance_of_no_event() -> None:
    means = np.linspace(0.0, UP_TO, 2001)
    found = np.array([none(float(m)) for m in means])
    assert np.abs(found * np.exp(means) - 1.0).max() < NONE_ERROR


@pytest.mark.parametrize("mean", [0.02, 0.4, 1.5, 3.5, 6.0])
def test_exposures_are_poisson(mean: float) -> None:
    """Counts 0 to 5 of 64,000 people within 4.5 standard errors of the law, below and above the quick branch."""
    base, at = day_key(5, int(Stream.FEED), 3), slots_of(np.array([77], np.uint64))
    counts = np.zeros(64_000, np.int64)
    for first in range(0, len(counts), TILE):
        room = new_room(1, 1, 1)
        room.rows[:] = np.arange(first, first + TILE)
        room.who[:] = [entity_key(base, np.uint64(i)) for i in room.rows]
        room.mean[:] = mean
        out = np.empty(TILE + 1, np.uint64)
        n = expose(first, 2, TILE, 1, at, np.array([4]), np.array([1]), room, out, 0)
        found = table(out[:n])
        counts[first + found["row"]] = found["count"]
        assert (found["product"] == 4).all()
        assert (found["platform"] == 2).all()
    chance = np.exp(-mean)
    for k in range(6):
        error = np.sqrt(chance * (1.0 - chance) / len(counts))
        assert abs((counts == k).mean() - chance) < 4.5 * error + 1e-9, k
        chance *= mean / (k + 1)
    assert abs(counts.mean() - mean) < 4.5 * np.sqrt(mean / len(counts))


def test_slots_are_shared_by_weight_and_evenly_where_explored() -> None:
    stock, product = np.array([1.0, 3.0]), np.array([0, 1])
    liking = np.array([[1.0, 2.0], [1.0, 0.5]])
    mean = np.zeros((2, 2))
    share_slots(0, 2, product, stock, liking, 2, 10.0, 0.2, 4.0, np.zeros(2), mean)
    for j in range(2):
        w = stock * liking[:, j]
        np.testing.assert_allclose(mean[:, j], 10.0 * (0.8 * w / (w.sum() + 4.0) + 0.2 / 6.0))


def test_who_opened() -> None:
    rows = np.zeros(4, np.uint32)
    n = openers(1, 5, 1, np.array([2, 0, 2, 1, 3], np.uint32), rows)
    assert rows[:n].tolist() == [2, 4]


KINDS = {name: kind for name, kind in vars(packed).items() if isinstance(kind, Packed)}


@pytest.mark.parametrize("name", KINDS)
@given(share=st.floats(0, 1))
def test_kept_numbers_are_off_by_half_a_step_at_most(name: str, share: float) -> None:
    kind = KINDS[name]
    value = kind.low + share * kind.step * kind.top
    assert abs(number_of(code_of(value, kind), kind) - value) <= kind.step / 2 + 1e-9
    assert code_of(kind.low - 1e6, kind) == 0
    assert code_of(value + 1e9, kind) == kind.top
