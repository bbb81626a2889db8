"""Words of exposures, by hand; laws of many are in test_seeing."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.exposure import MOST, arrange, channel_of, count_of, places, platform_of, product_of, row_of, word

pytestmark = pytest.mark.jitoff


@pytest.mark.parametrize("parts", [(5, 4, 3, 2, 1), (0, 0, 0, 0, 0), (2**24 - 1, 2**16 - 1, 255, 255, 255)])
def test_words_can_be_read_again(parts: tuple[int, ...]) -> None:
    w = np.uint64(word(*parts))
    assert tuple(int(f(w)) for f in (row_of, product_of, channel_of, platform_of, count_of)) == parts


def test_places_of_a_word() -> None:
    assert [int(place) for place in places(np.uint64(word(70_000, 300, 12, 255, 9)))] == [70_000, 300, 12]


def test_a_word_counts_no_further_than_it_can() -> None:
    assert MOST == 255
    assert count_of(word(0, 0, 0, 0, 999)) == 255
    assert row_of(word(1, 0, 0, 0, 999)) == 1


def arranged(seen: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Words of rows 0 to 3, products 0 to 5, three channels, three platforms and none, in order."""
    words = np.array([word(*w) for w in seen], np.uint64)
    out, first = np.zeros(len(seen), np.uint64), np.zeros(len(seen), np.uint64)
    n = arrange(words, 3, 4, np.full(73, 9, np.uint32), np.full(5, 9, np.uint32), first, out)
    return [tuple(int(f(w)) for f in (row_of, product_of, channel_of, platform_of, count_of)) for w in out[:n]]


def test_words_of_a_person_are_put_in_order_and_added_up() -> None:
    seen = [(3, 1, 0, 0, 2), (0, 5, 1, 0, 1), (3, 1, 0, 0, 4), (3, 0, 2, 1, 1), (0, 5, 1, 1, 7), (0, 5, 1, 0, 250),
            (0, 5, 1, 0, 9), (1, 2, 2, 2, 2), (3, 0, 2, 1, 3), (3, 0, 1, 1, 3), (0, 0, 0, 0, 3), (1, 5, 2, 255, 1),
            (1, 5, 2, 2, 4)]  # fmt: skip
    found = arranged(seen)
    assert found == [(0, 0, 0, 0, 3), (0, 5, 1, 0, 255), (0, 5, 1, 1, 7), (1, 2, 2, 2, 2), (1, 5, 2, 2, 4),
                     (1, 5, 2, 255, 1), (3, 0, 1, 1, 3), (3, 0, 2, 1, 4), (3, 1, 0, 0, 6)]  # fmt: skip
    assert arranged([(2, 1, 1, 1, 3)]) == [(2, 1, 1, 1, 3)]
    assert arranged([(2, 1, 1, 1, 3), (2, 1, 1, 1, 4)]) == [(2, 1, 1, 1, 7)]
    assert arranged([]) == []
