"""What a player can see: frozen pictures of a day, made of plain values, without a way back to the market.

Money is yuan and counts are units of the market for which quantities are stated (``market.reference_consumers``), so a
policy asks and sees on one scale. Nothing hidden is in them: no quality but the advertised one, no costs or cash of
others, no trait of a person, no seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from sim.contract import CHANNELS, COUNT
from sim.rng import day_key, entity_key, name_key, stream_of, uniform
from sim.state.judgement import displayed
from sim.state.ledger import REASONS

LUCK = stream_of("policies")
_SEEN = [COUNT[name] for name in ("impressions", "clicks", "orders", "gmv")]
_UNITS = np.array([[1.0], [1.0], [1.0], [100.0]])
"""Of :class:`Traffic`, in its order."""


class Luck:
    """Keyed draws of one player on one day: the same name gives the same number, whatever was drawn before."""

    __slots__ = ("_key",)

    def __init__(self, seed: int, day: int, *player: str) -> None:
        self._key = entity_key(day_key(seed, LUCK, day), name_key(*player))

    def __call__(self, *name: str | int) -> float:
        """Uniform on [0, 1), named."""
        return float(uniform(self._key, np.uint64(name_key(*name))))


@dataclass(frozen=True, slots=True)
class OnSale:
    """A product as the public sees it. ``stars`` 1..5 as displayed, ``sold`` units so far, ``price`` yuan today."""

    name: str
    merchant: str
    category: str
    price: float
    advertised: float
    stars: float
    reviews: float
    sold: float


@dataclass(frozen=True, slots=True)
class OwnProduct:
    """A product as its merchant sees it: what the public sees, and cost (yuan), list price, stock (None: to order)."""

    seen: OnSale
    list_price: float
    unit_cost: float
    stock: float | None


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counts of yesterday by channel; ``gmv`` in yuan by last touch."""

    impressions: Mapping[str, float]
    clicks: Mapping[str, float]
    orders: Mapping[str, float]
    gmv: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MerchantView:
    """A merchant in the morning. ``paid`` and ``got``: yuan it paid yesterday and so far, by reason of the books;
    ``roas`` GMV over marketing spend of 30 days, inf without spend; ``planned``: what its plan in the scenario asks for
    today."""

    name: str
    day: int
    days: int
    cash: float
    worth: float
    products: tuple[OwnProduct, ...]
    rivals: tuple[OnSale, ...]
    yesterday: Traffic
    paid: Mapping[str, float]
    paid_so_far: Mapping[str, float]
    buyers: float
    members: float
    roas: float
    planned: Any
    luck: Luck


@dataclass(frozen=True, slots=True)
class PlatformView:
    """A platform in the morning. ``visitors`` of yesterday; ``settings``: what is in force; ``income`` yuan so far."""

    name: str
    day: int
    days: int
    people: float
    visitors: float
    income: float
    products: tuple[OnSale, ...]
    yesterday: Traffic
    settings: Mapping[str, float]
    luck: Luck


@dataclass(frozen=True, slots=True)
class Offer:
    """A post somebody asks a creator for. ``pay`` yuan."""

    pay: float
    merchant: str
    product: OnSale


@dataclass(frozen=True, slots=True)
class CreatorView:
    """A creator with offers before her. ``room``: posts she can still write; ``trust`` of her public, 0..1."""

    name: str
    tier: str
    day: int
    fee: float
    followers: float
    room: float
    trust: float
    integrity: float
    offers: tuple[Offer, ...]
    luck: Luck


def on_sale(market: Any) -> tuple[OnSale, ...]:
    """Every product as the public sees it today."""
    world, c = market.world, market.state.columns
    stars, p, scale = displayed(world, c)[0], world.products, world.scale
    price = np.where(c["price"] > 0, c["price"], p.list_price) / 100.0
    numbers = np.stack((price, p.advertised, stars, c["review_count"] / scale, c["sold"] / scale)).T.tolist()
    return tuple(
        OnSale(name.split(".", 1)[1], world.merchants[m], world.categories[g], *row)
        for name, m, g, row in zip(world.product_names, p.merchant.tolist(), p.category.tolist(), numbers, strict=True)
    )


def traffic(market: Any, mine: np.ndarray | None = None) -> Traffic:
    """Counts of yesterday, of the products ``mine`` (a mask; all of them by default); empty on the first day."""
    book, scale = market.book, market.world.scale
    page = book.tally[book.days - 1] if book.days else np.zeros_like(book.tally[0])
    kept = page[_SEEN] if mine is None else page[_SEEN][:, mine]
    rows = (kept.sum(axis=1) / (scale * _UNITS)).tolist()
    return Traffic(*(MappingProxyType(dict(zip(CHANNELS, row, strict=True))) for row in rows))


def merchant_view(market: Any, merchant: Any, planned: Any) -> MerchantView:
    """What a merchant can know this morning."""
    world, c, book, m = market.world, market.state.columns, market.book, merchant.index
    scale, p = world.scale, world.products
    public, own = on_sale(market), world.products.merchant == m
    stock = c["stock"]
    mine = tuple(
        OwnProduct(public[k], p.list_price[k] / 100.0, p.unit_cost[k] / 100.0,
                   None if stock[k] < 0 else float(stock[k] / scale))
        for k in np.flatnonzero(own)
    )  # fmt: skip

    def reasons(flow: np.ndarray) -> Mapping[str, float]:
        return MappingProxyType({r: float(flow[k]) / 100.0 / scale for k, r in enumerate(REASONS) if flow[k]})

    before = book.flow[: book.days, :, m]
    return MerchantView(
        merchant.name, market.day, market.scenario.market.days, merchant.cash / scale,
        float(book.worth[book.days - 1, m] / scale) if book.days else merchant.cash / scale,
        mine, tuple(public[k] for k in np.flatnonzero(~own)), traffic(market, own),
        reasons(before[-1] if len(before) else np.zeros(len(REASONS))), reasons(before.sum(axis=0)),
        book.merchant_fact(m, "buyers") / scale, book.merchant_fact(m, "members") / scale,
        book.merchant_fact(m, "roas"), planned, Luck(market.seed, market.day, "merchant", merchant.name),
    )  # fmt: skip


def platform_view(market: Any, platform: Any, settings: Mapping[str, float]) -> PlatformView:
    """What a platform can know this morning."""
    world, s = market.world, platform.index
    came = market.state.columns["visited"] & np.uint32(1 << s)
    return PlatformView(
        platform.name, market.day, market.scenario.market.days, world.n / world.scale,
        float(np.count_nonzero(came)) / world.scale, platform.cash / world.scale, on_sale(market), traffic(market),
        MappingProxyType(dict(settings)), Luck(market.seed, market.day, "platform", platform.name),
    )  # fmt: skip


def creator_view(market: Any, creator: Any, offers: list[tuple[float, int, int]]) -> CreatorView:
    """What a creator can know of these offers (pay, merchant, product)."""
    world, public = market.world, on_sale(market)
    return CreatorView(
        creator.name, creator.spec.name, market.day, creator.fee / world.scale, float(creator.spec.followers),
        creator.capacity, creator.trust, float(creator.spec.integrity),
        tuple(Offer(pay / world.scale, world.merchants[m], public[p]) for pay, m, p in offers),
        Luck(market.seed, market.day, "creator", creator.name),
    )  # fmt: skip
