"""Creators (KOL): which offers they take, and what they ask."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from sim.agents.policies import CreatorPolicy
from sim.agents.sight import creator_view
from sim.contract import Problem, ScenarioError

TRUST_HALF_LIFE = 30.0
"""Days in which half of the trust lost to sponsored posts is won back (assumption)."""
_KEPT = 2.0 ** (-1.0 / TRUST_HALF_LIFE)


class Roster:
    """What changes daily in all creators, float64[K]: ``capacity`` (posts they have room for), ``trust``, and ``ask``,
    the fee asked over the usual one. ``booked``: (day, creator, merchant, fee in fen) of each post sold lately.

    ``agency`` int64[K]: the agency each has signed with, -1 none; ``rebate`` float64[agencies + 1, M]: what agencies
    take off the fee for merchants who booked enough, 0 for creators of none.
    """

    def __init__(self, count: int, trust: float, agencies: int = 0, merchants: int = 0) -> None:
        self.capacity = np.ones(count)
        self.trust = np.full(count, trust)
        self.ask = np.ones(count)
        self.agency = np.full(count, -1)
        self.rebate = np.zeros((agencies + 1, merchants))
        self.booked: list[tuple[int, int, int, int]] = []

    def rest(self, a_day: np.ndarray, most: np.ndarray, prior: float) -> None:
        """A day passes: room for posts comes back by ``a_day``, up to ``most``, and trust towards ``prior`` with a
        half-life of ``TRUST_HALF_LIFE`` days."""
        self.trust -= prior
        self.trust *= _KEPT
        self.trust += prior
        self.capacity += a_day
        np.minimum(most, self.capacity, out=self.capacity)

    def ask_less(self, posts_per_week: np.ndarray, response: float, load: float, band: float) -> None:
        """Yesterday's bookings raise what is asked, idle capacity lowers it: log ask += response (booked - load x posts
        there is room for in a day), kept within [1/band, band]. At ``load`` of the capacity sold, fees stay."""
        if response > 0.0:
            sold = np.bincount([x for _, x, _, _ in self.booked], minlength=len(self.ask))
            self.ask *= np.exp(response * (sold - load * posts_per_week / 7.0))
            np.clip(self.ask, 1.0 / band, band, out=self.ask)
        self.booked = []

    def promise(self, day: int, who: np.ndarray, merchant: int, fen: np.ndarray, trust_cost: Any) -> None:
        """Sponsored posts of the creators ``who``, each once, for ``fen`` each: they cost room, and trust."""
        self.capacity[who] -= 1.0
        self.trust[who] = np.maximum(0.0, self.trust[who] - trust_cost)
        self.booked += [(day, x, merchant, fee) for x, fee in zip(who.tolist(), fen.tolist(), strict=True)]

    def agreed(self, merchant: int) -> np.ndarray:
        """float64[K], factor on the fee of each creator for a merchant, by its agreement with her agency."""
        return np.asarray(1.0 - self.rebate[self.agency, merchant])


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
        self.named: dict[str, Any] = {}
        """Entries of the scenario that its policy was made from."""

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
    def usual_fee(self) -> float:
        """Slot fee (坑位费) of a post, yuan, at the scale of the market, before demand moves it."""
        given = self.spec.slot_fee
        params = self.model.world.scenario.mechanisms.creators
        full = given if given is not None else params.fee_per_follower * self.spec.followers**params.fee_exponent
        return float(full * self.model.world.scale)

    @property
    def fee(self) -> float:
        """What she asks today, yuan."""
        return self.usual_fee * float(self.model.roster.ask[self.index])

    @property
    def lift(self) -> float:
        """Engagement over that of the norm creator: (F / 3200)^-gamma, F the true followers."""
        params = self.model.world.scenario.mechanisms.creators
        return float((self.spec.followers / 3200.0) ** -params.engagement_decay * params.engagement / 0.025)

    def fits(self, product: int) -> bool:
        """Whether she stands for a product: in the category she posts about, advertised quality at least half her
        integrity."""
        world, spec = self.model.world, self.spec
        if spec.category is not None and spec.category != world.categories[world.products.category[product]]:
            return False
        return bool(world.products.advertised[product] >= 0.5 * spec.integrity)

    def plan(self, offers: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
        """Offers taken today out of (pay, merchant, product), and promised: of those that fit and pay the fee the best
        paid first, while there is room; or what her policy picks."""
        taken = self.takes(offers)
        for pay, merchant, _ in taken:
            self._promise(merchant, pay)
        return taken

    def takes(self, offers: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
        """The same without a promise."""
        room = int(self.capacity)
        if self.policy is not None:
            return self._picked(offers)[:room]
        roster, key = self.model.roster, self.model.world.products.key
        found = []
        for pay, merchant, product in sorted(offers, key=lambda o: (-o[0], int(key[o[2]]))):
            least = self.fee * (1.0 - roster.rebate[roster.agency[self.index], merchant])
            if pay >= 0.9999 * least and self.fits(product):
                found.append((pay, merchant, product))
        return found[:room]

    def _picked(self, offers: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
        """What her policy picks."""
        assert self.policy is not None
        taken = []
        for k in dict.fromkeys(self.policy.plan(creator_view(self.model, self, offers))):
            if not 0 <= k < len(offers):
                where = f"policies.{self.spec.name}"
                raise ScenarioError([Problem(f"plan() took offer {k!r} of {len(offers)}", where)])
            taken.append(offers[k])
        return taken

    def _promise(self, merchant: int, pay: float) -> None:
        """A sponsored post costs room, and trust; the roster remembers for whom it is."""
        params = self.model.world.scenario.mechanisms.creators
        who, fen = np.array([self.index]), np.array([round(100 * pay)])
        self.model.roster.promise(self.model.day, who, merchant, fen, params.sponsored_trust_cost)
