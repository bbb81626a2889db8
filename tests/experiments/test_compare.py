"""Comparing on the same seeds: what is computed, what is kept, what is asked again, and what happens when it fails."""

from __future__ import annotations

import errno
import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.contract import ScenarioError
from sim.experiments import store
from sim.experiments.compare import compare
from sim.experiments.comparison import Comparison
from sim.experiments.execute import Interrupted, RunsFailed
from sim.experiments.executors import WorkerLost
from sim.experiments.identity import cell_id, replication_seed
from sim.experiments.question import ask, ask_run
from sim.experiments.run import run, run_stored


def digest_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.parquet"))}


def test_the_answer(fakes: Any, tmp_path: Path) -> None:
    found = compare(fakes.FakeScenario(), jobs=1, out=tmp_path)
    assert found.strategies == ["kol", "koc", "same"]
    assert (found.baseline, found.replications, found.best["profit"], found.best["cac"]) == ("kol", 4, "koc", "koc")
    assert set(found.table.columns) >= {"strategy", "metric", "mean", "low", "high", "n"}
    gap = found.differences.set_index(["strategy", "metric"]).loc[("koc", "profit")]
    assert gap["mean"] == pytest.approx(5, abs=1.5)
    assert gap["p_better"] > 0.95
    assert gap["pairing"] > 10
    assert found.channels.columns[:2].tolist() == ["strategy", "channel"]
    assert found.cascades["count"].sum() == 3 * 4 * 3
    assert {"profit", "cash"} <= set(found.daily["metric"])
    assert found.daily.columns.tolist() == ["strategy", "day", "metric", "mean", "low", "high", "n"]
    assert len(found.pairing) == 2 * 3


def test_the_json_schema(fakes: Any, tmp_path: Path) -> None:
    found = compare(fakes.FakeScenario(), replications=3, jobs=1, out=tmp_path)
    said = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert list(said) == ["scenario", "run_id", "path", "baseline", "replications", "outcomes", "differences", "p_best",
                          "resampled", "regret", "spending"]  # fmt: skip
    assert set(said["resampled"]["koc"]["profit"]) == {"boot_low", "boot_high", "p_value", "p_holm"}
    assert said["regret"]["koc"]["profit"] == {"regret": pytest.approx(0, abs=0.1), "may_be_best": True}
    assert set(said["outcomes"]) == {"kol", "koc", "same"}
    assert set(said["outcomes"]["kol"]) == {"profit", "cac", "repurchase_90d"}
    assert set(said["outcomes"]["kol"]["profit"]) == {"mean", "low", "high"}
    assert set(said["differences"]) == {"koc", "same"}
    assert set(said["differences"]["koc"]["profit"]) == {"mean", "low", "high", "p_better"}
    assert sum(said["p_best"]["profit"].values()) == pytest.approx(1)
    assert said["outcomes"]["kol"]["repurchase_90d"]["mean"] is None, "what no window observed is not a number"
    assert Path(said["path"]).is_dir()


def test_a_strategy_that_changes_nothing_is_exactly_the_baseline(fakes: Any, tmp_path: Path) -> None:
    found = compare(fakes.FakeScenario(), jobs=1, out=tmp_path)
    gap = found.differences.set_index(["strategy", "metric"]).loc[("same", "profit")]
    assert (gap["mean"], gap["low"], gap["high"], gap["p_better"]) == (0, 0, 0, 0.5)
    assert len(fakes.CALLS) == 2 * 4, "one market serves both names"


def test_jobs_do_not_matter(fakes: Any, tmp_path: Path) -> None:
    one = compare(fakes.FakeScenario(), jobs=1, out=tmp_path / "one", orders=True)
    two = compare(fakes.FakeScenario(), jobs=2, out=tmp_path / "two", orders=True)
    assert one.run_id == two.run_id
    assert one.path is not None
    assert two.path is not None
    assert digest_of(one.path) == digest_of(two.path)
    assert {"orders.parquet", "daily.parquet", "summary.parquet", "channels.parquet"} <= set(digest_of(one.path))


def test_the_same_question_is_answered_from_disk(fakes: Any, tmp_path: Path) -> None:
    first = compare(fakes.FakeScenario(), jobs=1, out=tmp_path)
    fakes.CALLS.clear()
    again = compare(fakes.FakeScenario(), jobs=1, out=tmp_path)
    assert fakes.CALLS == []
    assert again.to_json() == first.to_json()
    pd.testing.assert_frame_equal(again.table, first.table)
    assert first.path is not None
    assert Comparison.load(first.path).to_json() == first.to_json()


def test_more_replications_reuse_the_finished_ones(fakes: Any, tmp_path: Path) -> None:
    few = compare(fakes.FakeScenario(), replications=2, jobs=1, out=tmp_path)
    fakes.CALLS.clear()
    more = compare(fakes.FakeScenario(), replications=5, jobs=1, out=tmp_path)
    assert len(fakes.CALLS) == 2 * 3
    assert few.run_id != more.run_id
    assert more.values("profit").iloc[:2].equals(few.values("profit"))


def test_a_new_strategy_alone_is_run(fakes: Any, tmp_path: Path) -> None:
    scenario = fakes.FakeScenario()
    compare(scenario, jobs=1, out=tmp_path)
    fakes.CALLS.clear()
    compare(replace(scenario, strategies={**scenario.strategies, "new": {"lift": 9.0}}), jobs=1, out=tmp_path)
    assert {name for name, _ in fakes.CALLS} == {"new"}


def test_fresh_computes_again(fakes: Any, tmp_path: Path) -> None:
    compare(fakes.FakeScenario(), jobs=1, out=tmp_path)
    fakes.CALLS.clear()
    compare(fakes.FakeScenario(), jobs=1, out=tmp_path, resume=False)
    assert len(fakes.CALLS) == 8


def test_without_a_folder_nothing_is_left(fakes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = compare(fakes.FakeScenario(), jobs=1)
    assert found.path is None
    assert found.best["profit"] == "koc"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("names", [{}, {"koc": {"lift": 5.0}}])
def test_one_strategy_is_told_what_is_needed(fakes: Any, names: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError, match="needs at least two strategies"):
        compare(fakes.FakeScenario(strategies=names), jobs=1)


def test_one_strategy_against_the_market_as_it_stands(fakes: Any) -> None:
    found = compare(fakes.FakeScenario(strategies={"koc": {"lift": 5.0}}, baseline="base"), jobs=1)
    assert found.strategies == ["base", "koc"]


def test_unknown_names(fakes: Any) -> None:
    with pytest.raises(ScenarioError, match="did you mean 'koc'"):
        compare(fakes.FakeScenario(), strategies=["kol", "kocc"], jobs=1)
    with pytest.raises(ScenarioError, match="unknown outcome 'profitt'; did you mean 'profit'"):
        compare(fakes.FakeScenario(outcomes=("profitt",)), jobs=1)
    with pytest.raises(ScenarioError, match="at least 1"):
        compare(fakes.FakeScenario(), replications=0, jobs=1)


def test_an_outcome_of_another_merchant(fakes: Any) -> None:
    found = compare(fakes.FakeScenario(outcomes=("profit@Nox",)), jobs=1)
    assert found.to_json()["outcomes"]["koc"]["profit@Nox"]["mean"] == -1


def test_one_replication_claims_nothing(fakes: Any) -> None:
    said = compare(fakes.FakeScenario(), replications=1, jobs=1).to_json()
    assert said["outcomes"]["koc"]["profit"]["mean"] is not None
    assert said["outcomes"]["koc"]["profit"]["low"] is None
    assert said["differences"]["koc"]["profit"]["p_better"] is None
    assert said["p_best"]["profit"]["koc"] is None


def test_ctrl_c_keeps_what_is_finished(fakes: Any, tmp_path: Path) -> None:
    scenario = fakes.FakeScenario(strategies={"a": {"lift": 1.0}, "b": {"lift": 2.0}}, trouble="interrupt")
    with pytest.raises(Interrupted) as stopped:
        compare(scenario, jobs=1, out=tmp_path)
    assert (stopped.value.done, stopped.value.total) == (1, 4)
    assert len(list(tmp_path.rglob("meta.json"))) == 3
    assert not list(tmp_path.rglob("manifest.json"))
    assert not list(tmp_path.rglob(".part-*"))


def test_some_runs_failing_are_kept_in_the_ledger(fakes: Any, tmp_path: Path) -> None:
    bad = {"lift": 1.0, "trouble": f"seed {replication_seed(0, 2)}"}
    found = compare(fakes.FakeScenario(strategies={"a": {"lift": 0.0}, "b": bad}), jobs=1, out=tmp_path)
    assert found.replications == 3
    assert [(f["strategy"], f["seed"]) for f in found.failures] == [("b", replication_seed(0, 2))]
    assert "the market fell over" in found.failures[0]["error"]
    assert found.values("profit").index.tolist() == [0, 1, 3]
    fakes.CALLS.clear()
    compare(fakes.FakeScenario(strategies={"a": {"lift": 0.0}, "b": bad}), jobs=1, out=tmp_path)
    assert len(fakes.CALLS) == 1, "only what failed is tried again"


def test_all_runs_failing(fakes: Any, tmp_path: Path) -> None:
    scenario = fakes.FakeScenario(strategies={"a": {"lift": 0.0}, "b": {"trouble": "always"}})
    with pytest.raises(RunsFailed, match="the market fell over"):
        compare(scenario, jobs=1, out=tmp_path)


def test_a_worker_that_dies_is_reported(fakes: Any, tmp_path: Path) -> None:
    scenario = fakes.FakeScenario(strategies={"a": {"lift": 0.0}, "b": {"trouble": "die"}})
    with pytest.raises(WorkerLost, match="memory"):
        compare(scenario, jobs=2, out=tmp_path)


@pytest.mark.parametrize("damage", ["truncate", "no meta"])
def test_a_damaged_part_is_set_aside_and_run_again(fakes: Any, tmp_path: Path, damage: str) -> None:
    first = compare(fakes.FakeScenario(), jobs=1, out=tmp_path)
    part = next(tmp_path.rglob("meta.json")).parent
    if damage == "truncate":
        file = part / "daily.parquet"
        file.write_bytes(file.read_bytes()[:100])
    else:
        (part / "meta.json").write_text("{")
    assert first.path is not None
    (first.path / "manifest.json").unlink()
    again = compare(fakes.FakeScenario(), jobs=1, out=tmp_path)
    assert again.to_json() == first.to_json()
    assert len(list(tmp_path.rglob("*.broken"))) == 1


def test_what_makes_a_market_another_one(fakes: Any, tmp_path: Path) -> None:
    base = fakes.FakeScenario()
    assert cell_id(base, "kol") == cell_id(replace(base, name="Other", replications=9), "same")
    assert cell_id(base, "kol") != cell_id(base, "koc")
    assert cell_id(base, "kol") != cell_id(replace(base, days=6), "kol")
    (tmp_path / "a.csv").write_text("1,2\n")
    with_file = replace(base, data="a.csv", base_dir=tmp_path)
    before = cell_id(with_file, "kol")
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    assert cell_id(replace(with_file, data="b.csv"), "kol") == before, "a file is its content, not its name"
    (tmp_path / "b.csv").write_text("1,3\n")
    assert cell_id(replace(with_file, data="b.csv"), "kol") != before
    assert ask(base).run_id == ask(base).run_id
    assert len({ask(base).run_id, ask(base, seed=1).run_id, ask(base, replications=5).run_id}) == 3


def test_replications_go_on_until_the_answer_is_precise(fakes: Any, tmp_path: Path) -> None:
    found = compare(fakes.FakeScenario(replications=6, precision=0.05), jobs=1, out=tmp_path)
    assert 6 < found.replications == found.manifest["precision"]["needed"] <= 40
    assert found.replications == found.manifest["replications"] == len(found.values("profit"))
    row = found.table[found.table["metric"] == "profit"]
    assert ((row["high"] - row["mean"]) <= 0.05 * found.values("profit").head(6).mean().max() * 1.001).all()
    again = compare(fakes.FakeScenario(replications=6, precision=0.05), jobs=2, out=tmp_path / "other")
    assert again.to_json()["differences"] == found.to_json()["differences"]
    calls = len(fakes.CALLS)
    compare(fakes.FakeScenario(replications=6, precision=0.05), jobs=1, out=tmp_path)
    assert len(fakes.CALLS) == calls, "answered from disk"


def test_a_precision_that_no_budget_reaches_says_what_it_would_take(fakes: Any, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"replications": 6, "precision": "profit=0.1", "jobs": 1, "out": tmp_path}
    with pytest.raises(ScenarioError, match=r"need about [\d,]+ replications.*--max-replications \d+") as said:
        compare(fakes.FakeScenario(), max_replications=20, **asked)
    reach = str(said.value).split("reach about profit=")[1].split(".  ")[0].split(". Ask")[0]
    calls = len(fakes.CALLS)
    found = compare(fakes.FakeScenario(), max_replications=20, **{**asked, "precision": f"profit={reach}"})
    assert found.replications <= 20, "what it recommends is within reach"
    assert len(fakes.CALLS) - calls == 2 * (found.replications - 6), "the first stage was kept"


def test_a_full_disk_ends_it_and_what_is_written_is_whole(fakes: Any, tmp_path: Path,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    real, count = store.os.replace, [0]

    def replace(source: Any, target: Any) -> None:
        count[0] += str(target).endswith(".parquet")
        if count[0] > 40:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(source, target)

    settings: dict[str, Any] = {"replications": 4, "jobs": 1, "out": tmp_path}
    monkeypatch.setattr(store.os, "replace", replace)
    with pytest.raises(store.DiskFull, match="make room and give the same command"):
        compare(fakes.FakeScenario(), **settings)
    monkeypatch.setattr(store.os, "replace", real)
    kept = len(list(tmp_path.rglob("meta.json")))
    assert 0 < kept < 8
    assert not list(tmp_path.rglob("*.part"))
    fakes.CALLS.clear()
    compare(fakes.FakeScenario(), **settings)
    assert len(fakes.CALLS) == 8 - kept, "what was written is used"


@pytest.mark.parametrize("text", ["profit", "profit=", "profit=0", "profit=-3", "=2%", "profit=1.2.3", "profit=2 %%"])
def test_a_precision_nobody_can_read(fakes: Any, text: str) -> None:
    with pytest.raises(ScenarioError, match="cannot read the precision"):
        compare(fakes.FakeScenario(), precision=text)


def test_a_precision_of_what_is_not_measured(fakes: Any) -> None:
    with pytest.raises(ScenarioError, match="unknown outcome 'profitt'; did you mean 'profit'"):
        compare(fakes.FakeScenario(), precision="profitt=2%", jobs=1)
    with pytest.raises(ScenarioError, match="observed in 0 of 4"):
        compare(fakes.FakeScenario(), precision="repurchase_90d=2%", jobs=1)


def test_seeds_of_neighbouring_questions_do_not_overlap() -> None:
    seeds = [{replication_seed(seed, r) for r in range(50)} for seed in range(4)]
    assert all(len(s) == 50 for s in seeds)
    assert len(set.union(*seeds)) == 200
    assert replication_seed(7, 0) == 7


def test_a_single_run_and_its_shared_memory(fakes: Any, tmp_path: Path) -> None:
    compare(fakes.FakeScenario(), jobs=1, out=tmp_path)
    fakes.CALLS.clear()
    stored = run_stored(ask_run(fakes.FakeScenario(), strategy="koc", out=tmp_path), jobs=1)
    assert fakes.CALLS == [], "replication 0 of the comparison is this very market"
    assert stored.first.summary["profit"] == run(fakes.FakeScenario(), "koc").summary["profit"]
    assert (stored.path / "manifest.json").is_file()
    assert math.isnan(stored.interval("repurchase_90d").mean)
    result = run(fakes.FakeScenario(), seed=3)
    assert result.daily.index.name == "day"
    assert result.outcome("profit@Nox") == -1
    assert result.strategy == "base"
    assert len(result.orders) == 5


def test_interrupting_workers(fakes: Any, tmp_path: Path) -> None:
    """A real Ctrl-C to a script without a main guard: quick, finished parts kept, workers gone."""
    script = tmp_path / "ask.py"
    script.write_text(
        f"import sys; sys.path[:0] = [{str(Path(__file__).parent)!r}]\n"
        "import fakes\nfrom sim.experiments import replicate\nfrom sim.experiments.compare import compare\n"
        "replicate.MARKET = 'fakes:FakeMarket'\n"
        "print('begin', flush=True)\n"
        f"compare(fakes.FakeScenario(trouble='slow', replications=40), jobs=2, out={str(tmp_path / 'out')!r})\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    child = subprocess.Popen([sys.executable, str(script)], env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
                             start_new_session=True, text=True)  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not list((tmp_path / "out").rglob("meta.json")) and time.monotonic() < deadline:
            time.sleep(0.1)
        os.killpg(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=20)
    finally:
        child.kill()
    assert out.count("begin") == 1, "workers do not run the script again"
    assert "Interrupted: interrupted after" in err
    assert list((tmp_path / "out").rglob("meta.json"))
