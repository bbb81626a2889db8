"""Inverse CDFs by table: SciPy's value as float32, whatever the shape and wherever in the tails."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from sim.state import quantiles as module
from sim.state.quantiles import quantiles

SHAPES = [
    (special.betaincinv, (0.793, 2.426)),
    (special.betaincinv, (0.2, 0.2)),
    (special.betaincinv, (40.0, 3.0)),
    (special.gammaincinv, (0.8,)),
    (special.gammaincinv, (25.0,)),
    (special.gammaincinv, (0.05,)),
]


@pytest.mark.parametrize(("inverse", "shape"), SHAPES)
def test_the_table_gives_what_scipy_gives(inverse: module.Inverse, shape: tuple[float, ...]) -> None:
    rng = np.random.default_rng(1)
    u = rng.random((12_000, 2))
    u[:2000] **= 6
    u[2000:4000] = 1.0 - u[2000:4000] ** 6
    u[0] = 0.0, 0.5
    u[1] = np.nextafter(0.5, 0.0), np.nextafter(1.0, 0.0)
    boost = rng.uniform(0.5, 2.0, len(u))
    with np.errstate(all="ignore"):
        wanted = (inverse(*shape, u) / 0.8 * boost[:, None]).astype(np.float32)
        np.testing.assert_array_equal(quantiles(inverse, shape, u, 0.8, boost), wanted)


def test_the_table_answers_nearly_all_and_few_values_need_none(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def inverse(a: float, b: float, u: np.ndarray) -> np.ndarray:
        asked.append(u.size)
        return np.asarray(special.betaincinv(a, b, u))

    u = np.random.default_rng(2).random((50_000, 1))
    quantiles(inverse, (2.0, 3.0), u)
    table, rest = asked
    assert table < 7_000
    assert rest < 0.002 * u.size
    asked.clear()
    quantiles(inverse, (2.0, 3.0), u[: module.WORTH - 1])
    assert asked == [module.WORTH - 1]
    monkeypatch.setattr(module, "LEAST_ERROR", 1e-5)  # a table known to be poor asks SciPy wherever it may be wrong
    module._table.cache_clear()
    wanted = special.betaincinv(2.0, 3.0, u).astype(np.float32)
    monkeypatch.setattr(module, "MOST_ERROR", 1e-4)
    np.testing.assert_array_equal(quantiles(inverse, (2.0, 3.0), u), wanted)
    assert asked[-1] > 0.9 * u.size
    module._table.cache_clear()
