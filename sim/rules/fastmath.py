"""Fast float32 arithmetic for kernels that would otherwise spend their time in the mathematical library.

    e^x = 2^n e^r,   n = round(x / ln 2),   r = x - n ln 2 in [-.347, .347],   e^r by a polynomial of degree 5

No branches and no calls, so a loop over people becomes vector instructions. The relative error is below 1e-7 (one unit
in the last place), and the function is strictly a function of its argument: the same bits in a block of any size.
Coefficients and the split of ln 2: Cephes ``expf`` (Moshier 1989). Everything else in ``sim.rules`` computes in float64
(decision D18); a rule takes this one only where a result is compared with a 24-bit uniform anyway.
"""

from __future__ import annotations

import numpy as np
from numba import njit

EXP_ERROR = 1e-7
"""Bound on the relative error of :func:`exp32` between the limits."""

LOWEST, HIGHEST = np.float32(-87.0), np.float32(88.0)
"""Arguments outside are moved to the limit: results stay finite, normal and positive."""

_LOG2E = np.float32(1.44269504)
_LN2_HIGH = np.float32(0.693359375)
_LN2_LOW = np.float32(-2.12194440e-4)
_ROUND = np.float32(12582912.0)  # 1.5 * 2^23: adding and taking it away rounds to the nearest whole number
_C5 = np.float32(1.9875691500e-4)
_C4 = np.float32(1.3981999507e-3)
_C3 = np.float32(8.3334519073e-3)
_C2 = np.float32(4.1665795894e-2)
_C1 = np.float32(1.6666665459e-1)
_C0 = np.float32(5.0000001201e-1)
_ONE = np.float32(1.0)
_BIAS = np.int32(127)
_MANTISSA_BITS = np.int32(23)


@njit(inline="always")
def exp32(x: np.float32) -> np.float32:
    """e^x of a float32, relative error below ``EXP_ERROR``; ``x`` beyond the limits counts as the limit."""
    x = min(max(x, LOWEST), HIGHEST)
    n = (x * _LOG2E + _ROUND) - _ROUND
    r = x - n * _LN2_HIGH - n * _LN2_LOW
    tail = ((((_C5 * r + _C4) * r + _C3) * r + _C2) * r + _C1) * r + _C0
    power = np.int32((np.int32(n) + _BIAS) << _MANTISSA_BITS)
    return np.float32((tail * r * r + r + _ONE) * power.view(np.float32))
