"""One product in several places: where a person orders it.

    u_l = -a price_l / ref - b_wait (days_l - days) - friction [l is not where she is]
    a click takes the listing in place, where there is one; otherwise, and on a need, the listing of highest u_l

Listings share the product's noise, as modes of buying do. Source: decision D27 (forms and friction assumed).
Equations (117) and (118) of MODEL.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit


class Listed(NamedTuple):
    """Listings of the day, those of product p from ``first[p]`` to ``first[p + 1]``: ``platform``, ``price`` (fen),
    ``toll`` (util, for a wait longer than usual; negative for a shorter). ``friction``: util of another place."""

    first: Any
    platform: Any
    price: Any
    toll: Any
    friction: float


@njit(inline="always")
def best_listing(p: int, here: int, click: bool, sensitivity: float, reference: float,
                 listed: Any) -> tuple[int, float]:
    """Which listing of product p (it has one) a person at the place ``here`` takes, and what that costs her beside the
    price, util. ``sensitivity`` in util per ``reference`` price (fen)."""
    won, most, beside = -1, 0.0, 0.0
    for k in range(listed.first[p], listed.first[p + 1]):
        away = listed.platform[k] != here
        toll = listed.toll[k] + (listed.friction if away else 0.0)
        u = -sensitivity * listed.price[k] / reference - toll
        if won < 0 or u > most:
            won, most, beside = k, u, toll
        if click and not away:
            won, beside = k, toll
            break
    return won, beside
