"""Ranges over which something varies: a scenario's uncertainties, its assumptions, or levers named by path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.contract import Problem, ScenarioError
from sim.experiments.sweeps.design import Axis, axis

RANGE = "latin"
"""The kind of design whose reading of a range suits us: two ends, no steps."""


def uncertainties(scenario: Any, said: Mapping[str, Any] | Sequence[str] | str | None = None) -> list[Axis]:
    """What is uncertain: ranges by path as ``said``; else those of the scenario; else what it assumes.

    ``said`` may be a list of paths whose ranges are taken from the scenario's uncertainties or from the plausible
    ranges of its parameters; ``"assumed"`` for its uncertainties and its assumptions (standing A) together; ``"all"``
    for those and every other parameter with a plausible range; ``"declared"`` for its uncertainties alone. Raises
    ScenarioError on a path without a range.
    """
    declared = dict(getattr(scenario, "uncertainties", None) or {})
    if isinstance(said, Mapping):
        return axes(scenario, said)
    if (said is None and declared) or said == "declared":
        return axes(scenario, declared)
    ranges = {**_ranged(scenario, "A" if said in (None, "assumed") else ""), **declared}
    if said in (None, "assumed", "all"):
        if not ranges:
            raise ScenarioError(
                f"{scenario.name!r} says nothing about what is uncertain: add ranges under 'uncertainties:', as in "
                "mechanisms.sharing.reach_per_share: [0.05, 0.35]"
            )
        return axes(scenario, ranges)
    wanted = [said] if isinstance(said, str) else list(said)
    missing = [path for path in wanted if path not in ranges]
    if missing:
        from sim.scenario.paths import nearest

        raise ScenarioError([Problem(f"no range is known for it{nearest(p, ranges)}; name one: {p}=LOW..HIGH", p)
                             for p in missing])  # fmt: skip
    return axes(scenario, {path: ranges[path] for path in wanted})


def axes(scenario: Any, said: Mapping[str, Any]) -> list[Axis]:
    """Ranges by path: ``(low, high)``, ``{from, to, log, whole}``, or a list of values. Raises ScenarioError.

    A pair of numbers is a range; a list of two must be said as ``{values: [a, b]}`` to be two values. Where the schema
    takes whole numbers only, a range gives whole numbers.
    """
    made, problems = [], []
    for path, value in said.items():
        try:
            _known(scenario, str(path))
            made.append(axis(str(path), _spelled(scenario, str(path), value), RANGE))
        except ValueError as error:
            problems.append(Problem(str(error), str(path)))
    if not made and not problems:
        raise ScenarioError("nothing varies: name at least one path with its range")
    if problems:
        raise ScenarioError(problems)
    return made


def parsed(texts: Sequence[str], flag: str) -> dict[str, Any]:
    """``PATH=LOW..HIGH`` (``log`` after it for a logarithmic range) or ``PATH=A,B,C`` as :func:`axes` takes them.

    Raises ScenarioError naming what cannot be read.
    """
    from sim.scenario.yamltext import parse_value

    made: dict[str, Any] = {}
    wrong = []
    for text in texts:
        path, sign, value = text.rpartition("=")
        low, dots, high = value.partition("..")
        try:
            if not sign or not path.strip() or not value.strip():
                raise ValueError
            if dots:
                end, _, log = high.strip().partition(" ")
                made[path.strip()] = {"from": float(low), "to": float(end), **({"log": True} if log == "log" else {})}
            else:
                made[path.strip()] = {"values": [parse_value(part.strip()) for part in value.split(",")]}
        except (ValueError, ScenarioError):
            wrong.append(f"{flag} {text}: write PATH=LOW..HIGH, or PATH=A,B,C for a choice")
    if wrong:
        raise ScenarioError("\n".join(wrong))
    return made


def _spelled(scenario: Any, path: str, value: Any) -> Any:
    """A range as a sweep writes it."""
    if isinstance(value, Mapping):
        if set(value) == {"values"}:
            return value["values"]
        return {**value, **({"whole": True} if _whole(scenario, path) else {})}
    if _is_pair(value):
        return {"from": value[0], "to": value[1], **({"whole": True} if _whole(scenario, path) else {})}
    return value


def _is_pair(value: Any) -> bool:
    return (isinstance(value, (list, tuple)) and len(value) == 2
            and all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in value))  # fmt: skip


def _known(scenario: Any, path: str) -> None:
    """Raise ValueError, with the nearest, on a path that leads nowhere; what is no scenario of ours is not asked."""
    from pydantic import BaseModel

    from sim.scenario.overrides import find
    from sim.scenario.paths import PathError, Place, parse_path

    if isinstance(scenario, BaseModel):
        try:
            list(find(scenario.resolved(), parse_path(path), Place.root(type(scenario))))  # type: ignore[attr-defined]
        except PathError as error:
            raise ValueError(str(error)) from None


def _whole(scenario: Any, path: str) -> bool:
    """Whether only whole numbers may stand at a path; False where the schema knows nothing of it."""
    from pydantic import BaseModel

    from sim.scenario.overrides import find
    from sim.scenario.paths import PathError, Place, parse_path, place_at

    if not isinstance(scenario, BaseModel):
        return False
    data = scenario.resolved()  # type: ignore[attr-defined]
    root = Place.root(type(scenario))
    try:
        return any(place_at(root, loc, data).is_whole for loc, _ in find(data, parse_path(path), root))
    except PathError:
        return False  # building the scenario at its first point says so, with the nearest


def _ranged(scenario: Any, standing: str) -> dict[str, Any]:
    from sim.scenario.passports import ranged

    return dict(ranged(scenario, standing)) if hasattr(scenario, "mechanisms") else {}
