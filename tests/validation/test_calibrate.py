"""Calibration: data are measured as stated, known parameters are found again, wrong input is told where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import sim
from sim.cli import call
from sim.contract import ScenarioError
from sim.experiments.calibration import plan as plans
from sim.experiments.calibration.baselines import baselines
from sim.experiments.calibration.evaluate import Space
from sim.experiments.calibration.moments import Events, Totals, Window, events_of, measure, target
from sim.experiments.calibration.surface import best_on, fitted, sandwich
from sim.validation.case import limit

TRUTH = {"mechanisms.awareness.p": 0.01, "mechanisms.awareness.q": 0.15}
FREE = {"mechanisms.awareness.p": [0.002, 0.05, "log"], "mechanisms.awareness.q": [0.02, 0.4]}


def made_by_bass(seed: int, people: int, days: int) -> tuple[Any, dict[str, Any]]:
    """A scenario, and the daily totals of one market of it under the true parameters."""
    base = limit("bass", market={"consumers": people, "days": days})
    market = sim.Market(base.with_set(TRUTH), seed=seed, check=False)
    while market.running:
        market.step()
    rows = [[d, v] for d, v in enumerate(market.result().daily["orders"].tolist())]
    return base, {"kind": "daily", "rows": rows, "people": people}


def test_moments_of_totals_and_orders() -> None:
    window = Window("daily", np.array([0.0, 2, 4, 6]), 2)
    inside, after = measure(Totals(np.array([1.0, 2, 3, 4, 5, 6]), 10), window)
    assert inside.tolist() == pytest.approx([0.15, 0.35])
    assert after.tolist() == pytest.approx([0.55])
    events = Events(np.array([0, 0, 1, 2]), np.array([0.5, 1.5, 3.2, 5.0]), 4)
    inside, after = measure(events, Window("orders", np.array([0.0, 2, 4, 6]), 2))
    # Two stretches; of four people two have no order and one has one; the last ones fall on 1.5 and 3.2.
    assert inside.tolist() == pytest.approx([0.5, 0.25, 0.5, 0.25, 2.35])
    assert after.tolist() == pytest.approx([0.25])
    inside, after = measure(events, Window("cumulative", np.array([0.0, 2, 4, 6]), 2))
    assert inside.tolist() == pytest.approx([0.5, 0.25, 0.75, 0.5])
    assert after.tolist() == pytest.approx([1.0, 0.75])


def test_orders_are_counted_from_each_persons_entry(tmp_path: Path) -> None:
    """a enters on day 0 and comes again on days 3 and 9, b on day 4 and again on day 5: the first orders and a second
    one on the same day do not count, and a market's own days are moved to the calendar of its person."""
    rows = [("a", 0), ("a", 3), ("a", 3), ("a", 9), ("b", 4), ("b", 4), ("b", 5)]
    (tmp_path / "o.csv").write_text("consumer,day\n" + "".join(f"{w},{d}\n" for w, d in rows), encoding="utf-8")
    plan = plans.made({"scenario": "limits/bgnbd", "free": {"x": [0, 1]}, "base_dir": str(tmp_path), "bins": 2,
                       "data": {"kind": "orders", "path": "o.csv", "entry": True}, "fit_days": 8})
    wanted = target(plan)
    assert wanted.window.names()[0] == ["0-4", "4-8", "0 orders", "1 orders", "last order"]
    assert wanted.fitted.tolist() == pytest.approx([0.5, 0.5, 0.0, 1.0, 4.0])
    assert wanted.window.starts is not None
    assert wanted.window.starts.tolist() == [0, 4]
    market = sim.Market(limit("bgnbd", market={"consumers": 200, "days": 8}), seed=1, orders=True, check=False)
    while market.running:
        market.step()
    found, orders = events_of(market, wanted.window), market.result().orders
    day = orders.day + orders.hour / 24 + np.where(orders.consumer % 2 == 0, 0, 4)
    assert len(orders) > 0
    assert found.day.tolist() == pytest.approx(day[day < 8].tolist())
    assert wanted.window.horizon == 8
    (tmp_path / "o.csv").write_text("consumer,day\na,0\na,3\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="entry needs an order of everybody"):
        target(plan.model_copy(update={"data": plan.data.model_copy(update={"people": 3})}))


def test_exposure_counts_friends_who_came_before() -> None:
    """A path a-b-c-d adopted on days 0, 1, 1 and never: b saw half its friends, a and c none (not on one day)."""
    ties = np.array([[0, 1], [1, 2], [2, 3]])
    events = Events(np.array([0, 1, 2]), np.array([0.5, 1.2, 1.7]), 4, ties)
    inside, _ = measure(events, Window("adoptions", np.array([0.0, 1, 2]), 2, exposure=True))
    assert inside.tolist() == pytest.approx([0.25, 0.5, 0.5 / 3, 2 / 3])


def test_baselines_tell_friends_from_the_calendar() -> None:
    """Adoptions made by own friends alone are told by the network model; its p and q come back; time alone is worse."""
    rng = np.random.default_rng(5)
    people = 1500
    ties = np.unique(np.sort(rng.integers(0, people, (people * 3, 2)), axis=1), axis=0)
    ties = ties[ties[:, 0] != ties[:, 1]]
    a, b = np.concatenate([ties, ties[:, ::-1]]).T
    degree = np.maximum(np.bincount(a, minlength=people), 1)
    when = np.full(people, np.inf)
    for t in range(14):
        seen = np.bincount(a, when[b] < t, minlength=people) / degree
        new = np.isinf(when) & (rng.random(people) < 1 - np.exp(-(0.01 + 0.6 * seen)))
        when[new] = t
    who = np.flatnonzero(np.isfinite(when))
    table = baselines(Events(who, when[who] + 0.5, people, ties), 9).set_index("model")
    assert table["aic"].idxmin() == table["held_out_loglik"].idxmax() == "network"
    assert table.loc["network", "p"] == pytest.approx(0.01, rel=0.25)
    assert table.loc["network", "q"] == pytest.approx(0.6, rel=0.2)


def test_a_surface_finds_the_bottom_of_a_bowl() -> None:
    """Moments that are quadratic in the point are recovered, and their standard errors are those of least squares."""
    rng = np.random.default_rng(1)
    points = rng.random((30, 2))
    moments = np.column_stack([points[:, 0], points[:, 1] ** 2, points[:, 0] * points[:, 1]])
    surface = fitted(points, moments, np.array([0.5, 0.5]))
    data = np.array([0.3, 0.49, 0.21])
    best, loss = best_on(surface, data, np.eye(3), np.zeros(2), np.ones(2))
    assert best == pytest.approx([0.3, 0.7], abs=1e-5)
    assert loss == pytest.approx(0, abs=1e-9)
    assert best_on(surface, data, np.eye(3), np.zeros(2), np.ones(2), {0: 0.5})[1] > 0.01
    slope = np.array([[1.0], [2.0]])
    weight = np.diag([1 / 4, 1 / 9])
    assert sandwich(slope, weight, np.diag([4.0, 9.0]))[0, 0] == pytest.approx(1 / (1 / 4 + 4 / 9))


def test_a_log_range_is_walked_by_ratios() -> None:
    space = Space({"a": plans.Range(low=0.01, high=1, scale="log"), "b": plans.Range(low=2, high=4)})
    assert space.values(np.array([0.5, 0.25])) == pytest.approx({"a": 0.1, "b": 2.5})
    numeric = (space.value(0, 0.5001) - space.value(0, 0.4999)) / 0.0002
    assert space.slope(0, 0.5) == pytest.approx(numeric, rel=1e-4)


def test_known_parameters_are_found_again() -> None:
    """Within two standard errors of the truth, which are small beside the range; the rest of the days is predicted."""
    base, data = made_by_bass(779, 1000, 24)
    found = sim.calibrate(base, data, FREE, fit_days=20, trials=8, rounds=2, replications=1, posterior=24, bins=5,
                          certainty=12)  # fmt: skip
    table = found.table.set_index("parameter")
    for path, true in TRUTH.items():
        assert abs(table.loc[path, "value"] - true) < 2 * table.loc[path, "error"], table
        low, high = FREE[path][:2]
        assert table.loc[path, "error"] < 0.1 * (high - low)
        assert abs(table.loc[path, "posterior"] - true) < 3 * table.loc[path, "error"]  # its ends need more draws
    assert found.misfit > 0.01
    assert found.fit["z"].abs().max() < 4
    # Half the imitation is another law, and the fit would see it.
    assert abs(table.loc["mechanisms.awareness.q", "value"] - 0.075) > 3 * table.loc["mechanisms.awareness.q", "error"]
    preset = yaml.safe_load(found.preset())
    assert preset["mechanisms"]["awareness"]["p"] == pytest.approx(found.values["mechanisms.awareness.p"], rel=1e-5)


@pytest.mark.slow
@pytest.mark.long
def test_errors_are_as_large_as_they_say() -> None:
    """Over 20 data sets, each with its own seeds of the fit, the estimates scatter around the truth as their standard
    errors say: two errors hold it in about 95 % of cases (40 of them: 34 or more, one chance in 200 otherwise), and the
    sum of squared z, a chi-square of 40, stays within its central 99 %."""
    squares, inside = 0.0, 0
    for seed in range(900, 920):
        base, data = made_by_bass(seed, 600, 24)
        found = sim.calibrate(base, data, FREE, trials=12, rounds=2, posterior=0, bins=5, certainty=24, seed=seed)
        gap = np.array([found.values[path] - true for path, true in TRUTH.items()])
        scale = np.diag([found.space.slope(k, u) for k, u in enumerate(found.point)])
        squares += float(gap @ np.linalg.inv(scale @ found.covariance @ scale) @ gap)
        inside += int((np.abs(gap) < 2 * found.table["error"].to_numpy()).sum())
    assert inside >= 34
    assert 20.7 < squares < 66.8


def test_a_plan_is_read_and_its_mistakes_are_located(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    table = tmp_path / "table.csv"
    table.write_text("customer,when\na,1\nb,3\na,x\n", encoding="utf-8")
    given = {"scenario": "limits/bass", "free": {"mechanisms.awareness.p": [0.02, 0.001]},
             "data": {"kind": "orders", "path": "table.csv"}}
    plan.write_text(yaml.safe_dump(given), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"plan\.yaml: free\.mechanisms\.awareness\.p: low .* must be below high"):
        plans.read(plan)
    given["free"] = {"mechanisms.awareness.p": [0.001, 0.02]}
    plan.write_text(yaml.safe_dump(given), encoding="utf-8")
    with pytest.raises(ScenarioError, match="no column 'consumer'; there are: customer, when"):
        target(plans.read(plan))
    given["data"]["columns"] = {"consumer": "customer", "day": "when"}
    plan.write_text(yaml.safe_dump(given), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"table\.csv:4: .*day: not a number"):
        target(plans.read(plan))


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(yaml.safe_dump({
        "scenario": "limits/bass", "free": {"mechanisms.awarenes.p": [0.001, 0.02]},
        "data": {"kind": "cumulative", "people": 10, "rows": [[3, 0.1, 0.1], [6, 0.2, 0.2]]},
    }), encoding="utf-8")
    assert call(["calibrate", str(plan), "--out", str(tmp_path), "-q"]) == 2
    assert "did you mean 'awareness'" in capsys.readouterr().err
    assert call(["calibrate", str(plan), "--dry-run"]) == 0
    assert "markets" in capsys.readouterr().out
    assert call(["calibrate", "limits/bass", "-q"]) == 2
    assert list(tmp_path.iterdir()) == [plan]


def test_a_fit_writes_a_preset_that_loads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A smallest fit by the command: what it writes extends the scenario it was made for."""
    _, data = made_by_bass(3, 400, 10)
    plan = tmp_path / "small.yaml"
    plan.write_text(yaml.safe_dump({
        "scenario": "limits/bass", "set": {"market.consumers": 400}, "free": FREE, "data": data, "bins": 4,
        "trials": 6, "rounds": 1, "replications": 1, "posterior": 0, "certainty": 8,
    }), encoding="utf-8")
    assert call(["calibrate", str(plan), "--out", str(tmp_path / "out"), "-q"]) == 0
    made = next((tmp_path / "out").rglob("fitted.yaml"))
    scenario = sim.load({"extends": ["presets/limits/bass.yaml", str(made)]})
    low, high = FREE["mechanisms.awareness.q"]
    assert low <= scenario.mechanisms.awareness.q <= high
    page = (made.parent / "report.html").read_text(encoding="utf-8")
    assert "mechanisms.awareness.q" in page
    assert page.count("<svg") == 3
    assert sorted(p.name for p in made.parent.iterdir()) == ["estimates.csv", "fitted.yaml", "manifest.json",
                                                             "moments.csv", "report.html"]
