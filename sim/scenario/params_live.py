"""Live-streaming (直播): parameters of the mechanism ``live`` and what a merchant may decide about its sessions."""

from __future__ import annotations

from sim.contract import MechanismParams, Params, quantity


class LiveParams(MechanismParams):
    """Who looks in on a session, how long they stay, how often they reach for the cart, and what a session costs."""

    show_up: float = quantity(
        0.04, "Chance that a follower (of a brand: a buyer) who is on the platform looks in on a long session.",
        unit="prob", ge=0, le=1, plausible=(0.01, 0.15),
    )  # fmt: skip
    show_up_hours: float = quantity(
        2.0, "A session of h hours is found by 1 - exp(-h / this) of those who would look in.", unit="hour", gt=0,
        plausible=(0.5, 6),
    )  # fmt: skip
    member_show_up: float = quantity(
        0.08, "The same for a member of the merchant's community, on whatever platform she is.", unit="prob", ge=0,
        le=1, plausible=(0.02, 0.3),
    )  # fmt: skip
    feed_weight: float = quantity(
        60.0, "Ranking weight of the card of a session that is on air, a post of today being 1; 0: none is shown.",
        unit="weight", ge=0, plausible=(10, 300),
    )  # fmt: skip
    enter: float = quantity(
        0.3, "Chance to enter from a card in the feed.", unit="prob", ge=0, le=1, plausible=(0.05, 0.5)
    )
    traffic_price: float = quantity(
        1.0, "Price of a viewer brought by bought traffic.", unit="yuan/viewer", gt=0, standing="K",
        plausible=(0.3, 3),
    )  # fmt: skip
    dwell: float = quantity(
        3.0, "Mean stay of a viewer of medium interest (W); in proportion to 1/2 + fit.", unit="minute", gt=0, le=600,
        plausible=(1, 8),
    )  # fmt: skip
    dwell_interaction: float = quantity(
        0.5, "Growth of the stay by full interaction.", ge=0, le=10, plausible=(0, 1)
    )
    slot_minutes: float = quantity(
        10.0, "Time for which one product is explained.", unit="minute", gt=0, le=600, plausible=(3, 20)
    )
    hazard: float = quantity(
        0.2, "Chance a minute to think of buying what is being explained (h0), a free intercept.", unit="1/minute",
        ge=0, le=10, plausible=(0.05, 0.5),
    )  # fmt: skip
    b_discount: float = quantity(
        1.5, "Growth of its log by the live discount (b_d).", ge=0, le=10, plausible=(0, 3)
    )
    b_scarcity: float = quantity(0.5, "Growth of its log by full scarcity (b_s).", ge=0, le=5, plausible=(0, 1.5))
    b_interaction: float = quantity(
        0.22, "Growth of its log by full interaction (b_i).", ge=0, le=5, source="report 001: orders a viewer +25 %",
        standing="S", plausible=(0, 0.5),
    )  # fmt: skip
    learning: float = quantity(
        2.0, "Minutes of explanation after which expectations are 63 % of the way to what the host promises.",
        unit="minute", gt=0, plausible=(0.5, 10),
    )  # fmt: skip
    studio_cost: float = quantity(
        50.0, "Host, staff and studio of a merchant's own session, for the reference market.", unit="yuan/hour", ge=0,
        plausible=(20, 300),
    )  # fmt: skip
    virtual_cost: float = quantity(
        0.1, "Cost of an hour with a virtual host over that with a person.", unit="ratio", ge=0, le=10,
        source="report 001: a tenth", standing="S", plausible=(0.05, 0.3),
    )  # fmt: skip
    virtual_trust: float = quantity(
        0.7, "Trust in a virtual host over trust in the merchant.", unit="ratio", ge=0, le=1, plausible=(0.4, 1)
    )


class LiveTactics(Params):
    """What a merchant's sessions are like. ``mix.live`` is the budget, ``hosts`` who speaks and how often."""

    hosts: dict[str, float] = quantity(
        {}, "Sessions a week by host: brand (店播), virtual (数字人), or a creator tier (达人).", unit="sessions/week"
    )
    hours: float = quantity(4.0, "Length of a session with a person.", unit="hour", gt=0, le=24, plausible=(1, 12))
    virtual_hours: float = quantity(24.0, "Length of a session with a virtual host.", unit="hour", gt=0, le=24)
    start_hour: float = quantity(
        19.0, "Hour at which it begins; earlier where it would last past midnight.", unit="hour", ge=0, lt=24
    )
    platform: str | None = quantity(None, "Where; none: on each in turn, drawn.")
    products: list[str] = quantity([], "Products explained in turn; empty: all. A creator explains one, drawn.")
    discount: float = quantity(
        0.1, "Cut of the day's price for viewers.", unit="share of price", ge=0, lt=1, plausible=(0, 0.5)
    )
    hype: float = quantity(0.4, "Promise above the true quality.", unit="sd of quality", ge=0, le=5, plausible=(0, 1))
    transparency: float = quantity(
        0.0, "From a studio (0) to factory or farm on camera (1), where the product is seen as it is.", ge=0, le=1
    )
    interaction: float = quantity(0.5, "From reading out (0) to answering everybody (1).", ge=0, le=1)
    countdown: float = quantity(
        0.5, "Pressure of time: none (0) to a running clock on every offer (1).", ge=0, le=1
    )
    limit: int | None = quantity(
        None, "Units sold in a session at the live price; none: no limit.", unit="units/session", ge=1, extensive=True
    )
    traffic: float = quantity(
        0.3, "Share of the purse that buys viewers on the day of a session.", unit="share", ge=0, le=1
    )
