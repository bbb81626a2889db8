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
    """Merchants who move their budget by last-touch return. Acts for merchants with ``budgeting``."""


class RegionsParams(MechanismParams):
    """Payments that fail and the rent of warehouses, where ``logistics.regions`` are given."""
