"""What one person is asked: cuts, coupons, points and postage, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.rules.favours import Favours, asked_of

pytestmark = pytest.mark.jitoff


def favours(**changes: Any) -> Favours:
    """Person 1 of merchant 1, of tier 2; coupon issue 1 takes 500 fen off at 2,000, issue 2 more than all."""
    plain: dict[str, Any] = {
        "on": np.array([True, True]), "tier": np.array([[0, 1], [1, 2]]), "member": np.array([[1, 1], [1, 0]]),
        "points": np.array([[7, 7], [7, 0]]), "coupon": np.array([[2, 2], [2, 0]]),
        "cut": np.array([[0.5, 0.5, 0.5], [0.0, 0.05, 0.1]]), "redeem": np.array([[0.9] * 3, [0.9, 0.9, 0.3]]),
        "postage": np.array([[9, 9, 9], [800, 700, 600]]), "club": np.array([0.9, 0.2]), "least": np.array([0, 100]),
        "value": np.array([0, 500, 99_999]), "min_spend": np.array([0, 2_000, 0]), "last": np.array([0, 10, 99]),
    }  # fmt: skip
    for name, value in changes.items():
        if np.ndim(value):
            plain[name] = value
        else:
            plain[name][1, 1] = value
    return Favours(**plain)


def ask(price: int = 2_500, day: int = 10, **changes: Any) -> tuple[int, int, int]:
    asked, laid, issue = asked_of(1, 1, price, day, favours(**changes))
    return int(asked), int(laid), int(issue)


NOBODY = np.zeros((0, 0), np.int64)


@pytest.mark.parametrize(("changes", "asked"), [
    ({}, (2_850, 0, 0)),  # a tenth off, six yuan of postage
    ({"tier": 0}, (3_300, 0, 0)),
    ({"tier": NOBODY}, (3_300, 0, 0)),
    ({"member": 1}, (2_600, 0, 0)),  # the larger of the two cuts
    ({"member": 1, "club": np.array([0.9, 0.05])}, (2_850, 0, 0)),
    ({"member": NOBODY}, (2_850, 0, 0)),
    ({"coupon": 1}, (2_350, 0, 1)),
    ({"coupon": 1, "day": 11}, (2_850, 0, 0)),  # run out
    ({"coupon": 1, "price": 2_223}, (2_101, 0, 1)),  # 2,001 after the cut reaches 2,000
    ({"coupon": 1, "price": 2_222}, (2_100, 0, 1)),
    ({"coupon": 1, "price": 2_221}, (2_599, 0, 0)),
    ({"coupon": 2}, (601, 0, 2)),  # never below a fen
    ({"coupon": NOBODY}, (2_850, 0, 0)),
    ({"points": 99}, (2_850, 0, 0)),
    ({"points": 100}, (2_750, 100, 0)),
    ({"points": 9_999}, (2_175, 675, 0)),  # three tenths of what is left
    ({"points": 9_999, "coupon": 1}, (1_825, 525, 1)),
    ({"points": 9_999, "redeem": np.ones((2, 3))}, (601, 2_249, 0)),
    ({"points": -5, "least": np.array([0, -9])}, (2_850, 0, 0)),
    ({"points": NOBODY}, (2_850, 0, 0)),
    ({"cut": np.ones((2, 3))}, (601, 0, 0)),
    ({"price": 2_225}, (2_602, 0, 0)),  # 2,002.5 is rounded to even
])  # fmt: skip
def test_what_is_asked(changes: dict[str, Any], asked: tuple[int, int, int]) -> None:
    assert ask(**changes) == asked


def test_a_market_of_one_person() -> None:
    """Columns of one row are held by somebody, and are not taken for those of nobody."""
    one = favours()
    alone = Favours(
        one.on, np.array([[0, 2]]), np.array([[0, 1]]), np.array([[0, 9_999]]), np.array([[0, 1]]), *one[5:]
    )
    asked, laid, issue = asked_of(0, 1, 2_500, 10, alone)
    goods = 2_500 * 0.8 - 500
    assert (int(laid), int(issue)) == (int(0.3 * goods), 1)
    assert asked == goods - laid + 600
