"""The page and the figures on a made-up comparison: what they must say, and what they must never do."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from made_up import LEVEL, comparison, run_result

from sim.metrics import METRICS
from sim.report import answer, doubts, parties, plot_comparison, plot_run, render_report, save_all, style, write_report
from sim.report.accounts import cohort_tables, statement
from sim.report.figures import COMPARISON_KINDS, RUN_KINDS, page_figures
from sim.report.numbers import Numbers
from sim.report.tables import channel_tables


class _Balance(HTMLParser):
    """Checks that tags close in order and that ids are used once."""

    VOID = frozenset({"meta", "link", "br", "wbr", "img", "path", "use", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page() -> str:
    return render_report(comparison(days=60, full=True))


def test_page_is_one_offline_file_under_three_megabytes(page: str) -> None:
    assert len(page.encode()) < 3_000_000
    assert "<script" not in page
    assert "@import" not in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert not re.search(r"url\((?!#)", page)


def test_page_is_well_formed_and_ids_are_unique(page: str) -> None:
    parser = _Balance()
    parser.feed(page)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert {"h1", "svg", "table", "details", "figure"} <= parser.tags
    assert '<html lang="en">' in page


def test_page_says_what_it_must(page: str) -> None:
    for text in (
        "Should Lumi seed",
        "“balanced mix” wins on profit",
        "95% interval of the paired difference",
        "Payback day",
        "From seeing to buying again",
        "Cost to win a buyer",
        "first touch",
        "Neither says what would be lost",
        "mechanisms.sharing.reach_per_share",
        "a1b2c3d4e5f6",
        "numpy",
        "consumers: 100000",
        "¥",
    ):
        assert text in page, text


def test_user_text_is_escaped_everywhere() -> None:
    evil = '<img src=x onerror=alert(1)> & "quoted" $x$'
    made = comparison(
        strategies=(evil, "_hidden", "中文策略"),
        days=20,
        name=evil,
        question=evil,
        description=evil,
        yaml=lambda: f"name: {evil}",
        uncertainties={evil: [0, 1]},
    )
    made.manifest["machine"] = evil
    html = render_report(made)
    assert "<img" not in html
    assert "&lt;img" in html
    parser = _Balance()
    parser.feed(html)
    assert parser.open == []
    assert "img" not in parser.tags


def test_answer_decided_reports_difference_interval_and_probability() -> None:
    found = answer(comparison())
    assert found.decided
    assert found.leader == "balanced mix"
    assert found.rival == "kol_blast"
    assert found.low > 0
    assert "> 99%" in found.sentence
    assert "higher" in found.sentence


def test_answer_is_not_decided_when_the_interval_holds_zero() -> None:
    found = answer(comparison(effect=0.005))
    assert not found.decided
    assert found.sentence.startswith("Not decided")


def test_answer_is_not_decided_between_two_that_both_beat_the_baseline() -> None:
    made = comparison()
    made.p_best.loc[made.p_best["strategy"] == "koc_first", "p"] = 0.4
    made.p_best.loc[made.p_best["strategy"] == "balanced mix", "p"] = 0.6
    found = answer(made)
    assert not found.decided
    assert found.beats_rival
    assert "koc_first" in found.sentence


def test_a_payback_that_some_replications_never_reach_is_not_decided() -> None:
    made = comparison(outcomes=["payback_day"])
    at = (made.table["metric"] == "payback_day") & (made.table["strategy"] == "koc_first")
    made.table.loc[at, "n"] = 3
    found = answer(made)
    assert not found.decided
    assert "“koc_first” in 3 of 20" in found.sentence
    assert "in 3 of 20 replications" in render_report(made)


def test_what_nobody_could_observe_has_no_leader() -> None:
    made = comparison()
    made.table.loc[made.table["metric"] == "repurchase_90d", ["mean", "low", "high"]] = np.nan
    for lang, told in (("en", "not observed under any strategy"), ("zh", "任何策略都未观察到")):
        found = answer(made, "repurchase_90d", lang)
        assert told in found.short
        assert not found.decided
        assert "balanced mix" not in found.sentence


def test_identical_strategies_are_said_to_be_identical() -> None:
    made = comparison()
    made.differences[["mean", "low", "high"]] = 0.0
    made.differences["pairing"] = np.inf
    found = answer(made)
    assert not found.decided
    assert "do not differ" in found.sentence
    html = render_report(made)
    assert "no noise" in html
    assert ">inf<" not in html


def test_answer_turns_round_when_the_baseline_leads_and_when_less_is_better() -> None:
    made = comparison(effect=-0.2)
    made.p_best["p"] = (made.p_best["strategy"] == "kol_blast").astype(float)
    found = answer(made)
    assert found.leader == "kol_blast"
    assert found.decided
    assert found.difference > 0
    fewer = answer(comparison(), "return_rate")
    assert fewer.leader == "balanced mix"
    assert fewer.difference < 0
    assert fewer.decided
    assert "lower" in fewer.sentence


def test_chinese_page_has_chinese_words_and_the_same_numbers() -> None:
    made = comparison(days=30)
    html = render_report(made, "zh")
    assert 'lang="zh-CN"' in html
    assert "结论" in html
    assert "利润" in html
    assert "万" in html
    with pytest.raises(ValueError, match="'fr'"):
        render_report(made, "fr")


def test_the_statement_can_be_added_up_on_the_page() -> None:
    """Signed lines between two totals sum to the second; what is zero everywhere is left out."""
    made = comparison()
    base = made.table["strategy"] == "kol_blast"
    for name, value in LEVEL.items():  # the baseline's lines as in LEVEL, which is a consistent statement
        made.table.loc[base & (made.table["metric"] == name), "mean"] = value
    made.table.loc[base & (made.table["metric"] == "order_margin"), "mean"] = 710_000
    lines = statement(made, "en")
    assert "Rewards for shares" not in [line["label"] for line in lines], "nobody was paid for sharing"

    def number(text: str) -> int:
        return int(text.replace("\u2212", "-").replace("¥", "").replace(",", ""))

    running = 0
    for line in lines:
        cell = number(line["cells"][0]["mean"])
        if line["total"] and line["label"] != "GMV, paid":
            assert cell == running, line["label"]
        else:
            running += cell
    assert "Discounts given ¥220,000" in lines[0]["cells"][0]["note"]


def test_cohorts_leave_blank_what_was_not_seen_whole() -> None:
    made = comparison(strategies=("a", "b"), days=9)
    made.cohorts.loc[made.cohorts["strategy"] == "b", "active"] *= 0.5
    tables = cohort_tables(made, "en")
    assert [t["strategy"] for t in tables] == ["a", "b"]
    first, second = tables[0]["rows"]
    assert [c["mean"] for c in first["cells"]] == ["100%", "25.0%"]
    assert [c["mean"] for c in second["cells"]] == ["100%", ""], "seen, but not to the end by all"
    assert first["cells"][1]["heat"] == 2 * tables[1]["rows"][0]["cells"][1]["heat"], "one scale for all strategies"
    assert first["cells"][0]["note"] == "¥30.0"
    made.cohorts["observed"] = False
    assert cohort_tables(made, "en") == []


def test_a_break_even_that_does_not_exist_is_said() -> None:
    made = comparison()
    at = made.table["metric"].isin(["break_even_price", "break_even_orders", "ltv"])
    at &= made.table["strategy"] == "koc_first"
    made.table.loc[at, ["mean", "low", "high"]] = np.nan
    made.table.loc[at, "n"] = 0
    made.scenario.market.ltv_days = 90
    html = render_report(made)
    assert "none: an order leaves nothing" in html
    assert "no buyer seen for 90 days" in html
    assert "不存在：每单不剩余" in render_report(made, "zh")
    assert not answer(made, "break_even_price").decided


def test_channel_tables_end_with_their_sum() -> None:
    made = comparison()
    for table in channel_tables(made, "en"):
        own = made.channels[made.channels["strategy"] == table["strategy"]]
        total = {c["head"]: c["text"] for c in table["rows"][-1]["cells"]}
        assert table["rows"][-1]["total"]
        assert total["Orders"] == Numbers("en").count(own["orders_last_touch"].sum())
        assert total["ROAS"] == Numbers("en").value(own["gmv_last_touch"].sum() / own["spend"].sum(), "yuan/yuan")


def test_thin_input_still_gives_a_page() -> None:
    made = comparison(strategies=("only",), days=1, replications=1)
    made.daily, made.channels, made.cascades = made.daily.iloc[:0], made.channels.iloc[:0], made.cascades.iloc[:0]
    made.table[["low", "high"]] = np.nan
    made.table.loc[made.table["metric"] == "payback_day", "mean"] = np.nan
    made.manifest, made.assumptions = {}, None
    html = render_report(made)
    assert "not decided" in html
    assert "nan" not in html.lower().replace("finance", "")


@pytest.mark.parametrize("kind", [kind for kind in COMPARISON_KINDS if kind != "waterfall"])
def test_comparison_figures_have_labels_and_no_overlapping_ticks(kind: str) -> None:
    _check(plot_comparison(comparison(days=40, full=True), kind))


@pytest.mark.parametrize("kind", RUN_KINDS)
def test_run_figures(kind: str) -> None:
    _check(plot_run(run_result(), kind))


def test_unknown_kinds_name_the_known_ones() -> None:
    with pytest.raises(ValueError, match="funnel"):
        plot_run(run_result(), "pie")
    with pytest.raises(ValueError, match="differences"):
        plot_comparison(comparison(days=3), "pie")


def _check(figure: Any) -> None:
    """Axes hold something, are labelled, and neighbouring tick labels do not touch."""
    figure.canvas.draw()
    for axes in figure.axes:
        assert axes.lines or axes.patches or axes.collections
        assert axes.get_xlabel()
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            seen = [t.label1 for t in axis.get_major_ticks() if t.label1.get_text() and low <= t.get_loc() <= high]
            boxes = [text.get_window_extent() for text in seen]
            assert all(not a.overlaps(b) for a, b in pairwise(boxes))


@pytest.mark.parametrize(("kind", "by"), [("parts", "segment"), ("parts", "event"), ("three_ways", "creator")])
def test_figures_of_creators_segments_and_events(kind: str, by: str) -> None:
    made = comparison(days=5, full=True)
    _check(plot_comparison(made, kind, by=by))
    made.tables = {}
    assert any(f"--by {by}" in text.get_text() for text in plot_comparison(made, kind, by=by).axes[0].texts)


def test_what_was_switched_off_stands_beside_touches_on_the_page(page: str) -> None:
    def table(page: str, title: str) -> str:
        return page.partition(f">{title}<")[2].partition("</table>")[0]

    creators = table(page, "Profit of balanced mix, by creator")
    assert re.findall(r'data-label="([^"]+)"', creators.partition("micro")[2].partition("</tr>")[0]) == [
        "Part (Shapley)", "Lost when it alone is off", "GMV lost without it", "GMV, last touch", "GMV, first touch",
        "Spend"]  # fmt: skip
    assert "¥90,000" in creators
    assert table(page, "Profit of balanced mix, by event").count(">not a touch<") == 1
    assert "People whose word made most of the difference between balanced mix and kol_blast" in page
    chinese = render_report(comparison(days=5, full=True), "zh")
    for words in ("balanced mix的利润：按达人层级", "不是触点", "好友最多", "口碑造成balanced mix"):
        assert words in chinese
    for words in (">not a touch<", "ost when it alone", "most friends", "by creator"):
        assert words not in chinese


def test_figures_of_nothing_say_so_and_stay_figures() -> None:
    made = comparison(strategies=("a", "b"), days=3)
    made.cascades = made.cascades.iloc[:0]
    for kind in ("trees", "network", "fills", "flows", "segments", "parts", "tornado", "three_ways", "attribution",
                 "cascades"):  # fmt: skip
        figure = plot_comparison(made, kind)
        figure.canvas.draw()
        assert any(text.get_text() for axes in figure.axes for text in axes.texts), kind


def test_names_of_segments_are_escaped(page: str) -> None:
    assert "&lt;b&gt;old&lt;/b&gt;" in page
    assert "<b>old" not in page


def test_payments_leave_capital_out_and_bands_are_as_thick_as_the_money() -> None:
    made = comparison(strategies=("a", "b"), days=3, replications=5, full=True)
    paid = parties.payments(made, "a")
    assert paid["yuan"].iloc[0] == 2e6
    assert "capital" not in set(paid["reason"])
    bands = [p for p in plot_comparison(made, "flows", strategy="a").axes[0].patches if len(p.get_path()) == 9]
    thick = sorted(float(np.ptp(b.get_path().vertices[[0, 7], 1])) for b in bands)
    assert thick[-1] / thick[-2] == pytest.approx(2e6 / 1.8e6)


def test_what_would_change_the_answer_is_said(page: str) -> None:
    assert "What would change the answer" in page
    assert "The order turns round with mechanisms.sharing.reach_per_share = 0.05." in page
    assert "It is no longer decided with mechanisms.sharing.incentive = 0.05." in page
    made = comparison(days=5)
    assert any("--doubt" in text for text in doubts.content(made, answer(made), "en")["told"])


def test_headings_do_not_skip_a_level_and_every_figure_has_its_words(page: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    figures = re.findall(r'<figure id="[^"]+">(.{0,400})', page, flags=re.S)
    assert len(figures) > 20
    assert all(re.search(r'<svg [^>]*aria-label="[^"]{4,}"', one) for one in figures)


def test_languages_are_declared_and_the_chinese_page_speaks_chinese_throughout() -> None:
    page = render_report(comparison(strategies=("a", "b"), days=3, full=True), lang="zh")
    assert '<html lang="zh-CN">' in page
    heads = re.findall(r"<h2>([^<]+)</h2>", page)
    assert all(re.search("[\u4e00-\u9fff]", head) for head in heads), heads


def test_without_a_han_font_files_are_english_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert style.han_note("en") is None
    monkeypatch.setattr(style, "han_font", lambda: None)
    assert "Noto Sans CJK" in str(style.han_note("zh"))
    page = render_report(comparison(strategies=("甲", "乙"), days=3), lang="zh")
    assert "<text" in page, "letters stay text, so that the reader's own fonts show them"


def test_save_all_writes_png_and_svg(tmp_path: Any) -> None:
    made = comparison(strategies=("a", "b"), days=12, outcomes=["profit@Lumi"])
    files = save_all(made, tmp_path / "figures")
    assert len(files) == 2 * len(list(page_figures(made)))
    assert all(file.stat().st_size > 1000 for file in files)
    assert {file.suffix for file in files} == {".png", ".svg"}
    assert (
        write_report(made, tmp_path / "deep" / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    )


def test_same_input_same_page() -> None:
    assert render_report(comparison(days=9)) == render_report(comparison(days=9))


def test_numbers_keep_no_more_digits_than_the_uncertainty_allows() -> None:
    n = Numbers("en")
    assert n.value(1_234_567, "yuan", spread=23_456) == "¥1.235M"
    assert n.interval(1_211_111, 1_258_023, "yuan") == "¥1.211M to ¥1.258M"
    assert n.value(45_678.9, "yuan", spread=1_234) == "¥45,700"
    assert n.value(0.1234, "share", spread=0.012) == "12.3%"
    assert n.value(-0.0123, "share", sign=True, spread=0.003) == "\u22121.23 pp"
    assert n.value(float("nan"), "yuan") == "–"
    assert n.value(7_800, "people") == "7,800"
    assert Numbers("zh").value(1_234_567, "yuan", spread=23_456) == "¥123.5万"
    assert n.probability(1.0) == "> 99%"


def test_every_summary_metric_is_declared() -> None:
    assert set(LEVEL) == set(METRICS)
    assert all(m.label and m.label_zh and m.formula and m.better in ("up", "down", "") for m in METRICS.values())
