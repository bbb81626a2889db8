"""Posts on the platforms, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rows import rows

from sim.rules.content import on_view, stock
from sim.state.records import POST

pytestmark = pytest.mark.jitoff
KOL, KOC = 1, 2


FADE, NONE = np.array([1.0, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25]), np.zeros((2, 2, 3))


def summed(posts: np.ndarray, day: int, kol_fade: np.ndarray = FADE, koc_fade: np.ndarray = FADE) -> tuple[Any, ...]:
    """How many posts are left; content, count, sums and creators' weights."""
    content, count, sums, tiers = np.ones((2, 2, 3)), np.ones((2, 2, 3)), np.ones((4, 2, 3)), np.ones((2, 2))
    n = stock(posts, day, KOL, 3.0, 7.0, kol_fade, koc_fade, 2.0, np.array([1, 0]), content, count, sums, tiers)
    return n, content - 1, count - 1, sums - 1, tiers - 1


def test_the_young_move_to_the_front_and_the_others_do_not_count() -> None:
    posts = rows(POST, 6, key=[10, 11, 12, 13, 14, 15], channel=[KOL, KOC, KOL, KOC, KOC, KOL], weight=[1.0] * 6,
                 born=[17, 17, 18, 14, 13, 20])  # fmt: skip
    n, content, count, _, tiers = summed(posts, 20)
    assert n == 4
    assert posts["key"][:n].tolist() == [11, 12, 13, 15]
    assert (count[0, 0, KOL], count[0, 0, KOC], count.sum()) == (2.0, 1.0, 3.0)
    assert content[0, 0].tolist() == [0.0, 0.25 + 1.0, (0.25 + 0.25) / 2]
    assert tiers.sum() == 1.25


def test_what_posts_weigh() -> None:
    posts = rows(POST, 4, weight=[2.0, 3.0, 5.0, 7.0], author=[0, 1, 9, 9], born=[10, 9, 9, 10], product=[0, 1, 1, 1],
                 platform=[1, 0, 0, 0], channel=[KOL, KOL, KOC, KOC], signal=[0.5, 0.25, 0.5, 1.0],
                 lift=[2.0, 4.0, 1.0, 1.0], trust=[0.5, 0.75, 1.0, 1.0])  # fmt: skip
    n, content, count, sums, tiers = summed(posts, 10, koc_fade=np.array([1.0, 0.1]))
    assert n == 4
    assert content[1, 0, KOL] == 2.0
    assert content[0, 1, KOL] == 1.5
    assert content[0, 1, KOC] == pytest.approx(5.0 * 0.1 / 2 + 7.0 / 2)
    assert content.sum() == pytest.approx(2.0 + 1.5 + 3.75)
    assert (count[1, 0, KOL], count[0, 1, KOL], count[0, 1, KOC], count.sum()) == (1.0, 1.0, 1.0, 3.0)
    assert sums[:, 0, KOL].tolist() == pytest.approx([2.0, 1.0, 4.0, 1.0])
    assert sums[:, 1, KOL].tolist() == pytest.approx([1.5, 0.375, 6.0, 1.125])
    assert sums[:, 1, KOC].tolist() == pytest.approx([3.75, 0.125 + 3.5, 3.75, 3.75])
    assert tiers.tolist() == [[0.0, 1.5], [2.0, 0.0]]


def test_means_where_there_is_content_and_what_is_said_where_there_is_none() -> None:
    sums = np.zeros((4, 2, 3))
    sums[:, 1, KOC] = [0.5, 0.25, 0.75, 0.125]
    hype = np.array([[0.0, 0.0, 0.0], [0.25, 0.0, 0.125]])
    signal, lift, credence = np.empty((2, 3)), np.empty((2, 3)), np.empty((2, 3))
    on_view(NONE.copy(), NONE, 0, 0.5, NONE, sums, np.array([0.75, 0.25]), hype, signal, lift, credence)
    assert signal.tolist() == [[0.75] * 3, [0.5, 0.25, 0.5 + 0.125]]
    assert lift.tolist() == [[1.0] * 3, [1.0, 1.0, 1.5]]
    assert credence.tolist() == [[1.0] * 3, [1.0, 1.0, 0.25]]


def test_many_alike_weigh_less_each() -> None:
    content, count, alike = np.full((2, 2, 3), 6.0), np.full((2, 2, 3), 0.5), NONE.copy()
    count[0, 1, KOL], count[0, 1, 0], alike[1, 1, KOC] = 4.0, 4.0, 2.0
    said = np.empty((2, 3))
    on_view(content, count, 0, 0.5, alike, np.zeros((4, 2, 3)), np.zeros(2), np.zeros((2, 3)), said, said, said)
    assert content[0, 1].tolist() == [6.0, 6.0 / (1.0 + 0.5 * 3.0), 6.0]  # the merchant's own channel is the first
    assert content[1, 1].tolist() == [6.0, 6.0, 2.0]
    assert content[:, 0].tolist() == [[6.0] * 3] * 2
