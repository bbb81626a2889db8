"""Days as people write them: numbers, dates, days of the year; and when an event is in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any


def day_of(day: int | str, start: str | None) -> int | None:
    """A day as a number: dates count from ``start``; None for a date without one."""
    if isinstance(day, int):
        return day
    return None if start is None else (date.fromisoformat(day) - date.fromisoformat(start)).days


def spans(event: Any, market: Any) -> Iterator[tuple[int, int | None]]:
    """First day and end (excluded, None: never) of each time an event is in force, up to the horizon.

    A date may lie before day 0. What is over by then is left out, and so are repetitions past the horizon.
    """
    for first in _beginnings(event, market):
        end = None if event.days is None else first + event.days
        if end is None or end > 0:
            yield first, end


def _beginnings(event: Any, market: Any) -> Iterator[int]:
    if isinstance(event.day, str) and len(event.day) == len("06-18"):
        if market.start is None:
            return
        start = date.fromisoformat(market.start)
        last = start.toordinal() + market.days
        for year in range(start.year - 1, date.fromordinal(last).year + 1):
            ordinal = date.fromisoformat(f"{year}-{event.day}").toordinal()
            if ordinal <= last and (event.days is not None or ordinal >= start.toordinal()):
                yield ordinal - start.toordinal()
        return
    first = day_of(event.day, market.start)
    if first is None:
        return
    if event.every is None:
        yield first
    else:
        yield from range(first + max(0, -first // event.every) * event.every, market.days, event.every)


def active(events: Any, market: Any, day: int) -> list[int]:
    """Positions of the events in force on a day, by first day, then by position."""
    now = ((first, k) for k, event in enumerate(events) for first, end in spans(event, market)
           if first <= day and (end is None or day < end))  # fmt: skip
    return [k for _, k in sorted(now)]


def turns(events: Any, market: Any) -> set[int]:
    """Days on which an event begins or has just ended."""
    return {day for event in events for span in spans(event, market) for day in span if day is not None}
