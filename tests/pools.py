"""Stored replications to draw experiments from, and comparisons made of plain numbers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.comparison import Comparison

SIZE, EXPERIMENTS = 2_000, 2_000


def pool(lifts: list[float], shared: float = 10.0, own: float = 4.0, seed: int = 0) -> np.ndarray:
    """float64[2000, K]: replications of K strategies on common luck, a little skewed as profits are."""
    rng = np.random.default_rng(seed)
    luck = shared * (rng.gamma(20.0, 1.0, SIZE) - 20.0) / np.sqrt(20.0)
    noise = own * (rng.gamma(20.0, 1.0, (SIZE, len(lifts))) - 20.0) / np.sqrt(20.0)
    made = luck[:, None] + noise
    return np.asarray(made - made.mean(axis=0) + 100.0 + np.array(lifts))


def comparison(values: dict[str, dict[str, Any]], baseline: str, references: tuple[str, ...] = (),
               **manifest: Any) -> Comparison:  # fmt: skip
    """A Comparison of ``{strategy: {metric: replications}}``."""
    frames = [
        pd.DataFrame({"strategy": name, "replication": range(len(next(iter(columns.values())))), "seed": 0} | columns)
        for name, columns in values.items()
    ]
    outcomes = list(next(iter(values.values())))
    count = len(frames[0])
    scenario: Any = SimpleNamespace(outcomes=outcomes, experiment=SimpleNamespace(hold="spend"), strategies={},
                                    market=SimpleNamespace(currency="CNY"))  # fmt: skip
    said = {"run_id": "x", "baseline": baseline, "strategies": list(values), "outcomes": outcomes, "scenario": "one",
            "replications_done": count, "references": list(references), "seed": 0, **manifest}  # fmt: skip
    return Comparison(scenario, said, {"summary": pd.concat(frames, ignore_index=True)})
