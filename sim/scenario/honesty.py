"""What a merchant does about honesty: its tricks, and what it offers to reassure. Schema only, no behaviour."""

from __future__ import annotations

from typing import Literal

from sim.contract import Params, quantity


class Tricks(Params):
    """Dishonest practices; they act where ``mechanisms.dishonesty`` is on."""

    fake_orders: float = quantity(
        0.0, "Fake orders with five-star reviews (刷单) bought.", unit="orders/week", ge=0, extensive=True,
        plausible=(0, 100),
    )  # fmt: skip
    when: Literal["always", "pays"] = quantity(
        "always", "Always, or in weeks in which the expected gain exceeds cost and expected penalty."
    )
    fee: float = quantity(15.0, "Paid for a fake order, beside freight and platform fee.", unit="yuan", ge=0, le=1000)
    images: float = quantity(0.3, "Share of fake reviews with a picture.", unit="share", ge=0, le=1)
    rival: str | None = quantity(None, "Merchant on whom one-star reviews are written instead; none: praise of self.")
    counterfeit: float = quantity(
        0.0, "Share of parcels that hold a counterfeit.", unit="share", ge=0, le=1, plausible=(0, 0.3)
    )
    counterfeit_quality: float = quantity(0.3, "Mean quality of a counterfeit.", unit="quality 0-1", ge=0, le=1)
    counterfeit_cost: float = quantity(0.4, "Cost of a counterfeit, share of the unit cost.", unit="share", ge=0, le=1)


class Assurance(Params):
    """What reassures its shoppers; acts where ``mechanisms.assurance`` is on."""

    refund: bool = quantity(False, "Refund without questions (极速退款).")
    compensation: float = quantity(
        0.0, "Paid for a counterfeit, times its price (假一赔三: 3).", unit="prices", ge=0, le=100
    )
    verify: float = quantity(
        0.0, "Share of parcels verified before they reach the buyer (先鉴别后发货).", unit="share", ge=0, le=1
    )
    trace: bool = quantity(False, "Parcels carry a code that tells where they come from (溯源).")
    tryon: float = quantity(
        0.0, "Cut of realised fit noise by AR or 3D try-on.", unit="share", ge=0, le=1, plausible=(0.2, 0.4),
        source="decision D10: 30 %",
    )  # fmt: skip


class ReviewReward(Params):
    """Money for a review (晒单返现)."""

    yuan: float = quantity(0.0, "Paid for a review.", unit="yuan", ge=0, le=1000, plausible=(0, 10))
    stars: int = quantity(
        1, "Fewest stars that are paid for; 4: praise only (好评返现).", unit="stars", ge=1, le=5, plausible=(1, 4)
    )
