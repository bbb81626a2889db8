"""Which uncertainties matter: many points over their ranges, each under the same strategies on the same seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import ScenarioError
from sim.experiments.execute import Progress
from sim.experiments.exploration.factors import uncertainties
from sim.experiments.exploration.indices import HEADLINE, block_size, check, design, indices
from sim.experiments.question import known, opened
from sim.experiments.results import Results
from sim.experiments.store import MANIFEST, read_parquet, write_json, write_parquet
from sim.experiments.sweep import sweep
from sim.experiments.sweeps.design import Axis

TABLE = "sensitivity"


class Sensitivity:
    """What came of it. ``table``: a row a question (``of``), outcome and factor, ranked; ``results``: the sweep behind.

    ``of`` is a strategy, or ``A - B`` for the paired difference of two: what makes the choice between them.
    """

    def __init__(self, results: Results, table: pd.DataFrame) -> None:
        self.results, self.table = results, table
        self.method: str = results.manifest["sensitivity"]["method"]
        self.manifest = results.manifest
        self.path = results.path

    @classmethod
    def load(cls, results: Results) -> Sensitivity:
        """From a stored answer. Raises ScenarioError when it is none of a sensitivity analysis."""
        if "sensitivity" not in results.manifest or results.path is None:
            raise ScenarioError(f"{results.path} holds no sensitivity analysis")
        return cls(results, read_parquet(results.path / f"{TABLE}.parquet"))

    def ranked(self, outcome: str | None = None, of: str | None = None) -> pd.DataFrame:
        """The factors of one question, those that matter most first. Defaults: the first outcome, the last question."""
        outcome = outcome or self.manifest["outcomes"][0]
        of = of or self.manifest["sensitivity"]["of"]
        mine = self.table[(self.table["outcome"] == outcome) & (self.table["of"] == of)]
        if mine.empty:
            asked = ", ".join(dict.fromkeys(self.table["of"]))
            raise KeyError(f"nothing was asked about {outcome!r} of {of!r}; there are: {asked}")
        return mine.reset_index(drop=True)

    def figure(self, outcome: str | None = None, of: str | None = None) -> Any:
        """The ranked factors with their intervals."""
        from importlib import import_module

        return import_module("sim.report.exploration").ranking(self, outcome, of)

    def panels(self, most: int = 10, of: str | None = None) -> Any:
        """The ``most`` first factors of every outcome, a panel each."""
        from importlib import import_module

        return import_module("sim.report.exploration").panels(self, of, most)


def sensitivity(scenario: Any, *, method: str = "morris", over: Any = None, outcome: str | None = None,
                strategies: Sequence[str] | None = None, samples: int | None = None, replications: int = 1,
                seed: int = 0, set: Mapping[str, Any] | None = None, jobs: int | None = None, threads: int = 1,
                cluster: str | None = None, out: str | Path | None = None, resume: bool = True,
                progress: Progress | None = None, notes: dict[str, Any] | None = None) -> Sensitivity:  # fmt: skip
    """Rank what the answer depends on.

    ``over``: ranges by path, or paths, or ``"assumed"`` (the scenario's uncertainties and the plausible ranges of all
    its assumptions) or ``"all"`` (of every parameter); default: the uncertainties, or without any the assumptions.
    ``method``: ``morris`` (screening: few runs, many factors), ``sobol`` (shares of the variance), ``pawn`` (the whole
    distribution). ``samples``: trajectories, base points or points.
    ``outcome`` (default: the first) is shown first; all outcomes of the scenario are in the table. ``strategies``
    default to the baseline and the first other one; their difference is asked about too. Points differ by factors
    alone, since all are run on the same seeds. The markets are cells of a sweep: kept, resumed, run anywhere.

    Raises ScenarioError on wrong input, MissingExtra without SALib.

    >>> ranked = sim.sensitivity("presets/examples/tea.yaml", samples=2, strategies=["plain"], outcome="orders", jobs=1)
    >>> type(ranked).__name__
    'Sensitivity'
    """
    made = opened(scenario)
    made = made.with_set(set) if set else made
    count = check(method, samples)
    if outcome is not None:
        made = _first(made, outcome)
    names = _two(made, strategies)
    factors = uncertainties(made, over)
    shares = design(method, len(factors), count, seed)
    asked = {"method": method, "samples": count, "of": _questions(names)[-1], "factors": [_range(f) for f in factors]}
    found = sweep(made, _columns(factors, shares), design="list", strategies=names, replications=replications,
                  seed=seed, daily=False, jobs=jobs, threads=threads, cluster=cluster, out=out, resume=resume,
                  progress=progress, notes=notes)  # fmt: skip
    table = tabulate(found, factors, shares, method, names, seed)
    keep(found, {"sensitivity": asked}, {TABLE: table})
    return Sensitivity(found, table)


def keep(found: Results, said: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> None:
    """Put what was made of a sweep beside it; what the same sweep was judged by before is replaced."""
    found.manifest.update(said)
    if found.path is not None:
        for name, table in tables.items():
            write_parquet(table, found.path / f"{name}.parquet")
        write_json(found.manifest, found.path / MANIFEST)


def points_needed(scenario: Any, method: str, samples: int | None, over: Any = None) -> int:
    """How many points an analysis has."""
    return check(method, samples) * block_size(method, len(uncertainties(scenario, over)))


def tabulate(found: Results, factors: Sequence[Axis], shares: Any, method: str, names: Sequence[str],
             seed: int) -> pd.DataFrame:  # fmt: skip
    """of, outcome, rank, factor, low, high, the method's columns, ``noise``, ``left_out``.

    ``noise`` is the share of the answers' variance that comes from the finite number of replications, NaN for one.
    """
    rows: list[dict[str, Any]] = []
    outcomes = [name for name in found.manifest["outcomes"] if name in found.runs.columns]
    many = len(names)
    for outcome in outcomes:
        wide = found.runs.pivot(index="cell", columns="replication", values=outcome)
        wide = wide.reindex(range(many * len(shares)))
        by_strategy = {name: wide.to_numpy(float)[k::many] for k, name in enumerate(names)}
        for of in _questions(names):
            left, _, right = of.partition(MINUS)
            values = by_strategy[left] - by_strategy[right] if right else by_strategy[left]
            answers = values.mean(axis=1)
            told, left_out = indices(method, np.asarray(shares, float), answers, seed)
            order = sorted(range(len(factors)), key=lambda k: -np.nan_to_num(told[k][HEADLINE[method]], nan=-1.0))
            noise = _noise(values)
            for rank, k in enumerate(order, 1):
                ends = _range(factors[k])
                rows.append({"of": of, "outcome": outcome, "rank": rank, "factor": factors[k].name,
                             "low": ends["low"], "high": ends["high"], **told[k], "noise": noise,
                             "left_out": left_out})  # fmt: skip
    return pd.DataFrame(rows)


MINUS = " - "
"""Between the two strategies of a difference."""


def _questions(names: Sequence[str]) -> list[str]:
    """Every strategy, and the difference of each later one to the first."""
    return [*names, *(f"{name}{MINUS}{names[0]}" for name in names[1:])]


def _two(scenario: Any, said: Sequence[str] | None) -> list[str]:
    if said is not None:
        names = list(dict.fromkeys(said))
        for name in names:
            known(scenario, name)
        return names
    every = list(scenario.strategies)
    base = scenario.experiment.baseline or (every[0] if every else "base")
    return [base, *[name for name in every if name != base][:1]]


def _first(scenario: Any, outcome: str) -> Any:
    """The scenario with an outcome put first."""
    rest = [name for name in scenario.outcomes if name != outcome]
    return scenario.with_set({"outcomes": [outcome, *rest]})


def _columns(factors: Sequence[Axis], shares: Any) -> dict[str, list[Any]]:
    return {factor.name: [factor.at(float(u)) for u in shares[:, k]] for k, factor in enumerate(factors)}


def _range(factor: Axis) -> dict[str, Any]:
    if factor.levels:
        return {"path": factor.name, "low": str(factor.levels[0]), "high": str(factor.levels[-1])}
    return {"path": factor.name, "low": f"{factor.low:g}", "high": f"{factor.high:g}"}


def _noise(values: Any) -> float:
    whole = values[np.isfinite(values).all(axis=1)]
    if whole.shape[0] < 2 or whole.shape[1] < 2:
        return float("nan")
    between = float(whole.mean(axis=1).var(ddof=1))
    within = float((whole - whole.mean(axis=0)).var(axis=1, ddof=1).mean()) / whole.shape[1]
    return within / between if between > 0 else float("nan")
