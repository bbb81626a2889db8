"""Plain data that remember where they were written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.contract import ScenarioError
from sim.scenario.paths import Loc


class Mark(NamedTuple):
    """A place in a file; in a table, with the header of its column."""

    file: str
    line: int
    column: str = ""


class Map(dict[str, Any]):
    """A mapping that knows where it begins and where each of its keys stands."""

    def __init__(self, mark: Mark | None = None) -> None:
        super().__init__()
        self.mark = mark
        self.marks: dict[str, Mark | None] = {}

    def put(self, key: str, value: Any, mark: Mark | None) -> None:
        """Set a key and remember its place."""
        self[key] = value
        self.marks[key] = mark


class Seq(list[Any]):
    """A list that knows where it begins and where each of its items stands; ``whole`` ones are never joined."""

    def __init__(self, mark: Mark | None = None) -> None:
        super().__init__()
        self.mark = mark
        self.whole = False
        self.marks: list[Mark | None] = []

    def put(self, value: Any, mark: Mark | None) -> None:
        """Append an item and remember its place."""
        self.append(value)
        self.marks.append(mark)


def mark_of(data: Any, loc: Loc) -> Mark | None:
    """The place of a location, or of the nearest thing around it that has one."""
    mark: Mark | None = getattr(data, "mark", None)
    here = data
    for key in loc:
        if isinstance(here, Map) and key in here:
            mark = here.marks[str(key)] or mark
        elif isinstance(here, Seq) and isinstance(key, int) and key < len(here):
            mark = here.marks[key] or mark
        else:
            break
        here = here[key]
    return mark


def stands(data: Any, loc: Loc) -> bool:
    """Whether the data have something at a location."""
    for key in loc:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def plain(data: Any) -> Any:
    """The same data as ordinary dicts and lists, nothing shared."""
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [plain(value) for value in data]
    return data


def located(data: Any, depth: int = 0) -> Any:
    """Plain data as data with (unknown) places. Raises ScenarioError on keys or values no YAML could have given."""
    if depth > 100:
        raise ScenarioError("the mapping is nested too deeply, or contains itself")
    if isinstance(data, Mapping):
        out = Map()
        for key, value in data.items():
            if not isinstance(key, (str, int)) or isinstance(key, bool):
                raise ScenarioError(f"a key must be text (got {key!r})")
            out.put(str(key), located(value, depth + 1), None)
        return out
    if isinstance(data, (list, tuple)):
        seq = Seq()
        for value in data:
            seq.put(located(value, depth + 1), None)
        return seq
    return scalar(data)


def scalar(value: Any) -> Any:
    """A value of plain Python: numbers of NumPy and paths are converted. Raises ScenarioError on anything else."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value if type(value) in (str, bool, int, float, type(None)) else _base(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return value.item()
    if hasattr(value, "tolist"):
        return located(value.tolist())
    raise ScenarioError(f"cannot use a value of type {type(value).__name__} in a scenario")


def _base(value: Any) -> Any:
    return next(kind(value) for kind in (str, int, float) if isinstance(value, kind))
