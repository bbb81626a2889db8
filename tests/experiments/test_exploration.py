"""Sensitivity and robust choice: known functions are recovered, through the same code as a market's answers."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.contract import ScenarioError
from sim.experiments.exploration import prim
from sim.experiments.exploration.factors import axes, parsed, uncertainties
from sim.experiments.exploration.indices import indices
from sim.experiments.exploration.regret import regrets, summary, wilson
from sim.experiments.results import load_results
from sim.experiments.robust import Robustness, robust
from sim.experiments.sensitivity import Sensitivity, sensitivity
from sim.report.explored import of_robustness
from sim.scenario import load
from sim.scenario.passports import WORLD, assumed, passports, ranged

THREE = {"size": (-np.pi, np.pi), "lift": (-np.pi, np.pi), "depth": (-np.pi, np.pi)}


def answering(fakes: Any, monkeypatch: pytest.MonkeyPatch, profit: Any) -> Any:
    """A stand-in whose profit is a function of its scenario, under every strategy."""

    def tables(self: Any) -> Any:
        return {"summary": {"profit": profit(self.mine, self.strategy), "cac": 1.0, "repurchase_90d": 0.5},
                "daily": {"day": []}}  # fmt: skip

    monkeypatch.setattr(fakes.FakeMarket, "tables", tables)
    return fakes.FakeScenario(strategies={"one": {"focal": "Lumi"}, "two": {"focal": "Nox"}})


def ishigami(s: Any, _: Any = None) -> float:
    return float(np.sin(s.size) + 7 * np.sin(s.lift) ** 2 + 0.1 * s.depth**4 * np.sin(s.size))


def test_sobol_recovers_ishigami(fakes: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """First order .3139, .4424, 0; total .5576, .4424, .2437 (Ishigami and Homma 1990)."""
    scenario = answering(fakes, monkeypatch, ishigami)
    found = sensitivity(scenario, method="sobol", over=THREE, samples=1024, strategies=["one"], jobs=1, out=tmp_path)
    mine = found.ranked("profit", "one").set_index("factor")
    assert mine["first"].loc[list(THREE)].tolist() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.06)
    assert mine["total"].loc[list(THREE)].tolist() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.06)
    assert (mine["total_low"] < mine["total"]).all()
    assert mine.index[0] == "size", "ranked by the total effect"
    again = Sensitivity.load(load_results(str(found.path)))
    assert again.ranked("profit", "one")["total"].tolist() == mine["total"].tolist()


def test_morris_recovers_a_linear_model(fakes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a x + b y the elementary effects are a and b over the range, without spread; of a difference, a alone."""
    scenario = answering(fakes, monkeypatch, lambda s, name: 3 * s.size - 2 * s.lift * (name == "two"))
    found = sensitivity(scenario, over={"size": (0.0, 2.0), "lift": (0.0, 5.0), "depth": (0.0, 1.0)}, samples=4, jobs=1)
    two = found.ranked(of="two").set_index("factor")
    assert two["mu"].loc[["size", "lift", "depth"]].tolist() == pytest.approx([6.0, -10.0, 0.0])
    assert two["mu_star"].tolist() == pytest.approx([10.0, 6.0, 0.0]), "ranked"
    assert two["sigma"].tolist() == pytest.approx([0.0] * 3, abs=1e-9)
    gap = found.ranked(of="two - one").set_index("factor")
    assert gap["mu_star"].to_dict() == pytest.approx({"lift": 10.0, "size": 0.0, "depth": 0.0}, abs=1e-9)


def test_pawn_tells_what_matters_from_what_does_not(fakes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = answering(fakes, monkeypatch, lambda s, _: s.size + 0.1 * s.lift)
    found = sensitivity(scenario, method="pawn", over=dict.fromkeys(THREE, (0.0, 1.0)), strategies=["one"], jobs=1)
    mine = found.ranked("profit", "one").set_index("factor")["median_ks"]
    assert mine["size"] > 0.4
    assert mine["depth"] < 2 * found.ranked("profit", "one")["floor"].iloc[0]


def test_a_failed_point_costs_its_block() -> None:
    shares = np.tile([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]], (5, 1)) * 2 / 3
    answers = 2 * shares[:, 0] + shares[:, 1]
    answers[4] = np.nan
    rows, left_out = indices("morris", shares, answers)
    assert (left_out, [row["mu"] for row in rows]) == (1, pytest.approx([2.0, 1.0]))
    constant, _ = indices("sobol", np.random.default_rng(0).random((40, 3)), np.ones(40))
    assert constant[0]["total"] == 0.0


def test_ranges(fakes: Any) -> None:
    real = load("scenarios/koc_or_kol.yaml")
    assert [axis.name for axis in uncertainties(real)] == list(real.uncertainties)
    everything = uncertainties(real, "assumed")
    assert len(everything) > 60
    assert all(axis.low < axis.high for axis in everything)
    assert set(real.uncertainties) == {axis.name for axis in uncertainties(real, "declared")}
    every = uncertainties(real, "all")
    assert {axis.name for axis in everything} < {axis.name for axis in every}
    one = uncertainties(real, ["mechanisms.creators.reach"])
    assert (one[0].low, one[0].high) == (0.1, 0.5)
    assert axes(real, {"market.days": (10, 20)})[0].at(0.999) == 20, "whole numbers where the schema wants them"
    with pytest.raises(ScenarioError, match=r"did you mean 'mechanisms.creators.reach'"):
        uncertainties(real, ["mechanisms.creators.reech"])
    assert parsed(["a.b=1..3 log", "c=x, 2"], "--over") == {"a.b": {"from": 1.0, "to": 3.0, "log": True},
                                                           "c": {"values": ["x", 2]}}  # fmt: skip
    with pytest.raises(ScenarioError, match=r"--over a: write PATH=LOW\.\.HIGH"):
        parsed(["a"], "--over")
    with pytest.raises(ScenarioError, match="says nothing about what is uncertain"):
        uncertainties(fakes.FakeScenario())


CHOSEN = {
    "mechanisms.sharing.incentive",  # what a merchant pays
    "mechanisms.community.random_share", "mechanisms.membership.random_share",  # arms of an experiment
    "mechanisms.referral.random_share",  # another
    "mechanisms.crm.at_risk_days", "mechanisms.crm.lapsed_days",  # definitions of words in a report
    "mechanisms.persuasion.aware.contact",  # nought because the awareness rule counts it already
    "network.community_max", "network.tie_strong",  # a bound; the unit of strength
    "logistics.capacity", "logistics.promise_days",  # what a merchant has and says
}  # fmt: skip


def test_every_assumption_has_a_plausible_range() -> None:
    """Of what says how the world works, each number of standing A is drawn when worlds are, or is somebody's choice."""
    scenario = load("scenarios/koc_or_kol.yaml")
    everything = type(scenario.mechanisms)()
    switched = everything.model_copy(update={
        name: block.model_copy(update={"enabled": True}) for name, block in everything if hasattr(block, "enabled")
    })  # fmt: skip
    found = scenario.model_copy(update={"mechanisms": switched})
    rows = [row for name in WORLD for row in passports(getattr(found, name), name)]
    numbers = {row["path"]: row for row in rows if row["standing"] == "A" and type(row["value"]) in (int, float)}
    bare = {path for path, row in numbers.items() if row["range"] is None}
    assert bare <= CHOSEN
    assert set(numbers) - bare == set(assumed(found))
    assert all(row["range"][0] <= row["value"] <= row["range"][1] for path, row in numbers.items()
               if path not in bare and not row["set"])  # fmt: skip


def test_a_robust_choice_draws_what_is_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word about what is uncertain the worlds differ in every assumption, beside what the scenario names."""
    real = load("scenarios/koc_or_kol.yaml")
    drawn: dict[str, Any] = {}

    class Stop(Exception):
        pass

    def instead(scenario: Any, asked: dict[str, Any], **rest: Any) -> Any:
        drawn.update(asked)
        raise Stop

    monkeypatch.setattr("sim.experiments.robust.sweep", instead)
    for over, expected in ((None, set(assumed(real)) | set(real.uncertainties)), ("declared", set(real.uncertainties))):
        drawn.clear()
        with pytest.raises(Stop):
            robust(real, over=over, worlds=64)
        assert set(drawn) == expected
        for path, (low, high) in assumed(real).items():
            if path in drawn and path not in real.uncertainties:
                assert low <= min(drawn[path]) < max(drawn[path]) <= high


def test_wrong_methods(fakes: Any) -> None:
    scenario = fakes.FakeScenario()
    for method, samples, said in (("moris", None, "did you mean 'morris'"), ("sobol", 100, "64 or 128"),
                                  ("pawn", 3, "at least 40")):  # fmt: skip
        with pytest.raises(ScenarioError, match=said):
            sensitivity(scenario, method=method, samples=samples, over=THREE)


# --------------------------------------------------------------------------------------------------- robust choice


def test_regret_by_hand() -> None:
    values = np.array([[10.0, 4.0], [2.0, 6.0], [5.0, 5.0]])
    assert regrets(values).tolist() == [[0, 6], [4, 0], [0, 0]]
    assert regrets(values, "down").tolist() == [[6, 0], [0, 4], [0, 0]]
    table = summary(values, ["a", "b"], threshold=5.0).set_index("strategy")
    assert table.loc["a", ["wins", "worst", "max_regret", "mean_regret", "met"]].tolist() == pytest.approx(
        [0.5, 2, 4, 4 / 3, 2 / 3]
    )
    assert table.loc["b", "max_regret"] == 6
    assert wilson(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_the_box_is_found_and_nothing_is_found_in_noise() -> None:
    x = np.random.default_rng(1).random((400, 5))
    box = prim.discover(x, (x[:, 0] > 0.6) & (x[:, 2] < 0.4))
    assert box is not None
    assert sorted(box.limits) == [0, 2]
    assert box.limits[0][0] == pytest.approx(0.6, abs=0.05)
    assert box.limits[2][1] == pytest.approx(0.4, abs=0.05)
    assert min(box.coverage, box.density, box.checked) > 0.85
    noise = [prim.discover(x, np.random.default_rng(s).random(400) < 0.3) for s in range(8)]
    assert all(found is None or found.checked < 0.5 for found in noise), "a box in noise does not hold on other points"
    assert prim.discover(x, np.zeros(400, bool)) is None


def test_peeling_never_loses_density() -> None:
    x = np.random.default_rng(2).random((200, 3))
    boxes = prim.trajectory(x, x.sum(axis=1) > 2)
    assert all(b.density >= a.density and b.mass < a.mass for a, b in itertools.pairwise(boxes))


def test_robust_choice(fakes: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``one`` brings 5 everywhere; ``two`` 10, but where size is above .7 it loses 20: fails in 30 % of worlds."""
    scenario = answering(fakes, monkeypatch, lambda s, name: 5.0 if name == "one" else 10.0 - 20.0 * (s.size > 0.7))
    over = {"size": (0.0, 1.0), "lift": (0.0, 1.0)}
    found = robust(scenario, over=over, worlds=200, replications=1, jobs=1, out=tmp_path)
    assert (found.winner, found.careful) == ("two", "one")
    table = found.summary.set_index("strategy")
    assert table["wins"].to_dict() == pytest.approx({"two": 0.7, "one": 0.3}, abs=0.01)
    assert table["max_regret"].to_dict() == {"two": 15.0, "one": 5.0}
    box = found.boxes.set_index(["strategy", "uncertainty"])
    assert [key for key in box.index if key[0] == "two"] == [("two", "size")]
    assert box.loc[("two", "size"), "low"] == pytest.approx(0.7, abs=0.03)
    assert box.loc[("two", "size"), "coverage"] > 0.9
    again = Robustness.load(load_results(str(found.path)))
    assert again.summary.equals(found.summary)
    assert of_robustness(again, draw=False).notes[0] == "The worlds differ in what was named as uncertain: size, lift."
    again.manifest["robust"]["assumed"] = ["lift"]
    assert "1 that the scenario names as uncertain and 1 assumptions" in of_robustness(again, draw=False).notes[0]
    wish = robust(scenario, over=over, worlds=200, replications=1, jobs=1, threshold=0.0, out=tmp_path)
    assert wish.summary.set_index("strategy")["met"].to_dict() == pytest.approx({"one": 1.0, "two": 0.7}, abs=0.01)


def test_levers_are_strategies_too(fakes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = answering(fakes, monkeypatch, lambda s, _: -((s.lift - s.size) ** 2))
    found = robust(scenario, over={"size": (0.0, 4.0)}, levers={"lift": [1.0, 2.0, 3.0]}, strategies=[], worlds=64,
                   replications=1, jobs=1)  # fmt: skip
    assert found.careful == "lift 2.0"
    assert set(found.summary["strategy"]) == {"lift 1.0", "lift 2.0", "lift 3.0"}
    with pytest.raises(ScenarioError, match="a list of values, not a range"):
        robust(scenario, over={"size": (0.0, 4.0)}, levers={"lift": {"from": 0, "to": 3}}, worlds=64)
    with pytest.raises(ScenarioError, match="at least 24 worlds"):
        robust(scenario, over={"size": (0.0, 4.0)}, worlds=3)


def test_no_end_of_a_default_range_is_a_scenario_that_is_refused() -> None:
    scenario = load("scenarios/koc_or_kol.yaml")
    for path, ends in ranged(scenario).items():
        if path.startswith("logistics."):
            for end in ends:
                assert scenario.with_set({path: end}) is not None
