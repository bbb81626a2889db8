"""Words of the field on the screen, and the two shapes in which anything is explained: facts and tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.cli.screen import out, plain, print_json


def glossary(json: bool, write: Path | None) -> None:
    """All words, or the page of them written to a file."""
    from sim.scenario import glossary as source

    known = source.terms()
    if write is not None:
        write.parent.mkdir(parents=True, exist_ok=True)
        partial = write.with_name(write.name + ".part")
        partial.write_text(source.page(), encoding="utf-8", newline="\n")
        partial.replace(write)
        print(f"{write}: {len(known)} words")
    elif json:
        print_json([word.plain() for word in known])
    else:
        table(("term", "中文", "meaning"), [(word.term, word.zh, word.en) for word in known])


def show(word: Any, json: bool) -> None:
    """A word of the field; what it points to can be asked next."""
    if json:
        print_json(word.plain())
        return
    more = ", ".join(f"sim explain {name}" for name in word.see)
    facts({"term": f"{word.term} · {word.zh}", "meaning": word.en, "": word.cn, "more": more}, False)


def facts(known: dict[str, Any], json: bool) -> None:
    """Names and values, a line each."""
    if json:
        print_json(plain(known))
        return
    wide = max(map(len, known), default=0)
    for name, value in known.items():
        print(f"{name:<{wide}}  {value}")


def table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Rows under heads."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in heads:
        made.add_column(head, overflow="fold")
    for row in rows:
        made.add_row(*map(str, row))
    out().print(made, markup=False)
