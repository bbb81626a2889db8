"""Records that come and go: intents, orders, groups, posts, shares. Structured rows in tables that grow by leaps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit

OCCASION = np.dtype(
    [("key", "u8"), ("row", "i4"), ("price", "i4"), ("hour", "f4"), ("product", "i2"), ("category", "i2"),
     ("channel", "u1"), ("platform", "u1"), ("urgency", "u1")],
    align=True,
)
"""Somebody thinks of buying today: a need in a category (product -1) or the impulse for one product. ``row`` is
counted from the start of the block; ``key`` tells the occasions of one person on one day apart. ``price`` fen, 0: that
of the shelf; ``hour`` 0..24, below 0: drawn; ``urgency`` felt, percent."""

INTENT = np.dtype(
    [("key", "u8"), ("hour", "f8"), ("consumer", "i4"), ("price", "i4"), ("product", "i2"), ("platform", "u1"),
     ("mode", "u1"), ("channel", "u1"), ("impulse", "u1"), ("sees", "u1"), ("coupon", "u2"), ("points", "i4"),
     ("urgency", "u1")],
    align=True,
)
"""Somebody wants to buy: key of (consumer, product, day, occasion); hour 0..24; price of the solo mode, fen, after the
``points`` (fen) and the ``coupon`` (number of its issue, 0 none) that she lays down for it."""

BILL = np.dtype([("source", "i4"), ("target", "i4"), ("fen", "i8"), ("reason", "i4"), ("merchant", "i4")], align=True)
"""Money somebody owes somebody; mechanisms write bills, only checkout pays them."""

EVENT = np.dtype(
    [("key", "u8"), ("hour", "f8"), ("parent", "i4"), ("consumer", "i4"), ("price", "i4"), ("product", "i2"),
     ("platform", "u1"), ("kind", "u1"), ("mode", "u1"), ("channel", "u1"), ("impulse", "u1"), ("sees", "u1"),
     ("coupon", "u2"), ("points", "i4"), ("urgency", "u1")],
    align=True,
)
"""A moment of the day at the till. ``hour`` is absolute (24 day + hour). ``parent``: for a reply, the leader's event
of today (>= 0) or -1-group; for a deadline the group (>= 0) or -1-event of a leader of today."""
INTEND, REPLY, DEADLINE = 0, 1, 2

ORDER = np.dtype(
    [("key", "u8"), ("hour", "f8"), ("consumer", "i4"), ("referrer", "i4"), ("group", "i4"), ("next_in_group", "i4"),
     ("price", "i4"), ("creator", "i4"), ("product", "i2"), ("day", "i2"), ("paid_day", "i2"), ("shipped_day", "i2"),
     ("due_day", "i2"), ("delivered_day", "i2"), ("satisfaction", "f4"), ("platform", "u1"), ("mode", "u1"),
     ("status", "u1"), ("first_touch", "u1"), ("last_touch", "u1"), ("sample", "u1"), ("impulse", "u1"),
     ("urgency", "u1"), ("coupon", "u2"), ("points", "i4")],
    align=True,
)
"""One order. ``price`` fen; ``sample``: 1 when the merchant sent it for a note and nobody paid; ``urgency`` under
which it was placed, percent. ``points`` (fen) and ``coupon`` (number of its issue) were laid down for it beside the
price."""
RESERVED, PAID, SHIPPED, RECEIVED, RETURNED, SETTLED, CANCELLED = range(7)
STATUSES = ("reserved", "paid", "shipped", "received", "returned", "settled", "cancelled")
CLOSED_ORDER = (RETURNED, SETTLED, CANCELLED)

GROUP = np.dtype(
    [("key", "u8"), ("opened", "f8"), ("deadline", "f8"), ("closed", "f8"), ("leader", "i4"), ("price", "i4"),
     ("first_order", "i4"), ("last_order", "i4"), ("next_same", "i4"), ("product", "i2"), ("size", "i2"),
     ("members", "i2"), ("status", "u1")],
    align=True,
)
OPEN, COMPLETE, EXPIRED, FILLED = 0, 1, 2, 3
CLOSED_GROUP = (COMPLETE, EXPIRED, FILLED)
"""A group is open, complete, expired (refunded) or filled up by the platform at its deadline."""

POST = np.dtype(
    [("key", "u8"), ("weight", "f8"), ("author", "i4"), ("born", "i2"), ("product", "i2"), ("platform", "u1"),
     ("channel", "u1"), ("sponsored", "u1"), ("signal", "f4"), ("lift", "f4"), ("trust", "f4")],
    align=True,
)
"""A piece of content: ``weight`` appeal at birth; ``signal`` the quality it lets expect; ``lift`` the ratio of its
author's engagement to the norm; ``trust`` 0..1 in the author. ``author`` is a creator for channel kol, a consumer row
for koc."""

SHARE = np.dtype(
    [("item", "u8"), ("sharer", "i4"), ("parent", "i4"), ("root", "i4"), ("day", "i2"), ("product", "i2"),
     ("depth", "i2"), ("platform", "u1"), ("good", "u1"), ("signal", "f4")],
    align=True,
)
"""A node of a cascade: somebody (re)shared. ``parent`` and ``root`` are rows of this table, -1 for an origin."""

MESSAGE = np.dtype(
    [("target", "i4"), ("sender", "i4"), ("product", "i2"), ("platform", "u1"), ("good", "u1"), ("signal", "f4")],
    align=True,
)
"""A share that a friend will see tomorrow."""


EXPERIENCE = np.dtype(
    [("key", "u8"), ("consumer", "i4"), ("product", "i2"), ("platform", "u1"), ("sample", "u1"), ("returned", "u1"),
     ("satisfaction", "f4"), ("quality", "f4"), ("order", "i4"), ("fake", "u1")],
    align=True,
)
"""What somebody lived through today with a product: the order's key and row, satisfaction S, the quality met, and
whether it was a counterfeit."""

REVIEW = np.dtype(
    [("key", "u8"), ("consumer", "i4"), ("author", "i4"), ("product", "i2"), ("day", "i2"), ("removed", "i2"),
     ("stars", "u1"), ("image", "u1"), ("kind", "u1")],
    align=True,
)
"""A review. ``removed``: day it was taken down, NEVER while it is up. ``kind``: true, or bought by the merchant
``author`` (-1 for true ones) as praise of its own product or to harm another's."""
TRUE, PRAISE, SMEAR = range(3)


@cache
def _lump(size: int) -> np.dtype:
    return np.dtype((np.void, size))


def lumps(rows: np.ndarray) -> np.ndarray:
    """The same memory, a row one lump of bytes: numpy copies and picks structured rows field by field, ten times
    slower."""
    return rows.view(_lump(rows.dtype.itemsize))


def picked(rows: np.ndarray, which: np.ndarray) -> np.ndarray:
    """The rows where a mask is True, or at the given places, in a new array."""
    found: np.ndarray = lumps(rows)[which].view(rows.dtype)
    return found


def joined(parts: Sequence[np.ndarray], dtype: np.dtype) -> np.ndarray:
    """The rows of all parts (of type ``dtype``), in a new array."""
    out: np.ndarray = np.concatenate([lumps(part) for part in parts]).view(dtype)
    return out


@njit(nogil=True, cache=True)
def _run_of_final(status: Any, final: Any) -> int:
    """How many rows at the start of ``status`` are final."""
    for k in range(len(status)):
        if status[k] not in final:
            return k
    return len(status)


LARGE = 1 << 28
"""Bytes from which a table only doubles when it grows."""


class Table:
    """Rows of one record type. ``rows`` is a view of those in use; ``append`` returns the place of the first new one.

    ``final``: values of ``status`` after which a row never changes. Rows before ``first_open`` are all final, so
    a day's work on what is still open looks at ``open_rows`` and costs the same however long the history is.
    """

    def __init__(self, dtype: np.dtype, capacity: int = 1024, final: tuple[int, ...] = ()) -> None:
        self._data = np.zeros(capacity, dtype)
        self._n = 0
        self._final = final
        self.first_open = 0

    def __getstate__(self) -> dict[str, Any]:
        """A copy has no room beyond its rows."""
        return self.__dict__ | {"_data": self.rows}

    def __len__(self) -> int:
        return self._n

    @property
    def rows(self) -> np.ndarray:
        """The live rows; writing to it changes the table."""
        return self._data[: self._n]

    @property
    def open_rows(self) -> np.ndarray:
        """The rows from ``first_open`` on; add it to a position in this view to get the row."""
        return self._data[self.first_open : self._n]

    def retire(self) -> np.ndarray:
        """Move ``first_open`` past the rows that have become final; those passed by."""
        first, status = self.first_open, self.open_rows["status"]
        if len(status) and status[0] in self._final:
            self.first_open = first + int(_run_of_final(status, self._final))
        return self._data[first : self.first_open]

    def reserve(self, extra: int) -> np.ndarray:
        """The whole buffer, with room for ``extra`` more rows (kernels append into it and then call :meth:`grew`)."""
        need = self._n + extra
        if need > len(self._data):
            times = 4 if self._data.nbytes < LARGE else 2  # what nobody has written to takes no memory
            bigger = np.zeros(max(need, times * len(self._data)), self._data.dtype)
            lumps(bigger)[: self._n] = lumps(self._data)[: self._n]
            self._data = bigger
        return self._data

    def grew(self, n: int) -> None:
        """Say that the table now has ``n`` rows."""
        self._n = int(n)

    def append(self, rows: Any) -> int:
        """Add rows (a structured array of the same type)."""
        first = self._n
        if len(rows):
            lumps(self.reserve(len(rows)))[first : first + len(rows)] = lumps(rows)
            self._n = first + len(rows)
        return first

    def add(self, *values: Any) -> None:
        """Add one row, its fields in order."""
        self.reserve(1)[self._n] = values
        self._n += 1

    def keep(self, mask: np.ndarray) -> None:
        """Drop the rows where ``mask`` is False, keeping the order."""
        kept = lumps(self.rows)[mask]
        lumps(self._data)[: len(kept)] = kept
        self._n = len(kept)


class Intents(Table):
    """What people want to buy today. ``dropped``: INTENT rows that came to nothing before the till."""

    def __init__(self) -> None:
        super().__init__(INTENT)
        self.dropped = np.zeros(0, INTENT)

    def grew(self, n: int) -> None:
        """Say that there are ``n`` rows now; with none another day begins."""
        self.dropped = self.dropped if n else self.dropped[:0]
        super().grew(n)

    def keep(self, mask: np.ndarray) -> None:
        """Drop the rows where ``mask`` is False: what was laid down for them can be given back."""
        self.dropped = joined([self.dropped, picked(self.rows, ~mask)], INTENT)
        super().keep(mask)


class Calendar:
    """Rows of a table by the day on which something falls due, so that a day costs what is due on it."""

    def __init__(self) -> None:
        self._days: dict[int, list[np.ndarray]] = {}

    def put(self, days: np.ndarray, rows: np.ndarray) -> None:
        """Enter ``rows[k]`` on ``days[k]`` (int16: sorted in linear time)."""
        if len(rows) == 0:
            return
        order = days.argsort(kind="stable")
        days, rows = days[order], rows[order]
        cuts = [0, *((days[1:] != days[:-1]).nonzero()[0] + 1).tolist(), len(days)]
        for a, b in pairwise(cuts):
            self.add(int(days[a]), rows[a:b])

    def add(self, day: int, rows: np.ndarray) -> None:
        """Enter ``rows`` on one day."""
        self._days.setdefault(day, []).append(rows)

    def take(self, day: int) -> np.ndarray:
        """Remove and return the rows of all days up to ``day``, ascending."""
        found = [part for due in [d for d in self._days if d <= day] for part in self._days.pop(due)]
        if not found:
            return np.zeros(0, np.int64)
        rows: np.ndarray = np.concatenate(found)
        rows.sort()
        return rows


class Orders(Table):
    """The orders, and what would otherwise be found by looking at all open ones.

    ``due``: calendar of the parcels on their way. ``paid``: rows paid today. ``to_ship``: int64[P], paid
    orders that have not left.
    """

    def __init__(self, products: int) -> None:
        super().__init__(ORDER, final=CLOSED_ORDER)
        self.due = Calendar()
        self.paid = np.zeros(0, np.int64)
        self.to_ship = np.zeros(max(1, products), np.int64)


def read_only(array: np.ndarray) -> np.ndarray:
    """The same memory, not to be written."""
    view = array.view()
    view.flags.writeable = False
    return view
