"""Creators (KOL): which offers they take."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from sim.agents.policies import CreatorPolicy
from sim.agents.sight import creator_view
from sim.contract import Problem, ScenarioError

TRUST_HALF_LIFE = 30.0
"""Days in which half of the trust lost to sponsored posts is won back (assumption)."""


class Roster:
    """What changes daily in all creators: ``capacity`` (posts they have room for) and ``trust``, float64[K]."""

    def __init__(self, count: int, trust: float) -> None:
        self.capacity = np.ones(count)
        self.trust = np.full(count, trust)

    def rest(self, posts_per_week: np.ndarray, prior: float) -> None:
        """A day passes: room for new posts comes back, and trust with a half-life of ``TRUST_HALF_LIFE`` days."""
        self.trust[:] = prior + (self.trust - prior) * 2.0 ** (-1.0 / TRUST_HALF_LIFE)
        np.minimum(np.maximum(1.0, posts_per_week), self.capacity + posts_per_week / 7.0, out=self.capacity)


class Creator(mesa.Agent):
    """One creator of a tier: followers, price, capacity, and a say in what to promote."""

    def __init__(self, model: mesa.Model, name: str, tier: int, index: int, key: int) -> None:
        super().__init__(model)
        self.name = name
        self.tier = tier
        self.index = index
        self.key = key
        self.policy: CreatorPolicy | None = None
        """Who picks her offers (:mod:`sim.agents.policies`)."""

    @property
    def capacity(self) -> float:
        """Posts there is room for today."""
        return float(self.model.roster.capacity[self.index])

    @capacity.setter
    def capacity(self, posts: float) -> None:
        self.model.roster.capacity[self.index] = posts

    @property
    def trust(self) -> float:
        """Trust of the public, 0..1."""
        return float(self.model.roster.trust[self.index])

    @trust.setter
    def trust(self, trust: float) -> None:
        self.model.roster.trust[self.index] = trust

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

    def plan(self, offers: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
        """Offers taken today out of (pay, merchant, product): the best paid first, while there is room.

        A creator takes an offer that pays the fee and fits: the category she posts about, and a quality that her
        integrity can stand behind (advertised quality at least half her integrity).
        """
        if self.policy is not None:
            return self._picked(offers)
        taken = []
        world, spec, fee = self.model.world, self.spec, self.fee
        products = world.products
        for pay, merchant, product in sorted(offers, key=lambda o: (-o[0], int(products.key[o[2]]))):
            fits = products.advertised[product] >= 0.5 * spec.integrity
            if spec.category is not None:
                fits = fits and spec.category == world.categories[products.category[product]]
            if fits and pay >= fee and self.capacity >= 1.0:
                taken.append((pay, merchant, product))
                self._promise()
        return taken

    def _picked(self, offers: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
        """What her policy takes, as far as there is room."""
        assert self.policy is not None
        taken = []
        for k in dict.fromkeys(self.policy.plan(creator_view(self.model, self, offers))):
            if not 0 <= k < len(offers):
                where = f"policies.{self.spec.name}"
                raise ScenarioError([Problem(f"plan() took offer {k!r} of {len(offers)}", where)])
            if self.capacity >= 1.0:
                taken.append(offers[k])
                self._promise()
        return taken

    def _promise(self) -> None:
        """A sponsored post costs room, and trust."""
        self.capacity -= 1.0
        cost = self.model.world.scenario.mechanisms.creators.sponsored_trust_cost
        self.trust = max(0.0, self.trust - cost)
