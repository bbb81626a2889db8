"""What would change the answer: the tornado over uncertain assumptions, and what it would take in plain sentences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.metrics import declared
from sim.report.assumed import plain
from sim.report.glimpses import table
from sim.report.inputs import ComparisonLike, cell
from sim.report.numbers import numbers_of
from sim.report.style import FAINT, INK, canvas, empty, in_style, label, legend, unit_axis
from sim.report.verdict import Answer
from sim.report.words import unit as unit_words

LOW, HIGH = "#56B4E9", "#0072B2"

_WORDS = {
    "heading": ("What would change the answer", "什么会改变结论"),
    "tornado": ("{0}: {1} less {2}, one assumption at a time", "{0}：{1}减{2}，逐一改变假设"),
    "tornado_note": (
        "Bars end at the paired difference with an assumption at the low or the high end of its range, all else as it "
        "is, over {0} replications on common seeds; whiskers are 95% intervals, the line is the difference as the "
        "scenario stands, the dashes no difference. Assumptions that only matter together are not seen this way.",
        "每条从该假设取下限时的成对差值到取上限时的差值，其余不变，{0}次共同种子重复；细线为95%区间，实线为当前情景的差值，"
        "虚线为无差异。只在共同变化时才起作用的假设，此图看不出。",
    ),
    "low_end": ("low end of the range", "取下限"),
    "high_end": ("high end of the range", "取上限"),
    "turns": ("The order turns round with {0}.", "{0}时优劣反转。"),
    "opens": ("It is no longer decided with {0}.", "{0}时不再有定论。"),
    "decides": ("It would be decided with {0}.", "{0}时可以分出高下。"),
    "holds": ("None of the {0} uncertain assumptions, taken to either end of its range alone, changes who is ahead.",
              "{0}个不确定假设分别取到区间任一端，领先者都不变。"),
    "untried": ("The scenario calls {0} assumptions uncertain; whether one of them changes the answer was not tried: "
                "sim compare … --doubt.", "情景中有{0}个不确定假设，尚未检验其是否改变结论：sim compare … --doubt。"),
    "none": ("The scenario names no uncertain assumption, so nothing but chance was tried.",
             "情景未声明不确定假设，因此只检验了随机性。"),
    "chance": ("Chance: as things stand, about {0} replications would decide it.",
               "随机性：若均值不变，约需{0}次重复才有定论。"),
    "per_order": (
        "If each order of “{leader}” left {each} less ({share} of the order value), or its marketing cost {spend} "
        "more, its lead would be gone, behaviour unchanged.",
        "若“{leader}”每单少赚{each}（客单价的{share}），或营销花费贵{spend}，其优势即消失（行为不变）。",
    ),
    "nothing": ("not tried: sim compare --doubt", "未检验：sim compare --doubt"),
}  # fmt: skip


def w(key: str, lang: str, *values: object, **named: object) -> str:
    """The phrase of a key."""
    return _WORDS[key][lang == "zh"].format(*values, **named)


@in_style
def tornado(comparison: ComparisonLike, lang: str = "en") -> Figure:
    """The paired difference at both ends of each assumption's range, widest first."""
    kept = table(comparison, "doubts")
    if kept.empty:
        figure, axes = canvas(w("heading", lang))
        empty(axes, w("nothing", lang))
        return figure
    here, wide = kept[kept["path"] == ""].iloc[0], _wide(kept)
    metric, n = declared(str(here["metric"])), numbers_of(comparison, lang)
    name = w("tornado", lang, metric.text(lang), here["strategy"], here["baseline"])
    figure, axes = canvas(name, height=1.6 + 0.62 * len(wide))
    for row, (_, ends) in enumerate(wide):
        for end, color, at in (("low", LOW, -0.16), ("high", HIGH, 0.16)):
            one: Any = ends.loc[end]
            axes.barh([row + at], [one["mean"] - here["mean"]], left=here["mean"], height=0.3, color=color,
                      hatch="////" if end == "low" else "", edgecolor=FAINT, linewidth=0.3)  # fmt: skip
            if math.isfinite(one["low"]) and one["high"] > one["low"]:
                axes.plot([one["low"], one["high"]], [row + at, row + at], color=INK, linewidth=1.0)
            axes.plot([one["mean"]], [row + at], marker="|", color=INK, markersize=9)
    axes.axvline(float(here["mean"]), color=INK, linewidth=1.0)
    axes.axvline(0, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.set_yticks(range(len(wide)), [_tick(path, ends, [p for p, _ in wide]) for path, ends in wide])
    axes.set_ylim(len(wide) - 0.45, -0.55)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.06)
    unit_axis(axes.xaxis, metric.unit, n, 4)
    axes.set_xlabel(f"{metric.text(lang)} · {unit_words(metric.unit, lang, n.currency)}")
    patches = [Patch(facecolor=LOW, hatch="////", edgecolor=FAINT), Patch(facecolor=HIGH, edgecolor=FAINT)]
    legend(figure, patches, [w("low_end", lang), w("high_end", lang)])
    return figure


def _wide(kept: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The assumptions from the one whose ends lie farthest apart, each with its rows by end."""
    found = [(str(path), rows.set_index("end")) for path, rows in kept[kept["path"] != ""].groupby("path", sort=False)]
    return sorted(found, key=lambda item: -float(np.ptp(item[1]["mean"].to_numpy(float))))


def _tick(path: str, ends: pd.DataFrame, every: list[str]) -> str:
    from sim.report.exploration import short

    limits = f"{plain(ends.loc['low', 'value'])} – {plain(ends.loc['high', 'value'])}"
    return f"{label(short(path, every), 26, lines=1)}\n{label(limits, 26, lines=1)}"


def content(comparison: ComparisonLike, found: Answer, lang: str) -> dict[str, Any]:
    """The section: its sentences, and the note under the tornado where there is one."""
    if len(comparison.strategies) < 2 or not math.isfinite(found.difference):
        return {}
    kept = table(comparison, "doubts")
    told = [w("chance", lang, found.replications_needed)] if found.replications_needed else []
    told += _margin(comparison, found, lang) + _said(comparison, kept, lang)
    note = "" if kept.empty else w("tornado_note", lang, int(kept["n"].max()))
    return {"heading": w("heading", lang), "told": told, "note": note}


def _margin(comparison: ComparisonLike, found: Answer, lang: str) -> list[str]:
    """How much less each order, or how much dearer marketing, would undo a decided lead in profit."""
    if not found.decided or declared(found.metric).name not in ("profit", "contribution_margin"):
        return []
    orders, spend, aov = (cell(comparison.table, found.leader, name) for name in ("orders", "marketing_spend", "aov"))
    if not (orders > 0 and spend > 0 and aov > 0):
        return []
    n, each = numbers_of(comparison, lang), abs(found.difference) / orders
    numbers = {"each": n.value(each, "yuan"), "share": n.value(each / aov, "share"),
               "spend": n.value(abs(found.difference) / spend, "share")}  # fmt: skip
    return [w("per_order", lang, leader=found.leader, **numbers)]


def _said(comparison: ComparisonLike, kept: pd.DataFrame, lang: str) -> list[str]:
    """What the assumptions do to the order of the two."""
    if kept.empty:
        ranges = dict(getattr(comparison.scenario, "uncertainties", None) or {})
        return [w("untried", lang, len(ranges)) if ranges else w("none", lang)]
    here, ends = kept[kept["path"] == ""].iloc[0], kept[kept["path"] != ""]
    ahead, sure = np.sign(here["mean"]), _sure(here)
    turned, opened, settled = [], [], []
    for row in ends.to_dict("records"):
        name = f"{row['path']} = {plain(row['value'])}"
        if np.sign(row["mean"]) == -ahead and (_sure(row) or not sure):
            turned.append(name)
        elif sure and not _sure(row):
            opened.append(name)
        elif not sure and _sure(row):
            settled.append(name)
    joint = "、" if lang == "zh" else ", "
    told = [w(key, lang, joint.join(names)) for key, names in
            (("turns", turned), ("opens", opened), ("decides", settled)) if names]  # fmt: skip
    return told if turned or opened else [*told, w("holds", lang, ends["path"].nunique())]


def _sure(row: Any) -> bool:
    """Whether the interval excludes zero."""
    return bool(row["low"] > 0 or row["high"] < 0)

