"""The figures of mesa's page, drawn with matplotlib: the sampled graph, the funnel, the curves by day."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.dashboard.reading import Reading
from sim.dashboard.sample import FAINT, INK, LOOKS, STATES, TOLD, Sample
from sim.dashboard.words import words

BLUE, SIZE = "#0072B2", (5.8, 4.0)
w = words("en")


def graph_figure(picture: Sample, reading: Reading, people: int) -> Figure:
    """Close friends in grey, who was last told by whom in orange, people by what they are to the focal merchant."""
    figure, axes = _canvas(w("graph", len(picture.people), people))
    places = np.stack([picture.x, picture.y], axis=1)
    for pairs, colour, width in ((picture.ties, FAINT, 0.5), (reading.told, TOLD, 1.4)):
        axes.add_collection(LineCollection(list(places[pairs]), colors=colour, linewidths=width))
    for code, state in enumerate(STATES):
        fill, rim, size = LOOKS[state]
        at = reading.nodes == code
        axes.scatter(picture.x[at], picture.y[at], s=(0.6 * size) ** 2, c=fill, edgecolors=rim, linewidths=0.7,
                     label=f"{w(state)} ({int(at.sum())})", zorder=2 + code)  # fmt: skip
    axes.set_axis_off()
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    return figure


def funnel_figure(reading: Reading) -> Figure:
    """People by stage."""
    figure, axes = _canvas(w("funnel"))
    stages = list(reading.funnel) or ["reach", "aware", "new_buyers", "again"]
    people = [reading.funnel.get(stage, 0.0) for stage in stages]
    bars = axes.barh([w(f"stage_{stage}") for stage in stages], people, color=BLUE, height=0.6)
    axes.bar_label(bars, [f"{number:,.0f}" for number in people], padding=4, color=INK)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.18 * max(*people, 5.0))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("people")
    axes.tick_params(left=False)
    return figure


def curve_figure(reading: Reading, column: str, title: str, days: int) -> Figure:
    """A column of the daily table over the horizon."""
    figure, axes = _canvas(title)
    axes.axhline(0, color=FAINT, linewidth=0.8, zorder=0)
    if len(reading.curves["day"]):
        axes.plot(reading.curves["day"], reading.curves[column], color=BLUE, linewidth=1.6)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlim(0, max(days, 1))
    axes.set_xlabel(w("day"))
    return figure


def _canvas(title: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    _plain(axes, title)
    return figure, axes


def _plain(axes: Any, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=10, color=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=8)
