"""What choice and group-buy judge by, gathered from a view once a day (beliefs are references, not copies)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np

from sim.rules.choice import review_utility
from sim.rules.memory import fading, retaining
from sim.rules.utility import Beliefs, Shelf, Tastes
from sim.state.goods import cover
from sim.state.world import once

DISPLAY = ("shown_stars", "shown_weight", "shown_volume")
READS = ("taste", "sensitivity", "fit", "adstock", "last_exposure", "expectation", "experience", "trust_good",
         "trust_bad", "region", "wait", "price", "group_price", "rating_sum", "review_count", *DISPLAY)
"""Columns a mechanism must declare to use this."""


left_by_days = lru_cache(16)(fading)
"""What is left of a stock by days, of a half-life (:func:`sim.rules.memory.fading`), worked out once a process."""
recalled_by_days = lru_cache(16)(retaining)
"""Who still thinks of a product by days, of tau and psi (:func:`sim.rules.memory.retaining`)."""


def beliefs(view: Any) -> Beliefs:
    """References to the columns."""
    return Beliefs(view.taste, view.sensitivity, view.fit, view.adstock, view.last_exposure, view.expectation,
                   view.experience, view.trust_good, view.trust_bad, view.region)


def tastes(world: Any) -> Tastes:
    """Coefficients in force."""
    c = world.scenario.mechanisms.choice
    left = left_by_days(float(world.scenario.mechanisms.persuasion.half_life))
    return Tastes(c.a_p, c.b_a, c.b_t, c.b_fit, c.b_expect, c.b_exp, left)


def displayed(world: Any, c: Mapping[str, Any]) -> tuple[Any, Any]:
    """Rating and number of reviews on display, float64[P] each: (k prior + sum)/(k + n), n per reference market.

    ``c``: columns by name, of all written and of what is shown beyond them.
    """
    d = world.scenario.mechanisms.delivery
    stars, weight = c["rating_sum"] + c["shown_stars"], (c["review_count"] + c["shown_weight"]) / world.scale
    rating = (d.review_prior_count * d.review_prior + stars / world.scale) / (d.review_prior_count + weight)
    return rating, (c["review_count"] + c["shown_volume"]) / world.scale


def on_sale(view: Any, day: int) -> Any:
    """bool[P], products that have come to market and whose merchant is not suspended."""
    products = view.world.products
    return (products.enters <= day) & (view.closed_until[products.merchant] <= day)


def transit(world: Any) -> Any:
    """Mean days on the way, float64[regions, P]: the product's own, else the region's, else logistics'."""
    own, usual = world.products.delivery, world.scenario.logistics.delivery_days
    by_region = [usual if r.delivery_days is None else r.delivery_days for r in world.scenario.logistics.regions]
    return np.array([np.where(own < 0, days, own) for days in by_region or [usual]], float)


def promised(world: Any) -> Any:
    """Days after which a parcel is late, float64[regions, P]."""
    logistics, own = world.scenario.logistics, world.products.delivery
    days = [
        r.promise_days if r.promise_days is not None else max(logistics.promise_days, (r.delivery_days or 0.0) + 1.0)
        for r in logistics.regions
    ]
    longest = np.maximum(own, world.products.valid + 1.0)
    return np.array([np.maximum(float(d), longest) for d in days or [logistics.promise_days]], float)


def way(world: Any) -> Any:
    """Kilometres to the nearest store, float64[regions, P]; 0 for what is sent."""
    regions = [r.name for r in world.scenario.logistics.regions] or [""]
    vouchers = [p.voucher for m in world.scenario.merchants for p in m.products]
    km = [[0.0 if v is None else v.km.get(name, 0.0) for v in vouchers] for name in regions]
    return np.array(km, float).reshape(len(regions), len(vouchers))


def to_go(world: Any) -> Any:
    """Utils that the way to the store takes off, float64[regions, P]; None while the mechanism is off."""
    store = world.scenario.mechanisms.store
    return store.b_km * way(world) if store.enabled else None


@once
def _standing(world: Any) -> tuple[Any, Any, Any, Any]:
    """What of the shelf is the same every day: days on the way, utils of the way to the store, reference prices in fen,
    distrust that is made up."""
    return transit(world), to_go(world), world.products.reference * 100.0, cover(world)


def shelf(view: Any) -> Shelf:
    """The products as everybody sees them at the start of the day."""
    world = view.world
    c = world.scenario.mechanisms.choice
    on_the_way, walked, reference, covered = _standing(world)
    rating, count = displayed(world, vars(view))
    said = np.array(list(map(review_utility, rating.tolist(), count.tolist(), repeat(c.b_v), repeat(c.b_n))))
    shown = said - c.b_wait * (view.wait + on_the_way)
    if walked is not None:
        shown = shown - walked
    if c.tastes == "normal":
        shown = shown + world.products.appeal
    return Shelf(shown, view.price / reference, view.group_price / reference, world.products.category,
                 world.products.merchant, covered)
