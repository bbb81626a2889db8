"""Tactics of a plan: ads, creators and samples; rewards, bargains and distribution among friends. Schema only."""

from __future__ import annotations

from typing import Literal

from sim.contract import Params, quantity


class Referral(Params):
    """Rewards for bringing friends (裂变), paid by the merchant."""

    inviter_reward: float = quantity(
        10.0, "To who invites, for each friend won.", unit="yuan", ge=0, le=10_000, plausible=(0, 50)
    )
    invitee_reward: float = quantity(
        10.0, "To the friend; 0: a one-sided programme.", unit="yuan", ge=0, le=10_000, plausible=(0, 50)
    )
    first_order_gate: bool = quantity(
        True, "Paid when the friend's first order settles; false: as soon as the friend opens the invitation."
    )
    cap: int | None = quantity(None, "Friends a person is rewarded for, at most; none: no limit.", unit="people", ge=1)
    gift_reward: float = quantity(
        0.0, "To who buys for a friend (礼物), when that order settles.", unit="yuan", ge=0, le=10_000
    )


class Bargain(Params):
    """Terms of a bargain (砍价): friends cut the price, each less than the one before, down to a floor."""

    floor: float = quantity(0.5, "Lowest price.", unit="share of price", gt=0, lt=1, plausible=(0.3, 0.9))
    cut: float = quantity(
        0.3, "First helper's cut.", unit="share of the way to the floor", gt=0, le=1, plausible=(0.05, 0.5)
    )
    shrink: float = quantity(
        0.8, "Each further cut as a share of the one before.", unit="share", gt=0, le=1, plausible=(0.6, 1)
    )
    hours: float = quantity(24, "Time friends have.", unit="hour", gt=0, le=336)
    products: list[str] = quantity([], "Products on offer; empty: all.")


class Distribution(Params):
    """A programme of distributors (分销): buyers who sell to friends for a commission."""

    commissions: list[float] = quantity(
        [0.15, 0.03],
        "Share of the price to the seller, then to who recruited the seller; two levels at most.",
        unit="share",
        source="industry practice; third levels are unlawful (禁止传销条例)",
        standing="K",
        min_length=1,
    )
    leaders: int = quantity(
        0, "Neighbourhood leaders (团长) signed up before anybody buys, one a community.", unit="people", ge=0,
        extensive=True,
    )  # fmt: skip
    open_to_buyers: bool = quantity(True, "Buyers may join and recruit.")


class AdTactics(Params):
    """How ads are bought."""

    bid: float | None = quantity(None, "Bid; none: set by auto_bid.", unit="yuan/1000 impressions", gt=0)
    target: Literal["broad", "interest", "segment"] = quantity("interest", "Whom to reach.")
    segments: list[str] = quantity([], "With target segment: which.")


class KolTactics(Params):
    """Which creators are hired."""

    tiers: dict[str, float] = quantity(
        {}, "Weights of creator tiers; empty: by expected value for money.", unit="weight"
    )
    hype: float = quantity(0.4, "Promise above the true quality.", unit="sd of quality", ge=0, le=5, plausible=(0, 1))


class KocTactics(Params):
    """Who is sent samples."""

    policy: Literal["random", "degree", "segment", "community", "greedy"] = quantity(
        "random", "How authors are chosen."
    )
    reward: float = quantity(20.0, "Paid for a note, beside the product.", unit="yuan/note", ge=0, plausible=(0, 200))
    segment: str | None = quantity(None, "With policy segment: which.")
