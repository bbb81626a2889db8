"""Choosing the best by adding runs: who is dropped lives no longer, the answer is kept, and undecided is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.contract import ScenarioError
from sim.experiments.choose import Choice, choose
from sim.experiments.multiple import Race, select
from sim.experiments.results import load_results
from sim.report.explored import told_of

FAR: dict[str, dict[str, Any]] = {"low": {"size": -30.0}, "mid": {"lift": 0.0}, "high": {"lift": 2.0}}


def test_only_those_that_may_be_best_live_on(fakes: Any, tmp_path: Path) -> None:
    found = choose(fakes.FakeScenario(strategies=FAR), "profit=0.5", first=5, jobs=1, out=tmp_path)
    assert found.chosen == "high"
    table = found.table.set_index("strategy")
    assert table.loc["low", ["replications", "dropped"]].tolist() == [5, 5]
    assert table["replications"].sum() == len(fakes.CALLS) == found.markets
    assert found.runs.groupby("strategy").size().to_dict() == table["replications"].to_dict()
    calls = len(fakes.CALLS)
    again = choose(fakes.FakeScenario(strategies=FAR), "profit=0.5", first=5, jobs=1, out=tmp_path)
    assert (again.chosen, len(fakes.CALLS)) == ("high", calls), "answered from disk"
    assert found.path is not None
    told = told_of(load_results(found.path))
    assert told is not None
    assert "high is chosen on profit: with at least 95 % it is the best of 3" in told.sentence
    assert len(told.figures) == 1


def test_replications_are_added_until_it_is_decided(fakes: Any) -> None:
    near = {"one": {"lift": 0.0}, "two": {"lift": 0.4}}
    found = choose(fakes.FakeScenario(strategies=near), "profit=0.2", first=5, max_replications=400, jobs=1)
    assert found.chosen == "two"
    assert 5 < found.used <= found.most
    replayed = select(found.runs.pivot(index="replication", columns="strategy", values="profit").to_numpy(), 0.2,
                      first=5)  # fmt: skip
    assert (replayed.used, replayed.alive) == (found.used, (False, True)), "looking at it afterwards says the same"


def test_undecided_is_said_with_what_would_decide(fakes: Any, tmp_path: Path) -> None:
    equal = {"one": {"lift": 0.0}, "two": {"lift": 0.1}}
    found = choose(fakes.FakeScenario(strategies=equal), "profit=0.02", first=5, max_replications=12, jobs=1,
                   out=tmp_path)  # fmt: skip
    assert (found.chosen, found.left, found.used) == (None, ["one", "two"], 12)
    told = told_of(load_results(str(found.path)))
    assert told is not None
    assert told.sentence.startswith("Not decided after 12 replications: one, two may each still be the best")
    assert f"{found.most:,} replications decide" in told.sentence
    assert Choice.load(load_results(str(found.path))).left == found.left


def test_less_may_be_better_and_a_share_is_of_the_first_strategy(fakes: Any) -> None:
    found = choose(fakes.FakeScenario(strategies=FAR), "cac=1%", first=5, jobs=1)
    assert found.chosen == "high", "profit lowers the cost of the stand-in"
    first = found.runs[(found.runs["strategy"] == "low") & (found.runs["replication"] < 5)]
    assert found.zone == pytest.approx(0.01 * first["cac"].mean())


def test_a_failing_strategy_fails_alone(fakes: Any) -> None:
    bad = {"one": {"lift": 0.0}, "two": {"lift": 9.0}, "bad": {"trouble": "always"}}
    with pytest.raises(Exception, match="every replication failed"):
        choose(fakes.FakeScenario(strategies=bad), "profit=1", first=3, jobs=1)


def test_wrong_input(fakes: Any) -> None:
    for zone, more, said in (
        ("profit", {}, "write METRIC=SHARE% or METRIC=NUMBER"),
        ("profitt=5", {}, "unknown outcome 'profitt'; did you mean 'profit'"),
        ("groups_opened=5", {}, "has no good direction"),
        ("profit=1", {"first": 1}, "two first replications"),
        ("profit=1", {"first": 10, "max_replications": 5}, "room for them"),
    ):
        with pytest.raises(ScenarioError, match=said):
            choose(fakes.FakeScenario(strategies=FAR), zone, jobs=1, **{"first": 3, **more})


def test_a_race_ignores_what_has_gone() -> None:
    rows = np.random.default_rng(1).normal([0.0, 5.0, -40.0], 1.0, (60, 3))
    race = Race(rows[:10], zone=0.5)
    assert race.alive.tolist() == [False, True, False] or not race.alive[2]
    blank = rows.copy()
    blank[10:, 2] = np.nan
    again = Race(rows[:10], zone=0.5)
    for row, other in zip(rows[10:], blank[10:], strict=True):
        race.look(row)
        again.look(other)
    assert race.alive.tolist() == again.alive.tolist()
