"""What was read from tables of the user's own, in words, and a resolved scenario without their thousand rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SHOWN = 3
"""Rows of a table shown in ``validate --resolved``."""


def in_words(made: Any, past: Mapping[str, Any]) -> Iterator[str]:
    """A line a table: where its rows went and how it is written; then past orders and adoptions."""
    for table in made.tables:
        rows = f"{table.rows:,} row{'' if table.rows == 1 else 's'}"
        unused = f"; columns not used: {', '.join(table.unused)}" if table.unused else ""
        yield f"{table.file}: {rows} in {table.where} ({table.form}){unused}"
    for section, history in past.items():
        skipped = f"; {history.skipped:,} of other products skipped" if history.skipped else ""
        yield (f"{getattr(made, section).file}: {len(history.customer):,} {section} of {len(history.ids):,} customers, "
               f"the last on {history.last}, are the market's past{skipped}")  # fmt: skip


def as_data(made: Any, past: Mapping[str, Any]) -> dict[str, Any]:
    """The same for programs."""
    said: dict[str, Any] = {"tables": [
        {"file": t.file, "rows": t.rows, "where": t.where, "form": t.form, "sha256": t.sha256, "columns": t.columns,
         "unused": list(t.unused)} for t in made.tables
    ]}  # fmt: skip
    for section, history in past.items():
        said[section] = {"file": getattr(made, section).file, section: len(history.customer),
                         "customers": len(history.ids), "skipped": history.skipped, "last": history.last}  # fmt: skip
    return {key: value for key, value in said.items() if value}


def shortened(version: Any, base: Any) -> tuple[dict[str, Any], list[str]]:
    """A resolved version with the first rows of each table, and those in which it differs from the base; and a line on
    what is left out."""
    from sim.cli.passports import value_at

    resolved, as_it_stands = version.resolved(), base.resolved()
    notes = []
    for table in base.tables:
        items, others = value_at(resolved, table.where), value_at(as_it_stands, table.where)
        if not isinstance(items, list) or table.rows <= SHOWN:
            continue
        hidden = set(table.names[SHOWN:])
        if hidden:
            before = {item["name"]: item for item in others}
            kept = [i for i in items if i["name"] not in hidden or before.get(i["name"]) != i]
        else:
            kept = items[:SHOWN] if items == others else items
        if len(kept) < len(items):
            notes.append(f"{table.where}: {len(kept)} of {len(items):,} shown, {table.rows:,} are rows of {table.file}")
        items[:] = kept
    return resolved, notes
