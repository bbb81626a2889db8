"""Checks of membership, messages by life stage and communities that need more than one field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.contract import CHANNELS
from sim.scenario.members import MOST_TIERS, Benefits, Crm, Membership

if TYPE_CHECKING:
    from sim.scenario.schema import ScenarioModel

Loc = tuple[str | int, ...]
Found = Iterator[tuple[Loc, str]]


def member_checks(model: ScenarioModel) -> Found:
    """Every mistake in what plans offer to members and customers."""
    mechanisms = model.mechanisms
    for name in ("hand_over", "talk"):
        if getattr(mechanisms, name).enabled and not mechanisms.community.enabled:
            yield ("mechanisms", name, "enabled"), "needs mechanisms.community.enabled: true"
    for channel, chance in mechanisms.hand_over.leads.items():
        at: Loc = ("mechanisms", "hand_over", "leads", channel)
        if channel not in CHANNELS:
            yield at, f"unknown channel {channel!r}. Declared: {', '.join(CHANNELS)}"
        if not 0 <= chance <= 1:
            yield at, f"must be >= 0 and <= 1 (got {chance:g})"
    crm = mechanisms.crm
    if crm.at_risk_days >= crm.lapsed_days:
        yield (
            ("mechanisms", "crm", "lapsed_days"),
            f"must be more than at_risk_days ({crm.at_risk_days}): one is at risk before one has lapsed",
        )
    for m, merchant in enumerate(model.merchants):
        at = ("merchants", m, "plan")
        if merchant.plan.membership is not None:
            yield from _programme(model, merchant.plan.membership, (*at, "membership"))
        offers: list[tuple[Any, Loc]] = [(merchant.plan, at)]
        offers += [(phase, (*at, "phases", k)) for k, phase in enumerate(merchant.plan.phases)]
        for plan, here in offers:
            if plan.crm is not None:
                yield from _rules(model, plan.crm, (*here, "crm"))
            if plan.push_days and len(plan.push_days) != 7:
                yield (*here, "push_days"), f"give seven numbers, one a weekday (got {len(plan.push_days)})"
            if any(count < 0 for count in plan.push_days or []):
                yield (*here, "push_days"), "pushes cannot be negative"
            if plan.club_discount and not mechanisms.community.enabled:
                yield (*here, "club_discount"), "needs mechanisms.community.enabled: true"


def _programme(model: ScenarioModel, plan: Membership, at: Loc) -> Found:
    if not model.mechanisms.membership.enabled:
        yield at, "needs mechanisms.membership.enabled: true"
    if len(plan.tiers) > MOST_TIERS:
        yield (*at, "tiers"), f"at most {MOST_TIERS} (got {len(plan.tiers)})"
    for k in range(1, len(plan.tiers)):
        low, high = plan.tiers[k - 1], plan.tiers[k]
        if high.spend <= low.spend:
            yield (
                (*at, "tiers", k, "spend"),
                f"must be more than that of {low.name!r} ({low.spend:g}): tiers stand in the order of spending",
            )
    if plan.paid is not None and plan.paid.fee == 0:
        yield (*at, "paid", "fee"), "a paid membership costs something: make it a free tier (tiers:) with spend 0"
    free = next((tier for tier in plan.tiers if tier.spend == 0), Benefits())
    paid = plan.paid
    if paid is not None and paid.fee > 0 and not any(
        getattr(paid, gift) > getattr(free, gift) for gift in ("discount", "points", "free_freight")
    ):
        yield (*at, "paid"), "it gives no more than everybody has for nothing: let it give more, or drop it"
    if plan.postage == 0 and any(tier.free_freight for tier in (*plan.tiers, *([plan.paid] if plan.paid else []))):
        yield (*at, "postage"), "free_freight waives nothing: say what postage others pay, or drop free_freight"


def _rules(model: ScenarioModel, crm: Crm, at: Loc) -> Found:
    if not model.mechanisms.crm.enabled:
        yield at, "needs mechanisms.crm.enabled: true"
    p = model.mechanisms.crm
    ends = {"new": p.at_risk_days - 1, "active": p.at_risk_days - 1, "at_risk": p.lapsed_days - p.at_risk_days}
    names: set[str] = set()
    for k, rule in enumerate(crm.rules):
        if rule.name in names:
            yield (*at, "rules", k, "name"), f"a second rule called {rule.name!r}"
        names.add(rule.name)
        if rule.after_days >= ends.get(rule.stage, 10**9):
            yield (
                (*at, "rules", k, "after_days"),
                f"the stage {rule.stage!r} is over after {ends[rule.stage]} days: send earlier, or change "
                "mechanisms.crm.at_risk_days or lapsed_days",
            )
