"""What is already so when the first day begins: a product's past, and the seeds of a diffusion. Schema only."""

from __future__ import annotations

from typing import Literal

from sim.contract import Params, quantity


class Initial(Params):
    """What a product has already when the first day begins."""

    aware: float = quantity(0.0, "Share of consumers who know it.", unit="share", ge=0, le=1, applies="build")
    buyers: float = quantity(0.0, "Share of consumers who have bought it.", unit="share", ge=0, le=1, applies="build")
    reviews: float = quantity(0, "Reviews shown.", unit="reviews", ge=0, applies="build")
    rating: float = quantity(4.3, "Their mean.", unit="stars", ge=1, le=5, applies="build")
    adstock: float = quantity(0.0, "Adstock of those who know it.", unit="adstock", ge=0, applies="build")


class InitialAdopters(Params):
    """People who have bought before the first day (seeds of a diffusion); a number of people, never scaled."""

    count: int = quantity(1, "How many.", unit="people", ge=0, applies="build")
    policy: Literal["random", "degree"] = quantity("random", "Drawn at random or by most friends.", applies="build")
