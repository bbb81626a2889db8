"""What the report needs to be given: the shape of a comparison, and a single run dressed as one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from sim.metrics import split

MISSING = float("nan")


class ComparisonLike(Protocol):
    """The attributes that pages and figures read. Tables may lack rows or be empty; nothing else may be missing.

    ``table``: strategy, metric, mean, low, high, n. ``differences``: strategy, metric, mean, low, high, p_better, n,
    pairing (variance of the unpaired difference over that of the paired one). ``p_best``: metric, strategy, p.
    ``daily``: strategy, day, metric, mean, low, high. ``channels``: strategy, channel, impressions, clicks,
    orders, gmv, contribution, roas and roi by ``_last_touch`` and ``_first_touch``, spend. ``cohorts``: strategy,
    cohort, month, observed, buyers, active, orders, contribution. ``cascades``: strategy, size, depth, virality, count
    (over all replications). ``manifest``: seed, versions, machine, timings. An attribute ``tables``, where there is
    one, has further tables by name (:mod:`sim.report.glimpses`).
    """

    scenario: Any
    strategies: list[str]
    baseline: str
    replications: int
    run_id: str
    table: pd.DataFrame
    differences: pd.DataFrame
    p_best: pd.DataFrame
    daily: pd.DataFrame
    channels: pd.DataFrame
    cohorts: pd.DataFrame
    cascades: pd.DataFrame
    manifest: dict[str, Any]


def rows(frame: pd.DataFrame | None, **where: str) -> pd.DataFrame:
    """The rows of a long table whose columns equal the given values; empty when the table lacks such a column."""
    if frame is None or frame.empty:
        return pd.DataFrame()
    for column, value in where.items():
        if column not in frame.columns:
            return pd.DataFrame()
        frame = frame[frame[column].astype(str) == value]
    return frame


def cell(frame: pd.DataFrame | None, strategy: str, metric: str, column: str = "mean") -> float:
    """One number of a long table. ``metric@owner`` falls back to ``metric``; NaN when there is none."""
    if frame is None or not {"strategy", "metric", column} <= set(frame.columns):
        return MISSING
    own, of = frame["strategy"].to_numpy(object) == strategy, frame["metric"].to_numpy(object)
    at = np.flatnonzero(own & (of == metric))  # without pandas, which would take most of a page's time
    if not len(at) and "@" in metric:
        at = np.flatnonzero(own & (of == split(metric)[0]))
    value: Any = frame[column].iat[at[0]] if len(at) else MISSING
    return MISSING if pd.isna(value) else float(value)


def names(frame: pd.DataFrame | None, column: str = "metric") -> list[str]:
    """The distinct values of a column in order of appearance."""
    if frame is None or frame.empty or column not in frame.columns:
        return []
    return [str(value) for value in pd.unique(frame[column])]


def outcomes(comparison: ComparisonLike) -> list[str]:
    """The scenario's outcomes that were measured, else a sensible few of what was."""
    wanted = [str(name) for name in getattr(comparison.scenario, "outcomes", None) or []]
    have = names(comparison.table)
    found = [name for name in wanted if name in have or split(name)[0] in have]
    return found or [name for name in ("profit", "gmv", "new_buyers", "repurchase_90d") if name in have] or have[:4]


def of_run(result: Any) -> ComparisonLike:
    """A single run as a comparison of one strategy without intervals, so that every figure serves both."""
    name = str(getattr(result, "strategy", None) or "base")
    daily = result.daily.reset_index() if "day" not in result.daily.columns else result.daily
    long = daily.melt(id_vars="day", var_name="metric", value_name="mean").dropna(subset=["mean"])
    long = long.assign(low=long["mean"], high=long["mean"], strategy=name)
    cash = getattr(result, "cash", None)
    if cash is not None and not cash.empty and "cash" not in set(long["metric"]):
        long = pd.concat([long, _cash(result, cash, name)], ignore_index=True)
    summary = pd.Series(result.summary, dtype=float)
    table = pd.DataFrame({"metric": summary.index.astype(str), "mean": summary.to_numpy()})
    table = table.assign(strategy=name, low=table["mean"], high=table["mean"], n=1)
    cascades = getattr(result, "cascades", None)
    if cascades is not None and not cascades.empty:
        columns = [c for c in ("size", "depth", "virality") if c in cascades.columns]
        cascades = cascades if "count" in cascades.columns else cascades.assign(count=1)
        cascades = cascades.groupby(columns, dropna=False)["count"].sum().reset_index()
        cascades = cascades.assign(strategy=name)
    channels, cohorts = getattr(result, "channels", None), getattr(result, "cohorts", None)
    made: Any = SimpleNamespace(
        scenario=getattr(result, "scenario", None),
        strategies=[name],
        baseline=name,
        replications=1,
        run_id=str(getattr(result, "run_id", "")),
        table=table,
        differences=pd.DataFrame(),
        p_best=pd.DataFrame(),
        daily=long,
        channels=pd.DataFrame() if channels is None else channels.assign(strategy=name),
        cohorts=pd.DataFrame() if cohorts is None else cohorts.assign(strategy=name),
        cascades=pd.DataFrame() if cascades is None else cascades,
        manifest={},
        tables={
            kind: frame.assign(strategy=name, replication=0)
            for kind in ("segments", "fills", "flows", "trees", "piece", "ties")
            if (frame := getattr(result, kind, None)) is not None and not frame.empty
        },
    )
    return made  # type: ignore[no-any-return]


def _cash(result: Any, cash: pd.DataFrame, strategy: str) -> pd.DataFrame:
    """The focal merchant's cash by day as rows of the long table, from a wide or a long cash table."""
    focal = getattr(getattr(result, "scenario", None), "focal", None)
    if {"merchant", "cash"} <= set(cash.columns):
        owner = focal if focal in set(cash["merchant"]) else cash["merchant"].iloc[0]
        kept = cash[cash["merchant"] == owner]
        day, value = kept["day"].to_numpy(), kept["cash"].to_numpy(float)
    else:
        wide = cash.set_index("day") if "day" in cash.columns else cash
        column = focal if focal in wide.columns else wide.columns[0]
        day, value = wide.index.to_numpy(), wide[column].to_numpy(float)
    return pd.DataFrame(
        {"day": day, "metric": "cash", "mean": value, "low": value, "high": value, "strategy": strategy}
    )
