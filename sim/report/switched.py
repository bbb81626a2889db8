"""What each creator, segment or event brought: the table for screen and page, and a figure of the parts.

Channels have a table of their own (:mod:`sim.report.why`), with credits by touch and money moved.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.experiments.switches import ATTRIBUTIONS
from sim.experiments.why import REST, TOTAL
from sim.metrics import declared
from sim.report.exploration import numbers_of
from sim.report.style import INK, canvas, in_style, label, unit_axis

NOTES = {
    "creator": "Off: booked as ever, but nothing is posted and the fee is not paid.",
    "segment": "Off: these people see nothing of the merchant in any channel; money is spent as ever.",
    "event": "Off: the event does not take place.",
}


def tables_of(comparison: Any) -> list[tuple[str, str, list[str], list[list[str]]]]:
    """Title, note, heads and rows of every kind that was worked out, channels left out."""
    made = []
    for by, note in NOTES.items():
        kept = comparison.tables.get(ATTRIBUTIONS[by])
        if kept is not None and not kept.empty:
            made.append((*_table(comparison, kept, by), note))
    return [(title, note, heads, rows) for title, heads, rows, note in made]


def _table(comparison: Any, kept: pd.DataFrame, by: str) -> tuple[str, list[str], list[list[str]]]:
    strategy, metric = str(kept["strategy"].iloc[0]), str(kept["metric"].iloc[0])
    n, unit = numbers_of(comparison.manifest), declared(metric).unit
    mine = kept[(kept["strategy"] == strategy) & (kept["metric"] == metric)]
    rows = []
    for r in mine.to_dict("records"):
        half, lone = (r["high"] - r["low"]) / 2, (r["alone_high"] - r["alone_low"]) / 2
        rows.append([
            {REST: f"without any {by}", TOTAL: "all"}.get(r[by], r[by]), n.value(r["mean"], unit, spread=half),
            n.interval(r["low"], r["high"], unit, mean=r["mean"]), n.value(r["alone"], unit, spread=lone),
            n.interval(r["alone_low"], r["alone_high"], unit, mean=r["alone"]),
        ])  # fmt: skip
    heads = [by, "part (Shapley)", "95 % interval", "lost when it alone is off", "95 % interval"]
    return f"{declared(metric).label} of {strategy}, by {by}", heads, rows


@in_style
def parts(comparison: Any, by: str) -> Figure:
    """Shapley parts with their intervals, largest first."""
    kept = comparison.tables[ATTRIBUTIONS[by]]
    metric = str(kept["metric"].iloc[0])
    mine = kept[(kept["strategy"] == kept["strategy"].iloc[0]) & (kept["metric"] == metric)]
    mine = mine[~mine[by].isin([REST, TOTAL])].sort_values("mean", ascending=False)
    figure, axes = canvas(f"{declared(metric).label}: what each {by} brought", height=1.0 + 0.32 * len(mine))
    at = np.arange(len(mine))
    axes.barh(at, mine["mean"], height=0.55, color=np.where(mine["mean"] < 0, "#D55E00", "#0072B2"))
    for k, (low, high) in enumerate(zip(mine["low"], mine["high"], strict=True)):
        axes.plot([low, high], [k, k], color=INK, linewidth=1.1)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(at, [label(str(name), 30) for name in mine[by]])
    axes.set_ylim(len(mine) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    unit_axis(axes.xaxis, declared(metric).unit, numbers_of(comparison.manifest))
    return figure
