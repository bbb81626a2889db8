"""Parameters of supply, presale, service desk, pricing, budgeting and regions. Passports as everywhere.

What a merchant decides stands with the merchant (:mod:`sim.scenario.operations`); here is what it cannot choose.
"""

from __future__ import annotations

from typing import Literal

from sim.contract import MechanismParams, quantity


class SupplyParams(MechanismParams):
    """Goods ordered again: lead time, forecast, sources, spoilage. Acts for products with ``supply``."""

    outage: float = quantity(
        0.0, "Share of what the first source of every product sends that does not come.", unit="share", ge=0, le=1,
        plausible=(0, 1),
    )  # fmt: skip


class PresaleParams(MechanismParams):
    """Batches made when enough have ordered. Acts for products with ``presale``."""


class ServiceParams(MechanismParams):
    """Questions before a purchase, and waiting for an answer. Acts for merchants with a ``desk``."""

    ask_share: float = quantity(
        0.3, "Share of would-be buyers who ask first.", unit="prob", ge=0, le=1, plausible=(0.1, 0.6)
    )
    patience_minutes: float = quantity(
        10, "Mean patience (exponential); who waits longer leaves without buying.", unit="minute", gt=0,
        plausible=(2, 30),
    )  # fmt: skip


class PricingParams(MechanismParams):
    """Prices that move, subsidies, and what rivals do."""

    rivals: Literal["hold", "follow_price", "match_spend"] = quantity(
        "hold", "What all merchants but the focal one do: as planned, follow the cheapest price, or spend as it does."
    )
    undercut: float = quantity(
        0.0, "follow_price: how far below yesterday's cheapest rivals go.", unit="share", ge=0, lt=0.5,
        plausible=(0, 0.05),
    )  # fmt: skip


class BudgetingParams(MechanismParams):
    """Merchants who move their budget by measured return. Acts for merchants with ``budgeting``."""


class RetentionParams(MechanismParams):
    """Platforms whose ad load follows how many people come back. Acts for platforms with a ``guard``."""


class AgencyParams(MechanismParams):
    """Agencies of creators (MCN). Acts where ``agencies`` are given."""


class ListingParams(MechanismParams):
    """One product sold in several places, and search for a brand. Acts for products with ``listings``."""

    friction: float = quantity(
        1.0, "Disutility of ordering in another place than the one where one is.", unit="util", ge=0, le=20,
        plausible=(0.3, 3),
    )  # fmt: skip
    brand_search: float = quantity(
        0.003, "Chance a day that somebody who lately saw a product and has not bought it since looks it up.",
        unit="1/day", ge=0, le=1, plausible=(0.0005, 0.01),
    )  # fmt: skip
    search_days: int = quantity(
        14, "Days after an exposure during which it is looked up.", unit="day", ge=1, le=365, plausible=(3, 30)
    )


class RegionsParams(MechanismParams):
    """Payments that fail and the rent of warehouses, where ``logistics.regions`` are given."""
