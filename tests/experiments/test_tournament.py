"""A tournament is fair to seats and seeds, and its ratings are those of Bradley and Terry."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim import ScenarioError
from sim.experiments.tournament import PER_NAT, ratings

SHOPS: dict[str, Any] = {
    "market": {"consumers": 200, "days": 15},
    "categories": [{"name": "tea", "reference_price": 50, "occasions_per_year": 80}],
    "platforms": [{"name": "notes", "activity": 0.8}],
    "merchants": [
        {"name": name, "products": [{"name": "leaf", "category": "tea", "price": 45, "unit_cost": cost,
                                     "initial": {"aware": 0.6}}]}
        for name, cost in (("A", 10), ("B", 30))
    ],
    "focal": "A",
}  # fmt: skip


class Gift(sim.MerchantPolicy):
    """Nine tenths off: sells below cost."""

    def plan(self, view: Any) -> Any:
        return sim.Plan(discount=0.9)


def test_two_of_a_kind_tie_whatever_the_seats_are_worth() -> None:
    """Seat A costs less: who sat only there would win. Rotation on one seed makes a tie exact."""
    found = sim.tournament(SHOPS, {"one": None, "other": None}, replications=3)
    by_seat = found.table.groupby("seat")["value"].mean()
    assert by_seat["A"] > by_seat["B"]
    assert (found.ratings["won"] == 1.5).all()
    np.testing.assert_allclose(found.ratings["rating"], 1500.0)
    assert found.margins.loc["one", "other"] == 0.0


def test_who_gives_its_goods_away_loses() -> None:
    found = sim.tournament(SHOPS, {"gift": Gift(), "plan": None, "also": None}, replications=2)
    assert list(found.ratings.index)[-1] == "gift"
    assert found.ratings.loc["gift", "won"] == 0
    assert found.ratings.loc["gift", "high"] < found.ratings.loc["plan", "low"]
    assert len(found.table) == 3 * 2 * 2 * 2, "pairs, rotations, seeds, seats"
    again = sim.tournament(SHOPS, {"gift": Gift(), "plan": None, "also": None}, replications=2)
    assert found.table.equals(again.table)
    assert found.ratings.equals(again.ratings)


def test_ratings_are_the_odds_of_many_games() -> None:
    wins = 1e6 * np.array([[0, 0.75], [0.25, 0]])
    made = ratings(wins)
    assert made[0] - made[1] == pytest.approx(PER_NAT * np.log(3.0), abs=0.01)
    assert made.mean() == pytest.approx(1500.0)
    chain = np.array([[0.0, 9, 0], [1, 0, 9], [0, 1, 0]])
    one, two, three = ratings(1e6 * chain)
    assert one - two == pytest.approx(two - three, abs=0.01)
    assert np.isfinite(ratings(np.array([[0.0, 5], [0, 0]]))).all()


def test_seats_must_be_there() -> None:
    with pytest.raises(ScenarioError, match="no merchant 'C'"):
        sim.tournament(SHOPS, {"a": None, "b": None}, seats=["A", "C"])
    with pytest.raises(ScenarioError, match="1 players for 2 seats"):
        sim.tournament(SHOPS, {"a": None})
