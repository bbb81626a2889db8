"""``sim contest``: everybody's strategy in a folder, ranked on the same seeds, with a league table to show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options
from sim.cli.screen import bar, note, out, plain, print_json

if TYPE_CHECKING:
    from sim.experiments.contest import Contest

RESULTS = Path("results")
MARKET = "koc_or_kol"

FolderArg = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Folder with a file NAME.yaml for each team.", show_default=False)
]
ScenarioArg = Annotated[
    str | None,
    typer.Argument(metavar="SCENARIO", show_default=False,
                   help=f"Scenario to compete in; default: scenario.yaml of the folder, else {MARKET}.",
                   autocompletion=options.completed),
]  # fmt: skip
Outcome = Annotated[
    str | None, typer.Option(help="Metric to win by; default: the scenario's first outcome.", show_default=False)
]
Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="PATH", show_default=False,
                 help="Path that may be changed; default: the plan and the prices of the focal merchant. May be "
                      "repeated."),
]  # fmt: skip


def contest(
    folder: FolderArg,
    scenario: ScenarioArg = None,
    outcome: Outcome = None,
    allow: Allow = None,
    sets: options.Sets = None,
    data: options.Data = None,
    seed: options.Seed = 0,
    replications: options.Replications = None,
    jobs: options.Jobs = None,
    threads: options.Threads = None,
    days: options.Days = None,
    consumers: options.Consumers = None,
    results: options.Out = RESULTS,
    resume: options.Resume = True,
    dry_run: options.DryRun = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Rank the strategies of a folder on the same seeds, and write a league table.

    A file holds one strategy: paths and values, as under 'strategies:' of a scenario. A file with a mistake is told
    where it is, and the others go on (exit code 3).
    """
    own = folder / "scenario.yaml"
    name = scenario or (str(own) if own.is_file() else MARKET)
    made = options.opened(name, sets, days, consumers, data)
    from sim.experiments.contest import contest as compete
    from sim.experiments.contest import entrants

    if dry_run:
        who = entrants(folder, made, allow or ())
        return _plan(who, replications, seed, jobs, results, json)
    with bar(f"{made.name}: contest", quiet) as progress:
        found = compete(folder, made, outcome=outcome, allowed=allow or (), replications=replications, seed=seed,
                        jobs=jobs, threads=threads, out=results, resume=resume, progress=progress)  # fmt: skip
    from sim.report.league import write_league

    assert found.comparison.path is not None
    page = write_league(found, found.comparison.path / "league.html")
    if json:
        print_json(_as_json(found, page))
    else:
        _show(found)
        note(f"\nleague table: {page}", quiet)
    for one in found.refused:
        note("\n".join(_printable(line) for line in one.problems), quiet and not json)
    return 3 if found.refused or found.comparison.failures else 0


def _plan(who: Any, replications: int | None, seed: int, jobs: int | None, results: Path, json: bool) -> int:
    from sim.cli.estimate import dry_run, in_words
    from sim.experiments.executors import cores
    from sim.experiments.identity import BASE
    from sim.experiments.question import ask

    question = ask(who.scenario, strategies=list(who.entries), baseline=BASE, replications=replications, seed=seed,
                   out=results)  # fmt: skip
    plan = dry_run(question, jobs or cores())
    print_json(plan) if json else print(in_words(plan))
    for one in who.refused:
        note("\n".join(_printable(line) for line in one.problems))
    return 3 if who.refused else 0


def _as_json(found: Contest, page: Path) -> dict[str, Any]:
    made: dict[str, Any] = plain({
        "scenario": found.comparison.manifest["scenario"], "run_id": found.comparison.run_id, "page": str(page),
        "outcome": found.outcome, "replications": found.comparison.replications, "purse": found.purse,
        "base": found.base, "standing": found.standing.to_dict("records"),
        "refused": [{"file": one.file, "problems": list(one.problems)} for one in found.refused],
    })  # fmt: skip
    return made


def _show(found: Contest) -> None:
    from rich.table import Table
    from rich.text import Text

    from sim.metrics import declared
    from sim.report.league import sentence
    from sim.report.numbers import numbers_of

    numbers, metric = numbers_of(found.comparison, "en"), declared(found.outcome)
    console = out()
    console.print(str(found.comparison.scenario.name), style="bold", markup=False)
    console.print(sentence(found), style="green", markup=False)
    console.print()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("rank", "team", metric.label, "95 % interval", "over the plan as it stands", "P(best)"):
        table.add_column(head, justify="left" if head == "team" else "right", overflow="fold")
    for row in found.standing.to_dict("records"):
        spread = (row["high"] - row["low"]) / 2
        table.add_row(
            str(row["rank"]), Text(row["team"]), numbers.value(row["mean"], metric.unit, spread=spread),
            numbers.interval(row["low"], row["high"], metric.unit, mean=row["mean"]),
            numbers.value(row["gain"], metric.unit, sign=True, spread=spread), numbers.probability(row["p_best"]),
        )  # fmt: skip
    console.print(table)
    if found.refused:
        console.print(f"\n{len(found.refused)} could not take part; see below", style="dim", markup=False)


def _printable(line: str) -> str:
    """A line that moves no cursor, whatever a file is called."""
    return "".join(c if c.isprintable() else "?" for c in line)
