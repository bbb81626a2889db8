"""The model behind the live page: what is played is what the YAML says, whatever was moved, thrown in or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from city import CITY, same

from sim.contract import ScenarioError
from sim.dashboard import sample as graph
from sim.dashboard.levers import levers
from sim.dashboard.reading import Reader
from sim.dashboard.session import Session
from sim.dashboard.story import Story
from sim.market import Market
from sim.report.glossary import fold, linked
from sim.scenario import load
from sim.scenario.explain import explain
from sim.scenario.library import shelf
from sim.state.columns import AWARE

PRICE = "merchants.Leaf.products.green.price"
ADS = "merchants.Leaf.plan.mix.ads"
DAYS = 24


def opened(consumers: int = 300, warmup: int = 0, **changes: Any) -> Any:
    market = {"consumers": consumers, "days": DAYS, "warmup": warmup}
    return load({**CITY, "market": market, "logistics": {"capacity": 60}, **changes})


def session(a: str = "same", b: str = "louder", **changes: Any) -> Session:
    return Session(opened(**changes), a, b, seed=5)


def finished(played: Session) -> Session:
    played.step(DAYS)
    assert played.over
    return played


def assert_yaml_says_so(played: Session) -> None:
    """The downloaded text, read as a file is and lived from day 0, gives what the page shows."""
    said = load(played.text())
    for side in played.sides.values():
        market = Market(said, side.name, played.seed)
        market.run()
        same(side.market, market)


# ---------------------------------------------------------------------------------------------------- the same numbers


def test_untouched_it_plays_the_scenario() -> None:
    played = finished(session())
    for side in played.sides.values():
        market = Market(opened(), side.strategy, 5)
        market.run()
        assert side.name == side.strategy
        same(side.market, market)
    assert played.story.added() == {}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (PRICE, 61.0), (ADS, 2.5), ("merchants.Leaf.plan.budget_per_day", 900.0), ("merchants.Leaf.plan.discount", 0.3),
        ("merchants.Leaf.plan.group.size", 2), ("merchants.Leaf.products.green.quality", 0.35),
        ("merchants.Leaf.plan.ads.target", "broad"),
    ],
)  # fmt: skip
def test_a_lever_moved_on_the_way_is_an_event_of_that_day_and_of_that_side(path: str, value: Any) -> None:
    played = session("same", "same")
    played.step(9)
    untouched = Market(opened(), "same", 5)
    untouched.run()
    played.move("B", path, value)
    finished(played)
    assert played.story.added()["events"] == [
        {"name": "same_B day 9", "day": 9, "strategies": ["same_B"], "change": {path: value}}
    ]
    same(played.sides["A"].market, untouched)
    changed = played.sides["B"].market.tables()["daily"]
    before = untouched.tables()["daily"]
    for name in ("impressions", "clicks", "orders", "gmv", "shares"):
        np.testing.assert_array_equal(changed[name][:9], before[name][:9])
    assert any(not np.array_equal(changed[name], before[name], equal_nan=True) for name in changed)
    assert_yaml_says_so(played)


def test_a_long_afternoon_of_moves_events_and_resets_is_still_one_yaml() -> None:
    played = session("dearer", "louder")
    played.move("A", PRICE, 52.0)
    played.step(4)
    played.move("B", ADS, 0.5)
    played.move("B", ADS, 1.5)
    played.move("B", "merchants.Leaf.plan.mix.koc", 1.0)
    played.throw("parcel_jam", days=6, strength=0.5)
    played.step(3)
    played.throw("algorithm_change", at="notes")
    played.move("A", PRICE, 49.0)
    played.throw("trust_crisis")
    finished(played)
    assert [event["day"] for event in played.story.events] == [4, 4, 7, 7, 7]
    assert played.story.events[0]["change"] == {ADS: 1.5, "merchants.Leaf.plan.mix.koc": 1.0}
    assert_yaml_says_so(played)
    played.reset(seed=8, consumers=250, days=12)
    assert played.story.events == []
    assert played.story.moved["dearer_A"][PRICE] == 49.0
    assert played.story.moved["louder_B"][ADS] == 1.5
    played.step(DAYS)
    assert played.day == 12
    assert played.sides["A"].market.network.n == 250
    assert_yaml_says_so(played)
    played.clear()
    assert (played.story.moved, played.story.events) == ({}, [])


def test_warm_up_is_lived_before_the_first_day() -> None:
    played = session(warmup=6)
    assert played.day == 0
    played.step(3)
    played.move("A", PRICE, 70.0)
    finished(played)
    assert_yaml_says_so(played)


# ----------------------------------------------------------------------------------------------------- first and later


def test_before_the_first_day_a_move_is_part_of_the_strategy_and_moving_back_is_none() -> None:
    played = session()
    played.move("A", PRICE, 50.0)
    assert played.story.added() == {"strategies": {"same_A": {PRICE: 50.0}}}
    assert played.values("A")[PRICE] == 50.0
    assert played.values("B")[PRICE] == 45
    played.move("A", PRICE, 45)
    assert played.story.added() == {}
    assert played.sides["A"].name == "same"


def test_what_is_fixed_when_the_market_is_built_waits_for_the_reset() -> None:
    stock = "merchants.Leaf.products.black.inventory"
    played = session("same", "stocked", strategies={"same": {}, "stocked": {stock: 40}})
    assert played.levers[stock].applies == "build"
    played.step(3)
    played.move("A", stock, 9)
    assert played.story.events == []
    assert played.values("A")[stock] == 9
    played.step(2)
    assert played.sides["A"].market.scenario.merchants[0].products[1].inventory == 150
    played.reset()
    assert played.story.moved == {"same_A": {stock: 9}}
    played.step(1)
    assert played.sides["A"].market.scenario.merchants[0].products[1].inventory == 9


def test_another_strategy_of_a_side_begins_at_day_0() -> None:
    played = session()
    played.step(5)
    played.choose("B", "dearer")
    assert (played.day, played.sides["B"].name) == (0, "dearer")
    with pytest.raises(ScenarioError, match="no strategy"):
        played.choose("B", "none such")


# ----------------------------------------------------------------------------------------------------------- refusals


def test_a_refused_change_leaves_everything_as_it_was() -> None:
    played = session()
    played.step(5)
    text, version = played.text(), played.changed
    refused = [
        lambda: played.move("A", "market.consumers", 10),
        lambda: played.move("A", PRICE, float("nan")),
        lambda: played.move("A", PRICE, "45; drop"),
        lambda: played.move("A", PRICE, -1.0),
        lambda: played.move("A", PRICE, True),
        lambda: played.move("A", "merchants.Leaf.plan.group.size", 2.5),
        lambda: played.move("A", "merchants.Leaf.plan.ads.target", "nobody"),
        lambda: played.throw("no such thing"),
        lambda: played.throw("entrant"),  # needs a place
        lambda: played.throw("parcel_jam", strength=99),
        lambda: played.throw("parcel_jam", of="Nobody"),
        lambda: played.reset(consumers=-5),
    ]  # fmt: skip
    for attempt in refused:
        with pytest.raises(ScenarioError):
            attempt()
    assert (played.text(), played.changed) == (text, version)
    finished(played)
    assert_yaml_says_so(played)
    with pytest.raises(ScenarioError, match="last day"):
        played.move("A", PRICE, 60.0)


def test_two_jams_of_parcels_exclude_each_other_until_the_first_is_over() -> None:
    played = session()
    played.step(2)
    played.throw("parcel_jam", days=3)
    with pytest.raises(ScenarioError, match="in force together"):
        played.throw("parcel_jam", days=3)
    played.step(3)
    played.throw("parcel_jam", days=3)
    assert len({event["name"] for event in played.story.events}) == 2


def test_every_event_of_the_library_can_be_thrown_in() -> None:
    played = session()
    played.step(2)
    for name in shelf("events"):
        played.throw(name, at="film" if name == "entrant" else None)
    played.step(2)
    assert len(played.story.events) == len(shelf("events"))


def test_a_market_too_large_for_a_page_is_refused_in_words() -> None:
    with pytest.raises(ScenarioError, match="consumers 20000"):
        session(consumers=3_000_000).ready()


# ------------------------------------------------------------------------------------------------------------- levers


@pytest.mark.parametrize("name", ["koc_or_kol", "group_size", "life_cycle", "price_followers", "own_network"])
def test_levers_have_the_units_and_bounds_of_their_passports(name: str, scenarios: Path) -> None:
    made = load(scenarios / f"{name}.yaml")
    found = levers(made)
    assert {lever.group for lever in found} >= {"strategy", "plan", "prices"}
    assert len({lever.path for lever in found}) == len(found)
    for lever in found:
        entry = explain(lever.path)
        assert (lever.unit, lever.description, lever.applies) == (entry.unit, entry.description, entry.applies)
        if lever.kind in ("number", "whole"):
            assert lever.low < lever.high
            assert lever.step > 0
            assert lever.takes(int(lever.high) if lever.kind == "whole" else lever.high)
            assert lever.takes(int(lever.low) if lever.kind == "whole" else lever.low)


def test_each_lever_moves_its_own_path_and_no_other(scenarios: Path) -> None:
    played = Session(load(scenarios / "koc_or_kol.yaml"), "seed_then_blast", "koc_first")
    before = played.values("A")
    for lever in list(played.levers.values())[::3]:
        if lever.path not in before or lever.kind not in ("number", "whole"):
            continue
        value = lever.high if before[lever.path] != lever.high else lever.low
        try:
            played.move("A", lever.path, value)
        except ScenarioError:
            # phases turned round; nobody to go live; posts of its own are off
            assert "day" in lever.path or lever.path.endswith(("mix.live", "mix.content"))
            continue
        after = played.values("A")
        assert {path for path in before if after[path] != before[path]} == {lever.path}
        played.move("A", lever.path, before[lever.path])
        assert played.values("A") == before


# -------------------------------------------------------------------------------------------------------------- story


def test_settings_of_the_command_line_are_written_into_the_yaml() -> None:
    settings = {"market.consumers": 150, PRICE: {"scale": 2.0}, "merchants.*.plan.budget_per_day": 33.0}
    made = load(CITY, set=settings)
    again = load(Story(made).text([]))
    for name in (None, *made.strategies):
        ours, theirs = again.for_strategy(name).resolved(), made.for_strategy(name).resolved()
        assert ours.pop("strategies") != theirs.pop("strategies")
        assert ours == theirs
        assert again.for_strategy(name).scale == made.for_strategy(name).scale


@pytest.mark.parametrize("name", ["own_data", "own_network"])
def test_data_files_are_found_from_a_download_anywhere(name: str, scenarios: Path, tmp_path: Path) -> None:
    made = load(scenarios / f"{name}.yaml")
    story = Story(made)
    file = tmp_path / "live.yaml"
    file.write_text(story.text([]), encoding="utf-8")
    assert story.folder is not None
    again = load(file, data=story.folder)
    played = story.scenario()
    for one in (again, played):
        ours, theirs = one.resolved(), made.resolved()
        for resolved in (ours, theirs):
            resolved["network"].pop("path", None)
            (resolved["orders"] or {}).pop("file", None)
        assert ours == theirs


# -------------------------------------------------------------------------------------------------------------- graph


def test_the_picture_shows_neighbours_at_places_that_stay_and_what_they_are() -> None:
    played = session()
    played.step(12)
    reader = Reader()
    first = reader.read(played)
    played.step(4)
    second = reader.read(played)
    assert first.sample is second.sample
    shown, market = second.sample, played.sides["A"].market
    assert shown is not None
    assert len(set(shown.people.tolist())) == len(shown.people) == 300
    for a, b in shown.ties.tolist():
        assert shown.people[b] in market.network.neighbours(int(shown.people[a]))
    assert shown.x.min() >= 0
    assert shown.x.max() <= 1
    mine = market.world.products.merchant == market.world.merchants.index("Leaf")
    bought = (market.state.columns["units"][:, mine] > 0).any(axis=1)
    aware = ((market.state.columns["flags"][:, mine] & AWARE) != 0).any(axis=1)
    side = second.sides["A"]
    np.testing.assert_array_equal(side.nodes == graph.BOUGHT, bought[shown.people])
    assert aware[shown.people[side.nodes == graph.AWARE_ONLY]].all()
    assert not aware[shown.people[side.nodes == graph.UNAWARE]].any()
    told = market.state.columns["referrer"][shown.people][:, mine]
    assert len(side.told) > 0
    for by, who in side.told.tolist():
        assert shown.people[by] in told[who]
    assert side.metrics["gmv"] == market.tables()["summary"]["gmv"]


def test_without_ties_there_is_a_picture_all_the_same() -> None:
    played = session(network={"kind": "well_mixed"})
    played.step(1)
    picture = Reader().read(played)
    assert picture.sample is not None
    assert len(picture.sample.ties) == 0
    assert len(np.unique(np.stack([picture.sample.x, picture.sample.y]), axis=1).T) == len(picture.sample.people)


# --------------------------------------------------------------------------------------------------- what a lever means


def test_the_first_mention_of_each_word_leads_to_the_glossary_and_nothing_else_does() -> None:
    said = linked("A <slot fee> of KOLs; slot fees of non-KOL brandish")
    assert said.count("<a ") == 2
    assert said.startswith('A &lt;<a href="#word-slot-fee" title="What a creator asks')
    assert '">KOLs</a>; slot fees of non-KOL brandish' in said
    for anchor in ("word-slot-fee", "word-kol"):
        assert f'id="{anchor}"' in fold("Words")
    assert 'title="达人（意见领袖）：' in linked("a KOL", "zh")


def test_a_lever_has_the_range_of_the_schema_and_the_one_the_scenario_gives() -> None:
    reach = "mechanisms.sharing.reach_per_share"
    found = {lever.path: lever for lever in levers(opened(uncertainties={reach: (0.1, 0.2), PRICE: (40, 60)}))}
    told = explain(reach)
    assert (found[reach].plausible, found[reach].uncertain) == (told.plausible, (0.1, 0.2))
    assert (found[PRICE].plausible, found[PRICE].uncertain) == (None, (40.0, 60.0))
    assert found[ADS].uncertain is None
