"""Moving shares of a budget to what returned more: multiplicative weights."""

from __future__ import annotations

import numpy as np


def moved_weights(share: np.ndarray, earned: np.ndarray, spent: np.ndarray, rate: float, floor: float) -> np.ndarray:
    """New shares, summing to one. A channel that spent nothing keeps its weight; one without a share never gets any.

    w exp(rate (r/mean - 1)), r = earned/spent and mean that of all channels together; then at least ``floor``, taken
    from the others in proportion. Of two channels with lasting returns the odds grow by exp(rate (r1 - r2)/mean).
    """
    live = share > 0.0
    mean = earned[live].sum() / max(spent[live].sum(), 1e-12)
    if mean <= 0.0:
        return share
    tried = live & (spent > 0.0)
    score = np.zeros(len(share))
    score[tried] = earned[tried] / spent[tried] / mean - 1.0
    weight = np.where(live, share * np.exp(rate * np.minimum(score, 10.0)), 0.0)
    weight /= weight.sum()
    low = live & (weight < floor)
    while low.any() and not low.all():
        rest = live & ~low
        weight[low] = floor
        weight[rest] *= (1.0 - floor * low.sum()) / weight[rest].sum()
        more = rest & (weight < floor)
        if not more.any():
            break
        low |= more
    return weight
