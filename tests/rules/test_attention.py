"""Being there, seeing, clicking, by hand."""

from __future__ import annotations

import math

import pytest

from sim.rules.attention import click_probability, fatigue_after, response, visit_probability

pytestmark = pytest.mark.jitoff


def test_fatigue_keeps_people_away() -> None:
    assert visit_probability(0.6, 0.5, 0.4) == pytest.approx(0.6 * 0.8)
    assert visit_probability(0.6, 0.0, 0.4) == pytest.approx(0.6)
    assert visit_probability(1.4, 0.1, 0.5) == 1.0
    assert visit_probability(0.6, 1.0, 3.0) == 0.0


def test_fatigue_settles_where_the_views_are() -> None:
    assert fatigue_after(0.4, 5.0, 20.0, 0.9) == pytest.approx(0.9 * 0.4 + 0.1 * 0.25)
    assert fatigue_after(0.0, 500.0, 20.0, 0.9) == pytest.approx(0.1)  # saturated
    f = 0.0
    for _ in range(400):
        f = fatigue_after(f, 5.0, 20.0, 0.9)
    assert f == pytest.approx(0.25)


def test_wear_in_and_wear_out() -> None:
    assert response(0.0, 10.0) == 0.0
    assert response(10.0, 10.0) == pytest.approx(1.0)
    assert response(5.0, 10.0) == pytest.approx(0.5 * math.exp(0.5))
    assert response(20.0, 10.0) == pytest.approx(2.0 * math.exp(-1.0))


def test_clicks_on_any_of_several() -> None:
    assert click_probability(0.02, 1.5, 1.3, 0.8, 1) == pytest.approx(0.02 * 1.5 * 1.3 * 0.8)
    each = 0.02 * 1.5 * 1.3 * 0.8
    assert click_probability(0.02, 1.5, 1.3, 0.8, 3) == pytest.approx(1 - (1 - each) ** 3)
    assert click_probability(0.02, 1.5, 1.3, 0.8, 2) == pytest.approx(1 - (1 - each) ** 2)
    assert click_probability(0.9, 2.0, 1.0, 1.0, 1) == 1.0
    assert click_probability(0.9, 2.0, 1.0, 1.0, 4) == 1.0
