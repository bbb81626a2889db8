"""Finding a place in a sorted list."""

from __future__ import annotations

from typing import Any

from numba import njit


@njit(nogil=True, cache=True)
def first_at_least(values: Any, start: int, stop: int, wanted: Any) -> int:
    """First position in the ascending ``values[start:stop]`` that holds ``wanted`` or more; ``stop`` when none does."""
    low, high = start, stop
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low
