"""Beside the answer: dominance, trade-offs, money held equal, returns over doing nothing, and the steps between two."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pools import comparison

import sim
from sim.contract import ScenarioError
from sim.experiments.distributions import dominates, pareto
from sim.experiments.question import ask
from sim.experiments.reference import incremental, with_references
from sim.experiments.shapley import coalitions, exact, orders, sampled
from sim.experiments.waterfall import chain
from sim.report.remarks import remarks
from sim.report.verdict import answer

RNG = np.random.default_rng(0)
LUCK = RNG.normal(0, 10, 30)

small = st.floats(-100, 100).map(lambda x: round(x, 3))
samples = st.lists(st.tuples(small, small), min_size=2, max_size=12)


@given(samples)
def test_dominance_by_its_definition(pairs: list[tuple[float, float]]) -> None:
    a, b = (np.array(x) for x in zip(*pairs, strict=True))
    found = dominates(a, b, resamples=20)
    levels = np.unique(np.concatenate([a, b]))
    at_least = [(np.mean(a >= x), np.mean(b >= x)) for x in levels]
    first = all(p >= q - 1e-12 for p, q in at_least) and any(p > q for p, q in at_least)
    assert found.first == first
    short = [(np.maximum(x - a, 0).mean(), np.maximum(x - b, 0).mean()) for x in levels]
    tail = a.mean() >= b.mean() - 1e-9
    second = tail and all(p <= q + 1e-9 for p, q in short) and (any(p < q - 1e-9 for p, q in short)
                                                               or a.mean() > b.mean() + 1e-9)  # fmt: skip
    assert found.second == second
    assert not (found.first and dominates(b, a, resamples=20).second)


def test_a_safer_bet_of_the_same_mean_dominates_in_the_second_order_only() -> None:
    found = dominates(100 + LUCK / 3, 100 + LUCK)
    assert (found.first, found.second) == (False, True) or LUCK.mean() > 0
    assert not dominates(100 + LUCK, 100 + LUCK / 3).second
    assert dominates(1 + LUCK, LUCK).p_first == 1.0
    assert dominates(1 + LUCK, LUCK, "down").first is False
    assert not dominates(LUCK, LUCK).second, "equals do not dominate each other"
    assert math.isnan(dominates(LUCK[:1], LUCK[:1]).p_first)


def test_the_front() -> None:
    points = np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 3.0], [1.0, 1.0], [3.0, 1.0]])
    assert pareto(points, ("up", "up")).tolist() == [True, True, True, False, True]
    assert pareto(points, ("up", "down")).tolist() == [True, False, False, False, True]


def two(**more: Any) -> Any:
    profit, spend = 100 + LUCK, 50 + RNG.normal(0, 1, 30)
    gain = RNG.normal(8, 1, 30)
    values = {
        "plain": {"profit": profit, "marketing_spend": spend},
        "bold": {"profit": profit + gain, "marketing_spend": spend * 1.3},
        "nothing": {"profit": profit - 40, "marketing_spend": spend * 0},
    }
    return comparison(values, "plain", references=("nothing",), **more)


def test_unequal_spend_is_said_and_may_be_meant() -> None:
    found = two()
    row = found.spending.set_index("strategy").loc["bold"]
    assert row["share"] == pytest.approx(0.3)
    assert not row["equal"]
    assert "nothing" not in set(found.spending["strategy"])
    assert any("did not spend the same" in text and "30% more" in text for text in remarks(found))
    assert any("花费不同" in text for text in remarks(found, "zh"))
    found.scenario.experiment.hold = "none"
    assert not any("spend the same" in text for text in remarks(found))


def test_returns_over_nothing_are_a_ratio_of_means() -> None:
    found = two().returns.set_index("strategy")
    assert found.loc["plain", "roi"] == pytest.approx(40 / found.loc["plain", "spend"])
    assert found.loc["plain", "low"] < found.loc["plain", "roi"] < found.loc["plain", "high"]
    assert two().returns["strategy"].tolist() == ["plain", "bold"]
    assert all(math.isnan(x) for x in incremental(LUCK, LUCK * 0))


def test_the_interval_of_a_return_covers() -> None:
    rng, hits = np.random.default_rng(3), 0
    for _ in range(1000):
        spend = rng.normal(50, 5, 15)
        _, low, high = incremental(1.5 * spend + rng.normal(0, 20, 15), spend)
        hits += low <= 1.5 <= high
    assert 0.93 <= hits / 1000 <= 0.97


def test_the_table_of_chances_and_what_is_said_of_it() -> None:
    found = two()
    best = found.p_best[found.p_best["metric"] == "profit"].set_index("strategy")
    assert best["may_be_best"].tolist() == [False, True, False]
    assert best.loc["bold", "regret"] == pytest.approx(0, abs=1e-6)
    assert best.loc["plain", "regret"] == pytest.approx(8, abs=0.6)
    assert any("Every strategy but “bold” can be ruled out" in text for text in remarks(found))
    assert any("first-order dominance" in text for text in remarks(found))
    gap = found.differences.set_index(["strategy", "metric"]).loc[("bold", "profit")]
    assert gap["p_value"] <= gap["p_holm"] <= 2 * gap["p_value"] + 1e-300
    assert found.select(5.0).attrs["decided"]
    assert found.pareto("profit", "cac" if "cac" in found.metrics else "profit")["on_front"].tolist() == [0, 1, 0]
    said = found.to_json()
    assert said["resampled"]["bold"]["profit"]["boot_low"] > 0
    assert said["spending"][0]["equal"] is False
    with pytest.raises(ScenarioError, match="unknown outcome 'proft'; did you mean 'profit'"):
        found.dominance("proft")
    with pytest.raises(ScenarioError, match="neither better nor worse"):
        found.dominance("marketing_spend")
    with pytest.raises(ScenarioError, match="above zero"):
        found.select(0.0)


def test_many_strategies_make_a_difference_less_sure() -> None:
    """A gap that one comparison would call decided is not, when it is the best of many."""
    rng = np.random.default_rng(12)
    base = rng.normal(100, 10, 12)
    noise = rng.normal(0, 1, 12)
    gap = 0.75 + (noise - noise.mean()) / noise.std(ddof=1)  # t = 2.6: p = .025
    others = {f"s{k}": {"profit": base + (own - own.mean()) / 10} for k in range(8) for own in [rng.normal(0, 3, 12)]}
    alone = answer(comparison({"b": {"profit": base}, "a": {"profit": base + gap}}, "b"))
    among = answer(comparison({"b": {"profit": base}, "a": {"profit": base + gap}, **others}, "b"))
    assert alone.leader == among.leader == "a"
    assert alone.decided
    assert not among.decided
    assert "Not decided" in among.sentence
    assert "number of strategies compared is allowed for" in among.sentence


@pytest.fixture(scope="module")
def city() -> Any:
    return sim.load("scenarios/koc_or_kol.yaml", set={"market.consumers": 300, "market.days": 10})


def test_nothing_spends_nothing(city: Any) -> None:
    scenario = with_references(city.with_set({"mechanisms.sharing.incentive": 3}), ["nothing"])
    plan = next(m for m in scenario.for_strategy("nothing").merchants if m.name == "Lumi").plan
    assert (plan.budget_per_day, plan.pushes_per_week, plan.group, plan.coupon, plan.phases) == (0, 0, None, None, [])
    found = sim.Market(scenario, strategy="nothing", seed=1).run()
    assert found.summary["marketing_spend"] == 0
    assert found.summary["marketing_spend@Aurel"] > 0, "rivals go on"


def test_a_reference_that_is_a_strategy_already_is_not_run_twice(city: Any) -> None:
    asked = ask(city, references=["today", "nothing"])
    assert [a.strategy for a in asked.arms] == [*city.strategies, "nothing"]
    assert asked.same == {"today": "ads_and_kol"}
    moved = city.with_set({"strategies.ads_and_kol": {"merchants.Lumi.products.serum.price": 150}})
    assert "today" in [a.strategy for a in ask(moved, references=["today"]).arms]
    with pytest.raises(ScenarioError, match="unknown reference 'yesterday'"):
        ask(city, references=["yesterday"])


def test_shapley_of_known_games() -> None:
    glove = {mask: float((mask & 1) and bool(mask & 6)) for mask in range(8)}  # one left glove, two right ones
    assert exact(glove, 3) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    additive = {mask: sum(v for k, v in enumerate((1.0, 0.0, 5.0)) if mask >> k & 1) + 7 for mask in range(8)}
    assert exact(additive, 3) == pytest.approx([1.0, 0.0, 5.0]), "who adds nothing gets nothing"


@given(st.lists(small, min_size=64, max_size=64), st.integers(2, 20))
def test_parts_sum_to_the_total_exact_or_sampled(values: list[float], count: int) -> None:
    game = dict(enumerate(values))
    assert sum(exact(game, 6)) == pytest.approx(game[63] - game[0], abs=1e-9)
    chosen = orders(6, count)
    needed = {mask: game[mask] for mask in coalitions(6, chosen)}
    parts, errors = sampled(needed, chosen)
    assert sum(parts) == pytest.approx(game[63] - game[0], abs=1e-9)
    assert len(errors) == 6


def test_sampling_orders_comes_near_and_says_how_near() -> None:
    values = dict(enumerate(np.random.default_rng(1).normal(0, 1, 128)))
    parts, errors = sampled(values, orders(7, 400))
    z = (np.array(parts) - np.array(exact(values, 7))) / np.array(errors)
    assert np.abs(z).max() < 4
    assert max(errors) < 0.1


levels = st.lists(st.one_of(st.just(0.0), st.floats(1.0, 1e4)), min_size=4, max_size=4)


@given(levels, levels)
def test_steps_of_a_chain_sum_exactly(a: list[float], b: list[float]) -> None:
    names = ["reach", "clicks", "orders", "gmv"]
    found = chain(names, dict(zip(names, a, strict=True)), dict(zip(names, b, strict=True)))
    assert sum(found) == pytest.approx(b[-1] - a[-1], rel=1e-9, abs=1e-6)


def test_a_step_is_to_blame_for_what_it_changed() -> None:
    a = {"reach": 1000.0, "clicks": 100.0, "orders": 10.0, "gmv": 500.0}
    b = {"reach": 1000.0, "clicks": 200.0, "orders": 20.0, "gmv": 1000.0}
    assert chain(list(a), a, b) == pytest.approx([0.0, 500.0, 0.0, 0.0])
