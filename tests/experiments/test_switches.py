"""Creators, segments and events switched off: parts sum to the whole, and what does nothing gets zero."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.contract import CHANNEL, ScenarioError
from sim.experiments.comparison import Comparison
from sim.experiments.credits import Watch
from sim.report.switched import parts, tables_of

CITY: dict[str, Any] = {
    "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml"],
    "market": {"consumers": 700, "days": 12, "reference_consumers": 700},
    "merchants": [{
        "name": "Lumi", "products": [{"name": "serum", "category": "beauty", "price": 90, "unit_cost": 40,
                                      "quality": 0.9, "initial": {"aware": 0.3, "buyers": 0.05}}],
        "plan": {"budget_per_day": 900, "mix": {"kol": 1}},
    }],
    "creators": [{"name": "micro", "count": 6, "followers": 120, "slot_fee": 60},
                 {"name": "nano", "count": 8, "followers": 40, "slot_fee": 20},
                 {"name": "dear", "count": 1, "followers": 100, "slot_fee": 90000}],
    "strategies": {"plain": {}, "kol": {"merchants.Lumi.plan.kol.hype": 0.6}},
    "events": [{"name": "sale", "day": 2, "days": 5, "change": {"merchants.Lumi.plan.discount": 0.3}},
               {"name": "late", "day": 300, "days": 5, "change": {"merchants.Lumi.plan.discount": 0.9}}],
    "outcomes": ["gmv", "profit"],
    "experiment": {"replications": 3},
}  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    return sim.compare(sim.load(CITY), jobs=1, out=tmp_path_factory.mktemp("results"))


@pytest.mark.parametrize("by", ["creator", "segment", "event"])
def test_parts_and_rest_sum_to_the_total(found: Comparison, by: str) -> None:
    table = found.attribution("kol", "gmv", by=by, jobs=1).set_index(by)
    players = [name for name in table.index if name not in ("rest", "total")]
    assert len(players) >= 2
    assert table.loc[[*players, "rest"], "mean"].sum() == pytest.approx(table.loc["total", "mean"])
    assert table.loc["total", "mean"] == pytest.approx(found.values("gmv")["kol"].mean())
    assert (table["n"] == 3).all()
    assert table.loc[players, "mean"].abs().max() > 0, "somebody brought something"
    zero = {"creator": "dear", "event": "late"}.get(by)
    if zero:
        assert table.loc[zero, ["mean", "low", "high", "alone"]].tolist() == [0.0] * 4


def test_credits_of_creators_sum_to_those_of_their_channel(found: Comparison) -> None:
    """Every order that came by creators is credited to a tier, by either touch; nobody hired is credited nothing."""
    table = found.attribution("kol", "gmv", by="creator", jobs=1).set_index("creator").drop(["rest", "total"])
    own = found.tables["channels"]
    own = own[(own["strategy"] == "kol") & (own["channel"] == "kol")]
    for touch in ("gmv_last_touch", "gmv_first_touch"):
        assert own[touch].mean() > 0
        assert table[touch].sum() == pytest.approx(own[touch].mean())
        assert table.loc["dear", touch] == 0
    assert table["spend"].sum() == pytest.approx(own["spend"].mean(), rel=0.2), "saved one by one, about what is spent"
    assert table["gmv_alone"].tolist() == table["alone"].tolist(), "GMV is the metric here"
    assert (table["gmv_last_touch"] - table["gmv_alone"]).abs().max() > 100, "credit is not effect"
    [rows] = [rows for title, _, _, rows in tables_of(found) if title.endswith("by creator")]
    assert "–" not in rows[0]


def test_a_first_touch_is_the_posts_of_its_day() -> None:
    """Only one tier posts before day 5; who met the product then is hers, however much others post later."""
    early = {"name": "early", "from_day": 0, "to_day": 4, "kol": {"tiers": {"nano": 1.0}}}
    late = {"name": "late", "from_day": 5, "kol": {"tiers": {"micro": 1.0}}}
    market = sim.Market(sim.load(CITY).with_set({"merchants.Lumi.plan.phases": [early, late]}), "plain", seed=4)
    watch = Watch(market)
    for _ in range(5):
        market.step()
        watch.look()
    met = market.state.columns["first_touch"] == CHANNEL["kol"]
    assert met.any()
    assert ((watch.met >= 0) == met).all()
    first = watch.credit()
    assert first.loc["micro"].tolist() == [0.0, 0.0]
    assert first.loc["nano", "gmv_first_touch"] > 0
    for day in set(watch.met[met].tolist()):
        parts = watch.parts[day][CHANNEL["kol"]][:, 0]
        assert parts[market.world.creators.index("nano")] == parts.sum() == 1.0


def test_segments_and_events_are_no_touches(found: Comparison) -> None:
    table = found.attribution("kol", "gmv", by="segment", jobs=1).set_index("segment")
    players = [name for name in table.index if name not in ("rest", "total")]
    assert table.loc[players, "gmv_own"].sum() == pytest.approx(table.loc["total", "mean"])
    found.attribution("kol", "gmv", by="event", jobs=1)
    [told] = [rows for title, _, _, rows in tables_of(found) if title.endswith("by event")]
    assert [row[-1] for row in told] == ["not a touch", "not a touch", "–", "–"]


def test_what_was_run_is_kept_and_shown(found: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    first = found.attribution("kol", "gmv", by="event", jobs=1)
    assert found.path is not None
    again = Comparison.load(found.path)
    monkeypatch.setattr("sim.experiments.why._events", None)
    assert again.attribution("kol", "gmv", by="event").equals(first)
    shown = {title: rows for title, _, _, rows in tables_of(again)}
    told = next(rows for title, rows in shown.items() if title.endswith("of kol, by event"))
    assert [row[0] for row in told] == ["sale", "late", "without any event", "all"]
    assert parts(again, by="event").axes[0].get_yticklabels()[0].get_text() in ("sale", "late")


def test_a_withheld_tier_posts_nothing_and_its_money_goes_to_nobody(found: Comparison) -> None:
    scenario = found.scenario

    def lived(off: list[str]) -> Any:
        market = sim.Market(scenario.with_set({"merchants.Lumi.off_creators": off}), "kol", seed=4)
        market.run()
        rows = market.state.table("posts").rows
        kol = rows["author"][rows["channel"] == CHANNEL["kol"]]
        return [market.world.creators[market.creators[x].tier] for x in kol], market.result()

    (usual, money), (without, less) = lived([]), lived(["micro"])
    assert "micro" in usual
    assert without == [tier for tier in usual if tier != "micro"], "no other is hired in their place, or less often"
    assert less.summary["marketing_spend"] < money.summary["marketing_spend"]


def test_a_withheld_segment_sees_nothing(found: Comparison) -> None:
    name = found.scenario.segments[0].name
    every = [s.name for s in found.scenario.segments]
    some = sim.run(found.scenario.with_set({"merchants.Lumi.off_segments": [name]}), "kol", seed=4)
    none = sim.run(found.scenario.with_set({"merchants.Lumi.off_segments": every}), "kol", seed=4)
    usual = sim.run(found.scenario, "kol", seed=4)
    seen = [run.channels["impressions"].sum() for run in (usual, some, none)]
    assert seen[0] > seen[1] > seen[2] == 0
    spent = [run.summary["marketing_spend"] for run in (usual, none)]
    assert spent[1] > 0.5 * spent[0], "what was paid for posts is paid all the same"


def test_names_that_there_are_not(found: Comparison) -> None:
    with pytest.raises(ScenarioError, match=r"by channel, creator, segment, event, not by 'creater'"):
        found.attribution("kol", by="creater")
    with pytest.raises(ScenarioError, match=r"unknown creator 'nanno'; did you mean 'nano'"):
        found.attribution("kol", by="creator", only=["nanno"])
    with pytest.raises(ScenarioError, match=r"off_segments.*"):
        sim.load(CITY, set={"merchants.Lumi.off_segments": ["nobody"]})
    with pytest.raises(ScenarioError, match=r"off_creators.*did you mean 'nano'"):
        sim.load(CITY, set={"merchants.Lumi.off_creators": ["nanno"]})
