"""Choosing: the systematic utility of a product, and how a group price is valued.

    V = b_j + taste - a price/ref + b_v ln rating + b_n ln(1+reviews) + b_a ln(1+A) + b_t T + b_fit fit
          + b_e (E - 1/2) + b_x X - b_wait days
    group  q V(price_g) + (1-q) V_fallback - b_w hours/24
    surplus  ref/a ln(1 + sum exp V)   yuan

b_e (perceived quality) is an addition to the design's equation: without it hype could only harm (see MODEL.md).
Sources: McFadden 1974; Bijmolt et al. 2005 (a); You et al. 2015 (b_v, b_n); Sethuraman et al. 2011 (b_a);
Small & Rosen 1981 (surplus); modes share a product's noise (decision D4).
Equations (39), (40), (41), (44) and (46) of MODEL.md.
"""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True)
def review_utility(rating: float, reviews: float, b_rating: float, b_reviews: float) -> float:
    """Utility of the displayed rating (1..5 stars) and the number of reviews shown."""
    return b_rating * math.log(rating) + b_reviews * math.log(1.0 + reviews)


@njit
def price_utility(price: float, reference: float, sensitivity: float) -> float:
    """Disutility of a price (same unit as the reference price); sensitivity is a_i per reference price."""
    return -sensitivity * price / reference


@njit
def belief_utility(
    adstock: float,
    trust: float,
    fit: float,
    expectation: float,
    experience: float,
    b_a: float,
    b_t: float,
    b_fit: float,
    b_e: float,
    b_x: float,
) -> float:
    """Utility of what the person believes: adstock (>=0), trust and fit (0..1), expectation (quality units),
    own past satisfaction (0 when none)."""
    return b_a * math.log(1.0 + adstock) + b_t * trust + b_fit * fit + b_e * (expectation - 0.5) + b_x * experience


@njit
def group_utility(completes: float, v_group: float, v_fallback: float, wait_hours: float, b_wait: float) -> float:
    """Value of trying for the group price, believed to complete with probability ``completes``."""
    return completes * v_group + (1.0 - completes) * v_fallback - b_wait * wait_hours / 24.0


@njit
def accept_probability(v_group: float, obligation: float, tie: float) -> float:
    """Probability that an invited friend joins at the group price: binary logit with social obligation x tie (0..1)."""
    return 1.0 / (1.0 + math.exp(-(v_group + obligation * tie)))


@njit
def surplus(sum_exp: float, reference: float, sensitivity: float) -> float:
    """Expected consumer surplus of an occasion, yuan, with the outside option at utility 0."""
    return reference / sensitivity * math.log(1.0 + sum_exp)
