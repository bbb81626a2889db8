"""Membership and customer life: whether a fee is worth it, at what stage a customer is, whether a message revives.

    pay       logit^-1(b0 + b1 (benefit - fee)/fee)
    benefit   orders expected in the term x (price saved + points + postage), orders at the pace kept so far
    stage     0 never bought, 1 new (one order), 2 active, 3 at risk (recency >= a), 4 lapsed (recency >= l)
    revive    logit^-1(r0 + r1 coupon/price + r2 X)

Assumptions of the model, section 4.12; stages follow RFM practice (Bult & Wansbeek 1995).
Equations (79), (82) and (84) of MODEL.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

STRANGER, NEW, ACTIVE, AT_RISK, LAPSED = range(5)


@njit(cache=True)
def pay_probability(benefit: Any, fee: float, base: float, slope: float) -> Any:
    """Probability of paying ``fee`` for what is expected to be worth ``benefit`` (same unit)."""
    return 1.0 / (1.0 + np.exp(-np.minimum(np.maximum(base + slope * (benefit - fee) / fee, -50.0), 50.0)))


@njit(cache=True)
def revive_probability(coupon: Any, experience: Any, base: float, slope: float, felt: float) -> Any:
    """Probability that an opened message revives a relation; ``coupon`` as a share of the price."""
    return 1.0 / (1.0 + np.exp(-(base + slope * coupon + felt * experience)))


@njit(nogil=True, cache=True)
def stages(day: int, orders: Any, last: Any, at_risk: int, lapsed: int) -> Any:
    """uint8[n], the stage of each customer from the number of orders and the day of the last one."""
    out = np.zeros(len(orders), np.uint8)
    for i in range(len(orders)):
        if orders[i] > 0:
            quiet = day - last[i]
            out[i] = LAPSED if quiet >= lapsed else AT_RISK if quiet >= at_risk else ACTIVE if orders[i] > 1 else NEW
    return out
