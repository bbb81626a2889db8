"""``sim sweep``: a plan's cells, run wherever there is room, kept as they finish."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options
from sim.cli.screen import bar, literal, note, out, plain, print_json

if TYPE_CHECKING:
    from sim.experiments.results import Results

RESULTS = Path("results")
SHOWN = 20
"""Cells shown on the screen; the rest is in the tables."""

PlanArg = Annotated[
    Path,
    typer.Argument(metavar="PLAN", help="Plan of the sweep, a YAML file: scenario, axes, strategies, seeds.",
                   show_default=False),
]  # fmt: skip
Cluster = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Dask: tcp://host:8786 of a scheduler, or local:4 for four workers here.",
                 show_default=False),
]  # fmt: skip
PlanSeed = Annotated[
    int | None,
    typer.Option(parser=options.seed_of, metavar="N|TEXT", help="Seed; default: the plan's, else 0.",
                 show_default=False),
]  # fmt: skip


def sweep(
    plan: PlanArg,
    sets: options.Sets = None,
    seed: PlanSeed = None,
    replications: options.Replications = None,
    jobs: options.Jobs = None,
    threads: options.Threads = 1,
    cluster: Cluster = None,
    days: options.Days = None,
    consumers: options.Consumers = None,
    folder: options.Out = RESULTS,
    resume: options.Resume = True,
    dry_run: options.DryRun = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    check: options.Check = None,
) -> int:
    """Run a scenario at every point of a design, under every strategy, on the same seeds.

    A cell that is on disk is not run again; an interrupted sweep goes on where it stopped; a failing cell is recorded
    and the others go on. Two processes given the same plan and folder share the work.
    """
    from sim.experiments.sweep import planned
    from sim.experiments.sweep import sweep as run_all

    options.checked(check)
    changes = options.changes(sets, days, consumers)
    said: dict[str, Any] = {"seed": seed, "replications": replications, "set": changes or None}
    if dry_run:
        return _dry_run(planned(plan, **said), folder, jobs, threads or 1, json)
    notes = {"command": "sweep", "plan": str(plan), "set": {k: str(v) for k, v in changes.items()}}
    with bar(plan.stem, quiet, "markets") as progress:
        found = run_all(plan, **said, jobs=jobs, threads=threads or 1, cluster=cluster, out=folder, resume=resume,
                        progress=progress, notes=notes)  # fmt: skip
    print_json(as_json(found)) if json else show(found)
    note(f"\ntables: {found.path}\nreport: sim report {found.path}", quiet or json)
    return _failures(found, verbose)


def _dry_run(plan: Any, folder: Path, jobs: int | None, threads: int, as_json: bool) -> int:
    from sim.experiments.executors import cores
    from sim.experiments.sweeps.cells import work_out
    from sim.experiments.sweeps.conduct import missing
    from sim.experiments.sweeps.pilot import estimate

    study = work_out(plan, folder)
    total, todo = missing(study)
    workers = max(1, min(jobs or cores(), todo))
    found = estimate(study, todo, workers, threads)
    made = {
        "scenario": plan.scenario.name, "run_id": study.run_id, "path": str(study.folder), "design": plan.design,
        "axes": list(plan.axes), "points": len(plan.points), "cells": len(study.cells),
        "replications": plan.replications, "markets": total, "to_run": todo, "jobs": workers, **found,
    }  # fmt: skip
    if as_json:
        print_json(plain(made))
        return 0
    from sim.cli.estimate import in_time

    print(f"{made['scenario']}: {made['points']:,} points ({made['design']} over {', '.join(plan.axes)})\n"
          f"{made['cells']:,} cells x {made['replications']} replications: {total:,} different markets, "
          f"{total - todo:,} on disk, {todo:,} to run in {workers} processes\nanswer: {made['path']}")  # fmt: skip
    if found["pilot"]:
        memory = f" and {found['megabytes']:,} MB of memory" if found["megabytes"] else ""
        print(f"about {in_time(found['seconds'])}{memory}, by a pilot of the largest cell over "
              f"{found['pilot']['days']} days")  # fmt: skip
    return 0


def as_json(found: Results) -> dict[str, Any]:
    """The answer as plain data."""
    manifest = found.manifest
    cells = found.cells.to_dict("records")
    values: dict[int, dict[str, Any]] = {}
    for row in found.outcomes.to_dict("records"):
        said = {part: row[part] for part in ("mean", "low", "high", "n", "sd")}
        values.setdefault(row["cell"], {})[row["outcome"]] = said
    made: dict[str, Any] = plain({
        "scenario": manifest["scenario"], "run_id": manifest["run_id"], "path": str(found.path),
        "axes": found.axes, "replications": manifest["replications"],
        "cells": [{**cell, "outcomes": values.get(cell["cell"], {})} for cell in cells],
        "failures": manifest["failures"],
    })  # fmt: skip
    return made


def show(found: Results) -> None:
    """The cells with every outcome's mean and interval."""
    from rich.table import Table

    from sim.metrics import declared
    from sim.report.numbers import Numbers

    manifest = found.manifest
    numbers = Numbers("en", str((manifest["resolved"].get("market") or {}).get("currency") or "CNY"))
    axes = [name for name in found.axes if name != "strategy"]
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("cell", *(name.rpartition(".")[2] for name in axes), "strategy"):
        table.add_column(head, no_wrap=True)
    for outcome in manifest["outcomes"]:
        table.add_column(declared(outcome).label, justify="right")
    values = found.outcomes.set_index(["cell", "outcome"])
    for row in found.cells.head(SHOWN).to_dict("records"):
        told = []
        for outcome in manifest["outcomes"]:
            unit = declared(outcome).unit
            if (row["cell"], outcome) not in values.index:
                told.append("failed")
                continue
            mean, low, high = (float(values.loc[(row["cell"], outcome), part]) for part in ("mean", "low", "high"))
            spread = (high - low) / 2 if high == high else None
            around = "" if spread is None else f" ± {numbers.value(spread, unit, spread=spread)}"
            told.append(numbers.value(mean, unit, spread=spread) + around)
        levels = (literal(_level(row[name])) for name in axes)
        table.add_row(str(row["cell"]), *levels, row["strategy"], *told)
    console = out()
    count = len(found.cells)
    each = f"{manifest['replications']} replications each; means with 95 % intervals"
    console.print(f"[bold]{literal(manifest['scenario'])}[/bold]  {count:,} cells, {each}")
    console.print()
    console.print(table)
    if count > SHOWN:
        console.print(f"... and {count - SHOWN:,} more cells in the tables", style="dim")


def _level(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _failures(found: Results, verbose: bool) -> int:
    failed = found.manifest["failures"]
    if not failed:
        return 0
    note(f"{len(failed)} runs failed; the other cells are whole. The same command tries the failed ones again.")
    for failure in failed if verbose else failed[:3]:
        file = f"{found.path}/failures/{failure['cell']}.{failure['replication']}.txt"
        note(f"  cell {failure['cell']}, seed {failure['seed']}: {failure['type']}: {failure['message']} ({file})")
    return 3
