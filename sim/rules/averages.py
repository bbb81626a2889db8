"""Sums over all people in one pass, without copies."""

from __future__ import annotations

from typing import Any

from numba import njit

from sim.rules.packed import FACTOR, number_of


@njit(nogil=True, cache=True, _nrt=False)
def mean_trust(good: Any, bad: Any, out: Any) -> None:
    """Fill float64[M], zeros, with the mean over people of good/(good + bad) evidence."""
    people, merchants = good.shape
    for i in range(people):
        for m in range(merchants):
            out[m] += good[i, m] / max(good[i, m] + bad[i, m], 1e-9)
    for m in range(merchants):
        out[m] /= max(people, 1)


@njit(nogil=True, cache=True, _nrt=False)
def worth_felt(lived: Any, sensitivity: Any, reference: Any, a_p: float, yuan: Any) -> int:
    """Fill ``yuan`` with the satisfaction of each experience of today, samples apart, at the money value of a unit of
    utility, reference price/a; how many there are."""
    n = 0
    for x in range(len(lived)):
        e = lived[x]
        if e["sample"] == 0:
            a = max(a_p * number_of(sensitivity[e["consumer"]], FACTOR), 1e-6)
            yuan[n] = reference[e["product"]] / a * e["satisfaction"]
            n += 1
    return n
