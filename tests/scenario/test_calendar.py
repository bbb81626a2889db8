"""Dates of events: what is in force on a day of the calendar, and the presets made of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract import ScenarioError
from sim.scenario import Scenario, load
from sim.scenario.loading import presets

CALENDAR = [name for name in presets() if "/calendar/" in name]
starts = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def scenario(start: date | None, events: list[dict[str, Any]], days: int = 800) -> Scenario:
    market = {"consumers": 500, "days": days} | ({} if start is None else {"start": start.isoformat()})
    return load({
        "market": market, "events": events,
        "categories": [{"name": "beauty", "reference_price": 150, "occasions_per_year": 6}],
        "merchants": [{"name": "Lumi", "products": [{"name": "serum", "category": "beauty", "price": 199}]}],
    })  # fmt: skip


def needs(made: Scenario, day: int) -> float:
    return made.on_day(day).categories[0].occasions_per_year


def event(**more: Any) -> dict[str, Any]:
    return {"name": "e", "change": {"categories.beauty.occasions_per_year": 9}, **more}


@settings(max_examples=40)
@given(start=starts, month=st.integers(1, 12), day=st.integers(1, 28), days=st.integers(1, 40))
def test_a_day_of_the_year_comes_every_year(start: date, month: int, day: int, days: int) -> None:
    made = scenario(start, [event(day=f"{month:02d}-{day:02d}", days=days)])
    for number in range(0, 800, 7):
        today = start + timedelta(number)
        meant = any(0 <= (today - date(today.year - back, month, day)).days < days for back in (0, 1))
        assert (needs(made, number) == 9) is meant, today


@settings(max_examples=30)
@given(start=starts, first=starts, days=st.integers(1, 5), every=st.integers(5, 30))
def test_an_event_may_come_again_and_again(start: date, first: date, days: int, every: int) -> None:
    made = scenario(start, [event(day=first.isoformat(), days=days, every=every)], days=200)
    for number in range(200):
        since = (start + timedelta(number) - first).days
        assert (needs(made, number) == 9) is (since >= 0 and since % every < days)
    turned = {n for n in range(1, 200) if needs(made, n) != needs(made, n - 1)}
    assert turned <= set(made.change_days), "the market looks at the calendar on these days only"


def test_what_began_before_the_start_is_in_force_on_day_0() -> None:
    made = scenario(date(2025, 6, 1), [event(day="2025-05-30", days=4)])
    assert [needs(made, day) for day in range(4)] == [9, 9, 6, 6]
    assert made.change_days == [2]
    assert [needs(scenario(date(2025, 6, 1), [event(day="2025-06-03")]), day) for day in (1, 2, 700)] == [6, 9, 9]
    assert needs(scenario(date(2025, 6, 1), [event(day="2024-06-03", days=9)]), 0) == 6


@pytest.mark.parametrize(
    ("start", "fields", "said"),
    [
        (None, {"day": "2025-06-18"}, "events.e.day: 2025-06-18 is a date: say which day is day 0"),
        (None, {"day": "06-18"}, "is a date"),
        (date(2025, 1, 1), {"day": "02-30"}, "must be a date such as 2025-06-18"),
        (date(2025, 1, 1), {"day": "18 June"}, "must be a date such as 2025-06-18"),
        (date(2025, 1, 1), {"day": -1}, "must be >= 0"),
        (date(2025, 1, 1), {"day": 3, "every": 7}, "events.e.every: it comes again before it has ended"),
        (date(2025, 1, 1), {"day": 3, "every": 7, "days": 8}, "it comes again before it has ended"),
    ],
)
def test_bad_dates(start: date | None, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario(start, [event(**fields)])
    assert said in str(caught.value)


def test_weekends_are_saturdays_and_sundays() -> None:
    said = scenario(date(2025, 5, 20), []).resolved()
    base = {key: said[key] for key in ("market", "categories", "merchants")}
    made = load(base | {"extends": "presets/calendar/weekends.yaml"})
    busy = {(date(2025, 5, 20) + timedelta(n)).weekday() for n in range(60) if needs(made, n) > 6}
    assert busy == {5, 6}
    assert all(needs(made, n) > 6 for n in range(60) if (date(2025, 5, 20) + timedelta(n)).weekday() >= 5)


@pytest.mark.parametrize("name", CALENDAR)
def test_festivals_move_needs_and_the_price_of_ads(name: str) -> None:
    """Each preset acts in every year from 2025 to 2027 and leaves most days as they were."""
    said = scenario(date(2025, 1, 1), []).resolved()
    base = {key: said[key] for key in ("categories", "merchants")}
    for year in (2025, 2026, 2027):
        made = load(base | {"extends": name, "market": {"consumers": 500, "days": 365, "start": f"{year}-01-01"}})
        days = [made.on_day(n) for n in range(365)]
        assert max(d.categories[0].occasions_per_year for d in days) > 6
        assert max(d.mechanisms.ads.cpm_median for d in days) > made.mechanisms.ads.cpm_median
        calm = [d for d in days if d is made]
        assert len(calm) > 200
