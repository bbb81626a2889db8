"""Policies in Python that a scenario names: the same bits as given in Python, located mistakes, cells of their own."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sim
from sim import ScenarioError, catalogue, plugins
from sim.agents.recommenders import Popularity
from sim.contract import Registry
from sim.experiments.identity import cell_id
from sim.market import Market
from sim.testing import check_policy
from sim.testing.promises import TOWN, fingerprints

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "budgeter.py"
TEXT = """
import sim

class Sale(sim.MerchantPolicy):
    def __init__(self, cut=0.2):
        self.cut, self.days = cut, 0
    def plan(self, view):
        self.days += 1
        return sim.Plan(discount=self.cut if self.days < 5 else 0.5)

class Proud(sim.CreatorPolicy):
    name = "vain"
    def plan(self, view):
        return [k for k, offer in enumerate(view.offers) if view.luck("mood", k) > 0.5]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plug-in file with two policies, in a registry of the test's own."""
    fresh = Registry()
    monkeypatch.setattr(plugins, "registry", fresh)
    monkeypatch.setattr(catalogue, "registry", fresh)
    made = tmp_path / "players.py"
    made.write_text(TEXT, encoding="utf-8")
    assert plugins.load_file(made) == ["sale", "vain"]
    return made


def lived(scenario: Any, strategy: str | None = None, **more: Any) -> dict[str, str]:
    """Fingerprint of a market at its end."""
    market = Market(sim.load(scenario), strategy, seed=3, **more)
    market.run()
    return fingerprints(market)


def town(**more: Any) -> dict[str, Any]:
    """The town of the contract tests, and more."""
    return TOWN | more


def test_named_in_a_strategy_or_given_in_python_is_the_same(file: Path) -> None:
    deep = {"merchants.Leaf.policy": {"name": "sale", "settings": {"cut": 0.4}}}
    named = town(strategies={"sale": {"merchants.Leaf.policy": "sale"}, "deep": deep})
    kind = plugins.registry.policies["sale"]
    plain, sale, cheap = lived(TOWN), lived(named, "sale"), lived(named, "deep")
    assert sale == lived(TOWN, policies={"Leaf": kind()})
    assert cheap == lived(TOWN, policies={"Leaf": kind(cut=0.4)})
    assert len({str(x) for x in (plain, sale, cheap)}) == 3
    assert lived(named) == plain, "a strategy that names one leaves the others alone"
    assert lived(named, "sale", policies={"Leaf": kind(cut=0.4)}) == cheap, "who is put there in Python stays"


def test_settings_are_an_axis_whoever_names_the_policy(file: Path) -> None:
    strategies = {"plain": {}, "sale": {"merchants.Leaf.policy": "sale"}}
    path = "merchants.Leaf.policy.settings.cut"
    swept = sim.sweep(town(strategies=strategies, outcomes=["orders"]), {path: [0.1, 0.4]}, replications=1, jobs=1)
    found = swept.runs.set_index(["strategy", path])["orders"]
    kind = plugins.registry.policies["sale"]
    for cut in (0.1, 0.4):
        alone = Market(sim.load(TOWN), seed=0, policies={"Leaf": kind(cut)}).run()
        assert found["sale", cut] == alone.outcome("orders")
        assert found["plain", cut] == Market(sim.load(TOWN), seed=0).run().outcome("orders")
    named = sim.load(TOWN, set={"merchants.Leaf.policy": "sale"}).with_set({path: 0.3})
    assert named.merchants[0].policy.settings == {"cut": 0.3}


def test_recommenders_that_are_shipped_need_no_file(file: Path) -> None:
    named = town(strategies={"urn": {"platforms.notes.recommender": "popularity"}})
    assert lived(named, "urn") == lived(TOWN, policies={"notes": Popularity()}) != lived(TOWN)


def test_each_creator_of_a_tier_has_her_own(file: Path) -> None:
    tiers = [{"name": "nano", "count": 6, "followers": 40}, {"name": "mid", "count": 2, "followers": 60}]
    made = town(creators=tiers, strategies={"vain": {"creators.mid.policy": "vain"}})
    market = Market(sim.load(made), "vain", seed=3)
    market.step()
    minds = {c.name: c.policy for c in market.creators}
    assert {name for name, mind in minds.items() if mind is not None} == {"mid 1", "mid 2"}
    assert minds["mid 1"] is not minds["mid 2"]
    kind = plugins.registry.policies["vain"]
    assert lived(made, "vain") == lived(town(creators=tiers), policies={"mid": kind()})


def test_a_strategy_begins_on_day_0_and_an_event_on_its_day(file: Path) -> None:
    sale = {"merchants.Leaf.policy": "sale"}
    base = town(market={"consumers": 300, "days": 8, "warmup": 4}, strategies={"sale": sale})
    fresh = Market(sim.load(base), "sale", seed=3)
    twin = Market(sim.load(base), seed=3).warm_up().branch("sale")
    for market in (fresh, twin):
        market.step()
        while market.day < 1:
            market.step()
        assert market.merchants[0].policy.days == 1
        market.run()
    assert fingerprints(fresh) == fingerprints(twin)
    event = {"name": "hired", "day": 5, "days": 4, "change": sale}
    market = Market(sim.load(town(events=[event])), seed=3)
    prices = []
    for _ in range(10):
        market.step()
        prices.append(float(market.products.loc["Leaf.green", "price"]))
    assert prices == [45.0] * 5 + [36.0] * 4 + [45.0]


def test_mistakes_are_located(file: Path, tmp_path: Path) -> None:
    made = tmp_path / "town.yaml"
    said = sim.load(TOWN).yaml().replace("strategies: {}", "strategies:\n  a:\n    merchants.Leaf.policy: sele")
    made.write_text(said, encoding="utf-8")
    line = 1 + said.splitlines().index("    merchants.Leaf.policy: sele")
    with pytest.raises(ScenarioError, match=rf"town\.yaml:{line}: strategies\.a.*called 'sele'.*did you mean 'sale'"):
        sim.load(made)
    for path, value, wanted in (
        ("platforms.notes.policy", "sale", "is a merchant policy, and its place is a platform's"),
        ("merchants.Leaf.policy", {"name": "sale", "settings": {"cuts": 1}}, "unexpected keyword argument 'cuts'"),
        ("merchants.Leaf.policy", {"name": "sale", "setting": {}}, "setting"),
    ):
        with pytest.raises(ScenarioError, match=wanted) as caught:
            sim.load(TOWN, set={path: value})
        assert path in str(caught.value)
    plugins.load_file(EXAMPLE)
    scenario = sim.load(TOWN, set={"merchants.Leaf.policy": {"name": "follow_the_money", "settings": {"floor": 2}}})
    with pytest.raises(ScenarioError, match=r"merchants\.Leaf\.policy: .* could not be made: .*floor must be"):
        Market(scenario, seed=1).step()
    with pytest.raises(ValueError, match="already registered"):
        plugins.register(type("Popularity", (sim.FeedPolicy,), {}))
    empty = tmp_path / "empty.py"
    empty.write_text("x = 1", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"defines no mechanism .* and no policy"):
        plugins.load_file(empty)


def test_a_cell_knows_the_source_of_the_policies_it_names(file: Path) -> None:
    made = town(strategies={"plain": {}, "sale": {"merchants.Leaf.policy": "sale"}})
    before = {name: cell_id(sim.load(made), name) for name in ("plain", "sale")}
    plugins.registry.policies.clear()
    file.write_text(TEXT.replace("0.5)", "0.6)"), encoding="utf-8")
    plugins.load_file(file)
    after = {name: cell_id(sim.load(made), name) for name in ("plain", "sale")}
    assert before["plain"] == after["plain"]
    assert before["sale"] != after["sale"]


def test_compare_runs_them_on_common_seeds(file: Path, tmp_path: Path) -> None:
    made = sim.load(town(strategies={"plain": {}, "sale": {"merchants.Leaf.policy": "sale"}}, outcomes=["orders"]))
    found = sim.compare(made, replications=2, jobs=1, out=tmp_path / "out")
    alone = sim.run(made, "sale", seed=0)
    runs = found.tables["summary"]
    row = runs[(runs["strategy"] == "sale") & (runs["seed"] == 0)]
    assert row["orders"].item() == alone.outcome("orders")


def test_another_process_finds_them(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "scenario.pickle"
    kept.write_bytes(pickle.dumps(sim.load(TOWN, set={"merchants.Leaf.policy": "sale"})))
    code = "import pickle, sys; s = pickle.load(open(sys.argv[1], 'rb')); print(s.merchants[0].policy.made().cut)"
    said = subprocess.run([sys.executable, "-c", code, str(kept)], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert said.stdout.strip() == "0.2"


def test_the_example_keeps_the_contract(file: Path) -> None:
    plugins.load_file(EXAMPLE)
    assert len(check_policy(plugins.registry.policies["follow_the_money"]())) == 6
    scenario = sim.load(EXAMPLE.with_suffix(".yaml"), set={"market.consumers": 300, "market.days": 5})
    assert scenario.strategies_names == ["equal", "ads_only", "follow", "slow"]
    market = Market(scenario, "follow", seed=1)
    market.step()
    assert sum(market.state.columns["budget"][0]) > 0
