"""What a scenario may say: market, network, people, places, goods, logistics, and the questions asked of them.

Schema only. Merchants, plans, platforms and creators are in :mod:`sim.scenario.players`, the parameters of mechanisms
in :mod:`sim.scenario.parameters`, checks that need more than one field in :mod:`sim.scenario.checks`. ``Scenario``,
with loading and overrides, builds on :class:`ScenarioModel`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator

from sim.contract import Params, quantity
from sim.scenario.adaptive import Agency
from sim.scenario.checks import cross_checks
from sim.scenario.names import DayText, IsoDate, Name
from sim.scenario.networks import CommunityNetwork, FileNetwork, Network, NetworkxNetwork, WellMixed
from sim.scenario.operations import Region
from sim.scenario.own_data import Adoptions, Orders, Price, RowFile
from sim.scenario.parameters import MechanismsModel
from sim.scenario.players import Creator, Merchant, Platform

__all__ = [
    "Category",
    "Change",
    "CommunityNetwork",
    "Event",
    "Experiment",
    "FileNetwork",
    "Logistics",
    "Market",
    "NetworkxNetwork",
    "ScenarioModel",
    "Segment",
    "WellMixed",
    "cross_checks",
]

Change = dict[str, Any]
"""``{dotted.path: value}`` or ``{dotted.path: {scale: x}}``; read by the language of overrides."""

Outcome = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(?:@.+)?$")]
"""``metric`` or ``metric@owner``."""


class Market(Params):
    """Size, horizon and units."""

    consumers: int | None = quantity(
        None, "Number of consumers N; none: as many as a file network has people.", unit="people", ge=1,
        le=1_000_000_000, applies="build",
    )  # fmt: skip
    days: int = quantity(
        180, "Horizon in steps; a step is a day unless step_length says otherwise.", unit="step", ge=1, le=20_000,
        applies="build",
    )  # fmt: skip
    start: IsoDate | None = quantity(None, "Date of day 0, for data that have dates.", applies="build")
    warmup: int = quantity(
        0, "Steps lived under the base plan before day 0.", unit="step", ge=0, le=5_000, applies="build"
    )
    weight: float = quantity(
        1.0, "People one consumer stands for; scales reports only.", unit="people", gt=0, applies="build"
    )
    represents: float | None = quantity(
        None, "People the market stands for; sets weight to represents/N.", unit="people", gt=0, applies="build"
    )
    reference_consumers: int | None = quantity(
        None,
        "N for which budgets, stock, capacity and followers are stated; none: the N of this file.",
        unit="people",
        ge=1,
        applies="build",
    )
    population: Literal["drawn", "fixed"] = quantity(
        "drawn", "Each replication draws its own people and network, or all share one.", applies="build"
    )
    tracing: bool = quantity(
        True, "Whether people remember who told them of a product (4 bytes a person and product).", applies="build"
    )
    step_length: float = quantity(1.0, "Length of a step.", unit="day", gt=0, applies="build")
    currency: str = quantity("CNY", "Label of money in reports.", applies="build")
    ltv_days: int = quantity(
        90, "Steps from a buyer's first order over which the value of a buyer is counted.", unit="step", ge=1,
        applies="build", plausible=(30, 365),
    )  # fmt: skip
    discount_rate: float = quantity(
        0.1, "Rate at which the value of a buyer is discounted.", unit="1/year", ge=0, le=10, applies="build",
        plausible=(0, 0.3),
    )  # fmt: skip
    tax_rate: float = quantity(
        0.0, "Tax on profit, reported on a line of its own.", unit="share", ge=0, lt=1, applies="build",
        plausible=(0, 0.25),
    )  # fmt: skip

class Segment(Params):
    """A kind of consumer."""

    name: Name = quantity(..., "Name of the segment.", applies="build")
    share: float = quantity(1.0, "Weight in the population; normalised.", unit="weight", gt=0, applies="build")
    income: float = quantity(6000.0, "Median income.", unit="yuan/month", gt=0, applies="build")
    income_spread: float = quantity(0.5, "Standard deviation of log income.", unit="log", ge=0, le=3, applies="build")
    price_sensitivity: float = quantity(
        1.0, "Factor on a_p.", unit="factor", ge=0, le=20, applies="build", plausible=(0.5, 2)
    )
    sensitivity_spread: float = quantity(
        0.25, "Standard deviation of the log of price sensitivity.", unit="log", ge=0, le=3, applies="build"
    )
    activity: float = quantity(
        1.0, "Factor on the activity of platforms.", unit="factor", ge=0, le=10, plausible=(0.5, 1.5)
    )
    share_propensity: float = quantity(
        1.0, "Factor on the chance to share.", unit="factor", ge=0, le=10, plausible=(0.5, 2)
    )
    charity: float = quantity(0.5, "Mean care for good causes.", ge=0, le=1, applies="build", plausible=(0.2, 0.8))
    green: float = quantity(0.5, "Mean care for what is green.", ge=0, le=1, applies="build", plausible=(0.2, 0.8))
    affinity: dict[str, float] = quantity(
        {}, "Mean interest in a category, 0-1; .5 where not named.", unit="fit", applies="build"
    )
    occasion_rate: dict[str, float] = quantity(
        {}, "Factor on the needs in a category; 1 where not named.", unit="factor", applies="build"
    )


class Category(Params):
    """A kind of good."""

    name: Name = quantity(..., "Name of the category.", applies="build")
    reference_price: float = quantity(..., "Price people are used to.", unit="yuan", gt=0)
    occasions_per_year: float = quantity(6.0, "Mean needs of a consumer (m).", unit="1/year", ge=0, plausible=(1, 24))
    occasion_shape: float = quantity(
        0.8,
        "Shape of the Gamma of needs over people (r); small: few buy most.",
        gt=0,
        applies="build",
        source="Goodhardt-Ehrenberg-Chatfield 1984 data: K .779",
        standing="V",
        plausible=(0.2, 2),
    )
    fit_uncertainty: float = quantity(
        0.1, "Standard deviation of what only trial shows.", unit="quality", ge=0, le=1, plausible=(0.02, 0.3)
    )
    season: dict[int, float] = quantity(
        {}, "Factor on needs by month, 1-12; months of 30 days from day 0.", unit="factor"
    )


class Logistics(Params):
    """From order to door."""

    delivery_days: float = quantity(3.0, "Mean delivery time.", unit="day", ge=0, le=120, plausible=(1, 7))
    delivery_spread: float = quantity(0.3, "Standard deviation of log delivery time.", unit="log", ge=0, le=3,
                                     plausible=(0.1, 0.6))  # fmt: skip
    capacity: float | None = quantity(
        None, "Parcels that can leave in a day; none: all.", unit="orders/day", ge=0, extensive=True
    )
    promise_days: float = quantity(4.0, "Delivery later than this is late.", unit="day", ge=0)
    freight: float = quantity(6.0, "Cost of a parcel to the merchant.", unit="yuan/order", ge=0, plausible=(2, 12))
    regions: list[Region] = quantity([], "Where people live; none: all in one place.")


class Event(Params):
    """A change with a beginning and, perhaps, an end."""

    name: Name = quantity(..., "Name of the event.", applies="build")
    day: Annotated[int, Field(ge=0)] | DayText = quantity(
        ..., "First day in force; with market.start also a date, or month-day for every year.", unit="day",
        applies="build",
    )  # fmt: skip
    days: int | None = quantity(None, "Days in force; none: to the end.", unit="day", ge=1, applies="build")
    every: int | None = quantity(
        None, "Days from one beginning to the next; none: it comes once.", unit="day", ge=2, applies="build"
    )
    exclusive: str | None = quantity(
        None, "Of events with the same word here only one can be in force on a day; none: any.", applies="build"
    )
    strategies: list[str] = quantity(
        [], "Strategies under which it happens, a decision taken on its day; empty: under all.", applies="build"
    )
    change: Change = quantity(..., "What changes: {path: value} or {path: {scale: x}}.", applies="build")

    def happens(self, strategy: str | None) -> bool:
        """Whether it happens under a strategy; None is the scenario without one, ``base``."""
        return not self.strategies or (strategy or "base") in self.strategies


class Experiment(Params):
    """How strategies are compared."""

    replications: int = quantity(20, "Replications of each strategy.", ge=1, le=100_000, applies="build")
    baseline: str | None = quantity(None, "Strategy the others are compared with; none: the first.", applies="build")
    precision: float | None = quantity(
        None,
        "Share of its mean to which the first outcome is to be known; then replications are only the first stage, and "
        "as many follow as that takes. None: no such wish.",
        gt=0,
        lt=1,
        applies="build",
    )
    max_replications: int = quantity(
        1_000, "Most replications that a stated precision may take.", ge=1, le=100_000, applies="build"
    )
    references: list[Literal["today", "nothing"]] = quantity(
        [],
        "Arms added to compare with: the market as it stands (today), the focal merchant spending nothing (nothing).",
        applies="build",
    )
    hold: Literal["spend", "none"] = quantity(
        "spend", "What strategies are meant to have in common; said where it is broken.", applies="build"
    )


class ScenarioModel(Params):
    """A whole scenario: the market as it is, what may be done in it, and what is asked."""

    name: str = quantity("scenario", "Title.", applies="build", min_length=1, max_length=200)
    question: str = quantity("", "The question the scenario answers.", applies="build")
    description: str = quantity("", "Context.", applies="build")
    topic: str = quantity("", "Subject under which it is listed.", applies="build")
    market: Market = quantity(Market(), "Size, horizon and units.", applies="build")
    network: Network = quantity(CommunityNetwork(), "Who knows whom.", applies="build")
    segments: list[Segment] = quantity([Segment(name="everyone")], "Kinds of consumers.", applies="build", min_length=1)
    categories: list[Category] = quantity([], "Kinds of goods.", applies="build")
    platforms: list[Platform] = quantity([Platform(name="platform")], "Places.", applies="build", min_length=1)
    creators: list[Creator] = quantity([], "Rate card of creators.", applies="build")
    rate_card: RowFile | None = quantity(None, "File whose rows are further creators.", applies="build")
    agencies: list[Agency] = quantity([], "Agencies of creators (MCN).", applies="build")
    merchants: list[Merchant] = quantity([], "Sellers.", applies="build")
    prices: list[Price] = quantity([], "Price list: list prices by day, in place of the product's.", applies="build")
    price_list: RowFile | None = quantity(None, "File whose rows are further prices.", applies="build")
    orders: Orders | None = quantity(None, "Past orders: who has bought before the first day.", applies="build")
    adoptions: Adoptions | None = quantity(None, "Who adopted, and when: past buyers of a product.", applies="build")
    logistics: Logistics = quantity(Logistics(), "From order to door.")
    mechanisms: MechanismsModel = quantity(MechanismsModel(), "Parameters of behaviour.")
    strategies: dict[Name, Change] = quantity({}, "Named changes to choose between.", applies="build")
    events: list[Event] = quantity([], "Changes that happen.", applies="build")
    uncertainties: dict[str, tuple[float, float]] = quantity(
        {}, "Ranges of what is not known, by path.", applies="build"
    )
    outcomes: list[Outcome] = quantity(
        ["profit", "gmv", "new_buyers"], "What is compared: metric or metric@owner.", applies="build"
    )
    focal: str | None = quantity(None, "Merchant the outcomes are about; needed with several.", applies="build")
    experiment: Experiment = quantity(Experiment(), "How strategies are compared.", applies="build")

    @field_validator("network", mode="before")
    @classmethod
    def _default_kind(cls, value: Any) -> Any:
        """A network that names no kind is a community network."""
        return {"kind": "community", **value} if isinstance(value, dict) and "kind" not in value else value
