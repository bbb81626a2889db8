"""What merchants' tricks and assurances make of their goods, by product or merchant; all neutral where nobody does
anything."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.rules.honesty import Goods, cover_of

NEVER_BACK = -60.0
"""Logit by which nobody returns what was eaten or read."""


def goods(world: Any) -> Goods:
    """What parcels hold and how they are checked (:class:`sim.rules.honesty.Goods`)."""
    mechanisms = world.scenario.mechanisms
    tricks, offers = _of(world, mechanisms.dishonesty, "tricks"), _of(world, mechanisms.assurance, "assurance")
    a = mechanisms.assurance

    def column(owners: list[Any], value: Any, none: float) -> np.ndarray:
        found = np.array([none if owner is None else value(owner) for owner in owners], float)
        return found[world.products.merchant] if len(found) else np.zeros(0)

    return Goods(
        fake=column(tricks, lambda t: t.counterfeit, 0.0),
        fake_quality=column(tricks, lambda t: t.counterfeit_quality, 0.0),
        tryon=column(offers, lambda o: a.tryon_use if o.tryon > 0 else 0.0, 0.0),
        left=column(offers, lambda o: 1.0 - o.tryon, 1.0),
        verified=verified(world)[world.products.merchant],
        ease=np.where(world.products.final, NEVER_BACK,
                      column(offers, lambda o: a.return_ease if o.refund else 0.0, 0.0)),
        sensitivity=float(a.sensitivity),
        specificity=float(a.specificity),
    )


def verified(world: Any) -> np.ndarray:
    """float64[M], share of parcels that are verified."""
    a = world.scenario.mechanisms.assurance
    return np.array([0.0 if o is None else max(o.verify, a.verify) for o in _of(world, a, "assurance")], float)


def cover(world: Any) -> np.ndarray:
    """float64[M], share of distrust that a merchant's assurances make up. A code that is read counts as a check."""
    a = world.scenario.mechanisms.assurance
    return np.array([
        0.0 if o is None else cover_of(
            float(a.claim_belief), bool(o.refund), float(o.compensation),
            1.0 - (1.0 - share * a.sensitivity) * (1.0 - a.trace_reads * o.trace))
        for o, share in zip(_of(world, a, "assurance"), verified(world), strict=True)
    ], float)  # fmt: skip


def _of(world: Any, mechanism: Any, what: str) -> list[Any]:
    """The field ``what`` of each merchant; None while the mechanism is off."""
    return [getattr(m, what) if mechanism.enabled else None for m in world.scenario.merchants]
