"""Players of one's own: small classes that are asked each day and see only what such a player could know.

    class Patient(sim.MerchantPolicy):
        def plan(self, view):
            return sim.Plan(discount=0.2) if view.day > 30 else None      # None: as the scenario plans

    sim.Market(scenario, policies={"Lumi": Patient()})

A policy is copied when a market is built, so what it remembers belongs to one market. It draws luck from ``view.luck``,
by name, and nowhere else; then the same seed gives the same market.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from pydantic import ValidationError

from sim.agents.sight import CreatorView, MerchantView, PlatformView
from sim.contract import Problem, ScenarioError
from sim.plugins import Policy
from sim.scenario.paths import nearest
from sim.scenario.players import Plan as PlanFields
from sim.scenario.players import Platform as PlatformFields


@dataclass(frozen=True)
class Plan:
    """What a merchant wants today, field by field as in ``merchants.*.plan``; None: as the scenario plans.

    ``mix``, ``coupon``, ``group``, ``ads``, ``kol``, ``koc``, ``live`` may be mappings, as they stand in YAML.

    >>> sim.Plan(budget_per_day=100, mix={"ads": 1}).discount is None
    True
    """

    budget_per_day: float | None = None
    mix: Any = None
    discount: float | None = None
    coupon: Any = None
    group: Any = None
    ads: Any = None
    kol: Any = None
    koc: Any = None
    live: Any = None
    pushes_per_week: float | None = None
    club_discount: float | None = None


@dataclass(frozen=True)
class PlatformPlan:
    """How a platform fills its feed from today on, field by field as in ``platforms.*``; None: as it is.

    >>> sim.PlatformPlan(explore=0.1).explore
    0.1
    """

    explore: float | None = None
    personalisation: float | None = None
    theta_fit: float | None = None
    theta_pop: float | None = None
    theta_social: float | None = None
    commercial_load: float | None = None


class MerchantPolicy(Policy):
    """A merchant that decides for itself.

    >>> class Sale(sim.MerchantPolicy):
    ...     def plan(self, view):
    ...         return sim.Plan(discount=0.2) if view.day >= 1 else None
    >>> market = sim.Market("presets/examples/tea.yaml", seed=1, policies={"Leaf": Sale()})
    >>> market.step(); market.step(); float(market.products.loc["Leaf.green", "price"])
    36.0
    """

    kind: ClassVar[str] = "merchant"

    def plan(self, view: MerchantView) -> Plan | None:
        """What is wanted today; None: what the scenario plans."""
        raise NotImplementedError


class PlatformPolicy(Policy):
    """A platform that tunes its feed.

    >>> class Quiet(sim.PlatformPolicy):
    ...     def plan(self, view):
    ...         return sim.PlatformPlan(commercial_load=0.05)
    >>> market = sim.Market("presets/examples/tea.yaml", seed=1, policies={"notes": Quiet()})
    >>> market.step(); market.platforms[0].tuned
    {'commercial_load': 0.05}
    """

    kind: ClassVar[str] = "platform"

    def plan(self, view: PlatformView) -> PlatformPlan | None:
        """Settings from today on; None: as they are."""
        raise NotImplementedError


class CreatorPolicy(Policy):
    """A creator that picks her offers; named by tier, each of its creators has a copy of her own.

    >>> class Proud(sim.CreatorPolicy):
    ...     def plan(self, view):
    ...         return [k for k, offer in enumerate(view.offers) if offer.product.stars > 4]
    >>> sim.Market("presets/examples/tea.yaml", seed=1, policies={"nano": Proud()}).creators[0].policy is not None
    True
    """

    kind: ClassVar[str] = "creator"

    def plan(self, view: CreatorView) -> Sequence[int]:
        """Positions in ``view.offers`` of those she takes, as far as there is room."""
        raise NotImplementedError


def checked(plan: Any, kind: Any, schema: type, who: str) -> dict[str, Any]:
    """The fields a plan sets, validated as a scenario's would be. Raises ScenarioError naming the player."""
    if plan is None:
        return {}
    if not isinstance(plan, kind):
        raise ScenarioError([Problem(f"plan() gave {type(plan).__name__}, not {kind.__name__} or None", who)])
    given = {f.name: value for f in fields(plan) if (value := getattr(plan, f.name)) is not None}
    known: Any = schema
    try:
        if schema is PlatformFields:
            made = known.model_validate({"name": "platform"} | given)
        else:
            made = known.model_validate(given)
    except ValidationError as error:
        raise ScenarioError([
            Problem(said["msg"], ".".join((who, *map(str, said["loc"])))) for said in error.errors()
        ]) from None  # fmt: skip
    return {name: getattr(made, name) for name in given}


def merchant_changes(plan: Any, who: str) -> dict[str, Any]:
    """Fields of ``merchants.*.plan`` that a :class:`Plan` sets."""
    return checked(plan, Plan, PlanFields, who)


def platform_changes(plan: Any, who: str) -> dict[str, Any]:
    """Fields of ``platforms.*`` that a :class:`PlatformPlan` sets."""
    return checked(plan, PlatformPlan, PlatformFields, who)


def seat(policies: Mapping[str, Any], platforms: Any, merchants: Any, creators: Any) -> None:
    """Put a copy of each policy in its player's place. Raises ScenarioError on a name that no such player has."""
    places: dict[str, dict[str, list[Any]]] = {
        "merchant": {m.name: [m] for m in merchants},
        "platform": {p.name: [p] for p in platforms},
        "feed": {p.name: [p] for p in platforms},
        "creator": {},
    }
    for creator in creators:
        places["creator"].setdefault(creator.spec.name, []).append(creator)
    for name, given in policies.items():
        for policy in given if isinstance(given, (list, tuple)) else (given,):
            kind = getattr(policy, "kind", None)
            if kind not in places or isinstance(policy, type):
                wanted = "an instance of MerchantPolicy, PlatformPolicy, CreatorPolicy or FeedPolicy"
                raise ScenarioError([Problem(f"is not {wanted} but {policy!r}", f"policies.{name}")])
            if name not in places[kind]:
                hint = nearest(name, places[kind])
                raise ScenarioError([Problem(f"there is no {kind} of this name{hint}", f"policies.{name}")])
            for agent in places[kind][name]:
                setattr(agent, "recommender" if kind == "feed" else "policy", copy.deepcopy(policy))
