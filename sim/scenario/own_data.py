"""Tables of one's own beside a scenario: catalogue, rate card, price list, orders, adoptions. Schema only.

``catalogue``, ``rate_card`` and ``price_list`` are read with the file that names them (:mod:`sim.scenario.attach`):
their rows become products, creators and prices, as if written there. ``orders`` and ``adoptions`` are read when the
market is built.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sim.contract import Params, quantity
from sim.scenario.names import IsoDate


class DataFile(Params):
    """A table in a file: CSV (UTF-8, UTF-16 or GB18030), Parquet or xlsx, with a header."""

    file: str = quantity(
        ..., "CSV, Parquet or xlsx, relative to the file that names it.", applies="build", min_length=1
    )
    columns: dict[str, str | None] = quantity(
        {}, "Field: header of its column. Headers spelt like a field need no line; null: do not read.", applies="build"
    )
    sheet: str | None = quantity(None, "Sheet of an xlsx file; none: the first.", applies="build")
    separator: str = quantity("auto", "Between the columns of a CSV file; auto: found out.", applies="build")


class RowFile(DataFile):
    """A table whose rows stand for items written here."""

    each: dict[str, Any] = quantity(
        {}, "Fields every row has unless a column says otherwise, as in {category: beauty}.", applies="build"
    )
    replace: bool = quantity(
        False, "The rows stand in place of what presets and extended files list; else beside it.", applies="build"
    )


class Price(Params):
    """One line of a price list: the list price of a product from a day on."""

    day: Annotated[int, Field(ge=0)] | IsoDate = quantity(
        ..., "First day of the price, as a number or, with market.start, a date.", unit="day", applies="build"
    )
    product: str = quantity(..., "Product of the focal or only merchant, or merchant.product.", applies="build")
    price: float = quantity(..., "List price from that day on.", unit="yuan", gt=0, applies="build")


class PastOrder(Params):
    """The columns of a table of past orders."""

    customer: str = quantity(..., "Any id; hashed as it is read.", applies="build")
    product: str = quantity(..., "Product of the focal or only merchant, or merchant.product.", applies="build")
    day: int | IsoDate = quantity(..., "Date, or number of the table's own count.", unit="day", applies="build")
    quantity: int = quantity(1, "Units.", unit="units", ge=1, applies="build")


class Orders(DataFile):
    """Past orders (columns: :class:`PastOrder`), from which the first day's buyers are made.

    Day 0 is ``market.start`` where days are dates and it is given, else the day after the last order.
    """

    columns: dict[str, str | None] = quantity(
        {}, "Header by field: customer, product, day and, perhaps, quantity; as in a catalogue.", applies="build"
    )
    unknown: Literal["refuse", "skip"] = quantity(
        "refuse", "What becomes of orders of products the scenario does not sell.", applies="build"
    )


class PastAdoption(Params):
    """The columns of a table of adoptions."""

    person: str = quantity(..., "Any id; hashed as it is read.", applies="build")
    day: int | IsoDate | None = quantity(
        ..., "When the person adopted; empty: never.", unit="day", applies="build"
    )
    product: str = quantity("", "Product of the focal or only merchant, or merchant.product.", applies="build")


class Adoptions(DataFile):
    """Who adopted when (columns: :class:`PastAdoption`), a row a person: those before the first day have bought.

    The rest of the table is what ``sim calibrate`` can be given to explain.
    """

    columns: dict[str, str | None] = quantity(
        {}, "Header by field: person, day and, perhaps, product; as in a catalogue.", applies="build"
    )
    product: str | None = quantity(
        None, "What was adopted, where no column says so; none: the only product.", applies="build"
    )
    first: int | IsoDate | None = quantity(
        None, "First day of the market in the table's count; none: as with orders.",
        unit="day", applies="build",
    )  # fmt: skip
    never: list[int] = quantity([], "Days that stand for never, beside an empty cell.", applies="build")
    unknown: Literal["refuse", "skip"] = quantity(
        "refuse", "What becomes of adoptions of products the scenario does not sell.", applies="build"
    )
