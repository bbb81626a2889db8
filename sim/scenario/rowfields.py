"""From the columns of a table to the fields of a row: which column is which field, and what a cell says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import BaseModel

from sim.scenario.paths import Loc, Place, nearest
from sim.scenario.tabular import Grid

_NUMBER = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?|[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})([-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?(?:[ T].*)?")
_TRUTH = dict.fromkeys(("true", "yes", "y", "1", "是", "真"), True) | dict.fromkeys(
    ("false", "no", "n", "0", "否", "假"), False
)


class Field(NamedTuple):
    """A field of a row and the column it is read from."""

    names: tuple[str, ...]
    place: Place
    column: int
    header: str


def fields_of(model: type[BaseModel]) -> dict[str, Place]:
    """Every single value of a model by its dotted name: ``price``, ``initial.aware``."""
    return dict(_leaves(Place.root(model), ""))


def _leaves(place: Place, prefix: str) -> Iterator[tuple[str, Place]]:
    for model in place.models():
        for name in model.model_fields:
            inner = place.child(name)
            if inner.models():
                yield from _leaves(inner, f"{prefix}{name}.")
            elif not inner.is_container:
                yield prefix + name, inner


def assigned(
    grid: Grid, model: type[BaseModel], columns: Mapping[str, str | None], given: Iterable[str] = ()
) -> tuple[list[Field], list[tuple[Loc, str]]]:
    """The fields of ``model`` that the table has, and what is wrong with the mapping, by its place in it.

    ``columns`` names headers by field, null for a field not to be read; a header spelt like a field needs no line.
    ``given``: fields that need no column.
    """
    known = fields_of(model)
    problems: list[tuple[Loc, str]] = []
    found: list[Field] = []
    for name, header in columns.items():
        if name not in known:
            problems.append((("columns", name), f"there is no field {name!r}{nearest(name, known)}"))
        elif header is not None:
            try:
                found.append(Field(tuple(name.split(".")), known[name], grid.column(header), header))
            except LookupError as error:
                problems.append((("columns", name), str(error)))
    spelt = [head.strip().casefold().replace(" ", "_").replace("-", "_") for head in grid.header]
    for k, name in enumerate(spelt):
        if name in known and name not in columns:
            if name in spelt[:k]:
                problems.append(((), f"{grid.label} has two columns called {grid.header[k]!r}"))
            else:
                found.append(Field(tuple(name.split(".")), known[name], k, grid.header[k]))
    have = {".".join(field.names) for field in found} | set(given) | {str(loc[-1]) for loc, _ in problems if loc}
    for name, info in model.model_fields.items():
        if info.is_required() and name not in have:
            heads = ", ".join(filter(None, grid.header))
            problems.append(
                (("columns",), f"no column of {grid.label} is {name!r}, which every row needs: say which, as in "
                               f"columns: {{{name}: ...}}; it has {heads:.300}")
            )
    return found, problems


def cell(value: Any, place: Place, comma: bool = False) -> Any:
    """A cell as its field wants it; what cannot be read so stays as it is, for the schema to refuse; empty is None."""
    if isinstance(value, str):
        value = value.strip()
        return _of_text(value, place, comma) if value else None
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, (bool, int, float)) and not place.is_number and bool not in place.kinds:
        whole = isinstance(value, float) and value.is_integer()
        return str(int(value) if whole else value)
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _of_text(text: str, place: Place, comma: bool) -> Any:
    if place.is_number:
        number = _number(text, comma)
        if number is not None:
            return number
        if str in place.kinds:
            return iso_day(text) or text
    elif bool in place.kinds:
        return _TRUTH.get(text.casefold(), text)
    return text


def _number(text: str, comma: bool) -> float | int | None:
    """``1299``, ``0.5``, ``20%``; ``0,5`` where the decimal sign is a comma. Not ``1,299``, which means two things."""
    bare = text[:-1].rstrip() if text[-1] in "%％" else text
    if comma and "." not in bare:
        bare = bare.replace(",", ".", 1)
    if not _NUMBER.fullmatch(bare):
        return None
    number = int(bare) if bare.lstrip("+-").isdecimal() else float(bare)
    return number if bare is text or text[-1] not in "%％" else number / 100


def iso_day(text: str) -> str | None:
    """The date of ``2025-06-18``, ``2025/6/18 20:15`` or ``2025年6月18日``, None when it is none."""
    found = _DATE.fullmatch(text)
    try:
        return date(int(found[1]), int(found[3]), int(found[4])).isoformat() if found else None
    except ValueError:
        return None
