"""Tables named in a scenario file become part of it, each row with the file and line where it stands.

``merchants.*.catalogue`` gives products, ``rate_card`` creators, ``price_list`` prices. What is wrong in a row is found
by the schema afterwards, like anything written by hand. ``network.path``, ``orders.file`` and ``adoptions.file`` are
only made to lead to the same file when seen from the folder of the scenario.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.contract import Problem, ScenarioError
from sim.scenario.datapath import DataPathError, Folders
from sim.scenario.located import Map, Mark, Seq, plain
from sim.scenario.own_data import Price, RowFile
from sim.scenario.paths import quote
from sim.scenario.players import Creator, Product
from sim.scenario.rowfields import Field, assigned, cell
from sim.scenario.tabular import Grid, capped, read_grid

MOST_ROWS = 200_000
MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class TableRead:
    """What was read from one table: where its rows went, how it is written, which headers were used and which not."""

    where: str
    file: str
    form: str
    sha256: str
    rows: int
    names: tuple[str, ...]
    columns: dict[str, str]
    unused: tuple[str, ...]


@dataclass(frozen=True)
class _Spot:
    """A table to be read: ``holder[key]`` names it, its rows go to ``holder[target]``."""

    holder: Map
    key: str
    target: str
    model: type[BaseModel]
    inside: str = ""


def attach(data: Map, folders: Folders, label: str) -> tuple[list[TableRead], list[Problem]]:
    """Put the rows of every table in place of its name. A table that cannot be read stays named, with problems."""
    read: list[TableRead] = []
    problems: list[Problem] = []
    for spot in _spots(data):
        said = spot.holder[spot.key]
        try:
            spec = RowFile.model_validate(plain(said))
        except ValidationError:
            continue  # said by the schema, with everything else that is wrong
        if not isinstance(said, Map) or not isinstance(spot.holder.get(spot.target, Seq()), Seq):
            continue
        try:
            rows, table = _rows(spec, said, spot, folders, label)
        except ScenarioError as error:
            problems.extend(replace(p, path=p.path or spot.inside + spot.target) for p in error.problems)
            continue
        mark = spot.holder.marks.pop(spot.key)
        del spot.holder[spot.key]
        listed = Seq(mark)
        for item in (spot.holder.get(spot.target, Seq()), rows):
            for value, place in zip(item, item.marks, strict=True):
                listed.put(value, place)
        listed.whole = spec.replace
        spot.holder.put(spot.target, listed, mark)
        read.append(table)
    for section, key in (("network", "path"), ("orders", "file"), ("adoptions", "file")):
        block = data.get(section)
        if isinstance(block, Map) and isinstance(block.get(key), str):
            try:
                block[key] = folders.from_home(block[key])
            except DataPathError as error:
                problems.append(_problem(str(error), f"{section}.{key}", block.marks[key], label))
    return read, problems


def _spots(data: Map) -> Iterator[_Spot]:
    merchants = data.get("merchants")
    for k, merchant in enumerate(merchants if isinstance(merchants, Seq) else ()):
        if isinstance(merchant, Map) and merchant.get("catalogue") is not None:
            name = merchant.get("name")
            shown = quote(name) if isinstance(name, str) and name else f"[{k}]"
            yield _Spot(merchant, "catalogue", "products", Product, f"merchants.{shown}.")
    for key, target, model in (("rate_card", "creators", Creator), ("price_list", "prices", Price)):
        if data.get(key) is not None:
            yield _Spot(data, key, target, model)


def _problem(message: str, path: str, mark: Mark | None, label: str) -> Problem:
    return Problem(message, path, mark.file if mark else label, mark.line if mark else None)


def _rows(spec: RowFile, said: Map, spot: _Spot, folders: Folders, label: str) -> tuple[Seq, TableRead]:
    """The rows of a table as located items. Raises ScenarioError when table or mapping cannot be used."""
    at = spot.inside + spot.key
    try:
        path = folders.existing(spec.file)
    except DataPathError as error:
        raise ScenarioError([_problem(str(error), f"{at}.file", said.marks["file"], label)]) from None
    grid = read_grid(path, shown(path), spec.sheet, spec.separator, MOST_BYTES)
    fields, wrong = assigned(grid, spot.model, spec.columns, spec.each)
    if wrong:
        raise ScenarioError([_mapping_problem(loc, message, at, said, label) for loc, message in wrong])
    rows = Seq(Mark(grid.label, grid.line or 1))
    for line, cells in grid.rows:
        if len(rows) >= MOST_ROWS:
            grid.complain(line, f"more than {MOST_ROWS:,} rows")
            break
        rows.put(_row(grid, line, cells, fields, said.get("each")), Mark(grid.label, line))
    if grid.problems:
        raise ScenarioError(capped(grid.problems))
    if not rows:
        raise ScenarioError([Problem("has a header and no rows", file=grid.label, line=grid.line)])
    used = {field.column for field in fields}
    names = tuple(row["name"] for row in rows if isinstance(row.get("name"), str))
    unused = tuple(head for k, head in enumerate(grid.header) if k not in used and head)
    table = TableRead(spot.inside + spot.target, grid.label, grid.form, grid.sha256, len(rows), names,
                      {".".join(field.names): field.header for field in fields}, unused)  # fmt: skip
    return rows, table


def _mapping_problem(loc: tuple[Any, ...], message: str, at: str, said: Map, label: str) -> Problem:
    mark = said.marks.get(str(loc[0])) if loc else None
    if len(loc) == 2 and isinstance(said.get("columns"), Map):
        mark = said["columns"].marks.get(loc[1]) or mark
    path = ".".join([at, *(quote(str(part)) for part in loc)])
    return _problem(message, path, mark or said.marks.get("file"), label)


def _row(grid: Grid, line: int, cells: list[Any], fields: list[Field], each: Any) -> Map:
    row = Map(Mark(grid.label, line))
    for name, value in each.items() if isinstance(each, Map) else ():
        _put(row, tuple(name.split(".")), value, each.marks[name])
    for field in fields:
        value = cell(cells[field.column], field.place, grid.comma)
        if value is not None:
            _put(row, field.names, value, Mark(grid.label, line, field.header))
    return row


def _put(row: Map, names: tuple[str, ...], value: Any, mark: Mark | None) -> None:
    """Set a value, opening the mappings on the way; what ``each`` says is copied, never shared between rows."""
    for name in names[:-1]:
        if not isinstance(row.get(name), Map):
            row.put(name, Map(mark), mark)
        row = row[name]
    if isinstance(value, Map):
        for key, inner in value.items():
            _put(row, (*names[-1:], key), inner, value.marks[key])
    else:
        row.put(names[-1], value, mark)


def shown(path: Path) -> str:
    """How a data file is called in messages: from the working folder where it lies below."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except (ValueError, OSError):
        return str(path)
