"""Curves over days: a line for each strategy and, behind it, the 95 % interval of its mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.metrics import LEVELS, declared
from sim.report.inputs import ComparisonLike, names, rows
from sim.report.numbers import numbers_of
from sim.report.style import INK, WIDTH, canvas, empty, in_style, label, legend, looks, unit_axis
from sim.report.words import unit as unit_words
from sim.report.words import words

POINTS = 240
"""Most points of a curve; longer horizons are thinned, which keeps a page small."""

MOOD = ("trust", "fatigue")

PANEL = ("gmv", "orders", "new_buyers", "cumulative_profit", "aware", "trust")


def smooth(values: np.ndarray, days: int = 7) -> np.ndarray:
    """Mean of the last ``days`` values (fewer at the start); float64[T] to float64[T]. Gaps are left out."""
    known = np.isfinite(values)
    total, count = np.cumsum(np.where(known, values, 0.0)), np.cumsum(known)
    total[days:], count[days:] = total[days:] - total[:-days], count[days:] - count[:-days]
    mean: np.ndarray = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return mean


def _curve(comparison: ComparisonLike, strategy: str, metric: str) -> tuple[np.ndarray, ...]:
    """Day, mean, low, high of a curve, smoothed if it is a flow and thinned to ``POINTS``."""
    found = rows(comparison.daily, strategy=strategy, metric=metric)
    if found.empty:
        return (np.zeros(0),) * 4
    found = found.sort_values("day")
    parts = [found[part].to_numpy(float) for part in ("mean", "low", "high")]
    if metric not in LEVELS:
        parts = [smooth(part) for part in parts]
    keep = np.unique(np.linspace(0, len(found) - 1, min(len(found), POINTS)).round().astype(int))
    return (found["day"].to_numpy(float)[keep], *(part[keep] for part in parts))


def _draw(axes: Axes, comparison: ComparisonLike, metric: str, lang: str, ticks: int = 5) -> dict[str, Any]:
    """Draw a metric's curves; returns a handle for each strategy drawn."""
    found, n, look = declared(metric, daily=True), numbers_of(comparison, lang), looks(comparison.strategies)
    handles: dict[str, Any] = {}
    for strategy in comparison.strategies:
        day, mean, low, high = _curve(comparison, strategy, metric)
        if not np.isfinite(mean).any():
            continue
        if np.isfinite(high - low).any() and np.nanmax(high - low) > 0:
            axes.fill_between(
                day,
                low,
                high,
                color=look[strategy]["color"],
                alpha=0.18 if len(comparison.strategies) < 4 else 0.1,
                linewidth=0,
            )
        (handles[strategy],) = axes.plot(
            day, mean, color=look[strategy]["color"], linestyle=look[strategy]["linestyle"]
        )
    if not handles:
        empty(axes, words(lang)("nothing"))
        return handles
    axes.margins(x=0.01)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_xlabel(words(lang)("day"))
    bottom, top = axes.get_ylim()
    if found.unit == "score":
        axes.set_ylim(max(bottom, 0.0), min(top, 1.0))
    elif bottom < 0 <= axes.dataLim.y0:
        axes.set_ylim(0.0, top)
    unit_axis(axes.yaxis, found.unit, n, ticks)
    text = unit_words(found.unit, lang, n.currency)
    axes.set_ylabel(words(lang)("per_day", text) if metric not in LEVELS else text)
    return handles


@in_style
def daily(comparison: ComparisonLike, metric: str, lang: str = "en") -> Figure:
    """One metric day by day: means over replications with 95 % bands; flows are 7-day means."""
    figure, axes = canvas(declared(metric, daily=True).text(lang))
    handles = _draw(axes, comparison, metric, lang)
    if metric == "cumulative_profit" and handles:
        axes.axhline(0, color=INK, linewidth=0.9)
    if len(handles) > 1:
        legend(figure, list(handles.values()), list(handles))
    return figure


@in_style
def cash(comparison: ComparisonLike, lang: str = "en") -> Figure:
    """The owner's cash by day, with the lowest point of each mean curve marked."""
    figure, axes = canvas(declared("cash", daily=True).text(lang))
    handles = _draw(axes, comparison, "cash", lang)
    look = looks(comparison.strategies)
    for strategy in handles:
        day, mean, _, _ = _curve(comparison, strategy, "cash")
        at = int(np.nanargmin(mean))
        axes.plot(
            [day[at]],
            [mean[at]],
            marker=look[strategy]["marker"],
            color=look[strategy]["color"],
            markersize=8,
            markeredgecolor=INK,
            markeredgewidth=0.8,
            clip_on=False,
            zorder=5,
        )
    if handles:
        low, high = axes.get_ylim()
        if low <= 0 <= high:
            axes.axhline(0, color=INK, linewidth=0.9)
        legend(figure, list(handles.values()), list(handles))
    return figure


@in_style
def mood(comparison: ComparisonLike, lang: str = "en") -> Figure:
    """Trust in the brand and fatigue with messages by day, one above the other on the same days."""
    have = [metric for metric in MOOD if metric in names(comparison.daily)]
    figure = Figure(figsize=(WIDTH, 0.8 + 2.1 * max(1, len(have))), layout="constrained")
    figure.suptitle(label(words(lang)("mood"), 58), x=0.012, ha="left", fontsize=10.5, fontweight="bold")
    handles: dict[str, Any] = {}
    for place, metric in enumerate(have, start=1):
        axes = figure.add_subplot(len(have), 1, place)
        handles |= _draw(axes, comparison, metric, lang, ticks=4)
        title = f"{declared(metric, daily=True).text(lang)} ({axes.get_ylabel()})"
        axes.set_title(label(title), fontsize=9.5, fontweight="normal")
        axes.set_ylabel("")
    if not have:
        empty(figure.add_subplot(), words(lang)("nothing"))
    if len(handles) > 1:
        legend(figure, list(handles.values()), list(handles))
    return figure


@in_style
def daily_panel(comparison: ComparisonLike, lang: str = "en") -> Figure:
    """The main daily curves together, for a notebook or a slide: up to six small panels."""
    have = [metric for metric in PANEL if metric in names(comparison.daily)] or names(comparison.daily)[:6]
    figure = Figure(figsize=(2 * WIDTH, 2.6 * max(1, -(-len(have) // 2)) + 0.5), layout="constrained")
    handles: dict[str, Any] = {}
    for place, metric in enumerate(have, start=1):
        axes = figure.add_subplot(-(-len(have) // 2), 2, place)
        handles |= _draw(axes, comparison, metric, lang, ticks=4)
        axes.set_title(label(declared(metric, daily=True).text(lang)))
    if not have:
        empty(figure.add_subplot(), words(lang)("nothing"))
    if len(handles) > 1:
        legend(figure, list(handles.values()), list(handles))
    return figure
