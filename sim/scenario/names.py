"""Small languages inside values: names, dates, and the conditions that end a phase."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from sim.contract import STEERING

_NAME = re.compile(r"[^\s\"'*\[\]{}](?:[^\"'*\n\r\t\[\]{}]*[^\s\"'*\[\]{}])?")


def _check_name(name: str) -> str:
    if len(name) > 80 or not _NAME.fullmatch(name):
        raise PydanticCustomError(
            "name", "must be 1-80 characters without quotes, *, brackets, braces or blanks at either end"
        )
    if found := STEERING.search(name):
        raise PydanticCustomError("name", "holds a sign that is not seen ({sign})", {"sign": f"U+{ord(found[0]):04X}"})
    return name


Name = Annotated[str, AfterValidator(_check_name)]
"""A name in any script. One outside ``[\\w-]+`` must be quoted where it stands in a path."""

_UNTIL = re.compile(r"^\s*(stock|roas|members|buyers)\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*$")


def parse_until(text: str) -> tuple[str, str, float]:
    """``"stock < 200"`` as (quantity, comparison, number). Raises ValueError on anything else."""
    found = _UNTIL.match(text)
    if not found:
        raise ValueError(
            f"cannot read the condition {text!r}: write one of stock, roas, members, buyers, "
            "then <, <=, > or >=, then a number, as in 'stock < 200'"
        )
    return found[1], found[2], float(found[3])


def _check_until(text: str) -> str:
    try:
        parse_until(text)
    except ValueError as error:
        raise PydanticCustomError("until", "{reason}", {"reason": str(error)}) from None
    return text


Until = Annotated[str, AfterValidator(_check_until)]


def _check_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise PydanticCustomError("date", "must be a date such as 2025-06-18") from None


def _check_day(text: str) -> str:
    if re.fullmatch(r"\d\d-\d\d", text):
        return _check_date(f"2001-{text}")[5:]
    return _check_date(text)


DayText = Annotated[str, AfterValidator(_check_day)]
"""A date, or month-day for one that comes every year."""

IsoDate = Annotated[str, AfterValidator(_check_date)]
"""A date, year-month-day."""
