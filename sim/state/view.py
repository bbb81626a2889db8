"""What a mechanism is handed: exactly the columns it declared, writeable only where it said so."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.state.records import Table, read_only


class View:
    """Attribute access to declared state. What was not declared is absent, what is only read cannot be written."""

    seed: int
    world: Any
    tally: Any
    network: Any
    team: Any

    def __init__(self, mechanism: str, columns: dict[str, np.ndarray], shared: dict[str, Any], reads: tuple[str, ...],
                 writes: tuple[str, ...]) -> None:
        self._mechanism = mechanism
        for name in (*reads, *writes):
            if name in WHERE_THERE:
                column = columns.get(name, np.zeros((0, 0), WHERE_THERE[name]))
                setattr(self, name, column if name in writes else read_only(column))
            elif name in columns:
                setattr(self, name, columns[name] if name in writes else read_only(columns[name]))
            elif name in shared:
                setattr(self, name, shared[name] if name in writes else _looked_at(shared[name]))
            else:
                raise ValueError(f"mechanism {mechanism!r} declares {name!r}, which is neither a column nor a table")
        for name in ALWAYS:
            setattr(self, name, shared[name])

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"mechanism {self.__dict__.get('_mechanism')!r} did not declare that it reads {name!r}")


def _looked_at(thing: Any) -> Any:
    """A table or an array as it is handed to those who only read it; a service (the market, the ledger) as it is."""
    if isinstance(thing, Table):
        return Reading(thing)
    return read_only(thing) if isinstance(thing, np.ndarray) else thing


WHERE_THERE = {"tier": np.uint8, "points": np.int32, "coupon": np.uint16, "member": np.uint8, "referrer": np.int32,
               "last_delivery": np.int16, "told": np.uint8}  # fmt: skip
"""Columns that any mechanism may declare; of no rows where nobody has a use for them."""

ALWAYS = ("seed", "world", "tally", "network", "team")
"""Handed to every mechanism: the seed, the compiled scenario in force, the day's tally, the social graph, threads."""


class Reading:
    """A table that may be looked at: ``rows`` cannot be written, and there is no way to add or drop any."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._data = table._data
        self._shown = read_only(table._data)

    def __len__(self) -> int:
        return self._table._n

    @property
    def _all(self) -> np.ndarray:
        """The whole buffer of the table, read-only."""
        if self._table._data is not self._data:  # it has grown
            self._data = self._table._data
            self._shown = read_only(self._data)
        return self._shown

    @property
    def rows(self) -> np.ndarray:
        """The live rows, read-only."""
        return self._all[: self._table._n]

    @property
    def open_rows(self) -> np.ndarray:
        """The rows from ``first_open`` on, read-only."""
        return self._all[self._table.first_open : self._table._n]

    @property
    def first_open(self) -> int:
        """Position of the first row that is not final."""
        return self._table.first_open

    @property
    def paid(self) -> np.ndarray:
        """Rows of the orders paid today (:class:`Orders`)."""
        return read_only(self._table.paid)  # type: ignore[attr-defined]

    @property
    def dropped(self) -> np.ndarray:
        """Intents that came to nothing before the till (:class:`Intents`)."""
        return read_only(self._table.dropped)  # type: ignore[attr-defined]

    @property
    def to_ship(self) -> np.ndarray:
        """Paid orders by product that have not left (:class:`Orders`)."""
        return read_only(self._table.to_ship)  # type: ignore[attr-defined]
