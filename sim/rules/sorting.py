"""Putting a day's rows in order in linear time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

NEAR = 12
"""People whose rows agree but for this many low bits are neighbours: their columns fit into a core's cache together."""


@njit(nogil=True, cache=True)
def _counted(place: Any, places: int) -> Any:
    """Stable order of rows by their place 0..places-1: int64[n]."""
    start = np.zeros(places + 1, np.int64)
    for k in place:
        start[k + 1] += 1
    for k in range(places):
        start[k + 1] += start[k]
    turn = np.empty(len(place), np.int64)
    for x in range(len(place)):
        turn[start[place[x]]] = x
        start[place[x]] += 1
    return turn


@njit(nogil=True, cache=True)
def by_time(hour: Any, key: Any, start: float, hours: float) -> Any:
    """Order by (hour, key), ties as they stand: int64[n]. Linear for hours spread over [start, start + hours)."""
    n = len(hour)
    place = np.empty(n, np.int64)
    for x in range(n):
        place[x] = min(n - 1, max(0, int((hour[x] - start) / hours * n)))
    turn = _counted(place, n)
    for x in range(1, n):
        who, y = turn[x], x
        while y > 0:
            before = turn[y - 1]
            if hour[before] < hour[who] or (hour[before] == hour[who] and key[before] <= key[who]):
                break
            turn[y] = before
            y -= 1
        turn[y] = who
    return turn


@njit(nogil=True, cache=True)
def by_neighbours(person: Any, people: int) -> Any:
    """Stable order that brings neighbours together, so that work on their columns stays in the cache: int64[n]."""
    place = np.empty(len(person), np.int64)
    for x in range(len(person)):
        place[x] = person[x] >> NEAR
    return _counted(place, (people >> NEAR) + 1)
