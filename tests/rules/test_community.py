"""Reading and leaving a community, membership, rewards: by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.rules.community import opt_out_probability, pushes_until, read_probability
from sim.rules.membership import (
    ACTIVE,
    AT_RISK,
    LAPSED,
    NEW,
    STRANGER,
    pay_probability,
    revive_probability,
    stages,
)  # fmt: skip
from sim.rules.referral import links_seen_before_mute, take_probability, way_cut

pytestmark = pytest.mark.jitoff


def test_large_groups_are_read_less() -> None:
    assert read_probability(0.0, 500.0, 0.3, 200.0, 0.5) == pytest.approx(0.3)
    assert read_probability(600.0, 500.0, 0.3, 250.0, 0.5) == pytest.approx(0.3 / math.sqrt(3.0))
    assert read_probability(250.0, 500.0, 0.3, 250.0, 0.5) == pytest.approx(0.3 / math.sqrt(2.0))
    assert read_probability(0.0, 500.0, 1.5, 200.0, 0.5) == 1.0


def test_leaving_grows_beyond_the_pushes_that_are_free() -> None:
    assert opt_out_probability(2.0, 0.002, 0.5, 3.0, 7.0) == pytest.approx(1 - math.exp(-0.002))
    assert opt_out_probability(5.0, 0.02, 0.5, 3.0, 14.0) == pytest.approx(1 - math.exp(-0.04 * math.e))


def test_pushes_fall_evenly() -> None:
    assert [pushes_until(d, 3.5, 0.25) for d in range(9)] == [0, 0, 1, 1, 2, 2, 3, 3, 4]


def test_a_fee_is_paid_when_it_is_worth_it() -> None:
    assert pay_probability(30.0, 20.0, -1.0, 2.0) == pytest.approx(0.5)
    assert pay_probability(20.0, 20.0, -1.0, 2.0) == pytest.approx(1 / (1 + math.e))
    assert pay_probability(-1e9, 1.0, 0.0, 1.0) == pytest.approx(1 / (1 + math.exp(50.0)), rel=1e-6, abs=0)
    assert pay_probability(np.array([1e9]), 1.0, 0.0, 1.0)[0] == 1.0


def test_a_coupon_revives() -> None:
    assert revive_probability(0.25, -0.5, -1.0, 8.0, 2.0) == 0.5
    assert revive_probability(0.0, 0.0, -1.0, 8.0, 2.0) == pytest.approx(1 / (1 + math.e))


def test_stages_of_life() -> None:
    orders, last = np.array([0, 1, 2, 2, 1, 3, 3]), np.array([0, 99, 71, 70, 70, 41, 40])
    found = stages(100, orders, last, 30, 60)
    assert found.tolist() == [STRANGER, NEW, ACTIVE, AT_RISK, AT_RISK, AT_RISK, LAPSED]
    assert [STRANGER, NEW, ACTIVE, AT_RISK, LAPSED] == [0, 1, 2, 3, 4]


def test_a_reward_moves_willingness_by_own_sensitivity() -> None:
    assert take_probability(-1.0, 2.0, 0.5) == 0.5
    assert take_probability(-1.0, 2.0, 0.0) == pytest.approx(1 / (1 + math.e))


def test_helpers_cut_less_and_less() -> None:
    assert way_cut(0, 0.3, 0.5) == pytest.approx(0.0, abs=1e-9)
    assert way_cut(2, 0.3, 0.5) == pytest.approx(0.45)
    assert way_cut(2, 0.3, 1.0) == pytest.approx(0.6)
    assert way_cut(9, 0.3, 1.0) == 1.0
    assert way_cut(10, 0.1, 1.0) == 1.0  # the sum of tenths is not short by rounding


def test_links_before_a_mute_are_geometric() -> None:
    """P(more than n) = (1-m)^n: at luck u just above 1 - (1-m)^n, n + 1 links are looked at."""
    assert links_seen_before_mute(0.0, 0.25) == 1.0
    for n in range(1, 6):
        edge = 1.0 - 0.75**n
        assert links_seen_before_mute(edge + 1e-9, 0.25) == n + 1
        assert links_seen_before_mute(edge - 1e-9, 0.25) == n
    assert links_seen_before_mute(0.5, 0.0) == math.inf
    assert links_seen_before_mute(0.5, 1.0) == 1.0
    assert links_seen_before_mute(0.9, 1.0) == 1.0
