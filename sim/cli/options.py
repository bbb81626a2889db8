"""Flags that several commands share, declared once, and what they amount to."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any

import typer

_SCENARIO = "Scenario file, or the name of one that 'sim list' shows."

Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario, as in market.days=90. May be repeated.",
                 show_default=False),
]  # fmt: skip
Check = Annotated[
    bool | None,
    typer.Option("--check/--no-check", show_default=False,
                 help="Hold money, goods, people and every column to their laws each day; default: up to 100,000."),
]  # fmt: skip


def seed_of(text: str) -> int:
    """A seed from what was typed: a whole number, or any text such as a student's number."""
    from sim.experiments.identity import student_seed

    try:
        return student_seed(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def completed(incomplete: str) -> list[str]:
    """Names of scenarios that begin so, for the shell."""
    known = {file.stem for place in places() for file in place.glob("*.y*ml")}
    return sorted(name for name in known if name.startswith(incomplete))


ScenarioArg = Annotated[
    str, typer.Argument(metavar="SCENARIO", help=_SCENARIO, show_default=False, autocompletion=completed)
]
Seed = Annotated[
    int,
    typer.Option(parser=seed_of, metavar="N|TEXT",
                 help="Seed, or a text such as a student's number; the same one gives the same result."),
]  # fmt: skip
Replications = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Replications of each strategy; default: the scenario's.",
                 show_default=False),
]  # fmt: skip
Precision = Annotated[
    str | None,
    typer.Option(metavar="METRIC=SHARE%", show_default=False,
                 help="Run as many replications as make half the 95 % interval that small: profit=2% of the mean, or "
                      "profit=5000. --replications is then the first stage, which settles the number."),
]  # fmt: skip
MaxReplications = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Most replications --precision may take; default: the scenario's, 1000.",
                 show_default=False),
]  # fmt: skip
Best = Annotated[
    str | None,
    typer.Option("--best", metavar="METRIC=NUMBER", show_default=False,
                 help="Choose the best strategy, adding runs only for those that may still be it, until one is left: "
                      "profit=5000 is the difference not worth caring about, profit=2% a share of the mean. "
                      "--replications is the first stage, 10."),
]  # fmt: skip
With = Annotated[
    list[str] | None,
    typer.Option("--with", metavar="today|nothing", show_default=False,
                 help="Add an arm to compare with: the market as it stands, or the merchant spending nothing. "
                      "May be repeated."),
]  # fmt: skip
Why = Annotated[
    bool,
    typer.Option("--why", help="Say what each channel of the best strategy brought, by switching them off in further "
                               "runs on the same seeds."),
]  # fmt: skip
Doubt = Annotated[
    bool,
    typer.Option("--doubt", help="Say what would change the answer: each of the scenario's uncertainties at either end "
                                 "of its range, in further runs on the same seeds."),
]  # fmt: skip
By = Annotated[
    list[str] | None,
    typer.Option("--by", metavar="channel|creator|segment|event|person", show_default=False,
                 help="With --why, what is switched off: channels (the default), tiers of creators, segments, events; "
                      "person: whose word brought orders. May be repeated."),
]  # fmt: skip
Robust = Annotated[
    int | None,
    typer.Option("--robust", min=1, metavar="WORLDS", show_default=False,
                 help="Judge the strategies in so many worlds drawn from the uncertainties: wins, regret, where each "
                      "fails. 64 is usual."),
]  # fmt: skip
Jobs = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Processes; default: every core.", show_default=False)
]
Threads = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Threads within a market; default: the cores that --jobs leaves.",
                 show_default=False),
]  # fmt: skip
Days = Annotated[int | None, typer.Option(metavar="N", min=1, help="Days to simulate.", show_default=False)]
Consumers = Annotated[
    int | None,
    typer.Option(metavar="N", min=0, help="Number of consumers; budgets and stocks scale with it.",
                 show_default=False),
]  # fmt: skip
Data = Annotated[
    list[Path] | None,
    typer.Option("--data", metavar="DIR", help="Folder in which data files may lie too. May be repeated.",
                 show_default=False),
]  # fmt: skip
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of results.")]
Resume = Annotated[
    bool, typer.Option("--resume/--fresh", help="Use what is already on disk, or compute everything again.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be run, and about how long it takes.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only the answer: no progress, no notes.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="More detail, tracebacks included.")]
Force = Annotated[bool, typer.Option("--force", help="Run even if the memory there is seems too little.")]
Orders = Annotated[bool, typer.Option("--orders", help="Keep every order (orders.parquet).")]
Lang = Annotated[str, typer.Option(metavar="en|zh", help="Language of the report: en or zh.")]

_PAIR = re.compile(r"""((?:"[^"]*"|'[^']*'|[^="'])+)=(.*)""", re.DOTALL)


def changes(sets: list[str] | None, days: int | None = None, consumers: int | None = None) -> dict[str, Any]:
    """``--set``, ``--days`` and ``--consumers`` as one change. Raises ScenarioError naming what cannot be read."""
    from sim.contract import ScenarioError
    from sim.scenario.yamltext import parse_value

    made: dict[str, Any] = {}
    wrong = []
    for text in sets or []:
        found = _PAIR.fullmatch(text)
        if found is None:
            wrong.append(f"--set {text}: write PATH=VALUE, as in --set market.days=90")
            continue
        try:
            made[found[1].strip()] = parse_value(found[2])
        except ScenarioError as error:
            wrong.append(f"--set {text}: {error}")
    if wrong:
        raise ScenarioError("\n".join(wrong))
    if days is not None:
        made["market.days"] = days
    if consumers is not None:
        made["market.consumers"] = consumers
    return made


def forced(force: bool) -> None:
    """Let this command, and the processes it begins, run whatever the estimate of their memory says."""
    if force:
        from sim.state.memory import FORCE

        os.environ[FORCE] = "1"


def checked(check: bool | None) -> None:
    """Have the laws of a market checked (or not) in this command and the processes it begins."""
    if check is not None:
        from sim.state.invariants import CHECK

        os.environ[CHECK] = "1" if check else "0"


def places() -> list[Path]:
    """Folders in which scenarios are looked for by name: here, then those that come with the program."""
    package = Path(__file__).resolve().parent.parent
    found = (Path("scenarios"), package / "scenarios", package.parent / "scenarios")
    return list({place.resolve(): place for place in found if place.is_dir()}.values())


def find(name: str) -> Path:
    """The file called ``name``: a path, or the stem of a packaged scenario. An unknown one is left to the loader."""
    given = Path(name)
    try:
        there = given.exists()
    except (OSError, ValueError):
        there = True
    if there or given.suffix in (".yaml", ".yml"):
        return given
    for place in places():
        for suffix in (".yaml", ".yml"):
            if (place / (name + suffix)).is_file():
                return place / (name + suffix)
    from sim.contract import ScenarioError
    from sim.scenario.paths import nearest

    known = {file.stem for place in places() for file in place.glob("*.y*ml")}
    raise ScenarioError(f"{name}: no such file, nor a scenario of that name{nearest(name, known)}")


def opened(name: str, sets: list[str] | None = None, days: int | None = None, consumers: int | None = None,
           data: list[Path] | None = None) -> Any:  # fmt: skip
    """The scenario with the changes of the command line. Raises ScenarioError with every problem found."""
    from sim.scenario import load

    for folder in data or ():
        if not folder.is_dir():
            from sim.contract import ScenarioError

            raise ScenarioError(f"--data {folder}: there is no such folder")
    return load(find(name), set=changes(sets, days, consumers) or None, data=data or ())
