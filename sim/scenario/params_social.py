"""Parameters of what people pass on and where they gather: sharing, community. Passports as everywhere."""

from __future__ import annotations

from typing import Literal

from sim.contract import MechanismParams, quantity
from sim.scenario.params_members import Assign


class SharingParams(MechanismParams):
    """Shares from friend to friend; a node of a cascade is a person who shares."""

    reach_per_share: float = quantity(
        0.15,
        "Mean number of friends who pass a share on (R).",
        unit="children/sharer",
        ge=0,
        le=0.95,
        source="Goel-Watts-Goldstein 2012: 70-95% singletons mean .10-.21",
        standing="V",
        plausible=(0.05, 0.35),
    )
    rule: Literal["normalised", "percolation"] = quantity(
        "normalised", "R shared among the ties, or a constant chance b along each tie.", applies="build"
    )
    b: float = quantity(0.1, "percolation: chance along a tie.", unit="prob", ge=0, le=1, plausible=(0.01, 0.4))
    share_rate: float = quantity(
        0.06, "Chance to share after a good one.", unit="prob", ge=0, le=1, plausible=(0.01, 0.15)
    )
    bad_share_rate: float = quantity(
        0.12, "Chance to warn after a bad one.", unit="prob", ge=0, le=1, plausible=(0.02, 0.3)
    )
    incentive: float = quantity(0, "Reward for a share, paid by the merchant.", unit="yuan", ge=0, le=1000)
    attention: float = quantity(
        0.35, "Chance that a friend sees a share, times the tie.", unit="prob", ge=0, le=1, plausible=(0.1, 0.7)
    )
    incentive_effect: float = quantity(
        0.01, "Growth of share_rate by one yuan of incentive.", unit="1/yuan", ge=0, le=10, plausible=(0, 0.05)
    )
    friend_weight: float = quantity(
        0.25, "Step of the expected quality towards what a friend reports.", ge=0, le=1, plausible=(0.1, 0.5)
    )
    warn_adstock: float = quantity(
        0.5, "Share of adstock a friend's warning leaves.", unit="share", ge=0, le=1, plausible=(0.2, 0.9)
    )
    seen_cap: int = quantity(
        8, "Shares one person takes notice of in a day.", unit="shares/day", ge=1, le=255, plausible=(3, 20)
    )


class CommunityParams(MechanismParams):
    """Private domain (私域): a merchant's community of buyers."""

    join: float = quantity(0.15, "Chance to join after an order.", unit="prob", ge=0, le=1, plausible=(0.05, 0.4))
    opt_out: float = quantity(0.002, "Hazard of leaving (u0).", unit="1/week", ge=0, le=1, plausible=(0.0005, 0.01))
    opt_out_slope: float = quantity(
        0.5, "Its log growth by a push above free_pushes (u1).", ge=0, le=5, plausible=(0.2, 1)
    )
    free_pushes: float = quantity(
        3, "Pushes that annoy nobody.", unit="pushes/week", ge=0, standing="S", plausible=(1, 5)
    )
    engagement: float = quantity(
        0.4, "Chance that a member reads a push.", unit="prob", ge=0, le=1, plausible=(0.1, 0.7)
    )
    engagement_size: float = quantity(
        200, "Falls as (1 + n/size)^-exponent.", unit="people", gt=0, plausible=(100, 500)
    )
    engagement_exponent: float = quantity(0.5, "See engagement_size.", ge=0, le=3, plausible=(0.2, 1))
    group_size: int = quantity(500, "Members of a chat group.", unit="people", ge=2, standing="S", plausible=(200, 500))
    cost_per_push: float = quantity(0.05, "Cost of a push to a member.", unit="yuan", ge=0, le=100, plausible=(0, 0.2))
    assign: Assign = quantity(
        "earned", "earned: those who order join; random: a share at the start, to learn what the community does.",
        applies="build",
    )  # fmt: skip
    random_share: float = quantity(0.2, "random: share of consumers.", unit="share", ge=0, le=1, applies="build")
    treated: bool = quantity(
        True, "Whether members are written to; without it what remains between them and others is selection."
    )
    staff_cost: float = quantity(0.0, "Staff for the community.", unit="yuan/member/day", ge=0, plausible=(0, 0.05))
