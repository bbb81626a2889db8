"""Why it won, on real markets: parts sum to the whole, a dead channel gets exactly zero, and what was run is kept."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.contract import ScenarioError
from sim.experiments.comparison import Comparison
from sim.report import plot_comparison, render_report
from sim.report.why import content

SCENARIO: dict[str, Any] = {
    "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml"],
    "market": {"consumers": 800, "days": 14, "reference_consumers": 800},
    "merchants": [{
        "name": "Lu Mi", "products": [{"name": "serum", "category": "beauty", "price": 120, "unit_cost": 40,
                                       "quality": 0.9, "initial": {"aware": 0.3, "buyers": 0.05}}],
        "plan": {"budget_per_day": 40, "mix": {"ads": 1}},
    }],
    "strategies": {
        "ads": {},
        "mixed": {'merchants."Lu Mi".plan.phases': [{"name": "one", "mix": {"ads": 0.5, "koc": 0.5}, "to_day": 6},
                                                    {"name": "two", "mix": {"ads": 1.0}, "from_day": 7}]},
    },
    "outcomes": ["gmv", "profit", "new_buyers"],
    "experiment": {"replications": 3},
}  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    return sim.compare(sim.load(SCENARIO), jobs=1, out=tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def parts(found: Comparison) -> Any:
    return found.attribution("mixed", "gmv", only=["ads", "koc", "kol"], jobs=1).set_index("channel")


def test_parts_and_rest_sum_to_the_total(found: Comparison, parts: Any) -> None:
    assert parts.loc[["ads", "koc", "kol", "rest"], "mean"].sum() == pytest.approx(parts.loc["total", "mean"])
    assert parts.loc["total", "mean"] == pytest.approx(found.values("gmv")["mixed"].mean())
    assert parts.loc["ads", "mean"] > 0
    assert (parts.loc[["ads", "koc"], "spend"] > 0).all()
    assert (parts["n"] == 3).all()


def test_a_channel_that_does_nothing_gets_exactly_zero(parts: Any) -> None:
    assert parts.loc["kol", ["mean", "low", "high", "alone", "gmv_last_touch", "spend"]].tolist() == [0.0] * 6


def test_money_moved_goes_to_the_others(found: Comparison, parts: Any) -> None:
    assert parts.loc["koc", "moved"] != parts.loc["koc", "alone"]
    assert parts.loc[["ads", "koc"], "moved"].notna().all()
    assert parts.loc["kol":, "moved"].isna().all(), "no money, none to move"


def test_what_was_run_is_kept(found: Comparison, parts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found.path is not None
    assert (found.path / "attribution.parquet").exists()
    monkeypatch.setattr("sim.experiments.why._run", None)
    again = Comparison.load(found.path)
    assert again.attribution("mixed", "gmv").set_index("channel")["mean"].to_dict() == parts["mean"].to_dict()
    assert {row["channel"] for row in again.to_json()["attribution"]} == {"ads", "koc", "kol", "rest", "total"}


def test_two_explanations_are_kept_side_by_side(found: Comparison, parts: Any) -> None:
    found.attribution("ads", "gmv", jobs=1)
    assert set(found.tables["attribution"]["strategy"]) == {"ads", "mixed"}
    assert len(found.attribution("mixed", "gmv")) == 5


def test_wrong_names(found: Comparison) -> None:
    with pytest.raises(ScenarioError, match="unknown channel 'kov'; did you mean 'ko"):
        found.attribution("mixed", only=["kov"])
    with pytest.raises(ScenarioError, match="'mixd' was not compared"):
        found.attribution("mixd")
    with pytest.raises(ScenarioError, match="not to 'trust'"):
        found.waterfall(metric="trust")


@pytest.mark.parametrize("metric", ["profit", "gmv", "orders", "new_buyers", "contribution_margin"])
def test_the_waterfall_ends_where_the_strategy_stands(found: Comparison, metric: str) -> None:
    table = found.waterfall("mixed", metric)
    values = found.values(metric)
    assert table["mean"].sum() == pytest.approx((values["mixed"] - values["ads"]).mean())
    assert table["from"].iloc[0] == pytest.approx(values["ads"].mean())
    assert table["to"].iloc[-1] == pytest.approx(values["mixed"].mean())


def test_it_is_in_the_report(found: Comparison, parts: Any) -> None:
    page = render_report(found, "en")
    assert "Part (Shapley)" in page
    assert 'id="waterfall"' in page
    assert 'id="attribution"' in page
    assert content(found, "zh")["heads"][0] == "份额（Shapley）"
    assert len(content(found, "zh")["rows"]) >= 3
    for kind in ("waterfall", "attribution"):
        assert plot_comparison(found, kind, lang="zh").axes
