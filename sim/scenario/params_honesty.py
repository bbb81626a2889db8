"""Parameters of honesty: reviews in full, dishonesty, its policing, and what reassures a shopper.

All four mechanisms are off until a scenario switches them on. What one merchant does is in :mod:`sim.scenario.honesty`.
"""

from __future__ import annotations

from pydantic import Field

from sim.contract import MechanismParams, quantity

_HPZ = "Hu-Pavlou-Zhang 2009 (form)"
_HHP = "He-Hollenbeck-Proserpio 2022"


class OptionalParams(MechanismParams):
    """A mechanism that acts only where a scenario says so."""

    enabled: bool = Field(False, description="Whether the mechanism acts at all.",
                          json_schema_extra={"applies": "build"})  # fmt: skip


class ReviewParams(OptionalParams):
    """Reviews one by one: who writes, how many stars, with a picture or not, what is shown and who reads.

    ``delivery.review_base`` and ``review_square`` hold here too; the opinion o = centre + scale S is what is written.
    """

    centre: float = quantity(
        4.3, "Opinion of somebody who got what was expected.", unit="stars", ge=1, le=5, plausible=(3.8, 4.6)
    )
    scale: float = quantity(1.6, "Stars for one unit of satisfaction.", unit="stars", gt=0, le=5, plausible=(1, 2))
    middle: float = quantity(
        3.0, "The moderate opinion, least worth writing about: P = base + square (o - middle)^2.", unit="stars",
        ge=1, le=5, source=_HPZ, plausible=(3, 4),
    )  # fmt: skip
    image_share: float = quantity(
        0.2, "Share of unasked reviews with a picture.", unit="share", ge=0, le=1, plausible=(0.05, 0.4)
    )
    image_weight: float = quantity(
        3.0, "Reviews without a picture that one with a picture is worth, in number shown and in reading.", ge=1,
        le=20, source="market reports: conversion x3 after image reviews", standing="S", plausible=(1, 4),
    )  # fmt: skip
    reward_effect: float = quantity(
        0.04, "Chance to write added by one yuan of reward, for those whom it is promised.", unit="1/yuan", ge=0,
        le=1, plausible=(0.01, 0.1),
    )  # fmt: skip
    reward_images: float = quantity(
        0.6, "Share of reviews written for the reward that have a picture.", unit="share", ge=0, le=1,
        plausible=(0.2, 1),
    )  # fmt: skip
    recency: float = quantity(
        14, "Half-life of a review's weight in the rating shown.", unit="day", gt=0,
        source=f"{_HHP}: a month after fakes stop their effect is gone", plausible=(7, 90),
    )  # fmt: skip
    reads: float = quantity(
        0.6, "Share of shoppers on a product page, and of buyers, who read reviews.", unit="prob", ge=0, le=1,
        plausible=(0.3, 0.9),
    )  # fmt: skip
    depth: float = quantity(10, "Newest reviews that they read.", unit="reviews", ge=1, le=1000, plausible=(3, 30))
    learning: float = quantity(
        0.3, "Share of the way that reading moves the expectation.", unit="share", ge=0, le=1, plausible=(0.1, 0.6)
    )
    star_value: float = quantity(
        1.0, "Quality that a star above the usual rating lets expect, in standard deviations of the product.", ge=0,
        le=5, plausible=(0.3, 2),
    )  # fmt: skip


class DishonestyParams(OptionalParams):
    """Fake orders and reviews (刷单) and counterfeit goods (假货), as merchants' ``tricks`` ask for them."""

    sales_window: float = quantity(
        15, "Half-life of a fake sale in the sales that rank a product.", unit="day", gt=0, plausible=(7, 30)
    )
    weeks_ahead: float = quantity(
        4, "How long a merchant who weighs it up expects fakes to work.", unit="week", gt=0, le=52, source=_HHP,
        standing="V", plausible=(2, 8),
    )  # fmt: skip


class ModerationParams(OptionalParams):
    """The platform's search for fakes, the regulator's inspections, sanctions, and the news of them."""

    recall: float = quantity(
        0.4, "Share of fake reviews and unlabelled paid posts ever found.", unit="prob", ge=0, le=1, source=_HHP,
        standing="V2", plausible=(0.1, 0.9),
    )  # fmt: skip
    false_alarm: float = quantity(
        0.005, "Share of true reviews removed by mistake.", unit="prob", ge=0, le=1, plausible=(0, 0.05)
    )
    delay: float = quantity(20, "Mean time until one is found.", unit="day", ge=0, le=1000, plausible=(1, 100))
    inspections: float = quantity(
        0.0, "Share of merchants inspected in a month (30 days).", unit="share/month", ge=0, le=1, plausible=(0, 0.5)
    )
    power: float = quantity(
        0.7, "Chance that an inspection finds fakes of the last month, or claims above the goods.", unit="prob", ge=0,
        le=1, plausible=(0.3, 1),
    )  # fmt: skip
    sample: int = quantity(20, "Parcels an inspection opens.", unit="parcels", ge=0, le=10_000, plausible=(5, 50))
    tolerance: float = quantity(
        0.15, "Claim above true quality that is let pass.", unit="quality 0-1", ge=0, le=1, plausible=(0.05, 0.3)
    )
    fine: float = quantity(
        0.05, "Fine for an offence, share of the sales of the last 30 days.", unit="share", ge=0, le=10, standing="S",
        source="market reports: fine 5 %", plausible=(0.02, 1),
    )  # fmt: skip
    suspension: float = quantity(
        7, "Days off sale after a first offence; as many more with each further one.", unit="day", ge=0, le=365,
        plausible=(0, 30),
    )  # fmt: skip
    blacklist_after: int = quantity(
        3, "Offence that closes the shop for good and forfeits its deposit.", unit="offences", ge=1, le=100,
        plausible=(2, 5),
    )  # fmt: skip
    news_reach: float = quantity(
        0.2, "Share of people whom the news of an offence or scandal reaches.", unit="prob", ge=0, le=1,
        plausible=(0.05, 0.6),
    )  # fmt: skip
    news_weight: float = quantity(
        1.0, "Bad experiences that hearing of an offence counts for.", unit="experiences", ge=0, le=20,
        plausible=(0.3, 3),
    )  # fmt: skip
    hidden_news: float = quantity(
        0.1, "Part of an offence's news that a day on which unlabelled paid posts are found makes.", unit="share",
        ge=0, le=1, plausible=(0, 0.5),
    )  # fmt: skip
    spillover: float = quantity(
        0.1, "Part of it that falls on every other merchant.", unit="share", ge=0, le=1, plausible=(0, 0.4)
    )


class AssuranceParams(OptionalParams):
    """What lowers the risk of a purchase: guarantees, verification before delivery, traceability, try-on by AR."""

    claim_belief: float = quantity(
        0.3, "Chance, as shoppers see it, that a claim under a guarantee succeeds.", unit="prob", ge=0, le=1,
        plausible=(0.1, 0.7),
    )  # fmt: skip
    notice: float = quantity(
        0.3, "Chance that the buyer of a counterfeit finds out and claims.", unit="prob", ge=0, le=1,
        plausible=(0.1, 0.8),
    )  # fmt: skip
    return_ease: float = quantity(
        0.3, "Rise of the return logit where refunds are guaranteed.", unit="logit", ge=0, le=5, plausible=(0, 0.8)
    )
    verify: float = quantity(
        0.0, "Share of every merchant's parcels the platform verifies (先鉴别后发货), at least.", unit="share", ge=0,
        le=1, plausible=(0, 1),
    )  # fmt: skip
    sensitivity: float = quantity(
        0.999, "Share of counterfeits that verification stops.", unit="prob", ge=0, le=1, standing="S",
        source="market reports: accuracy 99.9 %", plausible=(0.9, 1),
    )  # fmt: skip
    specificity: float = quantity(
        0.99, "Share of genuine goods that verification lets pass.", unit="prob", ge=0, le=1, plausible=(0.95, 1)
    )
    verify_days: float = quantity(2, "Delay by verification.", unit="day", ge=0, le=30, plausible=(0.5, 4))
    verify_fee: float = quantity(12, "Price of verifying a parcel.", unit="yuan", ge=0, le=1000, plausible=(3, 40))
    trace_cost: float = quantity(0.8, "Cost of the code on a parcel.", unit="yuan", ge=0, le=100, plausible=(0.1, 3))
    trace_reads: float = quantity(
        0.2, "Share of shoppers on the page of a traced product who read the record.", unit="prob", ge=0, le=1,
        plausible=(0.05, 0.5),
    )  # fmt: skip
    trace_learning: float = quantity(
        0.6, "Share of the way that the record moves the expectation to the truth.", unit="share", ge=0, le=1,
        plausible=(0.3, 1),
    )  # fmt: skip
    tryon_use: float = quantity(
        1.0, "Share of buyers who try on where it is offered.", unit="share", ge=0, le=1, plausible=(0.3, 1)
    )
    tryon_cost: float = quantity(
        50, "Cost of AR or 3D try-on for a product, a day, whatever the size of the market.", unit="yuan/day", ge=0,
        le=100_000, extensive=True, plausible=(5, 300),
    )  # fmt: skip
