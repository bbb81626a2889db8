"""What a delivery is told: its parameters, its keys, the columns of the people it changes."""

from __future__ import annotations

from typing import Any, NamedTuple


class Terms(NamedTuple):
    """The parameters a delivery needs, as numbers. ``lapse`` is the slope c_S, negative when nobody ever lapses."""

    theta: float
    return_base: float
    return_slope: float
    return_urgency: float
    review_base: float
    review_square: float
    expectation_rate: float
    experience_rate: float
    late_penalty: float
    problem_loss: float
    half_life: float
    trust_bad: float
    bad_below: float
    prior_good: float
    prior_bad: float
    lapse: float


class Keys(NamedTuple):
    """Day-less keys of the streams, to be combined with the order's key."""

    quality: Any
    fit: Any
    returns: Any
    review: Any
    lapse: Any
    refusal: Any
    parcel: Any


class Wares(NamedTuple):
    """What is known of the products: whose they are, what they hold for sure and how it spreads, [P] each."""

    merchant: Any
    quality: Any
    spread: Any
    fit_sd: Any


class People(NamedTuple):
    """The columns of the people that a delivery changes: [N, P] the first three, [N, M] the others; and where
    they live [N]."""

    expectation: Any
    experience: Any
    last_delivery: Any
    alive: Any
    lapse_p: Any
    trust_good: Any
    trust_bad: Any
    trust_day: Any
    region: Any
