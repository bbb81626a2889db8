"""Reviews: opinions, who writes, what is shown and read, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rows import rows

from sim.rng import entity_key, uniform
from sim.rules.packed import QUALITY, code_of, number_of
from sim.rules.reviews import given, learn, opinion, pages, show, write, written
from sim.state.records import EXPERIENCE, REVIEW

pytestmark = pytest.mark.jitoff

BASE = np.uint64(77)
TERMS = (4.0, 1.5, 3.0, 0.1, 0.05, 0.3, 0.8)


def test_opinions_and_stars() -> None:
    assert opinion(0.5, 4.0, 1.5) == 4.75
    assert [given(o) for o in (-3.0, 1.4, 1.6, 3.0, 4.6, 9.0)] == [1, 1, 2, 3, 5, 5]
    assert written(5.0, 3.0, 0.1, 0.05) == pytest.approx(0.3)
    assert written(1.0, 3.0, 0.1, 0.05) == pytest.approx(0.3)


def lived(n: int = 300) -> Any:
    """Experiences of two products, satisfaction from -2 to 1, every tenth of a sample."""
    return rows(EXPERIENCE, n, key=np.arange(n) * 7 + 1, consumer=np.arange(n), product=np.arange(n) % 2,
                sample=np.arange(n) % 10 == 9, satisfaction=np.linspace(-2, 1, n))  # fmt: skip


def test_who_writes_and_what_it_leaves() -> None:
    """A reward of .4 for four stars or more of product 1 only."""
    e, out = lived(), rows(REVIEW, 400)
    sums, counts, paid = np.zeros(2), np.zeros(2), np.zeros(2, np.int64)
    n = write(e, 12, TERMS, np.array([[0.0, 1.0], [0.4, 4.0]]), BASE, out, 5, sums, counts, paid)
    wanted = []
    for x in range(len(e)):
        s = float(e["satisfaction"][x])
        o = 4.0 + 1.5 * s
        stars = int(min(5, max(1, round(o))))
        own = min(1.0, 0.1 + 0.05 * (o - 3.0) ** 2)
        due = e["product"][x] == 1 and stars >= 4
        who = entity_key(BASE, np.uint64(e["key"][x]))
        u = uniform(who, 0)
        if not e["sample"][x] and u < own + (0.4 if due else 0.0):
            pictured = uniform(who, 1) < (0.3 if u < own else 0.8)
            wanted.append((int(e["key"][x]), x, -1, x % 2, 12, -30000, stars, int(pictured), 0, due))
    fields = ("key", "consumer", "author", "product", "day", "removed", "stars", "image", "kind")
    found = [tuple(int(out[f][k]) for f in fields) for k in range(5, n)]
    assert found == [w[:-1] for w in wanted]
    assert 50 < len(found) < 250
    for p in (0, 1):
        mine = [w for w in wanted if w[3] == p]
        assert (sums[p], counts[p]) == (sum(w[6] for w in mine), len(mine))
    assert paid.tolist() == [0, sum(w[-1] for w in wanted)]
    assert paid[1] > 20


def test_at_the_edge_of_the_chance_nobody_writes() -> None:
    """A chance of 0 is never met, a chance of 1 always."""
    e, out = lived(40), rows(REVIEW, 100)
    books = np.zeros(2), np.zeros(2), np.zeros(2, np.int64)
    never = np.array([[0.0, 1.0], [0.0, 1.0]])
    assert write(e, 1, (4.0, 1.0, 4.0, 0.0, 0.0, 0.0, 0.0), never, BASE, out, 0, *books) == 0
    assert write(e, 1, (4.0, 1.0, 4.0, 1.0, 0.0, 1.0, 0.0), never, BASE, out, 0, *books) == 36
    assert (out["image"][:36] == 1).all()


def up() -> Any:
    """Reviews of products 0 and 1; the third is down; one has a picture."""
    return rows(REVIEW, 5, product=[0, 0, 0, 1, 0], day=[2, 6, 8, 8, 10], stars=[1, 5, 1, 2, 4], image=[0, 1, 0, 0, 0],
                removed=[-30000, -30000, 9, -30000, -30000])  # fmt: skip


def test_what_is_shown_fades() -> None:
    stars, weight, volume = np.ones(2), np.ones(2), np.ones(2)
    show(up(), 10, 4.0, 3.0, stars, weight, volume)
    assert stars.tolist() == pytest.approx([1 + 0.25 * 1 + 0.5 * 5 + 4, 1 + 2 * 2**-0.5])
    assert weight.tolist() == pytest.approx([1 + 0.25 + 0.5 + 1, 1 + 2**-0.5])
    assert volume.tolist() == [6.0, 2.0]


@pytest.mark.parametrize(("depth", "found"), [
    (1.0, 4.0), (2.0, (4 + 3 * 5) / 4), (1.5, (4 + 0.5 * 3 * 5) / 2.5), (3.0, (4 + 15 + 1) / 5),
    (5.0, (4 + 15 + 1 + 2 * 4.5) / 7),
])  # fmt: skip
def test_a_page_holds_the_newest(depth: float, found: float) -> None:
    page = pages(up(), depth, 3.0, np.array([4.5, 3.0, 2.5]))
    assert page[0] == pytest.approx(found)
    assert page[1] == pytest.approx((2 + (depth - 1) * 3.0) / depth)
    assert page[2] == 2.5


def test_reading_moves_the_expectation() -> None:
    kept = np.zeros((2, 2), np.uint16)
    kept[1, 0] = code_of(0.5, QUALITY)
    learn(kept, 1, 0, 0.9, 0.25)
    assert number_of(kept[1, 0], QUALITY) == pytest.approx(0.6, abs=1e-3)
    assert kept[0].tolist() == [0, 0]
