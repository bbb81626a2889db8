"""Levers, made from the schema: what the strategies move, the focal merchant's plan and prices, what is not known.

A lever is one value of the scenario: its path, words, unit and bounds are those of the field's passport.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_origin

from sim.scenario import Scenario
from sim.scenario.overrides import find
from sim.scenario.paths import Loc, PathError, Place, display, is_named_list, parse_path, quote

Group = Literal["strategy", "plan", "prices", "unknown"]
GROUPS: tuple[Group, ...] = ("strategy", "plan", "prices", "unknown")
"""What strategies move; the rest of the plan; goods; ranges the scenario calls uncertain."""

MOST = 120
"""Levers of one page; a scenario whose strategies move more shows the first."""

MOVABLE = ("price", "quality", "advertised_quality", "unit_cost")
"""Fields of a product that have a lever of their own."""


@dataclass(frozen=True)
class Lever:
    """One value that can be moved. ``low`` to ``high`` is the slider; ``least`` and ``most`` are what is possible;
    ``plausible`` is the schema's range and ``uncertain`` the one the scenario gives, where they give one."""

    path: str
    group: Group
    kind: Literal["number", "whole", "choice", "switch"]
    description: str
    unit: str
    applies: Literal["build", "day"]
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    plausible: tuple[float, float] | None = None
    uncertain: tuple[float, float] | None = None

    @property
    def label(self) -> str:
        """The path without the section and the merchant, which are the same for most."""
        names = parse_path(self.path)
        short = names[2:] if names[0] == "merchants" else names[1:]
        return " · ".join(name for name in short if name not in ("plan", "products"))

    def takes(self, value: Any) -> bool:
        """Whether the lever can stand at a value. What else is wrong with it, the scenario says when it is loaded."""
        if self.kind == "choice":
            return value in self.choices
        if self.kind == "switch":
            return isinstance(value, bool)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return False
        if self.kind == "whole" and value != int(value):
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def levers(scenario: Scenario) -> list[Lever]:
    """Every lever of a scenario, each path once, in the order of :data:`GROUPS`."""
    versions = {name: scenario.for_strategy(name).resolved() for name in (None, *scenario.strategies)}
    root = Place.root(type(scenario))
    found: dict[str, Lever] = {}
    for group, data, path in _wanted(scenario, versions):
        for lever in _at(data, path, group, root):
            known = found.get(lever.path)
            if known is None and len(found) < MOST:
                found[lever.path] = lever
            elif known is not None and lever.high > known.high:
                found[lever.path] = replace(known, high=lever.high, step=max(known.step, lever.step))
    for path, (low, high) in scenario.uncertainties.items():
        if path in found:
            lever = found[path]
            span = (min(low, lever.low), max(high, lever.high)) if lever.group != "unknown" else (low, high)
            found[path] = replace(lever, low=span[0], high=span[1], step=_step(span[1] - span[0], lever.kind),
                                  uncertain=(low, high))  # fmt: skip
    return sorted(found.values(), key=lambda lever: GROUPS.index(lever.group))


def value_at(resolved: Any, path: str) -> Any:
    """What stands at a path of a resolved version; None where nothing does."""
    here = resolved
    for name in parse_path(path):
        if isinstance(here, list):
            here = next((item for item in here if isinstance(item, dict) and item.get("name") == name), None)
        else:
            here = here.get(name) if isinstance(here, dict) else None
    return here


def focal(scenario: Scenario) -> str | None:
    """The merchant the outcomes are about; None without merchants."""
    return scenario.focal or (scenario.merchants[0].name if scenario.merchants else None)


def _wanted(scenario: Scenario, versions: dict[str | None, Any]) -> Iterator[tuple[Group, Any, str]]:
    for name, changes in scenario.strategies.items():
        for path in changes:
            for data in (versions[name], versions[None]):
                yield "strategy", data, path
    merchant = focal(scenario)
    if merchant is not None:
        for data in versions.values():
            yield "plan", data, f"merchants.{quote(merchant)}.plan"
        products = next(m.products for m in scenario.merchants if m.name == merchant)
        for product in products[:6]:
            for field in MOVABLE:
                yield "prices", versions[None], f"merchants.{quote(merchant)}.products.{quote(product.name)}.{field}"
    for path in scenario.uncertainties:
        yield "unknown", versions[None], path


def _at(data: Any, path: str, group: Group, root: Place) -> Iterator[Lever]:
    try:
        targets = list(find(data, parse_path(path), root))
    except PathError:
        return
    for loc, place in targets:
        here = data
        for key in loc:
            try:
                here = here[key]
            except (KeyError, IndexError, TypeError):
                here = None
        yield from _leaves(data, here, loc, place, group)


def _leaves(data: Any, value: Any, loc: Loc, place: Place, group: Group) -> Iterator[Lever]:
    inner: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif is_named_list(value):
        inner = enumerate(value)
    elif value is not None and not isinstance(value, list):
        lever = _lever(value, display(loc, data), place, group)
        if lever is not None:
            yield lever
        return
    for key, part in inner:
        yield from _leaves(data, part, (*loc, key), place.child(key, value), group)


def _lever(value: Any, path: str, place: Place, group: Group) -> Lever | None:
    if place.info is None:
        return None
    says = place.info.description or "", str(place.extra("unit", "-"))
    choices = tuple(str(c) for kind in place.kinds if get_origin(kind) is Literal for c in get_args(kind))
    if isinstance(value, bool):
        return Lever(path, group, "switch", *says, place.applies)
    if isinstance(value, str):
        return Lever(path, group, "choice", *says, place.applies, choices=choices) if value in choices else None
    if not isinstance(value, (int, float)) or not place.is_number:
        return None
    kind: Literal["number", "whole"] = "whole" if place.is_whole else "number"
    rules = {key: getattr(rule, key) for rule in place.info.metadata for key in ("ge", "gt", "le", "lt")
             if getattr(rule, key, None) is not None}  # fmt: skip
    least, most = _first(rules, "ge", "gt"), _first(rules, "le", "lt")
    said = place.extra("plausible")
    plausible = (float(said[0]), float(said[1])) if said else None
    low = min(value, plausible[0] if plausible else least if least is not None else min(0, 2 * value))
    high = plausible[1] if plausible else most
    if high is None or high > 20 * max(abs(value), 1):
        high = 1.0 if value <= 1 and kind == "number" else _round_up(2 * abs(value))
    high = max(high, value, low + (1 if kind == "whole" else 1e-3))
    step = _step(high - low, kind)
    low = max(low, least + step) if "gt" in rules and least is not None and low <= least else low
    high = min(high, most - step) if "lt" in rules and most is not None and high >= most else high
    return Lever(path, group, kind, *says, place.applies, low=float(min(low, value)), high=float(max(high, value)),
                 step=step, least=least, most=most, plausible=plausible)  # fmt: skip


def _first(rules: dict[str, Any], *keys: str) -> float | None:
    return next((float(rules[key]) for key in keys if key in rules), None)


def _round_up(value: float) -> float:
    """The next number of the row 1, 2, 5, 10, 20, ..."""
    size = 10.0 ** math.floor(math.log10(max(value, 1e-9)))
    return next(size * k for k in (1, 2, 5, 10) if size * k >= value * (1 - 1e-9))


def _step(width: float, kind: str) -> float:
    """A hundredth of the slider, in the row 1, 2, 5; whole numbers go by ones at least."""
    step = _round_up(max(width, 1e-9) / 200)
    return max(1.0, round(step)) if kind == "whole" else step
