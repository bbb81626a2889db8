"""The book of favours: members' terms by merchant and tier, and the coupons issued so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.rules.favours import Favours

TIERS = 16
"""Tiers a programme may have, those who are in none among them."""


class FavourBook:
    """Shared by the mechanisms that grant favours and by choice, which prices them.

    ``cut``, ``redeem`` float64[M, TIERS] and ``postage`` int64[M, TIERS] (fen); ``club`` float64[M]; ``least``
    int64[M]. Issues of coupons are numbered from 1: ``value``, ``min_spend`` (fen), ``last`` (day), ``owner``
    (merchant), and how many people each was ``sent`` to and ``opened`` by, int64[issues + 1] each.
    """

    FIELDS = ("value", "min_spend", "last", "owner", "sent", "opened")

    def __init__(self, merchants: int) -> None:
        count = max(1, merchants)
        self.cut = np.zeros((count, TIERS))
        self.redeem = np.zeros((count, TIERS))
        self.postage = np.zeros((count, TIERS), np.int64)
        self.club = np.zeros(count)
        self.least = np.ones(count, np.int64)
        self.personal = np.zeros(count, bool)
        """Merchants whose tiers have terms of their own (:meth:`agreed`)."""
        self.couponed = np.zeros(count, bool)
        self.moves = np.zeros((count, 5, 5), np.int64)
        """People by stage of life a month ago and now, added up over months."""
        for name in self.FIELDS:
            setattr(self, name, np.zeros(1, np.int64))

    def issue(self, owner: int, value: int, min_spend: int, last: int) -> int:
        """Number of a new issue of coupons of a merchant; money in fen. Raises OverflowError after 65,535 issues."""
        number = len(self.value)  # type: ignore[attr-defined]
        if number > np.iinfo(np.uint16).max:
            raise OverflowError("more than 65,535 issues of coupons: let rules repeat less often")
        for name, new in zip(self.FIELDS, (value, min_spend, last, owner, 0, 0), strict=True):
            setattr(self, name, np.append(getattr(self, name), new))
        self.couponed[owner] = True
        return number

    def agreed(self) -> None:
        """The terms by tier stand until this is said again."""
        terms = (self.cut, self.redeem, self.postage)
        self.personal = np.logical_or.reduce([(by_tier != 0).any(axis=1) for by_tier in terms])

    def now(self, tier: Any, member: Any, points: Any, coupon: Any) -> Favours:
        """Terms in force and what people hold, for kernels."""
        b: Any = self
        return Favours(b.personal | (b.club > 0) | b.couponed, tier, member, points, coupon, b.cut, b.redeem, b.postage,
                       b.club, b.least, b.value, b.min_spend, b.last)


def given_back(view: Any) -> np.ndarray:
    """INTENT rows of today that came to nothing, before the till or at it, and will not be tried again, for which
    points or a coupon were laid down."""
    intents = np.concatenate([view.intents.rows, view.intents.dropped])
    laid: np.ndarray = intents[(intents["points"] > 0) | (intents["coupon"] > 0)]
    if len(laid) == 0:
        return laid
    done = np.concatenate([view.orders.rows["key"][view.orders.paid], view.retry.rows["key"]])
    lost: np.ndarray = laid[~np.isin(laid["key"], done)]
    return lost
