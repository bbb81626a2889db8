"""What a good cause is worth to a buyer, and how a claim is believed.

    premium      w(s) = w_max s/(s + h) of the price, for a share s given (half of it at s = h)
    worth        a_i/ref x price x premium x care_i x T_im x belief_im      utils, added to the own taste
    belief       B <- B + w (truth - B) on a report read;  B <- B (1 - shock) on news of a false claim

A yuan of premium is worth what a yuan off the price is worth to that person. The premium is concave and less than what
is given: a tenth given earned 6 % more, all of it 11 %, with the mean bidder (Elfenbein & McManus 2010).
Equations (112), (113) and (114) of MODEL.md.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from sim.rng import entity_key, uniform
from sim.rules.experience import trust
from sim.rules.packed import EVIDENCE, FACTOR, SHARE, TASTE, code_of, number_of


@njit
def premium(share: float, most: float, half: float) -> float:
    """Part of the price that a donation of ``share`` of it is worth to who cares and believes wholly."""
    return most * share / (share + half) if share > 0.0 else 0.0


@njit(nogil=True, cache=True)
def lean(worth: Any, reward: Any, merchant: Any, sensitivity: Any, a_p: float, care: Any, belief: Any, good: Any,
         bad: Any, tier: Any, taste: Any, held: Any) -> None:
    """Put what causes are worth today into ``taste`` [N, P]; ``held`` int16[N, P] is what of it is theirs so far.

    ``worth`` and ``reward`` float64[P], in reference prices: to who cares and believes, and to members for sure.
    """
    for i in range(len(care)):
        a = a_p * number_of(sensitivity[i], FACTOR)
        for p in range(len(worth)):
            before = int(held[i, p])
            gain = 0.0
            m = merchant[p]
            if worth[p] > 0.0:
                t = trust(number_of(good[i, m], EVIDENCE), number_of(bad[i, m], EVIDENCE))
                gain = worth[p] * number_of(care[i], SHARE) * t * number_of(belief[i, m], SHARE)
            if reward[p] > 0.0 and len(tier) > 0 and tier[i, m] > 0:
                gain += reward[p]
            if gain == 0.0 and before == 0:
                continue
            drawn = int(taste[i, p]) - before
            now = min(int(TASTE.top), drawn + int(a * gain / TASTE.step + 0.5))
            taste[i, p] = now
            held[i, p] = now - drawn


@njit(nogil=True, cache=True)
def report(ids: Any, key: Any, m: int, truth: float, others: float, customers: float, weight: float, orders_with: Any,
           base: Any, belief: Any) -> int:
    """Some people read that ``truth`` of a promise was kept; how many."""
    read = 0
    for i in range(len(ids)):
        if uniform(entity_key(base, ids[i]), key) < (customers if orders_with[i, m] > 0 else others):
            b = number_of(belief[i, m], SHARE)
            belief[i, m] = code_of(b + weight * (truth - b), SHARE)
            read += 1
    return read


@njit(nogil=True, cache=True)
def disbelieve(told: Any, known: Any, false: Any, shock: float, belief: Any) -> None:
    """Who hears the bad news of a merchant whose claim is false loses the belief in it, once."""
    for i in range(told.shape[0]):
        for m in range(told.shape[1]):
            if told[i, m] and not known[i, m]:
                known[i, m] = 1
                if false[m]:
                    belief[i, m] = code_of(number_of(belief[i, m], SHARE) * (1.0 - shock), SHARE)
