"""Optimisation: the optimum that is known is found, constraints hold, a killed search goes on, luck is taken off."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.contract import ScenarioError
from sim.experiments.exploration.aims import aims
from sim.experiments.exploration.finals import equal_split
from sim.experiments.optimise import NoneFeasible, Optimum, mixes, optimise
from sim.experiments.results import load_results

LEVERS = {"size": (0.0, 10.0), "lift": (0.0, 6.0)}


def hill(fakes: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Profit of the stand-in: a paraboloid with its top of 100 at size 7, lift 2, and a little noise of the seed."""

    def tables(self: Any) -> Any:
        noise = float(np.random.default_rng(self.seed).normal(0, 1))
        profit = 100 - (self.mine.size - 7) ** 2 - (self.mine.lift - 2) ** 2 + noise
        return {**original(self), "summary": {"profit": profit, "cac": self.mine.size, "repurchase_90d": 0.1}}

    original = fakes.FakeMarket.tables
    monkeypatch.setattr(fakes.FakeMarket, "tables", tables)
    return fakes.FakeScenario()


def test_a_known_optimum_is_found(fakes: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = optimise(hill(fakes, monkeypatch), LEVERS, trials=60, replications=2, jobs=1, out=tmp_path)
    assert found.best is not None
    assert found.best["size"] == pytest.approx(7, abs=1.5)
    assert found.best["lift"] == pytest.approx(2, abs=1.5)
    assert found.value > 97
    assert len(found.trials) == 60
    calls = len(fakes.CALLS)
    again = optimise(hill(fakes, monkeypatch), LEVERS, trials=60, replications=2, jobs=1, out=tmp_path)
    assert (again.best, len(fakes.CALLS)) == (found.best, calls)
    assert Optimum.load(load_results(str(found.path))).value == found.value


def test_a_constraint_is_respected(fakes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = optimise(hill(fakes, monkeypatch), LEVERS, constraints=["cac <= 4"], trials=60, replications=1, jobs=1)
    assert found.best is not None
    assert 2.5 < found.best["size"] <= 4, "the free optimum, 7, is not allowed; the bound is best"
    free = found.trials[~found.trials["feasible"]]
    assert (free["cac"] > 4).all()
    assert found.trials["feasible"].any()
    with pytest.raises(NoneFeasible, match="no candidate of 8 met profit >= 1000; the nearest missed it by 9"):
        optimise(hill(fakes, monkeypatch), LEVERS, constraints=["profit >= 1000"], trials=8, replications=1, jobs=1)


def test_two_outcomes_give_a_front(fakes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = optimise(hill(fakes, monkeypatch), LEVERS, outcome=["profit", "cac"], trials=40, replications=1, jobs=1,
                     finalists=4)  # fmt: skip
    mine = found.finals[found.finals["arm"].str.startswith("trial")]
    mine = mine.pivot(index="arm", columns="outcome", values="mean")
    assert 2 <= len(mine) <= 4
    ordered = mine.sort_values("profit")
    assert ordered["cac"].is_monotonic_increasing, "more profit at a higher cost, all along the front"


def test_the_search_begins_where_it_stopped(fakes: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scenario = hill(fakes, monkeypatch)
    whole = optimise(scenario, LEVERS, trials=24, replications=1, jobs=1, out=tmp_path / "whole")
    optimise(scenario, LEVERS, trials=12, replications=1, jobs=1, out=tmp_path / "parts")
    before = len(fakes.CALLS)
    parts = optimise(scenario, LEVERS, trials=24, replications=1, jobs=1, out=tmp_path / "parts")
    assert len(fakes.CALLS) - before < 12 + 4 * 10 + 1
    assert parts.trials["size"].tolist() == whole.trials["size"].tolist(), "the course does not depend on the stop"


@pytest.mark.slow
def test_a_killed_search_goes_on(fakes: Any, tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import fakes\nfrom sim.experiments import replicate\nreplicate.MARKET = 'fakes:FakeMarket'\n"
        "from sim.experiments.optimise import optimise\n"
        "optimise(fakes.FakeScenario(trouble='nap'), {'size': (0.0, 10.0)}, trials=24, replications=2, jobs=1,"
        " out=sys.argv[2])\n"
    )
    argv = [sys.executable, "-c", code, str(Path(__file__).parent)]
    for wait in (3.0, 4.0):
        child = subprocess.Popen([*argv, str(tmp_path / "killed")])
        time.sleep(wait)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    subprocess.run([*argv, str(tmp_path / "killed")], check=True)
    subprocess.run([*argv, str(tmp_path / "calm")], check=True)
    tables = [next(tmp_path.glob(f"{name}/*/*/trials.parquet")).read_bytes() for name in ("killed", "calm")]
    assert tables[0] == tables[1]


def test_candidates_are_given_up_early(fakes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = hill(fakes, monkeypatch)
    found = optimise(scenario, LEVERS, trials=40, replications=1, jobs=1, early=2, sampler="random")
    states = found.trials["state"].value_counts()
    assert states["pruned"] >= 8
    assert found.trials.loc[:7, "state"].eq("complete").all()
    pruned, done = (found.trials[found.trials["state"] == s] for s in ("pruned", "complete"))
    far = lambda t: ((t["size"] - 7) ** 2 + (t["lift"] - 2) ** 2).mean()  # noqa: E731
    assert far(pruned) > far(done)


def test_the_winners_curse_is_taken_off(fakes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Candidates that differ by luck alone: the search's best is above the truth, its fresh mean is not."""

    def tables(self: Any) -> Any:
        own = np.random.default_rng([self.seed, int(1e6 * self.mine.size)]).normal(0, 10)
        return {**original(self), "summary": {"profit": 50 + own, "cac": 1.0, "repurchase_90d": 0.1}}

    original = fakes.FakeMarket.tables
    monkeypatch.setattr(fakes.FakeMarket, "tables", tables)
    found = optimise(fakes.FakeScenario(), {"size": (1.0, 9.0)}, trials=40, replications=1, confirm=60, jobs=1,
                     sampler="random")  # fmt: skip
    mine = found.finals[found.finals["arm"].str.startswith("trial")]
    assert (mine["optimism"] > 8).all()
    assert found.value == pytest.approx(50, abs=5)
    assert (mine["low"] < 50).all()
    assert (mine["high"] > 50).all()


def test_a_mix_is_opened_and_split_equally() -> None:
    levers, empty = mixes({"merchants.Lumi.plan.mix": ["ads", "kol"], "logistics.capacity": (1, 2)})
    at = "merchants.Lumi.plan.mix"
    assert levers == {f"{at}.ads": (0.0, 1.0), f"{at}.kol": (0.0, 1.0), "logistics.capacity": (1, 2)}
    assert empty[f"{at}.koc"] == 0
    assert not empty.keys() & levers.keys()
    point = {f"{at}.ads": 0.9, f"{at}.kol": 0.1, "logistics.capacity": 1.5}
    assert equal_split(point) == {f"{at}.ads": 1.0, f"{at}.kol": 1.0, "logistics.capacity": 1.5}
    assert equal_split({"logistics.capacity": 1.5}) is None
    with pytest.raises(ScenarioError, match="did you mean 'ads'"):
        mixes({at: ["adz", "kol"]})


def test_wrong_input(fakes: Any) -> None:
    scenario = fakes.FakeScenario()
    for settings, said in (
        ({"levers": {}}, "nothing varies"),
        ({"levers": {"size": (3.0, 1.0)}}, "size: an empty range"),
        ({"levers": {"sise": (0.0, 1.0)}}, "unknown path 'sise'"),
        ({"constraints": ["profit over 3"]}, "write METRIC>=NUMBER"),
        ({"sampler": "tpee"}, "did you mean 'tpe'"),
        ({"early": 9}, "horizon of 5 days"),
        ({"strategy": "kool"}, "did you mean 'kol'"),
    ):
        with pytest.raises(ScenarioError, match=said):
            optimise(scenario, **{"levers": {"size": (0.0, 1.0)}, "trials": 4, "jobs": 1, **settings})


def test_constraints_are_read() -> None:
    found = aims(["profit"], ["return_rate <= 20 %", "profit>=-1e3"]).constraints
    assert [str(c) for c in found] == ["return_rate <= 0.2", "profit >= -1000"]
    assert found[0].missed_by(0.3) == pytest.approx(0.1)
