"""Figures without days: the funnel, what channels brought, and the shape of sharing trees."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter

from sim.metrics import declared
from sim.report.inputs import ComparisonLike, cell, names, rows
from sim.report.numbers import Numbers, numbers_of
from sim.report.style import FAINT, INK, canvas, empty, in_style, label, legend, looks, unit_axis
from sim.report.words import channel as channel_words
from sim.report.words import unit as unit_words
from sim.report.words import words

STAGES = ("reach", "impressions", "clicks", "orders", "returned", "bought_again")


def stage(comparison: ComparisonLike, strategy: str, name: str) -> float:
    """One number of the funnel; returned orders and repeat buyers are rates times their base."""
    table = comparison.table
    if name == "returned":
        return cell(table, strategy, "orders") * cell(table, strategy, "return_rate")
    if name == "bought_again":
        return cell(table, strategy, "new_buyers") * cell(table, strategy, "repurchase_90d")
    return cell(table, strategy, name)


def stage_label(name: str, lang: str) -> str:
    """The words of a funnel stage."""
    return words(lang)(name) if name in ("returned", "bought_again") else declared(name).text(lang)


def log_axis(axes: Axes, n: Numbers, which: str = "x", decades: float = 6) -> None:
    """A logarithmic axis labelled at powers of ten (every other one when there are many)."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(base=100.0 if decades > 6 else 10.0, numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: n.tick(value, "share" if which == "y" else "times")))
    axis.set_minor_formatter(NullFormatter())


@in_style
def funnel(comparison: ComparisonLike, lang: str = "en") -> Figure:
    """From impressions to repeat buyers, on a logarithmic scale, a dot for each strategy at each stage."""
    n, look, w = numbers_of(comparison, lang), looks(comparison.strategies), words(lang)
    stages = [s for s in STAGES if any(stage(comparison, name, s) > 0 for name in comparison.strategies)]
    figure, axes = canvas(w("count"), height=1.3 + 0.46 * max(len(stages), 2))
    if not stages:
        empty(axes, w("nothing"))
        return figure
    handles, k = {}, len(comparison.strategies)
    for i, strategy in enumerate(comparison.strategies):
        values = np.array([stage(comparison, strategy, s) for s in stages])
        offset = (i - (k - 1) / 2) * min(0.18, 0.7 / k)
        at = np.arange(len(stages)) + offset
        known = values > 0
        (handles[strategy],) = axes.plot(
            values[known],
            at[known],
            linestyle="none",
            **{"color": look[strategy]["color"], "marker": look[strategy]["marker"], "markersize": 7},
        )
        axes.hlines(at[known], 0.5, values[known], color=look[strategy]["color"], linewidth=1.0, alpha=0.55)
    for row, name in enumerate(stages if k == 1 else []):
        largest = max(v for v in (stage(comparison, s, name) for s in comparison.strategies) if v > 0)
        axes.annotate(
            n.tick(float(f"{largest:.2g}"), "times"),
            (largest, row),
            xytext=(9, 0),
            va="center",
            textcoords="offset points",
            fontsize=8.5,
        )
    axes.set_xscale("log")
    top = max(
        stage(comparison, s, name) for s in comparison.strategies for name in stages if stage(comparison, s, name) > 0
    )
    least = min(
        stage(comparison, s, name) for s in comparison.strategies for name in stages if stage(comparison, s, name) > 0
    )
    floor = 10.0 ** np.floor(np.log10(least) - 0.3)
    axes.set_xlim(floor, top * 4)
    log_axis(axes, n, decades=float(np.log10(top / floor)))
    axes.set_yticks(range(len(stages)), [label(stage_label(s, lang), 24) for s in stages])
    axes.set_ylim(len(stages) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"{w('count')} ({w('log')})")
    if k > 1:
        legend(figure, list(handles.values()), list(handles))
    return figure


@in_style
def channels(comparison: ComparisonLike, lang: str = "en", strategy: str | None = None) -> Figure:
    """GMV credited to each channel by first and by last touch, beside what was spent on it, for one strategy."""
    strategy = strategy or comparison.strategies[0]
    n, w = numbers_of(comparison, lang), words(lang)
    table = rows(comparison.channels, strategy=strategy)
    columns = {
        "gmv_first_touch": ("first_touch", "#56B4E9", ""),
        "gmv_last_touch": ("last_touch", "#0072B2", ""),
        "spend": ("spend", "#E69F00", "////"),
    }
    columns = {column: look for column, look in columns.items() if column in table.columns}
    shown = table[table[list(columns)].fillna(0).abs().sum(axis=1) > 0] if columns else table.iloc[:0]
    figure, axes = canvas(
        strategy if len(comparison.strategies) > 1 else w("channels"), height=1.3 + 0.5 * max(len(shown), 2)
    )
    if shown.empty:
        empty(axes, w("nothing"))
        return figure
    high = 0.8 / len(columns)
    for i, (column, (_, color, hatch)) in enumerate(columns.items()):
        at = np.arange(len(shown)) + (i - (len(columns) - 1) / 2) * high
        axes.barh(
            at,
            shown[column].fillna(0).to_numpy(float),
            height=high * 0.9,
            color=color,
            hatch=hatch,
            edgecolor=FAINT if hatch else color,
            linewidth=0.4,
        )
    axes.set_yticks(range(len(shown)), [label(channel_words(str(c), lang), 20) for c in shown["channel"]])
    axes.set_ylim(len(shown) - 0.45, -0.55)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    span = comparison.channels[list(columns)].to_numpy(float)  # one scale for all strategies, so that they compare
    axes.set_xlim(min(0.0, float(np.nanmin(span)) * 1.05), float(np.nanmax(span)) * 1.05 or 1.0)
    unit_axis(axes.xaxis, "yuan", n, 5)
    axes.set_xlabel(unit_words("yuan", lang, n.currency))
    patches = [
        Patch(facecolor=color, hatch=hatch, edgecolor=FAINT if hatch else color) for _, color, hatch in columns.values()
    ]
    legend(figure, patches, [w(key) for key, _, _ in columns.values()])
    return figure


@in_style
def roi(comparison: ComparisonLike, lang: str = "en") -> Figure:
    """Return on each paid channel's spend, a mark for each strategy, filled by last touch and hollow by first.

    Zero means the spend was just earned back.
    """
    n, w, look = numbers_of(comparison, lang), words(lang), looks(comparison.strategies)
    table = comparison.channels
    table = table[table["spend"] > 0] if {"roi_last_touch", "roi_first_touch"} <= set(table) else table.iloc[:0]
    shown = names(table, "channel")
    figure, axes = canvas(w("roi_axis"), height=1.25 + 0.45 * max(len(shown), 2))
    if not shown:
        empty(axes, w("nothing"))
        return figure
    handles, k = {}, len(comparison.strategies)
    for i, strategy in enumerate(comparison.strategies):
        own = rows(table, strategy=strategy)
        if own.empty:
            continue
        at = [shown.index(str(c)) + (i - (k - 1) / 2) * min(0.2, 0.7 / k) for c in own["channel"]]
        marks: dict[str, Any] = {key: look[strategy][key] for key in ("color", "marker")} | {"markersize": 7.5}
        first, last = (own[f"roi_{touch}_touch"].to_numpy(float) for touch in ("first", "last"))
        axes.hlines(at, first, last, color=look[strategy]["color"], linewidth=1.0, alpha=0.55)
        axes.plot(first, at, linestyle="none", markerfacecolor="none", **marks)
        (handles[strategy],) = axes.plot(last, at, linestyle="none", **marks)
    axes.axvline(0, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.margins(x=0.1)
    axes.set_yticks(range(len(shown)), [label(channel_words(c, lang), 20) for c in shown])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    unit_axis(axes.xaxis, "yuan/yuan", n, 6)
    axes.set_xlabel(f"{unit_words('yuan/yuan', lang, n.currency)} · 0 = {w('break_even')}")
    if k > 1:
        legend(figure, list(handles.values()), list(handles))
    return figure


@in_style
def cascades(comparison: ComparisonLike, lang: str = "en") -> Figure:
    """Share of sharing trees that reached at least so many people; both scales are logarithmic."""
    n, w, look = numbers_of(comparison, lang), words(lang), looks(comparison.strategies)
    figure, axes = canvas(w("tree_size"))
    handles = {}
    for strategy in comparison.strategies:
        trees = rows(comparison.cascades, strategy=strategy)
        if trees.empty or trees["count"].sum() <= 0:
            continue
        counts = trees.groupby("size")["count"].sum().sort_index()
        at_least = counts.to_numpy(float)[::-1].cumsum()[::-1] / float(counts.sum())
        (handles[strategy],) = axes.plot(
            counts.index.to_numpy(float),
            at_least,
            markersize=4.5,
            linewidth=1.4,
            markevery=max(1, len(counts) // 12),
            **look[strategy],
        )
    if not handles:
        empty(axes, w("nothing"))
        return figure
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(top=1.4)
    right = max(float(comparison.cascades["size"].max()), 8.0) * 1.3
    axes.set_xlim(0.9, right)
    ticks = [t for t in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000) if t <= right]
    axes.xaxis.set_major_locator(FixedLocator(ticks if len(ticks) < 9 else [t for t in ticks if str(t)[0] == "1"]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: n.tick(value, "people")))
    axes.xaxis.set_minor_formatter(NullFormatter())
    log_axis(axes, n, "y")
    axes.set_xlabel(f"{w('tree_size')} ({w('log')})")
    axes.set_ylabel(f"{w('share_of_trees')}")
    if len(handles) > 1:
        legend(figure, list(handles.values()), list(handles))
    return figure


@in_style
def depth(comparison: ComparisonLike, lang: str = "en") -> Figure:
    """How many hops sharing trees went: shares of trees by depth, bars by strategy."""
    n, w, look = numbers_of(comparison, lang), words(lang), looks(comparison.strategies)
    figure, axes = canvas(w("depth"))
    top = 4
    drawn = [s for s in comparison.strategies if not rows(comparison.cascades, strategy=s).empty]
    if not drawn:
        empty(axes, w("nothing"))
        return figure
    wide = 0.8 / len(drawn)
    handles = {}
    for i, strategy in enumerate(drawn):
        trees = rows(comparison.cascades, strategy=strategy)
        hops = trees["depth"].clip(upper=top).astype(int)
        share = (
            trees["count"].groupby(hops.to_numpy()).sum().reindex(range(top + 1), fill_value=0) / trees["count"].sum()
        )
        at = np.arange(top + 1) + (i - (len(drawn) - 1) / 2) * wide
        handles[strategy] = axes.bar(at, share.to_numpy(float), width=wide * 0.9, color=look[strategy]["color"])
        for x, y in zip(at, share, strict=True):
            if y > 0 and len(drawn) < 3:
                axes.annotate(
                    f"{100 * y:.{0 if y > 0.095 else 1 if y > 0.0095 else 2}f}%",
                    (x, y),
                    xytext=(0, 2),
                    textcoords="offset points",
                    ha="center",
                    fontsize=8,
                )
    axes.set_xticks(range(top + 1), [*(str(d) for d in range(top)), f"{top}+"])
    axes.set_ylim(0, axes.get_ylim()[1] * 1.12)
    axes.grid(axis="x", visible=False)
    unit_axis(axes.yaxis, "share", n, 5)
    axes.set_xlabel(w("depth"))
    axes.set_ylabel(w("depth_share"))
    if len(drawn) > 1:
        legend(figure, list(handles.values()), list(handles))
    return figure
