"""The JSON Schema of scenarios, for editors: completion, descriptions, bounds.

An editor finds it through the first line of a scenario, ``# yaml-language-server: $schema=scenario.schema.json``.
"""

from __future__ import annotations

from typing import Any

from sim.contract import Registry
from sim.scenario.library import MOST_STRENGTH, shelf
from sim.scenario.scenario import scenario_class

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(registry: Registry | None = None) -> dict[str, Any]:
    """The schema as plain data; ``extends`` and ``use``, which the model never sees, are in it."""
    made = scenario_class(registry).model_json_schema()
    several = [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
    made["$schema"] = DRAFT
    made["title"] = "Scenario"
    made["description"] = "A scenario of the simulator: the market, what may be done in it, what is asked of it."
    made["properties"]["extends"] = {"description": "Files or packaged presets this one builds on.", "anyOf": several}
    _usable(made["$defs"]["Event"])
    for block in (made, *made.get("$defs", {}).values()):
        _tag_optional(block)
        for field in block.get("properties", {}).values():
            _describe(field)
    return made


def _usable(event: dict[str, Any]) -> None:
    """An event of the library needs its day alone; ``use`` and what goes with it the model never sees."""
    event["properties"] |= {
        "use": {"description": "Event of the library; see sim list events.", "enum": shelf("events")},
        "strength": {"description": "1: as the library has it.", "type": "number", "exclusiveMinimum": 0,
                     "maximum": MOST_STRENGTH},
        "of": {"description": "Merchant it is about; none: the focal or only one.", "type": "string"},
        "at": {"description": "Platform it is about; none: all.", "type": "string"},
    }  # fmt: skip
    event["required"] = ["day"]
    event["anyOf"] = [{"required": ["use"]}, {"required": ["name", "change"]}]


def _tag_optional(block: dict[str, Any]) -> None:
    """A network may leave out its kind: a union by ``kind`` is then any of its members."""
    for field in block.get("properties", {}).values():
        if "oneOf" in field and "discriminator" in field:
            field["anyOf"] = field.pop("oneOf")
            del field["discriminator"]


def _describe(field: dict[str, Any]) -> None:
    """Put unit and source into the description, which is what editors show."""
    unit, source = field.get("unit", "-"), field.get("source", "assumption")
    notes = [f"[{unit}]"] if unit != "-" else []
    if source != "assumption":
        notes.append(f"Source: {source}.")
    if notes:
        field["description"] = " ".join([field.get("description", ""), *notes]).strip()
