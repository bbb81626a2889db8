"""Putting a day's rows in order in linear time."""

from __future__ import annotations

from typing import Any

from numba import njit

NEAR = 12
"""People whose rows agree but for this many low bits are neighbours: their columns fit into a core's cache together."""


@njit(nogil=True, cache=True, _nrt=False)
def counted(place: Any, start: Any, turn: Any) -> None:
    """Fill ``turn`` int64[n] with the stable order of rows by their place 0..places-1. ``start`` int64[places + 1],
    zeros."""
    for k in place:
        start[k + 1] += 1
    for k in range(len(start) - 1):
        start[k + 1] += start[k]
    for x in range(len(place)):
        turn[start[place[x]]] = x
        start[place[x]] += 1


@njit(nogil=True, cache=True, _nrt=False)
def by_time(hour: Any, key: Any, start: float, hours: float, place: Any, counts: Any, turn: Any) -> None:
    """Fill ``turn`` int64[n] with the order by (hour, key), ties as they stand. Linear for hours spread over [start,
    start + hours). ``place`` int64[n] and ``counts`` int64[n + 1], zeros, are room to work in."""
    n = len(hour)
    for x in range(n):
        place[x] = min(n - 1, max(0, int((hour[x] - start) / hours * n)))
    counted(place, counts, turn)
    for x in range(1, n):
        who, y = turn[x], x
        while y > 0:
            before = turn[y - 1]
            if hour[before] < hour[who] or (hour[before] == hour[who] and key[before] <= key[who]):
                break
            turn[y] = before
            y -= 1
        turn[y] = who


@njit(nogil=True, cache=True, _nrt=False)
def by_neighbours(person: Any, place: Any, counts: Any, turn: Any) -> None:
    """Fill ``turn`` int64[n] with a stable order that brings neighbours together, so that work on their columns stays
    in the cache. ``place`` int64[n] and ``counts``, a zero more than there are neighbourhoods, are room to work in."""
    for x in range(len(person)):
        place[x] = person[x] >> NEAR
    counted(place, counts, turn)
