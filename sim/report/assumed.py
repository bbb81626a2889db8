"""The assumptions a result stands on: parameters of standing A, and what the scenario itself calls uncertain."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from sim.scenario.passports import passports

Row = dict[str, Any]


def parameters(comparison: Any) -> list[Row]:
    """The mechanisms' parameters in force, or the rows that the comparison brings along as ``assumptions``."""
    given = getattr(comparison, "assumptions", None)
    if given is not None and len(given):
        listed = given.to_dict("records") if hasattr(given, "to_dict") else [dict(row) for row in given]
        return [
            {"standing": "A", "value": "", "unit": "", "range": None, "meaning": "", "source": "", **row}
            for row in listed
        ]
    mechanisms = getattr(comparison.scenario, "mechanisms", None)
    return list(passports(mechanisms, "mechanisms")) if isinstance(mechanisms, BaseModel) else []


def uncertain(scenario: Any, known: list[Row]) -> list[Row]:
    """The scenario's uncertainties: path, range, the value in force, what it means."""
    by_path = {row["path"]: row for row in known}
    found = []
    for path, limits in dict(getattr(scenario, "uncertainties", None) or {}).items():
        row = by_path.get(path, {})
        now = row.get("value", lookup(scenario, str(path)))
        found.append(
            {
                "path": str(path),
                "range": limits,
                "value": now,
                "unit": row.get("unit", ""),
                "meaning": row.get("meaning", ""),
            }
        )
    return found


def lookup(block: Any, path: str) -> Any:
    """The value at a dotted path of objects, mappings and lists of named items; "" when the path leads nowhere."""
    for part in path.split("."):
        if isinstance(block, (list, tuple)):
            block = next((item for item in block if _name(item) == part), None)
        else:
            block = block.get(part) if isinstance(block, dict) else getattr(block, part, None)
        if block is None:
            return ""
    return "" if isinstance(block, (BaseModel, dict, list)) else block


def _name(item: Any) -> Any:
    return item.get("name") if isinstance(item, dict) else getattr(item, "name", None)


def plain(value: Any) -> str:
    """A value as a person writes it in YAML: no quotes, short numbers, ``low to high`` for a range."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:,.6g}" if abs(value) >= 1e4 else f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(item) for item in value)
    return str(value)


def span(value: Any) -> str:
    """A range ``[low, high]`` as text; anything else as :func:`plain`."""
    if isinstance(value, (list, tuple)) and len(value) == 2:
        return f"{plain(value[0])} – {plain(value[1])}"
    return plain(value)
