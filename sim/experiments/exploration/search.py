"""The search for the best candidate: Optuna proposes, markets answer, a journal on disk remembers.

Candidates come in batches of a fixed size, and the sampler of a batch is seeded by the number of trials before it, so
the course depends neither on how many processes work nor on where it was interrupted.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import ScenarioError
from sim.experiments.exploration.aims import Aims
from sim.experiments.exploration.trials import Field
from sim.experiments.identity import digest
from sim.experiments.results import MissingExtra
from sim.experiments.sweeps.design import Axis

BATCH = 4
"""Candidates proposed at once."""

STARTUP = 8
"""Trials that are seen to the end before any is given up early."""

SAMPLERS = ("tpe", "cma", "gp", "nsga2", "random")
JOURNAL = "study.journal"


@dataclass(frozen=True)
class Search:
    """How to search. ``early``: days after which a candidate worse than the median of earlier ones is given up."""

    levers: tuple[Axis, ...]
    aims: Aims
    trials: int
    replications: int
    seed: int
    sampler: str = "tpe"
    early: int | None = None


class EveryTrialFailed(ScenarioError):
    """No candidate could be run."""


def search(asked: Search, field: Field, folder: Path, first: Sequence[Mapping[str, Any]] = (),
           progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:  # fmt: skip
    """A row a trial: number, state, the levers, mean of every metric aimed at, ``feasible``, ``error``.

    ``first``: candidates to begin with. A study in ``folder`` goes on from where it stopped. Raises MissingExtra
    without Optuna, EveryTrialFailed when no trial could be run.
    """
    optuna = library()
    with _quiet(optuna):
        study = _study(optuna, asked, folder)
        if not study.trials:
            for point in first:
                study.enqueue_trial({axis.name: _coded(axis, point[axis.name]) for axis in asked.levers})
        space = {axis.name: _distribution(optuna, axis) for axis in asked.levers}
        states = optuna.trial.TrialState
        while True:
            left = study.get_trials(deepcopy=False, states=(states.RUNNING,))  # of a search that was interrupted
            ended = len(study.trials) - len(left) - len(_waiting(study, states))
            if progress is not None:
                progress(ended, asked.trials)
            if ended >= asked.trials:
                return table(study, asked, states)
            batch = [optuna.trial.Trial(study, t._trial_id) for t in left if set(t.params) == set(space)]
            for torn in (t for t in left if set(t.params) != set(space)):
                study.tell(torn.number, state=states.FAIL)
            study.sampler = _sampler(optuna, asked, ended)
            while len(batch) < min(BATCH, asked.trials - ended):
                batch.append(study.ask(space))
            _lived(optuna, study, batch, asked, field)
            if all(t.state in (states.FAIL, states.WAITING) for t in study.trials):
                said = [t.user_attrs["error"] for t in study.trials if "error" in t.user_attrs]
                raise EveryTrialFailed(f"no candidate could be run; the first said: {said[0]}")


def table(study: Any, asked: Search, states: Any) -> pd.DataFrame:
    """The trials that have ended, as rows."""
    by_name = {axis.name: axis for axis in asked.levers}
    rows = []
    for trial in study.get_trials(deepcopy=False, states=(states.COMPLETE, states.PRUNED, states.FAIL)):
        values = trial.user_attrs.get("values", {})
        feasible = bool(values) and all(c.missed_by(values[c.metric]) <= 0 for c in asked.aims.constraints)
        rows.append({"number": trial.number, "state": trial.state.name.lower(),
                     **{path: decoded(by_name[path], value) for path, value in trial.params.items()},
                     **{metric: values.get(metric, float("nan")) for metric in asked.aims.metrics},
                     "feasible": feasible, "error": trial.user_attrs.get("error", "")})  # fmt: skip
    return pd.DataFrame(rows).sort_values("number", ignore_index=True)


def _lived(optuna: Any, study: Any, batch: Sequence[Any], asked: Search, field: Field) -> None:
    """Run the candidates of a batch and tell the study."""
    states = optuna.trial.TrialState
    going = []
    by_name = {axis.name: axis for axis in asked.levers}
    for trial in batch:
        point = {path: decoded(by_name[path], value) for path, value in trial.params.items()}
        wrong = field.possible(point)
        if wrong:
            _failed(study, trial, wrong, states)
        else:
            going.append((trial, point))
    if asked.early is not None:
        outcome = asked.aims.outcomes[0]
        short = field.tried([point for _, point in going], asked.replications, asked.seed, asked.early)
        kept = []
        for (trial, point), found in zip(going, short, strict=True):
            if isinstance(found, str):
                _failed(study, trial, found, states)
                continue
            if asked.early not in study.trials[trial.number].intermediate_values:
                trial.report(float(found[outcome].mean()), asked.early)
            if trial.should_prune():
                study.tell(trial, state=states.PRUNED)
            else:
                kept.append((trial, point))
        going = kept
    full = field.tried([point for _, point in going], asked.replications, asked.seed)
    for (trial, _), found in zip(going, full, strict=True):
        if isinstance(found, str):
            _failed(study, trial, found, states)
            continue
        means = {metric: float(found[metric].mean()) for metric in asked.aims.metrics}
        if not all(np.isfinite(list(means.values()))):
            absent = [metric for metric, value in means.items() if not np.isfinite(value)]
            _failed(study, trial, f"{absent[0]} was not measured", states)
            continue
        trial.set_user_attr("values", means)
        for constraint in asked.aims.constraints:
            if str(constraint) not in trial.constraints:
                trial.set_constraint(str(constraint), constraint.missed_by(means[constraint.metric]))
        study.tell(trial, [means[outcome] for outcome in asked.aims.outcomes])


def _failed(study: Any, trial: Any, error: str, states: Any) -> None:
    trial.set_user_attr("error", error)
    study.tell(trial, state=states.FAIL)


def _study(optuna: Any, asked: Search, folder: Path) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    backend = import_module("optuna.storages.journal").JournalFileBackend(str(folder / JOURNAL))
    pruner = optuna.pruners.MedianPruner(n_startup_trials=STARTUP)
    return optuna.create_study(
        storage=optuna.storages.JournalStorage(backend), study_name="sim", load_if_exists=True, pruner=pruner,
        directions=["maximize" if way == "up" else "minimize" for way in asked.aims.ways],
    )  # fmt: skip


def _sampler(optuna: Any, asked: Search, done: int) -> Any:
    seed = int(digest([asked.seed, done], 8), 16) & 0x7FFFFFFF
    kinds = optuna.samplers
    try:
        return {
            "tpe": lambda: kinds.TPESampler(seed=seed, n_startup_trials=max(8, 2 * len(asked.levers)),
                                            multivariate=True),
            "cma": lambda: kinds.CmaEsSampler(seed=seed), "gp": lambda: kinds.GPSampler(seed=seed),
            "nsga2": lambda: kinds.NSGAIISampler(seed=seed), "random": lambda: kinds.RandomSampler(seed=seed),
        }[asked.sampler]()  # fmt: skip
    except ImportError as error:
        needs = {"cma": "cmaes", "gp": "torch"}.get(asked.sampler, "another library")
        raise MissingExtra(f"the sampler {asked.sampler!r} needs {needs}: pip install {needs}") from error


def _waiting(study: Any, states: Any) -> list[Any]:
    found: list[Any] = study.get_trials(deepcopy=False, states=(states.WAITING,))
    return found


def _distribution(optuna: Any, axis: Axis) -> Any:
    kinds = optuna.distributions
    if axis.levels:
        return kinds.CategoricalDistribution(tuple(range(len(axis.levels))))
    if axis.whole:
        return kinds.IntDistribution(int(axis.low), int(axis.high))
    return kinds.FloatDistribution(axis.low, axis.high, log=axis.log)


def _coded(axis: Axis, value: Any) -> Any:
    return axis.levels.index(value) if axis.levels else value


def decoded(axis: Axis, value: Any) -> Any:
    """A lever's value as the scenario takes it."""
    return axis.levels[int(value)] if axis.levels else value


def library() -> Any:
    """Optuna. Raises MissingExtra."""
    try:
        return import_module("optuna")
    except ImportError as error:
        raise MissingExtra("optimise needs Optuna: pip install 'sim[science]'") from error


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Without Optuna's own remarks on stderr, and its notes on what is experimental."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"optuna\..*")
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(level)
