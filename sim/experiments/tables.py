"""Many runs put together: one table of each kind over all strategies and replications, in a fixed order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from sim.experiments.result import RunResult
from sim.experiments.statistics import LEVEL

COMBINED = ("summary", "daily", "channels", "cascades", "products", "merchants", "cash", "groups", "cohorts",
            "crossings", "orders", "segments", "fills", "flows", "trees", "piece", "ties")  # fmt: skip
"""Tables of an answer, in the order in which they are written."""

_KEYS = ("strategy", "replication", "seed")


def combine(runs: Mapping[tuple[str, int, int], RunResult], outcomes: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Stack runs, keyed by (strategy, replication, seed), in the order given.

    ``summary``: a row a run, a column a metric, the outcomes among them. ``cascades`` counts trees of one shape over
    all replications. Every other table is the runs' own with strategy, replication and seed in front; of ``piece``
    and ``ties`` the first replication's, of ``trees`` the one's in which each strategy had its largest tree.
    """
    summary = [
        dict(zip(_KEYS, key, strict=True)) | run.summary.to_dict() | {name: run.outcome(name) for name in outcomes}
        for key, run in runs.items()
    ]
    made = {"summary": pd.DataFrame(summary)}
    for name in COMBINED[1:]:
        made[name] = _stack({key: getattr(run, name) for key, run in _chosen(name, runs).items()})
    made["daily"] = _with_cash(made["daily"], made["cash"], runs)
    made["cascades"] = _shapes(made["cascades"])
    return {name: frame for name, frame in made.items() if len(frame.columns)}


def _chosen(name: str, runs: Mapping[tuple[str, int, int], RunResult]) -> Mapping[tuple[str, int, int], RunResult]:
    """The runs whose table of this name is kept."""
    if name not in ("piece", "ties", "trees"):
        return runs
    best: dict[str, tuple[str, int, int]] = {}
    for key, run in runs.items():
        if key[0] not in best or (name == "trees" and _largest(run) > _largest(runs[best[key[0]]])):
            best[key[0]] = key
    return {key: runs[key] for key in best.values()}


def _largest(run: RunResult) -> float:
    return float(run.trees["size"].max()) if len(run.trees) else 0.0


def _stack(frames: Mapping[tuple[str, int, int], pd.DataFrame | None]) -> pd.DataFrame:
    parts = []
    for key, frame in frames.items():
        if frame is None or frame.empty:
            continue
        part = frame.reset_index() if frame.index.name else frame.reset_index(drop=True)
        head = {name: value for name, value in zip(_KEYS, key, strict=True) if name not in part.columns}
        parts.append(pd.concat([pd.DataFrame(head, index=part.index), part], axis=1))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _with_cash(daily: pd.DataFrame, cash: pd.DataFrame, runs: Mapping[Any, RunResult]) -> pd.DataFrame:
    """Daily metrics with the owner's cash among them, when the market keeps it apart."""
    owner = next((getattr(run.scenario, "focal", None) for run in runs.values()), None)
    columns = [name for name in cash.columns if name not in (*_KEYS, "day")]
    if "cash" in daily.columns or cash.empty or daily.empty or not columns:
        return daily
    column = owner if owner in columns else columns[0]
    if not pd.api.types.is_numeric_dtype(cash[column]):
        return daily
    own = cash[["strategy", "replication", "day", column]].rename(columns={column: "cash"})
    return daily.merge(own, on=["strategy", "replication", "day"], how="left", sort=False)


def _shapes(cascades: pd.DataFrame) -> pd.DataFrame:
    columns = [name for name in ("size", "depth", "virality") if name in cascades.columns]
    if not columns:
        return pd.DataFrame()
    grouped = cascades.groupby(["strategy", *columns], sort=True, dropna=False)
    counted = grouped["count"].sum() if "count" in cascades.columns else grouped.size()
    return counted.rename("count").reset_index()


def bands(daily: pd.DataFrame) -> pd.DataFrame:
    """Long table strategy, day, metric, mean, low, high, n: over replications, with the t interval of the mean."""
    metrics = [name for name in daily.columns if name not in (*_KEYS, "day")]
    if daily.empty or not metrics:
        return pd.DataFrame(columns=["strategy", "day", "metric", "mean", "low", "high", "n"])
    grouped = daily.groupby(["strategy", "day"], sort=False)[metrics]
    long = pd.DataFrame({"mean": grouped.mean().stack(future_stack=True)})
    long["n"] = grouped.count().stack(future_stack=True)
    sd = grouped.std(ddof=1).stack(future_stack=True)
    n = long["n"].to_numpy(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = special.stdtrit(np.where(n > 1, n - 1, np.nan), 0.5 + LEVEL / 2) * sd.to_numpy() / np.sqrt(n)
    long["low"], long["high"] = long["mean"] - half, long["mean"] + half
    long.index.names = ["strategy", "day", "metric"]
    return long.reset_index()[["strategy", "day", "metric", "mean", "low", "high", "n"]]


def averages(table: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Mean over replications of every number in a long table, by strategy and ``keys``, in order of appearance."""
    if table.empty or not set(keys) <= set(table.columns):
        return pd.DataFrame()
    numbers = [c for c in table.columns if c not in (*_KEYS, *keys) and pd.api.types.is_numeric_dtype(table[c])]
    made: pd.DataFrame = table.groupby(["strategy", *keys], sort=False)[numbers].mean().reset_index()
    return made
