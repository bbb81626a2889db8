"""Choosing, and the utility put together from columns: each term by itself, by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.rules.choice import accept_probability, belief_utility, group_utility, price_utility, review_utility, surplus
from sim.rules.memory import fading
from sim.rules.packed import ADSTOCK, EVIDENCE, FACTOR, FELT, FIT, QUALITY, TASTE, code_of, number_of
from sim.rules.utility import Beliefs, Shelf, Tastes, price_sensitivity, systematic

pytestmark = pytest.mark.jitoff


def test_reviews_and_price() -> None:
    assert review_utility(4.5, 99.0, 0.42, 0.24) == pytest.approx(0.42 * math.log(4.5) + 0.24 * math.log(100.0))
    assert review_utility(1.0, 0.0, 0.42, 0.24) == 0.0
    assert price_utility(30.0, 60.0, 2.7) == pytest.approx(-1.35)


@pytest.mark.parametrize(("term", "value", "worth"), [
    (0, 1.5, 2.0 * math.log(2.5)), (1, 0.8, 2.4), (2, 0.3, 1.5), (3, 0.9, 0.4 * 7.0), (4, -0.5, -5.5),
])  # fmt: skip
def test_each_belief_weighs_by_its_own_coefficient(term: int, value: float, worth: float) -> None:
    beliefs = [0.0, 0.0, 0.0, 0.5, 0.0]
    beliefs[term] = value
    assert belief_utility(*beliefs, 2.0, 3.0, 5.0, 7.0, 11.0) == pytest.approx(worth)


def test_a_group_is_worth_its_chances() -> None:
    assert group_utility(0.25, 4.0, 3.0, 12.0, 0.6) == pytest.approx(0.25 * 4.0 + 0.75 * 3.0 - 0.3)


def test_friends_accept_by_a_logit() -> None:
    assert accept_probability(-1.0, 2.0, 0.25) == pytest.approx(1 / (1 + math.exp(0.5)))
    assert accept_probability(0.0, 2.0, 0.0) == 0.5


def test_surplus_in_yuan() -> None:
    assert surplus(math.e**2 - 1.0, 60.0, 3.0) == pytest.approx(40.0)


BELIEFS: dict[str, Any] = {
    "taste": (TASTE, 0.0), "adstock": (ADSTOCK, 0.0), "expectation": (QUALITY, 0.5), "experience": (FELT, 0.0),
    "fit": (FIT, 0.0), "good": (EVIDENCE, 0.0), "bad": (EVIDENCE, 1.0), "sensitivity": (FACTOR, 1.0),
}  # fmt: skip
TASTES = Tastes(2.7, 0.2, 3.0, 5.0, 7.0, 11.0, fading(6.0))


def utility(cover: float = 0.0, shown: float = 0.0, day: int = 30, last: int = 24, **values: float) -> float:
    """Utility of product 1 (category 2, merchant 3) to person 1 (region 1), all else being neutral."""
    axis = {"fit": 3, "good": 4, "bad": 4}
    columns = {}
    for name, (kind, usual) in BELIEFS.items():
        codes = np.zeros(2 if name == "sensitivity" else (2, axis.get(name, 2)), np.uint16)
        if name != "sensitivity":
            codes[:] = code_of(3.0, kind)  # elsewhere stands something else
            codes[1, {"fit": 2, "good": 3, "bad": 3}.get(name, 1)] = code_of(values.get(name, usual), kind)
        columns[name] = codes
    seen = np.array([[0, 9], [7, last]], np.int16)
    shelf = Shelf(np.array([[5.0, 6.0], [7.0, shown]]), None, None, np.array([0, 2]), np.array([0, 3]),
                  np.array([9.0, 9.0, 9.0, cover]))  # fmt: skip
    return float(systematic(1, 1, day, Beliefs(**columns, last_exposure=seen, region=np.array([0, 1])), shelf, TASTES))


@pytest.mark.parametrize(
    ("changes", "worth"),
    [
        ({}, 0.0),
        ({"taste": -2.0}, -2.0),
        ({"shown": 1.25}, 1.25),
        ({"adstock": 2.0}, 0.2 * math.log(2.0)),  # one half-life ago
        ({"adstock": 2.0, "last": 30}, 0.2 * math.log(3.0)),
        ({"adstock": 0.8}, 0.2 * math.log(1.4)),
        ({"good": 3.0, "bad": 1.0}, 3.0 * 0.75),
        ({"good": 1.0, "bad": 1.0, "cover": 0.5}, 3.0 * 0.75),
        ({"fit": 0.6}, 3.0),
        ({"expectation": 1.0}, 3.5),
        ({"experience": 0.5}, 5.5),
    ],
)
def test_symbols_stand_where_they_should(changes: dict[str, Any], worth: float) -> None:
    assert utility(**changes) == pytest.approx(worth, abs=5e-3)


def test_own_price_sensitivity() -> None:
    beliefs = Beliefs(None, np.array([code_of(1.0, FACTOR), code_of(0.5, FACTOR)], np.uint16), *(None,) * 8)
    assert price_sensitivity(1, beliefs, TASTES) == pytest.approx(1.35)
    assert number_of(beliefs.sensitivity[0], FACTOR) == 1.0
