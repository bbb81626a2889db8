"""``sim report``: the page of anything that is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli import options
from sim.cli.screen import note

FolderArg = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Folder of an answer, with its manifest.json.", show_default=False)
]
PageOut = Annotated[Path | None, typer.Option("--out", help="The page; default: report.html in the folder.",
                                              show_default=False)]  # fmt: skip


Brief = Annotated[bool, typer.Option("--brief", help="For a board: a two-page PDF and slide-sized figures, beside "
                                     "the page's tables.")]  # fmt: skip


def report(folder: FolderArg, page: PageOut = None, lang: options.Lang = "en", brief: Brief = False,
           quiet: options.Quiet = False) -> int:  # fmt: skip
    """Write the page of a stored comparison, sweep or run again, from its tables alone."""
    from sim.experiments.results import load_results

    if lang not in ("en", "zh"):
        raise typer.BadParameter(f"the report speaks en and zh, not {lang!r}", param_hint="--lang")
    found = load_results(folder)
    assert found.path is not None
    if brief:
        return _brief(found, lang, page, quiet)
    target = page or found.path / ("report.html" if lang == "en" else f"report.{lang}.html")
    if found.kind == "compare":
        from sim.experiments.comparison import Comparison

        Comparison.load(found.path).to_html(target, lang)
        _fonts(lang)
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


def _brief(found: Any, lang: str, page: Path | None, quiet: bool) -> int:
    """The two pages and the slides of a comparison."""
    from sim.contract import ScenarioError
    from sim.experiments.comparison import Comparison
    from sim.report.brief import write_brief

    if found.kind != "compare":
        raise ScenarioError(f"a brief is made of a comparison, and this is the answer of a {found.kind}")
    if page is not None:
        raise typer.BadParameter("a brief is several files, written beside the tables", param_hint="--out")
    asked: Any = Comparison.load(found.path)
    pdf, *slides = write_brief(asked, found.path, lang)
    _fonts(lang)
    note(f"brief: {pdf}\nslides: {slides[0].parent} ({len(slides)})", quiet)
    return 0


def _fonts(lang: str) -> None:
    from sim.report.style import han_note

    if said := han_note(lang):
        note(f"note: {said}")
