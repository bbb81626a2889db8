"""The workload in NumPy, with SciPy's sparse product for exposure: what a careful array programmer writes."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
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


def prepare(graph: Graph) -> Live:
    """The graph as a sparse matrix."""
    n = len(graph.indptr) - 1
    ones = np.ones(len(graph.indices), np.float32)
    matrix = csr_matrix((ones, graph.indices, graph.indptr.astype(np.int32)), shape=(n, n))
    price = np.array(PRICE, np.float32)

    def live(crowd: People, seed: int) -> Any:
        source = np.random.default_rng(seed)
        deaf = np.log1p(-PERSUASION * crowd.trust).astype(np.float32)
        utility = (crowd.utility - SENSITIVITY * np.array(PRICE)).astype(np.float32)
        budget = crowd.budget.astype(np.float32)
        adopted = np.zeros(n, bool)
        adopted[crowd.seeds] = True
        new = adopted.copy()

        def go(ticks: int) -> Story:
            nonlocal new, budget
            adopters, sold = [], np.zeros(4, np.int64)
            for _ in range(ticks):
                shares = new | (adopted & (source.random(n, np.float32) < KEEP_SHARING))
                k = matrix @ shares.astype(np.float32)
                chance = 1.0 - (1.0 - SPONTANEOUS) * np.exp(k * deaf)
                new = ~adopted & (source.random(n, np.float32) < chance)
                adopted[new] = True
                v = utility.copy()
                v[:, PROMOTED] += BUZZ * k + LOYALTY * adopted
                weight = np.cumsum(np.exp(v), axis=1)
                x = source.random(n, np.float32) * weight[:, 3]
                pick = (x[:, None] >= weight[:, :3]).sum(axis=1)
                budget += ALLOWANCE
                cost = price[pick]
                pays = cost <= budget
                budget -= cost * pays
                sold += np.bincount(pick[pays], minlength=4)
                adopters.append(int(adopted.sum()))
            return Story(adopters, sold.tolist())

        return go

    return live


if __name__ == "__main__":
    serve(prepare)
