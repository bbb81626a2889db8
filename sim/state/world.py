"""The scenario in force, compiled to numbers: what kernels read instead of pydantic models.

Recomputed on the days on which parameters change, never undone in place (decision D13). Money becomes integer fen,
extensive quantities are scaled by N / reference (decision D14) here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import numpy as np

from sim.contract import CHANNELS
from sim.rng import name_key
from sim.state.offers import composed, sent
from sim.state.order import Ordered

ALWAYS_ON_SALE = -(10**6)
"""Day of entry of a product on sale from the start, so that it is on sale during warm-up too."""

FEED_PARTS = ("ads", "follow", "friend", "interest", "search")
Found = TypeVar("Found")


class Products(NamedTuple):
    """Arrays over P. Money fen, quality 0..1, ``reference`` yuan, ``delivery`` days (negative: the route's);
    ``freight`` of a parcel, fen; ``valid`` days of a voucher (0: none); ``final`` 1 when it cannot be sent back."""

    key: np.ndarray
    merchant: np.ndarray
    category: np.ndarray
    list_price: np.ndarray
    unit_cost: np.ndarray
    reference: np.ndarray
    quality: np.ndarray
    advertised: np.ndarray
    spread: np.ndarray
    fit_sd: np.ndarray
    cycle: np.ndarray
    durable: np.ndarray
    appeal: np.ndarray
    enters: np.ndarray
    delivery: np.ndarray
    freight: np.ndarray
    valid: np.ndarray
    final: np.ndarray


class Platforms(NamedTuple):
    """Arrays over S; ``activity`` is [S, G]; ``part`` is [S, 5] commercial slots a visit by FEED_PARTS."""

    key: np.ndarray
    activity: np.ndarray
    part: np.ndarray
    personalisation: np.ndarray
    explore: np.ndarray
    theta_fit: np.ndarray
    theta_pop: np.ndarray
    theta_social: np.ndarray
    rest: np.ndarray
    fee: np.ndarray
    group_buy: np.ndarray
    open_list: np.ndarray


@dataclass(frozen=True)
class World:
    """Everything compiled from one version of the scenario."""

    scenario: Any
    n: int
    scale: float
    products: Products
    platforms: Platforms
    affinity: np.ndarray
    """float64[G, C], mean fit of a category to a segment."""
    product_names: tuple[str, ...]
    merchants: tuple[str, ...]
    platform_names: tuple[str, ...]
    categories: tuple[str, ...]
    segments: tuple[str, ...]
    creators: tuple[str, ...]
    cell_key: np.ndarray
    """uint64[S, P, CH], key of a cell of the feed."""
    creator_tier: np.ndarray
    """int64[individuals], tier of each creator."""
    tuned: bool = False
    """Whether its platforms are not those of the scenario."""
    known: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was worked out from it :func:`once`."""

    @property
    def dims(self) -> dict[str, int]:
        """Sizes of the dimensions of the data dictionary."""
        return {
            "N": self.n,
            "P": len(self.product_names),
            "M": len(self.merchants),
            "S": len(self.platform_names),
            "C": len(self.categories),
            "G": len(self.segments),
            "CH": len(CHANNELS),
            "K": len(self.creators),
        }

    def occasions(self, day: int) -> np.ndarray:
        """float64[C], mean occasions of a person in the step ``day``: rate a year x season (30-day months)."""
        month = (max(day, 0) // 30) % 12 + 1
        if (found := self.known.get(f"occasions in month {month}")) is None:
            step = self.scenario.market.step_length / 365.25
            rates = [c.occasions_per_year * step * _season(c, month) for c in self.scenario.categories]
            found = self.known[f"occasions in month {month}"] = np.array(rates, float)
        return np.asarray(found)


def once(work: Callable[[Any], Found]) -> Callable[[Any], Found]:
    """``work`` of a world that is done when it is first asked for, and not again while that world is in force: for what
    is looked up every day. Nobody writes to what it gives."""
    name = f"{work.__module__}.{work.__qualname__}"

    @wraps(work)
    def found(world: Any) -> Found:
        if name not in world.known:
            world.known[name] = work(world)
        made: Found = world.known[name]
        return made

    return found


def _season(category: Any, month: int) -> float:
    season = getattr(category, "season", None) or {}
    return float(season.get(month, season.get(str(month), 1.0)))


def fen(yuan: float) -> int:
    """Yuan as integer fen, rounded half to even once."""
    return int(round(yuan * 100))


def size_scale(scenario: Any, n: int) -> float:
    """N over the number of consumers for which extensive quantities are stated (decision D14)."""
    reference = scenario.market.reference_consumers or n
    return n / reference


def compile_world(scenario: Any, n: int, scale: float) -> World:
    """Numbers of one version of the scenario for ``n`` consumers. Positions follow names (:mod:`sim.state.order`)."""
    scenario = scenario if isinstance(scenario, Ordered) else Ordered(scenario)
    segments = [s.name for s in scenario.segments]
    categories = [c.name for c in scenario.categories]
    merchants = [m.name for m in scenario.merchants]
    owned = [(m, p) for m in scenario.merchants for p in m.products]
    return World(
        scenario=scenario,
        n=n,
        scale=scale,
        products=composed(scenario, owned, _products(scenario, owned, merchants, categories)),
        platforms=_platforms(scenario, segments),
        affinity=np.array([[s.affinity.get(c, 0.5) for c in categories] for s in scenario.segments], float).reshape(
            len(segments), len(categories)
        ),
        product_names=tuple(f"{m.name}.{p.name}" for m, p in owned),
        merchants=tuple(merchants),
        platform_names=tuple(p.name for p in scenario.platforms),
        categories=tuple(categories),
        segments=tuple(segments),
        creators=tuple(c.name for c in scenario.creators),
        creator_tier=np.repeat(np.arange(len(scenario.creators)), [c.count for c in scenario.creators]).astype(
            np.int64
        ),
        cell_key=np.array(
            [
                [[name_key("cell", s.name, m.name, p.name, c) for c in CHANNELS] for m, p in owned]
                for s in scenario.platforms
            ],
            np.uint64,
        ).reshape(len(scenario.platforms), len(owned), len(CHANNELS)),
    )


def retuned(world: World, platforms: list[Any]) -> World:
    """The world with other settings of its platforms, in their order."""
    said = world.scenario
    made = _platforms(_Tuned(platforms, said.segments, said.mechanisms), list(world.segments))
    return replace(world, platforms=made, tuned=True)


class _Tuned(NamedTuple):
    """As much of a scenario as platforms are compiled from."""

    platforms: list[Any]
    segments: Any
    mechanisms: Any


def _products(scenario: Any, owned: list[tuple[Any, Any]], merchants: list[str], categories: list[str]) -> Products:
    by_name = {c.name: c for c in scenario.categories}
    default_appeal = scenario.mechanisms.choice.appeal

    def column(value: Any, dtype: Any) -> np.ndarray:
        return np.array([value(m, p) for m, p in owned], dtype)

    def or_else(value: Any, fallback: Any) -> Any:
        return fallback if value is None else value

    return Products(
        key=column(lambda m, p: name_key(m.name, p.name), np.uint64),
        merchant=column(lambda m, p: merchants.index(m.name), np.int64),
        category=column(lambda m, p: categories.index(p.category), np.int64),
        list_price=column(lambda m, p: fen(p.price), np.int64),
        unit_cost=column(lambda m, p: fen(p.unit_cost), np.int64),
        reference=column(lambda m, p: by_name[p.category].reference_price, float),
        quality=column(lambda m, p: p.quality, float),
        advertised=column(
            lambda m, p: or_else(p.advertised_quality, p.quality + (1.0 - m.honesty) * (1.0 - p.quality)), float
        ),
        spread=column(lambda m, p: p.quality_spread, float),
        fit_sd=column(lambda m, p: or_else(p.fit_uncertainty, by_name[p.category].fit_uncertainty), float),
        cycle=column(lambda m, p: p.cycle_days, float),
        durable=column(lambda m, p: p.durable, np.uint8),
        appeal=column(lambda m, p: or_else(p.appeal, default_appeal), float),
        enters=column(lambda m, p: p.enters if p.enters > 0 else ALWAYS_ON_SALE, np.int64),
        delivery=column(lambda m, p: _on_the_way(scenario, m, p), float),
        freight=column(lambda m, p: fen(scenario.logistics.freight) if sent(p) else 0, np.int64),
        valid=column(lambda m, p: p.voucher.valid_days if p.voucher else 0, float),
        final=column(lambda m, p: not sent(p), np.uint8),
    )


def _on_the_way(scenario: Any, merchant: Any, product: Any) -> float:
    """Mean days to the buyer: the product's own, or the route's (negative), verification added."""
    if not sent(product):
        return 0.0
    own, a = product.delivery_days, scenario.mechanisms.assurance
    if not (a.enabled and max(a.verify, merchant.assurance.verify) > 0):
        return -1.0 if own is None else own
    days = scenario.logistics.delivery_days if own is None else own
    return float(days + a.verify_days * max(a.verify, merchant.assurance.verify))


def _platforms(scenario: Any, segments: list[str]) -> Platforms:
    def column(value: Any, dtype: Any = float) -> np.ndarray:
        return np.array([value(p) for p in scenario.platforms], dtype)

    by_segment = {s.name: s for s in scenario.segments}

    def activity(p: Any) -> list[float]:
        return [p.segment_activity.get(s, min(1.0, p.activity * by_segment[s].activity)) for s in segments]

    def shared_out(opened: np.ndarray) -> np.ndarray:
        """Activity [S, G] of people whose attention is limited: in proportion less where more would be opened."""
        limit, total = scenario.mechanisms.visits.places_per_day, opened.sum(axis=0)
        return opened if limit is None else opened * np.minimum(1.0, limit / np.maximum(total, 1e-12))

    def parts(p: Any) -> list[float]:
        weights = np.array([_weight(p.feed, part) for part in FEED_PARTS], float)
        total = weights.sum()
        slots = p.feed_length * p.commercial_load
        return list(slots * weights / total) if total > 0 else [0.0] * len(FEED_PARTS)

    count = len(scenario.platforms)
    return Platforms(
        key=column(lambda p: name_key("platform", p.name), np.uint64),
        activity=shared_out(column(activity).reshape(count, len(segments))),
        part=column(parts).reshape(count, len(FEED_PARTS)),
        personalisation=column(lambda p: p.personalisation),
        explore=column(lambda p: p.explore),
        theta_fit=column(lambda p: p.theta_fit),
        theta_pop=column(lambda p: p.theta_pop),
        theta_social=column(lambda p: p.theta_social),
        rest=column(lambda p: p.rest_of_market),
        fee=column(lambda p: p.fee),
        group_buy=column(lambda p: p.group_buy, np.uint8),
        open_list=column(lambda p: p.open_list, np.uint8),
    )


def _weight(feed: Any, part: str) -> float:
    return float(feed.get(part, 0.0) if isinstance(feed, dict) else getattr(feed, part))
