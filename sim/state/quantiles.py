"""Inverse CDFs of many people at once: a table does what SciPy would, to the last bit of a float32.

An inverse of the incomplete beta function costs a microsecond, a hundred times the rest of a person. On each octave of
u and of 1-u such a function is smooth, so a polynomial of degree 7 on each sixteenth of an octave meets it to about
1e-13. Where a value that far off could round to another float32, and in the far tails, SciPy itself is asked (about
one value in three thousand): the result is SciPy's rounded to float32, whatever the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

Inverse = Callable[..., NDArray[np.float64]]

WORTH = 4096
"""From this many values on a table is made, which costs as much as about five thousand of them."""

OCTAVES, PARTS, NODES = 16, 16, 8
LEAST_ERROR, MOST_ERROR = 1e-11, 1e-9
"""Relative error allowed for at least, which takes in SciPy's own; one measured above the other makes no table."""


def quantiles(inverse: Inverse, shape: tuple[float, ...], u: NDArray[np.float64], over: float = 1.0,
              times: NDArray[np.float64] | None = None) -> NDArray[np.float32]:  # fmt: skip
    """float32[n, k], ``inverse(*shape, u) / over * times[:, None]``. ``u`` float64[n, k] in [0, 1); ``times`` [n]."""
    factor = np.ones(len(u)) if times is None else times

    def exactly(rows: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float32]:
        return np.asarray(inverse(*shape, values) / over * factor[rows], np.float32)

    table, error = _table(inverse, shape) if u.size >= WORTH else (np.empty(0), 1.0)
    if error > MOST_ERROR:
        rows = np.repeat(np.arange(len(u)), u.shape[1])
        return exactly(rows, u.reshape(-1)).reshape(u.shape)
    made = _look_up(table, np.ascontiguousarray(u), over, np.ascontiguousarray(factor, np.float64), error)
    unsure = np.nonzero(np.isnan(made))
    made[unsure] = exactly(unsure[0], u[unsure])
    return np.asarray(made)


@lru_cache(maxsize=64)
def _table(inverse: Inverse, shape: tuple[float, ...]) -> tuple[NDArray[np.float64], float]:
    """Coefficients float64[2, OCTAVES, PARTS, NODES] by growing power, and the largest relative error allowed for."""
    angles = np.cos(math.pi * (np.arange(NODES) + 0.5) / NODES)
    places = np.concatenate([angles, [-0.96, 0.0, 0.96]])
    edge = 0.5 + 0.5 * (np.arange(PARTS)[:, None] + 0.5 + 0.5 * places) / PARTS
    t = np.ldexp(edge, -1 - np.arange(OCTAVES)[:, None, None])
    u = np.stack([t, 1.0 - t])
    wanted = inverse(*shape, u)
    t = np.stack([u[0], 1.0 - u[1]])  # as a draw so near to 1 can be told
    z = _place(np.ldexp(t, 1 + np.arange(OCTAVES)[:, None, None])) - 2.0 * np.arange(PARTS)[:, None] - 1.0
    powers = z[..., None] ** np.arange(NODES)
    table = np.linalg.solve(powers[..., :NODES, :], wanted[..., :NODES, None])[..., 0]
    with np.errstate(all="ignore"):
        error = float(np.abs(np.einsum("...ij,...j->...i", powers, table) / wanted - 1.0).max())
    return np.asarray(table, np.float64), max(LEAST_ERROR, 10.0 * error) if error == error else 1.0


def _place(mantissa: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((mantissa - 0.5) * (4.0 * PARTS))


@njit(nogil=True, cache=True)
def _look_up(table, u, over, factor, error):  # type: ignore[no-untyped-def]
    """float32[n, k], NaN where the table cannot tell the last bit."""
    out = np.empty(u.shape, np.float32)
    for i in range(u.shape[0]):
        for k in range(u.shape[1]):
            side = int(u[i, k] > 0.5)
            mantissa, power = math.frexp(1.0 - u[i, k] if side else u[i, k])
            out[i, k] = np.nan
            octave = -1 - power
            if octave < 0 or octave >= OCTAVES or mantissa <= 0.0:
                continue
            place = (mantissa - 0.5) * (4.0 * PARTS)
            part = min(int(0.5 * place), PARTS - 1)
            row = table[side, octave, part]
            z = place - 2.0 * part - 1.0
            value = row[NODES - 1]
            for d in range(NODES - 2, -1, -1):
                value = value * z + row[d]
            value = value / over * factor[i]
            low = np.float32(value * (1.0 - error))
            if low == np.float32(value * (1.0 + error)):
                out[i, k] = low
    return out
