"""How groups fill: the share of seats taken by hours since a group was opened, over groups whose time is up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.report.glimpses import over_replications, own, table
from sim.report.inputs import ComparisonLike
from sim.report.numbers import Numbers, numbers_of
from sim.report.style import canvas, empty, in_style, label, legend, looks, unit_axis

_WORDS = {
    "heading": ("How groups filled", "拼团如何成团"),
    "note": (
        "Groups whose time was up within the horizon. A group begins with its leader's own seat; the curve tells how "
        "many seats people had taken by each hour (band: 95% interval over replications), the table how many groups "
        "became full. Seats that the platform fills at the deadline are not counted.",
        "统计期内到期的团。每团从团长一席开始；曲线为各小时已占席位的比例（色带为各次重复的95%区间），表中为成团比例。"
        "平台在截止时补齐的席位不计入。",
    ),
    "title": ("Seats taken in groups of {0}", "{0}人团的已占席位"),
    "x": ("Hours since the group was opened", "开团后小时数"),
    "y": ("Share of seats taken", "已占席位比例"),
    "nothing": ("no group's time was up", "没有到期的团"),
    "groups": ("Groups of {0}: opened and over, a run", "{0}人团：每次运行中到期的团数"),
    "full": ("Groups of {0}: full in time", "{0}人团：按时成团"),
    "half": ("Groups of {0}: hours until as many were full as half of those that became full",
             "{0}人团：成团者中一半成团所需小时"),
}  # fmt: skip


def w(key: str, lang: str, *values: object) -> str:
    """The phrase of a key."""
    return _WORDS[key][lang == "zh"].format(*values)


def sizes(comparison: ComparisonLike, most: int = 3) -> list[int]:
    """Sizes of groups that are drawn: those with the most groups."""
    rows = table(comparison, "fills")
    if rows.empty:
        return []
    count = rows[rows["hour"] == 0].groupby("size")["groups"].sum().sort_values(ascending=False, kind="stable")
    return sorted(int(size) for size in count.index[:most])


@in_style
def fills(comparison: ComparisonLike, lang: str = "en", size: int | None = None) -> Figure:
    """Mean share of seats taken by hours since opening, a line a strategy, for groups of one size."""
    have, n, look = sizes(comparison), numbers_of(comparison, lang), looks(comparison.strategies)
    size = size or (have[0] if have else 0)
    figure, axes = canvas(w("title", lang, size))
    handles = {}
    for strategy in comparison.strategies:
        rows = own(comparison, "fills", strategy)
        rows = rows[rows["size"] == size] if not rows.empty else rows
        if rows.empty:
            continue
        curve = over_replications(rows, ["hour"], "seats")
        hour, mean, low, high = (curve[c].to_numpy(float) for c in ("hour", "mean", "low", "high"))
        axes.fill_between(hour, np.maximum(low, 0), np.minimum(high, 1), color=look[strategy]["color"], alpha=0.15,
                          linewidth=0)  # fmt: skip
        line = {key: look[strategy][key] for key in ("color", "linestyle")}
        (handles[strategy],) = axes.plot(hour, mean, **line)
    if not handles:
        empty(axes, w("nothing", lang))
        return figure
    axes.set_ylim(0, 1)
    axes.margins(x=0.01)
    unit_axis(axes.yaxis, "share", n, 5)
    axes.set_xlabel(label(w("x", lang)))
    axes.set_ylabel(w("y", lang))
    legend(figure, list(handles.values()), list(handles))
    return figure


def rows(comparison: ComparisonLike, lang: str) -> list[dict[str, Any]]:
    """The table: groups a run, share full in time, hours until half of those were full."""
    n, made = numbers_of(comparison, lang), list[dict[str, Any]]()
    for size in sizes(comparison):
        lines: dict[str, list[dict[str, str]]] = {"groups": [], "full": [], "half": []}
        for strategy in comparison.strategies:
            own_rows = own(comparison, "fills", strategy)
            curve = own_rows[own_rows["size"] == size] if not own_rows.empty else own_rows
            texts = _numbers(curve, comparison.replications, n) if not curve.empty else ("", "", "")
            for key, text in zip(lines, texts, strict=True):
                lines[key].append({"strategy": strategy, "mean": text, "note": ""})
        made += [{"label": w(key, lang, size), "cells": cells} for key, cells in lines.items()]
    return made


def _numbers(curve: pd.DataFrame, replications: int, n: Numbers) -> tuple[str, str, str]:
    """Groups a run, share full in time, and the hour by which half of those were full; as text."""
    last = curve[curve["hour"] == curve.groupby("replication")["hour"].transform("max")]
    count = float(last["groups"].sum())
    full = float((last["complete"] * last["groups"]).sum() / count)
    weighted = curve.assign(done=curve["complete"] * curve["groups"]).groupby("hour")["done"].sum()
    by_then = weighted[weighted >= full * count / 2] if full > 0 else weighted.iloc[:0]
    hour = n.value(float(by_then.index[0]), "hours") if len(by_then) else ""
    return n.count(count / max(replications, 1)), n.value(full, "share"), hour
