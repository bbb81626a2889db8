"""Players that adapt or band together: agencies of creators, platforms that guard retention. Schema only."""

from __future__ import annotations

from sim.contract import Params, quantity
from sim.scenario.names import Name


class Agency(Params):
    """An agency of creators (MCN): signs them, sells them in packages, takes its share, passes posts on among them."""

    name: Name = quantity(..., "Name of the agency.", applies="build")
    signs: dict[str, float] = quantity(
        {}, "Share of each tier that has signed with it, by name of the tier.", unit="share", applies="build"
    )
    split: float = quantity(
        0.3, "Its share of what its creators earn, fees and commissions.", unit="share", ge=0, le=0.9, standing="K",
        plausible=(0.1, 0.7),
    )  # fmt: skip
    package: int = quantity(
        6, "Posts within package_days from which on a merchant gets the package price.", unit="posts", ge=1, le=1000,
        plausible=(3, 20),
    )  # fmt: skip
    package_days: int = quantity(30, "Days over which posts count towards a package.", unit="day", ge=1, le=365)
    discount: float = quantity(
        0.15, "What the package takes off every further fee.", unit="share", ge=0, lt=0.9, plausible=(0, 0.4)
    )
    passed_on: float = quantity(
        0.1, "Chance that another of its creators passes a sponsored post on to her own followers.", unit="prob",
        ge=0, le=1, plausible=(0, 0.5),
    )  # fmt: skip


class Guard(Params):
    """A platform that gives up bought slots when people come back less, and sells more when they do not."""

    keep: float = quantity(
        0.98, "Share of the best return rate measured so far below which there are too many ads.", unit="share", gt=0,
        le=1, plausible=(0.9, 1),
    )  # fmt: skip
    step: float = quantity(
        0.1, "Change of the bought slots at a decision.", unit="share", gt=0, lt=1, plausible=(0.02, 0.3)
    )
    every: int = quantity(7, "Days from one decision to the next.", unit="day", ge=1, le=365)
    lowest: float = quantity(0.2, "Fewest bought slots, on those of the scenario.", unit="factor", ge=0, le=1)
    highest: float = quantity(1.5, "Most bought slots, on those of the scenario.", unit="factor", ge=1, le=10)
