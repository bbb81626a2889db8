"""Objects show themselves: HTML that is safe, tables, words and figures, and errors that name what there is."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from city import CITY, plain

import sim
from sim import progress
from sim.contract import ScenarioError
from sim.report.brief import write_brief
from sim.report.plan import stretches

NAME = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def scenario() -> Any:
    strategies = {
        "ads only": {"merchants.Leaf.plan.mix": {"ads": 1}},
        "then koc": {"merchants.Leaf.plan.phases": [{"name": "late", "from_day": 5, "to_day": 7, "mix": {"koc": 1}}]},
    }
    return sim.load(plain(name=NAME, market={"consumers": 300, "days": 12}, strategies=strategies,
                          mechanisms={"sharing": {"share_rate": 0.5}},  # trees to draw, in so few days
                          outcomes=["profit", "gmv", "trust"], experiment={"replications": 2},
                          uncertainties={"mechanisms.sharing.reach_per_share": [0.05, 0.9],
                                         "mechanisms.live.enter": [0.1, 0.2]}))  # fmt: skip


@pytest.fixture(scope="module")
def market(scenario: Any) -> Any:
    made = sim.Market(scenario, "ads only", seed=2)
    made.run()
    return made


@pytest.fixture(scope="module")
def compared(scenario: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return sim.compare(scenario, jobs=1, out=tmp_path_factory.mktemp("results"))


class _Whole(HTMLParser):
    """Tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_object_shows_itself_and_no_name_is_code(scenario: Any, market: Any, compared: Any) -> None:
    for thing in (scenario, market, market.result(), compared, market.network):
        parser = _Whole()
        parser.feed(thing._repr_html_())
        assert parser.open == []
        assert "table" in parser.seen
        assert "script" not in parser.seen
    assert "day 12 of 12" in market._repr_html_()
    assert "profit" in market.result()._repr_html_()
    assert compared.explain()[:40] in re.sub("&quot;", '"', compared._repr_html_())


def test_unknown_kinds_of_figures_name_the_known_and_the_nearest(scenario: Any, market: Any, compared: Any) -> None:
    for thing, known in ((scenario, "plan"), (market, "network"), (compared, "tornado"), (market.network, "degrees")):
        with pytest.raises(ValueError, match=known):
            thing.plot("pie")
    with pytest.raises(ValueError, match=r"did you mean 'funnel'"):
        market.result().plot("funel")


def test_figures_of_real_objects_are_drawn(scenario: Any, market: Any, compared: Any) -> None:
    drawn = [scenario.plot(), market.plot("trees"), market.plot("network"), market.plot("flows"), market.plot("fills"),
             market.network.plot(), market.network.plot("map"), compared.plot("waterfall")]  # fmt: skip
    for figure in drawn:
        figure.canvas.draw()
        assert any(axes.get_xlabel().strip() for axes in figure.axes)
        assert all(axes.lines or axes.patches or axes.collections or axes.texts for axes in figure.axes)


def test_tables_of_objects(scenario: Any, market: Any, compared: Any) -> None:
    changes = scenario.to_frame()
    assert list(changes.columns) == ["base", "ads only", "then koc"]
    assert changes.loc["merchants.Leaf.plan.mix", "ads only"]["ads"] == 1
    ties = market.network.to_frame()
    assert len(ties) == market.network.edges
    assert (ties["a"] < ties["b"]).all()
    assert len(market.to_frame()) == 12
    told = market.result().to_frame()
    assert told.loc["gmv", "unit"] == "yuan"
    frame = compared.to_frame("profit").set_index("strategy")
    gap = compared.values("profit")
    assert frame.loc["then koc", "difference"] == pytest.approx((gap["then koc"] - gap["ads only"]).mean())
    assert np.isnan(frame.loc["ads only", "difference"])


def test_words_of_objects(scenario: Any, market: Any, compared: Any) -> None:
    said = scenario.explain("reach_per_share")
    assert "mechanisms.sharing.reach_per_share = " in said
    assert "default" in said
    assert "= 45" in market.explain("merchants.Leaf.products.green.price")
    with pytest.raises(ScenarioError, match="did you mean"):
        scenario.explain("reach_per_shar")
    assert "GMV" in market.result().explain("gmv")
    with pytest.raises(KeyError, match="there are"):
        market.result().explain("no_such")
    assert "profit" in compared.explain()
    assert "people" in market.network.explain()


def test_a_plan_is_drawn_as_it_will_be_in_force(scenario: Any) -> None:
    leaf = next(m for m in scenario.for_strategy("then koc").merchants if m.name == "Leaf")
    found = [(a, b, plan.mix.koc) for a, b, plan in stretches(leaf.plan, 12)]
    assert found == [(0, 5, 0.3), (5, 8, 1.0), (8, 12, 0.3)]


def test_doubts_are_paired_exact_and_kept(compared: Any) -> None:
    table = compared.doubts(jobs=1).set_index(["path", "end"])
    here = compared.to_frame("profit").set_index("strategy").loc["then koc"]
    assert table.loc[("", ""), ["mean", "low", "high"]].tolist() == pytest.approx(
        here[["difference", "difference_low", "difference_high"]].tolist())  # fmt: skip
    idle = table.loc["mechanisms.live.enter", "mean"]
    assert (idle == table.loc[("", ""), "mean"]).all(), "nobody goes live: exactly the same market"
    assert table.loc["mechanisms.sharing.reach_per_share", "mean"].nunique() == 2
    again = type(compared).load(compared.path)
    pd.testing.assert_frame_equal(again.doubts().set_index(["path", "end"]), table)
    assert len(again.to_json()["doubts"]) == 5
    with pytest.raises(ScenarioError, match="names no uncertainties"):
        sim.compare(sim.load(CITY | {"market": {"consumers": 60, "days": 1}}), jobs=1, replications=1).doubts()


def test_a_brief_is_two_pages_and_slides(compared: Any, tmp_path: Path) -> None:
    from matplotlib.image import imread

    pdf, *slides = write_brief(compared, tmp_path)
    content = pdf.read_bytes()
    assert len(re.findall(rb"/Type /Page\b", content)) == 2
    assert len(content) < 3_000_000
    assert len(slides) > 5
    assert {imread(str(slide)).shape[:2] for slide in slides[:2]} == {(1080, 1920)}
    assert not list(tmp_path.glob("*.part"))


class _Terminal:
    """A stderr that is a terminal and keeps what it was told."""

    def __init__(self, tty: bool) -> None:
        self.tty, self.said = tty, ""

    def isatty(self) -> bool:
        return self.tty

    def write(self, text: str) -> int:
        self.said += text
        return len(text)

    def flush(self) -> None:
        pass


@pytest.mark.parametrize("tty", [True, False])
def test_progress_fits_where_it_is_seen(tty: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _Terminal(tty)
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr(progress, "APART", 0.0)
    show = progress.shown(True, "market", "days")
    assert show is not None
    for done in range(1, 4):
        show(done, 3)
    assert "3 of 3 days" in screen.said
    assert ("\r" in screen.said) == tty
    assert screen.said.endswith("\n")
    assert progress.shown(False, "x") is progress.shown(None, "x") is None
    assert progress.shown(print, "x") is print


def test_progress_in_a_notebook_redraws_one_display(monkeypatch: pytest.MonkeyPatch) -> None:
    class Handle:
        shown: Any = None

        def update(self, bar: Any) -> None:
            self.shown = bar

    handle = Handle()
    monkeypatch.setattr(progress, "_notebook_handle", lambda: handle)
    show = progress.Shown(NAME)
    show(2, 2)
    assert 'value="2"' in handle.shown._repr_html_()
    assert "<script" not in handle.shown._repr_html_()
