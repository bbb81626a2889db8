"""Shapley's value: sharing a total among players who act together, each by its mean marginal part over all orders.

A coalition is an int whose bit k says that player k is in it. Values are floats or arrays (one number a replication);
everything here is linear in them, so the parts of every replication sum to its own total.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import factorial
from typing import Any

import numpy as np

EXACT_UP_TO = 5
"""Players for which every coalition is run; beyond, orders are sampled (decision D20)."""

_SEED = 20_240_229


def exact(values: Mapping[int, Any], n: int) -> list[Any]:
    """Each player's part of ``values[all] - values[none]``; ``values`` has all 2^n coalitions (Shapley 1953)."""
    weight = [factorial(size) * factorial(n - size - 1) / factorial(n) for size in range(n)] if n else []
    return [
        sum(weight[mask.bit_count()] * (values[mask | 1 << k] - values[mask])
            for mask in range(1 << n) if not mask >> k & 1)
        for k in range(n)
    ]  # fmt: skip


def orders(n: int, count: int) -> list[tuple[int, ...]]:
    """``count`` orders of n players, each random one followed by its reverse, the same on every call.

    A player early in one is late in the other, which takes much of the noise out (antithetic sampling; Mitchell,
    Cooper, Frank and Holmes 2022, JMLR 23). ``count`` is made even.
    """
    rng = np.random.default_rng(_SEED)
    made: list[tuple[int, ...]] = []
    while len(made) < count:
        order = tuple(int(k) for k in rng.permutation(n))
        made += [order, order[::-1]]
    return made


def coalitions(n: int, chosen: list[tuple[int, ...]] | None) -> list[int]:
    """The coalitions whose values are needed: all of them, or those that the chosen orders pass through."""
    if chosen is None:
        return list(range(1 << n))
    seen = {0}
    for order in chosen:
        mask = 0
        for k in order:
            mask |= 1 << k
            seen.add(mask)
    return sorted(seen)


def sampled(values: Mapping[int, Any], chosen: list[tuple[int, ...]]) -> tuple[list[Any], list[Any]]:
    """Each player's mean marginal part over the chosen orders, and its standard error from the choice of orders.

    Along one order the marginal parts telescope, so the parts sum exactly to the total whatever orders were chosen. The
    error counts an order and its reverse as one draw.
    """
    n = len(chosen[0])
    marginal: list[list[Any]] = [[] for _ in range(n)]
    for order in chosen:
        mask = 0
        for k in order:
            marginal[k].append(values[mask | 1 << k] - values[mask])
            mask |= 1 << k
    parts = [sum(one) / len(one) for one in marginal]
    errors = []
    for one in marginal:
        pairs = np.array([(np.mean(x) + np.mean(y)) / 2 for x, y in zip(one[::2], one[1::2], strict=True)])
        errors.append(float(pairs.std(ddof=1) / np.sqrt(len(pairs))) if len(pairs) > 1 else float("nan"))
    return parts, errors
