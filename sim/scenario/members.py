"""What a plan offers to people it knows: membership with points, and messages by stage of the customer's life.

Schema only; :mod:`sim.mechanisms.membership` and :mod:`sim.mechanisms.crm` act on it.
"""

from __future__ import annotations

from typing import Literal

from sim.contract import Params, quantity
from sim.scenario.names import Name

MOST_TIERS = 12
STAGES = ("stranger", "new", "active", "at_risk", "lapsed")
"""Stages of a customer's life as the merchant's books show them; the position is the code kept in columns."""


class Coupon(Params):
    """Money off an order."""

    value: float = quantity(..., "Money off.", unit="yuan", gt=0)
    min_spend: float = quantity(0.0, "Smallest order it is good for.", unit="yuan", ge=0)


class Benefits(Params):
    """What one tier of members gets."""

    discount: float = quantity(0.0, "Cut of the solo price.", unit="share of price", ge=0, lt=1, plausible=(0, 0.1))
    points: float = quantity(1.0, "Factor on the points earned.", unit="factor", ge=0, le=20, plausible=(1, 3))
    free_freight: bool = quantity(False, "Whether postage is waived.")


class Tier(Benefits):
    """A free tier, reached by spending."""

    name: Name = quantity(..., "Name of the tier.", applies="build")
    spend: float = quantity(..., "Kept orders that lead to it, added up since joining.", unit="yuan", ge=0)


class PaidTier(Benefits):
    """A tier one pays for."""

    fee: float = quantity(..., "Fee for one term.", unit="yuan", ge=0)
    days: int = quantity(365, "Length of a term.", unit="day", ge=1)


class Points(Params):
    """Points (积分): one is worth one fen; 100 make a yuan."""

    earn: float = quantity(
        0.01, "Value of points earned on a yuan of kept orders.", unit="yuan/yuan", ge=0, le=0.5, plausible=(0, 0.03)
    )
    redeem: float = quantity(0.5, "Most of a price that points may pay.", unit="share", ge=0, le=1, plausible=(0, 1))
    least: float = quantity(1.0, "Fewest points spent at once, as money.", unit="yuan", ge=0.01)
    expire_days: int | None = quantity(None, "Days without an order after which they lapse; none: never.", ge=1)


class Membership(Params):
    """A membership programme (会员). Those who join free are in the basic tier until their spending lifts them."""

    tiers: list[Tier] = quantity([], "Free tiers above the basic one, by rising spend.")
    paid: PaidTier | None = quantity(None, "Paid membership; none: there is none.")
    points: Points | None = quantity(None, "Points; none: there are none.")
    postage: float = quantity(0.0, "Postage asked of a buyer whose tier does not waive it.", unit="yuan/order", ge=0)


class Rule(Params):
    """Whom to write to, when, and with what in the envelope."""

    name: Name = quantity(..., "Name of the rule.", applies="build")
    stage: Literal["new", "active", "at_risk", "lapsed"] = quantity(..., "Stage of those it is for.")
    after_days: int = quantity(
        0, "Days into the stage on which it is sent; new, active: since the morning after the order.", unit="day", ge=0
    )
    every_days: int | None = quantity(None, "Sent again after as many days in the stage; none: once.", ge=1)
    coupon: Coupon | None = quantity(None, "Coupon in it; none: a message only.")
    valid_days: int = quantity(14, "Days for which the coupon is good.", unit="day", ge=1, plausible=(3, 60))
    share: float = quantity(
        1.0, "Share of those due who are written to; the others are the hold-out.", unit="share", ge=0, le=1
    )


class Crm(Params):
    """Messages and coupons by stage of life (RFM), sent by rule."""

    rules: list[Rule] = quantity([], "Rules; a person may fall under several.")
