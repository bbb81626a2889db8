"""Parameters of membership, messages by life stage, hand-over into communities and talk inside them."""

from __future__ import annotations

from typing import Literal

from sim.contract import MechanismParams, quantity

_OFF = quantity(False, "Whether the mechanism acts at all.", applies="build")
Assign = Literal["earned", "random"]


class HandOverParams(MechanismParams):
    """Ways into the community beside the order itself: followed ads, posts, live-streams; and what they cost."""

    enabled: bool = _OFF
    leads: dict[str, float] = quantity(
        {"ads": 0.02, "kol": 0.03, "koc": 0.03}, "Chance to join on a click, by channel.", unit="prob"
    )
    lead_cost: float = quantity(2.0, "Cost of one who joins on a click.", unit="yuan", ge=0, plausible=(0.5, 10))
    card_cost: float = quantity(
        0.1, "Cost of the card in a parcel that invites to join.", unit="yuan/order", ge=0, plausible=(0.03, 0.5)
    )


class TalkParams(MechanismParams):
    """Talk inside the chat groups of a community: members hear of each other's experience; staff mend bad ones."""

    enabled: bool = _OFF
    speak: float = quantity(0.1, "Chance that one tells the group.", unit="prob", ge=0, le=1, plausible=(0.02, 0.3))
    hear: float = quantity(
        0.2, "Chance that another member of the group reads it.", unit="prob", ge=0, le=1, plausible=(0.05, 0.5)
    )
    weight: float = quantity(
        0.1, "Step of the expected quality towards what is told.", unit="share", ge=0, le=1, plausible=(0.02, 0.3)
    )
    evidence: float = quantity(
        0.1, "Evidence on the merchant in what is told, against one's own.", unit="experience", ge=0, le=1,
        plausible=(0, 0.3),
    )  # fmt: skip
    care: float = quantity(
        0.0, "Chance that staff mend a member's bad experience.", unit="prob", ge=0, le=1, plausible=(0, 0.9)
    )
    amends: float = quantity(
        1.0, "Satisfaction that this gives back, at most to zero.", unit="satisfaction", ge=0, le=5, plausible=(0.3, 2)
    )
    care_cost: float = quantity(10.0, "Cost of a case.", unit="yuan/case", ge=0, plausible=(2, 30))


class MembershipParams(MechanismParams):
    """Joining a membership programme and staying in it."""

    enabled: bool = _OFF
    enrol: float = quantity(
        0.5, "Chance to join the free programme after an order.", unit="prob", ge=0, le=1, plausible=(0.1, 0.9)
    )
    offered: float = quantity(
        0.3, "Chance that the paid tier is considered after an order.", unit="prob", ge=0, le=1, plausible=(0.05, 0.6)
    )
    fee_base: float = quantity(
        -1.0, "Logit of paying when benefit equals fee.", unit="logit", ge=-20, le=20, plausible=(-2.5, 0.5)
    )
    fee_slope: float = quantity(
        2.0, "Its growth with (benefit - fee)/fee.", unit="logit", ge=0, le=50, plausible=(0.5, 5)
    )
    assign: Assign = quantity(
        "earned", "earned: those who order join; random: a share at the start, to learn what membership itself does.",
        applies="build",
    )  # fmt: skip
    random_share: float = quantity(0.2, "random: share of consumers.", unit="share", ge=0, le=1, applies="build")
    benefits: bool = quantity(
        True, "Whether members get what was promised; without it what remains between them and others is selection."
    )


class CrmParams(MechanismParams):
    """Reading and heeding a merchant's messages to its customers."""

    enabled: bool = _OFF
    at_risk_days: int = quantity(45, "Days without an order after which a customer is at risk.", unit="day", ge=1)
    lapsed_days: int = quantity(90, "Days after which he counts as lapsed.", unit="day", ge=2)
    open_rate: float = quantity(
        0.3, "Chance that a message is opened.", unit="prob", ge=0, le=1, plausible=(0.05, 0.6)
    )
    delay_days: float = quantity(0.5, "Mean time until then.", unit="day", ge=0, plausible=(0, 3))
    cost_per_message: float = quantity(
        0.05, "Cost of a message.", unit="yuan", ge=0, le=100, standing="K", plausible=(0.02, 0.2)
    )
    revive: float = quantity(
        -3.0, "Logit that an opened message revives a relation that had ended.", unit="logit", ge=-20, le=20,
        plausible=(-5, -1),
    )  # fmt: skip
    revive_coupon: float = quantity(
        5.0, "Its growth with coupon/price.", unit="logit", ge=0, le=50, plausible=(0, 10)
    )
    revive_experience: float = quantity(
        1.0, "Its growth with remembered satisfaction.", unit="logit", ge=0, le=10, plausible=(0, 2)
    )
