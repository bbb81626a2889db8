"""Posts on the platforms, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from rows import rows

from sim.rules.content import drop_dead, stock
from sim.state.records import POST

pytestmark = pytest.mark.jitoff
KOL, KOC = 1, 2


def test_the_young_move_to_the_front() -> None:
    posts = rows(POST, 6, key=[10, 11, 12, 13, 14, 15], channel=[KOL, KOC, KOL, KOC, KOC, KOL],
                 born=[17, 17, 18, 14, 13, 20])  # fmt: skip
    n = drop_dead(posts, 20, KOL, 3.0, 7.0)
    assert n == 4
    assert posts["key"][:n].tolist() == [11, 12, 13, 15]


def test_what_posts_weigh() -> None:
    posts = rows(POST, 4, weight=[2.0, 3.0, 5.0, 7.0], author=[0, 1, 9, 9], born=[10, 9, 9, 10], product=[0, 1, 1, 1],
                 platform=[1, 0, 0, 0], channel=[KOL, KOL, KOC, KOC], signal=[0.5, 0.25, 0.5, 1.0],
                 lift=[2.0, 4.0, 1.0, 1.0], trust=[0.5, 0.75, 1.0, 1.0])  # fmt: skip
    content, count, sums, tiers = np.ones((2, 2, 3)), np.ones((2, 2, 3)), np.ones((4, 2, 3)), np.ones((2, 2))
    stock(
        posts, 10, KOL, np.array([1.0, 0.5]), np.array([1.0, 0.1]), 2.0, np.array([1, 0]), content, count, sums, tiers
    )
    content, count, sums, tiers = content - 1, count - 1, sums - 1, tiers - 1
    assert content[1, 0, KOL] == 2.0
    assert content[0, 1, KOL] == 1.5
    assert content[0, 1, KOC] == pytest.approx(5.0 * 0.1 / 2 + 7.0 / 2)
    assert content.sum() == pytest.approx(2.0 + 1.5 + 3.75)
    assert (count[1, 0, KOL], count[0, 1, KOL], count[0, 1, KOC], count.sum()) == (1.0, 1.0, 1.0, 3.0)
    assert sums[:, 0, KOL].tolist() == pytest.approx([2.0, 1.0, 4.0, 1.0])
    assert sums[:, 1, KOL].tolist() == pytest.approx([1.5, 0.375, 6.0, 1.125])
    assert sums[:, 1, KOC].tolist() == pytest.approx([3.75, 0.125 + 3.5, 3.75, 3.75])
    assert tiers.tolist() == [[0.0, 1.5], [2.0, 0.0]]
