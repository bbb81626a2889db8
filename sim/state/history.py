"""Past orders as the market's beginning (decision D21): who has bought what, when and how often before the first day.

A customer of the table is the person of the same id where the network comes from a file. Otherwise customers become
people drawn at random, as ``initial.buyers`` are: whether a past buyer likes the goods more than others is not in the
table. With N consumers of ``reference_consumers``, N / reference of the customers live in the market (decision D14).
Ids are hashed as they are read; nothing else of a customer is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.contract import Problem, ScenarioError
from sim.rng import Stream
from sim.scenario.attach import shown
from sim.scenario.own_data import Orders, PastOrder
from sim.scenario.paths import nearest
from sim.scenario.prices import product_index
from sim.scenario.rowfields import Field, assigned, cell
from sim.scenario.tabular import Grid, capped, read_grid
from sim.state.columns import AWARE, NEVER, keep
from sim.state.edgelist import id_key
from sim.state.population import draw
from sim.state.world import World

LONG_AGO = -19_999
"""The earliest day a past order is given; days are int16, and below -20,000 means never."""

MOST_UNITS = 65_535


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


def read_history(scenario: Any) -> History | None:
    """The past orders of a scenario, None without. Raises ScenarioError with every bad row, up to a number."""
    spec = scenario.orders
    if spec is None:
        return None
    path = Path(scenario.base_dir) / spec.file
    try:
        stamp = (path.stat().st_mtime_ns, path.stat().st_size)
    except (OSError, ValueError):
        message = f"there is no file {spec.file!r}"
        raise ScenarioError([scenario.problem(("orders", "file"), message)]) from None
    index = {
        name: f"{scenario.merchants[m].name}.{scenario.merchants[m].products[p].name}" if not more else ""
        for name, ((m, p), *more) in product_index(scenario).items()
    }
    try:
        return _read(path, stamp, spec.model_dump_json(), tuple(index.items()), scenario.market.start)
    except _MappingError as error:
        raise ScenarioError([scenario.problem(("orders", *loc), message) for loc, message in error.args[0]]) from None


class _MappingError(Exception):
    """Columns that do not fit the table: places within ``orders`` and messages."""


@lru_cache(maxsize=2)
def _read(path: Path, stamp: Any, spec_json: str, index: tuple[tuple[str, str], ...], start: str | None) -> History:
    """Kept for the markets of one comparison, which all read the same file."""
    spec = Orders.model_validate_json(spec_json)
    grid = read_grid(path, shown(path), spec.sheet, spec.separator)
    fields, wrong = assigned(grid, PastOrder, spec.columns)
    if wrong:
        raise _MappingError(wrong)
    return _Reader(grid, {".".join(f.names): f for f in fields}, dict(index), spec.unknown == "skip").history(start)


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
        return self._made(np.array(rows, np.int64), start)

    def _check_start(self, rows: list[tuple[int, int, int, int]], lines: list[int], start: str | None) -> None:
        if start is None or not self.dated:
            return
        zero = date.fromisoformat(start).toordinal()
        for (_, _, day, _), line in zip(rows, lines, strict=True):
            if day >= zero:
                said = f"must be before market.start, {start} (got {date.fromordinal(day)})"
                self.grid.complain(line, said, "day")

    def _made(self, rows: np.ndarray, start: str | None) -> History:
        last = int(rows[:, 2].max())
        zero = date.fromisoformat(start).toordinal() if start is not None and self.dated else last + 1
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


def begin(columns: dict[str, np.ndarray], world: World, network: Any, scenario: Any, seed: int) -> None:
    """Make the buyers of the past orders: units, last purchase, orders with a merchant, first and second order.

    Goes over what :func:`sim.state.population.start` has made and leaves its buyers as they are. Orders lie before
    warm-up, where there is one. Raises ScenarioError on a bad table, or one that does not fit the market.
    """
    history = read_history(scenario)
    if history is None:
        return
    order, person = settled(history, network, scenario, world.scale, seed)
    product = np.array([world.product_names.index(name) for name in history.names])[history.product[order]]
    step = scenario.market.step_length
    day = np.floor(history.day[order] / step).astype(np.int64) - scenario.market.warmup
    day = np.maximum(day, LONG_AGO)
    units = columns["units"].astype(np.int64)
    before = np.argwhere(units > 0)
    np.add.at(units, (person, product), history.quantity[order])
    columns["units"][:] = np.minimum(units, MOST_UNITS)
    columns["sold"][:] = units.sum(axis=0)
    new = columns["flags"][person, product] & AWARE == 0
    fresh = (person[new], product[new])
    columns["flags"][fresh] |= AWARE
    adstock = {f"{m.name}.{p.name}": p.initial.adstock for m in scenario.merchants for p in m.products}
    keep(columns, "adstock", np.array([adstock[name] for name in world.product_names])[fresh[1]], fresh)
    for name in ("last_exposure", "last_purchase", *(["last_delivery"] if "last_delivery" in columns else [])):
        where = fresh if name == "last_exposure" else (person, product)
        np.maximum.at(columns[name], where, (day[new] if name == "last_exposure" else day).astype(np.int16))
    merchant = np.asarray(world.products.merchant)
    told = columns["last_purchase"][before[:, 0], before[:, 1]]
    _relations(
        columns,
        np.concatenate([person, before[:, 0]]),
        np.concatenate([merchant[product], merchant[before[:, 1]]]),
        np.concatenate([day, np.minimum(told, -1)]),
    )


def _relations(columns: dict[str, np.ndarray], person: np.ndarray, merchant: np.ndarray, day: np.ndarray) -> None:
    """Orders with each merchant, and the days of the first two, from one entry an order."""
    order = np.lexsort((day, merchant, person))
    person, merchant, day = person[order], merchant[order], day[order]
    first = np.ones(len(day), bool)
    first[1:] = (person[1:] != person[:-1]) | (merchant[1:] != merchant[:-1])
    second = np.zeros(len(day), bool)
    second[1:] = first[:-1] & ~first[1:]
    columns["first_order"][person[first], merchant[first]] = day[first]
    columns["second_order"][:] = NEVER
    columns["second_order"][person[second], merchant[second]] = day[second]
    count = np.zeros(columns["orders_with"].shape, np.int64)
    np.add.at(count, (person, merchant), 1)
    columns["orders_with"][:] = np.minimum(count, MOST_UNITS)


def places_for(history: History, scale: float, n: int) -> int:
    """How many of ``n`` consumers are past buyers. Raises ScenarioError when that is more than there are."""
    places = round(len(history.ids) * scale)
    if places > n:
        message = f"its {places:,} customers do not fit into {n:,} consumers: raise market.consumers, or say with"
        raise ScenarioError([Problem(f"{message} market.reference_consumers how many people it is about", "orders")])
    return places


def settled(history: History, network: Any, scenario: Any, scale: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Which orders are in the market, int64, and the row of the person of each, int64."""
    customers = len(history.ids)
    if scenario.network.kind == "file":
        by_id = np.argsort(network.ids)
        at = np.minimum(np.searchsorted(network.ids, history.ids, sorter=by_id), network.n - 1)
        row = by_id[at]
        known = network.ids[row] == history.ids
        if not known.any():
            message = "none of its customers is a person of the network: are the ids written alike in both files?"
            raise ScenarioError([scenario.problem(("orders", "file"), message)])
        kept = np.flatnonzero(known[history.customer])
        return kept, row[history.customer[kept]]
    places = places_for(history, scale, network.n)
    row = np.argsort(draw(seed, Stream.INITIAL, network.ids, "customer")[:, 0], kind="stable")
    rounds = [np.flatnonzero(history.customer < places - taken) for taken in range(0, max(places, 1), customers)]
    people = [row[history.customer[kept] + k * customers] for k, kept in enumerate(rounds)]
    return np.concatenate(rounds), np.concatenate(people)
