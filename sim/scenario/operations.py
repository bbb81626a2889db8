"""How goods come to be there and what is asked for them: supply, presale, desk, pricing, budgets, regions. Schema only.

Quantities marked extensive are stated for ``market.reference_consumers`` and scaled by the mechanisms that use them.
"""

from __future__ import annotations

from typing import Literal

from sim.contract import Params, quantity
from sim.scenario.names import Name


class Trial(Params):
    """A test in the market: only what sells is made again (小单快返)."""

    days: int = quantity(14, "Days from its entry after which a product is judged.", unit="day", ge=1)
    sell_through: float = quantity(
        0.5, "Share of the first batch that must be sold by then; else it is never ordered again.", unit="share",
        gt=0, le=1, plausible=(0.3, 0.9),
    )  # fmt: skip


class Batches(Params):
    """What a unit costs when many are made at once."""

    cost_batch: float = quantity(
        1_000, "Size of a batch whose units cost unit_cost.", unit="units", gt=0, extensive=True
    )
    scale_effect: float = quantity(
        0.0, "Fall of log unit cost by one of log batch size, between a quarter and four times unit_cost.",
        unit="elasticity", ge=0, le=1, plausible=(0, 0.2),
    )  # fmt: skip


class Supply(Batches):
    """Replenishment: every review, order up to what the forecast needs."""

    lead_days: int = quantity(7, "Days from an order to its arrival.", unit="day", ge=0, le=365, plausible=(3, 45))
    review_days: int = quantity(7, "Days from one review to the next.", unit="day", ge=1, le=365, plausible=(1, 30))
    service_level: float | None = quantity(
        None, "Chance that stock lasts until the next arrival; none: the critical ratio of the newsvendor.",
        unit="prob", gt=0, lt=1, plausible=(0.8, 0.99),
    )  # fmt: skip
    batch: float = quantity(1, "Orders are multiples of this.", unit="units", gt=0, extensive=True)
    forecast_half_life: float = quantity(
        7, "Half-life of what the forecast remembers.", unit="day", gt=0, plausible=(3, 30)
    )
    holding: float = quantity(0.0, "Cost of keeping a unit a day.", unit="yuan/unit/day", ge=0, plausible=(0, 0.1))
    spoils: float = quantity(0.0, "Share of the stock that spoils in a day.", unit="1/day", ge=0, le=1)
    sources: int = quantity(
        1, "Suppliers among which every order is divided evenly; each makes a smaller batch.", unit="suppliers", ge=1,
        le=20, plausible=(1, 4),
    )  # fmt: skip
    trial: Trial | None = quantity(None, "Test in the market; none: ordered again whatever it sells.")


class Presale(Batches):
    """Made when enough have ordered (预售, C2M): paid orders are votes, and wait until the batch is made."""

    from_day: int = quantity(0, "First day of the window.", unit="day", ge=0, applies="build")
    days: int = quantity(14, "Days the window is open.", unit="day", ge=1, applies="build", plausible=(7, 30))
    moq: int = quantity(
        100, "Smallest batch the factory makes (MOQ).", unit="units", ge=1, extensive=True, plausible=(50, 1000)
    )
    lead_days: int = quantity(10, "Days to make the batch.", unit="day", ge=0, le=365, plausible=(5, 45))
    fallback: Literal["refund", "make"] = quantity(
        "refund", "With too few votes: give the money back, or make the smallest batch and keep the rest as stock."
    )


class Listing(Params):
    """A place in which a product is sold, in its own way."""

    name: Name = quantity(..., "Platform on which it is sold.", applies="build")
    price: float | None = quantity(
        None, "List price there, moved as the product's is by discounts and rules; none: the product's.", unit="yuan",
        gt=0,
    )  # fmt: skip
    delivery_days: float | None = quantity(
        None, "Mean delivery time from there; none: the product's.", unit="day", ge=0, le=120
    )


class Desk(Params):
    """People, and a bot, who answer questions before a purchase (客服)."""

    staff: float = quantity(2, "People at the desk.", unit="people", gt=0, le=10_000, extensive=True)
    handle_minutes: float = quantity(6, "Mean time of a question.", unit="minute", gt=0, le=1440, plausible=(2, 15))
    wage: float = quantity(250, "Cost of one of the staff a day.", unit="yuan/day", ge=0, plausible=(150, 400))
    bot_solves: float = quantity(
        0.0, "Share of the questions a bot answers at once.", unit="share", ge=0, le=1, plausible=(0, 0.8)
    )
    bot_cost: float = quantity(0.0, "Cost of the bot a question asked.", unit="yuan/question", ge=0)


class Subsidy(Params):
    """A platform pays part of the price (百亿补贴), on every order of one, as long as it is kept."""

    platform: str = quantity(..., "Platform that pays.")
    share: float = quantity(0.1, "Share of the price it pays.", unit="share", gt=0, lt=1, plausible=(0.05, 0.3))


class Pricing(Params):
    """How the price moves from day to day, starting from that of the plan."""

    rule: Literal["plan", "stock", "follow"] = quantity(
        "plan", "As planned; up when stock runs ahead of its plan to sell out and down behind it; or after the "
        "cheapest rival in the category.",
    )
    step: float = quantity(0.03, "stock: change of the price in a day.", unit="share", gt=0, lt=0.5)
    sell_by: int = quantity(60, "stock: day by which all is to be sold.", unit="day", ge=1)
    undercut: float = quantity(0.0, "follow: how far below yesterday's cheapest.", unit="share", ge=0, lt=0.5)
    floor: float = quantity(0.1, "Lowest price: unit cost x (1 + floor).", unit="share", ge=-1, le=10)
    ceiling: float = quantity(1.3, "Highest price, on that of the plan.", unit="factor", ge=1, le=10)
    subsidy: Subsidy | None = quantity(None, "Part of the price that a platform pays; none: nobody.")


class Budgeting(Params):
    """Budget moved to what the account says works, in place of the mix."""

    by: Literal["last_touch", "experiment"] = quantity(
        "last_touch", "What return is: GMV by last touch over spend, or what a hold-out shows a channel to have added."
    )
    unit: Literal["people", "region", "day"] = quantity(
        "people", "experiment: what is held out by lot: people, regions, or days."
    )
    hold_out: float = quantity(
        0.1, "experiment: share of the units that a channel does not reach.", unit="share", gt=0, lt=1,
        plausible=(0.02, 0.5),
    )  # fmt: skip
    hold_days: int = quantity(
        28, "experiment: days after which other people or regions are held out.", unit="day", ge=1, le=365,
        plausible=(7, 90),
    )  # fmt: skip
    memory: float = quantity(
        0.7, "experiment: share of the evidence kept from one decision to the next.", unit="share", ge=0, le=1,
        plausible=(0, 0.95),
    )  # fmt: skip

    every: int = quantity(7, "Days from one decision to the next.", unit="day", ge=1, le=365)
    rate: float = quantity(
        0.5, "Weights are multiplied by exp(rate (ROAS / mean ROAS - 1)).", ge=0, le=5, plausible=(0.1, 1)
    )
    floor: float = quantity(0.05, "Least share of each channel of the mix.", unit="share", ge=0, le=0.25)


class Region(Params):
    """Where part of the people live, as seen from the warehouse."""

    name: Name = quantity(..., "Name of the region.", applies="build")
    share: float = quantity(1.0, "Weight in the population; normalised.", unit="weight", gt=0, applies="build")
    delivery_days: float | None = quantity(None, "Mean delivery time; none: logistics'.", unit="day", ge=0, le=120)
    promise_days: float | None = quantity(
        None, "Delivery later than this is late; none: logistics', or a day more than delivery_days.", unit="day", ge=0
    )
    surcharge: float = quantity(0.0, "Freight beyond logistics.freight.", unit="yuan/order", ge=0)
    rent: float = quantity(
        0.0, "Cost of a warehouse kept for the region, shared by merchants evenly.", unit="yuan/day", ge=0,
        extensive=True,
    )  # fmt: skip
    duty: float = quantity(0.0, "Duty on the price, paid by the merchant.", unit="share", ge=0, lt=1)
    payment_success: float = quantity(1.0, "Share of payments that go through.", unit="prob", gt=0, le=1,
                                      plausible=(0.7, 1))
    returns_accepted: float = quantity(1.0, "Share of wished returns that are taken back.", unit="prob", ge=0, le=1)
