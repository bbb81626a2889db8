"""The contest: fair rules, broken files told and left out, any name shown as text, the ranking that of the means."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from sim.cli import call
from sim.contract import ScenarioError
from sim.experiments.contest import entrants
from sim.scenario import load
from sim.scenario.entries import planned_spend, shown

FAKES = Path(__file__).resolve().parents[1] / "experiments"

SCENARIO = """
name: Two ways
market: {consumers: 200, days: 10}
focal: Lumi
categories: [{name: beauty, reference_price: 150}]
merchants:
  - name: Lumi
    products: [{name: serum, category: beauty, price: 199, unit_cost: 60}]
    plan: {budget_per_day: 100, mix: {ads: 1}}
  - name: Aurel
    products: [{name: serum, category: beauty, price: 169, unit_cost: 60}]
    plan: {budget_per_day: 100, mix: {ads: 1}}
strategies:
  unused: {merchants.Lumi.plan.discount: 0.5}
outcomes: [profit, gmv]
experiment: {replications: 3, baseline: unused}
"""
HOSTILE = "<img src=x onerror=alert(1)> $x_1$ & \u202e"

Contest = Callable[..., tuple[int, str, str]]


@pytest.fixture
def contest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Contest:
    """Hold a contest over files given by name, in an empty folder with a fake market."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(FAKES))
    from sim.experiments import replicate

    monkeypatch.setattr(replicate, "MARKET", "fakes:FakeMarket")

    def hold(files: dict[str, str], *flags: str) -> tuple[int, str, str]:
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        (folder / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        code = call(("contest", "in", "--jobs", "1", *flags))
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return code, said.out, said.err

    return hold


GOOD = {
    "low.yaml": "merchants.Lumi.products.serum.price: 149\n",
    "high.yaml": "team: The High Ones\nmerchants.Lumi.products.serum.price: 249\n",
    "library.yaml": "use: hub_seeding\n",
}


def test_ranks_by_the_mean_on_the_same_seeds(contest: Contest) -> None:
    code, out, _ = contest(GOOD, "--json")
    said = json.loads(out)
    assert code == 0
    assert {row["team"] for row in said["standing"]} == {"low", "The High Ones", "library"}
    means = [row["mean"] for row in said["standing"]]
    assert means == sorted(means, reverse=True)
    assert [row["rank"] for row in said["standing"]] == pd.Series(means).rank(ascending=False, method="min").tolist()
    for row in said["standing"]:
        assert row["gain"] == pytest.approx(row["mean"] - said["base"])
    code, out, _ = contest(GOOD)
    assert code == 0
    assert out.index(said["standing"][0]["team"]) < out.index(said["standing"][-1]["team"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("merchants.Lumi.plan.mix: {ads: 1\n", "odd.yaml:2"),
        ("\nmerchants.Lumi.plan.mixx: {ads: 1}\n", "odd.yaml:2: merchants.Lumi.plan.mixx: unknown path"),
        ("merchants.Lumi.plan.discount: 2\n", "odd.yaml:1: merchants.Lumi.plan.discount"),
        ("merchants.Aurel.plan.budget_per_day: 0\n", "odd.yaml:1: merchants.Aurel.plan.budget_per_day: is not yours"),
        ("merchants.*.plan.budget_per_day: 0\n", "is not yours"),
        ("merchants.Lumi.products.serum.unit_cost: 1\n", "is not yours"),
        ("mechanisms.sharing.reach_per_share: 0.9\n", "is not yours"),
        ("merchants.Lumi.plan.budget_per_day: 101\n", "odd.yaml:1: merchants.Lumi.plan: plans to spend 1,010 yuan"),
        ("use: nothing_of_that_name\n", "nothing_of_that_name"),
        ("", "is empty"),
        ("[1, 2]\n", "a list"),
    ],
)
def test_a_file_that_cannot_take_part_is_told_and_the_others_go_on(contest: Contest, text: str, told: str) -> None:
    code, out, err = contest({"low.yaml": GOOD["low.yaml"], "odd.yaml": text})
    assert code == 3
    assert told in err
    assert "low" in out
    page = next(Path("results").rglob("league.html")).read_text(encoding="utf-8")
    assert "odd.yaml" in page


def test_other_rules(contest: Contest) -> None:
    files = {"low.yaml": GOOD["low.yaml"], "bold.yaml": "merchants.Lumi.products.serum.unit_cost: 20\n"}
    code, out, _ = contest(files, "--allow", "merchants.Lumi.products", "--outcome", "gmv", "--json")
    assert (code, json.loads(out)["outcome"]) == (0, "gmv")
    assert "Only merchants.Lumi.products may" in next(Path("results").rglob("league.html")).read_text(encoding="utf-8")
    code, _, err = contest(files, "--outcome", "discounts")
    assert code == 2
    assert "good direction" in err


def test_nobody_left_is_wrong_input(contest: Contest) -> None:
    code, out, err = contest({"odd.yaml": "merchants.Lumi.plan.mixx: {}\n"})
    assert (code, out) == (2, "")
    assert "odd.yaml:1" in err
    code, _, err = contest({}, "--seed", "-1")
    assert code == 2


class Tags(HTMLParser):
    """Collects the tags of a page and what they load."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.loads += [v for k, v in attrs if k in ("src", "href") and v and not v.startswith(("data:", "#"))]


def test_hostile_names_stay_text_and_the_page_needs_nothing(contest: Contest) -> None:
    named, steering = (json.dumps(text) for text in (HOSTILE[:-1], HOSTILE + "\u001b[31m"))
    files = {"low.yaml": f"team: {named}\n{GOOD['low.yaml']}", "steers.yaml": f"team: {steering}\n{GOOD['low.yaml']}",
             "<script>.yaml": "merchants.Lumi.plan.mixx: 1\n"}  # fmt: skip
    code, out, err = contest(files)
    assert code == 3
    assert "\x1b[31m" not in out + err
    assert "\u202e" not in out + err
    text = next(Path("results").rglob("league.html")).read_text(encoding="utf-8")
    page = Tags()
    page.feed(text)
    assert not page.seen & {"script", "img", "iframe", "link", "b"} - {"link"}
    assert page.loads == []
    assert "&lt;img src=x" in text
    assert "\u202e" not in text


def test_names_are_one_line_and_never_empty() -> None:
    assert shown(" a\n b\x00 ") == "a b"
    assert shown("\u200b") == "nameless"
    assert len(shown("x" * 500)) == 60


@pytest.mark.parametrize(
    ("plan", "spent"),
    [
        ({"budget_per_day": 50}, 500),
        ({"total": 300}, 300),
        ({"phases": [{"name": "a", "to_day": 3, "budget_per_day": 0}]}, 600),
        ({"phases": [{"name": "a", "to_day": 3, "budget_per_day": 200, "until": "members >= 5"}]}, 1400),
        ({"phases": [{"name": "a", "from_day": 5, "budget_per_day": 10}, {"name": "b", "budget_per_day": 900}]}, 4550),
    ],
)
def test_planned_spend_by_hand(plan: dict[str, object], spent: float) -> None:
    """Ten days at 100 yuan; a phase that may end early is counted in full, or as the plan where that is more."""
    scenario = load(SCENARIO, set={f"merchants.Lumi.plan.{key}": value for key, value in plan.items()})
    assert planned_spend(scenario, "Lumi") == pytest.approx(spent)


def test_entries_replace_the_strategies_and_clashing_names_are_kept_apart(tmp_path: Path) -> None:
    for name in ("a b.yaml", "a+b.yaml", "base.yaml", "_hidden.yaml"):
        (tmp_path / name).write_text(GOOD["low.yaml"], encoding="utf-8")
    found = entrants(tmp_path, load(SCENARIO))
    assert list(found.entries) == ["a_b", "a_b_2", "base_"]
    assert list(found.scenario.strategies) == list(found.entries)
    with pytest.raises(ScenarioError, match="no such folder"):
        entrants(tmp_path / "none", load(SCENARIO))
