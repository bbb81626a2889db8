"""Checks of listings, agencies, guards, experiments and promises. A check yields ``(path, message)``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.players import Phase, Plan
    from sim.scenario.schema import ScenarioModel

Loc = tuple[str | int, ...]
Found = Iterator[tuple[Loc, str]]
UNTESTED = ("live",)
"""Channels of a budget that no experiment can keep from a person."""


def adaptive(model: ScenarioModel) -> Found:
    """Every such mistake of a scenario."""
    yield from _agencies(model)
    yield from _listings(model)
    yield from _experiments(model)
    for k, platform in enumerate(model.platforms):
        if platform.guard is not None and platform.feed.ads == 0:
            said = "there are no bought slots to give up: give feed.ads a weight, or drop guard"
            yield ("platforms", k, "guard"), said
    logistics = model.logistics
    if logistics.promise_days < logistics.delivery_days:
        yield (
            ("logistics", "promise_days"),
            f"promised in {logistics.promise_days:g} days, but parcels take {logistics.delivery_days:g}: promise more "
            "or deliver sooner",
        )


def on_calm_days_only(loc: Loc) -> bool:
    """Whether the mistake at ``loc`` is none while an event lasts: a jam makes parcels later than was promised."""
    return loc[0] == "logistics" and loc[-1] == "promise_days"


def _agencies(model: ScenarioModel) -> Found:
    tiers = [c.name for c in model.creators]
    signed = dict.fromkeys(tiers, 0.0)
    for k, agency in enumerate(model.agencies):
        for tier, share in agency.signs.items():
            at: Loc = ("agencies", k, "signs", tier)
            if tier not in signed and model.rate_card is None:
                yield at, f"unknown creator tier {tier!r}. Declared: {', '.join(tiers) or 'none'}"
            if not 0 <= share <= 1:
                yield at, f"must be >= 0 and <= 1 (got {share:g})"
            signed[tier] = signed.get(tier, 0.0) + max(0.0, share)
            if signed[tier] > 1 + 1e-9 and share <= 1:
                yield at, f"agencies have signed {signed[tier]:.0%} of the tier {tier!r}: together at most 100%"


def _listings(model: ScenarioModel) -> Found:
    platforms = [p.name for p in model.platforms]
    for m, merchant in enumerate(model.merchants):
        for p, product in enumerate(merchant.products):
            seen: set[str] = set()
            for k, listing in enumerate(product.listings):
                at: Loc = ("merchants", m, "products", p, "listings", k, "name")
                if listing.name not in platforms:
                    yield at, f"unknown platform {listing.name!r}. Declared: {', '.join(platforms)}"
                if listing.name in seen:
                    yield at, f"a second listing on {listing.name!r}: a product is sold in a place once"
                seen.add(listing.name)


def _experiments(model: ScenarioModel) -> Found:
    for m, merchant in enumerate(model.merchants):
        rule, at = merchant.budgeting, ("merchants", m, "budgeting")
        plans: list[Plan | Phase] = [merchant.plan, *merchant.plan.phases]
        mixes = [plan.mix for plan in plans if plan.mix is not None]
        if rule is not None and rule.by == "experiment":
            if rule.unit == "region" and len(model.logistics.regions) < 2:
                said = "one region has nothing to compare with: name logistics.regions, or use people or day"
                yield (*at, "unit"), said
            for channel in UNTESTED:
                if any(getattr(mix, channel) > 0 for mix in mixes):
                    said = f"{channel} cannot be kept from people one by one: take it out of the mix, or use last_touch"
                    yield (*at, "by"), said
