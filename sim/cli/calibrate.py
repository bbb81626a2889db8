"""``sim calibrate``: fit named parameters to a table of orders, adoptions or totals, and write a preset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import options
from sim.cli.screen import bar, note, out, plain, print_json

if TYPE_CHECKING:
    from sim.experiments.calibration import Calibration
    from sim.experiments.calibration.plan import Plan

RESULTS = Path("results")
WORDS = ("parameter", "verdict", "window", "moment", "baseline", "parameters")

What = Annotated[
    str, typer.Argument(metavar="PLAN", help="A plan (YAML with 'free' and 'data'), or a scenario.", show_default=False)
]
Free = Annotated[
    list[str] | None,
    typer.Option("--free", metavar="PATH=LOW:HIGH[:log]", help="A parameter and its range. May be repeated.",
                 show_default=False),
]  # fmt: skip
Data = Annotated[str | None, typer.Option(help="Table, CSV or Parquet.", show_default=False)]
Kind = Annotated[str | None, typer.Option(help="orders | adoptions | daily | cumulative.", show_default=False)]
People = Annotated[int | None, typer.Option(min=1, help="People the data are about.", show_default=False)]
FitDays = Annotated[
    float | None, typer.Option(help="Last day of the window to fit; the rest is predicted.", show_default=False)
]
Trials = Annotated[int | None, typer.Option(min=4, help="Points of the global search.", show_default=False)]
OwnSeed = Annotated[int | None, typer.Option("--seed", min=0, help="Default: the plan's, or 0.", show_default=False)]
Posterior = Annotated[int | None, typer.Option(min=0, help="Markets for the posterior; 0: none.", show_default=False)]


def calibrate(
    what: What,
    data: Data = None,
    kind: Kind = None,
    people: People = None,
    free: Free = None,
    sets: options.Sets = None,
    fit_days: FitDays = None,
    trials: Trials = None,
    replications: options.Replications = None,
    posterior: Posterior = None,
    seed: OwnSeed = None,
    consumers: options.Consumers = None,
    jobs: options.Jobs = None,
    folder: options.Out = RESULTS,
    dry_run: options.DryRun = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Fit parameters to data by simulated moments: estimates, errors, posterior, held-out window, a preset.

    The plan says what is free and what the data are; flags stand in its place. Writes a page, tables and
    fitted.yaml, to be named under 'extends:', to <out>/<scenario>/calibrate-<name>/.
    """
    from sim.experiments.calibration import plan as plans

    source = {"path": data and str(Path(data).resolve()), "kind": kind, "people": people}
    over: dict[str, Any] = {"fit_days": fit_days, "trials": trials, "replications": replications,
                            "posterior": posterior, "seed": seed}  # fmt: skip
    plan = _plan(what, {k: v for k, v in source.items() if v is not None}, plans.free_of(free or []),
                 options.changes(sets, None, consumers), {k: v for k, v in over.items() if v is not None})  # fmt: skip
    if dry_run:
        cost = plan.trials * plan.replications + plan.rounds * ((4 * len(plan.free) + 7) * plan.replications + 16)
        cost += plan.certainty * (2 * len(plan.free) + 1)
        print(f"about {cost + plan.posterior + 32:,} markets: {len(plan.free)} parameters, {plan.trials} points of "
              f"search, {plan.rounds} rounds of local fit, {plan.certainty} a side for errors, "
              f"{plan.posterior} draws of the posterior")  # fmt: skip
        return 0
    from sim.experiments.calibration import calibrate as fit

    with bar("calibrate, stages", quiet) as progress:
        found = fit(plan, jobs=jobs, progress=progress)
    where = found.save(folder / _slug(found.scenario) / f"calibrate-{plan.name}")
    if json:
        print_json(plain({
            "estimates": found.table.to_dict("records"), "moments": found.fit.to_dict("records"), "path": str(where),
            "J": found.statistic, "p": found.misfit, "held_out_error": found.held_out_error,
            "markets": found.markets, "seconds": found.seconds,
        }))  # fmt: skip
    else:
        _show(found)
        note(f"\npreset: {where / 'fitted.yaml'}\npage: {where / 'report.html'}", quiet)
    return 0


def _plan(what: str, source: dict[str, Any], free: dict[str, Any], sets: dict[str, Any], over: dict[str, Any]) -> Plan:
    """The plan in a file with what the flags say in its place, or a plan made of flags."""
    from sim.experiments.calibration import plan as plans

    if Path(what).is_file() and _is_plan(Path(what)):
        read = plans.read(what)
        kept = read.data.model_dump(exclude_defaults=True)
        if "path" in source:
            kept.pop("rows", None)
        given = {**read.model_dump(), "data": {**kept, **source}, "set": {**read.set, **sets}, **over}
        given["free"] = {**given["free"], **free}
        return plans.made(given, what)
    if not source.get("path") or not free:
        from sim.contract import ScenarioError

        raise ScenarioError(f"{what} is no plan (a YAML file with 'free' and 'data'): --data and --free are needed")
    given = {"scenario": str(options.find(what).resolve()) if options.find(what).exists() else what, "set": sets,
             "data": {"kind": "orders", **source}, "free": free, **over}  # fmt: skip
    return plans.made(given)


def _is_plan(path: Path) -> bool:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return any(line.startswith("free:") for line in lines)


def _slug(scenario: Any) -> str:
    from sim.experiments.identity import slug

    return slug(scenario)


def _show(found: Calibration) -> None:
    """Estimates, then moments of both windows."""
    from rich.table import Table

    from sim.report.calibration import baseline_rows, estimate_rows, moment_rows

    for heads, rows in (estimate_rows(found), moment_rows(found), baseline_rows(found)):
        if not rows:
            continue
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for head in heads:
            table.add_column(head, justify="left" if head in WORDS else "right", overflow="fold")
        for row in rows:
            table.add_row(*row)
        out().print(table, markup=False)
        print()
    print(f"misfit J = {found.statistic:.1f}, p = {found.misfit:.2g}; {found.markets} markets, {found.seconds:.0f} s")
    if found.held_out_error == found.held_out_error:
        print(f"held-out window: mean error {found.held_out_error:.1%} of the data's size")
