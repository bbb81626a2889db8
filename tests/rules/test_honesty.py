"""Parcels, guarantees and fakes, by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.rng import uniform
from sim.rules.honesty import (
    Goods,
    assured,
    cover_of,
    fakes_pay,
    fit_noise,
    found_in_sample,
    is_fake,
    is_stopped,
    lift_of_fakes,
)  # fmt: skip

pytestmark = pytest.mark.jitoff

KEYS = [np.uint64(k) for k in range(1, 400)]


def goods(**more: Any) -> Goods:
    """Product 1 is plain unless told otherwise, product 0 never."""
    plain = {"fake": 0.0, "fake_quality": 0.2, "tryon": 0.0, "left": 0.7, "verified": 0.0, "ease": 0.0}
    columns = {
        name: np.array([1.0, value]) for name, value in (plain | {k: v for k, v in more.items() if k in plain}).items()
    }
    return Goods(**columns, sensitivity=more.get("sensitivity", 0.9), specificity=more.get("specificity", 0.8))


def test_draws_name_the_parcel() -> None:
    of = goods(fake=0.3, verified=0.5, tryon=0.4)
    for who in KEYS:
        assert is_fake(who, 1, of) == (uniform(who, 0) < 0.3)
        checked = uniform(who, 1) < 0.5
        assert is_stopped(who, 1, True, of) == (checked and uniform(who, 2) < 0.9)
        assert is_stopped(who, 1, False, of) == (checked and uniform(who, 2) < 1.0 - 0.8)
        assert fit_noise(who, 1, 0.2, of) == (0.2 * 0.7 if uniform(who, 3) < 0.4 else 0.2)


def test_nothing_is_drawn_where_there_is_nothing() -> None:
    for who in KEYS:
        assert not is_fake(who, 1, goods())
        assert not is_stopped(who, 1, True, goods())
        assert fit_noise(who, 1, 0.2, goods()) == 0.2
    assert all(is_fake(who, 0, goods()) for who in KEYS)
    assert all(is_stopped(who, 1, True, goods(verified=1.0, sensitivity=1.0)) for who in KEYS)


def test_a_guarantee_is_worth_most_to_who_trusts_least() -> None:
    assert assured(0.4, 0.5) == pytest.approx(0.7)
    assert assured(1.0, 0.5) == 1.0


@pytest.mark.parametrize(("terms", "worth"), [
    ((0.5, False, 0.0, 0.0), 0.0), ((0.5, False, 0.0, 0.3), 0.3), ((0.3, True, 0.0, 0.0), 0.3),
    ((0.2, False, 2.0, 0.0), 0.6), ((0.2, True, 2.0, 0.5), 0.8), ((0.9, True, 2.0, 0.0), 1.0),
    ((0.4, False, 1.0, 0.0), 0.8),
])  # fmt: skip
def test_cover(terms: tuple[float, bool, float, float], worth: float) -> None:
    assert cover_of(*terms) == pytest.approx(worth)


def test_a_sample_finds_one() -> None:
    assert found_in_sample(0.1, 3) == pytest.approx(1 - 0.9**3)


def test_fakes_lift_rating_and_number() -> None:
    """Shown 10 x 4 and 6 reviews of 3 stars, then four of five stars more."""
    before, after = 58 / 16, 78 / 20
    both = lift_of_fakes(4.0, 18.0, 6.0, 7.0, 4.0, 10.0, 0.5, 0.25)
    assert both == pytest.approx(0.5 * math.log(after / before) + 0.25 * math.log(12 / 8))
    assert lift_of_fakes(0.0, 18.0, 6.0, 7.0, 4.0, 10.0, 0.5, 0.25) == 0.0


@pytest.mark.parametrize(("penalty", "pays"), [(90.0, True), (100.0, False), (110.0, False)])
def test_fakes_pay_while_gain_exceeds_cost_and_risk(penalty: float, pays: bool) -> None:
    """Margin 10 a week, three times as much for 2 weeks: 40 more, against 20 and a fifth of the penalty."""
    assert fakes_pay(10.0, math.log(3.0), 2.0, 20.0, 0.2, penalty + (1e-9 if penalty == 100.0 else 0.0)) is pays
