"""Who bought: the focal merchant's business by segment, means over replications, a table for each strategy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.metrics import declared
from sim.report.glimpses import own, pictured, table
from sim.report.inputs import ComparisonLike, outcomes
from sim.report.numbers import numbers_of
from sim.report.style import canvas, empty, in_style, label, legend, looks, unit_axis
from sim.report.verdict import ranked

_WORDS = {
    "heading": ("Who bought", "谁买了"),
    "note": (
        "By segment, means over replications; under a number its 95% interval where there are several. Order margin is "
        "what orders leave before marketing spend. Trust is the mean over everybody in the segment on the last day.",
        "按人群，各次重复的均值，下方为95%区间。订单毛利未扣营销花费；信任为末日该人群所有人的均值。",
    ),
    "segment": ("Segment", "人群"),
    "people": ("People", "人数"),
    "share": ("Bought, of all people", "购买率"),
    "drawn": ("Who bought: new buyers of all people in a segment", "谁买了：各人群的新客占比"),
    "nothing": ("nothing to show", "无可显示"),
}  # fmt: skip

_COLUMNS = (("people", "people"), ("new_buyers", "people"), ("share", "share"), ("gmv", "yuan"),
            ("order_margin", "yuan"), ("repurchase_90d", "share"), ("trust", "score"))  # fmt: skip


def w(key: str, lang: str) -> str:
    """The phrase of a key."""
    return _WORDS[key][lang == "zh"]


def tables(comparison: ComparisonLike, lang: str) -> list[dict[str, Any]]:
    """For each strategy that is pictured: heads, and a row a segment of cells with ``text`` and ``note``.

    ``open``: the table of the best one, the others are folded. A column in which nothing was observed is left out.
    """
    kept = table(comparison, "segments")
    columns = [(c, unit) for c, unit in _COLUMNS if c == "share" or (not kept.empty and kept[c].notna().any())]
    heads = [w(name, lang) if name in _WORDS else declared(name).text(lang) for name, _ in columns]
    made = []
    for strategy in pictured(comparison, "segments"):
        rows = _of(comparison, strategy)
        lines = [
            {"label": str(name), "cells": _cells(comparison, part, columns, heads, lang)}
            for name, part in rows.groupby("segment", sort=False)
        ]
        made.append({"strategy": strategy, "heads": heads, "rows": lines})
    best = ranked(comparison, (outcomes(comparison) or ["profit"])[0])
    first = next((s for s in best if any(one["strategy"] == s for one in made)), None)
    return [{**one, "open": one["strategy"] == first} for one in made]


def _of(comparison: ComparisonLike, strategy: str) -> pd.DataFrame:
    """A strategy's rows, with the share of the people who became buyers."""
    rows = own(comparison, "segments", strategy)
    return rows.assign(share=rows["new_buyers"] / rows["people"].where(rows["people"] > 0))


@in_style
def bought(comparison: ComparisonLike, lang: str = "en") -> Figure:
    """By segment the share of people who became buyers under each strategy, with its interval."""
    from sim.experiments.statistics import mean_interval

    shown, look, n = pictured(comparison, "segments"), looks(comparison.strategies), numbers_of(comparison, lang)
    names = list(dict.fromkeys(str(name) for s in shown for name in own(comparison, "segments", s)["segment"]))
    figure, axes = canvas(w("drawn", lang), height=1.5 + 0.15 * max(len(names) * (len(shown) + 0.6), 3))
    if not names:
        empty(axes, w("nothing", lang))
        return figure
    for k, strategy in enumerate(shown):
        parts = dict(list(_of(comparison, strategy).groupby("segment")["share"]))
        color, marker = look[strategy]["color"], look[strategy]["marker"]
        for row, name in enumerate(names):
            found = mean_interval(parts[name].to_numpy(float)) if name in parts else None
            if found is None or not np.isfinite(found.mean):
                continue
            at = row + (k - (len(shown) - 1) / 2) * 0.8 / len(shown)
            if np.isfinite(found.low):
                axes.plot([found.low, found.high], [at, at], color=color, linewidth=1.6)
            axes.plot([found.mean], [at], color=color, marker=marker, markersize=5, linestyle="none")
    axes.set_yticks(range(len(names)), [label(name, 20) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    unit_axis(axes.xaxis, "share", n, 5)
    axes.set_xlabel(w("share", lang))
    axes.set_xlim(left=0)
    handles = [Line2D([], [], color=look[s]["color"], marker=look[s]["marker"], linewidth=1.6) for s in shown]
    legend(figure, handles, shown)
    return figure


def _cells(comparison: ComparisonLike, part: pd.DataFrame, columns: list[tuple[str, str]], heads: list[str],
           lang: str) -> list[dict[str, str]]:  # fmt: skip
    from sim.experiments.statistics import mean_interval

    n, cells = numbers_of(comparison, lang), []
    for head, (name, unit) in zip(heads, columns, strict=True):
        values = part[name].to_numpy(float)
        if not np.isfinite(values).any():
            cells.append({"head": head, "text": "", "note": ""})
            continue
        found = mean_interval(values)
        half = (found.high - found.low) / 2
        banded = np.isfinite(half) and half > 0
        text = n.value(found.mean, unit, spread=half if banded else None)
        note = n.interval(found.low, found.high, unit, mean=found.mean) if banded else ""
        cells.append({"head": head, "text": text, "note": note})
    return cells
