"""Parameters of what friends are paid for: referral, bargain, distribution. All three are off unless switched on."""

from __future__ import annotations

from typing import Literal

from sim.contract import MechanismParams, quantity


class ReferralParams(MechanismParams):
    """Rewarded invitations (裂变): who invites, who opens, who orders, what is paid."""

    enabled: bool = quantity(False, "Whether the mechanism acts at all.", applies="build")
    invites: float = quantity(
        5, "Friends a participant invites, once.", unit="people", ge=0, le=1000, standing="S", plausible=(0.5, 10)
    )
    accept: Literal["logit", "constant"] = quantity(
        "logit", "People choose; or everybody takes part and friends order at a constant rate.", applies="build"
    )
    accept_rate: float = quantity(
        0.22, "constant: chance that an invited friend orders.", unit="prob", ge=0, le=1, source="market reports, F045",
        standing="S", plausible=(0.05, 0.4),
    )  # fmt: skip
    willing: float = quantity(
        -2.5, "logit: inclination of a buyer to invite without a reward.", unit="util", ge=-20, le=20,
        plausible=(-4, -1),
    )  # fmt: skip
    generosity: float = quantity(
        0.5, "logit: worth of a yuan to the friend against a yuan of one's own.", ge=0, le=2, plausible=(0, 1)
    )
    opened: float = quantity(
        0.5, "logit: chance that an invited friend opens the invitation.", unit="prob", ge=0, le=1, plausible=(0.2, 0.8)
    )
    obligation: float = quantity(
        0.8, "logit: added to the friend's utility, times the tie.", unit="util", ge=0, le=10, plausible=(0, 2)
    )
    bond: float = quantity(
        0.82,
        "Lapse chance of a referred buyer as a share of his own while the inviter stays.",
        unit="ratio",
        ge=0,
        le=1,
        source="Schmitt-Skiera-Van den Bulte 2011; Van den Bulte et al. 2018",
        standing="K",
        plausible=(0.7, 1),
    )
    bonds: Literal["referred", "random"] = quantity(
        "referred", "Whom the bond holds: those who came by an invitation, or other new buyers drawn by lot, to tell "
        "the bond from the kind of people who are invited."
    )
    random_share: float = quantity(
        0.2, "random: share of the new buyers nobody brought whom it holds.", unit="share", ge=0, le=1,
    )
    gift_rate: float = quantity(
        0.0, "Chance that a buyer thinks of buying the same for a friend.", unit="1/order", ge=0, le=1,
        plausible=(0, 0.1),
    )  # fmt: skip


class BargainParams(MechanismParams):
    """Bargains (砍价): who starts one, who helps."""

    enabled: bool = quantity(False, "Whether the mechanism acts at all.", applies="build")
    noticed: float = quantity(
        0.3, "Chance that who leaves the product page without buying considers a bargain.", unit="prob", ge=0, le=1,
        plausible=(0.1, 0.6),
    )  # fmt: skip
    invites: float = quantity(15, "Friends asked for help.", unit="people", ge=0, le=1000, plausible=(5, 40))
    help_rate: float = quantity(0.3, "Chance that one helps.", unit="prob", ge=0, le=1, plausible=(0.1, 0.6))
    reply_hours: float = quantity(4, "Mean time to help (exponential).", unit="hour", gt=0, plausible=(1, 24))


class DistributionParams(MechanismParams):
    """Distribution (分销): who joins, what they push, whom they tire, when they are paid."""

    enabled: bool = quantity(False, "Whether the mechanism acts at all.", applies="build")
    willing: float = quantity(
        -3.5, "Inclination of a buyer to become a distributor for nothing.", unit="util", ge=-20, le=20,
        plausible=(-5, -2),
    )  # fmt: skip
    posts_per_week: float = quantity(
        2, "Links a distributor sends to friends.", unit="posts/week", ge=0, le=7, plausible=(0.5, 7)
    )
    attention: float = quantity(
        0.35, "Chance that a friend looks at a link, times the tie.", unit="prob", ge=0, le=1, plausible=(0.1, 0.7)
    )
    mute: float = quantity(
        0.05, "Chance that a link makes a friend mute its sender for good.", unit="prob", ge=0, le=1,
        plausible=(0.01, 0.15),
    )  # fmt: skip
    lag_days: int = quantity(
        7, "From the settlement of an order to the payment of its commissions.", unit="day", ge=0, le=365,
        plausible=(0, 30),
    )  # fmt: skip
