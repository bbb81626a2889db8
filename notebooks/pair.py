"""Write the .ipynb beside every percent source, without outputs: ``python notebooks/pair.py`` (needs jupytext)."""

from __future__ import annotations

import json
from pathlib import Path

import jupytext

SHELVES = Path(__file__).resolve().parent


def main() -> None:
    """Cells get ids of their place, so that an unchanged source gives an unchanged notebook."""
    for source in sorted(SHELVES.glob("*/[0-9]*.py")):
        book = jupytext.read(source)
        for k, cell in enumerate(book.cells):
            cell["id"] = f"cell-{k:02d}"
            cell["metadata"] = {}
        book.metadata = {"kernelspec": book.metadata["kernelspec"], "language_info": {"name": "python"}}
        text = json.dumps(book, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        source.with_suffix(".ipynb").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
