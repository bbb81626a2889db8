"""What a scenario takes from the library: ``use: parcel_jam`` becomes the changes it stands for.

``events: [{use: parcel_jam, day: 60, days: 14, strength: 0.5}]`` and ``strategies: {x: {use: koc_circles}}`` name files
of ``presets/events`` and ``presets/strategies``. Such a file holds ``change``, that of an event also ``days``,
``exclusive`` and, in ``needs``, what must be said beside ``use``.

In its paths ``$owner`` stands for the merchant it is about (``of: NAME``; else the focal or only one), ``$rivals`` for
all others and ``$place`` for a platform (``at: NAME``; else all). Strength s turns ``{scale: x}`` into ``{scale: x^s}``
and ``{add: x}`` into ``{add: x s}``: 1 is the file as it stands. What is written beside ``use`` wins, path by path.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.contract import Problem
from sim.scenario.located import Map, Mark, Seq, plain
from sim.scenario.overrides import operator_of
from sim.scenario.paths import ANY, Loc, PathError, display, nearest, parse_path, quote
from sim.scenario.yamltext import parse

PRESETS = Path(__file__).resolve().parent / "presets"
MOST_STRENGTH = 5.0
_OF_EVENT, _OF_STRATEGY = ("use", "strength", "of", "at"), ("use", "of")
_ROLES = ("$owner", "$rivals", "$place")


class LibraryError(Exception):
    """Something of the library is named and cannot be used; the second part says by which key."""

    def __init__(self, message: str, key: str = "use") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class _Cast:
    """Who plays the roles of a file: names of merchants and of a platform."""

    merchants: tuple[str, ...]
    owner: str | None
    place: str | None

    def players(self, role: str) -> list[str]:
        """The names a role stands for."""
        if role == "$owner":
            if self.owner is None:
                raise LibraryError("whom is it about? Name the merchant: of: NAME, or focal: NAME for all")
            return [self.owner]
        if role == "$place":
            return [self.place or ANY]
        rivals = [name for name in self.merchants if name != self.owner]
        if not rivals:
            raise LibraryError("it is about rivals, and there are none here")
        return rivals


def shelf(kind: str) -> list[str]:
    """Names in the library: ``kind`` is ``events`` or ``strategies``."""
    return sorted(file.stem for file in (PRESETS / kind).glob("*.yaml"))


@lru_cache(maxsize=256)
def _file(kind: str, name: str) -> dict[str, Any]:
    bare = name.replace("\\", "/").removeprefix("presets/").removeprefix(f"{kind}/").removesuffix(".yaml")
    if bare not in shelf(kind):
        raise LibraryError(f"nothing in presets/{kind} is called {bare!r:.60}{nearest(bare, shelf(kind))}")
    data, _ = parse((PRESETS / kind / f"{bare}.yaml").read_text(encoding="utf-8"), f"presets/{kind}/{bare}.yaml")
    return dict(plain(data))


def christen(data: Map) -> None:
    """Give events that use something and have no name the name of what they use, so that files can be joined."""
    events = data.get("events")
    for event in events if isinstance(events, Seq) else ():
        if isinstance(event, Map) and isinstance(event.get("use"), str) and "name" not in event:
            event.put("name", event["use"].rpartition("/")[2].removesuffix(".yaml"), event.marks["use"])


def unpack(data: Map, label: str) -> list[Problem]:
    """Put the changes in place of every ``use`` of complete data. What cannot be used is taken out and told of."""
    problems: list[Problem] = []
    events, strategies = data.get("events"), data.get("strategies")
    if isinstance(events, Seq):
        kept = Seq(events.mark)
        kept.whole = events.whole
        for k, (event, mark) in enumerate(zip(events, events.marks, strict=True)):
            try:
                kept.put(_event(event, data) if _uses(event) else event, mark)
            except LibraryError as error:
                problems.append(_told(error, event, ("events", k), data, label))
        data.put("events", kept, data.marks["events"])
    if isinstance(strategies, Map):
        for name, change in filter(lambda item: _uses(item[1]), list(strategies.items())):
            try:
                made = _strategy(change, data)
            except LibraryError as error:
                problems.append(_told(error, change, ("strategies", name), data, label))
                made = Map(change.mark)
            strategies.put(name, made, strategies.marks[name])
    return problems


def _uses(item: Any) -> bool:
    return isinstance(item, Map) and "use" in item


def _told(error: LibraryError, item: Map, at: Loc, data: Map, label: str) -> Problem:
    key = error.key if error.key in item else "use"
    mark = item.marks[key]
    return Problem(str(error), display((*at, key), data), mark.file if mark else label, mark.line if mark else None)


def _event(event: Map, data: Map) -> Map:
    said = _file("events", _text(event, "use") or "")
    strength = event.get("strength", 1)
    if isinstance(strength, bool) or not isinstance(strength, (int, float)) or not 0 < strength <= MOST_STRENGTH:
        raise LibraryError(f"must be a number above 0 and at most {MOST_STRENGTH:g} (got {strength!r:.40})", "strength")
    for key in said.get("needs", ()):
        if key not in event:
            raise LibraryError(f"say where or whom: {key}: NAME beside use")
    cast = _cast(event, data)
    mark = event.marks["use"]
    made = Map(event.mark)
    for key, value in said.items():
        if key == "exclusive":
            made.put(key, value.replace("$place", cast.place or "all").replace("$owner", cast.owner or "all"), mark)
        elif key not in ("change", "needs"):
            made.put(key, value, mark)
    for key, value in event.items():
        if key not in (*_OF_EVENT, "change"):
            made.put(key, value, event.marks[key])
    made.put("change", _changes(said["change"], cast, mark, data, float(strength)), mark)
    _over(made["change"], event.get("change"))
    return made


def _strategy(change: Map, data: Map) -> Map:
    named = change["use"]
    names = [named] if isinstance(named, str) else named
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise LibraryError("must be the name of a strategy of the library, or a list of names")
    cast = _cast(change, data)
    made = Map(change.mark)
    for name in names:
        _over(made, _changes(_file("strategies", name)["change"], cast, change.marks["use"], data))
    said = Map(change.mark)
    for key, value in change.items():
        if key not in _OF_STRATEGY:
            said.put(key, value, change.marks[key])
    _over(made, said)
    return made


def _over(under: Map, over: Any) -> None:
    """The paths of ``over`` in place of those of ``under``; a path said again comes last."""
    for path, value in over.items() if isinstance(over, Map) else ():
        under.pop(path, None)
        under.put(path, value, over.marks[path])


def _text(item: Map, key: str) -> str | None:
    value = item.get(key)
    if value is not None and not isinstance(value, str):
        raise LibraryError(f"must be a name (got {value!r:.40})", key)
    return value


def _cast(item: Map, data: Map) -> _Cast:
    merchants, platforms = _names(data, "merchants"), _names(data, "platforms")
    owner, place = _text(item, "of"), _text(item, "at")
    for key, what, name, known in (("of", "merchant", owner, merchants), ("at", "platform", place, platforms)):
        if name is not None and name not in known:
            raise LibraryError(f"no {what} is called {name!r}{nearest(name, known)}", key)
    focal = data.get("focal")
    return _Cast(merchants, owner or (focal if focal in merchants else None)
                 or (merchants[0] if len(merchants) == 1 else None), place)  # fmt: skip


def _names(data: Map, section: str) -> tuple[str, ...]:
    items = data.get(section)
    named = (item.get("name") for item in items if isinstance(item, Map)) if isinstance(items, Seq) else ()
    return tuple(name for name in named if isinstance(name, str))


def _changes(change: dict[str, Any], cast: _Cast, mark: Mark | None, data: Map, strength: float = 1.0) -> Map:
    made = Map(mark)
    for path, value in change.items():
        for real in _played(path, cast):
            if not _over_nothing(real, data):
                made.put(real, _strengthened(value, strength, mark), mark)
    return made


def _played(path: str, cast: _Cast) -> Iterator[str]:
    """A path with every role replaced by each of its players."""
    role = next((role for role in _ROLES if role in path.split(".")), None)
    if role is None:
        yield path
        return
    for name in cast.players(role):
        yield from _played(".".join(quote(name) if part == role else part for part in path.split(".")), cast)


def _over_nothing(path: str, data: Map) -> bool:
    """Whether a path of platforms ends in all entries of a table that is empty here: nothing to change, no error."""
    try:
        names = parse_path(path)
    except PathError:
        return False
    if names[0] != "platforms" or names[-1] != ANY or len(names) < 3:
        return False
    tables = [item.get(names[-2]) for item in data.get(names[0]) or () if isinstance(item, Map)
              and names[1] in (ANY, item.get("name"))]  # fmt: skip
    return not any(tables)


def _strengthened(value: Any, strength: float, mark: Mark | None) -> Any:
    verb, operand = operator_of(value) or ("set", value)
    if verb in ("scale", "add"):
        number = float(operand)
        out = Map(mark)
        out.put(verb, number**strength if verb == "scale" else number * strength, mark)
        return out
    return _marked(value, mark)


def _marked(value: Any, mark: Mark | None) -> Any:
    """Plain data as if written at one place."""
    if isinstance(value, dict):
        made = Map(mark)
        for key, inner in value.items():
            made.put(key, _marked(inner, mark), mark)
        return made
    if isinstance(value, list):
        listed = Seq(mark)
        for inner in value:
            listed.put(_marked(inner, mark), mark)
        return listed
    return value


__all__ = ["PRESETS", "christen", "shelf", "unpack"]
