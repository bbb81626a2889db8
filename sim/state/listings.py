"""Listings of the scenario in force as kernels read them: where a product is sold, for how much, how soon."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.rules.listings import Listed
from sim.state.world import fen, once


@once
def _each(world: Any) -> list[list[Any]]:
    """The listings of each product, in the order of ``world.product_names``; none while the mechanism is off."""
    on = world.scenario.mechanisms.listings.enabled
    owned = [p for merchant in world.scenario.merchants for p in merchant.products]
    return [sorted(p.listings, key=lambda listing: str(listing.name)) if on else [] for p in owned]


@once
def delays(world: Any) -> np.ndarray:
    """float64[S, P], days that an order in a place takes beyond the product's usual ones; negative: sooner."""
    out = np.zeros((len(world.platform_names), len(world.product_names)))
    usual = np.where(world.products.delivery < 0.0, world.scenario.logistics.delivery_days, world.products.delivery)
    for p, some in enumerate(_each(world)):
        for listing in some:
            if listing.delivery_days is not None:
                out[world.platform_names.index(listing.name), p] = listing.delivery_days - usual[p]
    return out


def sold_at(world: Any) -> np.ndarray:
    """bool[S, P], whether a product has a listing in a place."""
    out = np.zeros((len(world.platform_names), len(world.product_names)), bool)
    for p, some in enumerate(_each(world)):
        out[[world.platform_names.index(listing.name) for listing in some], p] = True
    return out


@once
def _none(world: Any) -> Listed | None:
    """The listings of every day where no product has any; None where some have."""
    some, none = _each(world), np.zeros(0, np.int64)
    if any(some):
        return None
    return Listed(np.zeros(len(some) + 1, np.int64), none, none, np.zeros(0),
                  float(world.scenario.mechanisms.listings.friction))  # fmt: skip


def listed(world: Any, price: np.ndarray) -> Listed:
    """Today's listings. ``price`` int64[P] fen, of the product; a listing's own moves with it (discounts, rules)."""
    if (none := _none(world)) is not None:
        return none
    some, late, rows = _each(world), delays(world), []
    friction = float(world.scenario.mechanisms.listings.friction)
    for p, listings in enumerate(some):
        for listing in listings:
            s = world.platform_names.index(listing.name)
            asked = int(price[p])
            if listing.price is not None:
                asked = max(1, round(fen(listing.price) * asked / max(1, int(world.products.list_price[p]))))
            rows.append((s, asked, world.scenario.mechanisms.choice.b_wait * late[s, p]))
    first = np.concatenate([[0], np.cumsum([len(listings) for listings in some], dtype=np.int64)]).astype(np.int64)
    return Listed(first, np.array([r[0] for r in rows], np.int64), np.array([r[1] for r in rows], np.int64),
                  np.array([r[2] for r in rows], float), friction)


__all__ = ["delays", "listed", "sold_at"]
