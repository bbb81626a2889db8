"""The market: a mesa.Model whose day is a schedule of mechanisms.

    morning   parcels arrive, plans are made, content and messages get ready
    block     for each block of 32,768 people: open, see, be persuaded, click, think of buying, choose
    evening   the till runs, people talk, join and leave
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import mesa
import numpy as np

from sim import catalogue
from sim.agents.consumers import Consumers
from sim.agents.numbers import let_go
from sim.agents.reporters import Diary
from sim.agents.seats import roster_of, settle, this_morning
from sim.contract import Mechanism
from sim.metrics.collect import Book
from sim.progress import clock, noted, shown
from sim.scenario import Scenario, load
from sim.state.build import BLOCK as BLOCK
from sim.state.build import build, new_scratch
from sim.state.invariants import check, wanted
from sim.state.records import INTENT, lumps, picked
from sim.state.size import estimate, require
from sim.state.view import View
from sim.state.world import World, compile_world

let_go()

AGAIN = ("views", "unmanned", "_acting", "_scratch", "_free")
"""What a copy of a market makes anew."""


class Market(mesa.Model):
    """One market under one strategy and seed.

    ``scenario``: a Scenario, a path or a mapping. ``strategy``: name of one of its strategies, None for none. ``seed``:
    None draws one and remembers it in ``.seed``. ``threads`` never changes results. ``check``: whether invariants are
    checked every day. ``policies``: players of one's own by name (:mod:`sim.agents.policies`). ``network``: who knows
    whom, instead of the scenario's (:mod:`sim.state.graphs`). Other keywords are overrides by dotted path, which
    ``mesa.batch_run`` can vary. Raises ScenarioError on bad input, and when memory is short (:mod:`sim.state.size`).

    >>> market = sim.Market("presets/examples/tea.yaml", strategy="sale", seed=7)
    >>> market.step(); (market.day, len(market.consumers), market.merchants[0].name)
    (1, 200, 'Leaf')
    """

    scenario: Any = None  # the scenario of this market; mesa 3.5 has a property of that name, which is not wanted here

    def __init__(self, scenario: Any, strategy: str | None = None, seed: int | None = None, threads: int = 1,
                 orders: bool = False, check: bool | None = None, policies: Mapping[str, Any] | None = None,
                 network: Any = None, **overrides: Any) -> None:
        self.seed = int(seed) if seed is not None else secrets.randbits(32)
        super().__init__(rng=self.seed)
        source = scenario if isinstance(scenario, Scenario) else load(scenario)
        if isinstance(network, Mapping):  # the scenario's own words for one
            overrides, network = {**overrides, "network": network}, None
        self.base = source.with_set(overrides) if overrides else source
        self.scenario = self.base.for_strategy(strategy)
        self.strategy = strategy or "base"
        self.keep_orders = orders
        catalogue.adopt(self.base, self.scenario)
        start = self.base if self.base.market.warmup else self.scenario
        if (people := start.market.consumers) is not None:
            require(estimate(start, catalogue.columns(start, self.scenario), people, threads), people, begun=True)
        self.mechanisms: dict[str, Mechanism] = {
            n: catalogue.mechanism(n)(getattr(start.mechanisms, n, None))
            for n in catalogue.active(start, self.scenario)
        }
        self.given: dict[str, Any] = {"policies": policies or {}, "network": network}
        self.state = build(start, self.seed, catalogue.columns(start, self.scenario), threads, network)
        self.ledger = self.state.ledger
        self.day = -start.market.warmup
        self.threads = max(1, threads)
        self.check = wanted(self.state.network.n) if check is None else check
        self._people()
        self._engine()
        self.book = Book(self)
        self.datacollector: mesa.DataCollector = Diary(self.scenario.outcomes)
        self._enact(start.on_day(self.day))

    # -- building ---------------------------------------------------------------------------------------------------

    def _people(self) -> None:
        self.consumers = Consumers(self)
        self.roster = roster_of(self.world, float(self.scenario.mechanisms.creators.trust_prior))
        self.platforms, self.merchants, self.agencies, self.creators = settle(self, self.given["policies"])

    def _engine(self) -> None:
        state = self.state
        state.shared["market"] = self
        self.seconds: dict[tuple[str, str], float] | None = None  # where days go, while somebody asks (sim.bench)
        self.unmanned: Any = None  # the scenario known to seat nobody (sim.agents.seats)
        self.views = {n: View(n, state.columns, state.shared, m.reads, m.writes) for n, m in self.mechanisms.items()}
        n = state.network.n
        count = -(-n // BLOCK)
        self.blocks = [(n * k // count, n * (k + 1) // count) for k in range(count)]
        size = min(BLOCK, n)
        self._scratch = [new_scratch(state.world, size) for _ in range(min(self.threads, len(self.blocks)))]
        self._free = list(self._scratch)
        if hasattr(self, "schedule"):
            self._call_up()

    def _enact(self, scenario: Any) -> None:
        """Put a version of the scenario in force from today."""
        world = self.state.world
        if world.tuned or world.scenario.scenario is not scenario:
            world = compile_world(scenario, world.n, world.scale)
        acting = [n for n, m in self.mechanisms.items() if m.lasting or catalogue.acts(n, scenario)]
        self.schedule = catalogue.schedule(acting)
        self._call_up()
        self.changes = frozenset(self.scenario.change_days)
        self.state.world = self.state.shared["world"] = world
        for name, mechanism in self.mechanisms.items():
            mechanism.params = getattr(scenario.mechanisms, name, None)
            self.views[name].world = world
            mechanism.prepare(self.views[name], self.day)

    def _call_up(self) -> None:
        """Who acts in each phase, in order, with what each is handed: looked up once for all days of a schedule."""
        self._acting: dict[str, list[tuple[str, Mechanism, View]]] = {
            phase: [(n, self.mechanisms[n], self.views[n]) for n in self.schedule[phase]
                    if self.mechanisms[n].acts_in(phase)] for phase in catalogue.ORDER}  # fmt: skip

    # -- what users look at -----------------------------------------------------------------------------------------

    @property
    def world(self) -> World:
        """The scenario in force, compiled."""
        return self.state.world

    @property
    def network(self) -> Any:
        """The social graph."""
        return self.state.network

    @property
    def products(self) -> Any:
        """DataFrame, one row a product: price today, sold, stock, rating."""
        return self.book.products()

    def merchant_fact(self, m: int, name: str) -> float:
        """What a merchant can know of itself: ``stock`` units, ``buyers`` and ``members`` people, ``roas`` so far."""
        return self.book.merchant_fact(m, name)

    # -- the day ----------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Live one day."""
        self._new_day()
        self._act("morning")
        self._consumers_live()
        self._act("evening")
        if self.day == self.scenario.market.days - 1 and "checkout" in self.schedule["evening"]:
            self.mechanisms["checkout"].pay(self.views["checkout"])  # type: ignore[attr-defined]
        at = clock(self, "evening")
        self.book.collect(self.day)
        noted(self, "book", "evening", at)
        if self.check:
            check(self)
        self.book.retire()
        self.day += 1
        self.running = self.day < self.scenario.market.days
        self.datacollector.collect(self)

    def run(self, progress: bool = False) -> Any:
        """Live the rest of the horizon and return the :class:`RunResult`."""
        tell, begun = shown(progress, self.scenario.name, "days"), self.day
        for _ in range(self.day, self.scenario.market.days):
            self.step()
            if tell is not None:
                tell(self.day - begun, self.scenario.market.days - begun)
        return self.result()

    def warm_up(self) -> Market:
        """Live the days before day 0, under the base plan; returns the market."""
        while self.day < 0:
            self.step()
        return self

    def branch(self, strategy: str | None = None) -> Market:
        """A market of the same seed under another strategy that begins where this one stands, at day 0 at the latest.

        What warm-up left is copied, not lived again: the twin is bit-equal to a new ``Market`` (decision D21). Without
        warm-up there is nothing to share and the twin is a new market. Raises ValueError once day 0 is over.
        """
        if self.day > 0:
            raise ValueError(f"strategies begin on day 0, and it is day {self.day}: branch from market.warm_up()")
        scenario = self.base.for_strategy(strategy)
        fresh = [n for n in catalogue.active(scenario) if n not in self.mechanisms]
        missing = {c.name for c in catalogue.columns(self.base, scenario)} - set(self.state.columns)
        if not self.base.market.warmup or fresh or missing:
            return Market(self.base, strategy, self.seed, self.threads, self.keep_orders, self.check, **self.given)
        state = self.state
        kept = (self.base, self.scenario, state.network, state.network.ids, state.shared["followers"], state.world)
        twin = copy.deepcopy(self, {id(thing): thing for thing in kept})
        twin.scenario, twin.strategy = scenario, strategy or "base"
        return twin

    def go_on(self, scenario: Any) -> None:
        """Live on under a scenario that differs from the one in force only in events of days not yet lived."""
        self.base, self.scenario = scenario, scenario.for_strategy(self.strategy)
        self.changes = frozenset(self.scenario.change_days)

    def __getstate__(self) -> dict[str, Any]:
        """Everything but views, buffers and threads, which :meth:`__setstate__` makes anew on the copied columns."""
        return {k: v for k, v in self.__dict__.items() if k not in AGAIN}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._engine()
        for view in self.views.values():
            view.world = self.state.world

    def result(self) -> Any:
        """What the market left behind so far."""
        return import_module("sim.experiments.result").RunResult.from_market(self)

    def plot(self, kind: str = "daily", **options: Any) -> Any:
        """One figure of the run so far; see :meth:`RunResult.plot`."""
        return self.result().plot(kind, **options)

    def to_frame(self) -> Any:
        """DataFrame of the run so far: a row a day, a column a metric."""
        return self.result().daily

    def explain(self, path: str) -> str:
        """What a parameter means and what it is here; see :meth:`sim.scenario.Scenario.explain`."""
        told: str = self.scenario.on_day(self.day).explain(path)
        return told

    def _repr_html_(self) -> str:
        return str(import_module("sim.report.cards").market(self))

    def tables(self) -> dict[str, Any]:
        """Plain tables of the run so far (see :mod:`sim.metrics.summary`)."""
        return self.book.tables()

    def _new_day(self) -> None:
        state = self.state
        if self.day == 0:
            self.book.open()
            self._enact(self.scenario.on_day(0))
        elif self.day > 0 and self.day in self.changes:
            self._enact(self.scenario.on_day(self.day))
        this_morning(self)
        state.shared["tally"].fill(0)
        state.shared["ad_shown"].fill(0)
        inbox, outbox = state.table("inbox"), state.table("outbox")
        messages = outbox.rows
        if len(messages) > 1:
            messages = picked(messages, np.lexsort([messages[key] for key in ("sender", "product", "target")]))
        for table in (state.table("experiences"), inbox, outbox):
            table.grew(0)
        inbox.append(messages)

    def _consumers_live(self) -> None:
        shared, table, welfare = self.state.shared, self.state.table("intents"), np.zeros(2)
        for _, _, view in self._acting["block"]:
            view.tally = None
        lived = shared["team"].each(self._live, len(self.blocks))
        for _, _, view in self._acting["block"]:
            view.tally = shared["tally"]
        for scratch in self._scratch:
            for told, kept in ((scratch.tally, shared["tally"]), (scratch.ad_shown, shared["ad_shown"])):
                kept += told
                told.fill(0)
        table.grew(0)
        table.append(self.state.table("retry").rows)
        for intents, surplus in lived:
            table.append(intents)
            welfare += surplus
        self.book.welfare = welfare

    def _live(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """One block lives its day; returns its intents and its surplus."""
        at, scratch = clock(self, "block"), self._free.pop()
        scratch.clear()
        spent = self._act("block", *self.blocks[k], scratch)
        found = lumps(scratch.intents)[: scratch.filled[1]].copy().view(INTENT), scratch.surplus.copy()
        self._free.append(scratch)
        noted(self, "engine", "block", at + spent)
        return found

    def _act(self, phase: str, *where: Any) -> float:
        """Whoever acts in a phase does; the processor seconds of all, while somebody asks."""
        start = at = clock(self, phase)
        for name, mechanism, view in self._acting[phase]:
            getattr(mechanism, phase)(view, self.day, *where)
            at = noted(self, name, phase, at)
        return at - start
