"""mesa's DataCollector, with reporters of consumers beside those of the model and of agents.

    market.datacollector = sim.DataCollector(
        model_reporters={"day": "day"},
        agenttype_reporters={Merchant: {"cash": "cash"}},
        consumer_reporters={"fatigue": "fatigue", "knows": lambda people: (people.flags & 1).any(axis=1)},
        consumers=lambda people: people.select(people.income > 9000),
    )
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mesa
import numpy as np


class DataCollector(mesa.DataCollector):
    """``consumer_reporters``: name of a column, or a function of the set that gives one value a person. ``consumers``:
    which of them, a function of all; ``every``: steps between two collections of theirs.

    >>> market = sim.Market("presets/examples/tea.yaml", seed=1)
    >>> market.datacollector = sim.DataCollector(consumer_reporters={"fatigue": "fatigue"})
    >>> market.step(); market.datacollector.get_consumer_vars_dataframe().shape
    (200, 1)
    """

    def __init__(self, *given: Any, consumer_reporters: Mapping[str, Any] | None = None,
                 consumers: Callable[[Any], Any] | None = None, every: int = 1, **more: Any) -> None:
        super().__init__(*given, **more)
        self.consumer_reporters = dict(consumer_reporters or {})
        self.consumers, self.every = consumers, every
        self._people: list[tuple[int, np.ndarray, dict[str, np.ndarray]]] = []

    def collect(self, model: Any) -> None:
        """Note what there is now. Raises ValueError when a reporter gives no value for each person."""
        super().collect(model)
        if not self.consumer_reporters or model.steps % self.every:
            return
        everybody = model.consumers
        people = self.consumers(everybody) if self.consumers else everybody
        values = {}
        for name, reporter in self.consumer_reporters.items():
            column = np.array(reporter(people) if callable(reporter) else people.get(reporter))
            if column.shape != (len(people),):
                raise ValueError(f"consumer reporter {name!r} gave shape {column.shape} for {len(people)} people")
            values[name] = column
        self._people.append((model.steps, people.rows.copy(), values))

    def get_consumer_vars_dataframe(self) -> Any:
        """DataFrame by (Step, AgentID), a column a reporter. AgentID is the row of the person."""
        import pandas as pd

        steps = np.concatenate([np.full(len(rows), step) for step, rows, _ in self._people] or [np.zeros(0, int)])
        rows = np.concatenate([rows for _, rows, _ in self._people] or [np.zeros(0, int)])
        data = {
            name: np.concatenate([values[name] for *_, values in self._people] or [np.zeros(0)])
            for name in self.consumer_reporters
        }
        return pd.DataFrame(data, index=pd.MultiIndex.from_arrays([steps, rows], names=["Step", "AgentID"]))
