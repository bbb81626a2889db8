"""One question, three answers: what a channel brought by last touch, by first touch, and by switching it off."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.metrics import declared
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
    "title": ("{0} of {1}'s channels, told three ways", "{1}各渠道的{0}：三种说法"),
    "nothing": ("attribution was not asked for: sim compare --why", "未做增量归因：sim compare --why"),
}


def credited(table: Any) -> str | None:
    """The column prefix of the channels' table comparable with a stored attribution; None where there is none."""
    return None if table is None or table.empty else CREDITED.get(str(table["metric"].iloc[0]))


@in_style
def three_ways(comparison: ComparisonLike, lang: str = "en") -> Figure:
    """Bars by channel: credit by last touch, by first touch, and the paired loss when the channel is switched off."""
    from sim.report.why import kept

    table = kept(comparison)
    column = credited(table)
    if table is None or column is None:
        figure, axes = canvas(_WORDS["title"][lang == "zh"].format("", ""))
        empty(axes, _WORDS["nothing"][lang == "zh"])
        return figure
    metric, strategy = str(table["metric"].iloc[0]), str(table["strategy"].iloc[0])
    parts = table[~table["channel"].isin(["rest", "total"])].reset_index(drop=True)
    own = rows(comparison.channels, strategy=strategy)
    credit = own.set_index("channel") if not own.empty else own
    found, n = declared(metric), numbers_of(comparison, lang)
    title = _WORDS["title"][lang == "zh"].format(found.text(lang), strategy)
    figure, axes = canvas(title, height=1.5 + 0.62 * max(len(parts), 2))
    for row, part in enumerate(parts.to_dict("records")):
        for k, (way, color, hatch, _) in enumerate(_WAYS):
            name = f"{column}_{way}_touch"
            known = name in credit.columns and part["channel"] in credit.index
            said = float(credit[name][part["channel"]]) if known else math.nan
            value = float(part["alone"]) if way == "off" else said
            if not math.isfinite(value):
                continue
            at = row + (k - 1) * 0.25
            axes.barh([at], [value], height=0.23, color=color, hatch=hatch, edgecolor=FAINT if hatch else color,
                      linewidth=0.4)  # fmt: skip
            if way == "off" and math.isfinite(part["alone_low"]):
                axes.plot([part["alone_low"], part["alone_high"]], [at, at], color=INK, linewidth=1.2)
    axes.set_yticks(range(len(parts)), [label(channel_words(str(c), lang), 20) for c in parts["channel"]])
    axes.set_ylim(len(parts) - 0.45, -0.55)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    unit_axis(axes.xaxis, found.unit, n, 5)
    axes.set_xlabel(f"{found.text(lang)} · {unit_words(found.unit, lang, n.currency)}")
    patches = [Patch(facecolor=c, hatch=h, edgecolor=FAINT if h else c) for _, c, h, _ in _WAYS]
    legend(figure, patches, [text[lang == "zh"] for *_, text in _WAYS])
    return figure

