"""Wrong scenarios: every mistake is found, located by file and line, and told in words."""

# ruff: noqa: E501  a case a line, so that the table can be read as one

from __future__ import annotations

from pathlib import Path

import pytest

from sim.contract import ScenarioError
from sim.scenario import load

GOOD = (Path(__file__).parent / "good.yaml").read_text(encoding="utf-8")

# What is replaced in good.yaml, by what, the line that must be named, and words of the message.
SPOILT = [
    # structure of the text
    ("name: small", "name: [small", 2, "not YAML"),
    ("name: small", "name: 'small", None, "not YAML"),
    ("name: small", "\tname: small", 1, "tab"),
    ("name: small", "name: a: b", 1, "put text with a colon in quotes"),
    ("name: small", "name: @x", 1, "in quotes"),
    ("name: small", "name: *nobody", 1, "without its anchor"),
    ("name: small", "name: small\n---", 2, "more than one document"),
    ("name: small", "name: !!python/object/apply:os.system [ls]", 1, "name: the tag '!!python/object/apply:os.system'"),
    ("name: small", "name: !secret x", 1, "name: the tag '!secret' is not part of this language"),
    ("name: small", "name: !!binary aGk=", 1, "not part of this language"),
    ("name: small", "name: small\nname: other", 2, "name: duplicate key (first on line 1)"),
    ("price: 199", "price: 199\n        price: 188", 20, "merchants.Lumi.products.serum.price: duplicate key (first on line 19)"),
    ("name: small", "name: small\n? [a, b]\n: 1", 2, "a key must be text"),
    ("name: small", "name: small\ntrue: 1", 2, "a key must be text (got 'true')"),
    ("name: small", "name: small\n~: 1", 2, "a key must be text"),
    ("name: small", "name: small\non: 1", 2, "on: unknown key"),
    ("name: small", "name: small\n12: 1", 2, '12: unknown key'),
    # outcomes
    ("outcomes: [profit, gmv]", "outcomes: [profitt, gmv]", 44, "outcomes[0]: unknown metric 'profitt'; did you mean 'profit'? 'sim explain metrics' lists them"),
    ("outcomes: [profit, gmv]", "outcomes:\n  - gmv\n  - profit@Lumy", 46, "outcomes[1]: unknown owner 'Lumy'; did you mean 'profit@Lumi'? An owner is a merchant, a merchant.product or a channel"),
    ("outcomes: [profit, gmv]", "outcomes: [profitt@Lumi]", 44, "unknown metric of a merchant 'profitt'; did you mean 'profit@Lumi'?"),
    ("outcomes: [profit, gmv]", "outcomes: [sold@Lumi.serun]", 44, "unknown owner 'Lumi.serun'; did you mean 'sold@Lumi.serum'?"),
    ("outcomes: [profit, gmv]", "outcomes: [roi@ads]", 44, "unknown metric of a channel 'roi'. Known of a channel: clicks, contribution_first_touch"),
    ("outcomes: [profit, gmv]", "outcomes: [trust@Lumi.serum]", 44, "unknown metric of a product 'trust'"),
    ("outcomes: [profit, gmv]", "outcomes: [fatigue@Lumi]", 44, "fatigue is of the whole market: leave out '@Lumi'"),
    # keys
    ("days: 60", "dayz: 60", 3, "market.dayz: unknown key; did you mean 'days'?"),
    ("categories:", "categorys:", 8, "categorys: unknown key; did you mean 'categories'?"),
    ("mean_degree: 8", "mean_degre: 8", 4, "network.mean_degre: unknown key; did you mean 'mean_degree'?"),
    ("mix: {ads: 0.6, kol: 0.4}", "mix: {ads: 0.6, kols: 0.4}", 24, "merchants.Lumi.plan.mix.kols: unknown key; did you mean 'kol'?"),
    ("  sharing: {", "  shareing: {", 32, "mechanisms.shareing: unknown key; did you mean 'sharing'?"),
    ("reach_per_share: 0.2}", "reach_pershare: 0.2}", 32, "unknown key; did you mean 'reach_per_share'?"),
    ("inventory: 400", "inventorey: 400", 21, "merchants.Lumi.products.cream.inventorey: unknown key; did you mean 'inventory'?"),
    ("price: 80", "prise: 80", 28, 'merchants."光 Hi".products.lamp.prise: unknown key; did you mean \'price\'?'),
    ("kind: community", "kind: comunity", 4, "network: kind must be one of"),
    ("kind: community", "kind: file", 4, "network.path: needed"),
    ("        price: 199\n", "", 17, "merchants.Lumi.products.serum.price: needed, but not given"),
    # values
    ("price: 199", "price: -4", 19, "merchants.Lumi.products.serum.price: must be > 0 (got -4)"),
    ("activity: 0.7", "activity: 1.7", 11, "platforms.notes.activity: must be <= 1 (got 1.7)"),
    ("price: 199", "price: cheap", 19, "must be a number (got the text 'cheap')"),
    ("price: 199", "price: '199'", 19, "must be a number (got the text '199')"),
    ("price: 199", "price: 0199", 19, "must be a number (got the text '0199')"),
    ("price: 199", "price: 0x1F", 19, "must be a number (got the text '0x1F')"),
    ("price: 199", "price: 12:30", 19, "must be a number (got the text '12:30')"),
    ("price: 199", "price: .nan", 19, "must be a finite number"),
    ("price: 199", "price: 1e999", 19, "must be a finite number"),
    ("price: 199", "price: true", 19, "must be a number (got true)"),
    ("price: 199", "price: [199]", 19, "must be a number (got [199])"),
    ("price: 199", "price:", 19, "must be a number (got nothing)"),
    ("price: 199", "price: " + "9" * 50, 19, "too long a number"),
    ("consumers: 1000", "consumers: 10.5", 3, "market.consumers: must be a whole number (got 10.5)"),
    ("consumers: 1000", "consumers: ten", 3, "must be a whole number (got the text 'ten')"),
    ("sharing: {", "sharing: {enabled: no, ", 32, "mechanisms.sharing.enabled: must be true or false (got 'no'; write false)"),
    ("sharing: {", "sharing: {enabled: on, ", 32, "must be true or false (got 'on'; write true)"),
    ("sharing: {", "sharing: {enabled: 1, ", 32, "must be true or false (got 1)"),
    ("  sharing: {reach_per_share: 0.2}", "  sharing: yes", 32, "mechanisms.sharing: must be a mapping (got 'yes')"),
    ("segments:\n", "segments: 3\nx_segments:\n", 5, "segments: must be a list (got 3)"),
    ("name: small", "name: ''", 1, "name: must not be empty"),
    ("to_day: 20", "until: stock is low", 26, "cannot read the condition"),
    ("name: micro", "name: 'mi*cro'", 13, "quotes"),
    ("name: small", "name: small\nunknown_" + "x" * 300 + ": 1", 2, "unknown key"),
    ("question: which plan?", "question: {a: {b: {c: {d: {e: 1}}}}}", 2, "must be text"),
    # sense
    ("category: beauty, price: 99", "category: beuty, price: 99", 21, "unknown category 'beuty'; did you mean 'beauty'?"),
    ("focal: Lumi", "focal: Lumy", 29, "focal: unknown merchant 'Lumy'; did you mean 'Lumi'?"),
    ("focal: Lumi\n", "", 1, "focal: needed with several merchants"),
    ("name: cream", "name: serum", 21, "a second product called 'serum'"),
    ("baseline: blast", "baseline: blasst", 45, "unknown strategy 'blasst'; did you mean 'blast'?"),
    ("to_day: 20", "from_day: 30, to_day: 20", 26, "ends (day 20) before it begins"),
    ("[0.05, 0.35]", "[0.35, 0.05]", 43, "the lower end must be below the upper"),
    ("[0.05, 0.35]", "[0.35]", 43, "uncertainties"),
    # changes
    ("  blast: {merchants.Lumi.plan.mix:", "  blast: {merchants.Lumi.plan.mx:", 34, "merchants.Lumi.plan has no 'mx'; did you mean 'mix'?"),
    ("  blast: {merchants.Lumi.plan.mix:", "  blast: {merchants.Lumy.plan.mix:", 34, "merchants has no 'Lumy'; did you mean 'Lumi'?"),
    ("  blast: {merchants.Lumi.plan.mix:", "  blast: {merchants.0.plan.mix:", 34, "addressed by name, not by number"),
    ("  blast: {merchants.Lumi.plan.mix:", "  blast: {merchants..mix:", 34, "cannot read the path"),
    ("merchants.Lumi.products.*.price: {scale: 0.9}", "merchants.Lumi.price: {scale: 0.9}", 36, "did you mean merchants.Lumi.products.serum.price"),
    ("merchants.Lumi.products.*.price: {scale: 0.9}", "merchants.*.prices: {scale: 0.9}", 36, "has no 'prices'"),
    ("{kol: 0.9, koc: 0.1}", "{kol: -1}", 34, "merchants.Lumi.plan.mix.kol: must be >= 0 (got -1)"),
    ("{kol: 0.9, koc: 0.1}", "{kol: 0}", 34, "all weights are zero"),
    ("{kol: 0.9, koc: 0.1}", "{scale: 2}", 34, "cannot scale a mapping"),
    ("{scale: 0.9}", "{scale: half}", 36, "takes a finite number"),
    ("{scale: 0.9}", "{scale: 0}", 36, "must be > 0"),
    ("{add: 100}", "{add: -9999}", 37, "must be >= 0 (got -9499"),
    ("    merchants.Lumi.plan.budget_per_day: {add: 100}", "    market.days: 30", 37, "a strategy cannot change this"),
    ("    merchants.Lumi.plan.budget_per_day: {add: 100}", "    network.mean_degree: 30", 37, "a strategy cannot change this"),
    ("    merchants.Lumi.plan.budget_per_day: {add: 100}", "    experiment.replications: 2", 37, "not the question"),
    ("    merchants.Lumi.plan.budget_per_day: {add: 100}", "    merchants.Lumi.plan.total: {scale: 2}", 37, "there is no number here"),
    ("  cheap:", "  base:", 35, "'base' already means"),
    ("{logistics.capacity: {scale: 0.4}}", "{logistics.capacty: {scale: 0.4}}", 39, "did you mean 'capacity'?"),
    ("{logistics.capacity: {scale: 0.4}}", "{merchants.Lumi.cash: 4}", 39, "an event cannot change merchants.Lumi.cash"),
    ("{logistics.capacity: {scale: 0.4}}", "{network.mean_degree: 4}", 39, "an event cannot change network.mean_degree"),
    ("{logistics.capacity: {scale: 0.4}}", "{mechanisms.sharing: {enabled: false}}", 39, "cannot change mechanisms.sharing.enabled"),
    ("{logistics.capacity: {scale: 0.4}}", "{logistics.freight: -3}", 39, "must be >= 0 (got -3)"),
    ("  - {name: jam, day: 20, days: 10, change", "  - {name: jam, day: 20, days: 10, chnge", 39, "events.jam.chnge: unknown key; did you mean 'change'?"),
    ("{mechanisms.sharing.reach_per_share: [", "{mechanisms.sharing.reach: [", 43, "mechanisms.sharing has no 'reach'"),
    ("{mechanisms.sharing.reach_per_share: [0.05, 0.35]", "{mechanisms.sharing.rule: [0.05, 0.35]", 43, "a range is for a number"),
    ("[0.05, 0.35]", "[0.05, 7]", 43, "must be <= 0.95"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "said"), SPOILT, ids=[f"{n:02}-{s[3][:40]}" for n, s in enumerate(SPOILT)])
def test_a_spoilt_line_is_found(tmp_path: Path, old: str, new: str, line: int | None, said: str) -> None:
    assert GOOD.count(old) >= 1
    file = tmp_path / "bad.yaml"
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(file)
    fitting = [p for p in caught.value.problems if said in str(p)]
    assert fitting, f"{said!r} is not in:\n{caught.value}"
    if line is not None:
        assert f"bad.yaml:{line}: " in str(fitting[0])
    assert all(len(str(p)) < len(str(file)) + 400 for p in caught.value.problems), "long values are cut"


RAW = [
    (b"", "empty"),
    (b"# only a remark\n", "empty"),
    (b"null\n", "empty"),
    (b"- a\n- b\n", "this is a list"),
    (b"just words\n", "this is a single value"),
    (b"name: \xff\xfe\n", "bad.yaml:1: not UTF-8 text (byte 0xff)"),
    ("name: 光\n".encode("gb18030"), "not UTF-8"),
    ("name: x\n".encode("utf-16"), "not UTF-8"),
    (b"name: a\x00b\n", "not YAML"),
    (b"name: a\n\nquestion: \x07\n", "bad.yaml:3: not YAML"),
    (b"[" * 100_000, "nested deeper"),
    (b"a: " + b"[" * 300 + b"]" * 300, "nested deeper"),
    (b"- " * 100_000, "nested deeper"),
    (b"a: &a [x, x]\nb: &b [*a, *a]\n" + b"".join(
        b"c%d: &c%d [%s]\n" % (k, k, b", ".join([b"*c%d" % (k - 1) if k else b"*b"] * 9)) for k in range(12)), "aliases"),
    (b"a: &a [*a]\n", "contains itself"),
    (b"a: &a {b: *a}\n", "contains itself"),
    (b"<<: 3\n", "takes a mapping"),
    (b"a: !!int x\n", "is not what its tag says"),
    (b"name: x\n" + b"#" * 8_000_001, "too large"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "said"), RAW, ids=range(len(RAW)))
def test_a_file_that_is_no_scenario(tmp_path: Path, raw: bytes, said: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(raw)
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert said in str(caught.value)


def test_missing_files_and_odd_sources(tmp_path: Path) -> None:
    for source in (tmp_path / "no.yaml", tmp_path, "no/such", "x\0y", "a" * 5000, ""):
        with pytest.raises(ScenarioError):
            load(source)
    for odd in (3, None, ["a"], {1.5: 2}, {"name": object()}, {"name": {1, 2}}):
        with pytest.raises(ScenarioError):
            load(odd)  # type: ignore[arg-type]
    looped: dict[str, object] = {}
    looped["market"] = looped
    with pytest.raises(ScenarioError, match="itself"):
        load(looped)
    with pytest.raises(ScenarioError, match=r"did you mean 'presets/limits/bass\.yaml'"):
        load("presets/limits/bas.yaml")


def test_all_problems_come_at_once_in_order(tmp_path: Path) -> None:
    text = GOOD.replace("days: 60", "dayz: 60").replace("price: 199", "price: -4").replace("{add: 100}", "{add: x}")
    text = text.replace("merchants.Lumi.plan.mix:", "platforms.nots.fee:").replace("unit_cost: 60", "unit_cost: 60\n        price: 3")
    file = tmp_path / "bad.yaml"
    file.write_text(text.replace("focal: Lumi", "focal: Lumy"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(file)
    lines = [p.line for p in caught.value.problems]
    assert lines == sorted(lines, key=lambda k: k or 0)
    assert {3, 19, 21, 35} <= set(lines)
    assert str(caught.value).count("\n") == len(lines) - 1


def test_extends_names_the_file_at_fault(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "base.yaml").write_text(GOOD.replace("activity: 0.7", "activity: 7"), encoding="utf-8")
    (tmp_path / "child.yaml").write_text("extends: sub/base.yaml\nname: child\nmarket: {days: 0}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / "child.yaml")
    said = str(caught.value)
    assert "base.yaml:11: platforms.notes.activity: must be <= 1 (got 7)" in said
    assert "child.yaml:3: market.days: must be >= 1 (got 0)" in said


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a": "extends: a.yaml\nname: a"}, "extends itself: a.yaml -> a.yaml"),
        ({"a": "extends: b\nname: a", "b": "extends: [c.yaml]", "c": "extends: a.yaml"}, "a.yaml -> b.yaml -> c.yaml -> a.yaml"),
        ({"a": "name: a\nextends: [presets/market/smal_city.yaml]"}, "a.yaml:2: extends: no file"),
        ({"a": "name: a\nextends: [presets/market/smal_city.yaml]"}, "did you mean 'presets/market/small_city.yaml'"),
        ({"a": "extends: presets/../../schema.py"}, "no file"),
        ({"a": "extends: {b: c}"}, "must be a path, or a list of paths"),
        ({"a": "extends: [1]"}, "must be a path, or a list of paths"),
        ({"a": "extends: b", "b": "- 1"}, "b.yaml:1: a scenario is a mapping"),
        ({"a": "extends: b", "b": "x: [\n"}, "b.yaml:2: not YAML"),
    ],
)  # fmt: skip
def test_bad_extends(tmp_path: Path, files: dict[str, str], said: str) -> None:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / "a.yaml")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"market.consumers": "many"}, "--set: market.consumers: must be a whole number (got the text 'many')"),
        ({"market.dais": 3}, "--set: market.dais: unknown path: market has no 'dais'; did you mean 'days'?"),
        ({"market.days": 0}, "--set: market.days: must be >= 1 (got 0)"),
        ({"": 3}, "a path is needed"),
        ({"*": 3}, "a path begins with a section"),
        ({"*.days": 3}, "a path begins with a section"),
        ({"market.days.x": 3}, "market.days is a single value"),
        ({"outcomes.0": "gmv"}, "a list without names"),
        ({"market.*.x": 3}, "'x' inside"),
        ({"merchants.Lumi.plan.coupon": {"merge": 3}}, "joins a mapping"),
        ({"market.days": {"scale": True}}, "takes a finite number"),
        ({"market.days": {"scale": float("inf")}}, "takes a finite number"),
        ({"market.days": {"scale": 1e300}}, "--set: market.days"),
        ({"strategies.nobody.x": 1}, "--set"),
        ({"outcomes": ["gmvv"]}, "--set: outcomes: outcomes[0]: unknown metric 'gmvv'; did you mean 'gmv'?"),
        ({"strategies": 5}, "must be a mapping"),
        ({"strategies.blast": 5}, "must be a mapping"),
        ({"events.jam.change": 5}, "must be a mapping"),
    ],
)
def test_bad_settings(change: dict[str, object], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(GOOD, set=change)
    assert said in str(caught.value)
    good = load(GOOD)
    for version in (good, good.for_strategy("blast")):
        with pytest.raises(ScenarioError):
            version.with_set(change).check()


def test_one_reading_names_broken_values_and_broken_references() -> None:
    """A wrong value somewhere does not hide an unknown category elsewhere."""
    products = [{"name": "p", "category": "beuty", "price": -4}, {"name": "q", "category": "beuty", "price": 5}]
    source = {"extends": ["presets/market/small_city.yaml"], "merchants": [{"name": "A", "products": products}],
              "market": {"consumers": 0}}
    with pytest.raises(ScenarioError) as caught:
        load(source)
    said = str(caught.value)
    for wanted in ("market.consumers: must be >= 1", "products.p.price: must be > 0", "products.p.category: unknown",
                   "products.q.category: unknown"):
        assert wanted in said


def test_a_broken_event_does_not_hide_a_path_that_leads_nowhere() -> None:
    text = GOOD.replace("day: 20, days: 10, change: {logistics.capacity", "day: -1, change: {merchants.Lumi.cahs")
    with pytest.raises(ScenarioError) as caught:
        load(text)
    assert "events.jam.day: must be >= 0" in str(caught.value)
    assert "merchants.Lumi has no 'cahs'" in str(caught.value)
