"""Rows of records for tests of rules: their fields are attributes with and without the compiler."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import config
from plainly import Row


def rows(dtype: np.dtype, n: int, **columns: Any) -> np.ndarray:
    """``n`` zeroed rows of ``dtype``, the named columns filled."""
    out = np.zeros(n, np.dtype((Row, dtype)) if config.DISABLE_JIT else dtype)
    for name, values in columns.items():
        out[name] = values
    return out
