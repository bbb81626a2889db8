"""Parameters of buying and what follows: occasions, choice, group-buy, checkout, delivery, loyalty.

Every number carries unit, bounds, source and standing (see :func:`sim.contract.quantity`).
"""

from __future__ import annotations

from typing import Literal

from sim.contract import MechanismParams, quantity

_BIJMOLT = "Bijmolt et al. 2005: mean price elasticity -2.62"
_YOU = "You-Vadakkepatt-Joshi 2015"


class OccasionParams(MechanismParams):
    """When a consumer thinks of buying."""

    need: bool = quantity(True, "Category needs arise (Poisson with Gamma rates: NBD).", applies="build")
    on_awareness: bool = quantity(
        False, "Becoming aware of a product is an occasion for it (diffusion limits).", applies="build"
    )
    search_share: float = quantity(
        0.05,
        "Chance that a need occasion also considers a product not known before.",
        unit="prob",
        ge=0,
        le=1,
        plausible=(0, 0.2),
    )
    impulse: bool = quantity(True, "A click is an occasion for that product alone.", applies="build")
    certain: bool = quantity(False, "Every exposure is an occasion (urn limit).", applies="build")


class ChoiceParams(MechanismParams):
    """Multinomial logit over products and not buying; V in utils."""

    a_p: float = quantity(
        2.7,
        "Price: utils for one reference price.",
        unit="util",
        ge=0,
        le=20,
        source=_BIJMOLT,
        standing="V",
        plausible=(1.5, 4),
    )
    b_v: float = quantity(
        0.42,
        "Valence: on the log of the displayed rating.",
        unit="util",
        ge=-5,
        le=5,
        source=f"{_YOU}: valence .417",
        standing="V",
        plausible=(0.2, 1.2),
    )
    b_n: float = quantity(
        0.24,
        "Volume: on ln(1 + reviews).",
        unit="util",
        ge=-5,
        le=5,
        source=f"{_YOU}: volume .236",
        standing="V",
        plausible=(0.1, 1.0),
    )
    b_a: float = quantity(
        0.12,
        "Advertising: on ln(1 + adstock).",
        unit="util",
        ge=-5,
        le=5,
        source="Sethuraman-Tellis-Briesch 2011: short .12, long .24",
        standing="V",
        plausible=(0.05, 0.24),
    )
    b_t: float = quantity(1.0, "Trust in the merchant.", unit="util/trust", ge=0, le=10, plausible=(0, 3))
    b_fit: float = quantity(1.0, "Fit of product and person.", unit="util/fit", ge=0, le=10, plausible=(0, 3))
    b_wait: float = quantity(0.03, "A day of delivery.", unit="util/day", ge=0, le=2, plausible=(0, 0.1))
    b_exp: float = quantity(
        1.0, "Own experience, in standard units of satisfaction.", unit="util", ge=0, le=10, plausible=(0.3, 2)
    )
    b_expect: float = quantity(
        1.0, "Expected quality, per unit of the 0-1 scale.", unit="util/quality", ge=0, le=10, plausible=(0, 3)
    )
    b_group_wait: float = quantity(0.1, "Waiting for a group to fill.", unit="util/day", ge=0, le=5, plausible=(0, 0.5))
    appeal: float = quantity(
        0.0, "b_j of products that name none, a free intercept.", unit="util", ge=-20, le=20, plausible=(-4, 0)
    )
    impulse_appeal: float = quantity(
        -2.5,
        "Added when the occasion is a click and not a need, a free intercept.",
        unit="util",
        ge=-20,
        le=20,
        plausible=(-4, -1),
    )
    outside: bool = quantity(True, "Not buying is an alternative (V = 0).", applies="build")
    tastes: Literal["normal", "dirichlet"] = quantity(
        "normal", "Lasting tastes: normal with taste_spread, or log-Gamma as in the NBD-Dirichlet.", applies="build"
    )
    taste_spread: float = quantity(
        1.0,
        "normal: standard deviation of lasting taste.",
        unit="util",
        ge=0,
        le=10,
        plausible=(0.5, 1.5),
        applies="build",
    )
    dirichlet_s: float = quantity(
        1.2,
        "dirichlet: concentration S; small means loyal.",
        gt=0,
        le=1000,
        source="Goodhardt-Ehrenberg-Chatfield 1984 data: S 1.49",
        standing="V",
        plausible=(0.5, 3),
        applies="build",
    )
    wallet_share: float = quantity(
        0.3, "A product above this share of monthly income is not bought.", unit="share", gt=0, plausible=(0.1, 0.6)
    )


class GroupBuyParams(MechanismParams):
    """Group-buys (拼团): who is invited, who accepts, when a group is full or void."""

    invites: int = quantity(8, "Friends a leader invites.", unit="people", ge=0, le=100, plausible=(0, 30))
    accept: Literal["logit", "constant"] = quantity(
        "logit", "Invitees choose, or accept at a constant rate.", applies="build"
    )
    accept_rate: float = quantity(
        0.12, "constant: chance that an invitee accepts.", unit="prob", ge=0, le=1, standing="S", plausible=(0.02, 0.3)
    )
    obligation: float = quantity(
        0.8, "logit: added for the tie to the leader, times its strength.", unit="util", ge=0, le=10, plausible=(0, 2)
    )
    reply_hours: float = quantity(
        4, "Mean time an invitee takes to reply (exponential).", unit="hour", gt=0, plausible=(1, 24)
    )
    open_list: bool = quantity(True, "Strangers see open groups and may join the oldest.")
    noticed: float = quantity(
        0.3, "logit: chance that an invited friend opens the invitation.", unit="prob", ge=0, le=1, plausible=(0.1, 0.6)
    )
    list_seen: float = quantity(
        0.2,
        "Chance that a person about to group-buy is shown a stranger's open group.",
        unit="prob",
        ge=0,
        le=1,
        plausible=(0.1, 1),
    )
    platform_completes: bool = quantity(False, "The platform fills a group that times out.")
    arrivals: float | None = quantity(
        None, "Strangers joining each open group (Poisson), instead of the market's own.", unit="people/day", ge=0
    )


class CheckoutParams(MechanismParams):
    """The only place where stock and money move."""

    stockout: Literal["lost", "tomorrow"] = quantity("lost", "A refused order is lost, or tries again tomorrow.")


class DeliveryParams(MechanismParams):
    """Experience, satisfaction in standard units, returns, reviews, trust."""

    theta: float = quantity(
        0.5,
        "S = theta d+ - 2 theta d-, d = (Q - E)/sigma.",
        ge=0,
        le=3,
        source="Oliver 1980; Szymanski-Henard 2001 (sign)",
        plausible=(0.2, 1),
    )
    return_base: float = quantity(
        -3.12,
        "Return logit at d = 0; with slope -2 the shelf returns .12.",
        unit="logit",
        ge=-10,
        le=5,
        source="trade press: shelf .10-.15, live .30-.50",
        standing="V2",
        plausible=(-3.6, -2.6),
    )
    return_slope: float = quantity(
        -2.0, "Change of the return logit by one unit of d.", unit="logit", ge=-10, le=0, plausible=(-3, -1)
    )
    return_urgency: float = quantity(
        1.3, "Added to the return logit by an order placed under full urgency (live countdown).", unit="logit", ge=0,
        le=10, source="trade press: live .30-.50 returned", standing="V2", plausible=(0.5, 2),
    )  # fmt: skip
    return_days: int = quantity(
        7, "Days after delivery on which a return is decided.", unit="day", ge=0, le=60, plausible=(3, 15)
    )
    review_base: float = quantity(
        0.03,
        "P(review) = min(1, base + square S^2).",
        unit="prob",
        ge=0,
        le=1,
        source="Hu-Pavlou-Zhang 2009 (form)",
        plausible=(0.01, 0.1),
    )
    review_square: float = quantity(
        0.05,
        "See review_base; makes ratings J-shaped.",
        ge=0,
        le=1,
        source="Hu-Pavlou-Zhang 2009 (form)",
        plausible=(0.02, 0.1),
    )
    review_prior: float = quantity(
        4.3, "Rating a product without reviews is taken to have.", unit="stars", ge=1, le=5, plausible=(3.8, 4.7)
    )
    review_prior_count: float = quantity(10, "Reviews that prior is worth in the displayed rating.", unit="reviews",
                                         gt=0, applies="build", plausible=(3, 30))  # fmt: skip
    salvage: float = quantity(0.6, "Share of unit cost recovered from a returned item made to order.", unit="share",
                              ge=0, le=1, plausible=(0.3, 0.9))  # fmt: skip
    problem_rate: float = quantity(
        0.05,
        "Share of orders that meet a problem: damage, a wrong size, an unanswered question.",
        unit="prob",
        ge=0,
        le=1,
        plausible=(0.02, 0.1),
    )
    problem_loss: float = quantity(
        0.3,
        "Quality lost by a problem that the merchant's service does not mend.",
        unit="quality 0-1",
        ge=0,
        le=1,
        plausible=(0.1, 0.5),
    )
    expectation_rate: float = quantity(
        0.3, "Share of the surprise learnt: E <- E + rate (Q - E).", ge=0, le=1, plausible=(0.1, 0.6)
    )
    trust_half_life: float = quantity(
        180, "Half-life of trust towards its prior.", unit="day", gt=0, plausible=(60, 365)
    )
    trust_bad: float = quantity(
        2,
        "Weight of a bad experience against a good one.",
        ge=0,
        le=20,
        source="Chevalier-Mayzlin 2006; Cabral-Hortacsu 2010 (sign)",
        standing="V",
        plausible=(1, 3),
    )
    trust_bad_below: float = quantity(
        -1.0, "Satisfaction below which an experience counts against the merchant: one standard deviation short.",
        unit="satisfaction", ge=-5, le=5, plausible=(-1.5, 0)
    )
    trust_prior_good: float = quantity(
        3, "Good experiences the prior is worth.", unit="experiences", gt=0, plausible=(1, 10)
    )
    trust_prior_bad: float = quantity(
        1, "Bad experiences the prior is worth.", unit="experiences", gt=0, plausible=(0.5, 5)
    )
    return_freight_merchant: float = quantity(
        0.5, "Share of return freight the merchant pays.", unit="share", ge=0, le=1, plausible=(0, 1)
    )
    late_penalty: float = quantity(
        0.02, "Quality felt to be missing for each day a parcel is late.", unit="quality/day", ge=0, le=1,
        plausible=(0, 0.05),
    )  # fmt: skip
    experience_rate: float = quantity(
        0.5, "Weight of the latest order in remembered satisfaction.", unit="share", ge=0, le=1, plausible=(0.2, 1)
    )


class LoyaltyParams(MechanismParams):
    """Lapse of the relation between a consumer and a merchant after an order (BG/NBD)."""

    beta_a: float = quantity(
        0.793,
        "First parameter of the Beta of lapse chances (a).",
        gt=0,
        source="Fader-Hardie-Lee 2005, CDNOW",
        standing="V",
        applies="build",
        plausible=(0.4, 1.5),
    )
    beta_b: float = quantity(
        2.426,
        "Second parameter of the Beta of lapse chances (b).",
        gt=0,
        source="Fader-Hardie-Lee 2005, CDNOW",
        standing="V",
        applies="build",
        plausible=(1, 5),
    )
    c_s: float = quantity(
        0.8, "Fall of the lapse logit by one unit of satisfaction.", unit="logit", ge=0, le=5, plausible=(0.3, 1.5)
    )
