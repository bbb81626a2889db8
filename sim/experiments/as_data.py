"""A comparison's answer as plain data that JSON can hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from sim.experiments.switches import WHY


def as_data(comparison: Any) -> dict[str, Any]:
    """The schema of ``sim compare --json``. What was not observed is None."""
    metrics = comparison.outcomes

    def by_strategy(frame: pd.DataFrame, columns: tuple[str, ...]) -> dict[str, dict[str, dict[str, float | None]]]:
        made: dict[str, dict[str, dict[str, float | None]]] = {}
        for row in frame[frame["metric"].isin(metrics)].to_dict("records"):
            cell = {c: row[c] if isinstance(row[c], bool) else _number(row[c]) for c in columns}
            made.setdefault(str(row["strategy"]), {})[str(row["metric"])] = cell
        return made

    p_best: dict[str, dict[str, float | None]] = {}
    for row in comparison.p_best[comparison.p_best["metric"].isin(metrics)].to_dict("records"):
        p_best.setdefault(str(row["metric"]), {})[str(row["strategy"])] = _number(row["p"])
    return {
        "scenario": comparison.manifest["scenario"],
        "run_id": comparison.run_id,
        "path": None if comparison.path is None else str(comparison.path),
        "baseline": comparison.baseline,
        "replications": comparison.replications,
        "outcomes": by_strategy(comparison.table, ("mean", "low", "high")),
        "differences": by_strategy(comparison.differences, ("mean", "low", "high", "p_better")),
        "p_best": p_best,
        **_more(comparison, by_strategy),
    }


def _more(comparison: Any, by_strategy: Callable[..., Any]) -> dict[str, Any]:
    """What the JSON says beyond means and differences, where there is anything to say."""
    said: dict[str, Any] = {
        "resampled": by_strategy(comparison.differences, ("boot_low", "boot_high", "p_value", "p_holm")),
        "regret": by_strategy(comparison.p_best, ("regret", "may_be_best")),
        "spending": plain(comparison.spending),
    }
    for name in ("returns", *WHY, "doubts"):
        frame = comparison.returns if name == "returns" else comparison.tables.get(name)
        if frame is not None and not frame.empty:
            said[name] = plain(frame)
    if "precision" in comparison.manifest:
        said["precision"] = comparison.manifest["precision"]
    return said


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as data JSON can hold; what is not a finite number is None."""
    return [
        {str(key): _number(value) if isinstance(value, float) else value for key, value in row.items()}
        for row in frame.to_dict("records")
    ]  # fmt: skip


def _number(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
