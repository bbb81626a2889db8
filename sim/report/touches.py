"""One question, three answers: what a channel or a tier of creators brought by last touch, by first touch, and by
switching it off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.metrics import Metric, declared
from sim.report.inputs import ComparisonLike, rows
from sim.report.numbers import numbers_of
from sim.report.style import FAINT, INK, canvas, empty, in_style, label, legend, unit_axis
from sim.report.words import channel as channel_words
from sim.report.words import unit as unit_words

CREDITED = {"profit": "contribution", "contribution_margin": "contribution", "gmv": "gmv", "orders": "orders"}
"""By outcome, the column of the channels' table that credits the same thing."""

_WAYS = (
    ("last", "#0072B2", "", ("By last touch", "末触归因")),
    ("first", "#56B4E9", "", ("By first touch", "首触归因")),
    ("off", "#D55E00", "////", ("Lost when it alone is off", "仅关闭它时的损失")),
)
_WORDS = {
    "channel": ("{0}: {1}'s channels, told three ways", "{1}各渠道的{0}：三种说法"),
    "creator": ("{0}: {1}'s creators, told three ways", "{1}各层级达人的{0}：三种说法"),
    "nothing": ("not asked for: sim compare --why --by {0}", "未做增量归因：sim compare --why --by {0}"),
}


def credited(table: Any) -> str | None:
    """The column prefix of the channels' table comparable with a stored attribution; None where there is none."""
    return None if table is None or table.empty else CREDITED.get(str(table["metric"].iloc[0]))


@dataclass(frozen=True)
class _Told:
    """What there is to draw: of whom, in which metric, and by name last touch, first touch, loss and its interval."""

    strategy: str
    metric: Metric
    rows: list[tuple[str, float, float, tuple[float, float, float]]]


def _channels(comparison: ComparisonLike, lang: str) -> _Told | None:
    from sim.report.why import kept

    table = kept(comparison)
    column = credited(table)
    if table is None or column is None:
        return None
    strategy = str(table["strategy"].iloc[0])
    own = rows(comparison.channels, strategy=strategy)
    credit = own.set_index("channel") if not own.empty else own

    def said(channel: str, way: str) -> float:
        name = f"{column}_{way}_touch"
        known = name in credit.columns and channel in credit.index
        return float(credit[name][channel]) if known else math.nan

    parts = table[~table["channel"].isin(["rest", "total"])].to_dict("records")
    found = [(channel_words(str(p["channel"]), lang), said(p["channel"], "last"), said(p["channel"], "first"),
              (p["alone"], p["alone_low"], p["alone_high"])) for p in parts]  # fmt: skip
    return _Told(strategy, declared(str(table["metric"].iloc[0])), found)


def _creators(comparison: ComparisonLike, lang: str) -> _Told | None:
    from sim.report.switched import kept

    table = kept(comparison, "creator")
    if table is None or "gmv_alone" not in table.columns:
        return None
    parts = table[~table["creator"].isin(["rest", "total"])].to_dict("records")
    found = [(str(p["creator"]), p["gmv_last_touch"], p["gmv_first_touch"],
              (p["gmv_alone"], p["gmv_alone_low"], p["gmv_alone_high"])) for p in parts]  # fmt: skip
    return _Told(str(table["strategy"].iloc[0]), declared("gmv"), found)


_BY = {"channel": _channels, "creator": _creators}


def told(comparison: ComparisonLike, by: str) -> bool:
    """Whether the figure of this kind can be drawn."""
    return _BY[by](comparison, "en") is not None


@in_style
def three_ways(comparison: ComparisonLike, lang: str = "en", by: str = "channel") -> Figure:
    """Bars by channel or tier of creators: credit by last touch, by first touch, and the paired loss when it is off.

    Creators are told in GMV, whatever the outcome: touches credit money, not profit.
    """
    found = _BY[by](comparison, lang)
    if found is None:
        figure, axes = canvas(_WORDS[by][lang == "zh"].format("", ""))
        empty(axes, _WORDS["nothing"][lang == "zh"].format(by))
        return figure
    metric, n = found.metric, numbers_of(comparison, lang)
    title = _WORDS[by][lang == "zh"].format(metric.text(lang), found.strategy)
    figure, axes = canvas(title, height=1.5 + 0.62 * max(len(found.rows), 2))
    for row, (_, last, first, off) in enumerate(found.rows):
        for k, (value, (_, color, hatch, _)) in enumerate(zip((last, first, off[0]), _WAYS, strict=True)):
            if not math.isfinite(value):
                continue
            at = row + (k - 1) * 0.25
            axes.barh([at], [value], height=0.23, color=color, hatch=hatch, edgecolor=FAINT if hatch else color,
                      linewidth=0.4)  # fmt: skip
            if k == 2 and math.isfinite(off[1]):
                axes.plot(off[1:], [at, at], color=INK, linewidth=1.2)
    axes.set_yticks(range(len(found.rows)), [label(name, 20) for name, *_ in found.rows])
    axes.set_ylim(len(found.rows) - 0.45, -0.55)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    unit_axis(axes.xaxis, metric.unit, n, 5)
    axes.set_xlabel(f"{metric.text(lang)} · {unit_words(metric.unit, lang, n.currency)}")
    patches = [Patch(facecolor=c, hatch=h, edgecolor=FAINT if h else c) for _, c, h, _ in _WAYS]
    legend(figure, patches, [text[lang == "zh"] for *_, text in _WAYS])
    return figure
