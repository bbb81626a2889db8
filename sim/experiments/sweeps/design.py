"""From axes to points: grids, lists side by side, Latin hypercubes, Sobol sequences, and matrices of one's own."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.contract import Problem, ScenarioError
from sim.scenario.paths import nearest
from sim.scenario.yamltext import parse_value, read_text

STRATEGY, EVENT = "strategy", "event"
"""Axes that are no paths: the strategy in force, and which of the scenario's events take place."""

KINDS = ("grid", "list", "latin", "sobol")
MOST_POINTS = 1_000_000
_RANGE = ("from", "to", "steps", "log", "whole")


@dataclass(frozen=True)
class Axis:
    """One column of a design: ``levels``, or a range from ``low`` to ``high`` (``steps`` of it in a grid)."""

    name: str
    levels: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    steps: int | None = None
    log: bool = False
    whole: bool = False

    def at(self, share: float) -> Any:
        """The value at a share in [0, 1) of the way: of the range, or of the list of levels."""
        if self.levels:
            return self.levels[min(int(share * len(self.levels)), len(self.levels) - 1)]
        if self.whole:
            return int(self.low) + min(int(share * (self.high - self.low + 1)), int(self.high - self.low))
        return self._between(share)

    def grid(self) -> tuple[Any, ...]:
        """Every level; of a range, ``steps`` values from end to end."""
        if self.levels:
            return self.levels
        assert self.steps is not None
        found = [self._between(k / (self.steps - 1)) for k in range(self.steps)]
        return tuple(dict.fromkeys(int(math.floor(x + 0.5)) for x in found)) if self.whole else tuple(found)

    def _between(self, share: float) -> float:
        if share == 1.0:
            return self.high
        if self.log:
            return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        return self.low + share * (self.high - self.low)


def axis(name: str, said: Any, kind: str) -> Axis:
    """Read one axis: a list of values, or ``{from, to, steps, log, whole}``. Raises ValueError saying what is wrong."""
    if isinstance(said, Mapping):
        return _range(name, said, kind)
    if not isinstance(said, Sequence) or isinstance(said, str):
        raise ValueError("an axis is a list of values, or a range {from: low, to: high, steps: n}")
    if not said:
        raise ValueError("an empty axis: there is no value to try")
    return Axis(name, tuple(said))


def _range(name: str, said: Mapping[str, Any], kind: str) -> Axis:
    for key in said:
        if key not in _RANGE:
            raise ValueError(f"a range has no {key!r}{nearest(str(key), _RANGE)}")
    if name in (STRATEGY, EVENT):
        raise ValueError(f"{name} takes a list of names, not a range")
    if kind == "list":
        raise ValueError("a design of kind list takes lists of values, one for each point, not ranges")
    ends = []
    for key in ("from", "to"):
        value = said.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"a range needs the number {key!r} (got {value!r})")
        ends.append(value)
    low, high = ends
    if not low < high:
        raise ValueError(f"an empty range: from {low:g} to {high:g}")
    log, whole, steps = bool(said.get("log", False)), bool(said.get("whole", False)), said.get("steps")
    if log and low <= 0:
        raise ValueError(f"a range on a logarithmic scale begins above 0 (got {low:g})")
    if log and whole and kind != "grid":
        raise ValueError("a sampled range is whole or logarithmic, not both")
    if whole and (low != int(low) or high != int(high)):
        raise ValueError(f"a range of whole numbers has whole ends (got {low:g} to {high:g})")
    if kind == "grid":
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 2:
            raise ValueError("a range in a grid needs 'steps', a whole number of at least 2")
    elif steps is not None:
        raise ValueError(f"'steps' belongs to a grid; a design of kind {kind} has 'samples'")
    return Axis(name, (), float(low), float(high), steps, log, whole)


def points(axes: Sequence[Axis], kind: str, samples: int | None, seed: int) -> list[dict[str, Any]]:
    """The points of a design. Raises ValueError when the axes do not make one."""
    names = [a.name for a in axes]
    if kind == "grid":
        _enough(math.prod(a.steps or len(a.levels) for a in axes))
        return [dict(zip(names, values, strict=True)) for values in itertools.product(*(a.grid() for a in axes))]
    if kind == "list":
        lengths = {a.name: len(a.levels) for a in axes}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} has {count}" for name, count in lengths.items())
            raise ValueError(f"lists side by side must be of one length, but {said}")
        return [dict(zip(names, values, strict=True)) for values in zip(*(a.levels for a in axes), strict=True)]
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 1:
        raise ValueError(f"a design of kind {kind} needs 'samples', the number of points (got {samples!r})")
    _enough(samples)
    if not axes:
        raise ValueError(f"a design of kind {kind} needs axes")
    shares = _shares(kind, len(axes), samples, seed)
    return [{a.name: a.at(float(u)) for a, u in zip(axes, row, strict=True)} for row in shares]


def _enough(points: int) -> None:
    if points > MOST_POINTS:
        raise ValueError(f"{points:,} points are too many: a sweep has up to {MOST_POINTS:,}")


def _shares(kind: str, dimensions: int, samples: int, seed: int) -> Any:
    import numpy as np
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    if kind == "latin":
        return qmc.LatinHypercube(dimensions, seed=rng).random(samples)
    if samples & (samples - 1):
        below = 1 << (samples.bit_length() - 1)
        raise ValueError(f"a Sobol sequence is balanced at powers of two: {below} or {2 * below}, not {samples}")
    return qmc.Sobol(dimensions, seed=rng).random_base2(samples.bit_length() - 1)


def matrix(file: Path, label: str, wanted: Sequence[str] = ()) -> tuple[list[str], list[dict[str, Any]], list[int]]:
    """A design from CSV: a column a path (or ``strategy``, ``event``), a row a point. ``wanted``: columns it must have.

    Gives the columns, the points, and the line of each.

    Raises ScenarioError with every problem, each with file and line.
    """
    reader = csv.reader(read_text(file, label).splitlines(), skipinitialspace=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(value.strip() for value in row)]
    except csv.Error as error:
        raise ScenarioError([Problem(f"not CSV: {error}", file=label, line=reader.line_num)]) from None
    if not rows:
        raise ScenarioError([Problem("an empty design: the first line names the columns, by dotted path", file=label)])
    (first, head), body = rows[0], rows[1:]
    head = [name.strip() for name in head]
    problems = [Problem("a column without a name", file=label, line=first) for name in head if not name]
    problems += [Problem("the column stands twice", n, label, first) for n in dict.fromkeys(head) if head.count(n) > 1]
    problems += [Problem(f"a column is missing{nearest(n, head)}", n, label, first) for n in wanted if n not in head]
    if not body:
        problems.append(Problem("a design without a point: there is no line after the names", file=label, line=first))
    made = []
    for line, row in body:
        if len(row) != len(head):
            said = f"{len(row)} values for {len(head)} columns"
            problems.append(Problem(said, file=label, line=line))
            continue
        made.append({name: _value(text, name, label, line, problems) for name, text in zip(head, row, strict=True)})
    if problems:
        raise ScenarioError(problems)
    return head, made, [line for line, _ in body]


def _value(text: str, name: str, label: str, line: int, problems: list[Problem]) -> Any:
    said = text.strip()
    if not said or said.lower() in ("nan", "na", "n/a", "none", ".nan"):
        problems.append(Problem(f"no value ({said or 'empty'}): a design has one in every place", name, label, line))
        return None
    if name in (STRATEGY, EVENT):
        return said
    try:
        return parse_value(said)
    except ScenarioError as error:
        problems += [Problem(p.message, name, label, line) for p in error.problems]
        return None
