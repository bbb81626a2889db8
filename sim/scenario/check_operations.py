"""Combinations of supply, presale, pricing and regions that cannot be. A check yields ``(path, message)``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Loc = tuple[str | int, ...]
Found = Iterator[tuple[Loc, str]]


def operations(model: Any) -> Found:
    """Every such mistake of a scenario."""
    platforms = [p.name for p in model.platforms]
    for m, merchant in enumerate(model.merchants):
        at: Loc = ("merchants", m)
        plans = (merchant.plan, *merchant.plan.phases)
        grouped = [plan.group for plan in plans if plan.group is not None]
        for p, product in enumerate(merchant.products):
            here = (*at, "products", p)
            if product.supply is not None and product.inventory is None:
                yield (
                    (*here, "supply"),
                    "what is made to order needs no supply: say with inventory how many units there are at the start, "
                    "or drop supply",
                )
            if product.presale is not None:
                if product.inventory is not None or product.supply is not None:
                    yield (*here, "presale"), "a presale is made to order: drop inventory and supply"
                if any(not group.products or product.name in group.products for group in grouped):
                    yield (
                        (*here, "presale"),
                        f"{product.name} is sold to groups too, and waits for its own number of buyers: name the other "
                        "products in plan.group.products",
                    )
                if product.presale.from_day + product.presale.days > model.market.days:
                    yield (
                        (*here, "presale", "days"),
                        f"the window ends on day {product.presale.from_day + product.presale.days}, after the horizon "
                        f"({model.market.days})",
                    )
        subsidy = merchant.pricing.subsidy if merchant.pricing is not None else None
        if subsidy is not None and subsidy.platform not in platforms:
            said = f"unknown platform {subsidy.platform!r}. Declared: {', '.join(platforms)}"
            yield (*at, "pricing", "subsidy", "platform"), said
        by_stock = merchant.pricing is not None and merchant.pricing.rule == "stock"
        if by_stock and all(product.inventory is None for product in merchant.products):
            yield (*at, "pricing", "rule"), "no product has an inventory to sell out: use plan or follow"
        if merchant.budgeting is not None and sum(w > 0 for w in merchant.plan.mix.shares().values()) < 2:
            yield (*at, "budgeting"), "there is nothing to move: give at least two channels of plan.mix a weight"
    if model.mechanisms.pricing.rivals != "hold" and len(model.merchants) < 2:
        yield ("mechanisms", "pricing", "rivals"), "there are no rivals: name a second merchant, or hold"
    yield from _regions(model)


def _regions(model: Any) -> Found:
    names: set[str] = set()
    for k, region in enumerate(model.logistics.regions):
        at: Loc = ("logistics", "regions", k)
        if region.name in names:
            yield (*at, "name"), f"a second region called {region.name!r}"
        names.add(region.name)
        days = model.logistics.delivery_days if region.delivery_days is None else region.delivery_days
        if region.promise_days is not None and region.promise_days < days:
            yield (
                (*at, "promise_days"),
                f"promised in {region.promise_days:g} days, but parcels take {days:g}: promise more or deliver sooner",
            )
    if len(names) > 255:
        yield ("logistics", "regions"), "at most 255 regions"
