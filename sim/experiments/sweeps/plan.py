"""What a sweep is asked to do: the scenario, the axes and their design, strategies, seeds. Read from YAML, or made."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.contract import Problem, ScenarioError
from sim.experiments.identity import BASE
from sim.experiments.question import known, opened
from sim.experiments.sweeps.design import EVENT, KINDS, STRATEGY, Axis, axis, matrix, points
from sim.scenario.located import mark_of, plain
from sim.scenario.paths import nearest
from sim.scenario.yamltext import parse, read_text

KEYS = ("scenario", "strategies", "replications", "seed", "set", "daily", "design", "samples", "axes")
NO_EVENT = "none"
ALL_EVENTS = "all"


@dataclass(frozen=True)
class Plan:
    """A sweep worked out as far as its points; ``scenario`` has the plan's own changes applied.

    ``points``: a mapping of axis to value each. ``strategies``: run at every point, unless an axis names them.
    ``daily``: whether the days are kept. ``design``: how the points were made, for the record. ``places``: where the
    value of an axis at a point was written, as a problem still without words.
    """

    scenario: Any
    axes: tuple[str, ...]
    points: tuple[dict[str, Any], ...]
    strategies: tuple[str, ...]
    replications: int
    seed: int
    daily: bool
    design: str
    places: Callable[[str, int], Problem] = field(compare=False, repr=False)

    def changes(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """What a point changes in the scenario, strategy apart."""
        made = {name: value for name, value in point.items() if name not in (STRATEGY, EVENT)}
        if EVENT in point:
            made["events"] = _events(self.scenario, point[EVENT])
        return made

    def strategies_at(self, point: Mapping[str, Any]) -> tuple[str, ...]:
        """The strategies run at a point."""
        return (str(point[STRATEGY]),) if STRATEGY in point else self.strategies


def read_plan(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The settings of a plan file, as :func:`make` takes them. Raises ScenarioError, with file and line."""
    file = Path(path)
    label = os.fspath(path)
    data, problems = parse(read_text(file, label), label)
    if not isinstance(data, dict):
        raise ScenarioError([*problems, Problem("a plan is a mapping with 'scenario' and 'axes'", file=label)])

    def locate(*loc: Any) -> Problem:
        mark = mark_of(data, tuple(loc))
        return Problem("", ".".join(map(str, loc)), label, mark.line if mark else None)

    for key in data:
        if key not in KEYS:
            place = locate(key)
            problems.append(Problem(f"a plan has no {key!r}{nearest(key, KEYS)}", "", label, place.line))
    if not isinstance(data.get("scenario"), str):
        problems.append(Problem("'scenario' is missing: the scenario file to vary", file=label))
    if problems:
        raise ScenarioError(problems)
    said = plain(data)
    beside = file.parent / said["scenario"]
    design = said.get("design", "grid")
    if isinstance(design, str) and design not in KINDS and (file.parent / design).is_file():
        said["design"] = file.parent / design
    said["scenario"] = beside if beside.is_file() else said["scenario"]
    return {**said, "locate": lambda *loc: locate(*loc)}


def make(scenario: Any, axes: Any = None, *, design: Any = "grid", samples: int | None = None,
         strategies: Sequence[str] | None = None, replications: int | None = None, seed: int = 0, daily: bool = True,
         set: Mapping[str, Any] | None = None, locate: Any = None) -> Plan:  # fmt: skip
    """Work out a plan. ``locate`` says where a key was written. Raises ScenarioError with every problem found."""
    where = locate or (lambda *loc: Problem("", ".".join(map(str, loc))))
    market = _scenario(scenario, set)
    _plain_numbers(replications, seed, daily, where)
    if isinstance(design, str) and design in KINDS:
        columns, made = _designed(axes, design, samples, seed, where)

        def places(name: str, point: int) -> Problem:
            place: Problem = where("axes", name)
            return place
    elif isinstance(design, os.PathLike) or str(design).endswith(".csv"):
        if isinstance(axes, Mapping):
            raise _at(where("axes"), "a design matrix holds the values: 'axes' may only list the columns it must have")
        columns, made, lines = matrix(Path(design), os.fspath(design), list(axes or ()))

        def places(name: str, point: int) -> Problem:
            return Problem("", name, os.fspath(design), lines[point])
    else:
        raise _at(where("design"), f"unknown design {design!r}{nearest(str(design), KINDS)}; or name a CSV file")
    names = _strategies(market, strategies, columns, made, where, places)
    _check_events(market, made, where)
    count = market.experiment.replications if replications is None else replications
    return Plan(market, tuple(columns), tuple(made), names, count, seed, daily,
                design if design in KINDS else "matrix", places)  # fmt: skip


def _scenario(scenario: Any, changes: Mapping[str, Any] | None) -> Any:
    if isinstance(scenario, (str, os.PathLike, dict)) and changes:
        from sim.scenario import load

        return load(scenario, set=changes)
    made = opened(scenario)
    return made.with_set(changes) if changes else made


def _plain_numbers(replications: Any, seed: Any, daily: Any, where: Any) -> None:
    if replications is not None and (isinstance(replications, bool) or not isinstance(replications, int)
                                     or replications < 1):  # fmt: skip
        raise _at(where("replications"), f"replications must be at least 1 (got {replications!r})")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise _at(where("seed"), f"a seed is a whole number from 0 (got {seed!r})")
    if not isinstance(daily, bool):
        raise _at(where("daily"), f"daily is true or false (got {daily!r})")


def _designed(axes: Any, kind: str, samples: int | None, seed: int, where: Any) -> tuple[list[str], list[Any]]:
    if not isinstance(axes, Mapping) or not axes:
        raise _at(where("axes"), "a sweep needs axes: a mapping of dotted paths (or strategy, event) to their values")
    found: list[Axis] = []
    problems = []
    for name, said in axes.items():
        try:
            found.append(axis(str(name), said, kind))
        except ValueError as error:
            problems.append(_at(where("axes", name), str(error)).problems[0])
    if problems:
        raise ScenarioError(problems)
    try:
        return [a.name for a in found], points(found, kind, samples, seed)
    except ValueError as error:
        raise _at(where("samples" if kind in ("latin", "sobol") else "axes"), str(error)) from None


def _strategies(scenario: Any, said: Any, columns: list[str], made: list[Any], where: Any,
                places: Callable[[str, int], Problem]) -> tuple[str, ...]:  # fmt: skip
    if STRATEGY in columns and said is not None:
        raise _at(where("strategies"), "strategies are an axis already; name them in one place")
    if said is not None and (not isinstance(said, (list, tuple)) or not said):
        raise _at(where("strategies"), "strategies is a list of names, at least one")
    names = tuple(dict.fromkeys(said)) if said else tuple(scenario.strategies) or (BASE,)
    axis_of = {str(made[k][STRATEGY]): k for k in reversed(range(len(made)))} if STRATEGY in columns else {}
    for name in axis_of or names:
        try:
            known(scenario, name)
        except ScenarioError as error:
            raise _at(places(STRATEGY, axis_of[name]) if axis_of else where("strategies"), str(error)) from None
    return names


def _events(scenario: Any, said: Any) -> list[dict[str, Any]]:
    """The scenario's events that take place at a level of the axis ``event``: one name, several, none, or all."""
    names = [said] if isinstance(said, str) else list(said)
    have = scenario.resolved()["events"]
    if names == [ALL_EVENTS]:
        return list(have)
    return [] if names == [NO_EVENT] else [event for event in have if event["name"] in names]


def _check_events(scenario: Any, made: list[Any], where: Any) -> None:
    for said in {str(point[EVENT]): point[EVENT] for point in made if EVENT in point}.values():
        names = [said] if isinstance(said, str) else said
        known_names = [event.name for event in scenario.events]
        for name in names if isinstance(names, (list, tuple)) else [names]:
            if name not in (*known_names, NO_EVENT, ALL_EVENTS):
                hint = nearest(str(name), [*known_names, NO_EVENT, ALL_EVENTS])
                raise _at(where("axes", EVENT), f"the scenario has no event {name!r}{hint}")


def _at(place: Problem, message: str) -> ScenarioError:
    return ScenarioError([Problem(message, place.path, place.file, place.line)])
