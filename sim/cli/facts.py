"""``sim facts``: the market figures of reports beside the model, in a table and on a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import options
from sim.cli.screen import bar, note, out, plain, print_json

if TYPE_CHECKING:
    from sim.validation.facts.run import Facts

RESULTS = Path("results")

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="FIGURE", help="Figures to check, as F012; default: all.", show_default=False),
]
Quick = Annotated[bool, typer.Option("--quick", help="Four replications: the same figures, wider intervals.")]
Replications = Annotated[
    int | None, typer.Option(min=3, help="Replications of each arm; default: 12, with --quick 4.", show_default=False)
]
Book = Annotated[
    Path | None,
    typer.Option("--book", metavar="FILE", help="Also write the results as a page of the documentation.",
                 show_default=False),
]  # fmt: skip
All = Annotated[bool, typer.Option("--verbose", "-v", help="Also the figures that are held against no run, and why.")]


def facts(
    figures: Names = None,
    quick: Quick = False,
    replications: Replications = None,
    seed: options.Seed = 0,
    jobs: options.Jobs = None,
    folder: options.Out = RESULTS,
    book: Book = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: All = False,
) -> int:
    """Hold the market figures of reports against the model: reproduced, right direction, contradicted, not comparable.

    No parameter is fitted to them. Runs are kept under <out>; writes <out>/facts/report.html.
    """
    from sim.validation.facts.run import facts as check

    with bar("markets", quiet) as progress:
        found = check(figures or [], quick=quick, replications=replications, seed=seed, jobs=jobs, out=folder,
                      progress=progress)  # fmt: skip
    from sim.report.facts import markdown, write_page

    page = folder / "facts" / "report.html"
    write_page(found, page)
    if book is not None:
        from sim.experiments.store import write_text

        write_text(markdown(found), book)
    if json:
        print_json(plain({"replications": found.replications, "seconds": found.seconds, "quick": found.quick,
                          "verdicts": found.counts(), "page": str(page), "figures": found.rows()}))  # fmt: skip
    else:
        _show(found, verbose or bool(figures))
        note(f"\npage: {page}", quiet)
    return 0


def _show(found: Facts, verbose: bool) -> None:
    """A line a figure, then how many have each verdict."""
    from rich.table import Table

    from sim.report.facts import claimed, observed

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("", "claim", "figure", "model", "verdict", "why"):
        table.add_column(head, justify="right" if head in ("figure", "model") else "left", overflow="fold",
                         no_wrap=head in ("", "verdict"))  # fmt: skip
    for c in found.checked:
        if c.wiring is not None:
            table.add_row(c.figure.id, c.figure.claim, claimed(c), observed(c), c.verdict, c.reason)
        elif verbose:
            table.add_row(c.figure.id, c.figure.claim, "", "", c.verdict, c.reason)
    out().print(table, markup=False)
    counts = ", ".join(f"{n} {verdict}" for verdict, n in found.counts().items())
    print(f"\n{counts}; {len(found.checked) - len(found.wired)} of {len(found.checked)} figures held against no run "
          f"({'-v says why' if not verbose else 'reasons above'}), {found.seconds:.0f} s")  # fmt: skip
