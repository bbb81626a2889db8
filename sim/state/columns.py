"""The data dictionary: every column of consumer state, declared once.

Dimensions: N consumers, P products, M merchants, S platforms, C categories, G segments, CH channels, K creator tiers.
Columns with ``packed`` hold codes of their numbers; :func:`numbers` gives the numbers.

Days are int16, counted from the start of the experiment (warm-up days are negative); ``NEVER`` stands for a day that
has not come.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from sim.contract import NO_TOUCH, Column
from sim.rules.packed import (
    ADSTOCK,
    EVIDENCE,
    FACTOR,
    FELT,
    FIT,
    INCOME,
    QUALITY,
    RATE,
    RECENT,
    SHARE,
    TASTE,
    Packed,
)

NEVER = -30000
CALLED_OFF = 32767

AWARE = 1
REACHED = 2
CUED = 4
GIFTED = 8
"""Bits of ``flags``: aware of the product; ever exposed to it; a friend endorsed it; was sent a sample of it."""

CORE: tuple[Column, ...] = (
    Column("id", ("N",), np.uint64, "key", "Semantic key of the person: index, or hash of the original id."),
    Column("segment", ("N",), np.uint8, "code", "Segment, position in world.segments (by name)."),
    Column("income", ("N",), np.uint16, "yuan/month", "Disposable income.", packed=INCOME),
    Column("sensitivity", ("N",), np.uint16, "factor", "Own price sensitivity, times a_p of the choice model.",
           packed=FACTOR),
    Column("region", ("N",), np.uint8, "code", "Where the person lives, position in logistics.regions (by name)."),
    Column("author", ("N",), np.uint8, "0/1", "Whether the person writes notes (KOC)."),
    Column("rate", ("N", "C"), np.uint16, "factor", "Own rate of category occasions over the mean.", packed=RATE),
    Column("fit", ("N", "C"), np.uint8, "0..1", "How well the category fits the person's tastes.", packed=FIT),
    Column("taste", ("N", "P"), np.uint16, "utils", "Own taste for the product around its appeal, drawn once.",
           packed=TASTE),
    Column("lapse_p", ("N", "M"), np.uint16, "probability", "Own probability of leaving after an average order.",
           packed=SHARE),
    Column("fatigue", ("N",), np.uint16, "0..1", "Weariness of commercial content.", owner="visits", packed=SHARE),
    Column("visited", ("N",), np.uint32, "bits", "Platforms opened today, one bit each.", owner="visits"),
    Column("flags", ("N", "P"), np.uint8, "bits", "1 aware, 2 reached, 4 endorsed by a friend, 8 got a sample."),
    Column("adstock", ("N", "P"), np.uint16, "contributions", "Goodwill as of last_exposure.", owner="persuasion",
           packed=ADSTOCK),
    Column(
        "recent",
        ("N", "P"),
        np.uint8,
        "exposures",
        "Exposures of the last week as of last_exposure.",
        owner="persuasion", packed=RECENT),
    Column("last_exposure", ("N", "P"), np.int16, "day", "Day of the last exposure.", NEVER, owner="persuasion"),
    Column("expectation", ("N", "P"), np.uint16, "quality", "Quality expected, 0..1 scale.", packed=QUALITY),
    Column(
        "experience",
        ("N", "P"),
        np.uint16,
        "satisfaction",
        "Smoothed satisfaction of own purchases.",
        owner="delivery", packed=FELT),
    Column("units", ("N", "P"), np.uint16, "units", "Units bought and paid.", owner="checkout"),
    Column("last_purchase", ("N", "P"), np.int16, "day", "Day of the last paid order.", NEVER, owner="checkout"),
    Column("last_delivery", ("N", "P"), np.int16, "day", "Day of the last delivery.", NEVER, owner="delivery"),
    Column("first_touch", ("N", "P"), np.uint8, "channel", "Channel of the first exposure.", NO_TOUCH),
    Column("last_touch", ("N", "P"), np.uint8, "channel", "Channel of the last exposure or click.", NO_TOUCH),
    Column("referrer", ("N", "P"), np.int32, "row", "Friend who last shared the product, -1 none.", -1),
    Column("alive", ("N", "M"), np.uint8, "0/1", "Whether the relation with the merchant lives.", 1, owner="delivery"),
    Column("orders_with", ("N", "M"), np.uint16, "orders", "Paid orders with the merchant.", owner="checkout"),
    Column("first_order", ("N", "M"), np.int16, "day", "Day of the first paid order.", NEVER, owner="checkout"),
    Column("second_order", ("N", "M"), np.int16, "day", "Day of the second paid order.", NEVER, owner="checkout"),
    Column("trust_good", ("N", "M"), np.uint16, "evidence", "Good evidence as of trust_day.", owner="delivery",
           packed=EVIDENCE),
    Column("trust_bad", ("N", "M"), np.uint16, "evidence", "Bad evidence as of trust_day.", owner="delivery",
           packed=EVIDENCE),
    Column("trust_day", ("N", "M"), np.int16, "day", "Day of the last trust update.", 0, owner="delivery"),
    Column("price", ("P",), np.int64, "fen", "Solo price today, after discount and coupon.", owner="planning"),
    Column("group_price", ("P",), np.int64, "fen", "Group price today, 0 when none is offered.", owner="planning"),
    Column("group_size", ("P",), np.int64, "people", "People a group needs, leader included.", owner="planning"),
    Column("group_hours", ("P",), np.float64, "hours", "Time a group has to fill.", owner="planning"),
    Column("budget", ("M", "CH"), np.int64, "fen", "What may be spent today by channel.", owner="planning"),
    Column("purse", ("M", "CH"), np.int64, "fen", "Budget granted and not yet spent, by channel.", owner="planning"),
    Column("pushes", ("M",), np.float64, "pushes/week", "Messages a week to communities.", owner="planning"),
    Column("creator_weight", ("K", "P"), np.float64, "weight", "Live posts of a creator tier.", owner="feed"),
    Column("live_host", ("K", "P"), np.float64, "share", "Part of today's live sessions a creator tier hosts.",
           owner="live"),
    Column("rating_sum", ("P",), np.float64, "stars", "Sum of the stars of real reviews.", owner="delivery"),
    Column(
        "review_count", ("P",), np.float64, "reviews", "Reviews written; shown per reference market.", owner="delivery"
    ),
    Column("shown_stars", ("P",), np.float64, "stars", "On display beyond rating_sum (less where it is negative).",
           owner="reviews"),
    Column("shown_weight", ("P",), np.float64, "reviews", "Weight of the stars on display beyond review_count.",
           owner="reviews"),
    Column("shown_volume", ("P",), np.float64, "reviews", "Number on display beyond review_count, images counted up.",
           owner="reviews"),
    Column("faked", ("P",), np.float64, "units", "Fake sales that still rank the product.", owner="dishonesty"),
    Column("closed_until", ("M",), np.int64, "day", "First day on which a suspended merchant sells again.", NEVER,
           owner="moderation"),
    Column("sold", ("P",), np.int64, "units", "Units paid so far.", owner="checkout"),
    Column("stock", ("P",), np.int64, "units", "Units on hand; negative: made to order.", -1, owner="checkout"),
    Column("release", ("P",), np.int16, "day", "First day on which paid orders may leave; CALLED_OFF: refunded.", NEVER,
           owner="presale"),
    Column("announced", ("P",), np.int16, "day", "Day on which buyers were told it leaves.", NEVER, owner="presale"),
    Column("wait", ("P",), np.float64, "day", "Days a buyer of today waits before it leaves.", owner="presale"),
    Column("groups_done", ("P",), np.float64, "groups", "Groups completed, smoothed.", owner="checkout"),
    Column("groups_tried", ("P",), np.float64, "groups", "Groups closed, smoothed.", owner="checkout"),
    Column("content", ("S", "P", "CH"), np.float64, "weight", "Live content stock.", owner="feed"),
    Column("alike", ("S", "P", "CH"), np.float64, "posts", "Likeness that takes weight from live content.",
           owner="content"),
    Column("signal", ("P", "CH"), np.float64, "quality", "Quality that content lets expect.", owner="feed"),
    Column("lift", ("P", "CH"), np.float64, "ratio", "Engagement of its authors over the norm.", 1, owner="feed"),
    Column("credence", ("P", "CH"), np.float64, "0..1", "Trust in the authors of live content.", 1, owner="feed"),
    Column("ad_mean", ("S", "G", "P"), np.float64, "exposures/visit", "Ads shown in a visit.", owner="ads"),
    Column("ad_load", ("S",), np.float64, "factor", "Bought slots a visit, on those of the scenario.", 1,
           owner="retention"),
    Column("ad_price", ("S", "G", "P"), np.float64, "fen/impression", "Clearing price of an impression.", owner="ads"),
)


def core(*scenarios: Any) -> tuple[Column, ...]:
    """The columns of any market, but those that none of these scenarios has a use for: who told whom, unless it is
    traced, and the day of the last delivery, unless people talk of what was delivered."""
    idle = set()
    if not any(s.market.tracing for s in scenarios):
        idle.add("referrer")
    if not any(s.mechanisms.awareness.enabled and s.mechanisms.awareness.rule != "none" for s in scenarios):
        idle.add("last_delivery")
    return tuple(column for column in CORE if column.name not in idle)


def unpacked(codes: np.ndarray, kind: Packed | None) -> Any:
    """float64 numbers of an array of codes; the array itself when it is not packed."""
    return codes if kind is None else kind.low + kind.step * codes


def packed(numbers: Any, kind: Packed) -> np.ndarray:
    """float64 whole numbers, the codes of an array."""
    return np.floor(np.clip((np.asarray(numbers, float) - kind.low) / kind.step, 0.0, kind.top) + 0.5)


def allocate(columns: Iterable[Column], dims: dict[str, int]) -> dict[str, np.ndarray]:
    """Arrays filled with their defaults. Raises ValueError when a name is declared twice."""
    arrays: dict[str, np.ndarray] = {}
    for column in columns:
        if column.name in arrays:
            raise ValueError(f"column {column.name!r} is declared twice")
        shape = tuple(dims[d] for d in column.shape)
        default = column.default if column.packed is None else packed(column.default, column.packed)
        if default == 0:
            arrays[column.name] = np.zeros(shape, column.dtype)
        else:
            arrays[column.name] = np.full(shape, default, column.dtype)
    return arrays


_PACKED = {column.name: column.packed for column in CORE if column.packed is not None}


def numbers(columns: dict[str, np.ndarray], name: str, where: Any = ...) -> np.ndarray:
    """The numbers of a column, at ``where`` of it: float64 for a packed one, else as they are kept."""
    found: np.ndarray = unpacked(columns[name][where], _PACKED.get(name))
    return found


def keep(columns: dict[str, np.ndarray], name: str, values: Any, where: Any = ...) -> None:
    """Write numbers into a column, at ``where`` of it, packed where it is."""
    kind = _PACKED.get(name)
    columns[name][where] = values if kind is None else packed(values, kind)
