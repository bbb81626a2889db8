"""What a mechanism is handed: exactly the columns it declared, writeable only where it said so."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.state.records import Reading, Table, read_only


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
