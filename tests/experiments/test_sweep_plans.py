"""Plans and designs: what they make, and how wrong ones are answered."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract import ScenarioError
from sim.experiments.sweep import planned, sweep
from sim.experiments.sweeps.cells import work_out
from sim.experiments.sweeps.design import axis, points
from sim.scenario import Scenario, load

PRICE, REACH = "merchants.Lumi.products.serum.price", "mechanisms.sharing.reach_per_share"


@pytest.fixture(scope="module")
def market() -> Scenario:
    made = load(Path(__file__).parents[2] / "scenarios" / "koc_or_kol.yaml",
                set={"market.consumers": 200, "market.days": 5})  # fmt: skip
    return made


def test_a_grid_a_list_and_levels() -> None:
    both = [axis("a", [1, 2], "grid"), axis("b", {"from": 0, "to": 1, "steps": 3}, "grid")]
    made = points(both, "grid", None, 0)
    assert [(p["a"], p["b"]) for p in made] == [(1, 0.0), (1, 0.5), (1, 1.0), (2, 0.0), (2, 0.5), (2, 1.0)]
    log = axis("c", {"from": 1, "to": 100, "steps": 3, "log": True}, "grid").grid()
    assert log == pytest.approx((1, 10, 100))
    whole = axis("d", {"from": 1, "to": 3, "steps": 9, "whole": True}, "grid").grid()
    assert whole == (1, 2, 3)
    side = points([axis("a", [1, 2], "list"), axis("b", ["x", "y"], "list")], "list", None, 0)
    assert side == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


@given(st.integers(1, 40), st.integers(0, 99))
def test_a_latin_hypercube_has_one_point_in_every_slice(n: int, seed: int) -> None:
    axes = [axis("a", {"from": 10, "to": 20}, "latin"), axis("b", {"from": 1, "to": 100, "log": True}, "latin")]
    made = points(axes, "latin", n, seed)
    for name, low, high in (("a", 10.0, 20.0), ("b", 1.0, 100.0)):
        values = np.array([p[name] for p in made])
        shares = (values - low) / (high - low) if name == "a" else np.log(values / low) / np.log(high / low)
        assert sorted(np.minimum(shares * n + 1e-9, n - 0.5).astype(int)) == list(range(n))
    assert points(axes, "latin", n, seed) == made, "the same seed, the same design"


def test_sobol_is_balanced() -> None:
    axes = [axis("a", {"from": 0, "to": 1}, "sobol"), axis("b", ["x", "y"], "sobol"),
            axis("c", {"from": 1, "to": 4, "whole": True}, "sobol")]  # fmt: skip
    made = points(axes, "sobol", 64, 3)
    assert np.histogram([p["a"] for p in made], bins=8, range=(0, 1))[0].tolist() == [8] * 8
    assert [p["b"] for p in made].count("x") == 32
    assert [[p["c"] for p in made].count(k) for k in (1, 2, 3, 4)] == [16] * 4


def write(folder: Path, text: str) -> Path:
    file = folder / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    return file


HEAD = f"scenario: {Path(__file__).parents[2] / 'scenarios' / 'koc_or_kol.yaml'}\nset: {{market.consumers: 200}}\n"


def test_a_plan_file(tmp_path: Path) -> None:
    more = f"strategies: [koc_first]\nreplications: 2\nseed: 4\naxes:\n  {PRICE}: [150, 200]\n"
    plan = planned(write(tmp_path, HEAD + more))
    assert (plan.strategies, plan.replications, plan.seed, plan.daily) == (("koc_first",), 2, 4, True)
    study = work_out(plan, tmp_path)
    assert len(study.cells) == len({cell.id for cell in study.cells}) == 2
    assert study.store.home == tmp_path / "koc_or_kol"
    other = planned(tmp_path / "plan.yaml", replications=3, set={"market.days": 9})
    assert (other.replications, other.scenario.market.days, other.scenario.market.consumers) == (3, 9, 200)


def test_strategies_and_events_are_axes(market: Scenario, tmp_path: Path) -> None:
    plan = planned(market, {"strategy": ["koc_first", "base"], "event": ["none", "parcel jam", "all"]}, replications=1)
    study = work_out(plan, tmp_path)
    assert [cell.strategy for cell in study.cells] == ["koc_first"] * 3 + ["base"] * 3
    assert len({cell.id for cell in study.cells}) == 4, "'all' events are the one there is"
    assert [len(plan.changes(p)["events"]) for p in plan.points] == [0, 1, 1] * 2
    shift = planned(market, {'events."parcel jam".day': [1, 2]}, strategies=["base"], replications=1)
    assert len({cell.id for cell in work_out(shift, tmp_path).cells}) == 2


def test_a_matrix(market: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "design.csv"
    file.write_text(f"{PRICE},strategy,{REACH}\n150,koc_first,0.1\n\n180.5,base,0.2\n", encoding="utf-8-sig")
    plan = planned(market, [PRICE], design=file, replications=1)
    one = {PRICE: 150, "strategy": "koc_first", REACH: 0.1}
    assert plan.points == (one, {PRICE: 180.5, "strategy": "base", REACH: 0.2})
    assert len(work_out(plan, tmp_path).cells) == 2


@pytest.mark.parametrize(("text", "said"), [
    (f"{PRICE},{REACH}\n150,0.1\n160\n", ":3: 1 values for 2 columns"),
    (f"{PRICE},{REACH}\n150,\n", f":2: {REACH}: no value (empty)"),
    (f"{PRICE}\n150\nNaN\n", f":3: {PRICE}: no value (NaN)"),
    (f"{PRICE}\n150\n.nan\n", f":3: {PRICE}: no value (.nan)"),
    (f"{REACH}\n0.1\n", f":1: {PRICE}: a column is missing"),
    (f"{PRICE},{PRICE}\n1,2\n", f":1: {PRICE}: the column stands twice"),
    (f"{PRICE}\n", ":1: a design without a point"),
    ("", "an empty design"),
    (f"{PRICE},{REACH}\n150,0.1\n160,70\n", f":3: {REACH}: "),
    (f"{PRICE},mechanisms.sharing.reach_per_shar\n150,0.1\n", "did you mean 'reach_per_share'"),
])  # fmt: skip
def test_a_wrong_matrix_is_located(market: Scenario, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "design.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        work_out(planned(market, [PRICE], design=file, replications=1), tmp_path)
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize(("text", "line", "said"), [
    ("axes:\n  merchants.Lumi.products.serum.prise: [1]\n", 4, "did you mean 'price'"),
    (f"axes:\n  {PRICE}: [150, -3]\n", 4, ""),
    (f"axes:\n  {PRICE}: []\n", 4, "no value to try"),
    (f"axes:\n  {PRICE}: {{from: 3, to: 3, steps: 2}}\n", 4, "an empty range: from 3 to 3"),
    (f"axes:\n  {PRICE}: {{from: 1, to: 3}}\n", 4, "needs 'steps'"),
    (f"axes:\n  {PRICE}: {{from: 1, too: 3}}\n", 4, "did you mean 'to'"),
    (f"axes:\n  {PRICE}: {{from: 0, to: 3, steps: 2, log: true}}\n", 4, "begins above 0"),
    (f"axes:\n  {PRICE}: 5\n", 4, "an axis is a list of values, or a range"),
    ("axes:\n  strategy: [koc_frist]\n", 4, "did you mean 'koc_first'"),
    ("axes:\n  event: [parcel jamm]\n", 4, "did you mean 'parcel jam'"),
    (f"axes:\n  {PRICE}: [1]\nreplicatons: 3\n", 5, "did you mean 'replications'"),
    (f"axes:\n  {PRICE}: [1]\nreplications: 0\n", 5, "at least 1"),
    (f"axes:\n  {PRICE}: [1]\ndesign: gird\n", 5, "did you mean 'grid'"),
    (f"axes:\n  {PRICE}: {{from: 1, to: 3}}\ndesign: sobol\nsamples: 60\n", 6, "32 or 64"),
    (f"axes:\n  {PRICE}: {{from: 1, to: 3}}\ndesign: latin\n", None, "needs 'samples'"),
    (f"axes:\n  {PRICE}: [1, 2]\n  {REACH}: [0.1]\ndesign: list\n", 3, "of one length"),
    ("seed: 3\n", None, "a sweep needs axes"),
])  # fmt: skip
def test_a_wrong_plan_is_located(tmp_path: Path, text: str, line: int | None, said: str) -> None:
    file = write(tmp_path, HEAD + text)
    with pytest.raises(ScenarioError) as refused:
        work_out(planned(file), tmp_path)
    assert said in str(refused.value)
    assert str(file) + (f":{line}:" if line else "") in str(refused.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan.yaml"], "nothing was written"


def test_a_folder_that_cannot_be_used(fakes: Any, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"strategies": ["kol"], "replications": 1, "jobs": 1}
    (tmp_path / "file").write_text("")
    with pytest.raises(ScenarioError, match="name another folder with --out"):
        sweep(fakes.FakeScenario(), {"size": [1.0]}, out=tmp_path / "file" / "results", **settings)
    old = tmp_path / "fake_one" / "cells"
    old.mkdir(parents=True)
    (old / "format.json").write_text(json.dumps({"format": 0}))
    with pytest.raises(ScenarioError, match=r"format 0, and this version keeps format 1: remove that folder"):
        sweep(fakes.FakeScenario(), {"size": [1.0]}, out=tmp_path, **settings)
    assert fakes.CALLS == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(fakes: Any, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ScenarioError, match="permission denied"):
        sweep(fakes.FakeScenario(), {"size": [1.0]}, strategies=["kol"], replications=1, jobs=1, out=tmp_path)


def test_a_read_only_file_system(fakes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    def refuse(self: Path, data: bytes) -> int:
        raise OSError(errno.EROFS, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(ScenarioError, match=r"read-only file system.*--out"):
        sweep(fakes.FakeScenario(), {"size": [1.0]}, strategies=["kol"], replications=1, jobs=1, out=tmp_path)
    assert fakes.CALLS == []
