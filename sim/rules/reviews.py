"""Reviews: who writes, what is shown, what a reader finds.

    opinion   o = centre + scale S         stars = clip(round(o), 1, 5)
    written   w.p. min(1, base + square (o - middle)^2), more by effect x reward for those it is promised
    shown     sum of 2^(-age/h) stars and 2^(-age/h); number, one with a picture counting ``image`` times
    read      mean of the newest ``depth`` up, pictures counting ``image`` times, what is missing at the usual rating

With centre 4, scale 1 and middle 4 these are the reviews of decision D10. With the middle at three stars writing is
U-shaped in the opinion (brag and moan): Hu, Pavlou & Zhang 2009.
Equations (56a), (56b), (56c), (56d) and (56e) of MODEL.md.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from sim.rng import entity_key, uniform
from sim.rules.experience import review_probability
from sim.rules.packed import QUALITY, code_of, number_of


@njit(cache=True)
def opinion(s: float, centre: float, scale: float) -> float:
    """What a buyer of satisfaction ``s`` thinks, in stars, not yet bounded."""
    return centre + scale * s


@njit(cache=True)
def given(o: float) -> int:
    """Stars given, 1..5, by somebody of opinion ``o``."""
    return int(min(5.0, max(1.0, round(o))))


@njit(cache=True)
def written(o: float, middle: float, base: float, square: float) -> float:
    """Probability of an unasked review."""
    return review_probability(o - middle, base, square)


@njit(nogil=True, cache=True)
def write(lived: Any, day: int, terms: Any, reward: Any, base: Any, out: Any, n: int, rating_sum: Any,
          review_count: Any, paid: Any) -> int:
    """Append the reviews of today's experiences ``lived`` to ``out`` from row ``n`` on; how many rows there are then.

    ``reward`` float64[P, 2]: added chance and fewest stars of the reward; ``paid`` int64[P] counts rewards due.
    """
    centre, scale, middle, low, square, image, asked_image = terms
    for x in range(len(lived)):
        e = lived[x]
        if e.sample:
            continue
        o = opinion(e.satisfaction, centre, scale)
        stars = given(o)
        who = entity_key(base, e.key)
        u, own = uniform(who, 0), written(o, middle, low, square)
        promised = reward[e.product, 0] > 0.0 and stars >= reward[e.product, 1]
        if u >= own + (reward[e.product, 0] if promised else 0.0):
            continue
        r = out[n]
        r.key = e.key
        r.consumer = e.consumer
        r.author = -1
        r.product = e.product
        r.day = day
        r.removed = -30000
        r.stars = stars
        r.image = uniform(who, 1) < (image if u < own else asked_image)
        r.kind = 0
        n += 1
        rating_sum[e.product] += stars
        review_count[e.product] += 1.0
        paid[e.product] += promised
    return n


@njit(nogil=True, cache=True)
def show(reviews: Any, day: int, half_life: float, image: float, stars: Any, weight: Any, volume: Any) -> None:
    """Add the reviews that are up to what is shown of each product, float64[P] each."""
    for x in range(len(reviews)):
        r = reviews[x]
        if r.removed > -30000:
            continue
        w = math.pow(2.0, -(day - r.day) / half_life)
        stars[r.product] += w * r.stars
        weight[r.product] += w
        volume[r.product] += image if r.image else 1.0


@njit(nogil=True, cache=True)
def pages(reviews: Any, depth: float, image: float, usual: Any) -> Any:
    """float64[P], what readers of the newest ``depth`` reviews find; ``usual`` stands in for those missing."""
    left = np.full(len(usual), depth)
    total, weight = np.zeros(len(usual)), np.zeros(len(usual))
    for x in range(len(reviews) - 1, -1, -1):
        r = reviews[x]
        if r.removed > -30000 or left[r.product] <= 0.0:
            continue
        w = min(1.0, left[r.product]) * (image if r.image else 1.0)
        left[r.product] -= 1.0
        total[r.product] += w * r.stars
        weight[r.product] += w
    for p in range(len(usual)):
        rest = max(0.0, left[p])
        total[p] = (total[p] + rest * usual[p]) / (weight[p] + rest)
    return total


@njit(inline="always")
def learn(expectation: Any, i: int, p: int, signal: float, share: float) -> None:
    """Move person i's expectation of product p a ``share`` of the way to ``signal``."""
    expected = number_of(expectation[i, p], QUALITY)
    expectation[i, p] = code_of(expected + share * (signal - expected), QUALITY)
