"""What merchants claim beyond the truth, and what people care for: shared by inspection, charity and green."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.rng import Stream
from sim.rules.packed import SHARE
from sim.state.columns import packed
from sim.state.population import draw

SPREAD = 0.25
"""Standard deviation of a care over people, as of the interest in a category."""


def cares(view: Any, stream: Stream, field: str) -> np.ndarray:
    """uint16[N], each person's care for a cause: the mean of the segment + .25 z, within 0..1."""
    from scipy.special import ndtri

    means = np.array([getattr(s, field) for s in view.world.scenario.segments], float)
    z = ndtri(np.clip(draw(view.seed, stream, view.id, field)[:, 0], 1e-12, 1.0 - 1e-12))
    return packed(means[view.segment] + SPREAD * z, SHARE).astype(np.uint16)


def green_claims(world: Any) -> tuple[np.ndarray, np.ndarray]:
    """How green each product is said to be, and is: float64[P] each; zeros where the mechanism is off."""
    goods = [p for m in world.scenario.merchants for p in m.products]
    if not world.scenario.mechanisms.green.enabled:
        return np.zeros(len(goods)), np.zeros(len(goods))
    said = np.array([p.green if p.green_claim is None else p.green_claim for p in goods], float)
    return said, np.array([p.green for p in goods], float)


def broken(world: Any) -> np.ndarray:
    """float64[M], part of a promised donation that is not given, at any time of the plan; 0 where there is none."""
    on = world.scenario.mechanisms.charity.enabled
    plans = [[merchant.plan, *merchant.plan.phases] for merchant in world.scenario.merchants]
    return np.array([max([0.0, *(1.0 - p.donation.given for p in several if on and p.donation is not None)])
                     for several in plans], float)  # fmt: skip


def inflated(world: Any) -> np.ndarray:
    """float64[M], the largest gap between what a merchant claims and what is true: of quality, greenness, donation."""
    products, (said, true) = world.products, green_claims(world)
    gap = np.maximum(products.advertised - products.quality, said - true)
    out = broken(world)
    for p, m in enumerate(products.merchant.tolist()):
        out[m] = max(out[m], gap[p])
    return out
