"""Checks of own posts, sets, paid content, vouchers, donations, green goods: what is asked for must be able to act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario.schema import ScenarioModel

Loc = tuple[str | int, ...]
Found = Iterator[tuple[Loc, str]]


def offers(model: ScenarioModel) -> Found:
    """Every mistake in what merchants offer beside plain goods."""
    on = model.mechanisms
    for name in ("content", "store"):
        needs = "feed" if name == "content" else "delivery"
        if getattr(on, name).enabled and not getattr(on, needs).enabled:
            yield ("mechanisms", name, "enabled"), f"needs mechanisms.{needs}: set mechanisms.{needs}.enabled to true"
    if on.bundles.enabled and on.choice.tastes != "normal":
        yield (
            ("mechanisms", "bundles", "enabled"),
            "the taste for a set is a mean of normal ones: set choice.tastes to normal",
        )
    for m, merchant in enumerate(model.merchants):
        for k, product in enumerate(merchant.products):
            yield from _product(model, merchant, product, ("merchants", m, "products", k))
        plans: list[tuple[Any, Loc]] = [(merchant.plan, ("merchants", m, "plan"))]
        plans += [(phase, ("merchants", m, "plan", "phases", k)) for k, phase in enumerate(merchant.plan.phases)]
        for plan, at in plans:
            yield from _plan(model, merchant, plan, at)


def _known(names: Iterable[str], declared: list[str], at: Loc) -> Found:
    for name in names:
        if name not in declared:
            near = get_close_matches(name, declared, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield (*at, name), f"unknown {name!r}{hint}. Declared: {', '.join(declared) or 'none'}"


def _off(model: ScenarioModel, name: str, at: Loc) -> Found:
    if not getattr(model.mechanisms, name).enabled:
        yield at, f"acts only with mechanisms.{name}: set mechanisms.{name}.enabled to true"


def _product(model: ScenarioModel, merchant: Any, product: Any, at: Loc) -> Found:
    kinds = [name for name in ("bundle", "access", "voucher") if getattr(product, name) is not None]
    if len(kinds) > 1:
        yield (*at, kinds[1]), f"a product is one of bundle, access, voucher (it has {' and '.join(kinds)}): drop one"
    if kinds and (product.supply is not None or product.presale is not None):
        which = "supply" if product.supply is not None else "presale"
        yield (*at, which), f"not for a product with {kinds[0]}: leave it out, or give it an inventory"
    if product.bundle is not None:
        yield from _bundle(model, merchant, product, (*at, "bundle"))
    if product.access is not None:
        yield from _access(model, merchant, product, at)
    if product.voucher is not None:
        yield from _off(model, "store", (*at, "voucher"))
        yield from _known(product.voucher.km, [r.name for r in model.logistics.regions], (*at, "voucher", "km"))
        if product.delivery_days is not None:
            yield (*at, "delivery_days"), "a voucher is not sent: leave it out"
        for region, km in product.voucher.km.items():
            if km < 0:
                yield (*at, "voucher", "km", region), f"must be >= 0 (got {km:g})"
    if product.green > 0 or product.green_claim is not None:
        yield from _off(model, "green", (*at, "green" if product.green_claim is None else "green_claim"))


def _bundle(model: ScenarioModel, merchant: Any, product: Any, at: Loc) -> Found:
    units = product.bundle.units
    yield from _off(model, "bundles", at)
    yield from _known(units, [p.name for p in merchant.products if p.name != product.name], (*at, "units"))
    for name, count in units.items():
        if count < 1:
            yield (*at, "units", name), f"must be >= 1 (got {count}): leave out what is not in it"
    if sum(units.values()) < 2:
        yield (*at, "units"), "a set holds two units at least: sell one unit as the product it is"
    inside = {p.name: p for p in merchant.products if p.name in units}
    for name, thing in inside.items():
        if thing.bundle is not None or thing.voucher is not None:
            yield (*at, "units", name), "a set holds goods and content, no voucher and no other set: name its parts"
        if thing.inventory is not None and product.inventory is None:
            yield (*at, "units", name), (
                f"{name!r} has an inventory, the set none: give the set an inventory, packed beforehand")
    for field in ("quality", "quality_spread", "advertised_quality", "fit_uncertainty"):
        if getattr(product, field) != type(product).model_fields[field].default:
            yield (*at[:-1], field), "follows from what is in the set: leave it out"
    singly = sum(thing.price * units[name] for name, thing in inside.items())
    if len(inside) == len(units) and product.price > singly:
        yield (*at[:-1], "price"), f"the set is dearer than its parts bought one by one ({singly:g}): ask less"


def _access(model: ScenarioModel, merchant: Any, product: Any, at: Loc) -> Found:
    yield from _off(model, "paid_content", (*at, "access"))
    others = [p.name for p in merchant.products if p.name != product.name]
    yield from _known(product.access.recommends, others, (*at, "access", "recommends"))
    if product.unit_cost > 0:
        yield (*at, "unit_cost"), f"a copy of content costs nothing (got {product.unit_cost:g}): leave it out"
    if product.inventory is not None:
        yield (*at, "inventory"), "content does not run out: leave it out"
    if product.delivery_days is not None:
        yield (*at, "delivery_days"), "content is there at once: leave it out"
    if product.durable and product.access.days is not None:
        yield (*at, "durable"), "access that ends is bought again: drop durable, or access.days"


def _plan(model: ScenarioModel, merchant: Any, plan: Any, at: Loc) -> Found:
    if plan.mix is not None and plan.mix.content > 0:
        yield from _off(model, "content", (*at, "mix", "content"))
        tactics = plan.content if plan.content is not None else merchant.plan.content
        if not any(tactics.matrix.shares()):
            yield (*at, "content", "matrix"), "all weights are zero: give at least one class of posts a weight"
    if plan.content is not None:
        yield from _known(plan.content.products, [p.name for p in merchant.products], (*at, "content", "products"))
        places = [p.name for p in model.platforms]
        if plan.content.platform is not None:
            yield from _known([plan.content.platform], places, (*at, "content", "platform"))
    if plan.donation is not None:
        yield from _off(model, "charity", (*at, "donation"))
    if plan.green_points is not None:
        yield from _off(model, "green", (*at, "green_points"))
        club = merchant.plan.membership
        if club is None or club.points is None or not model.mechanisms.membership.enabled:
            yield (*at, "green_points"), (
                "points are those of the programme: set plan.membership: {points: {}}, mechanisms.membership.enabled")
        if not any(p.green > 0 or p.green_claim for p in merchant.products):
            yield (*at, "green_points"), "no product has a green claim: give one a green or a green_claim"
