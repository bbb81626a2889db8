"""The fast exponential: its error over the whole range, its limits, and the same bits wherever a number stands."""

from __future__ import annotations

import numpy as np
import pytest
from numba import config, njit

from sim.rules.fastmath import EXP_ERROR, HIGHEST, LOWEST, NONE_ERROR, UP_TO, exp32, none

pytestmark = pytest.mark.jitoff

N = 2_000_003 if not config.DISABLE_JIT else 601


@njit
def of(x: np.ndarray) -> np.ndarray:
    """float32[n]: exp32 of each."""
    out = np.empty_like(x)
    for i in range(len(x)):
        out[i] = exp32(x[i])
    return out


@pytest.mark.parametrize(("low", "high"), [(-87.0, 88.0), (-1.0, 1.0), (-1e-3, 1e-3), (-10.0, -9.0)])
def test_error_is_below_its_bound(low: float, high: float) -> None:
    x = np.linspace(low, high, N).astype(np.float32)
    error = np.abs(of(x).astype(float) / np.exp(x.astype(float)) - 1.0)
    assert error.max() < EXP_ERROR
    assert error.max() > EXP_ERROR / 100  # float32, and not a double under another name


def test_zero_gives_one_and_limits_hold() -> None:
    x = np.array([0.0, -0.0, -1e30, -np.inf, 1e30, np.inf, LOWEST, HIGHEST], np.float32)
    out = of(x)
    assert out[0] == out[1] == 1.0
    assert (out[2:4] == out[6]).all()
    assert (out[4:6] == out[7]).all()
    assert np.isfinite(out).all()
    assert (out > 0).all()


def test_the_chance_of_no_event() -> None:
    assert (UP_TO, NONE_ERROR) == (4.0, 1e-8)
    means = np.linspace(0.0, UP_TO, 41)
    found = np.array([none(float(m)) for m in means])
    assert np.abs(found * np.exp(means) - 1.0).max() < NONE_ERROR


def test_larger_arguments_never_give_less() -> None:
    """Choice by cumulated weights rests on it."""
    x = np.linspace(-20, 20, N).astype(np.float32)
    assert (np.diff(of(x)) >= 0).all()


def test_bits_do_not_depend_on_place_or_length() -> None:
    """Vector instructions take several at once and the rest singly."""
    x = np.random.default_rng(1).normal(0, 5, 203).astype(np.float32)
    whole = of(x)
    for start, stop in ((0, 1), (1, 18), (7, 203), (100, 133)):
        np.testing.assert_array_equal(of(x[start:stop].copy()), whole[start:stop])
