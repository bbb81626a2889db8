"""What would change the answer: each uncertain assumption at either end of its range, on the comparison's own seeds.

One at a time, all else as the scenario has it. Differences stay paired: the two strategies meet the same people and
luck in every world, so an assumption that touches neither moves nothing at all. Assumptions that work together are the
matter of :func:`sim.experiments.robust.robust`.
"""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import ScenarioError
from sim.experiments.execute import Progress, collect
from sim.experiments.question import ask
from sim.experiments.statistics import paired_difference
from sim.experiments.store import write_parquet
from sim.metrics import declared

MOST = 8
"""Replications used unless told otherwise, or all when the comparison has fewer."""

HERE = ""
"""Path of the row that tells the difference as the scenario stands, on the same replications."""


def doubts(comparison: Any, strategy: str | None = None, metric: str | None = None, *, replications: int | None = None,
           jobs: int | None = None, threads: int = 1, progress: Progress | None = None) -> pd.DataFrame:  # fmt: skip
    """A row an end of each uncertainty's range: the paired difference of ``strategy`` to the baseline there.

    ``strategy`` defaults to the best one besides the baseline, ``metric`` to the first outcome. Columns: strategy,
    baseline, metric, ``path``, ``end`` (low, high), ``value`` of the assumption, ``mean, low, high`` of the difference
    (95 %), ``n``; first a row of path "" for the scenario as it stands. Kept with the comparison where it has a folder.
    Raises ScenarioError when the scenario names no uncertainty.
    """
    scenario, metric = comparison.scenario, metric or comparison.outcomes[0]
    ranges = dict(scenario.uncertainties)
    if not ranges:
        raise ScenarioError(f"{scenario.name!r} names no uncertainties: add paths and ranges under 'uncertainties:'")
    chosen = strategy or rival_of(comparison, metric)
    count = min(replications or MOST, comparison.replications, len(comparison.manifest["seeds"]))
    worlds: list[tuple[str, str, float, Any]] = [(HERE, "", float("nan"), scenario)]
    for path, ends in ranges.items():
        worlds += [(path, end, float(value), scenario.with_set({path: value}))
                   for end, value in zip(("low", "high"), ends, strict=True)]  # fmt: skip
    rows = []
    with tempfile.TemporaryDirectory(prefix="sim-") as scratch:
        out = scratch if comparison.path is None else comparison.path.parent.parent
        for k, (path, end, value, world) in enumerate(worlds):
            asked = ask(world, strategies=[comparison.baseline, chosen], baseline=comparison.baseline,
                        replications=count, seed=comparison.manifest["seed"], out=out, references=[])  # fmt: skip
            runs, _, _, _ = collect(asked, jobs, threads, None)
            if progress is not None:
                progress(k + 1, len(worlds))
            found = paired_difference(_values(runs, chosen, metric), _values(runs, comparison.baseline, metric),
                                      declared(metric).better)  # fmt: skip
            rows.append({"path": path, "end": end, "value": value, "mean": found.mean, "low": found.low,
                         "high": found.high, "n": found.n})  # fmt: skip
    table = pd.DataFrame(rows)
    for at, (name, text) in enumerate((("strategy", chosen), ("baseline", comparison.baseline), ("metric", metric))):
        table.insert(at, name, text)
    comparison.tables["doubts"] = table
    if comparison.path is not None:
        write_parquet(table, comparison.path / "doubts.parquet")
    return table


def rival_of(comparison: Any, metric: str) -> str:
    """The best strategy besides the baseline and, unless there is no other, the reference arms."""
    others = [s for s in comparison.strategies if s not in (comparison.baseline, *comparison.references)]
    means = comparison.values(metric)[others or [s for s in comparison.strategies if s != comparison.baseline]].mean()
    return str(means.idxmin() if declared(metric).better == "down" else means.idxmax())


def _values(runs: dict[Any, Any], strategy: str, metric: str) -> Any:
    return np.array([run.outcome(metric) for (arm, _, _), run in runs.items() if arm == strategy], float)
