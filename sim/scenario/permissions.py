"""Who may change what, and when: strategies share one market, events change only what applies by the day (D13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.scenario.overrides import COMMON, MISSING, QUESTIONS
from sim.scenario.paths import Loc, Place, is_named_list, place_at


def refused_to_strategy(loc: Loc) -> str:
    """Why a strategy may not change this, or nothing."""
    if loc[0] in COMMON:
        return "a strategy cannot change this: strategies are compared on the same people, network and days"
    if loc[0] in QUESTIONS:
        return "a strategy changes the market, not the question asked of it"
    return ""


def refused_to_event(loc: Loc, before: Any, after: Any, root: Place) -> Loc | None:
    """The first thing at ``loc`` that an event would change although it is fixed when the market is built, or None."""
    if loc[0] in QUESTIONS:
        return loc
    place = place_at(root, loc, before)
    old, new = _at(before, loc), _at(after, loc)
    if not isinstance(old, (dict, list)) and not isinstance(new, (dict, list)):
        return loc if place.applies == "build" else None
    return next(_fixed(old, new, place, loc), None)


def _fixed(old: Any, new: Any, place: Place, loc: Loc) -> Iterator[Loc]:
    """Locations of differing values that apply when the market is built."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _fixed(old.get(key, MISSING), new.get(key, MISSING), place.child(key, old), (*loc, key))
    elif is_named_list(old) and is_named_list(new) and [i["name"] for i in old] == [i["name"] for i in new]:
        for k, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _fixed(one, other, place.child(k, old), (*loc, k))
    elif old != new and place.applies == "build":
        yield loc


def _at(data: Any, loc: Loc) -> Any:
    for key in loc:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return data
