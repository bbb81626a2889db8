"""A network before anything happens on it: how friends are spread over people, and a map of its first communities."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from sim.report.numbers import Numbers
from sim.report.shapes import log_axis
from sim.report.spread import layout
from sim.report.style import INK, OKABE_ITO, canvas, empty, in_style, label

MOST_PEOPLE = 360
"""People of a map."""

_WORDS = {
    "degrees": ("Friends of a person", "每人的好友数"),
    "x": ("Friends (logarithmic scale)", "好友数（对数刻度）"),
    "y": ("Share of people with at least so many", "不少于该数的人占比"),
    "map": ("The first communities and their ties", "前若干社群及其关系"),
    "piece": ("{0} of {1} people; size by number of friends", "{1}人中的{0}人；大小按好友数"),
    "none": ("everybody knows everybody: no ties to draw", "人人相识，无关系可画"),
}


def plot_network(network: Any, kind: str = "degrees", lang: str = "en") -> Figure:
    """One figure of a network by kind. Raises ValueError on an unknown kind, naming the known ones."""
    kinds = {"degrees": degrees, "map": ties}
    if kind not in kinds:
        near = get_close_matches(str(kind), kinds, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise ValueError(f"unknown kind of figure {kind!r}{hint}; a network has: {', '.join(kinds)}")
    return kinds[kind](network, lang=lang)


@in_style
def degrees(network: Any, lang: str = "en") -> Figure:
    """Share of people with at least so many friends; both scales are logarithmic."""
    at = lang == "zh"
    figure, axes = canvas(_WORDS["degrees"][at])
    counts = np.bincount(network.degree[network.degree > 0]) if network.edges else np.zeros(0, int)
    if not len(counts):
        empty(axes, _WORDS["none"][at])
        return figure
    friends = np.flatnonzero(counts)
    share = counts[::-1].cumsum()[::-1][friends] / network.n
    axes.plot(friends, share, color=OKABE_ITO[0], marker="o", markersize=3.5, linewidth=1.2)
    axes.set_xscale("log")
    axes.set_yscale("log")
    n = Numbers(lang)
    log_axis(axes, n)
    log_axis(axes, n, "y")
    axes.set_xlim(0.9, friends.max() * 1.3)
    axes.set_xlabel(_WORDS["x"][at])
    axes.set_ylabel(_WORDS["y"][at])
    return figure


@in_style
def ties(network: Any, lang: str = "en") -> Figure:
    """A map of the first people, whole communities while they fit, and the ties among them."""
    at = lang == "zh"
    figure, axes = canvas(_WORDS["map"][at], height=4.4)
    ends = network.starts[1:]
    whole = ends[ends <= MOST_PEOPLE]
    people = int(whole[-1]) if len(whole) else min(MOST_PEOPLE, network.n)
    a = np.repeat(np.arange(people), network.degree[:people])
    b = network.indices[: network.indptr[people]].astype(np.int64)
    once = (a < b) & (b < people)
    if not once.any():
        empty(axes, _WORDS["none"][at])
        return figure
    place = layout(people, tuple(a[once].tolist()), tuple(b[once].tolist()))
    lines = np.stack([place[a[once]], place[b[once]]], axis=1).reshape(-1, 2)
    codes = np.tile([Path.MOVETO, Path.LINETO], int(once.sum()))
    axes.add_patch(PathPatch(Path(lines, codes), edgecolor=INK, facecolor="none", linewidth=0.35, alpha=0.3))
    community = network.community[:people]
    for k in range(6):
        mine = community % 6 == k
        size = 4.0 + 1.6 * np.sqrt(network.degree[:people][mine])
        axes.scatter(place[mine, 0], place[mine, 1], s=size, color=OKABE_ITO[k], linewidths=0)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xlabel(label(_WORDS["piece"][at].format(people, f"{network.n:,}")))
    return figure
