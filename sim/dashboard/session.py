"""The model behind the page: two markets on one seed, what has been moved and thrown in, and the YAML all that equals.

Before the first day a moved lever is part of the strategy. Later it is an event of that day under that side's strategy,
which only fields that apply by the day can be; the others wait for the reset. Whatever is refused leaves all as it was.
"""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass, field
from typing import Any

from sim.contract import ScenarioError
from sim.dashboard.levers import Lever, levers, value_at
from sim.dashboard.story import BASE, FILE, Story
from sim.market import Market
from sim.scenario import Scenario
from sim.scenario.library import shelf

MOST_PEOPLE = 200_000
MOST_CHANGES = 500
"""Events one page may hold."""

SIDES = ("A", "B")


@dataclass
class Side:
    """One of the two markets. ``first``: what was moved before the first day; ``later``: since; ``waiting``: for the
    reset."""

    strategy: str
    name: str = ""
    first: dict[str, Any] = field(default_factory=dict)
    later: dict[str, Any] = field(default_factory=dict)
    waiting: dict[str, Any] = field(default_factory=dict)
    market: Any = None


class Session:
    """What one open page plays. Not for use by several threads at once (:mod:`sim.dashboard.player`).

    Raises ScenarioError when the scenario has no such strategy.
    """

    def __init__(self, scenario: Scenario, a: str | None = None, b: str | None = None, seed: int = 0) -> None:
        self.story = Story(scenario)
        self.seed = seed
        names = [*scenario.strategies]
        first = a or scenario.experiment.baseline or (names[0] if names else BASE)
        second = b or next((name for name in names if name != first), first)
        self.sides = {"A": Side(first), "B": Side(second)}
        self.levers: dict[str, Lever] = {lever.path: lever for lever in levers(scenario)}
        self.seconds = 0.0
        """Processor seconds of the last day, both sides."""
        self.version = 0
        """Counts every change of what is shown."""
        self.changed = 0
        """Counts every change of the scenario."""
        self._build_story()

    # -- what is ----------------------------------------------------------------------------------------------------

    @property
    def days(self) -> int:
        """The horizon."""
        return int(self.scenario.market.days)

    @property
    def day(self) -> int:
        """The day that is lived next; 0 before the first."""
        market = self.sides["A"].market
        return 0 if market is None else int(market.day)

    @property
    def over(self) -> bool:
        """Whether the horizon is reached."""
        return self.day >= self.days

    def values(self, key: str) -> dict[str, Any]:
        """Where the levers of a side stand, by path, what waits for the reset included; without those it lacks."""
        side = self.sides[key]
        resolved = self.scenario.for_strategy(side.name).resolved()
        found = {path: value for path in self.levers if (value := value_at(resolved, path)) is not None}
        return found | side.later | side.waiting

    def commands(self) -> list[str]:
        """The command lines that give each side's numbers again."""
        data = ["--data", str(self.story.folder)] if self.story.folder else []
        return [
            shlex.join(["sim", "run", FILE, "--strategy", side.name, "--seed", str(self.seed), *data])
            for side in self.sides.values()
        ]  # fmt: skip

    def text(self) -> str:
        """The whole scenario as YAML; running it by the command line gives the page's numbers."""
        return self.story.text(self.commands())

    # -- the days ---------------------------------------------------------------------------------------------------

    def ready(self) -> None:
        """Build the markets, and live their warm-up, unless they stand. Raises ScenarioError."""
        if all(side.market is not None for side in self.sides.values()):
            return
        people = self.scenario.market.consumers
        if people is not None and people > MOST_PEOPLE:
            raise ScenarioError(f"the page takes up to {MOST_PEOPLE:,} consumers (got {people:,}): --consumers 20000")
        for side in self.sides.values():
            side.market = Market(self.scenario, side.name, self.seed).warm_up()
        self.version += 1

    def step(self, days: int = 1) -> None:
        """Live so many days on both sides, to the horizon at most."""
        self.ready()
        for _ in range(min(days, self.days - self.day)):
            start = time.thread_time()
            for side in self.sides.values():
                side.market.step()
            self.seconds = time.thread_time() - start
            self.version += 1

    # -- what is changed --------------------------------------------------------------------------------------------

    def move(self, key: str, path: str, value: Any) -> None:
        """Move a lever of a side. Raises ScenarioError when it cannot stand there; then nothing has changed."""
        side, lever = self.sides[key], self.levers.get(path)
        if lever is None:
            raise ScenarioError(f"there is no lever {path!r:.80}")
        if not lever.takes(value):
            raise ScenarioError(f"{path}: cannot be {value!r:.40}")
        value = int(value) if lever.kind == "whole" else value
        if self.day == 0:
            before = dict(side.first)
            side.first.pop(path, None)
            if value != value_at(self._own(side), path):
                side.first[path] = value
            try:
                self._build_story()
            except ScenarioError:
                side.first = before
                raise
        elif lever.applies == "build":
            side.waiting[path] = value
        else:
            self._decide(side, path, value)
        self._noted()

    def throw(self, name: str, days: int | None = None, strength: float = 1.0, of: str | None = None,
              at: str | None = None) -> None:  # fmt: skip
        """Let an event of the library happen from today on, on both sides. Raises ScenarioError when it cannot."""
        if name not in shelf("events"):
            raise ScenarioError(f"no event of the library is called {name!r:.40}")
        self._open()
        event: dict[str, Any] = {"use": name, "name": self._named(f"{name} day {self.day}"), "day": self.day}
        more = {"days": days, "strength": None if strength == 1 else strength, "of": of, "at": at}
        event |= {key: value for key, value in more.items() if value is not None}
        self._put([*self.story.events, event])
        self._noted()

    def choose(self, key: str, strategy: str) -> None:
        """Play another strategy on a side, from day 0."""
        if strategy != BASE and strategy not in self.story.source.strategies:
            raise ScenarioError(f"no strategy is called {strategy!r:.80}")
        self.sides[key] = Side(strategy)
        self.reset()

    def reset(self, seed: int | None = None, **market: Any) -> None:
        """Back to day 0 with the levers as they stand; what was thrown in is forgotten. ``market``: ``consumers``,
        ``days``. Raises ScenarioError, and is then as before."""
        before = (self.seed, self.story.ground, self.story.events, {k: (s.first, s.later, s.waiting)
                  for k, s in self.sides.items()})  # fmt: skip
        self.seed = self.seed if seed is None else seed
        self.story.set_market(**market)
        self.story.events = []
        for side in self.sides.values():
            own = self._own(side)
            merged = side.first | side.later | side.waiting
            side.first = {path: value for path, value in merged.items() if value != value_at(own, path)}
            side.later, side.waiting = {}, {}
        try:
            self._build_story()
        except ScenarioError:
            self.seed, self.story.ground, self.story.events, kept = before
            for k, (first, later, waiting) in kept.items():
                self.sides[k].first, self.sides[k].later, self.sides[k].waiting = first, later, waiting
            raise
        self._noted()

    def clear(self) -> None:
        """Back to day 0 with every lever where the scenario has it; seed and size stay."""
        self.sides = {key: Side(side.strategy) for key, side in self.sides.items()}
        self.reset()

    # -- how --------------------------------------------------------------------------------------------------------

    def _noted(self) -> None:
        self.version += 1
        self.changed += 1

    def _own(self, side: Side) -> dict[str, Any]:
        """The strategy of a side as the file has it."""
        return self.story.source.for_strategy(side.strategy).resolved()

    def _build_story(self) -> None:
        """Name the sides' strategies, load the whole, and let markets be built anew. Raises ScenarioError."""
        names = [self._side_name(key) for key in SIDES]
        moved = {
            name: self.story.strategy(side.strategy) | side.first
            for name, side in zip(names, self.sides.values(), strict=True) if name != side.strategy
        }  # fmt: skip
        before, self.story.moved = self.story.moved, moved
        try:
            self.scenario = self.story.scenario()
        except ScenarioError:
            self.story.moved = before
            raise
        for name, side in zip(names, self.sides.values(), strict=True):
            side.name, side.market = name, None

    def _side_name(self, key: str) -> str:
        """The strategy's own name where the side plays it as it is, alone; else one of the page's own."""
        side = self.sides[key]
        if not side.first and (key == "A" or side.strategy != self.sides["A"].strategy or self.sides["A"].first):
            return side.strategy
        name = f"{side.strategy}_{key}"
        while name in self.story.source.strategies:
            name += "+"
        return name

    def _open(self) -> None:
        """Raise ScenarioError when nothing can be put in any more."""
        if self.over:
            raise ScenarioError(f"the last day, {self.days}, is lived: reset to go on")
        if len(self.story.events) >= MOST_CHANGES:
            raise ScenarioError(f"more than {MOST_CHANGES} changes: reset to go on")

    def _decide(self, side: Side, path: str, value: Any) -> None:
        """Record a move as an event of today under the side's strategy; moves of one day are one event."""
        self._open()
        events, today = list(self.story.events), f"{side.name} day {self.day}"
        last = next((e for e in events if e["name"] == today and "use" not in e), None)
        change = {k: v for k, v in (last or {}).get("change", {}).items() if k != path} | {path: value}
        made = {"name": today, "day": self.day, "strategies": [side.name], "change": change}
        self._put([*(e for e in events if e is not last), made])
        side.later = {k: v for k, v in side.later.items() if k != path} | {path: value}

    def _named(self, name: str) -> str:
        taken = {event["name"] for event in [*self.story.ground.get("events", []), *self.story.events]}
        k = 2
        made = name
        while made in taken:
            made, k = f"{name} no. {k}", k + 1
        return made

    def _put(self, events: list[dict[str, Any]]) -> None:
        """Play on with these events. A market between two days takes the new scenario, and enacts it in the morning."""
        before, self.story.events = self.story.events, events
        try:
            made = self.story.scenario()
        except ScenarioError:
            self.story.events = before
            raise
        self.scenario = made
        for side in self.sides.values():
            if side.market is not None:
                side.market.go_on(made)
