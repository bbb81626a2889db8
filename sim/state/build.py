"""Puts a market's state together: network, people, columns, records, books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.contract import COUNTERS, Column, Scratch
from sim.rng import name_key
from sim.state import history, population
from sim.state.columns import allocate, core, numbers
from sim.state.favours import FavourBook
from sim.state.followers import follower_graph, power_law_followers
from sim.state.graphs import graph_network
from sim.state.ledger import OWED, OWNERS, SUPPLIER, Ledger
from sim.state.network import Network, build_network
from sim.state.offers import mix_tastes
from sim.state.ranking import Ranking
from sim.state.records import (
    BILL,
    CLOSED_GROUP,
    EVENT,
    EXPERIENCE,
    GROUP,
    INTENT,
    MESSAGE,
    OCCASION,
    POST,
    REVIEW,
    SHARE,
    Intents,
    Orders,
    Table,
)
from sim.state.team import Team
from sim.state.world import World, compile_world, fen, size_scale

BLOCK = 32_768
"""People a block; a constant, so that results never depend on the number of threads."""


@dataclass
class State:
    """All that changes in a market. ``columns`` by name; ``shared`` holds tables and services for mechanisms."""

    seed: int
    world: World
    network: Network
    columns: dict[str, np.ndarray]
    ledger: Ledger
    declared: tuple[Column, ...]
    shared: dict[str, Any] = field(default_factory=dict)
    looks: Any = None
    """What the invariants look at, worked out when they are first checked (:mod:`sim.state.invariants`)."""

    def table(self, name: str) -> Table:
        """A record table by name."""
        found: Table = self.shared[name]
        return found


def build(scenario: Any, seed: int, columns: Iterable[Column] | None = None, threads: int = 1,
          graph: Any = None) -> State:
    """The state at the start of a scenario, a pure function of scenario and seed; ``threads`` make it sooner.
    ``columns``: those of the market, by default those that any market has; ``graph``: who knows whom, in place of what
    the scenario says (:mod:`sim.state.graphs`).

    Raises ScenarioError when ``market.consumers`` contradicts a graph file.
    """
    population_seed = 0 if scenario.market.population == "fixed" else seed
    people = scenario.market.consumers
    if graph is not None:
        network = graph_network(graph, people)
    else:
        network = build_network(scenario.network, people, population_seed, scenario.base_dir, threads)
    world = compile_world(scenario, network.n, size_scale(scenario, network.n))
    declared = core(scenario) if columns is None else tuple(columns)
    arrays = allocate(declared, world.dims)
    arrays["id"] = network.ids
    population.settle(arrays, world, network.ids, population_seed, threads)
    mix_tastes(arrays, world)
    population.start(arrays, world, network, population_seed, threads)
    history.begin(arrays, world, network, scenario, population_seed)
    focal = list(world.merchants).index(scenario.focal) if scenario.focal in world.merchants else 0
    agencies = [agency.name for agency in world.scenario.agencies]
    ledger = Ledger(world.merchants, world.platform_names, world.creators, agencies, focal)
    state = State(seed, world, network, arrays, ledger, declared)
    state.shared = {
        "intents": Intents(),
        "retry": Table(INTENT, 16),
        "events": Table(EVENT),
        "orders": Orders(world.dims["P"]),
        "groups": Table(GROUP, final=CLOSED_GROUP),
        "posts": Table(POST),
        "shares": Table(SHARE),
        "inbox": Table(MESSAGE),
        "outbox": Table(MESSAGE),
        "bills": Table(BILL),
        "experiences": Table(EXPERIENCE),
        "reviews": Table(REVIEW, 16),
        "sparks": Table(SHARE, 16),
        "ledger": ledger,
        "followers": _followers(world, arrays, network, population_seed, threads),
        "group_of": [],
        "owed": {reason: np.zeros(max(1, world.dims["M"]), np.int64) for reason in OWED},
        "orders_of": [None] * len(world.merchants),
        "ad_shown": np.zeros([world.dims[d] for d in "SGP"], np.int64),
        "favours": FavourBook(len(world.merchants)),
        "ranking": Ranking(world.dims["S"], world.dims["G"], arrays["segment"]),
        "seed": seed,
        "world": world,
        "network": network,
        "team": Team(threads),
        "tally": np.zeros((len(COUNTERS), world.dims["P"], world.dims["CH"]), np.int64),
    }
    _endow(state)
    return state


def _followers(world: World, columns: dict[str, np.ndarray], network: Network, seed: int, threads: int) -> Any:
    tiers = world.scenario.creators
    keys = np.array([name_key("creator", t.name, k) for t in tiers for k in range(t.count)], np.uint64)
    expected = np.zeros(len(keys))
    for tier, spec in enumerate(tiers):
        mine = world.creator_tier == tier
        expected[mine] = power_law_followers(seed, keys[mine], spec.followers * world.scale)
    about = np.zeros((len(keys), len(world.categories)))
    for x, tier in enumerate(world.creator_tier):
        category = tiers[tier].category
        if category is not None:
            about[x, world.categories.index(category)] = 1.0
    fit = numbers(columns, "fit").astype(np.float32) if len(keys) else np.zeros((network.n, about.shape[1]), np.float32)
    return follower_graph(seed, network.ids, keys, expected, fit, about, threads=threads)


def _endow(state: State) -> None:
    """Cash at the start comes from the owners; stock on hand was bought."""
    world, ledger = state.world, state.ledger
    for m, merchant in enumerate(world.scenario.merchants):
        cash = fen(merchant.cash * world.scale)
        if cash > 0:
            ledger.transfer(OWNERS, ledger.merchant0 + m, cash, "capital", m)
    for p, stock in enumerate(state.columns["stock"]):
        if stock > 0:
            m = int(world.products.merchant[p])
            ledger.transfer(ledger.merchant0 + m, SUPPLIER, int(stock) * int(world.products.unit_cost[p]), "stock", m)


def new_scratch(world: Any, block: int) -> Scratch:
    """Buffers of one worker thread for blocks of up to ``block`` people; of ``world`` it reads the dimensions."""
    d = world.dims
    most = block * (4 * d["C"] + d["P"])
    return Scratch(
        tally=np.zeros((len(COUNTERS), d["P"], d["CH"]), np.int64),
        ad_shown=np.zeros([d[x] for x in "SGP"], np.int64),
        occasions=np.zeros(most, OCCASION),
        intents=np.zeros(most, INTENT),
        filled=np.zeros(2, np.int64),
        surplus=np.zeros(2),
    )
