"""Whose word brought orders: by hand, and on a market where nobody talks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.experiments.comparison import Comparison
from sim.experiments.people import BANDS, credited, people
from sim.report.crowd import tables_of


def test_credit_by_hand() -> None:
    """0 tells 1, who tells 2; 2 buys by 1's word. Then 0 herself buys by 2's word: no circle."""
    hour = np.array([1.0, 2.0, 3.0, 4.0])
    buyer, referrer = np.array([1, 2, 0, 3]), np.array([0, 1, 2, -1])
    direct, down, money = credited(hour, buyer, referrer, np.array([100, 10, 1, 7]), 4)
    assert direct.tolist() == [1, 1, 1, 0]
    assert down.tolist() == [3, 2, 1, 0], "the last order of 0 came by way of 2, who came by 1, who came by 0"
    assert money.tolist() == [111, 11, 1, 0]


def test_a_word_before_ones_own_purchase_goes_no_further_up() -> None:
    direct, down, _ = credited(np.array([1.0, 2.0]), np.array([1, 0]), np.array([0, 2]), np.array([5, 5]), 3)
    assert direct.tolist() == [1, 0, 1]
    assert down.tolist() == [1, 0, 1], "0 had not yet been won by 2 when she told 1"


CITY: dict[str, Any] = {
    "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml"],
    "market": {"consumers": 800, "days": 25, "reference_consumers": 800},
    "merchants": [{
        "name": "Lumi", "products": [{"name": "serum", "category": "beauty", "price": 60, "unit_cost": 20,
                                      "quality": 0.95, "initial": {"aware": 0.4, "buyers": 0.2}}],
        "plan": {"budget_per_day": 100, "mix": {"koc": 1}},
    }],
    "strategies": {"quiet": {"mechanisms.sharing.enabled": False}, "talk": {}},
    "outcomes": ["gmv", "profit"],
    "experiment": {"replications": 2},
}  # fmt: skip


def test_people_of_a_market(tmp_path: Any) -> None:
    found = sim.compare(sim.load(CITY), jobs=1, out=tmp_path)
    top, kinds = people(found, "talk", replications=2, jobs=1)
    assert (top["difference"].diff().dropna().loc[top["replication"].diff().fillna(0) == 0] <= 0).all()
    everybody = kinds.iloc[0]
    assert everybody["segment"] == "all"
    assert everybody["difference"] > 0, "where nobody shares no word brings anything"
    rest = kinds.iloc[1:]
    assert rest["difference"].sum() == pytest.approx(everybody["difference"])
    assert rest["share"].sum() == pytest.approx(1.0)
    assert set(rest["friends"]) <= set(BANDS)
    again = Comparison.load(found.path) if found.path else found
    assert again.tables["people"].equals(top)
    titles = [title for title, _, _, rows in tables_of(again) if rows]
    assert len(titles) == 2
