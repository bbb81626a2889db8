"""Past orders and adoptions as the market's beginning (decision D21): who has bought what, when and how often before
the first day.

A customer of the table is the person of the same id where the network comes from a file. Otherwise customers become
people drawn at random, as ``initial.buyers`` are: whether a past buyer likes the goods more than others is not in the
table. With N consumers of ``reference_consumers``, N / reference of the customers live in the market (decision D14).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Problem, ScenarioError
from sim.rng import Stream
from sim.state.columns import AWARE, NEVER, keep
from sim.state.past import MOST_UNITS, History, read_past
from sim.state.population import draw
from sim.state.world import World

LONG_AGO = -19_999
"""The earliest day a past order is given; days are int16, and below -20,000 means never."""


def begin(columns: dict[str, np.ndarray], world: World, network: Any, scenario: Any, seed: int) -> None:
    """Make the buyers of past orders and adoptions: units, last purchase, orders with a merchant, first and second.

    Goes over what :func:`sim.state.population.start` has made and leaves its buyers as they are. Orders lie before
    warm-up, where there is one. Raises ScenarioError on a bad table, or one that does not fit the market.
    """
    past = read_past(scenario)
    if not past:
        return
    found = [_placed(section, history, network, scenario, world, seed) for section, history in past.items()]
    person, product, day, quantity = (np.concatenate(parts) for parts in zip(*found, strict=True))
    units = columns["units"].astype(np.int64)
    before = np.argwhere(units > 0)
    np.add.at(units, (person, product), quantity)
    columns["units"][:] = np.minimum(units, MOST_UNITS)
    columns["sold"][:] = units.sum(axis=0)
    new = columns["flags"][person, product] & AWARE == 0
    fresh = (person[new], product[new])
    columns["flags"][fresh] |= AWARE
    adstock = {f"{m.name}.{p.name}": p.initial.adstock for m in scenario.merchants for p in m.products}
    keep(columns, "adstock", np.array([adstock[name] for name in world.product_names])[fresh[1]], fresh)
    for name in ("last_exposure", "last_purchase", *(["last_delivery"] if "last_delivery" in columns else [])):
        where = fresh if name == "last_exposure" else (person, product)
        np.maximum.at(columns[name], where, (day[new] if name == "last_exposure" else day).astype(np.int16))
    merchant = np.asarray(world.products.merchant)
    told = columns["last_purchase"][before[:, 0], before[:, 1]]
    _relations(
        columns,
        np.concatenate([person, before[:, 0]]),
        np.concatenate([merchant[product], merchant[before[:, 1]]]),
        np.concatenate([day, np.minimum(told, -1)]),
    )


def _placed(section: str, history: History, network: Any, scenario: Any, world: World, seed: int) -> tuple[Any, ...]:
    """int64 by order: row of the person, product, day of the market, units."""
    order, person = settled(history, network, scenario, world.scale, seed, section)
    product = np.array([world.product_names.index(name) for name in history.names])[history.product[order]]
    day = np.floor(history.day[order] / scenario.market.step_length).astype(np.int64) - scenario.market.warmup
    return person, product, np.maximum(day, LONG_AGO), history.quantity[order]


def _relations(columns: dict[str, np.ndarray], person: np.ndarray, merchant: np.ndarray, day: np.ndarray) -> None:
    """Orders with each merchant, and the days of the first two, from one entry an order."""
    order = np.lexsort((day, merchant, person))
    person, merchant, day = person[order], merchant[order], day[order]
    first = np.ones(len(day), bool)
    first[1:] = (person[1:] != person[:-1]) | (merchant[1:] != merchant[:-1])
    second = np.zeros(len(day), bool)
    second[1:] = first[:-1] & ~first[1:]
    columns["first_order"][person[first], merchant[first]] = day[first]
    columns["second_order"][:] = NEVER
    columns["second_order"][person[second], merchant[second]] = day[second]
    count = np.zeros(columns["orders_with"].shape, np.int64)
    np.add.at(count, (person, merchant), 1)
    columns["orders_with"][:] = np.minimum(count, MOST_UNITS)


def places_for(history: History, scale: float, n: int, section: str = "orders") -> int:
    """How many of ``n`` consumers are past buyers. Raises ScenarioError when that is more than there are."""
    places = round(len(history.ids) * scale)
    if places > n:
        message = f"its {places:,} customers do not fit into {n:,} consumers: raise market.consumers, or say with"
        raise ScenarioError([Problem(f"{message} market.reference_consumers how many people it is about", section)])
    return places


def settled(history: History, network: Any, scenario: Any, scale: float, seed: int,
            section: str = "orders") -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Which orders are in the market, int64, and the row of the person of each, int64."""
    customers = len(history.ids)
    if scenario.network.kind == "file":
        by_id = np.argsort(network.ids)
        at = np.minimum(np.searchsorted(network.ids, history.ids, sorter=by_id), network.n - 1)
        row = by_id[at]
        known = network.ids[row] == history.ids
        if not known.any():
            message = "none of its customers is a person of the network: are the ids written alike in both files?"
            raise ScenarioError([scenario.problem((section, "file"), message)])
        kept = np.flatnonzero(known[history.customer])
        return kept, row[history.customer[kept]]
    places = places_for(history, scale, network.n, section)
    row = np.argsort(draw(seed, Stream.INITIAL, network.ids, "customer")[:, 0], kind="stable")
    rounds = [np.flatnonzero(history.customer < places - taken) for taken in range(0, max(places, 1), customers)]
    people = [row[history.customer[kept] + k * customers] for k, kept in enumerate(rounds)]
    return np.concatenate(rounds), np.concatenate(people)
