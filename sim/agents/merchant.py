"""Merchants: which phase of the plan is in force, and what it asks for today."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import mesa

from sim.agents.policies import MerchantPolicy, merchant_changes
from sim.agents.sight import merchant_view

_CONDITION = re.compile(r"^\s*(stock|roas|members|buyers)\s*(<=|>=|<|>)\s*([0-9.]+)\s*$")
_FIELDS = ("budget_per_day", "mix", "discount", "coupon", "group", "ads", "kol", "koc", "live", "pushes_per_week",
           "referral", "bargain", "distribution",
           "push_days", "club_discount", "crm", "content", "donation", "green_points")


@dataclass(frozen=True)
class Orders:
    """What a merchant wants today: the plan's fields as the phase in force sets them."""

    phase: str
    budget_per_day: float
    mix: Any
    discount: float
    coupon: Any
    group: Any
    ads: Any
    kol: Any
    koc: Any
    live: Any
    pushes_per_week: float
    referral: Any
    bargain: Any
    distribution: Any
    push_days: Any
    club_discount: float
    crm: Any
    content: Any
    donation: Any
    green_points: Any


class Merchant(mesa.Agent):
    """A seller. ``plan`` knows its own books and its scenario entry, nothing hidden of others."""

    def __init__(self, model: mesa.Model, name: str, index: int) -> None:
        super().__init__(model)
        self.name = name
        self.index = index
        self.finished: set[str] = set()
        self.phase = ""
        self.policy: MerchantPolicy | None = None
        """Who decides in place of the plan (:mod:`sim.agents.policies`)."""
        self.named: dict[str, Any] = {}
        """Entries of the scenario that its policy was made from."""
        self._planned: tuple[Any, Any, Orders] | None = None
        self._decided: tuple[Orders, dict[str, Any], Orders] | None = None

    @property
    def spec(self) -> Any:
        """The merchant's entry in the scenario in force."""
        return self.model.world.scenario.merchants[self.index]

    @property
    def cash(self) -> float:
        """Cash at hand, yuan."""
        return float(self.model.ledger.merchant_cash()[self.index]) / 100.0

    def plan(self, market: Any) -> Orders:
        """What is wanted today: the plan, and over it what the policy says, if there is one.

        The same object as yesterday while nothing of it changes.
        """
        planned = self._scheduled(market)
        if self.policy is None:
            return planned
        view: Any = merchant_view(market, self, planned) if self.policy.looks else None
        said = merchant_changes(self.policy.plan(view), f"policies.{self.name}")
        if self._decided is None or self._decided[0] is not planned or self._decided[1] != said:
            self._decided = (planned, said, replace(planned, **said))
        return self._decided[2]

    def _scheduled(self, market: Any) -> Orders:
        """The plan of today: the first phase whose window holds and whose end has not come, over the plan.

        The same object as yesterday while the same phase of the same plan is in force.
        """
        plan = self.spec.plan
        chosen = None
        for phase in plan.phases:
            if phase.name in self.finished or market.day < phase.from_day:
                continue
            if phase.to_day is not None and market.day > phase.to_day:
                continue
            if phase.until is not None and self._holds(market, str(phase.until)):
                self.finished.add(phase.name)
                continue
            chosen = phase
            break
        if self._planned is not None and self._planned[0] is plan and self._planned[1] is chosen:
            return self._planned[2]
        self.phase = chosen.name if chosen is not None else ""
        values = {f: getattr(plan, f) for f in _FIELDS}
        if chosen is not None:
            values |= {f: v for f in _FIELDS if (v := getattr(chosen, f, None)) is not None}
        orders = Orders(phase=self.phase, **values)
        self._planned = (plan, chosen, orders)
        return orders

    def _holds(self, market: Any, condition: str) -> bool:
        found = _CONDITION.match(condition)
        if not found:
            raise ValueError(f"a phase cannot end on {condition!r}")
        name, operator, number = found.group(1), found.group(2), float(found.group(3))
        value = market.merchant_fact(self.index, name)
        if name in ("stock", "members", "buyers"):
            number *= market.world.scale
        return bool({"<": value < number, ">": value > number, "<=": value <= number, ">=": value >= number}[operator])
