"""Finding the best setting of levers: a search on common seeds, then a confirmation of its finalists on fresh ones."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sim.contract import ScenarioError
from sim.experiments.execute import Interrupted, Progress
from sim.experiments.exploration.aims import Aims, aims
from sim.experiments.exploration.factors import axes
from sim.experiments.exploration.finals import AS_IS, EQUAL, chosen, confirmed, equal_split, leaders
from sim.experiments.exploration.search import SAMPLERS, Search, search
from sim.experiments.exploration.trials import Field
from sim.experiments.identity import BASE, cell_id, digest, slug, versions
from sim.experiments.question import known, opened
from sim.experiments.results import Results
from sim.experiments.store import MANIFEST, Store, read_json, read_parquet, write_json, write_parquet
from sim.experiments.sweeps.design import Axis

FINALISTS = 3
MIX = ".plan.mix"


class NoneFeasible(ScenarioError):
    """No candidate of a search met every constraint."""


class Optimum:
    """What came of it.

    ``trials``: a row a candidate tried. ``finals``: a row a finalist and outcome on fresh seeds, beside the equal split
    and the scenario as it stands (:func:`sim.experiments.exploration.finals.confirmed`). ``best``: the levers of the
    finalist that is best on fresh seeds and meets every constraint there, None when none does. ``value``: its fresh
    mean of the first outcome, free of the winner's curse.
    """

    def __init__(self, manifest: dict[str, Any], trials: pd.DataFrame, finals: pd.DataFrame, path: Path | None) -> None:
        self.manifest, self.trials, self.finals, self.path = manifest, trials, finals, path
        self.outcome: str = manifest["outcomes"][0]
        self.levers: list[str] = list(manifest["levers"])
        self.winner: str | None = manifest["winner"]

    @classmethod
    def load(cls, results: Results) -> Optimum:
        """From a stored answer. Raises ScenarioError when it is none of an optimisation."""
        if results.kind != "optimise" or results.path is None:
            raise ScenarioError(f"{results.path} holds no optimisation")
        trials, finals = (read_parquet(results.path / f"{name}.parquet") for name in ("trials", "finals"))
        return cls(results.manifest, trials, finals, results.path)

    @property
    def best(self) -> dict[str, Any] | None:
        """The levers to set."""
        row = self._winning()
        return None if row is None else {path: row[path] for path in self.levers}

    @property
    def value(self) -> float:
        """The best candidate's mean on fresh seeds; NaN without one."""
        row = self._winning()
        return float("nan") if row is None else float(row["mean"])

    def _winning(self) -> Any:
        mine = self.finals[(self.finals["arm"] == self.winner) & (self.finals["outcome"] == self.outcome)]
        return None if mine.empty else mine.iloc[0]

    def figure(self, kind: str = "course") -> Any:
        """``course``: values in the order of the search; ``finals``: finalists on fresh seeds."""
        from importlib import import_module

        return getattr(import_module("sim.report.exploration"), kind)(self)


def optimise(scenario: Any, levers: Mapping[str, Any], *, outcome: str | Sequence[str] | None = None,
             constraints: Sequence[str] = (), trials: int = 60, strategy: str | None = None, replications: int = 4,
             confirm: int | None = None, finalists: int = FINALISTS, sampler: str = "tpe", early: int | None = None,
             seed: int = 0, set: Mapping[str, Any] | None = None, jobs: int | None = None, threads: int = 1,
             cluster: str | None = None, out: str | Path | None = None, progress: Progress | None = None,
             notes: dict[str, Any] | None = None) -> Optimum:  # fmt: skip
    """Search the levers for the best mean of ``outcome`` (default: the scenario's first; several give a Pareto front).

    ``levers``: ``(low, high)``, ``{from, to, log}`` or a list of values by path; for a mix of channels a list of
    channel names, which are then given weights from 0 to 1 while the others get none. They are set on top of
    ``strategy`` (default: the scenario as it stands). ``constraints``: ``"profit >= 0"``, held to by the mean.
    ``early``: give up candidates whose outcome after so many days is below the median of earlier ones. Every candidate
    lives ``replications`` common seeds; the ``finalists`` live ``confirm`` fresh ones (default: the larger of 10 and
    three times ``replications``), paired with the equal split and the scenario as it stands.

    With ``out`` trials and markets are kept, and the same question goes on where it stopped; one process at a time.
    Raises ScenarioError on wrong input, NoneFeasible, MissingExtra without Optuna, Interrupted on Ctrl-C.

    >>> found = sim.optimise("presets/examples/tea.yaml", {"merchants.Leaf.plan.discount": (0.0, 0.4)}, trials=3,
    ...                      replications=1, confirm=2, finalists=1, strategy="plain", jobs=1)
    >>> type(found).__name__
    'Optimum'
    """
    made = opened(scenario)
    made = made.with_set(set) if set else made
    wanted = aims([outcome] if isinstance(outcome, str) else list(outcome or made.outcomes[:1]), constraints)
    made = made.with_set({"outcomes": list(dict.fromkeys([*wanted.metrics, *made.outcomes]))})
    name = strategy or BASE
    known(made, name)
    _numbers(made, trials, replications, finalists, sampler, early, wanted)
    chooses, fixed = mixes(levers)
    found = axes(made, chooses)
    asked = Search(tuple(found), wanted, trials, replications, seed, sampler, early)
    again = confirm or max(10, 3 * replications)
    settings: dict[str, Any] = {"again": again, "finalists": finalists, "jobs": jobs, "threads": threads,
                                "fixed": fixed, "cluster": cluster, "progress": progress,
                                "notes": notes or {}}  # fmt: skip
    if out is not None:
        return _answer(made, name, asked, Path(out), keep=True, **settings)
    with tempfile.TemporaryDirectory(prefix="sim-") as scratch:
        return _answer(made, name, asked, Path(scratch), keep=False, **settings)


def _answer(scenario: Any, strategy: str, asked: Search, out: Path, *, keep: bool, again: int, finalists: int,
            jobs: int | None, threads: int, fixed: dict[str, Any], cluster: str | None, progress: Progress | None,
            notes: dict[str, Any]) -> Optimum:  # fmt: skip
    store = Store(out, slug(scenario))
    question = {"kind": "optimise", "cell": cell_id(scenario, strategy), "fixed": fixed,
                "levers": [vars(a) for a in asked.levers],
                "aims": vars(asked.aims), "replications": asked.replications, "seed": asked.seed,
                "sampler": asked.sampler, "early": asked.early}  # fmt: skip
    run = digest(question, 12)
    folder = store.folder(run)
    settled = {"trials": asked.trials, "finalists": finalists, "confirm": again}
    stored = store.manifest(run)
    if stored is not None and all(stored.get(key) == value for key, value in settled.items()):
        return Optimum(stored, read_parquet(folder / "trials.parquet"), read_parquet(folder / "finals.parquet"), folder)
    begun = time.perf_counter()
    counted = [0]

    def count(done: int, total: int) -> None:
        counted[0] = done
        if progress is not None:
            progress(done, total)

    with _alone(folder), Field(scenario, strategy, out, jobs, threads, cluster, fixed) as field:
        try:
            tried = search(asked, field, folder, _first(asked.levers), count)
            best = leaders(tried, asked.aims, finalists)
            if best.empty:
                raise NoneFeasible(_none(tried, asked.aims))
            paths = [axis.name for axis in asked.levers]
            arms: dict[str, Any] = {f"trial {row['number']}": {path: row[path] for path in paths}
                                    for row in best.to_dict("records")}  # fmt: skip
            searched = {f"trial {row['number']}": {name: row[name] for name in asked.aims.outcomes}
                        for row in best.to_dict("records")}  # fmt: skip
            even = equal_split(next(iter(arms.values())))
            arms |= ({EQUAL: even} if even else {}) | {AS_IS: {}}
            finals = confirmed(field, arms, searched, asked.aims, again, asked.seed)
        except KeyboardInterrupt as stop:
            raise Interrupted(counted[0], asked.trials, "trials") from stop
    path = getattr(scenario, "path", None)
    manifest = {
        "kind": "optimise", "format": 1, "run_id": run, "scenario": scenario.name, "question": scenario.question,
        "strategy": strategy, "levers": {a.name: list(a.levels) or [a.low, a.high] for a in asked.levers},
        "outcomes": list(asked.aims.outcomes), "constraints": [str(c) for c in asked.aims.constraints],
        "replications": asked.replications, "seed": asked.seed, "sampler": asked.sampler, "early": asked.early,
        **settled, "winner": chosen(finals, list(searched), asked.aims), "versions": versions(),
        "timings": {"finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
                    "wall_seconds": round(time.perf_counter() - begun, 3)},
        **notes, "scenario_file": str(path) if path else None, "resolved": scenario.resolved(),
    }  # fmt: skip
    if keep:
        write_parquet(tried, folder / "trials.parquet")
        write_parquet(finals, folder / "finals.parquet")
        write_json(manifest, folder / MANIFEST)
    return Optimum(manifest, tried, finals, folder if keep else None)


def mixes(levers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The levers with every mix opened into a weight a channel, and the change that gives the other channels none."""
    from sim.scenario.paths import nearest
    from sim.scenario.players import MIX_CHANNELS

    made: dict[str, Any] = {}
    empty: dict[str, Any] = {}
    for path, said in levers.items():
        names = said.get("values") if isinstance(said, Mapping) else said
        if not path.endswith(MIX) or not isinstance(names, (list, tuple)) or not isinstance(names[0], str):
            made[path] = said
            continue
        for channel in names:
            if channel not in MIX_CHANNELS:
                raise ScenarioError(f"{path}: no channel is called {channel!r}{nearest(str(channel), MIX_CHANNELS)}")
        made |= {f"{path}.{channel}": (0.0, 1.0) for channel in names}
        empty |= {f"{path}.{other}": 0 for other in MIX_CHANNELS if other not in names}
    return made, empty


def _first(levers: Sequence[Axis]) -> list[dict[str, Any]]:
    """The search begins in the middle of every range, which for a mix is the equal split."""
    return [{axis.name: axis.at(0.5) for axis in levers}]


def _numbers(scenario: Any, trials: int, replications: int, finalists: int, sampler: str, early: int | None,
             wanted: Aims) -> None:  # fmt: skip
    from sim.scenario.paths import nearest

    for text, value in (("trials", trials), ("replications", replications), ("finalists", finalists)):
        if value < 1:
            raise ScenarioError(f"{text} must be at least 1 (got {value})")
    if sampler not in SAMPLERS:
        raise ScenarioError(f"unknown sampler {sampler!r}{nearest(sampler, SAMPLERS)}")
    if sampler == "cma" and len(wanted.outcomes) > 1:
        raise ScenarioError("the sampler 'cma' takes one outcome; tpe and nsga2 take several")
    if early is not None:
        if not 0 < early < scenario.market.days:
            raise ScenarioError(f"early must be between 1 and the horizon of {scenario.market.days} days (got {early})")
        if len(wanted.outcomes) > 1:
            raise ScenarioError("candidates can be given up early for one outcome, not for several")


def _none(trials: pd.DataFrame, wanted: Aims) -> str:
    """Why nobody is left: the constraint that stayed farthest from being met, and by how little it was missed."""
    done = trials[trials["state"] == "complete"]
    if done.empty:
        return "no candidate was seen to the end: give more trials, or no early end"
    missed = {str(c): float(min(c.missed_by(v) for v in done[c.metric])) for c in wanted.constraints}
    hard = max(missed, key=lambda text: missed[text])
    if missed[hard] <= 0:
        return f"no candidate of {len(done)} met all constraints at once ({', '.join(missed)}): loosen one of them"
    return f"no candidate of {len(done)} met {hard}; the nearest missed it by {missed[hard]:g}"


class _alone:
    """A study is one process's at a time: a file with its number, which a dead process leaves and the next takes."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "study.lock"

    def __enter__(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        held = read_json(self.file) or {}
        if held.get("process") not in (None, os.getpid()) and _lives(int(held["process"])):
            raise ScenarioError(f"{self.file.parent}: process {held['process']} is at work on this study already")
        write_json({"process": os.getpid()}, self.file)

    def __exit__(self, *_: object) -> None:
        self.file.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


__all__ = ["NoneFeasible", "Optimum", "optimise"]
