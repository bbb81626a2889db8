"""A stage: one merchant that sells in live sessions, its own and a creator's, on one platform."""

from __future__ import annotations

from typing import Any

from city import lived

from sim import load

STAGE: dict[str, Any] = {
    "name": "a stage",
    "market": {"consumers": 1500, "days": 21},
    "segments": [{"name": "all", "share": 1, "affinity": {"tea": 0.6}}],
    "categories": [{"name": "tea", "reference_price": 50, "occasions_per_year": 12}],
    "platforms": [{"name": "film", "activity": 0.8, "rest_of_market": 50}],
    "creators": [{"name": "star", "count": 3, "followers": 500, "slot_fee": 60}],
    "merchants": [{
        "name": "Leaf", "cash": 10_000,
        "products": [{"name": "green", "category": "tea", "price": 45, "unit_cost": 15, "quality": 0.8, "appeal": 1.5},
                     {"name": "black", "category": "tea", "price": 60, "unit_cost": 20, "appeal": 1.5}],
        "plan": {"budget_per_day": 2000, "mix": {"live": 1},
                 "live": {"hosts": {"brand": 7, "star": 7}, "discount": 0.2}},
    }],
    "outcomes": ["profit"],
}  # fmt: skip
PLAN = "merchants.Leaf.plan"


def stage(days: int | None = None, **changes: Any) -> Any:
    """The stage, lived, with changes by path."""
    return lived(load(STAGE, set={key.replace("__", "."): value for key, value in changes.items()}), days=days)
