"""Files to data: what a scenario and those it extends say together, each value with its file and line.

``extends`` names files beside the scenario, or presets that come with the program. What the later one says wins:
mappings are merged at every depth, lists of named items are joined by name, any other value is replaced (decision D12).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sim.contract import Problem, ScenarioError
from sim.scenario.attach import TableRead, attach
from sim.scenario.datapath import REMEDY, Folders
from sim.scenario.library import PRESETS, christen, unpack
from sim.scenario.located import Map, Mark, Seq, located
from sim.scenario.paths import Loc, is_named_list, nearest
from sim.scenario.yamltext import parse, read_text

SUFFIXES = ("", ".yaml", ".yml")


@dataclass
class Source:
    """What was read: the joined data, the file it came from (None for text and mappings), mistakes on the way."""

    data: Map
    path: Path | None = None
    base_dir: Path = field(default_factory=Path.cwd)
    label: str = ""
    problems: list[Problem] = field(default_factory=list)
    tables: list[TableRead] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    """Sections that lack the rows of a table which could not be read."""


Chain = tuple[Path, ...]
"""The files that are being read, each named by the one before it."""


def read(source: str | os.PathLike[str] | Mapping[str, Any], data: Sequence[Path] = ()) -> Source:
    """Read a file, a packaged preset by name, YAML text (anything with a line break) or a mapping, with all it extends
    and the tables it names; ``data``: folders in which these may lie besides that of the file.

    Raises ScenarioError when something cannot be read at all; lesser mistakes are in ``.problems``.
    """
    out = _joined_files(source, data)
    out.problems.extend(unpack(out.data, out.label))
    return out


def _joined_files(source: str | os.PathLike[str] | Mapping[str, Any], data: Sequence[Path]) -> Source:
    here = Path.cwd()
    if isinstance(source, Mapping):
        return _complete(Source(located(source), label=""), Folders(here, here, tuple(data), trusted=True), ())
    if isinstance(source, str) and "\n" in source:
        return _document(source, "<text>", Folders(here, here, tuple(data)), ())
    if not isinstance(source, (str, os.PathLike)):
        raise ScenarioError(f"a scenario is a path, YAML text or a mapping, not {type(source).__name__}")
    path = _existing(source)
    return _read_file(path, _label(path, os.fspath(source)), Folders(path.parent, path.parent, tuple(data)), ())


def presets() -> list[str]:
    """Names of the packaged presets, as ``extends`` takes them; files beginning with ``_`` are not meant for users.
    Those of events and strategies are used, not extended: :mod:`sim.scenario.library`."""
    used = ("events", "strategies")
    files = (f for f in PRESETS.rglob("*.yaml") if not f.name.startswith("_") and f.parent.name not in used)
    return sorted(f"presets/{f.relative_to(PRESETS).as_posix()}" for f in files)


def _existing(source: str | os.PathLike[str]) -> Path:
    text = os.fspath(source)
    problem = "no such file"
    try:
        path = Path(text)
        if path.is_file():
            return path
        if path.is_dir():
            problem = "a folder, not a file"
        elif found := _preset(text):
            return found
    except (OSError, ValueError):
        problem = "not the name of a file"
    hint = nearest(text, presets()) if "presets" in text or "limits" in text else ""
    raise ScenarioError([Problem(problem + hint, file=text if len(text) <= 200 else text[:200] + "...")])


def _preset(name: str) -> Path | None:
    """The packaged preset of that name, with or without ``presets/`` and ``.yaml``."""
    if os.path.isabs(name):
        return None
    bare = name.replace("\\", "/").removeprefix("presets/")
    for suffix in SUFFIXES:
        path = (PRESETS / (bare + suffix)).resolve()
        if path.is_file() and path.is_relative_to(PRESETS):
            return path
    return None


def _label(path: Path, said: str) -> str:
    """How a file is called in messages."""
    if path.is_relative_to(PRESETS):
        return f"presets/{path.relative_to(PRESETS).as_posix()}"
    return said


def _read_file(path: Path, label: str, folders: Folders, chain: Chain) -> Source:
    out = _document(read_text(path, label), label, folders, (*chain, path.resolve()))
    out.path = path
    return out


def _document(text: str, label: str, folders: Folders, chain: Chain) -> Source:
    data, problems = parse(text, label)
    if data is None and not problems:
        raise ScenarioError([Problem("empty: a scenario is a mapping, beginning with 'name: ...'", file=label, line=1)])
    if not isinstance(data, Map):
        kind = "a list" if isinstance(data, Seq) else "a single value"
        found = Problem(f"a scenario is a mapping such as 'name: ...', this is {kind}", file=label, line=1)
        raise ScenarioError([*problems, found])
    return _complete(Source(data, None, folders.own, label, problems), folders, chain)


def _complete(out: Source, folders: Folders, chain: Chain) -> Source:
    """Put the rows of tables into the data, then what ``extends`` names under them."""
    christen(out.data)
    tables, problems = attach(out.data, folders, out.label)
    out.tables.extend(tables)
    out.problems.extend(problems)
    out.unread |= {"creators" if p.path.startswith("rate_card") else p.path.partition(".")[0] for p in problems}
    return _extended(out, folders, chain)


def _extended(out: Source, folders: Folders, chain: Chain) -> Source:
    """Put what ``extends`` names under the data."""
    if "extends" not in out.data:
        return out
    said = out.data.pop("extends")
    mark = out.data.marks.pop("extends", None)
    names = [said] if isinstance(said, str) else said
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        out.problems.append(_problem("must be a path, or a list of paths", "extends", mark, out.label))
        return out
    ground: Map | None = None
    for k, name in enumerate(names):
        here = names.marks[k] if isinstance(names, Seq) else mark
        try:
            below = _read_named(name, folders, chain)
        except PresetError as error:
            out.problems.append(_problem(str(error), "extends", here, out.label))
            continue
        except ScenarioError as error:
            out.problems.extend(error.problems)
            continue
        out.problems.extend(below.problems)
        out.tables.extend(below.tables)
        out.unread |= below.unread
        ground = below.data if ground is None else join(ground, below.data)
    if ground is not None:
        out.data = join(ground, out.data)
    return out


class PresetError(Exception):
    """What is named by ``extends`` and cannot be used."""


def _read_named(name: str, folders: Folders, chain: Chain) -> Source:
    path: Path | None = None
    try:
        found = (folder / (name + suffix) for folder in (folders.own, *folders.data) for suffix in SUFFIXES)
        path = next((file for file in found if file.is_file()), None) or _preset(name)
        real = path.resolve() if path else Path()
    except (OSError, RuntimeError, ValueError):
        path = None
    if path is None:
        shown = name if len(name) <= 120 else name[:120] + "..."
        raise PresetError(f"no file {shown!r} beside this one, nor a preset of that name{nearest(shown, presets())}")
    if not folders.holds(real) and not real.is_relative_to(PRESETS):
        raise PresetError(f"{name[:120]!r} leads out of the scenario's folder; {REMEDY}")
    if real.parent in (PRESETS / "events", PRESETS / "strategies"):
        hint = "events: [{use: NAME, day: 60}]" if real.parent.name == "events" else "strategies: {x: {use: NAME}}"
        raise PresetError(f"this is used, not extended: {hint.replace('NAME', real.stem)}")
    if real in chain:
        ring = " -> ".join(p.name for p in (*chain[chain.index(real) :], real))
        raise PresetError(f"a file that extends itself: {ring}")
    beside = replace(folders, own=path.parent, trusted=False)
    return _read_file(path, _label(path, _relative(path)), beside, chain)


def _relative(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def _problem(message: str, path: str, mark: Mark | None, label: str) -> Problem:
    return Problem(message, path, mark.file if mark else label, mark.line if mark else None)


def join(under: Map, over: Map, loc: Loc = ()) -> Map:
    """Both mappings as one, ``over`` winning; changes (of strategies and events) are replaced path by path."""
    out = Map(over.mark or under.mark)
    for key, value in under.items():
        out.put(key, value, under.marks[key])
    for key, value in over.items():
        out.put(key, _joined(out.get(key), value, (*loc, key)), over.marks[key])
    return out


def _joined(under: Any, over: Any, loc: Loc) -> Any:
    in_change = (loc[0] == "strategies" and len(loc) > 2) or (loc[0] == "events" and len(loc) > 3)
    if in_change:
        return over
    if isinstance(over, Seq) and over.whole:
        return over
    if isinstance(under, Map) and isinstance(over, Map):
        default = "community" if loc == ("network",) else None
        if "kind" in over and over["kind"] != under.get("kind", default):
            return over
        return join(under, over, loc)
    if isinstance(under, Seq) and isinstance(over, Seq) and is_named_list(under) and is_named_list(over):
        return _join_lists(under, over, loc)
    return over


def _join_lists(under: Seq, over: Seq, loc: Loc) -> Seq:
    out = Seq(over.mark)
    place: dict[str, int] = {}
    for item, mark in zip(under, under.marks, strict=True):
        place.setdefault(item["name"], len(out))
        out.put(item, mark)
    theirs = len(out)
    for item, mark in zip(over, over.marks, strict=True):
        at = place.get(item["name"])
        if at is None or at >= theirs:
            out.put(item, mark)
        else:
            out[at] = _joined(out[at], item, (*loc, at))
            out.marks[at] = mark
            place[item["name"]] = theirs  # a second item of one name stays, and is refused by the schema's checks
    return out


__all__ = ["PRESETS", "Source", "join", "presets", "read"]
