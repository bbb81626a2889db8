"""Numbers kept as small whole ones: a code, a step and a lowest value (decision D17).

    value = low + step x code          code = (value - low)/step rounded, within 0 .. top

Rules compute with values in float64; only what is kept is rounded, to half a step at most.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit


class Packed(NamedTuple):
    """How a column keeps its numbers. ``top`` is the highest code; the type of the column must hold it."""

    step: float
    low: float
    top: float


_U8, _U16 = 255.0, 65535.0
SHARE = Packed(1 / _U16, 0.0, _U16)
"""A share or probability, 0..1."""
FIT = Packed(1 / _U8, 0.0, _U8)
"""A liking, 0..1, in 256 levels."""
RECENT = Packed(1 / 8, 0.0, _U8)
"""Exposures of a week, up to 31.9."""
ADSTOCK = Packed(1 / 512, 0.0, _U16)
"""Contributions, up to 128."""
QUALITY = Packed(1 / 8192, -4.0, _U16)
"""Quality expected, -4..4."""
FELT = Packed(1 / 2048, -16.0, _U16)
"""Satisfaction in standard units, -16..16."""
TASTE = Packed(1 / 1024, -60.0, _U16)
"""Own taste, utils, -60..4."""
FACTOR = Packed(1 / 4096, 0.0, _U16)
"""A factor around 1, up to 16."""
EVIDENCE = Packed(1 / 512, 0.0, _U16)
"""Evidence for or against a merchant, up to 128 experiences."""
RATE = Packed(1 / 1024, 0.0, _U16)
"""A rate over the mean, up to 64."""
INCOME = Packed(2.0, 0.0, _U16)
"""Yuan a month, up to 131,070."""


@njit(inline="always")
def number_of(code: int, kind: Packed) -> float:
    """The number that a code stands for."""
    return kind.low + kind.step * code


@njit(inline="always")
def code_of(number: float, kind: Packed) -> int:
    """The code of a number; numbers out of range get the nearest."""
    return int(min(max((number - kind.low) / kind.step, 0.0), kind.top) + 0.5)
