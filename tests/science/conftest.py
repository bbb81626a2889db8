"""What the science tests share: textbook limits as scenarios, and a test of means with its own standard error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sim


@pytest.fixture(scope="session")
def limit() -> Callable[..., Any]:
    """``limit("bass", market={"days": 50})``: the packaged preset of that name with some settings changed."""

    def load(name: str, **changes: Any) -> Any:
        return sim.load({"extends": [f"presets/limits/{name}.yaml"], **changes})

    return load


@pytest.fixture(scope="session")
def live() -> Callable[..., Any]:
    """``live(scenario, seed)``: a market that has lived its days, its laws checked every day."""

    def run(scenario: Any, seed: int = 0, **options: Any) -> Any:
        market = sim.Market(scenario, seed=seed, check=True, **options)
        while market.day < scenario.market.days:
            market.step()
        return market

    return run


def distance(values: Any, expected: float) -> float:
    """How many of its standard errors the mean of ``values`` lies from ``expected``."""
    values = np.asarray(values, float)
    return float((values.mean() - expected) / (values.std(ddof=1) / np.sqrt(len(values))))


@pytest.fixture(scope="session")
def away() -> Callable[[Any, float], float]:
    """See :func:`distance`."""
    return distance
