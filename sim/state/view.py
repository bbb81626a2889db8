"""What a mechanism is handed: exactly the columns it declared, writeable only where it said so."""

from __future__ import annotations

from typing import Any

import numpy as np


class View:
    """Attribute access to declared state. A column that was not declared is absent, one that is only read is read-only."""

    def __init__(self, mechanism: str, columns: dict[str, np.ndarray], shared: dict[str, Any], reads: tuple[str, ...],
                 writes: tuple[str, ...]) -> None:
        self._mechanism = mechanism
        for name in (*reads, *writes):
            if name in columns:
                array = columns[name]
                if name not in writes:
                    array = array.view()
                    array.flags.writeable = False
                setattr(self, name, array)
            elif name in shared:
                setattr(self, name, shared[name])
            else:
                raise ValueError(f"mechanism {mechanism!r} declares {name!r}, which is neither a column nor a table")
        for name in ALWAYS:
            setattr(self, name, shared[name])

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"mechanism {self.__dict__.get('_mechanism')!r} did not declare that it reads {name!r}")


ALWAYS = ("seed", "world", "tally", "network")
"""Handed to every mechanism: the seed, the compiled scenario in force, the day's tally, the social graph."""
