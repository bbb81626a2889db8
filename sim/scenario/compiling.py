"""From a base and its changes to validated versions, with every problem located in the file it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.contract import Problem, ScenarioError
from sim.scenario.attach import TableRead
from sim.scenario.checks import unread_tables
from sim.scenario.checks_adaptive import on_calm_days_only
from sim.scenario.located import Map, mark_of, stands
from sim.scenario.overrides import apply, apply_all, find
from sim.scenario.paths import Loc, PathError, Place, display, parse_path, place_at, quote
from sim.scenario.permissions import refused_to_event, refused_to_strategy
from sim.scenario.problems import Found, validated
from sim.scenario.tabular import capped

MOST_PROBLEMS = 50
"""Told of one file at once."""

LONGEST_PATH = 200
"""Characters of a path in a message; the longest of the schema with names of a usual length are half of it."""

Touched = tuple[Problem, str, list[Loc]]
"""Where a change stands (a problem still without words), its path, and the locations it changed."""


@dataclass(frozen=True, eq=False)
class Origin:
    """Where a scenario came from: all that is needed to make another version of it."""

    base: dict[str, Any]
    """The base, complete and validated, before any ``--set``."""
    given: Map
    """What the files said, with lines."""
    label: str = ""
    path: Path | None = None
    base_dir: Path = field(default_factory=Path.cwd)
    settings: tuple[dict[str, Any], ...] = ()
    strategy: str | None = None
    tables: tuple[TableRead, ...] = ()

    def problem(self, found: Loc, message: str, path: str | None = None) -> Problem:
        """A problem at a location of the file's data."""
        if self.settings and found[:1] == ("strategies",) and not stands(self.given, found):
            return Problem(message, _where(found, self.given) if path is None else path, "--set")
        mark = mark_of(self.given, found)
        shown = _where(found, self.given) if path is None else path
        if mark is not None and mark.column and mark.column != found[-1]:
            message = f"{message} (column {mark.column!r})"
        return Problem(message, shown, mark.file if mark else self.label, mark.line if mark else None)


@dataclass
class Compiled:
    """One version: its model and plain data, unless there are problems."""

    model: Any = None
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def _where(found: Loc, given: Any) -> str:
    """A location as a path whose end fits a line: a long key nobody knows is cut."""
    shown = display(found, given)
    return shown if len(shown) <= LONGEST_PATH else f"{shown[:LONGEST_PATH - 1]}…"


def dump(model: BaseModel) -> dict[str, Any]:
    """Every field of a model as plain, JSON-able data."""
    return model.model_dump(mode="json")


def compile_version(kind: type[BaseModel], origin: Origin) -> Compiled:
    """The base, then the strategy, then the settings (``--set``), validated."""
    root = Place.root(kind)
    data, problems, settled = _settled(origin.base, origin.settings, root)
    touched: list[Touched] = []
    if origin.strategy is not None and not problems:
        declared = data["strategies"]  # a setting may have put anything there
        change = declared.get(origin.strategy) if isinstance(declared, dict) else None
        if not isinstance(change, dict):
            change = origin.base["strategies"].get(origin.strategy, {})
        applied = apply(origin.base, change, root)
        at: Loc = ("strategies", origin.strategy)
        problems.extend(origin.problem((*at, p), m) for p, m in applied.problems)
        for path, locs in applied.touched.items():
            place = origin.problem((*at, path), "")
            reason = next(filter(None, map(refused_to_strategy, locs)), "")
            if reason:
                problems.append(origin.problem((*at, path), reason))
            touched.append((place, path, locs))
        if not problems:
            data, problems, settled = _settled(applied.data, origin.settings, root)
    if problems:
        return Compiled(problems=problems)
    touched.extend((Problem("", path, "--set"), path, locs) for path, locs in settled)
    model, found = validated(kind, data, _locs(touched))
    found = found or list(unread_tables(model))
    if found:
        fallback = origin.problem(("strategies", origin.strategy), "") if origin.strategy else Problem("")
        return Compiled(problems=[_blamed(f, data, touched, fallback, origin) for f in found])
    return Compiled(model, dump(model))


def _settled(
    data: dict[str, Any], settings: Sequence[Mapping[str, Any]], root: Place
) -> tuple[dict[str, Any], list[Problem], list[tuple[str, list[Loc]]]]:
    problems: list[Problem] = []
    touched: list[tuple[str, list[Loc]]] = []
    for changes in settings:
        applied = apply(data, changes, root)
        data = applied.data
        problems.extend(Problem(m, p, "--set") for p, m in applied.problems)
        touched.extend(applied.touched.items())
    return data, problems, touched


def _locs(touched: Sequence[Touched]) -> list[Loc]:
    return [loc for _, _, locs in touched for loc in locs]


def _blamed(
    found: Found, data: Any, touched: Sequence[Touched], fallback: Problem, origin: Origin
) -> Problem:
    """A problem of a version, put at the change that made it."""
    loc, message = found
    for place, _, locs in reversed(touched):
        for target in locs:
            size = min(len(target), len(loc))
            if target[:size] == loc[:size]:
                same = display(loc, data)
                exact = len(locs) == 1 and (place.path.endswith(same) or target == loc)
                return Problem(message if exact else f"{same}: {message}", place.path, place.file, place.line)
    if not fallback.path:
        mark_path = display(loc, data)
        return origin.problem(loc, message, mark_path)
    return Problem(f"{display(loc, data)}: {message}", fallback.path, fallback.file, fallback.line)


def compile_events(
    kind: type[BaseModel], origin: Origin, data: dict[str, Any], which: Sequence[int], day: int
) -> Compiled:
    """The version on a day: assignments of the active events (later ones win), then their factors, then their sums."""
    root = Place.root(kind)
    events = data["events"]
    applied = apply_all(data, [events[k]["change"] for k in which], root, commuting=True)
    touched: list[Touched] = []
    problems: list[Problem] = []
    for k in which:
        for path in events[k]["change"]:
            at = _event_problem(origin, events[k]["name"], path)
            problems.extend(Problem(m, at.path, at.file, at.line) for p, m in applied.problems if p == path)
            touched.append((at, path, applied.touched.get(path, [])))
    if problems:
        return Compiled(problems=list(dict.fromkeys(problems)))
    model, found = validated(kind, applied.data, _locs(touched))
    found = [problem for problem in found if not on_calm_days_only(problem[0])]
    if found:
        fallback = Problem("", f"events.{quote(events[which[-1]]['name'])}", touched[-1][0].file, touched[-1][0].line)
        blamed = [_blamed(f, applied.data, touched, fallback, origin) for f in found]
        return Compiled(problems=[Problem(f"{p.message} (on day {day})", p.path, p.file, p.line) for p in blamed])
    after = dump(model)
    for at, _, locs in touched:
        fixed = next(filter(None, (refused_to_event(loc, data, after, root) for loc in locs)), None)
        if fixed is not None:
            problems.append(Problem(_why_fixed(fixed, data), at.path, at.file, at.line))
    return Compiled(problems=problems) if problems else Compiled(model, after)


def _why_fixed(loc: Loc, data: Any) -> str:
    return f"an event cannot change {display(loc, data)}: it is fixed when the market is built"


def _event_problem(origin: Origin, name: str, path: str) -> Problem:
    listed = origin.given.get("events")
    for k, event in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(event, Mapping) and event.get("name") == name:
            return origin.problem(("events", k, "change", path), "")
    return Problem("", f"events.{quote(name)}.change.{quote(path)}", origin.label)


def path_problems(kind: type[BaseModel], origin: Origin, given: dict[str, Any], spoilt: set[Any]) -> list[Problem]:
    """Changes and uncertainties whose paths lead nowhere, found in data that need not be valid.

    ``spoilt``: top-level sections with problems of their own, which are not looked into.
    """
    root = Place.root(kind)
    out: list[Problem] = []

    def check(path: Any, at: Loc) -> None:
        try:
            names = parse_path(path)
            if names[0] not in spoilt:
                list(find(given, names, root))
        except PathError as error:
            out.append(origin.problem(at, str(error)))

    strategies, events = given.get("strategies"), given.get("events")
    for name, change in (strategies.items() if isinstance(strategies, dict) else ()):
        for path in change if isinstance(change, dict) else ():
            check(path, ("strategies", name, path))
    for k, event in enumerate(events if isinstance(events, list) else ()):
        change = event.get("change") if isinstance(event, dict) else None
        for path in change if isinstance(change, dict) else ():
            check(path, ("events", k, "change", path))
    ranges = given.get("uncertainties")
    for path in ranges if isinstance(ranges, dict) else ():
        check(path, ("uncertainties", path))
    return out


def check_uncertainties(kind: type[BaseModel], origin: Origin, data: dict[str, Any]) -> list[Problem]:
    """Ranges must be of numbers, and both ends possible."""
    root = Place.root(kind)
    out: list[Problem] = []
    for path, ends in data["uncertainties"].items():
        at: Loc = ("uncertainties", path)
        for end in ends:
            applied = apply(data, {path: end}, root)
            problems = [m for _, m in applied.problems]
            locs = applied.touched.get(path, [])
            if not problems and not all(place_at(root, loc, data).is_number for loc in locs):
                problems = ["a range is for a number; this is none"]
            if not problems:
                found = validated(kind, applied.data, locs)[1]
                problems = [m if loc in locs else f"{display(loc, applied.data)}: {m}" for loc, m in found]
            if problems:
                out.append(origin.problem(at, problems[0]))
                break
    return out


def raise_if(problems: Iterable[Problem]) -> None:
    """Raise ScenarioError with every problem (of a long list in one file the first), by file and line, each once."""
    files: dict[str, list[Problem]] = {}
    for problem in dict.fromkeys(problems):
        files.setdefault(problem.file, []).append(problem)
    if files:
        raise ScenarioError(
            [p for found in files.values() for p in capped(sorted(found, key=lambda p: p.line or 0), MOST_PROBLEMS)]
        )
