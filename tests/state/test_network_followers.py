"""Followers of creators: as many as asked, by fit and activity, each tie's chance the stated one."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rng import name_key
from sim.state.followers import Followers, follower_graph, power_law_followers

IDS = np.arange(20_000, dtype=np.uint64)
CREATORS = np.array([name_key("creator", k) for k in range(40)], np.uint64)


def affinity(n: int = len(IDS), categories: int = 2) -> np.ndarray:
    return np.random.default_rng(0).random((n, categories))


def graph(expected: float, seed: int = 0, **options: float) -> Followers:
    return follower_graph(seed, IDS, CREATORS, np.full(40, expected), affinity()[:, 0], **options)


@pytest.mark.parametrize("expected", [0.0, 0.5, 30.0, 1_000.0, 9_000.0, 19_000.0, 20_000.0, 1e9])
def test_as_many_as_expected(expected: float) -> None:
    made = graph(expected)
    want = min(expected, 20_000.0)
    assert made.counts.mean() == pytest.approx(want, abs=4 * (want * max(1 - want / 20_000, 0) / 40) ** 0.5 + 1e-9)
    for k in range(40):
        assert np.all(np.diff(made.of(k).astype(np.int64)) > 0)
    assert made.following.sum() == made.indptr[-1] == len(made.indices)


@pytest.mark.parametrize("expected", [15.0, 120.0])
def test_each_tie_has_its_stated_chance(expected: float) -> None:
    """The drawn and the tossed block (15 and 120 of 300 people) obey the same law, p = 1 - exp(-c w)."""
    n, many = 300, 6_000
    fit = affinity(n)[:, 0]
    creators = np.array([name_key("c", k) for k in range(many)], np.uint64)
    made = follower_graph(1, IDS[:n], creators, np.full(many, expected), fit, activity=np.ones(n), theta=2.0)
    weight = np.exp(2.0 * fit)
    low, high = 1e-6, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if -np.expm1(-middle * weight).sum() < expected else (low, middle)
    p = -np.expm1(-low * weight)
    z = (made.following / many - p) / np.sqrt(p * (1 - p) / many)
    assert abs(z.mean()) < 4 / n**0.5
    assert z.std() == pytest.approx(1.0, abs=0.2)


def test_fit_and_activity_draw_followers() -> None:
    fit = affinity()
    about = np.eye(2)[np.arange(40) % 2]
    made = follower_graph(0, IDS, CREATORS, np.full(40, 500.0), fit, about)
    for k in range(4):
        mean = fit[made.of(k)].mean(axis=0)
        assert mean[k % 2] > 0.6
        assert mean[1 - k % 2] == pytest.approx(0.5, abs=0.05)
    eager = np.where(IDS < 10_000, 3.0, 1.0)
    made = follower_graph(0, IDS, CREATORS, np.full(40, 500.0), fit[:, 0], activity=eager)
    assert made.following[:10_000].sum() / made.following[10_000:].sum() == pytest.approx(3.0, rel=0.1)


def test_keys_decide_not_positions() -> None:
    whole = graph(300.0)
    turned = follower_graph(0, IDS, CREATORS[::-1], np.full(40, 300.0), affinity()[:, 0])
    for k in range(40):
        np.testing.assert_array_equal(whole.of(k), turned.of(39 - k))
    assert not np.array_equal(whole.indices, graph(300.0, seed=1).indices)


def test_more_followers_keep_the_old_ones() -> None:
    few, more = graph(200.0), graph(260.0)
    for k in range(40):
        assert set(few.of(k).tolist()) <= set(more.of(k).tolist())


def test_one_affinity_for_all_needs_no_weights_and_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="needs weights"):
        follower_graph(0, IDS, CREATORS, np.ones(40), affinity())
    with pytest.raises(ValueError, match="40 creators"):
        follower_graph(0, IDS, CREATORS, np.ones(3), affinity()[:, 0])
    none = follower_graph(0, IDS, CREATORS[:0], np.zeros(0), affinity()[:, 0])
    assert (len(none.counts), len(none.indices)) == (0, 0)


def test_a_tier_is_spread_by_a_power_law() -> None:
    keys = np.array([name_key("many", k) for k in range(20_000)], np.uint64)
    spread = np.sort(power_law_followers(0, keys, 1_000.0, exponent=2.3, widest=1_000.0))
    assert spread.mean() == pytest.approx(1_000.0, rel=0.06)
    assert 1.0 + 1.0 / np.log(spread / spread[0]).mean() == pytest.approx(2.3, abs=0.05)
    np.testing.assert_array_equal(np.sort(power_law_followers(0, keys[::-1], 1_000.0, 2.3, 1_000.0)), spread)
