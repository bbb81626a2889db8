"""Going to a store: when a voucher is redeemed, and what else a visitor looks at.

    P(go on a day) = 1 - (1 - h e^(-km/decay)) (1 - hurry [among the last days])
    redeemed of n days, l of them last:   1 - (1 - h e^(-km/decay))^n (1 - hurry)^l
    looks at one more thing   min(1, browse min(2, 1/2 + S)+ / (1/2))

Distance decay is Huff 1964; that visits are put off until the deadline is Shu & Gneezy 2010.
Equations (105), (106) and (107) of MODEL.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.rng import entity_key, uniform
from sim.rules.exposure import word


@njit(cache=True)
def goes(visit: float, km: Any, decay: float, hurry: float, last: Any) -> Any:
    """Probability of going on a day from ``km`` away; ``last`` 0 or 1: whether it is among the last days."""
    return 1.0 - (1.0 - visit * np.exp(-km / decay)) * (1.0 - hurry * last)


@njit
def looks(satisfaction: float, browse: float) -> float:
    """Probability that a visitor looks at one more thing; ``browse`` at satisfaction 0."""
    return min(1.0, browse * max(0.0, min(2.0, 0.5 + satisfaction)) / 0.5)


@njit(nogil=True, cache=True)
def stroll(lo: int, people: Any, bought: Any, satisfaction: Any, keys: Any, first: Any, others: Any, product_key: Any,
           category: Any, platform: Any, channel: int, browse: float, base: Any, out: Any, shown: int, occasions: Any,
           n: int) -> tuple[int, int]:
    """Visitors ``people`` see what else there is (words into ``out``); some think of buying one thing of it.

    ``others[first[p]:first[p + 1]]``: what stands beside product p. How many words and occasions there are then.
    """
    for x in range(len(people)):
        a, b = first[bought[x]], first[bought[x] + 1]
        if a == b:
            continue
        for k in range(a, b):
            out[shown] = word(people[x] - lo, others[k], channel, platform[x], 1)
            shown += 1
        who = entity_key(base, keys[x])
        if uniform(who, 0) >= looks(satisfaction[x], browse):
            continue
        q = others[a + min(b - a - 1, int(uniform(who, 1) * (b - a)))]
        o = occasions[n]
        o.row, o.product, o.category = people[x] - lo, q, category[q]
        o.key = entity_key(keys[x], product_key[q])
        o.channel, o.platform = channel, platform[x]
        o.price, o.hour, o.urgency = 0, -1.0, 0
        n += 1
    return shown, n
