"""Sums over all people in one pass, without copies."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def mean_trust(good: Any, bad: Any) -> Any:
    """float64[M], the mean over people of good/(good + bad) evidence."""
    people, merchants = good.shape
    out = np.zeros(merchants)
    for i in range(people):
        for m in range(merchants):
            out[m] += good[i, m] / max(good[i, m] + bad[i, m], 1e-9)
    return out / max(people, 1)
