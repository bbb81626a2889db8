"""The utility of one product to one person, put together from columns: used by choice and by invitees of a group.

The equation is in :mod:`sim.rules.choice`; this file only says where its symbols stand.
Equation (39) of MODEL.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from sim.rules.choice import belief_utility
from sim.rules.experience import trust
from sim.rules.honesty import assured
from sim.rules.memory import faded_by
from sim.rules.packed import ADSTOCK, EVIDENCE, FACTOR, FELT, FIT, QUALITY, TASTE, number_of


class Beliefs(NamedTuple):
    """Columns a person judges by, as they are kept (:mod:`sim.rules.packed`); [N, P] but for sensitivity and
    region [N], fit [N, C], good and bad [N, M]."""

    taste: Any
    sensitivity: Any
    fit: Any
    adstock: Any
    last_exposure: Any
    expectation: Any
    experience: Any
    good: Any
    bad: Any
    region: Any


class Shelf(NamedTuple):
    """What people see of the products today, over P: ``shown`` [regions, P] utils of appeal, rating, reviews and
    delivery time; prices in yuan per reference price; ``cover`` [M] the share of distrust that guarantees make up."""

    shown: Any
    price: Any
    group_price: Any
    category: Any
    merchant: Any
    cover: Any


class Tastes(NamedTuple):
    """Coefficients of the choice model, utils; what is left of adstock by days (:func:`sim.rules.memory.fading`)."""

    a_p: float
    b_a: float
    b_t: float
    b_fit: float
    b_e: float
    b_x: float
    left: Any


@njit(inline="always")
def price_sensitivity(i: int, beliefs: Beliefs, tastes: Tastes) -> float:
    """Disutility (utils) of a price as high as the reference price to person i."""
    return tastes.a_p * number_of(beliefs.sensitivity[i], FACTOR)


@njit(inline="always")
def systematic(i: int, p: int, day: int, beliefs: Beliefs, shelf: Shelf, tastes: Tastes) -> float:
    """Utility of product p to person i before price (utils)."""
    m = shelf.merchant[p]
    stock = number_of(beliefs.adstock[i, p], ADSTOCK)
    if stock > 0.0:
        stock = faded_by(stock, day - beliefs.last_exposure[i, p], tastes.left)
    own: float = number_of(beliefs.taste[i, p], TASTE) + shelf.shown[beliefs.region[i], p]
    return own + belief_utility(
        stock,
        assured(trust(number_of(beliefs.good[i, m], EVIDENCE), number_of(beliefs.bad[i, m], EVIDENCE)), shelf.cover[m]),
        number_of(beliefs.fit[i, shelf.category[p]], FIT),
        number_of(beliefs.expectation[i, p], QUALITY),
        number_of(beliefs.experience[i, p], FELT),
        tastes.b_a,
        tastes.b_t,
        tastes.b_fit,
        tastes.b_e,
        tastes.b_x,
    )
