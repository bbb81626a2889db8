"""How strong each tie is, as kernels ask for it: stored edge by edge, or implied by the communities.

Communities are runs of rows, so where no file says otherwise a tie has one of two strengths: one inside a community,
another across. Two numbers and the first row of each community then stand for what would be five bytes an edge and
four a person. In a kernel, once a person and once a tie::

    home = circle(ties, i)
    for e in range(indptr[i], indptr[i + 1]):
        ... tie(ties, e, home) ...
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.rules.search import first_at_least

STRONG = 0.5
"""A stored tie is called strong from this strength on."""


class Ties(NamedTuple):
    """``indices`` uint32[2 ties], the friends; ``stored`` float32[2 ties], their strength, or empty when it is implied:
    ``inside`` for friends of one community, ``across`` for others. ``starts`` int64[communities + 1], ascending."""

    indices: NDArray[np.uint32]
    stored: NDArray[np.float32]
    starts: NDArray[np.int64]
    inside: float
    across: float


@njit
def circle(ties: Any, i: int) -> Any:
    """First row of the community of person i and of the next one."""
    c = first_at_least(ties.starts, 0, len(ties.starts), i + 1)
    return ties.starts[c - 1], ties.starts[c]


@njit
def tie(ties: Any, e: int, home: Any) -> Any:
    """Strength of tie e of a person whose :func:`circle` is ``home``."""
    if len(ties.stored) > 0:
        return np.float64(ties.stored[e])
    j = np.int64(ties.indices[e])
    return ties.inside if home[0] <= j and j < home[1] else ties.across


@njit
def is_strong(ties: Any, e: int, home: Any) -> Any:
    """Whether tie e is strong: inside the community or, where strength is stored, at least ``STRONG``."""
    if len(ties.stored) > 0:
        return ties.stored[e] >= STRONG
    j = np.int64(ties.indices[e])
    return home[0] <= j and j < home[1]


@njit(cache=True, nogil=True)
def every_strength(indptr: Any, ties: Any, out: Any) -> None:
    """Fill float32[2 ties] with the strength of every tie."""
    for c in range(len(ties.starts) - 1):
        home = ties.starts[c], ties.starts[c + 1]
        for e in range(indptr[home[0]], indptr[home[1]]):
            out[e] = tie(ties, e, home)


@njit(cache=True, nogil=True)
def every_strong(indptr: Any, ties: Any, out: Any) -> int:
    """Fill uint8[2 ties] with 1 for every strong tie; how many they are."""
    count = 0
    for c in range(len(ties.starts) - 1):
        home = ties.starts[c], ties.starts[c + 1]
        for e in range(indptr[home[0]], indptr[home[1]]):
            strong = is_strong(ties, e, home)
            count += strong
            if len(out) > 0:
                out[e] = strong
    return count
