"""Why it won: the steps from the baseline to the strategy, and what each channel brought, as figures and a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.metrics import declared
from sim.report import crowd, switched
from sim.report.inputs import ComparisonLike, outcomes
from sim.report.numbers import DASH, numbers_of
from sim.report.style import FAINT, INK, canvas, empty, in_style, label, legend, unit_axis
from sim.report.verdict import ranked, title
from sim.report.words import channel as channel_words
from sim.report.words import unit as unit_words

UP, DOWN, WHOLE = "#009E73", "#D55E00", "#5b6570"

_STEPS = {
    "reach": ("People reached", "触达人数"),
    "views": ("Views a person", "人均曝光"),
    "ctr": ("Click-through rate", "点击率"),
    "cvr": ("New buyers a click", "点击转化"),
    "repeat": ("Orders a buyer", "复购"),
    "aov": ("Order value", "客单价"),
    "costs": ("Goods, freight, fees, returns", "货品、运费、平台费、退货"),
    "marketing": ("Marketing spend", "营销花费"),
    "other": ("Open orders, stock, the rest", "未结订单、库存及其他"),
}

_WORDS = {
    "heading": ("Why", "为什么"),
    "waterfall": ("{metric}: from {a} to {b}", "{metric}：从{a}到{b}"),
    "waterfall_note": (
        "Each step is what the difference owes to one part of the funnel, averaged over all orders in which the parts "
        "could be changed; the steps sum to the difference. Large steps of opposite sign often belong together: many "
        "views that few people click are one story, not two.",
        "每一步是漏斗中一个环节对差异的贡献，取遍各环节一切变动次序的平均；各步之和恰为总差异。方向相反的大步往往是一回事："
        "曝光多而点击少，是一个故事而不是两个。",
    ),
    "attribution": ("What each channel brought to {strategy}", "各渠道为{strategy}带来多少"),
    "attribution_note": (
        "Each channel was switched off, alone and together with others, on the same seeds: nothing of it was seen, and "
        "its money was neither spent nor given to others. Its part (Shapley's value) is the mean of what it added over "
        "all orders of adding channels; the parts and the rest sum to the total. Beside it: what is lost when it alone "
        "is off, the same when its money goes to the other channels, and what credit by last and first touch says.",
        "在相同随机种子下把每个渠道单独、并与其他渠道一起关闭：其内容无人看到，其预算既不花也不挪用。渠道的份额（Shapley值）是"
        "在一切加入次序下增量的平均；各份额与“其余”之和恰为总额。旁列：仅关闭它时的损失、把其预算转给其他渠道时的损失，以及末触与首触归因。",
    ),
    "sampled": ("Orders of channels were sampled; this adds at most {error} (standard error) to a part.",
                "渠道次序为抽样所得，由此给份额带来的标准误不超过{error}。"),
    "part": ("Part (Shapley)", "份额（Shapley）"),
    "alone": ("Lost without it", "关闭则失去"),
    "moved": ("… its money moved", "……预算转移"),
    "gmv_last_touch": ("GMV by last touch", "末触GMV"),
    "gmv_first_touch": ("GMV by first touch", "首触GMV"),
    "spend": ("Spend", "花费"),
    "rest": ("All of them off", "全部关闭"),
    "total": ("Total", "合计"),
    "interval": ("95% interval", "95%区间"),
    "nothing": ("nothing to show", "无可显示"),
}  # fmt: skip


def w(key: str, lang: str, **named: object) -> str:
    """The phrase of a key."""
    return _WORDS[key][lang == "zh"].format(**named) if named else _WORDS[key][lang == "zh"]


def explained(comparison: Any) -> str | None:
    """The metric whose waterfall can be drawn: the first outcome that has one and whose parts were measured."""
    if not hasattr(comparison, "waterfall") or len(comparison.strategies) < 2:
        return None
    from sim.experiments.waterfall import METRICS, plan_of

    for metric in (m for m in outcomes(comparison) if m in METRICS):
        parts = {s.level for s in plan_of(metric) if s.level} | {n for s in plan_of(metric) for n, _ in s.sums}
        if parts <= set(comparison.metrics):
            return metric
    return None


def figures(comparison: ComparisonLike, lang: str) -> Iterator[tuple[str, str, Callable[[], Figure]]]:
    """Figures of the section, as in :func:`sim.report.figures.page_figures`."""
    metric = explained(comparison)
    if metric is not None:
        yield "why", "waterfall", partial(waterfall, comparison, lang, metric=metric)
    table = kept(comparison)
    if table is not None:
        yield "why", "attribution", partial(attribution, comparison, lang)


def kept(comparison: Any) -> Any:
    """The attribution stored with a comparison, of the strategy explained last; None without one."""
    table = getattr(comparison, "tables", {}).get("attribution")
    if table is None or table.empty:
        return None
    last = table.iloc[-1]
    return table[(table["strategy"] == last["strategy"]) & (table["metric"] == last["metric"])].reset_index(drop=True)


@in_style
def waterfall(comparison: Any, lang: str = "en", metric: str | None = None, strategy: str | None = None) -> Figure:
    """Bars from the baseline's mean to the strategy's, a step each, with the interval of the step."""
    metric = metric or explained(comparison) or "profit"
    order = [s for s in ranked(comparison, metric) if s != comparison.baseline]
    plain = [s for s in order if s not in comparison.references]
    table = comparison.waterfall(strategy or (plain or order)[0], metric)
    n, unit = numbers_of(comparison, lang), declared(metric).unit
    a, b = table.attrs["baseline"], table.attrs["strategy"]
    heading = w("waterfall", lang, metric=declared(metric).text(lang), a=a, b=b)
    figure, axes = canvas(heading, height=1.5 + 0.36 * (len(table) + 2))
    start, end = float(table["from"].iloc[0]), float(table["to"].iloc[-1])
    axes.barh([0, len(table) + 1], [start, end], height=0.62, color=WHOLE)
    for row, step in enumerate(table.to_dict("records"), start=1):
        rise = step["mean"]
        axes.barh([row], [rise], left=[step["from"]], height=0.62, color=UP if rise >= 0 else DOWN)
        if math.isfinite(step["low"]) and step["high"] > step["low"]:
            axes.plot([step["from"] + step["low"], step["from"] + step["high"]], [row, row], color=INK, linewidth=1.0)
        axes.plot([step["to"], step["to"]], [row - 0.31, row + 1.31], color=INK, linewidth=0.5)
        spread = (step["high"] - step["low"]) / 2
        text = n.value(rise, unit, sign=True, spread=spread if math.isfinite(spread) else None)
        axes.annotate(label(text), (max(step["from"], step["to"], step["from"] + np.nan_to_num(step["high"])), row),
                      xytext=(5, 0), textcoords="offset points", va="center", fontsize=8.5)  # fmt: skip
    for row, value in ((0, start), (len(table) + 1, end)):
        axes.annotate(label(n.value(value, unit)), (max(value, 0.0), row), xytext=(5, 0), textcoords="offset points",
                      va="center", fontsize=8.5)  # fmt: skip
    titles = [a, *(_STEPS[step][lang == "zh"] for step in table["step"]), b]
    axes.set_yticks(range(len(titles)), [label(text, 24) for text in titles])
    axes.set_ylim(len(titles) - 0.5, -0.5)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.margins(x=0.16)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    unit_axis(axes.xaxis, unit, n, 4)
    axes.set_xlabel(unit_words(unit, lang, n.currency))
    return figure


@in_style
def attribution(comparison: Any, lang: str = "en") -> Figure:
    """Each channel's part with its interval, and beside it what is lost when it alone is off."""
    table = kept(comparison)
    n = numbers_of(comparison, lang)
    if table is None:
        figure, axes = canvas(w("heading", lang))
        empty(axes, w("nothing", lang))
        return figure
    shown = table[~table["channel"].isin(["total"])].reset_index(drop=True)
    metric, unit = str(table["metric"].iloc[0]), declared(str(table["metric"].iloc[0])).unit
    figure, axes = canvas(w("attribution", lang, strategy=table["strategy"].iloc[0]), height=1.5 + 0.52 * len(shown))
    for row, part in enumerate(shown.to_dict("records")):
        for key, at, color, low, high in (("mean", -0.17, "#0072B2", "low", "high"),
                                          ("alone", 0.17, "#E69F00", "alone_low", "alone_high")):  # fmt: skip
            if not math.isfinite(part[key]):
                continue
            mine = WHOLE if part["channel"] == "rest" else color
            axes.barh([row + at], [part[key]], height=0.3, color=mine)
            if math.isfinite(part[low]):
                axes.plot([part[low], part[high]], [row + at, row + at], color=INK, linewidth=1.0)
    titles = [_channel(str(c), lang) for c in shown["channel"]]
    axes.set_yticks(range(len(titles)), [label(text, 20) for text in titles])
    axes.set_ylim(len(titles) - 0.5, -0.5)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    unit_axis(axes.xaxis, unit, n, 5)
    axes.set_xlabel(f"{title(metric, lang)} · {unit_words(unit, lang, n.currency)}")
    patches = [Patch(facecolor=c, edgecolor=FAINT) for c in ("#0072B2", "#E69F00")]
    legend(figure, patches, [w("part", lang), w("alone", lang)])
    return figure


def content(comparison: Any, lang: str) -> dict[str, Any]:
    """What the template places: heading, notes, the table of channels, and those of creators, segments, events and
    people; empty when there is nothing to explain."""
    table, metric = kept(comparison), explained(comparison)
    told = [*switched.tables_of(comparison, lang), *crowd.tables_of(comparison, lang)]
    if table is None and metric is None and not told:
        return {}
    notes = [w("waterfall_note", lang)] if metric is not None else []
    made: dict[str, Any] = {"heading": w("heading", lang), "notes": notes, "heads": [], "rows": [],
                            "told": [_placed(one, lang) for one in told]}  # fmt: skip
    if table is None:
        return made
    notes.append(w("attribution_note", lang))
    n, unit = numbers_of(comparison, lang), declared(str(table["metric"].iloc[0])).unit
    worst = float(np.nanmax(table["order_error"].to_numpy(float), initial=0.0))
    if worst > 0:
        notes.append(w("sampled", lang, error=n.value(float(f"{worst:.2g}"), unit)))
    columns = (("part", "mean", "low", "high"), ("alone", "alone", "alone_low", "alone_high"),
               ("moved", "moved", "moved_low", "moved_high"))  # fmt: skip
    money = [c for c in ("gmv_last_touch", "gmv_first_touch", "spend") if c in table.columns]
    made["heads"] = [*(w(key, lang) for key, *_ in columns), *(w(c, lang) for c in money)]
    for part in table.to_dict("records"):
        cells = []
        for _, mean, low, high in columns:
            spread = (part[high] - part[low]) / 2
            value = n.value(part[mean], unit, spread=spread if math.isfinite(spread) else None)
            cells.append({"text": value, "note": n.interval(part[low], part[high], unit, mean=part[mean])})
        cells += [{"text": n.value(part[c], "yuan"), "note": ""} for c in money]
        shown = [{**{k: "" if text == DASH else text for k, text in c.items()}, "head": h}
                 for c, h in zip(cells, made["heads"], strict=True)]  # fmt: skip
        made["rows"].append({"label": _channel(str(part["channel"]), lang), "cells": shown})
    return made


def _placed(told: switched.Told, lang: str) -> dict[str, Any]:
    """A table for the page: the first column labels its rows, intervals stand under their numbers."""
    title, note, heads, rows = told
    between = switched.interval(lang)
    at = [k for k in range(1, len(heads)) if heads[k] != between]
    placed = []
    for cells in rows:
        row = [{"head": heads[k], "text": "" if cells[k] == DASH else cells[k],
                "note": cells[k + 1] if heads[k + 1 : k + 2] == [between] and cells[k + 1] != DASH else ""}
               for k in at]  # fmt: skip
        placed.append({"label": cells[0], "cells": row})
    return {"title": title, "note": note, "first": heads[0], "heads": [heads[k] for k in at], "rows": placed}


def _channel(name: str, lang: str) -> str:
    return w(name, lang) if name in ("rest", "total") else channel_words(name, lang)

