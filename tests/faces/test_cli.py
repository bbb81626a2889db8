"""The command line: what it prints and where, its exit codes, and that nothing escapes as a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.cli import call

FAKES = Path(__file__).resolve().parents[1] / "experiments"

SCENARIO = """
name: Two ways
question: Which way?
market: {consumers: 200, days: 6}
categories: [{name: beauty, reference_price: 150}]
merchants:
  - name: Lumi
    products: [{name: serum, category: beauty, price: 199, unit_cost: 60}]
    plan: {budget_per_day: 100, mix: {ads: 1}}
strategies:
  ads: {}
  cheaper: {merchants.Lumi.products.serum.price: 149}
outcomes: [profit, gmv, new_buyers]
experiment: {replications: 3, baseline: ads}
"""

Sim = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sim:
    """Run a command line in an empty folder with a fake market; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(FAKES))
    from sim.experiments import replicate

    monkeypatch.setattr(replicate, "MARKET", "fakes:FakeMarket")
    (tmp_path / "two.yaml").write_text(SCENARIO, encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = call(arguments)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return code, said.out, said.err

    return run


@pytest.fixture
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take seconds; tests of something else go without."""
    from sim.cli import compare

    monkeypatch.setattr(compare, "_report", lambda found, lang, quiet: found.path)


# ---------------------------------------------------------------------------------------------------------- compare


def test_compare_prints_json_and_nothing_else(sim: Sim, tmp_path: Path) -> None:
    code, out, _ = sim("compare", "two.yaml", "--jobs", "1", "--json")
    said = json.loads(out)
    assert code == 0
    assert list(said) == ["scenario", "run_id", "path", "baseline", "replications", "outcomes", "differences", "p_best",
                          "resampled", "regret", "spending"]  # fmt: skip
    assert said["scenario"] == "Two ways"
    assert said["baseline"] == "ads"
    assert set(said["outcomes"]) == {"ads", "cheaper"}
    assert set(said["outcomes"]["ads"]) == {"profit", "gmv", "new_buyers"}
    folder = tmp_path / said["path"]
    assert folder == tmp_path / "results" / "two" / said["run_id"]
    for name in ("summary", "daily", "channels", "cascades"):
        assert (folder / f"{name}.parquet").is_file(), name
    assert (folder / "report.html").is_file()
    assert not (folder / "orders.parquet").exists()
    assert {file.suffix for file in (folder / "figures").iterdir()} == {".png", ".svg"}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario_text"] == SCENARIO
    assert manifest["seeds"][0] == 0


def test_compare_shows_the_answer_and_answers_again_from_disk(sim: Sim, monkeypatch: pytest.MonkeyPatch) -> None:
    code, first, err = sim("compare", "two.yaml", "--jobs", "1", "--replications", "4")
    assert code == 0
    assert "against ads" in first
    assert "P(best)" in first
    assert "report:" in err
    assert "8 markets in 1 processes, about" in err
    from sim.experiments import replicate

    monkeypatch.setattr(replicate, "MARKET", "nowhere:Nothing")
    code, again, _ = sim("compare", "two.yaml", "--jobs", "1", "--replications", "4")
    assert (code, again) == (0, first)


@pytest.mark.usefixtures("no_report")
def test_flags_change_the_question(sim: Sim) -> None:
    ids = set()
    for flags in ("", "--seed 1", "--days 5", "--consumers 100", "--set market.days=4", "--orders"):
        code, out, _ = sim("compare", "two.yaml", "--jobs", "1", "--json", "-q", "--replications", "2", *flags.split())
        assert code == 0
        ids.add(json.loads(out)["run_id"])
    assert len(ids) == 6
    assert list(Path("results").rglob("orders.parquet"))


@pytest.mark.usefixtures("no_report")
def test_out_says_where(sim: Sim, tmp_path: Path) -> None:
    code, out, _ = sim("compare", "two.yaml", "--jobs", "1", "--json", "--replications", "2", "--out", "elsewhere")
    assert code == 0
    assert Path(json.loads(out)["path"]).parts[0] == "elsewhere"
    assert not (tmp_path / "results").exists()


@pytest.mark.usefixtures("no_report")
def test_dry_run_runs_nothing(sim: Sim, tmp_path: Path) -> None:
    code, out, _ = sim("compare", "two.yaml", "--dry-run", "--json")
    plan = json.loads(out)
    assert (code, plan["to_run"], plan["replications"]) == (0, 6, 3)
    assert len(plan["cells"]) == 6
    assert plan["seconds"] > 0
    assert plan["megabytes"] > 0
    assert not (tmp_path / "results").exists()
    sim("compare", "two.yaml", "--jobs", "1", "-q", "--json")
    code, out, _ = sim("compare", "two.yaml", "--dry-run")
    assert "to run: 0 markets" in out
    assert "as measured here" in out


def test_one_strategy_is_told_what_compare_needs(sim: Sim) -> None:
    Path("one.yaml").write_text(SCENARIO.replace("  cheaper: {merchants.Lumi.products.serum.price: 149}\n", ""))
    code, out, err = sim("compare", "one.yaml")
    assert (code, out) == (2, "")
    assert "at least two strategies" in err


@pytest.mark.usefixtures("no_report")
def test_failed_runs_are_three(sim: Sim, monkeypatch: pytest.MonkeyPatch) -> None:
    import fakes

    from sim.experiments.identity import replication_seed

    real = fakes.FakeMarket.run

    def fall(self: Any, progress: bool = False) -> Any:
        if self.seed == replication_seed(0, 1):
            raise ZeroDivisionError("the market fell over")
        return real(self)

    monkeypatch.setattr(fakes.FakeMarket, "run", fall)
    code, out, err = sim("compare", "two.yaml", "--jobs", "1", "--json")
    assert code == 3
    assert json.loads(out)["replications"] == 2
    assert "the market fell over" in err

    def always(self: Any, progress: bool = False) -> None:
        raise ZeroDivisionError("the market fell over")

    monkeypatch.setattr(fakes.FakeMarket, "run", always)
    code, out, err = sim("compare", "two.yaml", "--jobs", "1", "--seed", "5")
    assert (code, out) == (3, "")
    assert "every replication failed" in err


@pytest.mark.usefixtures("no_report")
def test_ctrl_c_is_130_and_says_how_to_go_on(sim: Sim, monkeypatch: pytest.MonkeyPatch) -> None:
    import fakes

    real = fakes.FakeMarket.run

    def stop(self: Any, progress: bool = False) -> Any:
        if len(fakes.CALLS) > 2:
            raise KeyboardInterrupt
        return real(self)

    fakes.CALLS.clear()
    monkeypatch.setattr(fakes.FakeMarket, "run", stop)
    code, out, err = sim("compare", "two.yaml", "--jobs", "1", "--json")
    assert (code, out) == (130, "")
    assert "1 of 3 replications are finished and kept" in err
    assert "sim compare two.yaml --jobs 1 --json" in err
    monkeypatch.setattr(fakes.FakeMarket, "run", real)
    fakes.CALLS.clear()
    code, out, _ = sim("compare", "two.yaml", "--jobs", "1", "--json")
    assert (code, json.loads(out)["replications"], len(fakes.CALLS)) == (0, 3, 4)


# -------------------------------------------------------------------------------------------------------------- run


def test_run_prints_the_bands(sim: Sim) -> None:
    code, out, err = sim("run", "two.yaml", "--strategy", "cheaper")
    assert code == 0
    assert "Click-through rate" in out
    assert "2–6%" in out
    assert "8–15%" in out
    assert "tables:" in err
    code, out, _ = sim("run", "two.yaml", "--json", "-q", "--replications", "3")
    said = json.loads(out)
    assert said["bands"]["ctr"]["verdict"] == "in"
    assert said["bands"]["return_rate"]["verdict"] == "high"
    assert said["bands"]["repurchase_90d"]["verdict"] == "not observed"
    assert said["summary"]["profit"]["n"] == 3


# ------------------------------------------------------------------------------------- list, init, validate, explain


def test_init_validate_list(sim: Sim, tmp_path: Path) -> None:
    code, out, _ = sim("init", "scenarios/mine.yaml")
    assert code == 0
    schema = json.loads((tmp_path / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8"))
    assert schema["title"] == "Scenario"
    assert sim("init", "scenarios/mine.yaml")[0] == 2
    code, out, _ = sim("validate", "scenarios/mine.yaml")
    assert code == 0
    assert "well formed. 5,000 consumers, 90 days" in out
    code, out, _ = sim("list", "--json")
    assert {"mine"} <= {row["name"] for row in json.loads(out)}
    code, out, _ = sim("validate", "mine")
    assert code == 0


def test_validate_resolved_prints_every_strategy(sim: Sim) -> None:
    import yaml

    code, out, _ = sim("validate", "two.yaml", "--resolved")
    assert code == 0
    found = list(yaml.safe_load_all(out))
    assert [f["merchants"][0]["products"][0]["price"] for f in found] == [199, 199, 149]


def test_validate_names_every_problem(sim: Sim) -> None:
    Path("bad.yaml").write_text(SCENARIO.replace("days: 6", "dayz: 6").replace("unit_cost: 60", "unit_cost: -4"))
    code, out, err = sim("validate", "bad.yaml")
    assert (code, out) == (2, "")
    assert "did you mean 'days'" in err
    assert "unit_cost" in err
    assert "bad.yaml:4" in err
    code, out, _ = sim("validate", "bad.yaml", "--json")
    assert code == 2
    assert len(json.loads(out)["problems"]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare", "nowhere.yaml"), "nowhere.yaml"),
        (("run", "twoo"), "no such file"),
        (("run", "two.yaml", "--strategy", "cheap"), "did you mean 'cheaper'"),
        (("run", "two.yaml", "--set", "market.dayz=3"), "did you mean 'days'"),
        (("run", "two.yaml", "--set", "market.days"), "write PATH=VALUE"),
        (("run", "two.yaml", "--days", "0"), "--days"),
        (("run", "two.yaml", "--consumers", "0"), "market.consumers"),
        (("run", "two.yaml", "--seed", "-3"), "--seed"),
        (("compare", "two.yaml", "--bogus"), "No such option"),
        (("compare", "two.yaml", "--lang", "fr"), "en and zh"),
        (("optimize", "two.yaml"), "No such command"),
        (("explain", "reach_pr_share"), "did you mean 'reach_per_share'"),
        (("explain", "merchants.Lumi.prise"), "merchants.Lumi has no 'prise'"),
        (("explain", "network"), "whose network"),
    ],
)
def test_wrong_input_is_two_and_explained(sim: Sim, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = sim(*arguments)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ((), "schedule"),
        (("schema",), '"$schema"'),
        (("schedule",), "checkout"),
        (("columns",), "adstock"),
        (("metrics",), "复购率"),
        (("mechanisms",), "sharing"),
        (("repurchase_90d",), "formula"),
        (("sharing",), "reach_per_share"),
        (("reach_per_share",), "mechanisms.sharing.reach_per_share"),
        (("merchants.Lumi.products.serum.price",), "yuan"),
        (("merchants.Lumi.products.serum.price", "two.yaml"), "149"),
        (("network.mean_degree",), "friends"),
        (("network", "two.yaml"), "clustering"),
        (("拼团",), "group-buy"),
        (("ad fatigue",), "疲劳"),
        (("glossary",), "种草"),
        (("presale.moq",), "merchants.*.products.*.presale.moq"),
    ],
)
def test_explain(sim: Sim, subject: tuple[str, ...], said: str) -> None:
    code, out, err = sim("explain", *subject)
    assert (code, err) == (0, "")
    assert said in out
    if subject:
        code, out, _ = sim("explain", *subject, "--json")
        assert code == 0
        json.loads(out)


# ------------------------------------------------------------------------------------------------------- the process


def test_help_imports_nothing_heavy() -> None:
    """What is imported to print the help is what every command waits for."""
    code = (
        "import sys\nfrom sim.cli import call\ncall(['--help'])\n"
        "heavy = {'numpy', 'numba', 'pandas', 'mesa', 'scipy', 'matplotlib', 'networkx', 'pyarrow', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    env = {**os.environ, "PYTHONPATH": str(FAKES.parents[1])}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    shown = ("compare", "sweep", "calibrate", "sensitivity", "optimise", "verify", "contest", "dashboard")
    assert all(command in done.stdout for command in shown)


def test_python_m_sim() -> None:
    env = {**os.environ, "PYTHONPATH": str(FAKES.parents[1])}
    done = subprocess.run([sys.executable, "-m", "sim", "compare", "no.yaml"], env=env, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert "no.yaml" in done.stderr


# ------------------------------------------------------------------------------------------------------------ sweep

PLAN = """
scenario: two.yaml
replications: 2
axes:
  merchants.Lumi.products.serum.quality: [0.6, 0.8]
"""


def test_sweep_and_its_report(sim: Sim, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    code, out, err = sim("sweep", "plan.yaml", "--dry-run", "--jobs", "1")
    assert code == 0
    assert "2 points" in out
    assert "4 cells x 2 replications: 8 different markets, 0 on disk, 8 to run" in out
    assert "by a pilot of the largest cell" in out
    assert not (tmp_path / "results").exists(), "a dry run writes nothing"
    code, out, err = sim("sweep", "plan.yaml", "--jobs", "1", "--json")
    assert code == 0
    said = json.loads(out)
    assert [cell["strategy"] for cell in said["cells"]] == ["ads", "cheaper"] * 2
    assert said["cells"][0]["outcomes"]["profit"]["n"] == 2
    code, out, err = sim("sweep", "plan.yaml")
    assert code == 0
    assert "4 cells, 2 replications each" in out
    code, out, err = sim("report", said["path"], "--out", "page.html")
    assert (code, out) == (0, "")
    assert "page.html" in err
    assert (tmp_path / "page.html").stat().st_size > 10_000


def test_wrong_plans_are_two(sim: Sim, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN.replace("quality:", "qualty:"), encoding="utf-8")
    for arguments, said in (
        (("sweep", "plan.yaml"), "plan.yaml:5: merchants.Lumi.products.serum.qualty"),
        (("sweep", "none.yaml"), "none.yaml: cannot be read"),
        (("report", "nowhere"), "no such folder"),
    ):
        code, out, err = sim(*arguments)
        assert (code, out) == (2, "")
        assert said in err
