"""A mechanism from outside is at home everywhere: schema, scenario, explain, other processes; off unless asked."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim import ScenarioError, catalogue, plugins
from sim.cli.app import call
from sim.contract import Registry
from sim.experiments.identity import versions
from sim.market import Market
from sim.rng import Stream, stream_of
from sim.testing import check_mechanism

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "examples" / "lottery.py"
SMALL = {"market.consumers": 400, "market.days": 20}


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """An empty registry for the test, the one that was there afterwards."""
    fresh = Registry()
    monkeypatch.setattr(plugins, "registry", fresh)
    monkeypatch.setattr(catalogue, "registry", fresh)
    return fresh


@pytest.fixture
def lottery(shelf: Registry) -> type[sim.Mechanism]:
    """The example, registered from its file."""
    assert plugins.load_file(FILE) == ["lottery"]
    return shelf.classes["lottery"]


def scenario(**changes: Any) -> Any:
    """The example's market, small."""
    return sim.load(ROOT / "examples" / "lottery.yaml", set=SMALL | changes)


def test_without_the_plug_in_a_scenario_that_uses_it_is_refused(shelf: Registry) -> None:
    with pytest.raises(ScenarioError, match=r"lottery\.yaml:\d+: mechanisms\.lottery: unknown key"):
        scenario()


def test_it_is_in_the_schema_and_off_where_nobody_mentions_it(lottery: Any) -> None:
    plain = sim.load(ROOT / "scenarios" / "koc_or_kol.yaml", set=SMALL)
    assert not plain.mechanisms.lottery.enabled
    assert "lottery" not in Market(plain, seed=1).mechanisms
    assert scenario().mechanisms.lottery.enabled
    with pytest.raises(ScenarioError, match=r"mechanisms\.lottery\.share: must be <= 1"):
        scenario(**{"mechanisms.lottery.share": 3})
    with pytest.raises(ScenarioError, match="did you mean 'share'"):
        scenario(**{"mechanisms.lottery.shares": 0.1})


def test_installing_it_changes_no_market(shelf: Registry) -> None:
    file = ROOT / "scenarios" / "koc_or_kol.yaml"
    before = Market(sim.load(file, set=SMALL), seed=3).run()
    plugins.load_file(FILE)
    after = Market(sim.load(file, set=SMALL), seed=3).run()
    assert before.daily.equals(after.daily)


def test_people_win_as_often_as_it_says_and_use_what_they_won(lottery: Any) -> None:
    market = Market(scenario(**{"mechanisms.lottery.share": 0.1, "mechanisms.lottery.valid_days": 1}), seed=2)
    chances = 0
    for _ in range(20):
        market.step()
        chances += int((market.state.columns["visited"] > 0).sum())
    won = int(market.consumers.lottery_wins.sum())
    # A coupon good for one day never blocks the next draw: wins are binomial.
    assert abs(won - 0.1 * chances) < 4 * np.sqrt(0.09 * chances)
    assert market.result().outcome("coupons_used") > 0
    assert Market(scenario(**{"mechanisms.lottery.share": 0}), seed=2).run().outcome("coupons_used") == 0


def test_winners_of_a_smaller_share_are_among_those_of_a_larger(lottery: Any) -> None:
    few, many = (Market(scenario(**{"mechanisms.lottery.share": s}), seed=2) for s in (0.05, 0.2))
    for market in (few, many):
        market.step()
    assert (few.consumers.lottery_wins <= many.consumers.lottery_wins).all()
    assert few.consumers.lottery_wins.sum() < many.consumers.lottery_wins.sum()


def test_what_it_needs_must_be_on(lottery: Any) -> None:
    with pytest.raises(ScenarioError, match=r"mechanisms\.lottery: needs mechanisms\.crm"):
        Market(scenario(**{"mechanisms.crm.enabled": False}), seed=1)


def test_it_comes_before_the_one_it_names(lottery: Any) -> None:
    day = catalogue.schedule([*catalogue.BUILT_IN, "lottery"])
    for phase in ("morning", "block"):
        assert day[phase].index("lottery") == day[phase].index("choice") - 1
    assert "lottery" not in day["evening"]
    lottery.ahead_of = ""
    try:
        assert catalogue.schedule([*catalogue.BUILT_IN, "lottery"])["block"][-1] == "lottery"
    finally:
        lottery.ahead_of = "choice"


def test_explain_and_the_schema_of_editors_know_it(lottery: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["explain", "lottery", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["acts_in"] == ["morning", "block"]
    assert {row["path"] for row in said["parameters"]} >= {"mechanisms.lottery.share", "mechanisms.lottery.value"}
    assert call(["explain", "mechanisms.lottery.valid_days"]) == 0
    assert "365" in capsys.readouterr().out
    assert call(["explain", "schema"]) == 0
    assert "LotteryParams" in json.loads(capsys.readouterr().out)["$defs"]


def test_results_depend_on_its_source(lottery: Any) -> None:
    assert len(versions()["mechanism lottery"]) == 16


def test_a_scenario_finds_it_again_in_another_process(lottery: Any, tmp_path: Path) -> None:
    """The file travels as a path and is run there; nothing of it is in the pickle but names."""
    kept = tmp_path / "scenario.pickle"
    kept.write_bytes(pickle.dumps(scenario(**{"market.days": 3})))
    code = (
        "import pickle, sys; from sim.market import Market\n"
        f"made = pickle.load(open({str(kept)!r}, 'rb'))\n"
        "market = Market(made, 'lottery', seed=4); market.run(); print(int(market.consumers.lottery_wins.sum()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    here = Market(scenario(**{"market.days": 3}), "lottery", seed=4)
    here.run()
    assert int(done.stdout) == here.consumers.lottery_wins.sum() > 0


def test_a_file_that_moved_finds_its_kernels(shelf: Registry, tmp_path: Path) -> None:
    """Compiled code is kept by content: the same file in another folder must be the same module to it."""
    code = (
        "import sys, sim; from sim import plugins; plugins.load_file(sys.argv[1])\n"
        "made = sim.load('examples/lottery.yaml', set={'market.consumers': 100, 'market.days': 2})\n"
        "sim.Market(made, 'lottery', seed=1).run()"
    )
    text = FILE.read_text(encoding="utf-8").replace("_draw", "_pick")  # compiled by nobody else
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "lottery.py"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, "-c", code, str(file)], cwd=ROOT, capture_output=True, text=True,
                              check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
    imported = code.replace("plugins.load_file(sys.argv[1])", "sys.path.insert(0, sys.argv[2]); import lottery; "
                            "sim.register(lottery.Lottery)")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", imported, "", str(tmp_path / "here")], cwd=ROOT, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_one_defined_in_a_script_says_what_to_do(shelf: Registry) -> None:
    inline = type("Inline", (sim.Mechanism,), {"name": "inline", "__module__": "__main__"})
    sim.plugins.registry.register(inline)
    with pytest.raises(sim.contract.SimError, match=r"a file of its own .* jobs=1"):
        pickle.dumps(sim.load(ROOT / "scenarios" / "koc_or_kol.yaml"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "defines no mechanism"),
        ("x = 1\n1 / 0\n", r"bad\.py:2: ZeroDivisionError"),
        ("def (:\n", r"bad\.py:1: SyntaxError"),
        (None, "there is no such Python file"),
    ],
)
def test_a_bad_file_is_one_located_message(shelf: Registry, tmp_path: Path, text: str | None, message: str) -> None:
    file = tmp_path / "bad.py"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=message):
        plugins.load_file(file)
    assert not shelf.classes


def test_the_command_line_takes_a_file_and_a_scenario_cannot(
    shelf: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["validate", str(ROOT / "examples" / "lottery.yaml")]
    for line in (["--plugin", str(FILE), *given], [*given, "--plugin", str(FILE)]):
        shelf.classes.clear()
        shelf.params.clear()
        assert call(line) == 0, capsys.readouterr().err
    assert call([*given, "--plugin", "nowhere.py"]) == 2
    assert "nowhere.py" in capsys.readouterr().err
    trap = tmp_path / "trap.py"
    trap.write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n", encoding="utf-8")
    for key in ("plugin", "plugins"):
        with pytest.raises(ScenarioError, match="unknown key"):
            sim.load({key: [str(trap)]})
    assert not (tmp_path / "sprung").exists()


def test_streams_of_ones_own_are_apart_from_those_of_the_house() -> None:
    names = [stream_of(f"mechanism {k}") for k in range(1000)]
    assert len({*names, *map(int, Stream)}) == 1000 + len(Stream)
    assert all(2**32 < s < 2**63 for s in names)


def test_the_template_runs_and_keeps_the_contract(
    shelf: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(["init", "--mechanism", "warm_glow"]) == 0
    assert call(["init", "--mechanism", "warm_glow"]) == 2
    assert "is there already" in capsys.readouterr().err
    for name in ("feed", "price", "Warm", "1a", "class", "a-b"):
        assert call(["init", "--mechanism", name]) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["test_warm_glow.py", "warm_glow.py"]
    assert plugins.load_file("warm_glow.py") == ["warm_glow"]
    assert len(check_mechanism(shelf.classes["warm_glow"])) == 10
    compile((tmp_path / "test_warm_glow.py").read_text(encoding="utf-8"), "test_warm_glow.py", "exec")


def test_an_installed_package_brings_its_mechanism(tmp_path: Path) -> None:
    """As pip leaves it: a module, and an entry point in the metadata; nobody imports it by name."""
    (tmp_path / "fortune.py").write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    info = tmp_path / "fortune-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fortune\nVersion: 1.2\n", encoding="utf-8")
    points = info / "entry_points.txt"
    points.write_text("[sim.mechanisms]\nlottery = fortune:Lottery\n", encoding="utf-8")

    def sim_says(*line: str) -> subprocess.CompletedProcess[str]:
        env = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(tmp_path)))}
        return subprocess.run([sys.executable, "-m", "sim", *line], cwd=ROOT, env=env, capture_output=True, text=True,
                              check=False)  # fmt: skip

    told = sim_says("validate", "examples/lottery.yaml")
    assert told.returncode == 0, told.stderr
    assert "share" in sim_says("explain", "lottery").stdout
    points.write_text("[sim.mechanisms]\nlottery = fortune:Nothing\n", encoding="utf-8")
    broken = sim_says("validate", "examples/lottery.yaml")
    assert broken.returncode == 2
    assert "the mechanism 'lottery' of fortune cannot be loaded" in broken.stderr


def test_sweeps_and_sensitivity_reach_it_from_other_processes(lottery: Any) -> None:
    made = scenario(**{"market.days": 8})
    axes = {"mechanisms.lottery.share": [0.0, 0.5]}
    swept = sim.sweep(made, axes, strategies=["nothing_more"], replications=2, jobs=2)
    used = swept.runs.groupby("mechanisms.lottery.share")["coupons_used"].sum()
    assert used[0.0] == 0
    assert used[0.5] > 0
    ranked = sim.sensitivity(made, over={"mechanisms.lottery.value": (10, 40)}, samples=2, strategies=["lottery"],
                             outcome="profit", jobs=1)  # fmt: skip
    assert "mechanisms.lottery.value" in str(vars(ranked))
