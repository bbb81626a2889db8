"""Classes of content and how alike posts are: what an exposure to each does, and what a further like post is worth.

    class        seed 种草, decision 决策, trust 信任, fission 裂变; each made by hand or by AI: eight kinds of post
    alike        of a post: the sum of its similarity to the others it competes with, each by what time has left of it
                 by hand rho (n - 1)+;  by AI rho_ai (A - 1)+ + rho n_hand        n = n_hand + n_ai of the cell, A by AI
                 in the category on the platform, of whatever merchant
    worth        sum w/(1 + alike):  with similarity rho throughout, n posts weigh n/(1 + rho (n - 1))
    believed     evidence + e (1 - T): news of trustworthiness moves what distrust is left

n/(1 + rho (n - 1)) is the effective number of n items of mutual correlation rho (Kish 1965, design effect): with
rho = 0 posts add up, with rho = 1 a thousand weigh as one. That posts follow it is an assumption of the model.
Equations (101), (102), (103) and (104) of MODEL.md.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from sim.rng import entity_key, uniform
from sim.rules.experience import faded, trust
from sim.rules.exposure import channel_of, count_of, platform_of, product_of, row_of
from sim.rules.packed import EVIDENCE, code_of, number_of

KINDS = 8
"""Class + 4 where a machine made it."""


@njit
def alike(by_hand: float, by_ai: float, ai_around: float, rho: float, rho_ai: float) -> tuple[float, float]:
    """Likeness of a post made by hand, and of one by AI, among so many of each in its cell, ``ai_around`` in the
    category."""
    return rho * max(0.0, by_hand + by_ai - 1.0), rho_ai * max(0.0, ai_around - 1.0) + rho * by_hand


@njit
def together(hand: float, machine: float, alike_hand: float, alike_ai: float) -> float:
    """Likeness of a cell in which posts by hand weigh ``hand``, those by AI ``machine`` (not both 0):
    weight / (1 + it) = hand/(1 + alike_hand) + machine/(1 + alike_ai)."""
    left = hand / (1.0 + alike_hand) + machine / (1.0 + alike_ai)
    return (hand + machine) / left - 1.0 if left > 0.0 else 0.0


@njit
def heard(i: int, m: int, day: int, good: float, bad: float, prior: Any, half_life: float, trust_good: Any,
          trust_bad: Any, since: Any) -> None:
    """Evidence of person i about merchant m as of today: ``good`` counts for what distrust is left, ``bad`` in full."""
    days = max(0.0, float(day - since[i, m]))
    a = faded(number_of(trust_good[i, m], EVIDENCE), prior[0], days, half_life)
    b = faded(number_of(trust_bad[i, m], EVIDENCE), prior[1], days, half_life)
    trust_good[i, m] = code_of(a + good * (1.0 - trust(a, b)), EVIDENCE)
    trust_bad[i, m] = code_of(b + bad, EVIDENCE)
    since[i, m] = day


@njit(nogil=True, cache=True)
def watch(lo: int, day: int, words: Any, channel: int, ids: Any, segment: Any, kinds: Any, at: Any, merchant: Any,
          aware: Any, evidence: float, discount: float, notice: float, hidden: float, share: Any, prior: Any,
          half_life: float, base: Any, flags: Any, trust_good: Any, trust_bad: Any, since: Any, passes: Any,
          became: Any, filled: int, tally: Any) -> int:
    """What the posts of a merchant's own account among ``words`` do to those who see them; how many became aware.

    ``kinds`` [S, P, KINDS]: cumulative shares of a cell's weight; ``aware`` [4] chance to make aware; ``evidence``
    for the merchant in a post of trust; a post by AI is noticed w.p. ``notice``, then counts ``1 - discount`` and
    ``hidden`` against the merchant; ``share`` [G] chance to pass a fission post on, noted in ``passes``.
    """
    for w in words:
        if channel_of(w) != channel:
            continue
        i, p, s, k = lo + row_of(w), product_of(w), platform_of(w), count_of(w)
        who, m = entity_key(entity_key(base, ids[i]), at[s, p]), merchant[p]
        u, kind = uniform(who, 0), 0
        while kind < 7 and u >= kinds[s, p, kind]:
            kind += 1
        sort, by_ai = kind % 4, kind >= 4
        if not flags[i, p] & 1 and uniform(who, 1) < 1.0 - (1.0 - aware[sort]) ** k:
            flags[i, p] |= 1
            became[filled] = w
            filled += 1
            tally[p] += 1
        noticed = by_ai and uniform(who, 2) < 1.0 - (1.0 - notice) ** k
        good = evidence * k if sort == 2 else 0.0
        bad = hidden if noticed else 0.0
        if noticed:
            good *= 1.0 - discount
        if good > 0.0 or bad > 0.0:
            heard(i, m, day, good, bad, prior, half_life, trust_good, trust_bad, since)
        if sort == 3 and uniform(who, 3) < 1.0 - (1.0 - share[segment[i]]) ** k:
            passes[i, p] = 1
    return filled
