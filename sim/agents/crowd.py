"""The agent set of consumers: what mesa's AgentSet does, on columns and all at once.

    people = market.consumers
    old = people.select(lambda c: c.income > 9000)        # a set; nothing is copied but row numbers
    old.agg("fatigue", np.mean)                           # a number
    old.get(["income", "fatigue"])                        # float64[n, 2]
    people.groupby("segment").agg("units", np.sum)        # {"young": ..., "old": ...}
    people.do(lambda c: (c.income * c.sensitivity).sum()) # the function is called once, with the set

Columns are read-only: people change through mechanisms. The same names as in mesa, so a reporter written for agents
reads well here; where mesa would call a function a million times, this calls it once with arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np


class Crowd:
    """Some of the people of a market: their rows, ascending unless sorted otherwise. ``crowd.income`` is a column."""

    def __init__(self, everybody: Any, rows: np.ndarray) -> None:
        self._everybody = everybody
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Any]:
        return (self._everybody[int(i)] for i in self.rows)

    def __getitem__(self, k: int) -> Any:
        return self._everybody[int(self.rows[k])]

    def __contains__(self, person: Any) -> bool:
        return bool(np.isin(person.row, self.rows))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self):,} of {len(self._everybody):,} people)"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        column = getattr(self._everybody, name)[self.rows]
        column.flags.writeable = False
        return column

    def select(self, which: Any = None, at_most: int | float | None = None) -> Crowd:
        """Those for whom ``which`` holds: a mask over this set, positions in it, or a function of the set that gives
        either. ``at_most``: the first so many, or that share of them. Raises ValueError on a mask of another length."""
        chosen = which(self) if callable(which) else which
        rows = self.rows
        if chosen is not None:
            picked = np.asarray(chosen)
            if picked.dtype == bool and picked.shape != (len(self),):
                raise ValueError(f"a mask over {len(self)} people has {picked.shape} places")
            rows = rows[picked]
        if at_most is not None:
            rows = rows[: int(at_most * len(rows)) if isinstance(at_most, float) else at_most]
        return Crowd(self._everybody, rows)

    def get(self, names: str | Sequence[str]) -> np.ndarray:
        """A column, or of several names their columns side by side."""
        if isinstance(names, str):
            found: np.ndarray = getattr(self, names)
            return found
        return np.column_stack([getattr(self, name) for name in names])

    def agg(self, name: str, how: Callable[[np.ndarray], Any] | Sequence[Callable[[np.ndarray], Any]]) -> Any:
        """What a function of a column gives; of several functions a list."""
        column = self.get(name)
        return how(column) if callable(how) else [one(column) for one in how]

    def do(self, what: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """``what(set, ...)``, called once with arrays in its hands."""
        return what(self, *given, **more)

    map = do

    def sort(self, by: str | Callable[[Crowd], np.ndarray], ascending: bool = False) -> Crowd:
        """The set in the order of a column, or of what a function of the set gives; ties as they stood."""
        value = np.asarray(by(self) if callable(by) else self.get(by))
        order = np.argsort(value if ascending else -value.astype(float), kind="stable")
        return Crowd(self._everybody, self.rows[order])

    def groupby(self, by: str | Callable[[Crowd], np.ndarray]) -> Groups:
        """Sets of people alike: by segment (named), by another column, or by what a function of the set gives."""
        keys = np.asarray(by(self) if callable(by) else self.get(by))
        names = self._everybody.segments if by == "segment" else None
        kinds, place = np.unique(keys, return_inverse=True)
        sets = {
            names[int(kind)] if names is not None else kind.item(): Crowd(self._everybody, self.rows[place == k])
            for k, kind in enumerate(kinds)
        }
        return Groups(sets)


class Groups(Mapping[Any, Crowd]):
    """Sets of people by what they have in common."""

    def __init__(self, sets: dict[Any, Crowd]) -> None:
        self._sets = sets

    def __getitem__(self, key: Any) -> Crowd:
        return self._sets[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._sets)

    def __len__(self) -> int:
        return len(self._sets)

    def count(self) -> dict[Any, int]:
        """How many there are of each."""
        return {key: len(crowd) for key, crowd in self._sets.items()}

    def agg(self, name: str, how: Callable[[np.ndarray], Any]) -> dict[Any, Any]:
        """What a function of a column gives for each."""
        return {key: crowd.agg(name, how) for key, crowd in self._sets.items()}

    def do(self, what: Callable[..., Any], *given: Any) -> dict[Any, Any]:
        """What a function of the set gives for each."""
        return {key: what(crowd, *given) for key, crowd in self._sets.items()}
