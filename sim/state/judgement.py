"""What choice and group-buy judge by, gathered from a view once a day (beliefs are references, not copies)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.rules.choice import review_utility
from sim.rules.utility import Beliefs, Shelf, Tastes
from sim.state.goods import cover

DISPLAY = ("shown_stars", "shown_weight", "shown_volume")
READS = ("taste", "sensitivity", "fit", "adstock", "last_exposure", "expectation", "experience", "trust_good",
         "trust_bad", "price", "group_price", "rating_sum", "review_count", *DISPLAY)
"""Columns a mechanism must declare to use this."""


def beliefs(view: Any) -> Beliefs:
    """References to the columns."""
    return Beliefs(view.taste, view.sensitivity, view.fit, view.adstock, view.last_exposure, view.expectation,
                   view.experience, view.trust_good, view.trust_bad)


def tastes(world: Any) -> Tastes:
    """Coefficients in force."""
    c = world.scenario.mechanisms.choice
    return Tastes(c.a_p, c.b_a, c.b_t, c.b_fit, c.b_expect, c.b_exp, world.scenario.mechanisms.persuasion.half_life)


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


def shelf(view: Any) -> Shelf:
    """The products as everybody sees them at the start of the day."""
    world = view.world
    c = world.scenario.mechanisms.choice
    wait = np.where(world.products.delivery < 0, world.scenario.logistics.delivery_days, world.products.delivery)
    rating, count = displayed(world, vars(view))
    shown = np.array([
        review_utility(r, n, c.b_v, c.b_n) - c.b_wait * days for r, n, days in zip(rating, count, wait, strict=True)
    ])
    if c.tastes == "normal":
        shown = shown + world.products.appeal
    reference = world.products.reference * 100.0
    return Shelf(shown, view.price / reference, view.group_price / reference, world.products.category,
                 world.products.merchant, cover(world))
