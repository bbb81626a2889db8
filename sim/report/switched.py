"""What each creator, segment or event brought: the table for screen and page, and a figure of the parts.

Channels have a table of their own (:mod:`sim.report.why`), with money moved beside.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.experiments.switches import ATTRIBUTIONS
from sim.experiments.why import REST, TOTAL
from sim.metrics import declared
from sim.report.numbers import DASH, Numbers, numbers_of
from sim.report.style import INK, canvas, empty, in_style, label, unit_axis
from sim.report.words import unit as unit_words

Told = tuple[str, str, list[str], list[list[str]]]
"""Title, note, heads and rows of a table. A column headed :func:`interval` belongs to the one before it."""

NOTES = {
    "creator": (
        "Off: booked as ever, but nothing is posted and the fee is not paid. Last touch: orders the till credited to "
        "the tier. First touch: orders of those who first met the product through creators, shared among tiers by the "
        "weight of their posts that day. Spend: what is saved without the tier. Ordinary users who were sent samples "
        "(KOC) are the channel of that name.",
        "关闭：照常预约，但不发布内容，也不付费用。末触：收银时归给该层级的订单。首触：经达人首次认识产品的买家的订单，"
        "按当日各层级内容权重分摊。花费：没有该层级时省下的钱。收到寄样的普通用户（KOC）见同名渠道。",
    ),
    "segment": (
        "Off: these people see nothing of the merchant in any channel; money is spent as ever. A segment is not a "
        "touch: beside its part stands what its own people ordered, which leaves out whom they told.",
        "关闭：这些人在任何渠道都看不到该商家，预算照常花费。人群不是触点：旁列为其自身订单，不含其口碑带来的订单。",
    ),
    "event": (
        "Off: the event does not take place. An event is not a touch: it changes what channels show and what things "
        "cost, and the orders it brings are credited to those channels.",
        "关闭：事件不发生。事件不是触点：它改变渠道展示与价格，其带来的订单归到相应渠道。",
    ),
}
_KIND = {"creator": ("creator", "达人层级"), "segment": ("segment", "人群"), "event": ("event", "事件")}
_WORDS = {
    "title": ("{metric} of {strategy}, by {by}", "{strategy}的{metric}：按{by}"),
    "drawn": ("{metric} of {strategy}: what each {by} brought", "{strategy}的{metric}：各{by}带来多少"),
    "rest": ("without any {by}", "全部{by}关闭"),
    "total": ("all", "合计"),
    "part": ("Part (Shapley)", "份额（Shapley）"),
    "alone": ("Lost when it alone is off", "仅关闭它时的损失"),
    "interval": ("95 % interval", "95%区间"),
    "gmv_alone": ("GMV lost without it", "关闭则失去的GMV"),
    "gmv_last_touch": ("GMV, last touch", "末触GMV"),
    "gmv_first_touch": ("GMV, first touch", "首触GMV"),
    "gmv_own": ("GMV, its own orders", "自身订单GMV"),
    "spend": ("Spend", "花费"),
    "touch": ("By touch", "触点归因"),
    "no_touch": ("not a touch", "不是触点"),
    "nothing": ("not asked for: sim compare --why --by {by}", "未做增量归因：sim compare --why --by {by}"),
}  # fmt: skip
_BESIDE = ("gmv_alone", "gmv_last_touch", "gmv_first_touch", "gmv_own", "spend")


def w(key: str, lang: str, **named: object) -> str:
    """The phrase of a key."""
    return _WORDS[key][lang == "zh"].format(**named) if named else _WORDS[key][lang == "zh"]


def interval(lang: str) -> str:
    """The head of a column of intervals."""
    return w("interval", lang)


def kept(comparison: Any, by: str) -> pd.DataFrame | None:
    """The attribution of this kind that was worked out last; None without one."""
    table = getattr(comparison, "tables", {}).get(ATTRIBUTIONS[by])
    if table is None or table.empty:
        return None
    last = table.iloc[-1]
    mine: pd.DataFrame = table[(table["strategy"] == last["strategy"]) & (table["metric"] == last["metric"])]
    return mine.reset_index(drop=True)


def told_apart(comparison: Any, by: str) -> bool:
    """Whether there are several of a kind, so that a figure says more than the table."""
    table = kept(comparison, by)
    return table is not None and len(table) > 3


def tables_of(comparison: Any, lang: str = "en") -> list[Told]:
    """A table of every kind that was worked out, channels left out."""
    found = ((by, kept(comparison, by)) for by in NOTES)
    return [_table(table, by, numbers_of(comparison, lang), lang) for by, table in found if table is not None]


def _table(table: pd.DataFrame, by: str, n: Numbers, lang: str) -> Told:
    strategy, metric = str(table["strategy"].iloc[0]), declared(str(table["metric"].iloc[0]))
    beside = [c for c in _BESIDE if c in table.columns]
    heads = [_KIND[by][lang == "zh"].capitalize(), w("part", lang), interval(lang), w("alone", lang), interval(lang)]
    for column in beside:
        heads += [w(column, lang), *([interval(lang)] if f"{column}_low" in table.columns else [])]
    heads += [w("touch", lang)] if by == "event" else []
    rows = []
    for r in table.to_dict("records"):
        whole = {REST: w("rest", lang, by=_KIND[by][lang == "zh"]), TOTAL: w("total", lang)}
        cells = [whole.get(r[by], r[by]), *_pair(r, "mean", "low", "high", metric.unit, n),
                 *_pair(r, "alone", "alone_low", "alone_high", metric.unit, n)]  # fmt: skip
        for column in beside:
            pair = _pair(r, column, f"{column}_low", f"{column}_high", "yuan", n)
            cells += pair if f"{column}_low" in table.columns else pair[:1]
        rows.append(cells + ([w("no_touch", lang) if r[by] not in whole else DASH] if by == "event" else []))
    title = w("title", lang, metric=metric.text(lang), strategy=strategy, by=_KIND[by][lang == "zh"])
    return title, NOTES[by][lang == "zh"], heads, rows


def _pair(row: dict[Any, Any], mean: str, low: str, high: str, unit: str, n: Numbers) -> list[str]:
    """A number and its interval in words; the number alone where there is no interval."""
    ends = float(row.get(low, math.nan)), float(row.get(high, math.nan))
    half = (ends[1] - ends[0]) / 2
    value = n.value(row[mean], unit, spread=half if math.isfinite(half) else None)
    return [value, n.interval(*ends, unit, mean=row[mean])]


@in_style
def parts(comparison: Any, lang: str = "en", by: str = "creator") -> Figure:
    """Shapley parts of creators, segments or events with their intervals, largest first."""
    table, kind = kept(comparison, by), _KIND[by][lang == "zh"]
    if table is None:
        figure, axes = canvas(kind)
        empty(axes, w("nothing", lang, by=by))
        return figure
    metric, strategy = declared(str(table["metric"].iloc[0])), str(table["strategy"].iloc[0])
    mine = table[~table[by].isin([REST, TOTAL])].sort_values("mean", ascending=False)
    n = numbers_of(comparison, lang)
    title = w("drawn", lang, metric=metric.text(lang), strategy=strategy, by=kind)
    figure, axes = canvas(title, height=1.4 + 0.36 * max(len(mine), 2))
    at = np.arange(len(mine))
    axes.barh(at, mine["mean"], height=0.55, color=np.where(mine["mean"] < 0, "#D55E00", "#0072B2"))
    for k, (low, high) in enumerate(zip(mine["low"], mine["high"], strict=True)):
        if math.isfinite(low):
            axes.plot([low, high], [k, k], color=INK, linewidth=1.1)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(at, [label(str(name), 24) for name in mine[by]])
    axes.set_ylim(len(mine) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    unit_axis(axes.xaxis, metric.unit, n, 5)
    axes.set_xlabel(f"{w('part', lang)} · {unit_words(metric.unit, lang, n.currency)}")
    return figure
