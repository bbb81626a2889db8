"""Parameters of store visits, donations and green products. Off unless a scenario switches them on."""

from __future__ import annotations

from sim.contract import quantity
from sim.scenario.params_honesty import OptionalParams


class StoreParams(OptionalParams):
    """Redeeming vouchers by a visit, and what a visit leads to."""

    visit: float = quantity(
        0.04, "Chance that a holder next door goes on a day.", unit="1/day", ge=0, le=1, plausible=(0.01, 0.15)
    )
    decay_km: float = quantity(
        8.0, "Way over which that chance falls to 1/e.", unit="km", gt=0, le=1000,
        source="Huff 1964 (distance decay); the scale is an assumption", plausible=(3, 20),
    )  # fmt: skip
    hurry: float = quantity(
        0.12, "Chance added on each of the last days.", unit="1/day", ge=0, le=1,
        source="Shu & Gneezy 2010 (direction): visits are put off until the deadline", standing="V2",
        plausible=(0, 0.3),
    )  # fmt: skip
    last_days: int = quantity(5, "How many last days.", unit="day", ge=0, le=60, plausible=(2, 10))
    b_km: float = quantity(
        0.04, "Disutility of a kilometre to go when the voucher is bought.", unit="util/km", ge=0, le=5,
        plausible=(0.01, 0.1),
    )  # fmt: skip
    browse: float = quantity(
        0.5, "Chance that a visitor neither pleased nor displeased looks at one more thing there.", unit="prob", ge=0,
        le=1, plausible=(0.1, 0.8),
    )  # fmt: skip


class CharityParams(OptionalParams):
    """What a donation is worth to buyers who care and believe."""

    premium: float = quantity(
        0.3, "Most of the price that who cares and believes wholly pays more.", unit="share of price", ge=0, le=2,
        source="Elfenbein & McManus 2010: 6 % at a tenth given, 11 % at all, mean bidder", standing="V2",
        plausible=(0.1, 0.5),
    )  # fmt: skip
    half: float = quantity(
        0.1, "Share given at which half of it is reached.", unit="share of price", gt=0, le=1,
        source="Elfenbein & McManus 2010 (shape)", standing="V2", plausible=(0.03, 0.3),
    )  # fmt: skip
    prior: float = quantity(0.5, "Belief in a promise of which nothing is known.", unit="prob", ge=0, le=1,
                            plausible=(0.2, 0.8))  # fmt: skip
    reach: float = quantity(0.1, "Chance to read a report.", unit="prob", ge=0, le=1, plausible=(0.02, 0.3))
    customers: float = quantity(0.4, "The same, of the merchant's customers.", unit="prob", ge=0, le=1,
                                plausible=(0.1, 0.7))  # fmt: skip
    weight: float = quantity(0.5, "Step of the belief towards what a report shows.", unit="share", ge=0, le=1,
                             plausible=(0.2, 0.9))  # fmt: skip
    shock: float = quantity(0.9, "Part of the belief lost on the news of a broken promise.", unit="share", ge=0, le=1,
                            plausible=(0.5, 1))  # fmt: skip


class GreenParams(OptionalParams):
    """What a green claim is worth to buyers who care and believe, and what points add."""

    premium: float = quantity(
        0.3, "Part of the price that who cares and believes wholly pays more for a claim of 1.",
        unit="share of price", ge=0, le=2, source="Li & Kallas 2021 (meta-analysis of food: 30 %)", standing="V2",
        plausible=(0.05, 0.5),
    )  # fmt: skip
    prior: float = quantity(0.6, "Belief in a claim of which nothing is known.", unit="prob", ge=0, le=1,
                            plausible=(0.2, 0.9))  # fmt: skip
    points_worth: float = quantity(
        0.6, "Worth of a fen in points to a member who is about to choose.", unit="fen/fen", ge=0, le=2,
        plausible=(0.2, 1),
    )  # fmt: skip
    shock: float = quantity(0.9, "Part of the belief lost on the news of a false claim (漂绿).", unit="share", ge=0,
                            le=1, plausible=(0.5, 1))  # fmt: skip
