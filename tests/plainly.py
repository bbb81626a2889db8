"""A small city lives with or without the compiler, and its state is saved: ``python tests/plainly.py OUT PEOPLE DAYS``.

Inside compiled code a row of a record array has its fields as attributes; without the compiler it has them only when
its type says so. Here the types say so, before any mechanism has seen them.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT.parent)]


class Row(np.record):
    """A record whose fields come before the attributes of NumPy scalars: a group's ``size`` is its people."""

    def __getattribute__(self, name: str) -> Any:
        if name in (super().__getattribute__("dtype").fields or ()):
            return self[name]
        return super().__getattribute__(name)


def rows_with_attributes() -> None:
    """Make every record of the market a :class:`Row`."""
    from sim.state import records

    for name, value in list(vars(records).items()):
        if isinstance(value, np.dtype) and value.fields is not None:
            setattr(records, name, np.dtype((Row, value)))


def main(out: str, people: int, days: int) -> None:
    """Live, then save columns, tallies, balances and the numbers of the tables."""
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        warnings.filterwarnings("ignore", "overflow encountered in scalar", RuntimeWarning)
        rows_with_attributes()
    from city import columns, lived, plain

    market = lived(plain(market={"consumers": people, "days": days}), days=days)
    found = {f"column:{name}": values for name, values in columns(market).items()}
    found["tally"], found["balance"] = market.book.tally[:days], market.ledger.balance
    for table in ("orders", "groups", "shares", "posts"):
        rows = market.state.table(table).rows
        found |= {f"{table}:{field}": rows[field] for field in rows.dtype.names}
    np.savez(out, **found)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
