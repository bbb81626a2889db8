"""What a feed does to variety: how unequal attention is between products, and how far segments see different things.

    gini            of impressions over products; 0 equal, towards 1 all for one              (Gini 1912)
    top_share       share of impressions that the most shown product has
    effective       1 / sum share^2, the number of equal products of the same concentration   (Hirschman-Herfindahl)
    kinds           exp(entropy of categories among a person's exposures of late), mean over people who saw something
    bubble          Jensen-Shannon divergence, bits, of what segments see, weighted by how much they see (0: the same)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import COUNT
from sim.state.columns import numbers


def gini(values: np.ndarray) -> float:
    """Gini coefficient of non-negative numbers; 0 when all are 0."""
    x = np.sort(np.asarray(values, float))
    total = x.sum()
    if total <= 0:
        return 0.0
    n = len(x)
    return float((2.0 * np.arange(1, n + 1) - n - 1) @ x / (n * total))


def entropy(shares: np.ndarray) -> np.ndarray:
    """Entropy in nats of shares along the last axis."""
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(-(shares * logs).sum(axis=-1))


def diversity(market: Any, last: int = 28) -> dict[str, float]:
    """The five numbers above; impressions of the ``last`` days lived, and exposures of late in people's memory."""
    book, world = market.book, market.world
    shown = book.tally[max(0, book.days - last) : book.days, COUNT["impressions"]].sum(axis=(0, 2))
    share = shown / max(1, shown.sum())
    seen = np.asarray(numbers(market.state.columns, "recent"), float)
    kinds = range(len(world.categories))
    by_kind = np.stack([seen[:, world.products.category == k].sum(axis=1) for k in kinds], axis=1)
    saw = by_kind.sum(axis=1) > 0
    mine = by_kind[saw] / by_kind[saw].sum(axis=1, keepdims=True)
    return {
        "gini": gini(shown),
        "top_share": float(share.max(initial=0.0)),
        "effective": float(1.0 / max((share**2).sum(), 1e-300)) if shown.any() else 0.0,
        "kinds": float(np.exp(entropy(mine)).mean()) if saw.any() else 0.0,
        "bubble": _bubble(seen, market.state.columns["segment"], len(world.segments)),
    }


def _bubble(seen: np.ndarray, segment: np.ndarray, segments: int) -> float:
    sums = np.stack([seen[segment == g].sum(axis=0) for g in range(segments)])
    weight = sums.sum(axis=1)
    if weight.sum() <= 0:
        return 0.0
    weight = weight / weight.sum()
    rows = sums / np.maximum(sums.sum(axis=1, keepdims=True), 1e-300)
    return float((entropy(weight @ rows) - weight @ entropy(rows)) / np.log(2.0))


__all__ = ["diversity", "entropy", "gini"]
