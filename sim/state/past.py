"""Tables of what was before the first day, read: past orders, and who had adopted by then.

An adoption is one order of one unit. Its table has a row a person; who never adopted has no day there, and who adopted
on the first day of the market or later is left out: that is what a market is to explain, not what it begins with.
Ids are hashed as they are read; nothing else of a customer is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.contract import ScenarioError
from sim.scenario.attach import shown
from sim.scenario.own_data import Adoptions, Orders, PastAdoption, PastOrder
from sim.scenario.paths import nearest
from sim.scenario.prices import product_index
from sim.scenario.rowfields import Field, assigned, cell
from sim.scenario.tabular import Grid, capped, read_grid
from sim.state.edgelist import id_key

MOST_UNITS = 65_535
LATER = 2**40
"""The day of those who never adopted, in any count."""

@dataclass(frozen=True)
class History:
    """Orders by row, all int64: ``customer``, position in ``ids`` uint64[customers] ascending; ``product``, position in
    ``names``; ``day``, counted from the first day of the market, below 0; ``quantity``. ``skipped``: orders left out
    because nobody sells their product."""

    ids: np.ndarray
    names: tuple[str, ...]
    customer: np.ndarray
    product: np.ndarray
    day: np.ndarray
    quantity: np.ndarray
    skipped: int
    last: str


def read_past(scenario: Any) -> dict[str, History]:
    """Past orders and adoptions of a scenario, by the section that names them; those it has.

    Raises ScenarioError with every bad row, up to a number.
    """
    return {name: found for name in ("orders", "adoptions") if (found := _table(scenario, name)) is not None}


def _table(scenario: Any, section: str) -> History | None:
    spec = getattr(scenario, section)
    if spec is None:
        return None
    path = Path(scenario.base_dir) / spec.file
    try:
        stamp = (path.stat().st_mtime_ns, path.stat().st_size)
    except (OSError, ValueError):
        message = f"there is no file {spec.file!r}"
        raise ScenarioError([scenario.problem((section, "file"), message)]) from None
    index = {
        name: f"{scenario.merchants[m].name}.{scenario.merchants[m].products[p].name}" if not more else ""
        for name, ((m, p), *more) in product_index(scenario).items()
    }
    try:
        return _read(path, stamp, section, spec.model_dump_json(), tuple(index.items()), scenario.market.start)
    except _MappingError as error:
        raise ScenarioError([scenario.problem((section, *loc), message) for loc, message in error.args[0]]) from None


class _MappingError(Exception):
    """Columns that do not fit the table: places within the section and messages."""


@lru_cache(maxsize=4)
def _read(path: Path, stamp: Any, section: str, spec_json: str, index: tuple[tuple[str, str], ...],
          start: str | None) -> History | None:  # fmt: skip
    """Kept for the markets of one comparison, which all read the same file."""
    spec = (Orders if section == "orders" else Adoptions).model_validate_json(spec_json)
    grid = read_grid(path, shown(path), spec.sheet, spec.separator)
    fields, wrong = assigned(grid, PastOrder if section == "orders" else PastAdoption, spec.columns)
    if wrong:
        raise _MappingError(wrong)
    named = {".".join(f.names): f for f in fields}
    if isinstance(spec, Orders):
        return _Reader(grid, named, dict(index), spec.unknown == "skip").history(start)
    return _Adopters(grid, named, dict(index), spec).before(start)


class _Wrong(Exception):
    """What is wrong in a cell."""


class _Reader:
    """One reading of one table."""

    def __init__(self, grid: Grid, fields: dict[str, Field], index: dict[str, str], skip: bool) -> None:
        self.grid, self.fields, self.index, self.skip = grid, fields, index, skip
        self.names = tuple(sorted(set(index.values()) - {""}))
        self.skipped = 0
        self.customers: dict[str, int] = {}
        self.days: dict[Any, int | None] = {}
        self.dated: bool | None = None

    def history(self, start: str | None) -> History:
        """Read all rows. Raises ScenarioError with what is wrong in them."""
        grid, place = self.grid, {name: k for k, name in enumerate(self.names)}
        rows: list[tuple[int, int, int, int]] = []
        lines: list[int] = []
        for line, cells in grid.rows:
            customer, product = self._read(line, cells, "customer"), self._read(line, cells, "product")
            day, quantity = self._read(line, cells, "day"), self._read(line, cells, "quantity")
            if product and None not in (customer, day, quantity):
                rows.append((customer, place[product], day, quantity))
                lines.append(line)
            if len(grid.problems) > 10_000:
                break
        if not rows and not grid.problems:
            grid.complain(grid.line or 1, "holds no orders of products the scenario sells")
        if not grid.problems:
            self._check_start(rows, lines, start)
        if grid.problems:
            raise ScenarioError(capped(grid.problems))
        last = max(day for _, _, day, _ in rows)
        return self._made(rows, _ordinal(start) if start is not None and self.dated else last + 1)

    def _check_start(self, rows: list[tuple[int, int, int, int]], lines: list[int], start: str | None) -> None:
        if start is None or not self.dated:
            return
        zero = date.fromisoformat(start).toordinal()
        for (_, _, day, _), line in zip(rows, lines, strict=True):
            if day >= zero:
                said = f"must be before market.start, {start} (got {date.fromordinal(day)})"
                self.grid.complain(line, said, "day")

    def _made(self, given: list[tuple[int, int, int, int]], zero: int | None) -> History:
        """The history of rows (customer, product, day, quantity), with the first day of the market in their count."""
        assert zero is not None
        rows = np.array(given, np.int64)
        last = int(rows[:, 2].max())
        keys = np.array([id_key(text) for text in self.customers], np.uint64)
        ids, position = np.unique(keys, return_inverse=True)
        shown_last = str(date.fromordinal(last)) if self.dated else f"day {last}"
        return History(ids, self.names, position[rows[:, 0]].astype(np.int64), rows[:, 1], rows[:, 2] - zero,
                       rows[:, 3], self.skipped, shown_last)  # fmt: skip

    def _read(self, line: int, cells: list[Any], name: str) -> Any:
        """What a field of the row says; None after a problem has been noted."""
        field = self.fields.get(name)
        value = None if field is None else cell(cells[field.column], field.place, self.grid.comma)
        try:
            return getattr(self, f"_{name}")(value)
        except _Wrong as error:
            header = "" if field is None or field.header == name else f" (column {field.header!r})"
            self.grid.complain(line, f"{error}{header}", name)
            return None

    def _customer(self, value: Any) -> int:
        if value is None:
            raise _Wrong("needed, but empty")
        return self.customers.setdefault(str(value), len(self.customers))

    def _product(self, value: Any) -> str:
        """Name of the product, empty for one to be skipped."""
        if value is None:
            raise _Wrong("needed, but empty")
        name = self.index.get(str(value))
        if name is None and not self.skip:
            raise _Wrong(f"nobody sells {str(value)[:60]!r}{nearest(str(value), self.index)}")
        if name == "":
            raise _Wrong(f"several merchants sell {value!r}: write merchant.product")
        self.skipped += name is None
        return name or ""

    def _day(self, value: Any) -> int:
        if value not in self.days:
            self.days[value] = _ordinal(value)
        day, dated = self.days[value], isinstance(value, str)
        if day is None:
            raise _Wrong(f"must be a date or a whole number (got {str(value)[:40]!r})")
        self.dated = dated if self.dated is None else self.dated
        if dated is not self.dated:
            raise _Wrong("all days must be dates, or all numbers")
        return day

    def _quantity(self, value: Any) -> int:
        number = 1 if value is None else value
        whole = isinstance(number, (int, float)) and not isinstance(number, bool) and number % 1 == 0
        if not whole or not 1 <= number <= MOST_UNITS:
            raise _Wrong(f"must be a whole number from 1 to {MOST_UNITS:,} (got {str(value)[:40]!r})")
        return int(number)


def _ordinal(value: Any) -> int | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value).toordinal()
        except ValueError:
            return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e7 and value % 1 == 0:
        return int(value)
    return None


class _Adopters(_Reader):
    """One reading of a table of who adopted when."""

    def __init__(self, grid: Grid, fields: dict[str, Field], index: dict[str, str], spec: Adoptions) -> None:
        super().__init__(grid, fields, index, spec.unknown == "skip")
        self.spec = spec

    def before(self, start: str | None) -> History | None:
        """Those who had adopted by the first day; None when nobody had. Raises ScenarioError with what is wrong."""
        place = {name: k for k, name in enumerate(self.names)}
        only = None if "product" in self.fields else self._product(self.spec.product or self._only())
        rows: list[tuple[str, int, int]] = []
        for line, cells in self.grid.rows:
            person, day = self._read(line, cells, "person"), self._read(line, cells, "day")
            product = only if only is not None else self._read(line, cells, "product")
            if product and person is not None and day not in (None, LATER):
                rows.append((person, place[product], day))
            if len(self.grid.problems) > 10_000:
                break
        if self.grid.problems:
            raise ScenarioError(capped(self.grid.problems))
        zero = self._first(start, max((day for _, _, day in rows), default=0))
        early = [(self._customer(person), product, day, 1) for person, product, day in rows if day < zero]
        return self._made(early, zero) if early else None

    def _first(self, start: str | None, last: int) -> int:
        """The first day of the market in the count of the table."""
        said = self.spec.first if self.spec.first is not None else start if self.dated else None
        if said is None:
            return last + 1
        found = _ordinal(said)
        if found is None or (self.dated is not None and isinstance(said, str) is not self.dated):
            kind = "a date" if self.dated else "a number"
            raise _MappingError([(("first",), f"must be {kind}, as the days of the table are (got {said})")])
        return found

    def _only(self) -> str:
        if len(self.names) == 1:
            return self.names[0]
        said = f"say which product was adopted, or name its column; sold are {', '.join(self.names)}"
        raise _MappingError([(("product",), said)])

    def _product(self, value: Any) -> str:
        try:
            return super()._product(value)
        except _Wrong as error:
            if "product" in self.fields:
                raise
            raise _MappingError([(("product",), str(error))]) from None

    def _person(self, value: Any) -> str:
        if value is None:
            raise _Wrong("needed, but empty")
        return str(value)

    def _day(self, value: Any) -> int:
        """As it stands; LATER for those who never adopted."""
        if value is None or value in self.spec.never:
            return LATER
        return super()._day(value)
