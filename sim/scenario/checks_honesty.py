"""Checks of tricks, assurances and reviews: what is asked for must be able to act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.schema import ScenarioModel

Found = Iterator[tuple[tuple[str | int, ...], str]]


def honesty(model: ScenarioModel) -> Found:
    """Mistakes about who cheats, who reassures and who polices."""
    on = model.mechanisms
    for name in ("reviews", "dishonesty", "moderation", "assurance"):
        if getattr(on, name).enabled and not on.delivery.enabled:
            yield ("mechanisms", name, "enabled"), "needs mechanisms.delivery: without it nothing arrives to be judged"
    if on.dishonesty.enabled and not on.reviews.enabled:
        yield ("mechanisms", "reviews", "enabled"), "dishonesty needs reviews one by one: set it to true"
    names = [m.name for m in model.merchants]
    for k, merchant in enumerate(model.merchants):
        at, tricks, offer = ("merchants", k), merchant.tricks, merchant.assurance
        asked = (
            ("tricks", "dishonesty", tricks.fake_orders > 0 or tricks.counterfeit > 0),
            ("assurance", "assurance", offer != type(offer)()),
            ("review_reward", "reviews", merchant.review_reward.yuan > 0),
            ("scandal", "moderation", merchant.scandal > 0),
        )
        for field, needs, wanted in asked:
            if wanted and not getattr(on, needs).enabled:
                yield (*at, field), f"acts only with mechanisms.{needs}: set mechanisms.{needs}.enabled to true"
        if tricks.rival is not None and (tricks.rival not in names or tricks.rival == merchant.name):
            others = ", ".join(n for n in names if n != merchant.name) or "there is none"
            yield (*at, "tricks", "rival"), f"must be another merchant ({others}); got {tricks.rival!r}"
        if tricks.rival is not None and tricks.when == "pays":
            yield (*at, "tricks", "when"), "only praise of one's own can be weighed up: use always, or name no rival"
        for product in merchant.products:
            if tricks.counterfeit > 0 and tricks.counterfeit_quality > product.quality:
                yield (*at, "tricks", "counterfeit_quality"), (
                    f"a counterfeit cannot be better than the genuine {product.name!r} ({product.quality:g})")
