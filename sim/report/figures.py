"""The figures: one idea each, one function each, drawn without pyplot so that threads and notebooks are left alone.

Every function takes a comparison (or a single run dressed as one, :func:`sim.report.inputs.of_run`) and a language.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from sim.metrics import declared
from sim.report import curves, doubts, glimpses, groups, parties, segments, shapes, spread, switched, touches, why
from sim.report.inputs import ComparisonLike, cell, names, of_run, outcomes
from sim.report.numbers import numbers_of
from sim.report.style import INK, canvas, empty, han_font, in_style, label, looks, styled, unit_axis
from sim.report.words import unit as unit_words
from sim.report.words import words

daily, cash, daily_panel = curves.daily, curves.cash, curves.daily_panel
funnel, channels, roi = shapes.funnel, shapes.channels, shapes.roi
cascades, depth = shapes.cascades, shapes.depth
trees, network, flows, fills = spread.trees, spread.network, parties.flows, groups.fills

DAILY_FIRST = ("gmv", "new_buyers", "cumulative_profit", "aware")
DAILY_MORE = ("orders", "impressions", "clicks", "shares", "returns")
KINDS: dict[str, Callable[..., Figure]] = {
    "daily": daily,
    "funnel": funnel,
    "mood": curves.mood,
    "cash": cash,
    "channels": channels,
    "roi": roi,
    "cascades": cascades,
    "depth": depth,
    "trees": trees,
    "network": network,
    "fills": fills,
    "flows": flows,
    "segments": segments.bought,
}
"""Figures of one run and of a comparison alike; :data:`COMPARED` adds those that need two strategies."""


@in_style
def means(comparison: ComparisonLike, metric: str | None = None, lang: str = "en") -> Figure:
    """Each strategy's mean of an outcome and its 95 % interval."""
    metric = metric or outcomes(comparison)[0]
    found = declared(metric)
    title = f"{found.text(lang)} · {words(lang)('mean_ci')}"
    return _intervals(comparison, comparison.strategies, comparison.table, metric, title, lang, zero=False)


@in_style
def differences(comparison: ComparisonLike, metric: str | None = None, lang: str = "en") -> Figure:
    """The paired difference of each strategy to the baseline, its 95 % interval, and the line of no difference."""
    metric = metric or outcomes(comparison)[0]
    title = words(lang)("difference", declared(metric).text(lang), comparison.baseline)
    others = [name for name in comparison.strategies if name != comparison.baseline]
    return _intervals(comparison, others, comparison.differences, metric, title, lang, zero=True)


def _intervals(
    comparison: ComparisonLike, strategies: list[str], table: Any, metric: str, title: str, lang: str, zero: bool
) -> Figure:
    """Dots with intervals, one row a strategy, each with its number written beside it."""
    found, n, look = declared(metric), numbers_of(comparison, lang), looks(comparison.strategies)
    figure, axes = canvas(title, height=1.25 + 0.52 * max(1, len(strategies)))
    shown = [name for name in strategies if np.isfinite(cell(table, name, metric))]
    if not shown:
        empty(axes, words(lang)("nothing"))
        return figure
    for row, name in enumerate(shown):
        mean, low, high = (cell(table, name, metric, part) for part in ("mean", "low", "high"))
        if np.isfinite(low) and np.isfinite(high):
            axes.plot([low, high], [row, row], color=look[name]["color"], linewidth=2.6, solid_capstyle="butt")
        axes.plot([mean], [row], color=look[name]["color"], marker=look[name]["marker"], markersize=8)
        spread = (high - low) / 2 if np.isfinite(high - low) else None
        axes.annotate(
            label(n.value(mean, found.unit, sign=zero, spread=spread)),
            (mean, row),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=9,
        )
    if zero:
        axes.axvline(0, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.set_yticks(range(len(shown)), [label(name, 20) for name in shown])
    axes.set_ylim(len(shown) - 0.5, -0.75)
    axes.margins(x=0.14)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    unit_axis(axes.xaxis, found.unit, n, 4)
    axes.set_xlabel(unit_words(found.unit, lang, n.currency))
    return figure


COMPARED: dict[str, Callable[..., Figure]] = {
    "means": means,
    "differences": differences,
    "waterfall": why.waterfall,
    "attribution": why.attribution,
    "three_ways": touches.three_ways,
    "parts": switched.parts,
    "tornado": doubts.tornado,
}
RUN_KINDS = tuple(KINDS)
COMPARISON_KINDS = (*COMPARED, *KINDS)


def page_figures(comparison: ComparisonLike, lang: str = "en") -> Iterator[tuple[str, str, Callable[[], Figure]]]:
    """Every figure a comparison can fill, as (section, name, function that draws it)."""
    for metric in outcomes(comparison)[:1]:
        yield "strategies", f"means_{metric}", partial(means, comparison, metric, lang)
        if len(comparison.strategies) > 1:
            yield "strategies", f"differences_{metric}", partial(differences, comparison, metric, lang)
    yield "funnel", "funnel", partial(funnel, comparison, lang)
    have = names(comparison.daily)
    for section, wanted in (("days", DAILY_FIRST), ("more_days", DAILY_MORE)):
        for metric in wanted:
            if metric in have:
                yield section, f"daily_{metric}", partial(daily, comparison, metric, lang)
    if {*curves.MOOD} & {*have}:
        yield "days", "mood", partial(curves.mood, comparison, lang)
    if "cash" in have:
        yield "money", "cash", partial(cash, comparison, lang)
    if not comparison.channels.empty:
        yield "money", "roi", partial(roi, comparison, lang)
        for i, strategy in enumerate(comparison.strategies):
            yield "channels", f"channels_{i + 1}", partial(channels, comparison, lang, strategy)
    for i, strategy in enumerate(glimpses.pictured(comparison, "flows")):
        yield "flows", f"flows_{i + 1}", partial(flows, comparison, lang, strategy)
    if glimpses.pictured(comparison, "segments"):
        yield "segments", "segments", partial(segments.bought, comparison, lang)
    yield from why.figures(comparison, lang)
    if touches.told(comparison, "channel"):
        yield "why", "three_ways", partial(touches.three_ways, comparison, lang)
    for by in switched.NOTES:
        if switched.told_apart(comparison, by):
            yield "why", f"parts_{by}", partial(switched.parts, comparison, lang, by)
    if touches.told(comparison, "creator"):
        yield "why", "three_ways_creator", partial(touches.three_ways, comparison, lang, "creator")
    if not glimpses.table(comparison, "doubts").empty:
        yield "doubts", "tornado", partial(doubts.tornado, comparison, lang)
    if not comparison.cascades.empty:
        yield "cascades", "cascades", partial(cascades, comparison, lang)
        yield "cascades", "depth", partial(depth, comparison, lang)
    for i, strategy in enumerate(glimpses.pictured(comparison, "trees")):
        yield "cascades", f"trees_{i + 1}", partial(trees, comparison, lang, strategy)
    for i, strategy in enumerate(glimpses.pictured(comparison, "ties", most=2)):
        yield "cascades", f"network_{i + 1}", partial(network, comparison, lang, strategy)
    for size in groups.sizes(comparison):
        yield "groups", f"fills_{size}", partial(fills, comparison, lang, size)


def plot_comparison(comparison: ComparisonLike, kind: str = "differences", lang: str = "en", **options: Any) -> Figure:
    """One figure of a comparison by kind: ``metric=`` for means, differences and daily, ``strategy=`` for channels,
    trees, network and flows, ``size=`` for fills, ``by=`` for parts (creator, segment, event) and three_ways (channel,
    creator).

    Raises ValueError on an unknown kind, naming the known ones.
    """
    return _drawn(comparison, kind, {**COMPARED, **KINDS}, "a comparison", lang, options)


def plot_run(result: Any, kind: str = "daily", lang: str = "en", **options: Any) -> Figure:
    """One figure of a single run by kind, options as for a comparison. Raises ValueError on another kind."""
    return _drawn(of_run(result), kind, KINDS, "a run", lang, options)


def _drawn(comparison: ComparisonLike, kind: str, kinds: dict[str, Callable[..., Figure]], whose: str, lang: str,
           options: dict[str, Any]) -> Figure:  # fmt: skip
    if kind not in kinds:
        from difflib import get_close_matches

        near = get_close_matches(str(kind), kinds, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise ValueError(f"unknown kind of figure {kind!r}{hint}; {whose} has: {', '.join(kinds)}")
    if kind == "daily" and "metric" not in options:
        return daily_panel(comparison, lang)
    return kinds[kind](comparison, lang=lang, **options)


def save(figure: Figure, path: Path) -> list[Path]:
    """Write ``path`` with .png (for slides, 200 dpi) and .svg; each file appears whole or not at all."""
    written = []
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix in (".png", ".svg"):
        final = path.with_name(path.name + suffix)
        partial = final.with_name(f"{final.name}.{os.getpid()}.part")
        meta: dict[str, Any] = {"Date": None} if suffix == ".svg" else {"Software": None}
        with styled():
            figure.savefig(partial, format=suffix[1:], dpi=200, metadata=meta)
        partial.replace(final)
        written.append(final)
    return written


def save_all(comparison: ComparisonLike, folder: str | Path, lang: str = "en") -> list[Path]:
    """Every figure of the comparison's page as PNG and SVG in ``folder``.

    Where no font with Han characters is installed, fixed words are English: a picture cannot borrow the reader's fonts.
    """
    lang = lang if han_font() else "en"
    return [
        file
        for _, name, draw in page_figures(comparison, lang)
        for file in save(draw(), Path(folder) / name.replace("@", "_at_"))
    ]
