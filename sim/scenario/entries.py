"""Strategies that stand in files of their own, as a class or several planners hand them in.

A file is the text of one strategy: paths and what stands there instead, ``use: NAME`` of the library, and perhaps
``team: NAME``. Mistakes carry file and line. ``permitted`` says which paths may be changed, ``planned_spend`` what a
plan would spend.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.contract import Problem, ScenarioError
from sim.scenario.compiling import Origin
from sim.scenario.library import unpack
from sim.scenario.located import Map, plain
from sim.scenario.paths import ANY, PathError, parse_path, quote
from sim.scenario.scenario import Scenario
from sim.scenario.yamltext import MAX_BYTES, decode, parse

TEAM = "team"
LONGEST_NAME = 60


@dataclass(frozen=True)
class Entry:
    """A strategy handed in: its file, the name it goes by, and the change it is."""

    file: str
    team: str
    change: Map


def read_entry(path: Path) -> Entry:
    """Read one file. Raises ScenarioError with every mistake of its form, each with its line."""
    try:
        with path.open("rb") as stream:
            text = decode(stream.read(MAX_BYTES + 1), path.name)
    except OSError as error:
        raise ScenarioError([Problem(f"cannot be read: {error.strerror or error}", file=path.name)]) from None
    data, problems = parse(text, path.name)
    if problems:
        raise ScenarioError(problems)
    if not isinstance(data, Map):
        said = "is empty" if data is None else "is a list or a single value"
        example = "a strategy is a mapping such as 'merchants.Lumi.plan.mix: {koc: 1}'"
        raise ScenarioError([Problem(f"{said}; {example}", file=path.name, line=1)])
    change = Map(data.mark)
    for key, value in data.items():
        if key != TEAM:
            change.put(key, value, data.marks[key])
    return Entry(path.name, shown(str(data.get(TEAM) or path.stem)), change)


def shown(name: str) -> str:
    """A name that may be shown anywhere: one line, no control characters, not too long; never empty."""
    spaced = " ".join(name.split())
    kept = "".join(c for c in spaced if unicodedata.category(c)[0] != "C").strip()
    return (kept[: LONGEST_NAME - 1] + "…" if len(kept) > LONGEST_NAME else kept) or "nameless"


def levers(focal: str) -> tuple[str, ...]:
    """What a player may change unless told otherwise: the plan of the focal merchant and its prices."""
    name = quote(focal)
    return f"merchants.{name}.plan", f"merchants.{name}.products.*.price"


def forbidden(entry: Entry, allowed: Sequence[str]) -> list[Problem]:
    """The paths of an entry that are not among what may be changed, or below it."""
    patterns = [parse_path(path) for path in allowed]
    found = []
    for path, mark in entry.change.marks.items():
        try:
            names = parse_path(path)
        except PathError:
            continue  # told of, with the nearest path, when the strategy is compiled
        if path != "use" and not any(_below(names, pattern) for pattern in patterns):
            message = f"is not yours to change here; you may change {', '.join(allowed)}"
            found.append(Problem(message, path, entry.file, mark.line if mark else None))
    return found


def _below(names: Sequence[str], pattern: Sequence[str]) -> bool:
    return len(names) >= len(pattern) and all(p in (ANY, name) for name, p in zip(names, pattern, strict=False))


def with_entries(scenario: Scenario, entries: dict[str, Entry]) -> Scenario:
    """The scenario with these strategies, by name, instead of its own. Raises ScenarioError with every mistake in
    them, at the file and line where it stands."""
    origin = scenario._origin
    given = Map(origin.given.mark)
    for key, value in origin.given.items():
        given.put(key, value, origin.given.marks[key])
    strategies = Map()
    for name, entry in entries.items():
        strategies.put(name, entry.change, entry.change.mark)
    given.put("strategies", strategies, None)
    problems = unpack(given, "")
    if problems:
        raise ScenarioError(problems)
    base = {**origin.base, "strategies": plain(given["strategies"])}
    base["experiment"] = {**base["experiment"], "baseline": None}
    made = scenario._version(_calm(origin, base, given))
    made.check()
    return made


def _calm(origin: Origin, base: dict[str, Any], given: Map) -> Origin:
    return replace(origin, base=base, given=given, strategy=None)


def planned_spend(scenario: Scenario, merchant: str) -> float:
    """Yuan a merchant's plan may spend over the horizon, at most: phases that may end early are counted in full."""
    plan = next(m for m in scenario.merchants if m.name == merchant).plan
    total = 0.0
    for day in range(scenario.market.days):
        budgets = []
        for phase in (p for p in plan.phases if p.holds(day)):
            budgets.append(plan.during(phase).budget_per_day)
            if phase.until is None:
                break
        else:
            budgets.append(plan.budget_per_day)
        total += max(budgets)
    return total if plan.total is None else min(total, plan.total)
