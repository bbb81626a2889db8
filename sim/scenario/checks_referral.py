"""Checks of what friends are paid for: each tactic with its mechanism on, lawful levels, rewards that leave something.

Yields ``(path, message)`` as :mod:`sim.scenario.checks` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.scenario.players import Merchant, Phase, Plan

if TYPE_CHECKING:
    from sim.scenario.schema import ScenarioModel

Loc = tuple[str | int, ...]
Found = Iterator[tuple[Loc, str]]
TACTICS = ("referral", "bargain", "distribution")


def rewarded_friends(model: ScenarioModel, merchant: Merchant, plan: Plan | Phase, at: Loc) -> Found:
    """Mistakes in the three tactics of a plan or a phase."""
    for name in TACTICS:
        if getattr(plan, name) is None:
            continue
        if not getattr(model.mechanisms, name).enabled:
            yield (*at, name), f"nothing comes of it while the mechanism is off: set mechanisms.{name}.enabled: true"
        if model.network.kind == "well_mixed":
            yield (*at, name), f"{name} needs ties; a well_mixed network has none: choose another network.kind"
    cheapest = min((p.price for p in merchant.products), default=None)
    if plan.referral is not None and cheapest is not None:
        yield from _rewards(plan.referral, cheapest, (*at, "referral"))
    if plan.bargain is not None:
        yield from _bargain(merchant, plan.bargain, (*at, "bargain"))
    if plan.distribution is not None:
        yield from _levels(plan.distribution, (*at, "distribution"))


def _rewards(referral: Any, price: float, at: Loc) -> Found:
    if referral.invitee_reward >= price:
        yield (*at, "invitee_reward"), f"the friend would be paid to take the product (price {price:g}): offer less"


def _bargain(merchant: Merchant, bargain: Any, at: Loc) -> Found:
    if bargain.shrink < 1 and bargain.cut / (1 - bargain.shrink) < 1:
        most = bargain.cut / (1 - bargain.shrink)
        yield (
            (*at, "cut"),
            f"no number of helpers reaches the floor: cuts add up to {most:.2f} of the way to it; "
            f"let cut be at least {1 - bargain.shrink:.2g} or shrink be larger",
        )
    products = [p.name for p in merchant.products]
    for k, name in enumerate(bargain.products):
        if name not in products and merchant.catalogue is None:
            yield (
                (*at, "products", k),
                f"unknown product of {merchant.name} {name!r}. Declared: {', '.join(products)}",
            )


def _levels(distribution: Any, at: Loc) -> Found:
    rates = distribution.commissions
    if len(rates) > 2:
        yield (
            (*at, "commissions"),
            f"{len(rates)} levels: paying a third level is unlawful (禁止传销条例); keep the first two",
        )
    if any(not 0 <= rate <= 1 for rate in rates) or sum(rates) >= 1:
        yield (*at, "commissions"), "each is a share of the price, 0 to 1, and together they must leave some of it"
    if not distribution.open_to_buyers and distribution.leaders == 0:
        yield (*at, "leaders"), "nobody sells: sign up leaders or let buyers join (open_to_buyers: true)"
