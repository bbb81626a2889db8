"""Selection, treatment, both: the three arms of community, membership and referral, and what is said of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.report.remarks import contrasts, selection_share

ARMS = {"community_or_selection": "community_orders_gap", "membership_worth": "member_orders_gap",
        "referred_or_chosen": "referred_orders_gap"}  # fmt: skip


def compared(metric: str, selection: Any, both: Any) -> Any:
    """A comparison that has measured one lead in two arms."""
    values = pd.DataFrame({"selection": selection, "both": both}, dtype=float)
    table = pd.DataFrame({"strategy": ["selection", "both"], "metric": metric, "mean": values.mean().to_numpy()})
    return SimpleNamespace(strategies=["selection", "both"], table=table, values=lambda name: values)


@pytest.mark.parametrize("file", ARMS)
def test_a_scenario_has_the_three_arms_and_asks_for_the_lead(file: str, scenarios: Path) -> None:
    made = sim.load(scenarios / f"{file}.yaml")
    by_lot = {"treatment", "by_lot"} & set(made.strategies)
    assert {"selection", "both"} <= set(made.strategies)
    assert by_lot
    assert ARMS[file] in made.outcomes


@pytest.mark.parametrize("metric", ARMS.values())
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_says_what_share_is_selection(metric: str, lang: str) -> None:
    both = np.array([1.0, 1.1, 0.9, 1.05, 0.95, 1.0])
    said = contrasts(compared(metric, 0.6 * both, both), lang)
    assert len(said) == 1
    assert "60%" in said[0]
    assert selection_share(compared(metric, 0.6 * both, both), metric) == pytest.approx((0.6, 0.6, 0.6))


def test_of_no_lead_no_share_is_given() -> None:
    said = contrasts(compared("referred_orders_gap", [0.1] * 6, [1, -1, 2, -2, 1, -1]), "en")
    assert len(said) == 1
    assert "cannot be told from none" in said[0]


SHOP: dict[str, Any] = {
    "extends": ["presets/market/small_city.yaml", "presets/platforms/interest_feed.yaml"],
    "name": "shop", "market": {"consumers": 2500, "days": 60},
    "categories": [{"name": "tea", "reference_price": 60, "occasions_per_year": 40}],
    "mechanisms": {"referral": {"enabled": True, "bond": 0.6}},
    "merchants": [{
        "name": "A",
        "products": [{"name": "x", "category": "tea", "price": 55, "unit_cost": 20,
                      "initial": {"aware": 0.3, "buyers": 0.1, "reviews": 50}}],
        "plan": {"budget_per_day": 100, "mix": {"ads": 1}, "referral": {"inviter_reward": 8, "invitee_reward": 8}},
    }],
}  # fmt: skip


def lived(**settings: Any) -> Any:
    """The shop's market at its horizon."""
    market = sim.Market(sim.load(SHOP, set={k.replace("__", "."): v for k, v in settings.items()}), seed=2)
    market.run()
    return market


def test_the_bond_by_lot_holds_others_than_those_who_were_invited() -> None:
    """As many as were asked for, none of them brought by a friend, and each by the factor of the bond."""
    market = lived(mechanisms__referral__bonds="random", mechanisms__referral__random_share=0.3)
    c = market.state.columns
    referred, brought = c["referred"][:, 0] == 1, c["invited_by"][:, 0] >= 0
    new = (c["first_order"][:, 0] >= 0) & ~brought
    assert brought.any()
    assert not (referred & brought).any()
    assert (referred & new).sum() / new.sum() == pytest.approx(0.3, abs=3 * np.sqrt(0.21 / new.sum()) + 0.01)
    free = lived(mechanisms__referral__bond=1).state.columns["lapse_p"][:, 0].astype(float)
    ratio = c["lapse_p"][referred, 0] / np.maximum(free[referred], 1.0)
    assert ratio[free[referred] > 100] == pytest.approx(0.6, abs=0.01)
    assert (c["lapse_p"][~referred, 0] == free[~referred]).all()


def test_a_run_measures_the_lead_of_the_referred() -> None:
    market = lived()
    c = market.state.columns
    first, days = c["first_order"][:, 0], market.day
    seen = (first >= 0) & (first <= days - 30)
    rows = market.state.table("orders").rows
    rows = rows[(rows["sample"] == 0) & (rows["paid_day"] >= 0)]
    age = rows["paid_day"].astype(int) - first[rows["consumer"]]
    again = np.bincount(rows["consumer"][(age > 0) & (age <= 30)], minlength=len(first))
    referred = c["referred"][:, 0] == 1
    want = again[seen & referred].mean() - again[seen & ~referred].mean()
    assert market.tables()["summary"]["referred_orders_gap"] == pytest.approx(want)
