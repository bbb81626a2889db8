"""What the schema knows of a field: found by its path, or by its last name, and told in words."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_origin

from pydantic import BaseModel

from sim import plugins
from sim.contract import ScenarioError
from sim.scenario.paths import PathError, Place, nearest, parse_path
from sim.scenario.scenario import scenario_class

STANDING = {
    "V": "verified in the literature",
    "V2": "from a secondary source",
    "K": "field knowledge",
    "A": "assumption",
    "S": "market reports",
}
_BOUNDS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario, for editors; ``extends`` included."""
    made = scenario_class(plugins.known()).model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "Scenario"
    several = [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
    made["properties"]["extends"] = {"description": "Presets or files this one builds on.", "anyOf": several}
    return made


def locate(path: str) -> Place:
    """The place of a dotted path in the schema; list items by any name. Raises ScenarioError with the nearest key."""
    try:
        names = parse_path(path)
    except PathError as error:
        raise ScenarioError(f"{path}: {error}") from None
    place = Place.root(scenario_class(plugins.known()))
    for k, name in enumerate(names):
        found = _step(place, name)
        if found is None:
            known = place.keys() or (item.keys() if (item := _item(place)) else None) or []
            so_far = ".".join(names[:k]) or "a scenario"
            raise ScenarioError(f"{path}: {so_far} has no {name!r}{nearest(name, known)}")
        place = found
    return place


def _step(place: Place, name: str) -> Place | None:
    direct = place.child(name)
    if direct.kinds:
        return direct
    item = _item(place)
    if item is None:
        return None
    return item.child(name) if name in (item.keys() or []) else item


def _item(place: Place) -> Place | None:
    """The place of the items when a list stands here."""
    if not any(get_origin(kind) is list for kind in place.kinds):
        return None
    return place.child(0)


def leaves(place: Place | None = None, path: str = "") -> Iterator[tuple[str, Place]]:
    """Every field of the schema with its path, ``*`` for a name of the user's own."""
    place = place or Place.root(scenario_class(plugins.known()))
    models = place.models()
    item = _item(place)
    if models:
        for model in models:
            for name in model.model_fields:
                yield from leaves(place.child(name, _kind(model)), f"{path}.{name}" if path else name)
    elif item is not None and item.models():
        yield from leaves(item, f"{path}.*")
    else:
        yield path, place


def _kind(model: type[BaseModel]) -> dict[str, Any]:
    info = model.model_fields.get("kind")
    kinds = getattr(info.annotation, "__args__", ()) if info else ()
    return {"kind": kinds[0]} if kinds else {}


def search(word: str) -> list[str]:
    """Paths of the fields whose last name is ``word``; failing that, of those whose path contains it."""
    paths = list(dict.fromkeys(path for path, _ in leaves()))
    return [p for p in paths if p.rsplit(".", 1)[-1] == word] or [p for p in paths if word in p]


def ending(tail: str) -> list[str]:
    """Paths that end in these names, as ``presale.moq``."""
    paths = dict.fromkeys(path for path, _ in leaves())
    return [path for path in paths if path.endswith(f".{tail}")]


def suggestions(word: str, more: list[str]) -> str:
    """``; did you mean ...`` over fields and whatever else can be explained."""
    last = {path.rsplit(".", 1)[-1] for path, _ in leaves()}
    near = get_close_matches(word.rsplit(".", 1)[-1], sorted(last | set(more)), n=3)
    return f"; did you mean {', '.join(map(repr, near))}?" if near else ""


def passport(path: str, place: Place) -> dict[str, Any]:
    """Description, type, unit, default, bounds, standing and source of one field."""
    made: dict[str, Any] = {"path": path}
    info = place.info
    if info is None:
        return made
    made["description"] = info.description or ""
    made["type"] = " or ".join(_type(kind) for kind in place.kinds)
    unit = place.extra("unit", "-")
    if unit != "-":
        made["unit"] = unit
    made["default"] = _default(info)
    bounds = [f"{sign} {getattr(note, name)}" for note in info.metadata for name, sign in _BOUNDS.items()
              if getattr(note, name, None) is not None]  # fmt: skip
    if bounds:
        made["bounds"] = " and ".join(bounds)
    plausible = place.extra("plausible")
    if plausible:
        made["plausible"] = f"{plausible[0]} to {plausible[1]}"
    made["changes"] = "any day" if place.applies == "day" else "fixed when the market is built"
    if place.extra("extensive"):
        made["scales"] = "stated for market.reference_consumers, scaled with the number of consumers"
    source = place.extra("source")
    if source and not info.is_required() and not place.models() and not _item(place):
        standing = STANDING.get(place.extra("standing", "A"), "")
        made["source"] = source if source == standing else f"{source} ({standing})"
    keys = place.keys() or (item.keys() if (item := _item(place)) else None)
    if keys:
        made["fields"] = ", ".join(keys)
    return made


def _type(kind: Any) -> str:
    if kind is type(None):
        return "none"
    return str(getattr(kind, "__name__", kind)) if get_origin(kind) is None else str(kind).replace("typing.", "")


def _default(info: Any) -> str:
    if info.is_required():
        return "needed"
    value = info.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or (isinstance(value, list) and value and isinstance(value[0], BaseModel)):
        return "see its fields"
    return "none" if value is None else str(value)


def value_at(resolved: Any, path: str) -> Any:
    """What stands at a path in a resolved scenario; None where nothing does."""
    here = resolved
    for name in parse_path(path):
        if isinstance(here, list):
            here = next((item for item in here if isinstance(item, dict) and item.get("name") == name), None)
        elif isinstance(here, dict):
            here = here.get(name)
        else:
            return None
    return here
