"""What the page plays, as one scenario: the file, strategies moved before the first day, events put in on the way.

The page runs what it lets one download: every change goes into plain data, the data are loaded as any file is, and the
markets get what comes out (decisions D12, D13). Nothing reaches a market by another way.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.scenario import Scenario, load
from sim.scenario.overrides import COMMON, MISSING, apply
from sim.scenario.paths import Loc, Place, display
from sim.scenario.scenario import BASE, yaml_text

FILE = "live.yaml"
"""How a downloaded scenario is called."""


class Story:
    """A scenario without presets and tables (their rows are in it), and what the page adds to it.

    ``ground``: the scenario's data. ``moved``: changes of strategies of the page's own, by name. ``events``: as they
    stand in a file, those of the library by ``use``.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.source = scenario
        self.ground = _ground(scenario)
        self.moved: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []

    def strategy(self, name: str) -> dict[str, Any]:
        """The changes a strategy of the file stands for; none for ``base``."""
        return dict(self.ground.get("strategies", {}).get(name, {}))

    def data(self) -> dict[str, Any]:
        """The whole as plain data, as a file would say it."""
        made = dict(self.ground)
        made["strategies"] = {**self.ground.get("strategies", {}), **self.moved}
        made["events"] = [*self.ground.get("events", []), *self.events]
        return {key: made[key] for key in type(self.source).model_fields if key in made}

    def scenario(self) -> Scenario:
        """The whole, loaded. Raises ScenarioError when a change is not possible."""
        return load(_absolute(self.data(), self.source.base_dir))

    def set_market(self, **values: Any) -> None:
        """Another number of consumers or days; budgets and stocks shrink with the number as they do in a run."""
        market = {**self.ground.get("market", {}), **values}
        self.ground = {**self.ground, "market": market}

    def added(self) -> dict[str, Any]:
        """Only what the page has added, in the language of scenarios."""
        market = {
            key: value for key, value in self.ground.get("market", {}).items()
            if key in ("consumers", "days") and value != getattr(self.source.market, key)
        }  # fmt: skip
        parts = {"market": market, "strategies": self.moved, "events": self.events}
        return {key: value for key, value in parts.items() if value}

    def text(self, commands: list[str]) -> str:
        """The whole as YAML text, with the commands that give the page's numbers again on top."""
        head = [f"# From `sim dashboard`. The numbers of the page again, {FILE} being this file:"]
        return "\n".join([*head, *(f"#   {line}" for line in commands), "", yaml_text(self.data())])

    @property
    def folder(self) -> Path | None:
        """The folder of data files the scenario names, None when it names none."""
        return self.source.base_dir if _files(self.ground, self.source.base_dir) else None


def _ground(scenario: Scenario) -> dict[str, Any]:
    """What the file says, tables and presets joined, with the settings of the command line written into it.

    A setting comes after the strategy, so it is written into each strategy too, as the value it leads to.
    """
    root = Place.root(type(scenario))
    data: dict[str, Any] = scenario.said
    market = dict(data.get("market", {}))
    if market.get("reference_consumers") is None and market.get("consumers") is not None:
        data["market"] = market | {"reference_consumers": market["consumers"]}
    settings = scenario.settings
    if not settings:
        return data
    strategies = data.get("strategies", {})
    data = apply(data, settings, root).data
    resolved = {name: scenario.for_strategy(name).resolved() for name in strategies}
    own = {path: value for path, value in settings.items() if path.partition(".")[0] not in COMMON}
    made = {}
    for name, change in strategies.items():
        made[name] = dict(change)
        for loc in (loc for locs in apply(resolved[name], own, root).touched.values() for loc in locs):
            path = display(loc, resolved[name])
            made[name].pop(path, None)
            made[name][path] = _at(resolved[name], loc)
    return {**data, "strategies": made} if made else data


def _at(data: Any, loc: Loc) -> Any:
    for key in loc:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return data


def _names_file(key: Any, value: Any, folder: Path) -> bool:
    """Whether a value names a data file that is there (the keys of :func:`sim.experiments.identity.data_files`)."""
    named = isinstance(value, str) and (key in ("path", "file") or str(key).endswith("_path"))
    return named and (folder / value).is_file()


def _files(value: Any, folder: Path) -> bool:
    if isinstance(value, Mapping):
        return any(_names_file(key, inner, folder) or _files(inner, folder) for key, inner in value.items())
    return isinstance(value, list) and any(_files(inner, folder) for inner in value)


def _absolute(value: Any, folder: Path) -> Any:
    """The same data with data files named so that they are found from anywhere."""
    if isinstance(value, Mapping):
        return {
            key: str((folder / inner).resolve()) if _names_file(key, inner, folder) else _absolute(inner, folder)
            for key, inner in value.items()
        }  # fmt: skip
    return [_absolute(inner, folder) for inner in value] if isinstance(value, list) else value


__all__ = ["BASE", "FILE", "Story"]
