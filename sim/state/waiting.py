"""Waiting in one line for the first free of several servers; who waits longer than patience leaves unserved."""

from __future__ import annotations

import heapq

import numpy as np


def wait_in_line(arrival: np.ndarray, service: np.ndarray, patience: np.ndarray, free: list[float]) -> np.ndarray:
    """Time each waits, or would have waited, float64[n]; first come, first served.

    ``arrival`` (ascending), ``service`` and ``patience`` float64[n] in one unit of time. ``free``: a heap of the times
    at which the servers are free, updated, so that a line goes on overnight. Who would wait longer than her patience
    leaves and takes no server's time (M/M/c+M of Palm, where the times are exponential).
    """
    wait = np.empty(len(arrival))
    for k in range(len(arrival)):
        start = max(arrival[k], free[0])
        wait[k] = start - arrival[k]
        if wait[k] <= patience[k]:
            heapq.heapreplace(free, start + service[k])
    return wait
