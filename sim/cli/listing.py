"""``sim list``: scenarios by topic, and what the library has for them: presets, events, strategies."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli import options
from sim.cli.screen import literal, note, out, print_json

OTHER = "other"
"""Topic of scenarios that name none."""


class Shelf(StrEnum):
    """What can be listed."""

    scenarios = "scenarios"
    presets = "presets"
    events = "events"
    strategies = "strategies"


_HOW = {
    Shelf.presets: "extends: [presets/market/small_city.yaml, presets/platforms/notes.yaml]",
    Shelf.events: "events: [{use: parcel_jam, day: 60, days: 14, strength: 0.5}]",
    Shelf.strategies: "strategies: {circles: {use: koc_circles}}",
}


def listing(
    what: Annotated[Shelf, typer.Argument(help="What to list.", show_default=False)] = Shelf.scenarios,
    json: options.Json = False,
) -> int:
    """List the scenarios at hand by topic: those of the folder 'scenarios' here, then those that come with the program.

    Or the parts of which one can be made: presets to extend, events and strategies to use.
    """
    rows = _scenarios() if what is Shelf.scenarios else _library(what)
    if json:
        print_json(rows)
    elif not rows:
        note("no scenarios here; 'sim init' writes a first one")
    elif what is Shelf.scenarios:
        for row in rows:
            row["said"] = row.get("question") or row.get("title") or f"does not load: {row['problem']}"
            row["last"] = ", ".join(row.get("strategies", []))
        _show(("name", "question", "strategies"), rows)
    else:
        _show(("name", "what it is"), rows)
        print(f"\nAs in  {_HOW[what]}")
    return 0


def _show(heads: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """A table under a line for each topic, topics in the order of the alphabet."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, overflow="fold")
    topic = None
    for row in sorted(rows, key=lambda row: row.get("topic") or OTHER):
        if row.get("topic", "") != topic:
            topic = row.get("topic", "")
            table.add_row(f"[bold]{literal(topic or OTHER)}[/bold]", *[""] * (len(heads) - 1))
        table.add_row("  " + literal(row["name"]), *[literal(row[key]) for key in ("said", "last") if key in row])
    out().print(table)


def _scenarios() -> list[dict[str, Any]]:
    from sim.contract import SimError
    from sim.scenario import load

    rows = []
    for file in sorted({f.stem: f for place in reversed(options.places()) for f in place.glob("*.y*ml")}.values()):
        row: dict[str, Any] = {"name": file.stem, "path": str(file)}
        try:
            made = load(file)
            row |= {"title": made.name, "topic": made.topic, "question": " ".join(made.question.split()),
                    "strategies": list(made.strategies), "consumers": made.market.consumers,
                    "days": made.market.days}  # fmt: skip
        except SimError as error:
            row["problem"] = str(error).splitlines()[0]
        rows.append(row)
    return rows


def _library(what: Shelf) -> list[dict[str, Any]]:
    """Names and first sentences of the files; presets under the folder they lie in."""
    from sim.scenario.library import PRESETS, shelf
    from sim.scenario.loading import presets

    if what is Shelf.presets:
        return [{"name": name, "topic": name.split("/")[1], "said": _first_comment(PRESETS.parent / name)}
                for name in presets()]  # fmt: skip
    return [{"name": name, "topic": what.value, "said": _first_comment(PRESETS / what / f"{name}.yaml")}
            for name in shelf(what)]  # fmt: skip


def _first_comment(file: Path) -> str:
    """The first line of a file, which says what it is, without a sentence that goes on in the next."""
    with file.open(encoding="utf-8") as text:
        line = text.readline().lstrip("# ").strip()
    whole, stop, _ = line.rpartition(". ")
    return line if line.endswith(".") or not stop else f"{whole}."
