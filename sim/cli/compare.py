"""``sim compare`` and ``sim demo``: every strategy on the same seeds, the answer, and a report that keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sim.cli import options
from sim.cli.explore import Over, chosen
from sim.cli.explore import robust as judged
from sim.cli.screen import bar, note, out, print_json

if TYPE_CHECKING:
    from sim.experiments.comparison import Comparison

DEMO = "koc_or_kol"
SHOWN = 8
"""Replications of the demo: enough to decide, and done while one reads on."""

RESULTS = Path("results")


def compare(
    scenario: options.ScenarioArg,
    sets: options.Sets = None,
    data: options.Data = None,
    seed: options.Seed = 0,
    replications: options.Replications = None,
    jobs: options.Jobs = None,
    threads: options.Threads = None,
    days: options.Days = None,
    consumers: options.Consumers = None,
    folder: options.Out = RESULTS,
    resume: options.Resume = True,
    force: options.Force = False,
    dry_run: options.DryRun = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    orders: options.Orders = False,
    lang: options.Lang = "en",
    precision: options.Precision = None,
    max_replications: options.MaxReplications = None,
    best: options.Best = None,
    references: options.With = None,
    why: options.Why = False,
    doubt: options.Doubt = False,
    by: options.By = None,
    robust: options.Robust = None,
    over: Over = None,
    check: options.Check = None,
) -> int:
    """Compare the scenario's strategies, all on the same seeds, and write a report.

    The same question is answered from disk; an interrupted one goes on where it stopped.
    """
    from sim.experiments.switches import kind_of

    options.forced(force)
    options.checked(check)
    made = options.opened(scenario, sets, days, consumers, data)
    if over and robust is None:
        raise typer.BadParameter("says what is uncertain, which --robust WORLDS asks about", param_hint="--over")
    if robust is not None and not dry_run:
        return judged(made, robust, over, replications, seed, jobs, folder, resume, json, quiet)
    if best is not None and (precision is not None or why or references):
        raise typer.BadParameter("adds runs for one purpose, to find the best: ask --precision, --why and --with of a "
                                 "comparison without it", param_hint="--best")  # fmt: skip
    if by and not why:
        raise typer.BadParameter("says what --why switches off", param_hint="--by")
    kinds = [kind_of(kind, "person") for kind in by or ["channel"]]
    if best is not None and not dry_run:
        return chosen(made, best, replications, max_replications, seed, jobs, threads, folder, json, quiet)
    asked: dict[str, Any] = {"replications": replications, "seed": seed, "orders": orders, "out": folder}
    if lang not in ("en", "zh"):
        raise typer.BadParameter(f"the report speaks en and zh, not {lang!r}", param_hint="--lang")
    asked["references"] = references
    if dry_run:
        return _dry_run(made, asked, jobs, json)
    from sim.cli.estimate import announce as announced
    from sim.experiments.compare import compare as ask_all
    from sim.experiments.question import ask

    announced(ask(made, **asked), jobs, quiet)
    asked |= {"precision": precision, "max_replications": max_replications}
    notes = {"command": "compare", "set": {k: str(v) for k, v in options.changes(sets, days, consumers).items()}}
    with bar(f"{made.name}", quiet) as progress:
        found = ask_all(made, **asked, jobs=jobs, threads=threads, resume=resume, progress=progress, notes=notes)
    new = why and _explained(found, kinds, jobs, threads, quiet)
    unsure = doubt and not len(found.tables.get("doubts", ()))
    if unsure:
        with bar(f"{made.name}: doubts", quiet, "worlds") as progress:
            found.doubts(jobs=jobs, threads=threads or 1, progress=progress)
    written = _report(found, lang, new or unsure)
    if json:
        print_json(found.to_json())
    else:
        from sim.cli.answer import show

        show(out(), found)
        note(f"\nreport: {written}\ntables: {found.path}" if written else f"\ntables: {found.path}", quiet)
    return _failures(found, verbose) or (0 if written else 1)


def _explained(found: Comparison, kinds: list[str], jobs: int | None, threads: int | None, quiet: bool) -> bool:
    """Work out why, as far as it is not known yet; whether anything was."""
    from sim.experiments.people import people
    from sim.experiments.switches import ATTRIBUTIONS

    def missing(name: str) -> bool:
        table = found.tables.get(name)
        return table is None or table.empty

    title, new = found.manifest["scenario"], [k for k in kinds if k != "person" and missing(ATTRIBUTIONS[k])]
    for kind in new:
        with bar(f"{title}: why, by {kind}", quiet) as progress:
            found.attribution(by=kind, jobs=jobs, threads=threads, progress=progress)
    if persons := "person" in kinds and missing("people_kinds"):
        with bar(f"{title}: whose word", quiet, "markets") as progress:
            people(found, jobs=jobs, progress=progress)
    return bool(new) or persons


def demo(
    replications: options.Replications = None,
    jobs: options.Jobs = None,
    folder: options.Out = RESULTS,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Compare the strategies of the example 'koc_or_kol', 8 times unless told: the product in one command."""
    return compare(DEMO, replications=replications or SHOWN, jobs=jobs, folder=folder, json=json, quiet=quiet)


def _dry_run(scenario: Any, asked: dict[str, Any], jobs: int | None, as_json: bool) -> int:
    from sim.cli.estimate import dry_run, in_words
    from sim.experiments.executors import cores
    from sim.experiments.question import ask

    plan = dry_run(ask(scenario, **asked), jobs or cores())
    if as_json:
        print_json(plan)
    else:
        print(in_words(plan))
    return 0


def _report(found: Comparison, lang: str, again: bool = False) -> Path | None:
    """Write report and figures unless they are there; None when they could not be written (the tables are safe)."""
    assert found.path is not None
    page = found.path / ("report.html" if lang == "en" else f"report.{lang}.html")
    if page.exists() and not again:
        return page
    from sim.report import save_all
    from sim.report.style import han_note

    try:
        save_all(found, found.path / "figures", lang)
        found.to_html(page, lang)
        if said := han_note(lang):
            note(f"note: {said}")
    except Exception as error:
        note(f"sim: the report could not be written ({type(error).__name__}: {error}); the tables are in {found.path}")
        return None
    return page


def _failures(found: Comparison, verbose: bool) -> int:
    if not found.failures:
        return 0
    planned = found.manifest["replications"]
    note(f"{len(found.failures)} runs failed; the answer rests on {found.replications} of {planned} replications, in "
         "which every strategy finished. The same command tries the failed ones again.")  # fmt: skip
    for failure in found.failures if verbose else found.failures[:3]:
        text = failure["error"].rstrip()
        note(f"  {failure['strategy']}, seed {failure['seed']}: {text if verbose else text.splitlines()[-1]}")
    return 3
