"""``sim verify``: textbook laws and published findings on the shipped engine, in a table and on a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options
from sim.cli.screen import bar, note, out, plain, print_json

if TYPE_CHECKING:
    from sim.validation.verify import Verification

RESULTS = Path("results")

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="CASE", help="Cases to run, as V03 or V13.pool; default: all.", show_default=False),
]
Quick = Annotated[bool, typer.Option("--quick", help="Fewer runs: the same laws, wider errors.")]
Listing = Annotated[bool, typer.Option("--list", help="Name the cases and run none.")]
Networks = Annotated[
    bool, typer.Option("--networks", help="The generator of friendships beside real graphs, instead of cases.")
]
All = Annotated[bool, typer.Option("--verbose", "-v", help="Every number of every case, not only of those that fail.")]


def verify(
    cases: Names = None,
    quick: Quick = False,
    jobs: options.Jobs = None,
    folder: options.Out = RESULTS,
    listing: Listing = False,
    networks: Networks = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: All = False,
) -> int:
    """Check the engine against mathematics and published findings; exit code 1 when a case fails.

    Writes <out>/verification/report.html with a picture of each case.
    """
    from sim.validation.cases import NOT_YET, chosen

    if networks:
        return _networks(cases or ["lastfm_asia", "deezer_HU"], json)
    if listing:
        rows = [(c.key, c.kind, c.title) for c in chosen(cases or [])]
        _print(("case", "kind", "what"), [*rows, *((n.key, "open", n.title) for n in NOT_YET)], json)
        return 0
    chosen(cases or [])
    from sim.validation.verify import verify as run

    with bar("cases", quiet) as progress:
        found = run(cases or [], quick=quick, jobs=jobs, progress=progress)
    page = found.to_html(folder / "verification" / "report.html")
    if json:
        print_json(plain({
            "passed": found.passed, "quick": found.quick, "seconds": found.seconds, "page": str(page),
            "cases": [{"case": v.key, "title": v.title, "kind": v.kind, "source": v.source, "passed": v.passed,
                       "seconds": v.seconds, "error": v.error} for v in found.verdicts],
            "checks": found.rows(), "open": [vars(n) for n in found.not_yet],
        }))  # fmt: skip
    else:
        _show(found, verbose)
        note(f"\npage: {page}", quiet)
    return 0 if found.passed else 1


def _networks(graphs: list[str], json: bool) -> int:
    """Tables of figures of the generator and of real graphs, and the settings that came nearer."""
    from sim.report.verification import number
    from sim.validation.realism import audiences, likeness, tails

    found = [likeness(graph) for graph in graphs]
    unequal, ends = audiences(), tails()
    if json:
        print_json(plain({"graphs": [vars(one) for one in found], "audiences": unequal, "tails": ends}))
        return 0
    for one in found:
        heads = ("figure", "packaged", "its mean degree", f"nearest of {one.tried}", one.graph)
        rows = [(label, *map(number, values)) for label, *values in one.rows()]
        _print(heads, [*rows, ("distance (1: each off by .3 in log or .1)", *map(number, one.distances), "0")], False)
        nearer = ", ".join(f"{name} {value:g}" for name, value in one.nearer.items())
        print(f"nearer with: {nearer or 'nothing that was tried'}\n")
    _print(("audiences of creators", "rate card", "twitch_ZHTW, ties"),
           [(label, number(own), number(real)) for label, own, real in unequal], False)  # fmt: skip
    print()
    columns = ("tail of degrees", "people in it", "exponent", "ln L, power law over lognormal", "p", "verdict")
    told = [(graph, f"{count:,}", *map(number, rest), verdict) for graph, count, *rest, verdict in ends]
    _print(columns, told, False)
    return 0


def _show(found: Verification, verbose: bool) -> None:
    """A line a case, or a line a number; what failed always in full."""
    from sim.report.verification import in_words

    rows: list[tuple[str, ...]] = []
    for v in found.verdicts:
        checks = list(v.finding.checks) if v.finding else []
        controls = sum(c.is_control for c in checks)
        shown = checks if verbose or not v.passed else []
        lead = next((c for c in checks if c.rule == "near" and c.tolerance), checks[0] if checks else None)
        head = in_words(lead) if lead and not shown else ("", "", "")
        said = f"{lead.what} (and {len(checks) - 1} more, {controls} controls)" if lead and not shown else ""
        rows.append((v.key, v.title if shown or not lead else f"{v.title}: {said}", *head, _word(v.passed)))
        rows += [("", f"  {c.what}", *in_words(c), _word(c.passed)) for c in shown]
        if v.error:
            rows.append(("", "  " + v.error.strip().splitlines()[-1], "", "", "", ""))
    _print(("case", "what", "expected", "observed", "tolerance", ""), rows, False)
    passed, total = sum(v.passed for v in found.verdicts), len(found.verdicts)
    print(f"\n{passed} of {total} cases pass, {len(found.rows())} numbers, {found.seconds:.0f} s")


def _word(passed: bool) -> str:
    return "pass" if passed else "FAIL"


def _print(heads: tuple[str, ...], rows: list[tuple[Any, ...]], json: bool) -> None:
    if json:
        print_json([dict(zip(heads, row, strict=True)) for row in rows])
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in heads:
        right = head not in ("case", "kind", "what", "figure", "")
        table.add_column(head, justify="right" if right else "left", overflow="fold", no_wrap=head in ("case", "kind"))
    for row in rows:
        table.add_row(*map(str, row))
    out().print(table, markup=False)
