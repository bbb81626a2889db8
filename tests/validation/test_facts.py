"""Market figures beside the model: the table is whole, the rule of verdicts, one figure from its run to its page."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from sim.cli import call
from sim.contract import ScenarioError
from sim.experiments.result import RunResult
from sim.report.facts import claimed, draw, markdown, observed, render
from sim.scenario import load
from sim.scenario.measures import METRICS
from sim.validation.facts.figures import FIGURES, MARKETS, REASONS, TOLERANCE, WIRING, Wiring, chosen, market_file
from sim.validation.facts.judge import Estimate, estimate, verdict
from sim.validation.facts.observables import NEED_ORDERS, OBSERVABLES
from sim.validation.facts.run import Checked, Facts, check, needed


def wiring(how: str = "uplift", figure: float = 0.4, low: float = 0.3, high: float = 0.5) -> Wiring:
    return Wiring("m", "orders", "a", None if how == "level" else "b", None, how, figure, low, high, "")  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------------------- the table


def test_every_checkable_figure_is_held_against_a_run_or_says_why_not() -> None:
    checkable = {key for key, figure in FIGURES.items() if figure.checkable}
    assert len(FIGURES) == 227
    assert len(checkable) == 134
    assert set(WIRING) | set(REASONS) == checkable
    assert not set(WIRING) & set(REASONS)
    assert all(figure.claim and figure.source for figure in FIGURES.values())


def test_enough_are_wired_and_they_are_not_all_the_same() -> None:
    assert len(WIRING) >= 50
    compared = {(w.market, w.observable, w.arm, w.against, w.versus) for w in WIRING.values()}
    assert len(compared) >= 50
    assert len({w.market for w in WIRING.values()}) >= 10


def test_what_is_wired_can_be_run() -> None:
    """Strategies exist, observables are formulas or metrics, and every market is used."""
    wanted = needed(WIRING.values())
    for market, (strategies, orders) in wanted.items():
        scenario = load(market_file(market))
        assert set(strategies) <= set(scenario.strategies), market
        reading = {w.observable for w in WIRING.values() if market in {m for m, _ in w.arms()}}
        assert orders == bool(reading & set(NEED_ORDERS))
    for key, w in WIRING.items():
        for name in (w.observable, *([w.versus] if w.versus else [])):
            assert name in OBSERVABLES or name.partition("@")[0] in METRICS, (key, name)
    assert {path.stem for path in MARKETS.glob("[a-z]*.yaml")} == set(wanted)


def test_no_market_moves_a_parameter_but_what_is_asked(scenarios: Path) -> None:
    """Packaged parameters throughout: a market may switch mechanisms on and nothing else, outside its strategies."""
    town = load(scenarios / "baseline.yaml").resolved()["mechanisms"]
    for path in MARKETS.glob("[a-z]*.yaml"):
        resolved = load(path).resolved()["mechanisms"]
        moved = {f"{name}.{key}" for name, block in resolved.items() for key, value in block.items()
                 if value != town[name][key] and key != "enabled"}  # fmt: skip
        of_presets = {"place_private": {"community.join"}, "place_verify": {"delivery.problem_rate"}}
        assert moved == of_presets.get(path.stem, set()), path.stem


def test_the_tolerance_is_the_same_for_all() -> None:
    for key, w in WIRING.items():
        if w.how != "sign":
            slack = {round(abs(w.low - w.figure) / abs(w.figure), 6), round(abs(w.high - w.figure) / abs(w.figure), 6)}
            assert slack == {TOLERANCE} or key in ("F031", "F126")  # those that give a range
    assert (WIRING["F031"].low, WIRING["F031"].high) == (3 - 0.75, 4 + 1.0)
    assert WIRING["F055"].low < WIRING["F055"].figure < WIRING["F055"].high < 0


def test_an_unknown_figure_is_named_beside_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="F01"):
        chosen(["F0166"])
    assert [f.id for f in chosen(["f016", "F008"])] == ["F008", "F016"]


# ---------------------------------------------------------------------------------------------------------- the rule


@pytest.mark.parametrize(("low", "high", "said"), [
    (0.28, 0.45, "reproduced"), (0.05, 0.1, "right direction"), (0.6, 0.9, "right direction"),
    (-0.3, -0.1, "contradicted"), (-0.1, 0.1, "contradicted"), (-0.1, 0.35, "not comparable"),
])  # fmt: skip
def test_verdicts_on_an_effect(low: float, high: float, said: str) -> None:
    assert verdict(Estimate((low + high) / 2, low, high, 4), wiring())[0] == said
    turned = wiring(figure=-0.4, low=-0.5, high=-0.3)
    assert verdict(Estimate(-(low + high) / 2, -high, -low, 4), turned)[0] == said


@pytest.mark.parametrize(("low", "high", "said"), [
    (1.5, 2.1, "reproduced"), (1.05, 1.2, "right direction"), (0.6, 0.9, "contradicted"), (0.9, 1.1, "contradicted"),
    (0.9, 1.8, "not comparable"),
])  # fmt: skip
def test_verdicts_on_a_ratio(low: float, high: float, said: str) -> None:
    assert verdict(Estimate((low + high) / 2, low, high, 4), wiring("ratio", 2.0, 1.6, 2.5))[0] == said


@pytest.mark.parametrize(("low", "high", "said"), [
    (0.25, 0.32, "reproduced"), (0.55, 0.65, "right direction"), (0.16, 0.2, "right direction"),
    (1.1, 1.2, "contradicted"), (0.0, 0.02, "contradicted"),
])  # fmt: skip
def test_verdicts_on_a_level(low: float, high: float, said: str) -> None:
    assert verdict(Estimate((low + high) / 2, low, high, 4), wiring("level"))[0] == said


@pytest.mark.parametrize(("low", "high", "said"), [
    (0.01, 0.5, "reproduced"), (-0.5, -0.1, "contradicted"), (-0.1, 0.5, "not comparable"),
])  # fmt: skip
def test_verdicts_on_a_sign(low: float, high: float, said: str) -> None:
    assert verdict(Estimate((low + high) / 2, low, high, 4), wiring("sign", 1, 1, 1))[0] == said


def test_what_was_not_seen_is_not_judged() -> None:
    assert verdict(estimate([(3, 1)] * 4, [(3, 1)] * 4, "uplift"), wiring())[0] == "not comparable"
    assert verdict(Estimate(0.4, math.nan, math.nan, 2), wiring())[0] == "not comparable"
    assert verdict(estimate([(0, 0)] * 4, [(1, 2)] * 4, "uplift"), wiring())[0] == "not comparable"
    assert estimate([(math.nan, 1)] * 4, None, "level").n == 0


def test_the_interval_is_students_for_a_mean() -> None:
    """Of plain values the jackknife is the standard error of the mean, and its quantile Student's."""
    values = np.array([1.0, 2.0, 4.0, 9.0])
    found = estimate([(v, 1.0) for v in values], None, "level")
    half = 3.182446 * values.std(ddof=1) / 2
    assert (found.value, found.low, found.high) == pytest.approx((4.0, 4.0 - half, 4.0 + half), rel=1e-6)


def test_rare_events_weigh_by_what_they_are_of() -> None:
    found = estimate([(1, 10), (0, 90), (9, 900)], [(1, 100)] * 3, "ratio")
    assert found.value == pytest.approx(10 / 1000 / 0.01)
    assert estimate([(2, 1)] * 3, [(1, 1)] * 3, "uplift").value == pytest.approx(1.0)


def test_the_interval_covers_as_often_as_it_says() -> None:
    """400 comparisons of Poisson counts with a true uplift of .5: 95 % within, give or take 3.3."""
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        a, b = rng.poisson(60, 12), rng.poisson(40, 12)
        found = estimate([(x, 1) for x in a], [(x, 1) for x in b], "uplift")
        hits += found.low <= 0.5 <= found.high
    assert abs(hits / 400 - 0.95) < 0.033


# ------------------------------------------------------------------------------------------------------- what is read


def fake_run(**summary: float) -> RunResult:
    tables = {"summary": {"orders": 10.0, "gmv": 1000.0, "shares": 5.0, "reproduction": 0.2, "stock_left": 30.0,
                          "new_buyers": 8.0, "ads_spend": 90.0, **summary},
              "daily": {"day": list(range(40)), "gmv": [1.0] * 10 + [2.0] * 30},
              "channels": {"channel": ["ads", "koc", "kol", "live"], "impressions": [100.0, 30.0, 10.0, 4.0],
                           "clicks": [10.0, 6.0, 2.0, 0.0], "orders_last_touch": [4.0, 3.0, 2.0, 1.0],
                           "orders_first_touch": [5.0, 3.0, 1.0, 1.0], "gmv_last_touch": [400.0, 300.0, 200.0, 100.0],
                           "new_buyers": [3.0, 2.0, 2.0, 1.0]},
              "orders": {"delivered_day": [3, 4, -1, 5, 6], "satisfaction": [0.6, -1.2, -3.0, -0.6, 0.2]}}  # fmt: skip
    return RunResult.from_tables(tables, {"consumers": 200})


@pytest.mark.parametrize(("name", "seen"), [
    ("orders per view, ads", (4, 100)), ("orders per click, notes", (3, 6)), ("GMV share of live", (100, 1000)),
    ("first met through people", (4, 10)), ("consumers' share of posts seen", (30, 40)),
    ("first shares per order", (4, 10)), ("units unsold", (30, 40)), ("GMV of the last 30 days", (60, 1)),
    ("complaints per delivery", (1, 4)), ("net promoter score", (-1, 4)), ("buyers per consumer", (8, 200)),
    ("ad spend per buyer won by ads", (90, 3)),
])  # fmt: skip
def test_observables_by_hand(name: str, seen: tuple[float, float]) -> None:
    assert OBSERVABLES[name](fake_run()) == pytest.approx(seen)


def facts_of(*ids: str) -> Facts:
    """Figures judged on made-up runs."""
    runs = {arm: [fake_run(repurchase_90d=0.3 + 0.1 * (arm[1] != "none") + 0.001 * k) for k in range(4)]
            for arm in {arm for key in ids if key in WIRING for arm in WIRING[key].arms()}}  # fmt: skip
    return Facts(tuple(check(FIGURES[key], runs) for key in ids), 4, 1.0, True)


def test_one_comparison_with_two_figures_is_shown_as_a_dispute() -> None:
    found = facts_of("F008", "F076", "F013", "F001")
    by_id: dict[str, Checked] = {c.figure.id: c for c in found.checked}
    assert by_id["F008"].verdict == "reproduced"  # a third more, within a quarter of 40 %
    assert by_id["F076"].verdict == "right direction"
    assert by_id["F013"].verdict == by_id["F001"].verdict == "not wired"
    assert "minutes" in by_id["F013"].reason
    page = markdown(found)
    assert "F008 (R001) +30% to +50%: reproduced; F076 (R001) ×1.82 to ×3.04: right direction" in page
    html = render(found)
    assert "One comparison, several figures" in html
    assert "Members of" not in html
    assert claimed(by_id["F008"]) == "+30% to +50%"
    assert observed(by_id["F008"]).startswith("+33% [")
    assert len(draw(found).axes[0].lines) > 4


# ---------------------------------------------------------------------------------------------------------- a real run


def test_one_figure_from_its_run_to_its_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """F122 at the size of a village: run once, answered from disk the second time, the same both times."""
    from sim.experiments import replicate
    from sim.validation.facts import run

    small = load(market_file("rivals"), set={"market.consumers": 300, "market.days": 35})
    monkeypatch.setattr(run, "market_file", lambda name: small)
    monkeypatch.setattr("sim.scenario.load", lambda source: source)
    asked = ["facts", "F122", "F001", "--replications", "3", "--jobs", "1", "--out", str(tmp_path), "--json", "-q"]
    assert call(asked) == 0
    first = json.loads(capsys.readouterr().out)
    row = first["figures"][1]
    assert (row["id"], row["scenario"], row["n"]) == ("F122", "facts/rivals", 3)
    assert math.isfinite(row["value"])
    assert first["figures"][0]["verdict"] == "not wired"
    assert Path(first["page"]).read_text(encoding="utf-8").count('id="F122"') == 1
    monkeypatch.setattr(replicate, "simulate", lambda *a, **k: pytest.fail("run again"))
    assert call(asked) == 0
    assert json.loads(capsys.readouterr().out)["figures"] == first["figures"]


def test_the_page_of_the_documentation_tells_of_every_figure(root: Path) -> None:
    page = (root / "docs" / "facts.md").read_text(encoding="utf-8")
    assert [key for key in WIRING if f"| {key} |" not in page] == []
    assert [key for key in REASONS if key not in page] == []
    for key, w in WIRING.items():
        line = next(line for line in page.splitlines() if line.startswith(f"| {key} |"))
        assert claimed(Checked(FIGURES[key], w, None, "", "")) in line
        assert FIGURES[key].claim in line
