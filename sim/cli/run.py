"""``sim run``: one strategy, its summary beside the bands that make a market plausible."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli import options
from sim.cli.files import hints
from sim.cli.screen import bar, note, out, plain, print_json

RESULTS = Path("results")

Strategy = Annotated[
    str | None, typer.Option(help="Strategy to run; default: the market as it stands.", show_default=False)
]

CheckpointEvery = Annotated[
    int | None,
    typer.Option(min=1, metavar="DAYS", show_default=False,
                 help="Save the market every so many days; the same command takes it up again where it was saved."),
]  # fmt: skip
ProfileFlag = Annotated[
    bool, typer.Option("--profile", help="Say where this market spends its time; one replication, nothing stored.")
]


def run(
    scenario: options.ScenarioArg,
    strategy: Strategy = None,
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
    profile: ProfileFlag = False,
    checkpoint_every: CheckpointEvery = None,
    check: options.Check = None,
) -> int:
    """Run one market and print its summary beside the plausible bands. One replication unless told otherwise."""
    options.forced(force)
    made = options.opened(scenario, sets, days, consumers, data)
    if profile:
        return _profile(made, strategy, seed, threads, json)
    from sim.experiments.question import ask_run
    from sim.experiments.run import run_stored

    question = ask_run(made, strategy=strategy, seed=seed, replications=replications or 1, orders=orders, out=folder,
                       every=checkpoint_every or 0)  # fmt: skip
    options.checked(check)
    if dry_run:
        from sim.cli.estimate import dry_run as plan_of
        from sim.cli.estimate import in_words
        from sim.experiments.executors import cores

        plan = plan_of(question, jobs or cores())
        print_json(plan) if json else print(in_words(plan))
        return 0
    from sim.cli.estimate import announce

    announce(question, jobs, quiet)
    notes = {"command": "run", "set": {k: str(v) for k, v in options.changes(sets, days, consumers).items()}}
    with bar(made.name, quiet) as progress:
        stored = run_stored(question, jobs=jobs, threads=threads, resume=resume, progress=progress, notes=notes)
    if json:
        print_json(_as_json(stored, question))
    else:
        from sim.cli.answer import show_run

        show_run(out(), stored, made, question.baseline)
        for hint in hints(made):
            note(f"note: {hint}", quiet)
        note(f"\ntables: {stored.path}", quiet)
    failures = stored.manifest["failures"]
    for failure in failures:
        text = failure["error"].rstrip()
        note(f"failed, seed {failure['seed']}: {text if verbose else text.splitlines()[-1]}")
    return 3 if failures else 0


def _profile(scenario: Any, strategy: str | None, seed: int, threads: int | None, json: bool) -> int:
    from sim.cli.profile import profiled, show_profile

    found = profiled(scenario, strategy, seed, threads)
    print_json(plain(found.plain())) if json else show_profile(out(), scenario.name, found)
    return 0


def _as_json(stored: Any, question: Any) -> dict[str, Any]:
    from sim.cli.answer import verdict
    from sim.experiments.run import BANDS

    summary = {name: stored.interval(name) for name in stored.metrics}
    made: dict[str, Any] = plain({
        "scenario": stored.manifest["scenario"], "run_id": question.run_id, "path": str(stored.path),
        "strategy": question.baseline, "seed": question.seed, "replications": stored.manifest["replications_done"],
        "summary": {name: {"mean": i.mean, "low": i.low, "high": i.high, "n": i.n} for name, i in summary.items()},
        "bands": {
            band.metric: {"low": band.low, "high": band.high, "value": summary[band.metric].mean,
                          "verdict": verdict(band, summary[band.metric].mean)}
            for band in BANDS if band.metric in summary
        },
    })  # fmt: skip
    return made
