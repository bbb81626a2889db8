"""The declared quantities of a scenario as they stand: value, unit, source, standing, plausible range."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from sim.scenario.paths import quote


def passports(block: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Every declared quantity below a pydantic object: path, value, unit, standing, source, plausible range, meaning.

    Lists of named items are walked by name; mechanisms that are switched off are skipped: what they assume is not used.
    """
    if getattr(block, "enabled", True) is False or not isinstance(block, BaseModel):
        return
    for name, field in type(block).model_fields.items():
        value, here = getattr(block, name), f"{path}.{name}" if path else name
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        if isinstance(value, BaseModel):
            yield from passports(value, here)
        elif isinstance(value, (list, tuple)) and value and all(isinstance(item, BaseModel) for item in value):
            for i, item in enumerate(value):
                yield from passports(item, f"{here}.{quote(str(getattr(item, 'name', i)))}")
        elif "standing" in extra and value is not None:
            yield {
                "path": here,
                "value": value,
                "unit": extra.get("unit", ""),
                "standing": extra["standing"],
                "source": extra.get("source", ""),
                "range": extra.get("plausible"),
                "meaning": field.description or "",
                "set": name in block.model_fields_set,
            }


ROUTE = "logistics.delivery_days"
WORLD = ("network", "logistics", "mechanisms")
"""Blocks that say how the world works; the others say which case is asked about (who sells what to whom)."""


def ranged(scenario: Any, standing: str = "") -> dict[str, tuple[float, float]]:
    """Range by path of every number in force that says how the world works and has a plausible range; with a
    ``standing`` only those of it.

    A range is widened to hold the value in force, which somebody has chosen. Lists of named items (segments, regions)
    are the case's own and have no part.
    """
    found = {}
    for name in WORLD:
        for row in passports(getattr(scenario, name, None), name):
            now, ends = row["value"], row["range"]
            number = isinstance(now, (int, float)) and not isinstance(now, bool)
            if ends and number and standing in ("", row["standing"]):
                found[str(row["path"])] = (min(float(ends[0]), now), max(float(ends[1]), now))
    if ROUTE in found:  # a promise shorter than the route is refused, so the route is varied up to the promise
        low, high = found[ROUTE]
        found[ROUTE] = (low, max(low, min(high, float(scenario.logistics.promise_days))))
    return found


def assumed(scenario: Any) -> dict[str, tuple[float, float]]:
    """:func:`ranged`, of the numbers that are assumptions (standing A)."""
    return ranged(scenario, "A")
