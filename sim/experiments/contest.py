"""A contest: strategies from a folder, all on the same seeds of one market, ranked by one outcome.

Rules that hold for everybody: only the plan and the prices of the focal merchant may be changed, and no plan may intend
to spend more than the scenario's own. A file that breaks one, or cannot be read, is told why; the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from sim.contract import Problem, ScenarioError
from sim.experiments.compare import compare
from sim.experiments.comparison import Comparison
from sim.experiments.execute import Progress
from sim.experiments.identity import BASE
from sim.experiments.question import opened
from sim.experiments.reference import focal
from sim.metrics import declared
from sim.scenario.entries import Entry, forbidden, levers, planned_spend, read_entry, with_entries

SLACK = 1.001
"""A plan may exceed the purse by so much: rounding."""

MOST_ENTRIES = 200
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Refused:
    """A file that does not take part, and why, a line a mistake."""

    file: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Contest:
    """What came of it.

    ``standing``: a row an entry, the best first: rank, team, file, strategy, mean, low, high, gain, gain_low,
    gain_high (over the plan as it stands, paired), p_best, may_be_best. ``base``: the mean of the plan as it stands.
    """

    outcome: str
    standing: pd.DataFrame
    base: float
    refused: tuple[Refused, ...]
    comparison: Comparison
    purse: float
    allowed: tuple[str, ...]

    @property
    def up(self) -> bool:
        """Whether more of the outcome is better."""
        return declared(self.outcome).better == "up"


@dataclass(frozen=True)
class Entrants:
    """Who takes part, by name of strategy, who does not, and the scenario in which they meet."""

    scenario: Any
    entries: dict[str, Entry]
    refused: tuple[Refused, ...]
    purse: float
    allowed: tuple[str, ...]


def entrants(folder: str | Path, scenario: Any, allowed: Sequence[str] = ()) -> Entrants:
    """Read and judge every YAML file of a folder, in the order of their names; files that begin with ``_`` and the
    contest's own ``scenario.yaml`` are left out.

    Raises ScenarioError when there is no folder, nobody can take part, or there are more than ``MOST_ENTRIES``.
    """
    made = opened(scenario)
    files = _files(Path(folder))
    owner = focal(made)
    purse = planned_spend(made.for_strategy(None), owner)
    rules = tuple(allowed) or levers(owner)
    entries: dict[str, Entry] = {}
    refused = []
    for file in files:
        try:
            entry = _judged(file, made, owner, purse, rules)
        except ScenarioError as error:
            refused.append(Refused(file.name, tuple(map(str, error.problems))))
        else:
            entries[_name(file.stem, entries)] = entry
    if not entries:
        told = "\n".join(f"  {line}" for one in refused for line in one.problems)
        raise ScenarioError(f"{folder}: no strategy can take part" + (f":\n{told}" if told else ""))
    return Entrants(with_entries(made, entries), entries, tuple(refused), purse, rules)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ScenarioError([Problem("there is no such folder", file=str(folder))])
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES and f.is_file()
                   and not f.name.startswith(("_", ".")) and f.stem != "scenario")  # fmt: skip
    if not files:
        raise ScenarioError([Problem("no strategies here: each is a file NAME.yaml with lines such as "
                                     "'merchants.Lumi.plan.mix: {koc: 0.7, ads: 0.3}'", file=str(folder))])  # fmt: skip
    if len(files) > MOST_ENTRIES:
        raise ScenarioError([Problem(f"{len(files)} files; at most {MOST_ENTRIES} can take part", file=str(folder))])
    return files


def _judged(file: Path, scenario: Any, owner: str, purse: float, allowed: Sequence[str]) -> Entry:
    """The entry of a file. Raises ScenarioError when it is wrong, or breaks a rule."""
    entry = read_entry(file)
    problems = forbidden(entry, allowed)
    if problems:
        raise ScenarioError(problems)
    version = _alone(scenario, entry)
    total = planned_spend(version, owner)
    if total > purse * SLACK:
        said = f"plans to spend {total:,.0f} yuan; the purse of everybody is {purse:,.0f}"
        mark = next((m for path, m in entry.change.marks.items() if ".plan" in path), entry.change.mark)
        raise ScenarioError([Problem(said, f"merchants.{owner}.plan", entry.file, mark.line if mark else None)])
    return entry


def _alone(scenario: Any, entry: Entry) -> Any:
    """The market under one entry. Raises ScenarioError with paths as its file has them."""
    name = "entry"
    try:
        return with_entries(scenario, {name: entry}).for_strategy(name)
    except ScenarioError as error:
        raise ScenarioError([
            replace(p, path=p.path.removeprefix(f"strategies.{name}").lstrip(".").strip('"')) for p in error.problems
        ]) from None


def _name(stem: str, taken: dict[str, Entry]) -> str:
    """A name of a strategy for a file, in characters that a path takes."""
    bare = re.sub(r"[^\w-]+", "_", stem).strip("_")[:40] or "entry"
    bare = f"{bare}_" if bare == BASE else bare
    name, k = bare, 2
    while name in taken:
        name, k = f"{bare}_{k}", k + 1
    return name


def contest(folder: str | Path, scenario: Any, *, outcome: str | None = None, allowed: Sequence[str] = (),
            replications: int | None = None, seed: int = 0, jobs: int | None = None, threads: int | None = None,
            out: str | Path | None = None, resume: bool = True,
            progress: Progress | None = None) -> Contest:  # fmt: skip
    """Rank the strategies of a folder by the mean of ``outcome`` (default: the scenario's first).

    Raises ScenarioError as :func:`entrants`, and on an outcome without a good direction.
    """
    who = entrants(folder, scenario, allowed)
    made = who.scenario
    metric = outcome or made.outcomes[0]
    if not declared(metric).better:
        raise ScenarioError(f"{metric} has no good direction: nobody can win by it")
    if metric not in made.outcomes:
        made = made.with_set({"outcomes": [metric, *made.outcomes]})
    found = compare(made, strategies=list(who.entries), baseline=BASE, replications=replications, seed=seed,
                    jobs=jobs, threads=threads, out=out, resume=resume, progress=progress,
                    notes={"command": "contest"})  # fmt: skip
    table, base = _standing(found, metric, who.entries)
    return Contest(metric, table, base, who.refused, found, who.purse, who.allowed)


def _standing(found: Comparison, metric: str, entries: dict[str, Entry]) -> tuple[pd.DataFrame, float]:
    def of(frame: pd.DataFrame) -> Any:
        return frame[frame["metric"] == metric].set_index("strategy")

    means, gains, best = of(found.table), of(found.differences), of(found.p_best)
    rows = [
        {"team": entry.team, "file": entry.file, "strategy": name,
         **{key: float(means.loc[name, key]) for key in ("mean", "low", "high")},
         **{f"gain{key}": float(gains.loc[name, source]) for key, source in
            (("", "mean"), ("_low", "low"), ("_high", "high"))},
         "p_best": float(best.loc[name, "p"]), "may_be_best": bool(best.loc[name, "may_be_best"])}
        for name, entry in entries.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows).sort_values("mean", ascending=declared(metric).better == "down", kind="stable")
    table.insert(0, "rank", table["mean"].rank(ascending=declared(metric).better == "down", method="min").astype(int))
    return table.reset_index(drop=True), float(means.loc[BASE, "mean"])
