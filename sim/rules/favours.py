"""What one person is asked for a product: the price on the shelf, less what she holds.

    asked   = price (1 - cut) + postage - coupon - points
    cut     = the larger of the tier's and the community's
    coupon  = its value, when it has not run out and price (1 - cut) reaches its least spend
    points  = min(points held, redeem x what is left), when at least ``least`` are held; a point is a fen

A price never falls below one fen. Coupons and points set the price of the solo mode only (decision D4).
Equation (77) of MODEL.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit


class Favours(NamedTuple):
    """Terms and what people hold. ``on`` bool[M]: whether any price of the merchant is personal.

    [N, M], of no rows where nobody holds any: ``tier`` (0 none), ``member`` of the community, ``points`` (fen),
    ``coupon`` (number of its issue, 0 none). [M, tiers]: ``cut`` and ``redeem`` shares, ``postage`` fen.
    [M]: ``club`` cut of the community, ``least`` points that can be spent at once. By number of issue: ``value``,
    ``min_spend`` fen, ``last`` day of validity.
    """

    on: Any
    tier: Any
    member: Any
    points: Any
    coupon: Any
    cut: Any
    redeem: Any
    postage: Any
    club: Any
    least: Any
    value: Any
    min_spend: Any
    last: Any


@njit
def asked_of(i: int, m: int, price: int, day: int, f: Favours) -> tuple[int, int, int]:
    """Fen asked of person i for what costs ``price`` fen; points and issue of the coupon that she lays down for it."""
    tier = f.tier[i, m] if len(f.tier) > 0 else 0
    cut = f.cut[m, tier]
    if len(f.member) > 0 and f.member[i, m]:
        cut = max(cut, f.club[m])
    goods = max(1, int(np.rint(price * (1.0 - cut))))
    issue = int(f.coupon[i, m]) if len(f.coupon) > 0 else 0
    if issue > 0 and (day > f.last[issue] or goods < f.min_spend[issue]):
        issue = 0
    if issue > 0:
        goods = max(1, goods - f.value[issue])
    laid = 0
    if len(f.points) > 0 and f.points[i, m] >= f.least[m]:
        laid = max(0, min(int(f.points[i, m]), int(f.redeem[m, tier] * goods), goods - 1))
    return goods - laid + f.postage[m, tier], laid, issue
