"""What a set, paid content or a voucher makes of a product: its numbers, and the taste for a set.

    reference     sum over the things in a set of reference x (1 + d + .. + d^(n-1))       d: worth of a further unit
    quality       by the shares of the things in that sum; spreads likewise, squares added
    taste         the same mean of the tastes for the things: a set of n like things has spread/sqrt(n)
    cost          of all units, beside the set's own unit cost (packing)

That tastes even out in a set is Bakos & Brynjolfsson 1999; that values add up but for repeated units is Adams & Yellen
1976. Paid content is there at once, costs nothing a copy and is needed again when access ends (never: bought once).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.rules.packed import TASTE


def sent(product: Any) -> bool:
    """Whether it comes in a parcel."""
    return product.voucher is None and product.access is None


def contents(scenario: Any, owned: list[tuple[Any, Any]]) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """For the position of each set: positions of the things in it, and units of each."""
    if not scenario.mechanisms.bundles.enabled:
        return {}
    at = {(m.name, p.name): k for k, (m, p) in enumerate(owned)}
    return {
        k: (np.array([at[m.name, name] for name in sorted(p.bundle.units)]),
            np.array([p.bundle.units[name] for name in sorted(p.bundle.units)]))
        for k, (m, p) in enumerate(owned) if p.bundle is not None
    }  # fmt: skip


def parts(scenario: Any, reference: np.ndarray, inside: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Yuan of the reference price that each thing in a set brings."""
    which, units = inside
    d = float(scenario.mechanisms.bundles.second)
    worth: np.ndarray = reference[which] * np.array([sum(d**k for k in range(n)) for n in units.tolist()])
    return worth


def composed(scenario: Any, owned: list[tuple[Any, Any]], products: Any) -> Any:
    """The products with the numbers of sets and paid content put in."""
    access = [(k, p.access) for k, (_, p) in enumerate(owned) if p.access is not None]
    sets = contents(scenario, owned)
    if not access and not sets:
        return products
    made = {name: getattr(products, name).copy() for name in products._fields}
    for k, terms in access:
        made["unit_cost"][k] = 0
        made["durable"][k] = terms.days is None
        made["cycle"][k] = max(float(terms.days or 0), float(products.cycle[k]))
    for k, inside in sets.items():
        which, units = inside
        worth = parts(scenario, products.reference, inside)
        share = worth / worth.sum()
        made["reference"][k] = worth.sum()
        made["unit_cost"][k] = products.unit_cost[k] + (made["unit_cost"][which] * units).sum()
        for name in ("quality", "advertised"):
            made[name][k] = (share * getattr(products, name)[which]).sum()
        for name in ("spread", "fit_sd"):
            made[name][k] = np.sqrt(((share * getattr(products, name)[which]) ** 2).sum())
    return products._replace(**made)


def mix_tastes(columns: dict[str, np.ndarray], world: Any) -> None:
    """The taste of each person for a set from that for the things in it."""
    owned = [(m, p) for m in world.scenario.merchants for p in m.products]
    reference = world.products.reference
    for k, inside in contents(world.scenario, owned).items():
        worth = parts(world.scenario, reference, inside)
        taste = columns["taste"][:, inside[0]] @ (worth / worth.sum())  # codes are linear in utils
        columns["taste"][:, k] = np.clip(np.rint(taste), 0, TASTE.top).astype(np.uint16)
