"""One language for everything that varies: ``path: value``.

A change *replaces* what stands at its path. The operators are mappings of one key: ``{scale: x}`` and ``{add: x}`` on
numbers, ``{merge: {...}}`` on mappings (inside it the operators may be used again) and on lists of named items. In a
path ``*`` stands for every name there. Strategies, events, sweeps and ``--set`` all speak it (decisions D12, D13).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.contract import ScenarioError
from sim.scenario.located import located, plain
from sim.scenario.paths import ANY, Loc, PathError, Place, display, format_path, is_named_list, nearest, parse_path

OPERATORS = ("scale", "add", "merge")
MISSING: Any = object()
_RANK = {"scale": 1, "add": 2}

QUESTIONS = (
    "name", "question", "description", "topic", "strategies", "events", "uncertainties", "outcomes", "focal",
    "experiment",
)  # fmt: skip
"""Sections that ask; the others say what the market is."""

COMMON = ("market", "network", "orders", "adoptions")
"""Sections all strategies share, so that they can be compared on the same people and days."""


@dataclass
class Applied:
    """Data after changes: where each change (by its path text) landed, and what could not be done."""

    data: dict[str, Any]
    touched: dict[str, list[Loc]] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)


def operator_of(value: Any) -> tuple[str, Any] | None:
    """``("scale", 0.4)`` for ``{scale: 0.4}``; None for a value that simply replaces."""
    if isinstance(value, Mapping) and len(value) == 1:
        name, operand = next(iter(value.items()))
        if name in OPERATORS:
            return str(name), operand
    return None


def apply(data: Mapping[str, Any], changes: Mapping[str, Any], root: Place) -> Applied:
    """Apply changes in the order given to plain data, which are left as they are."""
    return apply_all(data, [changes], root, commuting=False)


def apply_all(data: Mapping[str, Any], batch: Iterable[Mapping[str, Any]], root: Place, commuting: bool) -> Applied:
    """Apply several changes. ``commuting``: assignments first (later wins), then factors, then sums, as events do.

    A change of ``kind`` comes before the others, whose fields it decides.
    """
    out = Applied(dict(data))
    whole: dict[Loc, None] = {}
    steps: list[tuple[int, str, Loc, Place, str, Any]] = []
    for changes in batch:
        for text, value in sorted(changes.items(), key=lambda change: not str(change[0]).endswith(".kind")):
            try:
                names = parse_path(text)
                if names[0] == ANY:
                    raise PathError("a path begins with a section, such as merchants or mechanisms")
                targets = list(find(out.data, names, root))
                value = plain(located(value))
            except (PathError, ScenarioError) as error:
                out.problems.append((str(text), str(error)))
                continue
            out.touched.setdefault(text, []).extend(loc for loc, _ in targets)
            for loc, place in targets:
                for at, inner, verb, operand in _orders(_get(out.data, loc), value, loc, place):
                    if inner.is_whole:
                        whole[at] = None
                    if commuting:
                        steps.append((_RANK.get(verb, 0), text, at, inner, verb, operand))
                    else:
                        _do(out, text, at, inner, verb, operand)
    for _, text, at, inner, verb, operand in sorted(steps, key=lambda step: step[0]):
        _do(out, text, at, inner, verb, operand)
    for at in whole:
        number = _get(out.data, at)
        if isinstance(number, float) and math.isfinite(number) and abs(number) < 1e18:
            _put(out.data, at, math.floor(number + 0.5))
    return out


def _orders(now: Any, value: Any, loc: Loc, place: Place) -> Iterator[tuple[Loc, Place, str, Any]]:
    """What to do, and where, for one value at one location; ``merge`` is opened into its parts."""
    verb, operand = operator_of(value) or ("set", value)
    if verb != "merge":
        yield loc, place, verb, operand
        return
    yield from _merge(now, operand, loc, place, top=True)


def _merge(now: Any, value: Any, loc: Loc, place: Place, top: bool = False) -> Iterator[tuple[Loc, Place, str, Any]]:
    if isinstance(value, dict) and (isinstance(now, dict) or ((now is None or now is MISSING) and place.is_container)):
        if top and not value:
            return
        for key, inner in value.items():
            child = place.child(key, now)
            here = now.get(key, MISSING) if isinstance(now, dict) else MISSING
            if operator_of(inner):
                yield from _orders(here, inner, (*loc, key), child)
            elif isinstance(inner, dict) and isinstance(here, dict):
                yield from _merge(here, inner, (*loc, key), child)
            else:
                yield from _merge_list_or_set(here, inner, (*loc, key), child)
    else:
        yield from _merge_list_or_set(now, value, loc, place, top)


def _merge_list_or_set(
    now: Any, value: Any, loc: Loc, place: Place, top: bool = False
) -> Iterator[tuple[Loc, Place, str, Any]]:
    if is_named_list(value) and (is_named_list(now) or now == []):
        known = {item["name"]: k for k, item in enumerate(now)}
        size = len(now)
        for item in value:
            k = known.get(item["name"])
            if k is None:
                yield (*loc, size), place.child(size), "set", item
                size += 1
            else:
                yield from _merge(now[k], item, (*loc, k), place.child(k))
    elif top:
        yield loc, place, "refuse", "{merge: ...} joins a mapping to a mapping, or named items to a list of them"
    else:
        yield loc, place, "set", value


def _do(out: Applied, text: str, loc: Loc, place: Place, verb: str, operand: Any) -> None:
    if verb == "set":
        holder = _get(out.data, loc[:-1]) if loc and loc[-1] == "kind" else None
        if isinstance(holder, dict) and holder.get("kind", operand) != operand:
            _put(out.data, loc[:-1], {})  # another kind has other fields: those of the old one go
        _put(out.data, loc, place.whole(plain(operand)))
        return
    where = format_path(str(part) for part in parse_path(text))
    path = display(loc, out.data)
    prefix = "" if path == where else f"{path}: "
    if verb == "refuse":
        out.problems.append((text, prefix + str(operand)))
        return
    if not _is_number(operand):
        out.problems.append((text, f"{prefix}{{{verb}: ...}} takes a finite number (got {operand!r:.60})"))
        return
    now = _get(out.data, loc)
    if now is MISSING and place.info is not None:
        now = place.info.get_default(call_default_factory=False)
    if not _is_number(now):
        out.problems.append((text, prefix + _cannot(verb, now)))
        return
    try:
        made = now * operand if verb == "scale" else now + operand
    except OverflowError:
        made = math.inf
    if not _is_number(made):
        out.problems.append((text, f"{prefix}{{{verb}: {operand:g}}} makes too large a number"))
        return
    _put(out.data, loc, made)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _cannot(verb: str, now: Any) -> str:
    if isinstance(now, dict):
        return f"cannot {verb} a mapping: name one number in it, or write {{merge: {{key: {{{verb}: x}}}}}}"
    kind = "nothing" if now is None or now is MISSING else "a list" if isinstance(now, list) else f"{now!r:.40}"
    return f"cannot {verb} {kind}: there is no number here"


def find(data: Any, names: tuple[str, ...], place: Place, loc: Loc = ()) -> Iterator[tuple[Loc, Place]]:
    """Locations a path leads to, with their places in the schema. Raises PathError where it leads nowhere.

    The last name may be a key that is not there yet, where the schema allows it.
    """
    here = _get(data, loc)
    if not names:
        yield loc, place
        return
    name, rest = names[0], names[1:]
    if name == ANY:
        yield from _find_all(data, rest, place, loc, here)
        return
    if isinstance(here, list):
        at = _position(here, name, display(loc, data))
        yield from find(data, rest, place.child(at, here), (*loc, at))
        return
    if isinstance(here, dict) or ((here is None or here is MISSING) and place.is_container):
        known = place.keys(here)
        present = isinstance(here, dict) and name in here
        if not present and known is not None and name not in known:
            where = display(loc, data) or "a scenario"
            hint = _elsewhere(data, name, loc) or nearest(name, known)
            raise PathError(f"unknown path: {where} has no {name!r}{hint}")
        yield from find(data, rest, place.child(name, here), (*loc, name))
        return
    kind = "a list without names" if isinstance(here, list) else "a single value"
    raise PathError(f"unknown path: {display(loc, data)} is {kind}, there is no {name!r} inside")


def _find_all(
    data: Any, rest: tuple[str, ...], place: Place, loc: Loc, here: Any
) -> Iterator[tuple[Loc, Place]]:
    if is_named_list(here):
        keys: list[str | int] = list(range(len(here)))
    elif isinstance(here, dict):
        keys = list(here)
    else:
        keys = []
    failure = PathError(f"'*' matches nothing: {display(loc, data)} has no named parts")
    matched: list[tuple[Loc, Place]] = []
    for key in keys:
        try:
            matched.extend(find(data, rest, place.child(key, here), (*loc, key)))
        except PathError as error:
            failure = error
    if not matched:
        raise failure
    yield from matched


def _position(items: list[Any], name: str, where: str) -> int:
    names = [item.get("name") for item in items if isinstance(item, dict)]
    if name in names:
        return next(k for k, item in enumerate(items) if isinstance(item, dict) and item.get("name") == name)
    known = [n for n in names if isinstance(n, str)]
    if name.isdecimal() and known:
        raise PathError(f"unknown path: items of {where} are addressed by name, not by number{nearest(name, known)}")
    if not items:
        raise PathError(f"unknown path: {where} is empty, there is no {name!r} in it")
    if not known:
        raise PathError(f"unknown path: {where} is a list without names; replace it as a whole")
    raise PathError(f"unknown path: {where} has no {name!r}{nearest(name, known)}")


def _elsewhere(data: Any, name: str, loc: Loc) -> str:
    """Where a name that is not here stands below, if it does: ``merchants.Lumi.price`` is in its products."""
    paths: list[str] = []

    def walk(value: Any, at: Loc) -> None:
        inner: Iterable[tuple[str | int, Any]] = ()
        if isinstance(value, dict):
            if name in value and at != loc:
                paths.append(display((*at, name), data))
            inner = value.items()
        elif isinstance(value, list):
            inner = enumerate(value)
        for key, part in inner:
            if len(paths) < 3 and isinstance(part, (dict, list)):
                walk(part, (*at, key))

    if loc:
        walk(_get(data, loc), loc)
    return f"; did you mean {' or '.join(paths)}?" if paths else ""


def _get(data: Any, loc: Loc) -> Any:
    here = data
    for key in loc:
        try:
            here = here[key]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return here


def _put(data: dict[str, Any], loc: Loc, value: Any) -> None:
    """Set a value, copying the containers on the way so that others who hold them see nothing."""
    here: Any = data
    for key in loc[:-1]:
        inner = _get(here, (key,))
        inner = list(inner) if isinstance(inner, list) else dict(inner) if isinstance(inner, dict) else {}
        _set(here, key, inner)
        here = inner
    _set(here, loc[-1], value)


def _set(holder: Any, key: str | int, value: Any) -> None:
    if isinstance(holder, list) and isinstance(key, int) and key >= len(holder):
        holder.append(value)
    else:
        holder[key] = value
