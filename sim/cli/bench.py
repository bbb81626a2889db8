"""``sim bench``: how fast the whole market lives on this machine, and the page that says so."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli import options
from sim.cli.screen import bar, note, out, print_json

Full = Annotated[bool, typer.Option("--full", help="A million consumers too (some minutes, 3 GB).")]
Sizes = Annotated[
    list[int] | None,
    typer.Option("--consumers", min=100, help="A size to measure; may be repeated. Default: 2,000, 20,000 and 100,000.",
                 show_default=False),
]  # fmt: skip
Folder = Annotated[Path, typer.Option("--out", help="Folder of figures and JSON; the page is written beside it.")]


def bench(
    full: Full = False,
    sizes: Sizes = None,
    days: Annotated[int, typer.Option(min=2, help="Days of each market.")] = 30,
    repeats: Annotated[int, typer.Option(min=1, help="Interleaved repeats.")] = 5,
    folder: Folder = Path("results/bench"),
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Measure the market's speed and memory on this machine, and write the performance book.

    Rates at several sizes on one and two threads, time by mechanism, bytes a consumer by column, and how near that is
    to what the machine allows.
    """
    from sim.bench.book import bench as measured
    from sim.bench.book import write_book
    from sim.bench.measure import FULL, SIZES
    from sim.experiments.executors import cores

    threads = (1, 2) if cores() > 1 else (1,)
    with bar("bench", quiet) as progress:
        found = measured(sizes or (FULL if full else SIZES), threads, days, repeats, progress)
    page = write_book(found, folder)
    if json:
        print_json(found)
    else:
        _show(found)
        note(f"\npage: {page}\nfigures and numbers: {folder}", quiet)
    return 0


def _show(found: dict[str, Any]) -> None:
    from rich.table import Table

    console = out()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("consumers", "threads", "consumer-days a second", "ms a day", "bytes a consumer", "longest parts"):
        table.add_column(head, justify="left" if head == "longest parts" else "right", no_wrap=True)
    for case in found["cases"]:
        longest = ", ".join(f"{p['name']} {100 * p['share']:.0f} %" for p in case["parts"][:3])
        size = found["memory"][str(case["consumers"])]["totals"]["all"]
        table.add_row(f"{case['consumers']:,}", str(case["threads"]), f"{case['rate']:,.0f}", f"{case['ms_a_day']:.2f}",
                      f"{size:,.0f}", longest)  # fmt: skip
    console.print(table)
    roof = found["roofline"]
    console.print(f"\n{roof['measured_ns']:.0f} ns a consumer-day at {roof['consumers']:,} consumers on one thread; "
                  f"bytes, draws and functions alone would take {roof['floor_ns']:.0f} ns "
                  f"({100 * roof['reached']:.0f} %)", highlight=False)  # fmt: skip
