"""A scenario that can be asked for its versions: by strategy, by setting, by day."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import PrivateAttr, create_model

from sim import plugins
from sim.contract import Problem, Registry, ScenarioError, quantity
from sim.scenario.attach import TableRead
from sim.scenario.calendar import active, turns
from sim.scenario.compiling import (
    Origin,
    check_uncertainties,
    compile_events,
    compile_version,
    dump,
    path_problems,
    raise_if,
)
from sim.scenario.loading import read
from sim.scenario.located import located, plain, stands
from sim.scenario.overrides import apply, operator_of
from sim.scenario.parameters import mechanisms_model
from sim.scenario.paths import Loc, Place, display, nearest
from sim.scenario.prices import price_days, with_prices
from sim.scenario.problems import Found, validated
from sim.scenario.schema import ScenarioModel
from sim.scenario.shows import Shows
from sim.scenario.yamltext import represented, resolver

BASE = "base"
"""The name under which the scenario without a strategy is known."""


class Scenario(ScenarioModel, Shows):
    """A validated scenario. Frozen: every change makes another one.

    >>> shops = sim.load("presets/examples/tea.yaml")
    >>> shops.with_set({"merchants.Leaf.products.green.price": 40}).for_strategy("sale").merchants[0].products[0].price
    40.0
    """

    _origin: Origin = PrivateAttr()
    _calm: Scenario | None = PrivateAttr(default=None)
    _registry: Registry | None = PrivateAttr(default=None)
    _days: dict[tuple[int | None, tuple[int, ...]], Scenario] = PrivateAttr(default_factory=dict)
    _strategies: dict[str, Scenario] = PrivateAttr(default_factory=dict)

    @property
    def path(self) -> Path | None:
        """The file it was read from, None for text and mappings."""
        return self._origin.path

    @property
    def base_dir(self) -> Path:
        """The folder to which paths inside the scenario are relative."""
        return self._origin.base_dir

    @property
    def said(self) -> dict[str, Any]:
        """What its files say together, as plain data: presets joined, rows of tables and the library written out."""
        return dict(plain(self._origin.given))

    def problem(self, loc: Loc, message: str) -> Problem:
        """A problem found later, when the market is built, at the line of the file that says what stands at ``loc``."""
        said = stands(self._origin.given, loc[:1])
        return self._origin.problem(loc, message) if said else Problem(message, display(loc, self._origin.given))

    @property
    def registry(self) -> Registry | None:
        """The mechanisms beside the built-in ones that it may switch on; None without any."""
        return self._registry

    @property
    def tables(self) -> tuple[TableRead, ...]:
        """The tables whose rows are part of it: where they went, how many, what was not used."""
        return self._origin.tables

    @property
    def strategy(self) -> str | None:
        """Name of the strategy in force, None without."""
        return self._origin.strategy

    @property
    def settings(self) -> dict[str, Any]:
        """Everything said by ``--set``; a path set twice as last said."""
        return {path: value for changes in self._origin.settings for path, value in changes.items()}

    @property
    def change_days(self) -> list[int]:
        """Days before the horizon on which an event begins or has just ended, or a price of the list begins, sorted."""
        return sorted(day for day in {*self._turns(), *price_days(self)} if 0 <= day < self.market.days)

    def _turns(self) -> list[int]:
        """Days on which an event begins or has just ended, those after the horizon too."""
        return sorted(turns((e for e in self.events if e.happens(self.strategy)), self.market))

    def for_strategy(self, name: str | None) -> Scenario:
        """The scenario under a strategy; None or ``"base"`` for none. Raises ScenarioError on an unknown name."""
        wanted = None if name in (None, BASE) else str(name)
        if wanted is not None and wanted not in self.strategies:
            raise ScenarioError(
                [Problem(f"no strategy is called {wanted!r}{nearest(wanted, [*self.strategies, BASE])}", "strategies")]
            )
        if wanted == self.strategy:
            return self._calm or self
        key = wanted or BASE
        if key not in self._strategies:
            self._strategies[key] = self._version(replace(self._origin, strategy=wanted))
        return self._strategies[key]

    def with_set(self, changes: Mapping[str, Any], events: bool = True) -> Scenario:
        """The scenario with further settings, which come after the strategy. Raises ScenarioError.

        ``events=False`` compiles the days of events when they are first asked for, and not all of them here.
        """
        if not changes:
            return self._calm or self
        return self._version(replace(self._origin, settings=(*self._origin.settings, _settings(changes))), events)

    def on_day(self, day: int) -> Scenario:
        """What is in force on a day: this scenario with the price list and the active events applied; itself when
        there are none."""
        calm = self._calm or self
        which = tuple(k for k in active(calm.events, calm.market, day) if calm.events[k].happens(calm.strategy))
        listed = max((begins for begins in price_days(calm) if begins <= day), default=None)
        if not which and listed is None:
            return calm
        key = (listed, which)
        if key not in calm._days:
            made = calm if listed is None else with_prices(calm, listed)
            if which:
                compiled = compile_events(type(calm), calm._origin, dump(made), which, day)
                raise_if(compiled.problems)
                made = compiled.model
            calm._days[key] = calm._dressed(made, calm._origin)
            calm._days[key]._calm = calm
        return calm._days[key]

    def resolved(self) -> dict[str, Any]:
        """Every field, defaults included, as data JSON and YAML can hold; loading it gives the same again."""
        return dump(self)

    def yaml(self) -> str:
        """:meth:`resolved` as YAML text, readable by :func:`load`."""
        return yaml_text(self.resolved())

    def check(self) -> None:
        """Compile every strategy on every day on which something changes. Raises ScenarioError with all problems."""
        problems: list[Problem] = []
        said: set[tuple[str, str, int | None, str]] = set()
        for name in (None, *self.strategies):
            try:
                origin = replace(self._origin, strategy=name)
                version = self if name == self.strategy else self._version(origin, events=False)
            except ScenarioError as error:
                problems.extend(error.problems)
                continue
            for found in version._event_problems():
                key = (found.file, found.path, found.line, found.message.partition(" (on day ")[0])
                if key not in said:
                    said.add(key)
                    problems.append(found)
            if version is not self:
                self._strategies[name or BASE] = version
        if not problems:
            problems.extend(check_uncertainties(type(self), self._origin, dump(self)))
        raise_if(problems)

    def _event_problems(self) -> list[Problem]:
        problems: list[Problem] = []
        said = [f"{path}: {value}" for event in self.events for path, value in event.change.items()]
        # Listed prices are possible, and so is any share of them; only a sum may take one below zero on its day.
        sums = any("price" in change and "'add'" in change for change in said)
        for day in sorted({*self._turns(), *(price_days(self) if sums else ())}):
            try:
                self.on_day(day)
            except ScenarioError as error:
                problems.extend(error.problems)
        return problems

    def _version(self, origin: Origin, events: bool = True) -> Scenario:
        made = compile_version(type(self), origin)
        raise_if(made.problems)
        version = self._dressed(made.model, origin)
        if events:
            raise_if(version._event_problems())
        return version

    def _dressed(self, model: Any, origin: Origin) -> Scenario:
        made: Scenario = model
        made._origin, made._registry = origin, self._registry
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (self._registry, dump(self), self._origin, self._calm)


def _revive(registry: Registry | None, data: dict[str, Any], origin: Origin, calm: Scenario | None) -> Scenario:
    made = scenario_class(registry).model_validate(data)
    made._origin, made._calm, made._registry = origin, calm, registry
    return made


_CLASSES: dict[frozenset[tuple[str, type]], type[Scenario]] = {}


def scenario_class(registry: Registry | None = None) -> type[Scenario]:
    """The class of scenarios whose ``mechanisms`` have a place for every mechanism of the registry."""
    mechanisms = mechanisms_model(registry.params if registry else {})
    if mechanisms is ScenarioModel.model_fields["mechanisms"].annotation:
        return Scenario
    assert registry is not None
    key = frozenset(registry.params.items())
    if key not in _CLASSES:
        default = quantity(mechanisms(), "Parameters of behaviour.")
        _CLASSES[key] = create_model("Scenario", __base__=Scenario, mechanisms=(mechanisms, default))
    return _CLASSES[key]


def load(
    source: str | os.PathLike[str] | Mapping[str, Any],
    set: Mapping[str, Any] | None = None,
    registry: Registry | None = None,
    data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
) -> Scenario:
    """Read, resolve and validate a scenario with all its strategies and events.

    ``source``: a file, the name of a packaged preset (``limits/bass``), YAML text (with a line break) or a mapping.
    ``set``: ``{path: value}``, applied after the strategy. ``registry``: mechanisms beside the built-in ones; by
    default those registered and installed (:mod:`sim.plugins`).
    ``data``: folders in which data files may lie, besides that of the file that names them.
    Raises ScenarioError with every problem found, each with file, line and path.

    >>> shops = sim.load("presets/examples/tea.yaml", set={"market.days": 5})
    >>> shops.market.days, shops.strategies_names
    (5, ['plain', 'sale'])
    """
    registry = plugins.as_of_now(registry)
    kind = scenario_class(registry)
    folders = [data] if isinstance(data, (str, os.PathLike)) else data
    said = read(source, [Path(folder) for folder in folders])
    plain_data = plain(said.data)
    origin = Origin(plain_data, said.data, said.label, said.path, said.base_dir, tables=tuple(said.tables))
    model, found = validated(kind, plain_data)
    if found and set and not said.problems:
        model, found, plain_data = _completed(kind, plain_data, set, found)
    problems = [*said.problems, *(origin.problem(loc, message) for loc, message in found)]
    if problems:
        spoilt = (said.unread | {loc[0] for loc, _ in found if loc}) - {"strategies", "events", "uncertainties"}
        raise_if([*problems, *path_problems(kind, origin, plain_data, spoilt)])
    base = dump(model)
    if base["market"]["reference_consumers"] is None:
        base["market"]["reference_consumers"] = base["market"]["consumers"]
    origin = replace(origin, base=base, settings=(_settings(set),) if set else ())
    made = compile_version(kind, origin)
    raise_if(made.problems)
    scenario: Scenario = made.model
    scenario._origin, scenario._registry = origin, registry
    scenario.check()
    return scenario


def _completed(
    kind: type[Scenario], data: dict[str, Any], set: Mapping[str, Any], found: list[Found]
) -> tuple[Any, list[Found], dict[str, Any]]:
    """A file that leaves something to be set: valid if it is so with the plain assignments among the settings."""
    said = {path: value for path, value in _settings(set).items() if operator_of(value) is None}
    applied = apply(data, said, Place.root(kind))
    model, still = validated(kind, applied.data)
    return (model, [], applied.data) if not still and not applied.problems else (None, found, data)


def _settings(changes: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(changes, Mapping):
        raise ScenarioError("settings are a mapping of paths to values")
    try:
        return dict(plain(located(changes)))
    except ScenarioError as error:
        raise ScenarioError([Problem(p.message, p.path, "--set") for p in error.problems]) from None


_Writer = resolver(yaml.SafeDumper, also=True)
_Writer.add_representer(str, represented)


def yaml_text(data: Any) -> str:
    """Plain data as YAML which this program, and any other, reads as the same values."""
    return str(yaml.dump(data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=110))


__all__ = ["BASE", "Scenario", "load", "scenario_class", "yaml_text"]
