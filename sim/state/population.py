"""People: traits drawn once, by keys of the person, so that they are the same in every strategy and list order.

Gamma and Beta traits come from their inverse CDFs at a keyed uniform (no rejection loops).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from scipy import special

from sim.rng import Stream, day_key, entity_key, name_key, uniform
from sim.state.columns import AWARE, NEVER, keep
from sim.state.network import Network
from sim.state.pieces import in_pieces
from sim.state.quantiles import quantiles
from sim.state.records import read_only
from sim.state.world import World

TRAITS = ("segment", "region", "income", "sensitivity", "author", "rate", "fit", "taste", "expectation", "lapse_p",
          "trust_good", "trust_bad")  # fmt: skip
"""Columns that :func:`settle` fills, and those in which :func:`start` writes what has happened before."""
PAST = ("flags", "adstock", "last_exposure", "units", "last_purchase", "last_delivery", "first_order", "orders_with")


@njit(nogil=True, cache=True, _nrt=False)
def _draw(base: Any, ids: Any, slots: Any, out: Any) -> None:
    for i in range(len(ids)):
        who = entity_key(base, ids[i])
        for j in range(len(slots)):
            out[i, j] = uniform(who, slots[j])


def uniforms(seed: int, stream: int, ids: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """float64[N, len(slots)], one keyed uniform for each person and slot key."""
    out = np.empty((len(ids), len(slots)))
    _draw(day_key(seed, stream, 0), read_only(ids), read_only(slots), out)  # one type of array: compiled once
    return out


def draw(seed: int, stream: Stream, ids: np.ndarray, *names: str) -> np.ndarray:
    """Keyed uniforms of every person, one column for each name: float64[N, len(names)]."""
    return uniforms(seed, int(stream), ids, np.array([name_key(n) for n in names], np.uint64))


def settle(columns: dict[str, np.ndarray], world: World, ids: np.ndarray, seed: int, threads: int = 1) -> None:
    """Fill the traits of every person: segment, income, sensitivity, rates, fit, taste, lapse, authorship."""

    def piece(lo: int, hi: int) -> None:
        _settle({name: columns[name][lo:hi] for name in TRAITS}, world, ids[lo:hi], seed)

    in_pieces(len(ids), threads, piece)
    columns["signal"][:] = world.products.advertised[:, None]


def _settle(columns: dict[str, np.ndarray], world: World, ids: np.ndarray, seed: int) -> None:
    scenario = world.scenario
    weights = np.array([s.share for s in scenario.segments], float)
    edges = np.cumsum(weights) / weights.sum()
    segment = np.minimum(np.searchsorted(edges, draw(seed, Stream.SEGMENT, ids, "segment")[:, 0], side="right"),
                         len(weights) - 1)
    columns["segment"][:] = segment

    if regions := scenario.logistics.regions:
        ends = np.cumsum([r.share for r in regions])
        where = np.searchsorted(ends / ends[-1], draw(seed, Stream.REGION, ids, "region")[:, 0], side="right")
        columns["region"][:] = np.minimum(where, len(regions) - 1)

    def of(attribute: str) -> np.ndarray:
        return np.array([getattr(s, attribute) for s in scenario.segments], float)[segment]

    z = _normal(draw(seed, Stream.INCOME, ids, "income")[:, 0])
    keep(columns, "income", of("income") * np.exp(of("income_spread") * z))
    z = _normal(draw(seed, Stream.SENSITIVITY, ids, "sensitivity")[:, 0])
    spread = of("sensitivity_spread")
    keep(columns, "sensitivity", of("price_sensitivity") * np.exp(spread * z - spread**2 / 2))
    seeding = scenario.mechanisms.seeding
    columns["author"][:] = draw(seed, Stream.AUTHOR, ids, "author")[:, 0] < seeding.author_share
    _categories(columns, world, ids, seed, segment)
    _products(columns, world, ids, seed)
    lapse = scenario.mechanisms.loyalty
    delivery = scenario.mechanisms.delivery
    if world.merchants:
        u = draw(seed, Stream.LAPSE_P, ids, *world.merchants)
        keep(columns, "lapse_p", quantiles(special.betaincinv, (lapse.beta_a, lapse.beta_b), u))
        keep(columns, "trust_good", delivery.trust_prior_good)
        keep(columns, "trust_bad", delivery.trust_prior_bad)


def _categories(columns: dict[str, np.ndarray], world: World, ids: np.ndarray, seed: int, segment: np.ndarray) -> None:
    scenario = world.scenario
    u_rate = draw(seed, Stream.OCCASION_RATE, ids, *world.categories)
    z_fit = _normal(draw(seed, Stream.INTEREST, ids, *world.categories))
    for c, category in enumerate(scenario.categories):
        boost = np.array([s.occasion_rate.get(category.name, 1.0) for s in scenario.segments], float)[segment]
        shape = category.occasion_shape
        rate = quantiles(special.gammaincinv, (shape,), u_rate[:, c : c + 1], shape, boost)[:, 0]
        keep(columns, "rate", rate, np.s_[:, c])
        keep(columns, "fit", world.affinity[segment, c] + 0.25 * z_fit[:, c], np.s_[:, c])


def _products(columns: dict[str, np.ndarray], world: World, ids: np.ndarray, seed: int) -> None:
    choice = world.scenario.mechanisms.choice
    products = world.products
    if not world.product_names:
        return
    u = draw(seed, Stream.TASTE, ids, *world.product_names)
    if choice.tastes == "dirichlet":
        share = np.exp(products.appeal) / np.exp(products.appeal).sum()
        with np.errstate(divide="ignore"):
            taste = np.log(special.gammaincinv(choice.dirichlet_s * share[None, :], np.maximum(u, 1e-12)))
        keep(columns, "taste", np.maximum(taste, -60.0))
    else:
        keep(columns, "taste", choice.taste_spread * _normal(u))
    keep(columns, "expectation", products.advertised[None, :])


def start(columns: dict[str, np.ndarray], world: World, network: Network, seed: int, threads: int = 1) -> None:
    """The market's beginning (decision D21): who knows and who has bought, reviews shown, stock, initial adopters."""
    ids = network.ids
    owned = [(m, product) for m, merchant in enumerate(world.scenario.merchants) for product in merchant.products]
    adopters = [_adopters(product.initial_adopters, world.product_names[p], network, seed)
                for p, (_, product) in enumerate(owned)]  # fmt: skip

    def piece(lo: int, hi: int) -> np.ndarray:
        rows = {name: columns[name][lo:hi] for name in PAST if name in columns}
        chosen = [None if some is None else some[lo:hi] for some in adopters]
        return np.array([_past(rows, world, ids[lo:hi], seed, p, m, product.initial, chosen[p])
                         for p, (m, product) in enumerate(owned)], np.int64)  # fmt: skip

    columns["sold"][:] = np.sum(in_pieces(len(ids), threads, piece), axis=0)
    for p, (_, product) in enumerate(owned):
        reviews = product.initial.reviews * world.scale
        columns["review_count"][p] = reviews
        columns["rating_sum"][p] = reviews * product.initial.rating
        if product.inventory is not None:
            columns["stock"][p] = int(round(product.inventory * world.scale))


def _past(columns: dict[str, np.ndarray], world: World, ids: np.ndarray, seed: int, p: int, m: int, first: Any,
          adopters: np.ndarray | None) -> int:  # fmt: skip
    """What these people have had to do with product p of merchant m; how many of them have bought it."""
    u = draw(seed, Stream.INITIAL, ids, f"aware {world.product_names[p]}", f"bought {world.product_names[p]}")
    bought = u[:, 1] < first.buyers
    if adopters is not None:
        bought |= adopters
    aware = bought | (u[:, 0] < first.aware)
    columns["flags"][aware, p] |= AWARE
    keep(columns, "adstock", first.adstock, (aware, p))
    columns["last_exposure"][aware, p] = 0
    columns["units"][bought, p] = 1
    columns["last_purchase"][bought, p] = -1
    if "last_delivery" in columns:
        columns["last_delivery"][bought, p] = -1
    fresh = bought & (columns["first_order"][:, m] == NEVER)
    columns["orders_with"][fresh, m] = 1
    columns["first_order"][fresh, m] = -1
    return int(bought.sum())


def _adopters(spec: Any, product: str, network: Network, seed: int) -> np.ndarray | None:
    """bool[N], the first adopters of a product, by lot or by number of friends; None when none are asked for."""
    if spec is None:
        return None
    u = draw(seed, Stream.INITIAL, network.ids, f"bought {product}")[:, 0]
    order = np.lexsort((u, -network.degree)) if spec.policy == "degree" else np.argsort(u, kind="stable")
    chosen = np.zeros(len(u), bool)
    chosen[order[: min(int(spec.count), len(u))]] = True
    return chosen


def _normal(u: np.ndarray) -> np.ndarray:
    return np.asarray(special.ndtri(np.clip(u, 1e-16, 1 - 1e-16)))
