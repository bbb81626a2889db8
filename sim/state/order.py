"""One order for all lists of a scenario: by name. So the order in which a file lists things means nothing (D3).

Draws are keyed by names, but sums in floating point, cumulative shares and "the first of equals" follow positions. With
positions fixed by the names, a permuted file is the same market, bit for bit.
"""

from __future__ import annotations

import copy
from typing import Any

NAMED = ("segments", "categories", "platforms", "creators", "merchants", "agencies")
"""Lists whose items have a name and whose order means nothing. Phases are not among them: the first that holds wins."""


class Ordered:
    """A scenario with its named lists in the order of the names; everything else is the scenario's own."""

    def __init__(self, scenario: Any) -> None:
        self.scenario = scenario
        for field in getattr(type(scenario), "model_fields", ()):  # looked up many times a day
            setattr(self, field, getattr(scenario, field))
        for field in NAMED:
            setattr(self, field, by_name(getattr(scenario, field, ())))
        self.merchants = [_with_products(merchant) for merchant in by_name(scenario.merchants)]
        if getattr(scenario.logistics, "regions", None):
            regions = by_name(scenario.logistics.regions)
            self.logistics = scenario.logistics.model_copy(update={"regions": regions})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "scenario":
            raise AttributeError(name)
        return getattr(self.scenario, name)


def by_name(items: Any) -> list[Any]:
    """The items sorted by their names."""
    return sorted(items, key=lambda item: str(item.name))


def _with_products(merchant: Any) -> Any:
    """The merchant, or a copy of it when its products stand in another order."""
    products = by_name(merchant.products)
    if [p.name for p in products] == [p.name for p in merchant.products]:
        return merchant
    if hasattr(merchant, "model_copy"):
        return merchant.model_copy(update={"products": products})
    twin = copy.copy(merchant)
    twin.products = products
    return twin
