"""Parameters of what people see and believe: visits, feed, ads, creators, seeding, persuasion, awareness, clicks.

Each class is the parameter block of the mechanism of the same name; every number carries unit, bounds, source and
standing (see :func:`sim.contract.quantity`). Rates are per day unless the unit says otherwise.
"""

from __future__ import annotations

from typing import Literal

from sim.contract import MechanismParams, quantity
from sim.scenario.params_channels import AwareRate, HypeWeight, Kappa


class VisitParams(MechanismParams):
    """Opening a platform, and being tired of commercial content."""

    fatigue_effect: float = quantity(
        0.5, "Share of the visits that full fatigue takes away (phi).", ge=0, le=1, plausible=(0.2, 0.8)
    )
    fatigue_load: float = quantity(
        20, "Commercial items a day at which fatigue saturates (f0).", unit="views/day", gt=0, plausible=(10, 40)
    )
    fatigue_memory: float = quantity(
        0.9, "Share of yesterday's fatigue that is left today.", unit="1/day", ge=0, lt=1, plausible=(0.8, 0.97)
    )
    places_per_day: float | None = quantity(
        None, "Platforms a person opens in a day, in the mean, at most: where activities sum to more, each is scaled "
        "down alike, so that places share out attention. None: no limit.", unit="platforms/day", gt=0, le=50,
        plausible=(0.8, 3),
    )  # fmt: skip
    turns: bool = quantity(False, "One consumer acts a step, in turn, instead of all (urn limit).", applies="build")


class FeedParams(MechanismParams):
    """How content fills the slots of a feed."""

    slots: Literal["poisson", "exact"] = quantity(
        "poisson", "Exposures of a cell drawn one by one, or slots filled exactly.", applies="build"
    )
    note_half_life: float = quantity(5, "Age at which a note has half its weight.", unit="day", gt=0, plausible=(2, 14))
    video_half_life: float = quantity(
        2, "Age at which a video has half its weight.", unit="day", gt=0, plausible=(1, 7)
    )
    appeal_spread: float = quantity(
        1.2, "Standard deviation of the log of an item's hidden appeal.", unit="log", ge=0, le=4, plausible=(0.6, 1.8)
    )
    similarity_penalty: float = quantity(
        0.1, "Weight lost by an item for each like item alive beside it.", ge=0, le=1, plausible=(0, 0.3)
    )


class AdParams(MechanismParams):
    """The market for ad slots: second price on bid times predicted click rate."""

    competitors: int = quantity(20, "Outside bidders in each auction.", unit="bidders", ge=0, le=500, plausible=(5, 50))
    cpm_median: float = quantity(
        60, "Median bid of an outside bidder.", unit="yuan/1000 impressions", gt=0, standing="K", plausible=(30, 120)
    )
    cpm_spread: float = quantity(
        0.6, "Standard deviation of the log of outside bids.", unit="log", ge=0, le=3, plausible=(0.3, 1.0)
    )
    auto_bid: bool = quantity(True, "A merchant who names no bid has one set that spends the day's budget evenly.")


class CreatorParams(MechanismParams):
    """Opinion leaders: reach, engagement, what a post costs and what it does to trust."""

    engagement: float = quantity(
        0.025,
        "Engagement rate of a creator with 3,200 followers (e0).",
        ge=0,
        le=1,
        source="Statista via trade page: 2.53% at 1-10k, 0.92% above 1M",
        standing="V2",
        plausible=(0.01, 0.06),
    )
    engagement_decay: float = quantity(
        0.15,
        "Exponent by which engagement falls with followers (gamma).",
        ge=0,
        le=1,
        source="fit to the two Statista tiers",
        standing="V2",
        plausible=(0.1, 0.35),
    )
    reach: float = quantity(0.3, "Share of followers who are shown a post (rho).", ge=0, le=1, plausible=(0.1, 0.5))
    fee_per_follower: float = quantity(
        0.2,
        "Slot fee is this times followers to the power fee_exponent (f0).",
        unit="yuan/follower^exponent",
        ge=0,
        standing="K",
        plausible=(0.1, 0.6),
    )
    fee_exponent: float = quantity(0.9, "Exponent of the slot fee.", gt=0, le=1.5, standing="K", plausible=(0.8, 1.0))
    fee_response: float = quantity(
        0.0, "Rise of the log of a creator's fee with each post she sells; idle capacity lowers it. 0: fees stay.",
        unit="log/post", ge=0, le=1, plausible=(0, 0.1),
    )  # fmt: skip
    fee_load: float = quantity(
        0.5, "Share of the posts there is room for at which fees stay as they are.", unit="share", gt=0, lt=1,
        plausible=(0.3, 0.8),
    )  # fmt: skip
    fee_band: float = quantity(
        3.0, "Fees stay between the usual one over this and the usual one times this.", unit="factor", ge=1, le=100,
        plausible=(1.5, 5),
    )  # fmt: skip
    trust_prior: float = quantity(0.6, "Trust in a creator nobody has tried.", ge=0, le=1, plausible=(0.4, 0.8))
    sponsored_trust_cost: float = quantity(
        0.02,
        "Trust lost with each sponsored post, recovering between posts.",
        unit="trust/post",
        ge=0,
        le=1,
        plausible=(0, 0.05),
    )
    disclosure: bool = quantity(True, "Sponsored posts are labelled.")
    disclosure_discount: float = quantity(
        0.15, "Persuasion lost by a labelled post.", unit="share", ge=0, le=1, plausible=(0, 0.4)
    )


class SeedingParams(MechanismParams):
    """Opinion consumers (KOC, 种草): samples sent, notes written by people who really used the product."""

    author_share: float = quantity(
        0.05, "Share of consumers able to write a note others read.", ge=0, le=1, applies="build", plausible=(0.01, 0.1)
    )
    note_rate: float = quantity(
        0.25, "Chance that an author writes after trying a sample.", unit="prob", ge=0, le=1, plausible=(0.1, 0.6)
    )
    sample_lag: int = quantity(
        3, "Days from sending a sample to its trial.", unit="day", ge=0, le=60, plausible=(1, 10)
    )
    organic_rate: float = quantity(
        0.05, "Chance that an author writes unasked after an order.", unit="prob", ge=0, le=1, plausible=(0.01, 0.15)
    )


class PersuasionParams(MechanismParams):
    """Adstock, wear-in and wear-out, awareness by exposure, forgetting."""

    half_life: float = quantity(
        7,
        "Half-life of adstock (h).",
        unit="day",
        gt=0,
        source="Clarke 1976, Leone 1995 for the long end",
        plausible=(1, 30),
    )
    kappa: Kappa = quantity(Kappa(), "Adstock of one exposure by channel.")
    aware: AwareRate = quantity(AwareRate(), "Awareness by one exposure by channel.")
    wear_in: float = quantity(
        10,
        "Exposures a week at which response peaks (n*).",
        unit="exposures",
        gt=0,
        source="Schmidt-Eisend 2015",
        standing="V",
        plausible=(4, 15),
    )
    forgetting: float = quantity(
        0.3,
        "Exponent of forgetting (psi): retention (1+t/tau)^-psi.",
        ge=0,
        le=3,
        source="Ebbinghaus; Murre-Dros 2015 for the power form",
        standing="K",
        plausible=(0.1, 0.5),
    )
    forgetting_tau: float = quantity(1, "Time scale of forgetting (tau).", unit="day", gt=0, plausible=(0.5, 3))
    expectation_weight: float = quantity(
        0.08, "Step of the expected quality towards what one exposure promises.", ge=0, le=1, plausible=(0.02, 0.2)
    )
    hype_weight: HypeWeight = quantity(HypeWeight(), "Share of hype that enters expectations by channel.")


class AwarenessParams(MechanismParams):
    """The social rule of awareness beside exposures: none, or one of four textbook rules."""

    rule: Literal["none", "contact", "hazard", "threshold", "cascade"] = quantity(
        "none", "none | contact (Goldenberg) | hazard (Bass) | threshold (Watts) | cascade.", applies="build"
    )
    alpha: float = quantity(
        0.005,
        "contact: chance to become aware with no contact; 0 where feed or ads act.",
        unit="1/week",
        ge=0,
        le=1,
        source="Goldenberg-Libai-Muller 2001, a simulation input",
        standing="V",
        plausible=(0.0005, 0.01),
    )
    beta_weak: float = quantity(
        0.01,
        "contact: chance by one weak contact.",
        unit="1/contact/week",
        ge=0,
        le=1,
        source="Goldenberg 2001, a simulation input",
        standing="V",
        plausible=(0.005, 0.015),
    )
    beta_strong: float = quantity(
        0.04,
        "contact: chance by one strong contact.",
        unit="1/contact/week",
        ge=0,
        le=1,
        source="Goldenberg 2001, a simulation input",
        standing="V",
        plausible=(0.01, 0.07),
    )
    per_week: bool = quantity(True, "contact: rates are per week and turned into daily ones; false: per step.")
    talk_days: int = quantity(
        14, "contact: days after delivery during which a buyer talks.", unit="day", ge=0, plausible=(7, 30)
    )
    p: float = quantity(
        0.003,
        "hazard: innovation per step; .03 a year at a step of 36.5 days.",
        unit="1/step",
        ge=0,
        source="Sultan-Farley-Lehmann 1990",
        standing="V2",
        plausible=(0.001, 0.003),
    )
    q: float = quantity(
        0.038,
        "hazard: imitation per step; .38 a year at a step of 36.5 days.",
        unit="1/step",
        ge=0,
        source="Sultan-Farley-Lehmann 1990",
        standing="V2",
        plausible=(0.03, 0.05),
    )
    phi: float = quantity(
        0.18,
        "threshold: share of contacts that must have bought.",
        ge=0,
        le=1,
        source="Watts 2002",
        standing="V",
        plausible=(0.1, 0.4),
    )
    b: float = quantity(
        0.1, "cascade: chance of the one try along a tie.", unit="prob", ge=0, le=1, plausible=(0.01, 0.4)
    )


class ClickParams(MechanismParams):
    """From an exposure to a click, which is an impulse occasion."""

    ctr0: float = quantity(
        0.025,
        "Click rate of a relevant item at the mean position, a free intercept.",
        unit="prob",
        ge=0,
        le=1,
        plausible=(0.01, 0.08),
    )
    position: float = quantity(
        1.0, "Mean position factor of the slots commercial items get.", ge=0, le=1, plausible=(0.3, 1)
    )
    cue: float = quantity(
        1.3,
        "Factor when at least one friend endorses; no gain from a second.",
        ge=1,
        le=5,
        source="Huang-Lin, WeChat, 37M users (shape)",
        standing="V2",
        plausible=(1.1, 1.6),
    )
    relevance_weight: float = quantity(
        1.0, "How strongly fit moves the click rate; 0: not at all.", ge=0, le=5, plausible=(0.5, 2)
    )
