"""The parameter book: every field of a scenario with its unit, bounds, default, source and standing.

A path may name an item of a list (``merchants.Lumi.cash``), stand for all (``merchants.*.cash``) or leave it out
(``merchants.cash``). A last name alone will do where only one field has it (``reach_per_share``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from sim.contract import Problem, Registry, ScenarioError
from sim.scenario.paths import ANY, PathError, Place, format_path, nearest, parse_path
from sim.scenario.scenario import Scenario, scenario_class

STANDINGS = {
    "V": "verified in the literature",
    "V2": "from a secondary source",
    "K": "field knowledge",
    "A": "assumption",
    "S": "market reports",
}
_BOUNDS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<", "min_length": "length >=", "max_length": "length <="}

_NAMES = {
    int: "whole number", float: "number", bool: "true or false", str: "text", type(None): "none", Any: "anything",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One line of the book. ``parts`` are the keys inside, for a field that has fields of its own."""

    path: str
    description: str
    type: str
    default: str
    unit: str
    bounds: str
    plausible: tuple[float, float] | None
    source: str
    standing: str
    applies: str
    extensive: bool
    parts: tuple[str, ...] = ()

    def row(self) -> dict[str, Any]:
        """The entry as a flat mapping, for a table."""
        low, high = self.plausible or ("", "")
        return {
            "path": self.path, "description": self.description, "type": self.type, "default": self.default,
            "unit": self.unit, "bounds": self.bounds, "plausible_low": low, "plausible_high": high,
            "source": self.source, "standing": self.standing, "applies": self.applies, "extensive": self.extensive,
        }  # fmt: skip


def explain(path: str, registry: Registry | None = None) -> Entry:
    """The entry of a path. Raises ScenarioError naming the nearest when there is none."""
    root = Place.root(scenario_class(registry))
    try:
        names = parse_path(path)
    except PathError as error:
        raise ScenarioError([Problem(str(error), path)]) from None
    if len(names) == 1 and names[0] not in Scenario.model_fields:
        return explain(_only(names[0], registry), registry)
    place, at = root, list[str]()
    for name, then in zip(names, [*names[1:], None], strict=True):
        place = _into_items(place, name, then, at)
        if name == ANY and at and at[-1] == ANY:
            continue
        known = place.keys()
        if known is not None and name not in known:
            raise ScenarioError([Problem(f"unknown path: {_name(at)} has no {name!r}{nearest(name, known)}", path)])
        inner = place.child(name)
        if not inner.kinds:
            item = place.child(0)
            if not item.models():
                raise ScenarioError([Problem(f"unknown path: {_name(at)} has nothing inside", path)])
            at.append(ANY)
            place = item
            continue
        at.append(name)
        place = inner
    return _entry(format_path(at), place)


def book(registry: Registry | None = None) -> Iterator[Entry]:
    """Every parameter, in the order of the schema; sections are opened, not listed."""
    yield from _leaves(Place.root(scenario_class(registry)), ())


def _into_items(place: Place, name: str, then: str | None, at: list[str]) -> Place:
    """From a list of named items to its items, when the next name is a field of theirs or a wildcard.

    An item may be called as a field is (a product named ``green``): the name after it, ``then``, tells which is meant.
    """
    item = place.child(0)
    if not item.models() or place.models():
        return place
    fields = item.keys() or []
    called = then in fields and not _may_hold(item.child(name), then)
    if name == ANY or (name in fields and not called):
        at.append(ANY)
        return item
    return place


def _may_hold(place: Place, name: str | None) -> bool:
    """Whether something of that name may be inside a place."""
    known = place.keys()
    return name in known if known is not None else place.is_open or bool(place.child(0).models())


def _name(at: list[str]) -> str:
    return format_path(at) or "a scenario"


def _only(name: str, registry: Registry | None) -> str:
    """The one path whose last name this is. Raises ScenarioError when there are none or several."""
    paths = list(dict.fromkeys(entry.path for entry in book(registry)))
    fitting = [p for p in paths if p.rpartition(".")[2] == name]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        shown = ", ".join(fitting[:8]) + (", ..." if len(fitting) > 8 else "")
        raise ScenarioError([Problem(f"several fields have this name: {shown}", name)])
    lasts = {p.rpartition(".")[2]: p for p in reversed(paths)}
    near = get_close_matches(name, [*lasts, *Scenario.model_fields], n=1, cutoff=0.6)
    hint = f"; did you mean {lasts.get(near[0], near[0])!r}?" if near else ""
    raise ScenarioError([Problem(f"unknown path{hint}", name)])


def _leaves(place: Place, at: tuple[str, ...]) -> Iterator[Entry]:
    models = place.models()
    item = place.child(0)
    if models:
        for model in models:
            for name in model.model_fields:
                yield from _leaves(place.child(name, _kind(model)), (*at, name))
    elif item.models():
        yield from _leaves(item, (*at, ANY))
    else:
        yield _entry(format_path(at), place)


def _kind(model: type[BaseModel]) -> dict[str, Any]:
    """What data of one member of a union would say of themselves."""
    kinds = get_args(model.model_fields["kind"].annotation) if "kind" in model.model_fields else ()
    return {"kind": kinds[0]} if kinds else {}


def _entry(path: str, place: Place) -> Entry:
    info = place.info
    item = place.child(0)
    plausible = place.extra("plausible")
    return Entry(
        path=path,
        description=(info.description if info else None) or "",
        type=type_name(place),
        default=_default(place),
        unit=str(place.extra("unit", "-")),
        bounds=_bounds(place),
        plausible=(float(plausible[0]), float(plausible[1])) if plausible else None,
        source=str(place.extra("source", "-")),
        standing=STANDINGS.get(str(place.extra("standing", "A")), "-"),
        applies=place.applies,
        extensive=bool(place.extra("extensive", False)),
        parts=tuple(place.keys() or item.keys() or ()),
    )


def _bounds(place: Place) -> str:
    rules = place.info.metadata if place.info else []
    found = [f"{sign} {getattr(rule, key):g}" for rule in rules for key, sign in _BOUNDS.items() if hasattr(rule, key)]
    return ", ".join(found)


def _default(place: Place) -> str:
    if place.info is None:
        return ""
    default = place.info.get_default(call_default_factory=False)
    if place.info.default_factory is not None:
        default = place.info.default_factory()  # type: ignore[call-arg]
    if default is PydanticUndefined:
        return "needed"
    if default is None:
        return "none"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, (BaseModel, list, dict)):
        return "" if isinstance(default, BaseModel) or default else "empty"
    return f"{default:g}" if isinstance(default, float) else str(default)


@lru_cache(maxsize=1024)
def _kind_name(kind: Any) -> str:
    if kind in _NAMES:
        return _NAMES[kind]
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " | ".join(str(choice) for choice in args)
    if origin in (list, tuple):
        return f"list of {type_name(Place((kind,)).child(0))}"
    if origin is dict:
        return f"mapping to {type_name(Place((kind,)).child(''))}"
    return "mapping" if isinstance(kind, type) and issubclass(kind, BaseModel) else str(getattr(kind, "__name__", kind))


def type_name(place: Place) -> str:
    """The types allowed at a place, in words."""
    return " or ".join(dict.fromkeys(_kind_name(kind) for kind in place.kinds))
