"""Creators (KOL): which offers they take."""

from __future__ import annotations

from typing import Any

import mesa

TRUST_HALF_LIFE = 30.0
"""Days in which half of the trust lost to sponsored posts is won back (assumption)."""


class Creator(mesa.Agent):
    """One creator of a tier: followers, price, capacity, and a say in what to promote."""

    def __init__(self, model: mesa.Model, name: str, tier: int, index: int, key: int) -> None:
        super().__init__(model)
        self.name = name
        self.tier = tier
        self.index = index
        self.key = key
        self.capacity = 1.0
        self.trust = float(model.scenario.mechanisms.creators.trust_prior)

    @property
    def spec(self) -> Any:
        """The tier's entry in the scenario in force."""
        return self.model.world.scenario.creators[self.tier]

    @property
    def fee(self) -> float:
        """Slot fee (坑位费) of a post, yuan, at the scale of the market."""
        given = self.spec.slot_fee
        params = self.model.world.scenario.mechanisms.creators
        full = given if given is not None else params.fee_per_follower * self.spec.followers**params.fee_exponent
        return float(full * self.model.world.scale)

    @property
    def lift(self) -> float:
        """Engagement over that of the norm creator: (F / 3200)^-gamma, F the true followers."""
        params = self.model.world.scenario.mechanisms.creators
        return float((self.spec.followers / 3200.0) ** -params.engagement_decay * params.engagement / 0.025)

    def rest(self) -> None:
        """A day passes: room for new posts comes back, and trust with a half-life of ``TRUST_HALF_LIFE`` days."""
        prior = self.model.world.scenario.mechanisms.creators.trust_prior
        self.trust = prior + (self.trust - prior) * 2.0 ** (-1.0 / TRUST_HALF_LIFE)
        self.capacity = min(max(1.0, self.spec.posts_per_week), self.capacity + self.spec.posts_per_week / 7.0)

    def plan(self, offers: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
        """Offers taken today out of (pay, merchant, product): the best paid first, while there is room.

        A creator takes an offer that pays the fee and fits: the category she posts about, and a quality that her
        integrity can stand behind (advertised quality at least half her integrity).
        """
        taken = []
        products = self.model.world.products
        for pay, merchant, product in sorted(offers, key=lambda o: (-o[0], int(products.key[o[2]]))):
            category = self.model.world.categories[products.category[product]]
            fits = self.spec.category in (None, category) and products.advertised[product] >= 0.5 * self.spec.integrity
            if self.capacity >= 1.0 and fits and pay >= self.fee:
                taken.append((pay, merchant, product))
                self.capacity -= 1.0
                self.trust = max(0.0, self.trust - self.model.world.scenario.mechanisms.creators.sponsored_trust_cost)
        return taken
