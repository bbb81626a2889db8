"""``sim sensitivity``, ``sim optimise`` and ``sim compare --robust``: questions over many markets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli import options
from sim.cli.screen import bar, note, out, plain, print_json
from sim.cli.sweep import RESULTS, Cluster

Over = Annotated[
    list[str] | None,
    typer.Option("--over", metavar="PATH[=LOW..HIGH]", show_default=False,
                 help="What is uncertain: a path alone takes its known range; 'declared' is the scenario's "
                      "uncertainties, 'assumed' those and every assumption, 'all' every parameter with a plausible "
                      "range. Default: sensitivity asks about declared, --robust about assumed. May be repeated."),
]  # fmt: skip
Strategies = Annotated[
    list[str] | None, typer.Option("--strategy", show_default=False, help="Strategy to ask about. May be repeated.")
]
Outcome = Annotated[str | None, typer.Option(help="Outcome to ask about; default: the scenario's first.",
                                             show_default=False)]  # fmt: skip


def sensitivity(
    scenario: options.ScenarioArg,
    method: Annotated[str, typer.Option(help="morris (screening), sobol (variance), pawn (distribution).")] = "morris",
    over: Over = None,
    strategy: Strategies = None,
    outcome: Outcome = None,
    samples: Annotated[
        int | None,
        typer.Option(min=1, help="Trajectories, base points (a power of two) or points; default: 16, 64, 256.",
                     show_default=False),
    ] = None,
    replications: Annotated[int, typer.Option(min=1, help="Replications of each point, on common seeds.")] = 1,
    sets: options.Sets = None,
    data: options.Data = None,
    seed: options.Seed = 0,
    jobs: options.Jobs = None,
    cluster: Cluster = None,
    days: options.Days = None,
    consumers: options.Consumers = None,
    folder: options.Out = RESULTS,
    resume: options.Resume = True,
    dry_run: options.DryRun = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:  # fmt: skip
    """Rank what the answer depends on: the factors that move an outcome, and those that decide between two strategies.

    Every point is run under the same strategies on the same seeds. Finished markets are kept; an interrupted analysis
    goes on.
    """
    from sim.experiments.sensitivity import points_needed
    from sim.experiments.sensitivity import sensitivity as ask

    made = options.opened(scenario, sets, days, consumers, data)
    if dry_run:
        points = points_needed(made, method, samples, ranges(over))
        strategies = len(strategy or []) or min(2, max(1, len(made.strategies)))
        return _planned(made, points, strategies, replications, json)
    with bar(f"{made.name}: sensitivity", quiet, "markets") as progress:
        found = ask(made, method=method, over=ranges(over), outcome=outcome, strategies=strategy, samples=samples,
                    replications=replications, seed=seed, jobs=jobs, cluster=cluster, out=folder, resume=resume,
                    progress=progress, notes={"command": "sensitivity"})  # fmt: skip
    if json:
        print_json(plain({"path": str(found.path), "method": found.method, "table": found.table.to_dict("records")}))
    return _said(found.results, quiet or json, silent=json)


def robust(made: Any, worlds: int, over: list[str] | None, replications: int | None, seed: int, jobs: int | None,
           folder: Path, resume: bool, json: bool, quiet: bool) -> int:  # fmt: skip
    """The part of ``sim compare --robust``."""
    from sim.experiments.robust import robust as ask

    with bar(f"{made.name}: worlds", quiet, "markets") as progress:
        found = ask(made, worlds=worlds, over=ranges(over), replications=replications or 2, seed=seed, jobs=jobs,
                    out=folder, resume=resume, progress=progress, notes={"command": "compare --robust"})  # fmt: skip
    if json:
        print_json(plain({"path": str(found.path), "outcome": found.outcome, "winner": found.winner,
                          "careful": found.careful, "decided": found.decided,
                          "summary": found.summary.to_dict("records"), "boxes": found.boxes.to_dict("records")}))
    return _said(found.results, quiet or json, silent=json)


def chosen(made: Any, zone: str, first: int | None, most: int | None, seed: int, jobs: int | None,
           threads: int | None, folder: Path, json: bool, quiet: bool) -> int:  # fmt: skip
    """The part of ``sim compare --best``."""
    from sim.experiments.choose import FIRST, choose
    from sim.experiments.results import load_results

    with bar(f"{made.name}: the best", quiet, "replications at most") as progress:
        found = choose(made, zone, first=first or FIRST, max_replications=most, seed=seed, jobs=jobs, threads=threads,
                       out=folder, progress=progress, notes={"command": "compare --best"})  # fmt: skip
    if json:
        print_json(plain({"path": str(found.path), "outcome": found.outcome, "zone": found.zone, "left": found.left,
                          "chosen": found.chosen, "used": found.used, "most": found.most,
                          "table": found.table.to_dict("records")}))
    assert found.path is not None
    return _said(load_results(found.path), quiet or json, silent=json)


def optimise(
    scenario: options.ScenarioArg,
    lever: Annotated[
        list[str],
        typer.Option("--lever", metavar="PATH=LOW..HIGH", show_default=False,
                     help="What may be chosen: a range, or values as PATH=A,B,C. For a mix of channels name those that "
                          "share the money: merchants.Lumi.plan.mix=ads,kol,koc. May be repeated."),
    ],
    outcome: Annotated[list[str] | None,
                       typer.Option(help="Outcome to make best; several give a Pareto front. Default: the scenario's "
                                         "first.", show_default=False)] = None,
    constraint: Annotated[list[str] | None,
                          typer.Option("--constraint", metavar="METRIC>=NUMBER", show_default=False,
                                       help="What must hold, as in 'profit>=0'. May be repeated.")] = None,
    trials: Annotated[int, typer.Option(min=1, help="Candidates to try.")] = 60,
    strategy: Annotated[str | None, typer.Option(help="Strategy on top of which levers are set; default: none.",
                                                 show_default=False)] = None,
    replications: Annotated[int, typer.Option(min=1, help="Common seeds each candidate lives in the search.")] = 4,
    confirm: Annotated[int | None, typer.Option(min=2, show_default=False,
                                                help="Fresh seeds finalists live; default: 10 or three times "
                                                     "--replications.")] = None,
    finalists: Annotated[int, typer.Option(min=1, help="Candidates that are confirmed.")] = 3,
    sampler: Annotated[str, typer.Option(help="tpe, cma, gp, nsga2 or random.")] = "tpe",
    early: Annotated[int | None, typer.Option(min=1, show_default=False,
                                              help="Give up candidates below the median after so many days.")] = None,
    sets: options.Sets = None,
    data: options.Data = None,
    seed: options.Seed = 0,
    jobs: options.Jobs = None,
    cluster: Cluster = None,
    days: options.Days = None,
    consumers: options.Consumers = None,
    folder: options.Out = RESULTS,
    dry_run: options.DryRun = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:  # fmt: skip
    """Search for the setting of levers that makes an outcome best, and confirm it on fresh seeds.

    Trials and markets are kept: the same command goes on where it stopped, and with more --trials it searches further.
    """
    from sim.experiments.exploration.factors import parsed
    from sim.experiments.optimise import optimise as ask

    made = options.opened(scenario, sets, days, consumers, data)
    levers = parsed(lever, "--lever")
    if dry_run:
        return _planned(made, trials, 1, replications, json, confirm or max(10, 3 * replications), finalists + 2)
    with bar(f"{made.name}: search", quiet, "candidates") as progress:
        found = ask(made, levers, outcome=outcome, constraints=constraint or (), trials=trials, strategy=strategy,
                    replications=replications, confirm=confirm, finalists=finalists, sampler=sampler, early=early,
                    seed=seed, jobs=jobs, cluster=cluster, out=folder, progress=progress,
                    notes={"command": "optimise"})  # fmt: skip
    if json:
        print_json(plain({"path": str(found.path), "outcome": found.outcome, "winner": found.winner, "best": found.best,
                          "value": found.value, "finals": found.finals.to_dict("records")}))
    from sim.experiments.results import load_results

    assert found.path is not None
    return _said(load_results(found.path), quiet or json, silent=json)


def ranges(over: list[str] | None) -> Any:
    """``--over``: ranges by path, paths whose ranges are known, or both. None when it was not given."""
    from sim.contract import ScenarioError
    from sim.experiments.exploration.factors import parsed

    if not over:
        return None
    if len(over) == 1 and over[0] in ("assumed", "all", "declared"):
        return over[0]
    alone = [text for text in over if "=" not in text]
    if alone and len(alone) < len(over):
        raise ScenarioError("--over: give every path a range, or none of them")
    return alone or parsed(over, "--over")


def _said(results: Any, quiet: bool, silent: bool) -> int:
    """Print the answer and write its page."""
    from sim.report.explored import told_of, write_page

    if not silent:
        from rich.table import Table

        told = told_of(results)
        assert told is not None
        console = out()
        console.print(f"[bold]{results.manifest['scenario']}[/bold]")
        console.print(told.sentence, style="green", markup=False)
        for title, heads, rows in told.tables:
            table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
            for at, head in enumerate(heads):
                table.add_column(head, justify="right" if at > 1 else "left", overflow="fold")
            for row in rows:
                table.add_row(*row)
            console.print()
            console.print(title, style="bold", markup=False)
            console.print(table)
        console.print()
        for text in told.notes:
            console.print(text, style="dim", markup=False)
    page = write_page(results, results.path / "report.html")
    note(f"\nreport: {page}\ntables: {results.path}", quiet)
    return 3 if results.manifest.get("failures") else 0


def _planned(made: Any, points: int, strategies: int, replications: int, as_json: bool, confirm: int = 0,
             arms: int = 0) -> int:  # fmt: skip
    """``--dry-run``: how many markets, and about how long on one core at the assumed pace."""
    from sim.cli.estimate import SECONDS_PER_CONSUMER_DAY, in_time

    markets = points * strategies * replications + confirm * arms
    people = made.market.consumers
    seconds = None if people is None else markets * people * made.market.days * SECONDS_PER_CONSUMER_DAY
    said = {"points": points, "strategies": strategies, "replications": replications, "confirming": confirm * arms,
            "markets": markets, "core_seconds": seconds}  # fmt: skip
    if as_json:
        print_json(said)
        return 0
    more = f" and at most {confirm * arms} to confirm" if arms else ""
    each = f" x {strategies} strategies" if strategies > 1 else ""
    print(f"{made.name}: {points:,} points{each} x {replications} replications{more}: {markets:,} markets")
    if seconds is not None:
        print(f"about {in_time(seconds)} of one core (assumed pace)")
    return 0
