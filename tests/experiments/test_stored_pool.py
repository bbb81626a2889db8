"""The promises kept on 2,000 stored replications of a market, or on drawn ones where none are stored."""

from __future__ import annotations

import numpy as np
import promises
import pytest

BAND = (0.93, 0.97)


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return promises.stock()


@pytest.mark.skipif(not promises.POOL.exists(), reason="no stored pool here: python tests/make_pool.py makes it")
def test_the_pool(rows: np.ndarray) -> None:
    assert rows.shape == (2_000, 2)
    assert len(np.unique(rows[:, 0])) > 1_000
    assert np.corrcoef(rows.T)[0, 1] > 0.05, "common seeds make common luck"


def test_fixed_intervals_cover(rows: np.ndarray) -> None:
    found = promises.fixed(rows)
    assert all(BAND[0] <= share <= BAND[1] for share in found.values()), found
    assert BAND[0] <= promises.resampled(rows) <= BAND[1]


def test_sequential_intervals_cover(rows: np.ndarray) -> None:
    found = promises.sequential(rows)
    assert found["most"] > 2 * found["least"], "or nothing was sequential here"
    assert BAND[0] <= found["mean"] <= BAND[1], found
    assert BAND[0] <= found["difference"] <= BAND[1], found


def test_equal_strategies_are_seldom_called_different(rows: np.ndarray) -> None:
    found = promises.family(rows)
    assert found["holm"] < 0.05 < 0.10 < found["uncorrected"]


def test_what_is_said_comes_as_often(rows: np.ndarray) -> None:
    table = promises.reliability(rows)
    assert (table["n"] > 100).all()
    assert table["came"].to_numpy() == pytest.approx(table["said"].to_numpy(), abs=0.06)
    assert promises.figure(table).axes


def test_adding_runs_for_those_that_may_be_best_keeps_the_best(rows: np.ndarray) -> None:
    found = promises.selected(rows)
    assert found["right"] >= 0.95
    assert found["runs"] < 0.9, "and spends less than giving all the same"
