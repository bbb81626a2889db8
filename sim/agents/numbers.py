"""Numbers of agents, without the models: mesa 3 keeps every model it ever numbered an agent of, columns and all.

In a process that lives through many markets, as a worker of a comparison does, that is all their memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import mesa


class _Counters(WeakKeyDictionary[Any, Iterator[int]]):
    """The next number of an agent by model, forgotten with the model."""

    def __getitem__(self, model: Any) -> Iterator[int]:
        return self.setdefault(model, itertools.count(1))


def let_go() -> None:
    """Make mesa forget models that nobody else holds. What it has counted already goes on."""
    kept = getattr(mesa.Agent, "_ids", None)
    if isinstance(kept, dict):
        mesa.Agent._ids = _Counters(kept)
