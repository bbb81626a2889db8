"""What ``use`` makes of a scenario: who is meant, how strong, what wins, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract import ScenarioError
from sim.scenario import Scenario, load
from sim.scenario.library import shelf
from sim.scenario.loading import presets

BASE: dict[str, Any] = {
    "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml"],
    "name": "library", "market": {"consumers": 500, "days": 90}, "focal": "Lumi",
    "merchants": [
        {"name": name, "products": [{"name": "serum", "category": "beauty", "price": 149, "unit_cost": 60}],
         "plan": {"budget_per_day": 20, "mix": {"ads": 1}}}
        for name in ("Lumi", "Bo & Co", "Aurel")
    ],
}  # fmt: skip


def with_event(**event: Any) -> Scenario:
    return load(BASE | {"events": [event]})


def refused(**more: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(BASE | more)
    return str(caught.value)


@pytest.mark.parametrize("name", shelf("events"))
def test_every_event_changes_something_while_it_is_in_force_and_nothing_after(name: str) -> None:
    made = with_event(use=name, day=10, days=5, at="notes")
    assert made.on_day(9).resolved() == made.on_day(15).resolved() == made.resolved()
    assert made.on_day(12).resolved() != made.resolved()
    assert load(made.yaml()).resolved() == made.resolved(), "what is written out can be read again"


@pytest.mark.parametrize("name", shelf("strategies"))
def test_every_strategy_changes_its_owner_alone(name: str) -> None:
    made = load(BASE | {"strategies": {"focal": {"use": name}, "other": {"use": name, "of": "Bo & Co"}}})
    base = made.resolved()["merchants"]
    for strategy, changed in (("focal", "Lumi"), ("other", "Bo & Co")):
        now = made.for_strategy(strategy).resolved()["merchants"]
        assert [b["name"] for a, b in zip(base, now, strict=True) if a != b] == [changed]


@settings(max_examples=12)
@given(strength=st.floats(0.05, 5))
def test_strength_is_a_power_of_factors_and_a_multiple_of_sums(strength: float) -> None:
    made = with_event(use="parcel_jam", day=0, strength=strength).on_day(0)
    assert made.logistics.capacity == pytest.approx(500 * 0.1**strength)
    war = with_event(use="subsidy_war", day=0, strength=strength).on_day(0)
    assert [m.plan.discount for m in war.merchants] == pytest.approx([0, 0.17 * strength, 0.17 * strength])


def test_the_file_as_it_stands_is_strength_one() -> None:
    plain, said = (with_event(use="parcel_jam", day=0, **more) for more in ({}, {"strength": 1}))
    assert plain.resolved() == said.resolved()
    assert with_event(use="parcel_jam", day=3).events[0].days == 14


def test_a_place_may_be_meant() -> None:
    two = BASE | {"extends": [*BASE["extends"], "presets/platforms/interest_feed.yaml"]}
    made = load(two | {"events": [{"use": "data_breach", "day": 0, "at": "notes"}]})
    now = {p.name: p.activity for p in made.on_day(0).platforms}
    assert now == pytest.approx({"notes": 0.5 * 0.75, "interest_feed": 0.65})
    assert made.on_day(0).platforms[0].segment_activity["students"] == pytest.approx(0.65 * 0.75)


def test_what_stands_beside_use_wins() -> None:
    made = with_event(use="parcel_jam", day=0, change={"logistics.capacity": 7, "logistics.freight": 9}).on_day(0)
    assert (made.logistics.capacity, made.logistics.freight) == (7, 9)
    assert made.logistics.delivery_days == pytest.approx(3.6)
    mix = {"ads": 0.5, "koc": 0.5}
    made = load(BASE | {"strategies": {"x": {"use": ["omni_domain", "koc_circles"], "merchants.Lumi.plan.mix": mix}}})
    plan = made.for_strategy("x").merchants[0].plan
    assert (plan.mix.ads, plan.mix.koc, plan.mix.kol) == (0.5, 0.5, 0)
    assert (plan.koc.policy, plan.pushes_per_week) == ("community", 2)


def test_a_later_file_may_move_an_event(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("events: [{use: parcel_jam, day: 5}]\n", encoding="utf-8")
    child = tmp_path / "child.yaml"
    text = (
        "extends: [presets/market/small_city.yaml, presets/platforms/notes.yaml, base.yaml]\n"
        "market: {consumers: 100}\nmerchants: [{name: A, products: [{name: x, category: food, price: 9}]}]\n"
        "events:\n  - {use: parcel_jam, day: 40}\n  - {use: parcel_jam, name: again, day: 50}\n"
    )
    child.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"child.yaml:6: events.again.day: it is in force together with"):
        load(child)
    child.write_text(text.replace("day: 50", "day: 60"), encoding="utf-8")
    made = load(child)
    assert [(event.name, event.day) for event in made.events] == [("parcel_jam", 40), ("again", 60)]


def test_events_that_exclude_each_other() -> None:
    jam = {"use": "parcel_jam", "day": 10}
    both = [jam, {"use": "parcel_jam", "name": "again", "day": 23}]
    assert "from day 23, and only one event of 'parcels'" in refused(events=both)
    load(BASE | {"events": [jam, {"use": "parcel_jam", "name": "again", "day": 24}]})
    load(BASE | {"events": [jam, {"use": "parcel_jam", "name": "again", "day": 23, "exclusive": None}]})
    weekly = {"name": "mine", "exclusive": "parcels", "day": 0, "days": 2, "every": 7}
    weekly["change"] = {"logistics.freight": 9}
    assert "from day 14" in refused(events=[jam, weekly])
    endless = [{"use": "algorithm_change", "day": 5}, {"use": "algorithm_change", "name": "later", "day": 80}]
    assert "later" in refused(events=endless)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"use": "parcel_jm"}, "nothing in presets/events is called 'parcel_jm'; did you mean 'parcel_jam'?"),
        ({"use": "../market/small_city"}, "nothing in presets/events is called"),
        ({"use": 3}, "must be a name (got 3)"),
        ({"use": "parcel_jam", "strength": 0}, "strength: must be a number above 0 and at most 5 (got 0)"),
        ({"use": "parcel_jam", "strength": "much"}, "strength: must be a number"),
        ({"use": "parcel_jam", "strength": True}, "strength: must be a number"),
        ({"use": "supply_cut", "of": "Lumo"}, "of: no merchant is called 'Lumo'; did you mean 'Lumi'?"),
        ({"use": "entrant", "at": "note"}, "at: no platform is called 'note'; did you mean 'notes'?"),
        ({"use": "entrant"}, "say where or whom: at: NAME beside use"),
        ({"use": "parcel_jam", "strengh": 1}, "unknown key"),
        ({"use": "parcel_jam", "change": {"logistics.capcity": 1}}, "did you mean 'capacity'?"),
    ],
)
def test_events_that_cannot_be_used(event: dict[str, Any], said: str) -> None:
    assert said in refused(events=[{"day": 5, **event}])


def test_strategies_that_cannot_be_used() -> None:
    assert "did you mean 'koc_circles'?" in refused(strategies={"x": {"use": "koc_circle"}})
    assert "or a list of names" in refused(strategies={"x": {"use": []}})
    assert "whom is it about?" in refused(strategies={"x": {"use": "koc_circles"}}, focal=None)
    alone = refused(merchants=BASE["merchants"][:1], events=[{"use": "subsidy_war", "day": 1}])
    assert alone.endswith("it is about rivals, and there are none here")


def test_events_and_strategies_are_not_extended() -> None:
    for name in ("events/parcel_jam", "presets/strategies/koc_circles.yaml"):
        assert "this is used, not extended" in refused(extends=[*BASE["extends"], name])
    assert not any("/events/" in name or "/strategies/" in name for name in presets())


@pytest.mark.parametrize("name", [p for p in presets() if "/platforms/" in p])
def test_places_stand_alone_and_have_names_in_two_languages(name: str) -> None:
    place = load(BASE | {"extends": ["presets/market/small_city.yaml", name]}).platforms
    assert [p.name for p in place] == [Path(name).stem]
    assert place[0].label
    assert place[0].label_zh


def test_the_two_countings_of_people_have_the_shares_they_state() -> None:
    shares = {}
    for name in ("consumer_types", "young_majority"):
        made = load(BASE | {"extends": [*BASE["extends"], f"presets/segments/{name}.yaml"]})
        whole = sum(s.share for s in made.segments)
        shares[name] = {s.name: s.share / whole for s in made.segments}
    middle, young = shares["consumer_types"], shares["young_majority"]
    assert middle["white_collar"] + middle["young_parents"] == pytest.approx(0.45)
    assert middle["students"] + middle["town_youth"] == pytest.approx(0.30)
    assert middle["silver"] + middle["town_elders"] + middle["blue_collar"] == pytest.approx(0.25)
    assert young["students"] + young["town_youth"] == pytest.approx(0.65)
    assert young["silver"] == pytest.approx(0.18)
