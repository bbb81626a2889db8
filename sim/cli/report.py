"""``sim report``: the page of anything that is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli import options
from sim.cli.screen import note

FolderArg = Annotated[Path, typer.Argument(help="Folder of an answer, with its manifest.json.", show_default=False)]
PageOut = Annotated[Path | None, typer.Option("--out", help="The page; default: report.html in the folder.",
                                              show_default=False)]  # fmt: skip


def report(folder: FolderArg, page: PageOut = None, lang: options.Lang = "en", quiet: options.Quiet = False) -> int:
    """Write the page of a stored comparison, sweep or run again, from its tables alone."""
    from sim.experiments.results import load_results

    if lang not in ("en", "zh"):
        raise typer.BadParameter(f"the report speaks en and zh, not {lang!r}", param_hint="--lang")
    found = load_results(folder)
    assert found.path is not None
    target = page or found.path / ("report.html" if lang == "en" else f"report.{lang}.html")
    if found.kind == "compare":
        from sim.experiments.comparison import Comparison

        Comparison.load(found.path).to_html(target, lang)
    elif lang != "en":
        from sim.contract import ScenarioError

        raise ScenarioError(f"the page of a {found.kind} is in English only")
    elif found.kind in ("optimise", "select") or {"robust", "sensitivity"} & set(found.manifest):
        from sim.report.explored import write_page

        write_page(found, target)
    else:
        from sim.report.sweep import write_sweep_report

        write_sweep_report(found, target)
    note(f"report: {target}", quiet)
    return 0
