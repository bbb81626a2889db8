"""The performance book: one JSON file with every figure, and the page and pictures made from it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sim.bench import figures, roofline
from sim.bench.machine import machine
from sim.bench.measure import DAYS, REPEATS, Progress, measure, totals
from sim.experiments.store import write_json, write_text

JSON, PEERS = "bench.json", "peers.json"


def bench(sizes: Sequence[int], threads: Sequence[int], days: int = DAYS, repeats: int = REPEATS,
          progress: Progress | None = None) -> dict[str, Any]:  # fmt: skip
    """Measure everything; plain data, as it goes into the JSON file."""
    cases, facts = measure(sizes, threads, days, repeats, progress)
    price = roofline.prices()
    largest, fewest = max(sizes), min(threads)
    rate = next(case.plain()["busy_rate"] for case in cases if (case.people, case.threads) == (largest, fewest))
    return {
        "machine": machine(), "measured": time.strftime("%Y-%m-%d"), "days": days,
        "cases": [case.plain() for case in cases],
        "memory": {str(n): {**fact["memory"], "totals": totals(fact["memory"])} for n, fact in facts.items()},
        "prices": price, "work": facts[largest]["work"],
        "roofline": {"consumers": largest, "threads": fewest, **roofline.roofline(facts[largest]["work"], price, rate)},
    }  # fmt: skip


def write_book(found: dict[str, Any], folder: Path) -> Path:
    """Write ``bench.json`` and figures into the folder and the page beside it (``folder.md``); gives the page.

    A ``peers.json`` in the folder (see tests/benchmarks/peers) becomes a table of the page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(found, folder / JSON)
    largest = max(found["memory"], key=int)
    drawn = {"scaling": figures.scaling(found["cases"]), "spent": figures.spent(found["cases"]),
             "memory": figures.memory(found["memory"][largest])}  # fmt: skip
    for name, figure in drawn.items():
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    page = folder.with_suffix(".md")
    write_text(page_of(found, folder), page)
    return page


def page_of(found: dict[str, Any], folder: Path) -> str:
    """The page in Markdown: every figure in it comes from the JSON files."""
    peers = folder / PEERS
    here = Environment(loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True,
                       lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)  # fmt: skip
    here.filters["by_name"] = figures.by_name
    return here.get_template("performance.md.j2").render(
        b=found, folder=folder.name, largest=max(found["memory"], key=int),
        peers=json.loads(peers.read_text(encoding="utf-8")) if peers.is_file() else None,
    )  # fmt: skip
