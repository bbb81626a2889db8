"""The workload in the engine's own style: keyed draws, compact columns, push from a list of sharers, one pass a tick.

Every draw is a function of (seed, tick, person), so the story is the same whatever the order of people. Adoption and
sharing exclude each other, so they take the first uniform of a person's hash; the choice takes the second.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from workload import (
    ALLOWANCE,
    BUZZ,
    KEEP_SHARING,
    LOYALTY,
    PERSUASION,
    PRICE,
    PROMOTED,
    SENSITIVITY,
    SPONTANEOUS,
    Graph,
    Live,
    People,
    Story,
    serve,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from sim.rng import Stream, day_key, uniform_pair  # this project, not what happens to be installed

from numba import njit  # isort: skip  (after the cache has its place)
from sim.rules.fastmath import exp32

F = np.float32
BLOCK = 2048
NOT_YET = F(1 - SPONTANEOUS)
KEEP, MORE, LOYAL, ALLOWED = F(KEEP_SHARING), F(BUZZ), F(LOYALTY), F(ALLOWANCE)
P1, P2, P3 = (F(p) for p in PRICE[1:])
ZERO = F(0)


@njit(nogil=True)
def push(sharers: Any, count: int, indptr: Any, indices: Any, heard: Any) -> None:
    """Count an exposure at every neighbour of the first ``count`` sharers."""
    for s in range(count):
        i = sharers[s]
        for e in range(indptr[i], indptr[i + np.uint32(1)]):
            heard[indices[e]] += np.uint16(1)


@njit(nogil=True)
def draw(key: np.uint64, lo: int, u: Any, w: Any) -> None:
    """Two uniforms a person, ids from ``lo``."""
    for r in range(len(u)):
        u[r], w[r] = uniform_pair(key, lo + r)


@njit(nogil=True)
def resist(heard: Any, deaf: Any, k: Any, stays: Any) -> None:
    """Exposures as a number, and the probability of not adopting in spite of them: .9995 (1 - .06 trust)^k."""
    for r in range(len(k)):
        k[r] = F(heard[r])
        stays[r] = NOT_YET * exp32(F(heard[r]) * deaf[r])


@njit(nogil=True)
def adopt(u: Any, stays: Any, adopted: Any, shares: Any) -> None:
    """Who has adopted now, and who shares in the next tick: the new, and some of the old."""
    for r in range(len(u)):
        had = adopted[r]
        has = had | np.uint8(u[r] >= stays[r])
        shares[r] = (has ^ had) | (had & np.uint8(u[r] < KEEP))
        adopted[r] = has


@njit(nogil=True)
def choose(w: Any, k: Any, adopted: Any, v0: Any, v1: Any, v2: Any, v3: Any, pick: Any) -> None:
    """Which of four products, a logit; ``v`` utilities after prices."""
    for r in range(len(w)):
        e0 = exp32(v0[r])
        e1 = e0 + exp32(v1[r] + MORE * k[r] + LOYAL * F(adopted[r]))
        e2 = e1 + exp32(v2[r])
        x = w[r] * (e2 + exp32(v3[r]))
        pick[r] = np.uint8(x >= e0) + np.uint8(x >= e1) + np.uint8(x >= e2)


@njit(nogil=True)
def pay(pick: Any, budget: Any) -> None:
    """Buy if the budget allows; what is not bought becomes product 4."""
    for r in range(len(pick)):
        j = pick[r]
        price = (P1 if j >= 1 else ZERO) + (P2 - P1 if j >= 2 else ZERO) + (P3 - P2 if j >= 3 else ZERO)
        have = budget[r] + ALLOWED
        pays = have >= price
        budget[r] = have - (price if pays else ZERO)
        pick[r] = j if pays else np.uint8(4)


@njit(nogil=True)
def count_of(values: Any, which: int) -> int:
    """How often a value occurs."""
    total = 0
    for r in range(len(values)):
        total += values[r] == which
    return total


@njit(nogil=True)
def tick(key: np.uint64, n: int, sharers: Any, heard: Any, deaf: Any, v0: Any, v1: Any, v2: Any, v3: Any, budget: Any,
         adopted: Any, sold: Any) -> tuple[int, int]:
    """Everybody's tick, by blocks that stay in the nearest cache; gives the next sharers and today's adopters.

    Each step is a loop of its own without branches, which the compiler turns into vector instructions.
    """
    u, w, k, stays = np.empty(BLOCK, F), np.empty(BLOCK, F), np.empty(BLOCK, F), np.empty(BLOCK, F)
    shares, pick = np.empty(BLOCK, np.uint8), np.empty(BLOCK, np.uint8)
    count, adopters = 0, 0
    for lo in range(0, n, BLOCK):
        hi = min(n, lo + BLOCK)
        m = hi - lo
        mine = adopted[lo:hi]
        draw(key, lo, u[:m], w[:m])
        resist(heard[lo:hi], deaf[lo:hi], k[:m], stays[:m])
        heard[lo:hi] = 0
        adopt(u[:m], stays[:m], mine, shares[:m])
        choose(w[:m], k[:m], mine, v0[lo:hi], v1[lo:hi], v2[lo:hi], v3[lo:hi], pick[:m])
        pay(pick[:m], budget[lo:hi])
        for j in range(4):
            sold[j] += count_of(pick[:m], j)
        adopters += count_of(mine, 1)
        for r in range(m):
            sharers[count] = np.uint32(lo + r)
            count += shares[r]
    return count, adopters


def prepare(graph: Graph) -> Live:
    """Unsigned ids and 32-bit edge pointers where they suffice."""
    n = len(graph.indptr) - 1
    indices = graph.indices.astype(np.uint32)
    indptr = graph.indptr.astype(np.uint32 if graph.indptr[-1] < 2**32 else np.uint64)

    def live(crowd: People, seed: int) -> Any:
        deaf = np.log1p(-PERSUASION * crowd.trust).astype(F)
        v = [(crowd.utility[:, j] - SENSITIVITY * PRICE[j]).astype(F) for j in range(4)]
        assert PROMOTED == 1
        budget = crowd.budget.astype(F)
        adopted = np.zeros(n, np.uint8)
        adopted[crowd.seeds] = 1
        sharers = np.zeros(n + 1, np.uint32)
        sharers[: len(crowd.seeds)] = crowd.seeds
        heard = np.zeros(n, np.uint16)

        def go(ticks: int) -> Story:
            sold, adopters, count = np.zeros(4, np.int64), [], len(crowd.seeds)
            for day in range(ticks):
                push(sharers, count, indptr, indices, heard)
                count, total = tick(day_key(seed, Stream.CHOICE, day), n, sharers, heard, deaf, *v, budget, adopted,
                                    sold)  # fmt: skip
                adopters.append(total)
            return Story(adopters, sold.tolist())

        return go

    return live


if __name__ == "__main__":
    serve(prepare)
