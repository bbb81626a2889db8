"""What a valid text means, what extending does, and that reading is quick and light."""

from __future__ import annotations

import copy
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sim.contract import ScenarioError
from sim.scenario import Scenario, load
from sim.scenario.loading import presets
from sim.scenario.scenario import yaml_text
from sim.scenario.yamltext import parse_value

GOOD = (Path(__file__).parent / "good.yaml").read_text(encoding="utf-8")

ARCHITECTURE = """\
name: KOC first or KOL blast?
extends: [presets/market/small_city.yaml, presets/platforms/notes.yaml]
market: {consumers: 100_000, days: 180}
network: {kind: community, mean_degree: 14}        # or {kind: file, path: data/ego-facebook.csv}
merchants:
  - name: Lumi
    products: [{name: serum, category: beauty, price: 199, unit_cost: 60, quality: 0.8, cycle_days: 45}]
    plan: {budget_per_day: 5_000, mix: {ads: 0.6, kol: 0.4}}
strategies:
  kol_blast: {merchants.Lumi.plan.mix: {kol: 0.9, koc: 0.1}}
  koc_first: {merchants.Lumi.plan.mix: {koc: 0.7, kol: 0.1, community: 0.2}}
events:
  - {name: parcel jam, day: 90, days: 14, change: {logistics.capacity: {scale: 0.4}}}
uncertainties: {mechanisms.sharing.reach_per_share: [0.05, 0.35]}
outcomes: [profit, gmv, new_buyers, repurchase_90d, trust]
experiment: {replications: 20, baseline: kol_blast}
"""


def test_the_example_of_the_design() -> None:
    made = load(ARCHITECTURE)
    assert made.strategies_names == ["kol_blast", "koc_first"]
    assert made.market.consumers == 100_000
    assert made.for_strategy("kol_blast").merchants[0].plan.mix.shares()["kol"] == pytest.approx(0.9)
    assert made.on_day(95).logistics.capacity == pytest.approx(0.4 * made.logistics.capacity)  # type: ignore[operator]
    assert {p.name for p in made.platforms} == {"notes"}, "the default platform gives way to the preset's"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001), ("1e5", 1e5), ("-.5", -0.5), ("+3", 3), ("1_000", 1000), ("1_000.5", 1000.5), ("0", 0),
        ("010", "010"), ("0o10", "0o10"), ("0x1F", "0x1F"), ("0b1", "0b1"), ("12:30", "12:30"), ("1:30.5", "1:30.5"),
        ("no", "no"), ("Yes", "Yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("true", True), ("False", False),
        ("~", None), ("null", None), ("", None), ("2024-01-01", "2024-01-01"), ("'1'", "1"), ("=", "="), ("5_", "5_"),
        ("1.", 1.0), ("!!str 5", "5"), ("!!float 5", 5.0), ("[1, no]", [1, "no"]), ("{on: 1}", {"on": 1}),
        ("{6: 1.5}", {"6": 1.5}), ("{a: &x {b: 1}, c: *x}", {"a": {"b": 1}, "c": {"b": 1}}), ("光", "光"),
        ("{a: &x {b: 1, c: 2}, d: {<<: *x, c: 3}}", {"a": {"b": 1, "c": 2}, "d": {"c": 3, "b": 1}}),
    ],
)  # fmt: skip
def test_words_mean_what_they_say(text: str, value: object) -> None:
    read = parse_value(text)
    assert read == value
    assert type(read) is type(value)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])) | st.sampled_from(["no", "1e-3", "010"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab光.no1", min_size=1), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(values)
def test_what_is_written_is_read_again_by_us_and_by_others(value: object) -> None:
    text = yaml_text(value)
    assert yaml.safe_load(text) == value
    assert parse_value(text) == value


@pytest.mark.parametrize("name", [p for p in presets() if "/limits/" in p])
def test_limits_are_scenarios(name: str) -> None:
    made = load(name)
    assert made.market.consumers
    assert load(made.yaml()).resolved() == made.resolved()
    assert load(name.removeprefix("presets/").removesuffix(".yaml")).name == made.name


def test_the_other_presets_fit_together() -> None:
    parts = [p for p in presets() if "/limits/" not in p]
    assert len(presets()) - len(parts) >= 10
    made = load(GOOD + f"extends: {parts}\n", set={"market.start": "2025-05-20"})
    assert {"notes", "Lumi"} <= {p.name for p in made.platforms} | {m.name for m in made.merchants}


def test_scenarios_that_come_with_the_program(scenarios: Path) -> None:
    for file in sorted(scenarios.glob("*.yaml")):
        made = load(file)
        assert made.path == file
        assert made.base_dir == file.parent
        assert load(made.yaml()).resolved() == made.resolved()


def test_extending_merges_and_joins(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(GOOD, encoding="utf-8")
    child = tmp_path / "child.yaml"
    child.write_text(
        "extends: base.yaml\n"
        "market: {days: 90}\n"
        "network: {kind: well_mixed}\n"
        "merchants:\n"
        "  - {name: Lumi, cash: 5, products: [{name: cream, price: 88}, {name: soap, category: beauty, price: 9}]}\n"
        "  - {name: New, products: [{name: x, category: beauty, price: 1}]}\n"
        "strategies: {blast: {merchants.Lumi.plan.mix: {ads: 1}}, other: {}}\n"
        "events:\n  - {name: jam, days: 5, change: {logistics.freight: 2}}\n"
        "outcomes: [gmv]\n",
        encoding="utf-8",
    )
    made = load(child)
    assert (made.market.days, made.market.consumers, made.network.kind) == (90, 1000, "well_mixed")
    assert [m.name for m in made.merchants] == ["Lumi", "光 Hi", "New"]
    lumi = made.merchants[0]
    assert [(p.name, p.price, p.inventory) for p in lumi.products] == [
        ("serum", 199, None), ("cream", 88, 400), ("soap", 9, None),
    ]  # fmt: skip
    assert made.strategies["blast"] == {"merchants.Lumi.plan.mix": {"ads": 1}}
    assert made.strategies_names == ["blast", "cheap", "other"]
    jam = made.events[0]
    assert (jam.day, jam.days, jam.change["logistics.freight"]) == (20, 5, 2)
    assert made.outcomes == ["gmv"]
    child.write_text("extends: base.yaml\nevents: []\nstrategies: null\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="strategies"):
        load(child)
    child.write_text("extends: base.yaml\nevents: []\n", encoding="utf-8")
    assert load(child).events == []


def test_reading_is_light_and_quick(root: Path) -> None:
    code = (
        "import sys, sim; s = sim.load('limits/bass'); s.for_strategy(None).on_day(3);"
        "import sim.scenario.explain, sim.scenario.jsonschema;"
        "heavy = {'mesa', 'numba', 'pandas', 'scipy', 'networkx', 'matplotlib'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=120)
    load(ARCHITECTURE)
    start = time.process_time()
    load(ARCHITECTURE)
    assert time.process_time() - start < 0.5


def test_many_merchants_are_read_in_seconds(tmp_path: Path) -> None:
    goods = "".join(
        f"  - {{name: m{k}, cash: 5, products: [{{name: p, category: beauty, price: {k + 1}}}]}}\n" for k in range(1000)
    )
    text = GOOD[: GOOD.index("  - name: 光")] + goods + GOOD[GOOD.index("focal") :]
    start = time.process_time()
    made = load(text)
    assert len(made.merchants) == 1001
    assert time.process_time() - start < 20


TOKENS = [
    "[", "]", "{", "}", ": ", "- ", "*", "&a ", "!x ", "|", ">", "'", '"', "#", "%", "@", "\t", "\n", "  ", "~", "no",
    "-1", "1e400", ".nan", "null", "*.x", "scale", "{scale: 2}", "{merge: {}}",
    "光", "\x00", "\ud800", "<<: *a", "name",
    ",", "[[", "9" * 400, "?", "market.days", "''",
]  # fmt: skip


def loaded_or_refused(source: Any) -> Scenario | None:
    """The scenario, or None when it is refused as it should be: with at least one problem that has words."""
    refused: ScenarioError | None = None
    try:
        return load(source)
    except ScenarioError as error:
        refused = error
    assert refused.problems
    assert all(problem.message for problem in refused.problems)
    return None


@given(st.integers(0, 2**32))
def test_a_mutated_scenario_loads_or_is_refused(seed: int) -> None:
    dice = random.Random(seed)
    text = GOOD
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text))
        end = at + dice.choice([0, 0, 1, 3, 12, 60])
        lines = text.split("\n")
        piece = dice.choice([dice.choice(TOKENS), dice.choice(lines), dice.choice(text.split()), ""])
        text = text[:at] + piece + text[end:]
    made = loaded_or_refused(text + "\n")
    if made is not None:
        assert load(made.yaml()).resolved() == made.resolved()


ODD = st.sampled_from(
    [None, True, -1, 0, 3, 1.5, 1e308, 10**30, "x", "", [], {}, [1], {"a": 1}, {"scale": 2}, {"merge": {"x": 1}},
     [{"name": "q"}], {"kind": "file"}, {"scale": None}, [[1]], "no", {"name": {}}]
)  # fmt: skip


def _paths(data: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [at, *(path for key, value in inner for path in _paths(value, (*at, key)))]


@given(st.data())
def test_a_mapping_with_odd_values_loads_or_is_refused(data: st.DataObject) -> None:
    good = parse_value(GOOD)
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(_paths(good)[1:]))
        here = good
        for key in path[:-1]:
            here = here[key]
        here[path[-1]] = copy.deepcopy(data.draw(ODD))
    loaded_or_refused(good)
