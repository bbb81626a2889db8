"""Final candidates run again on fresh seeds: what the best of many looks like when it is not chosen for its luck.

The best of many noisy values is too high on average (the winner's curse). Seeds the search has never seen give each
finalist an unbiased mean; intervals hold for all finalists together (Bonferroni), since the best is chosen among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.distributions import pareto
from sim.experiments.exploration.aims import Aims
from sim.experiments.exploration.trials import Field
from sim.experiments.identity import digest
from sim.experiments.statistics import LEVEL, mean_interval, paired_difference

AS_IS, EQUAL = "as it stands", "equal split"
MIX = ".plan.mix."


def fresh(seed: int) -> int:
    """A seed whose replications the search has never seen."""
    return int(digest(["fresh", seed], 12), 16)


def leaders(trials: pd.DataFrame, wanted: Aims, most: int) -> pd.DataFrame:
    """The feasible trials worth confirming, each point once: the best; of several outcomes, those on the front."""
    done = trials[(trials["state"] == "complete") & trials["feasible"]]
    levers = [name for name in trials.columns if name not in ("number", "state", "feasible", "error", *wanted.metrics)]
    done = done.loc[~done[levers].astype(str).duplicated()]
    if done.empty:
        return done
    if len(wanted.outcomes) > 1:
        done = done[pareto(done[list(wanted.outcomes)].to_numpy(float), wanted.ways)]
    ordered = done.sort_values(wanted.outcomes[0], ascending=wanted.ways[0] == "down", kind="stable")
    if len(wanted.outcomes) == 1:
        return ordered.head(most)
    at = np.unique(np.linspace(0, len(ordered) - 1, min(most, len(ordered))).round().astype(int))
    return ordered.iloc[at]


def equal_split(point: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same candidate with every mix among its levers split equally; None when there is none of two channels."""
    mixes: dict[str, list[str]] = {}
    for path in point:
        if MIX in path:
            mixes.setdefault(path.rpartition(".")[0], []).append(path)
    several = [path for paths in mixes.values() if len(paths) > 1 for path in paths]
    return {**point, **dict.fromkeys(several, 1.0)} if several else None


def confirmed(field: Field, arms: Mapping[str, Mapping[str, Any]], searched: Mapping[str, Mapping[str, float]],
              wanted: Aims, replications: int, seed: int) -> pd.DataFrame:  # fmt: skip
    """A row an arm and outcome: ``searched`` (its value in the search), ``mean, low, high`` on fresh seeds,
    ``optimism`` (searched less mean), the paired ``gain*`` over the reference (the equal split, else the scenario as it
    stands) with ``p_better``, and ``met``: whether every constraint holds in the fresh mean.

    ``arms``: levers by name; the empty ones are the scenario as it stands.
    """
    paths = list(next(point for point in arms.values() if point))
    full = {name: point for name, point in arms.items() if point}
    found = dict(zip(full, field.tried(list(full.values()), replications, fresh(seed)), strict=True))
    for name in (name for name, point in arms.items() if not point):
        found[name] = field.as_is(replications, fresh(seed))
    reference = EQUAL if EQUAL in arms else AS_IS
    level = 1 - (1 - LEVEL) / max(1, len(searched))
    rows: list[dict[str, Any]] = []
    for name, values in found.items():
        if isinstance(values, str):
            rows.append({"arm": name, "error": values})
            continue
        met = all(c.missed_by(float(values[c.metric].mean())) <= 0 for c in wanted.constraints)
        for outcome, way in zip(wanted.outcomes, wanted.ways, strict=True):
            mine = mean_interval(values[outcome], level if name in searched else LEVEL)
            before = searched.get(name, {}).get(outcome, float("nan"))
            row: dict[str, Any] = {"arm": name, **{path: arms[name].get(path) for path in paths}, "outcome": outcome,
                   "searched": before, "mean": mine.mean, "low": mine.low, "high": mine.high, "n": mine.n,
                   "optimism": (before - mine.mean) * (1 if way == "up" else -1), "met": met, "error": ""}  # fmt: skip
            other = found.get(reference)
            if name != reference and isinstance(other, dict):
                gap = paired_difference(values[outcome], other[outcome], way)
                row |= {"gain": gap.mean, "gain_low": gap.low, "gain_high": gap.high, "p_better": gap.p_better}
            rows.append(row)
    return pd.DataFrame(rows)


def chosen(finals: pd.DataFrame, searched: Sequence[str], wanted: Aims) -> str | None:
    """The finalist with the best fresh mean of the first outcome among those that meet every constraint."""
    mine = finals[finals["arm"].isin(list(searched)) & (finals["outcome"] == wanted.outcomes[0])]
    mine = mine[mine["met"].eq(True)].set_index("arm")
    if mine.empty:
        return None
    at = mine["mean"].idxmin() if wanted.ways[0] == "down" else mine["mean"].idxmax()
    return str(at)
