"""Pictures of how it spread: two sharing trees, and a piece of the network coloured by the channel met first."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FixedLocator

from sim.contract import CHANNELS
from sim.report.glimpses import own
from sim.report.inputs import ComparisonLike
from sim.report.numbers import numbers_of
from sim.report.style import FAINT, INK, MARKERS, OKABE_ITO, PAPER, WIDTH, canvas, empty, in_style, label, legend, looks
from sim.report.words import channel as channel_words

_WORDS = {
    "trees": ("Sharing trees of {0}", "{0}的分享树"),
    "largest": ("Largest: {0}", "最大：{0}"),
    "typical": ("Typical: {0}", "典型：{0}"),
    "people": ("{0} people", "{0}人"),
    "nearest": ("{0} of {1} people", "{1}人中的{0}人"),
    "hops": ("Hops from the first sharer", "距首位分享者的跳数"),
    "praise": ("praise", "好评"),
    "warning": ("warning", "差评"),
    "nothing": ("nobody passed anything on", "没有人转发"),
    "map": ("First met through: {0}", "首次接触渠道：{0}"),
    "never": ("Never met it", "从未接触"),
    "bought": ("filled: bought", "实心：已购买"),
    "piece": ("{0} people of whole communities and their ties · filled: bought",
              "若干完整社群的{0}人及其关系 · 实心：已购买"),
    "no_ties": ("everybody knows everybody: no ties to draw", "人人相识，无关系可画"),
}  # fmt: skip


def w(key: str, lang: str, *values: object) -> str:
    """The phrase of a key."""
    return _WORDS[key][lang == "zh"].format(*values)


def channel_look(name: str) -> dict[str, Any]:
    """Colour and marker of a channel, the same in every figure; beyond seven the marker tells them apart."""
    k = CHANNELS.index(name) if name in CHANNELS else 0
    return {"color": OKABE_ITO[k % 6], "marker": MARKERS[(k + k // 6) % len(MARKERS)]}


@in_style
def trees(comparison: ComparisonLike, lang: str = "en", strategy: str | None = None) -> Figure:
    """The largest sharing tree and the typical one of a strategy, from left to right by generation."""
    strategy = strategy or comparison.strategies[0]
    rows = own(comparison, "trees", strategy)
    if rows.empty:
        figure, axes = canvas(w("trees", lang, strategy))
        empty(axes, w("nothing", lang))
        return figure
    figure = Figure(figsize=(WIDTH, 3.5), layout="constrained")
    figure.suptitle(label(w("trees", lang, strategy), 58), x=0.012, ha="left", fontsize=10.5, fontweight="bold")
    color, n = looks(comparison.strategies)[strategy]["color"], numbers_of(comparison, lang)
    handles: dict[str, Any] = {}
    for axes, name in zip(figure.subplots(1, 2, width_ratios=(1.7, 1)), ("largest", "typical"), strict=True):
        tree = rows[rows["tree"] == name].reset_index(drop=True)
        handles |= _tree(axes, tree, color, lang)
        size, kept = int(tree["size"].iloc[0]), len(tree)
        told = w("people", lang, n.count(size)) if kept == size else w("nearest", lang, n.count(kept), n.count(size))
        axes.set_title(label(w(name, lang, told), 34), fontsize=9.5)
        axes.set_xlabel(w("hops", lang) if name == "largest" else " ")
    legend(figure, list(handles.values()), list(handles))
    return figure


def _tree(axes: Axes, tree: pd.DataFrame, color: str, lang: str) -> dict[str, Any]:
    """Draw one tree: generations from left to right, children beside each other; returns handles for its legend."""
    parent, depth = tree["parent"].to_numpy(int), tree["depth"].to_numpy(float)
    height = _rows(parent)
    for node in np.flatnonzero(parent >= 0):
        up = parent[node]
        axes.plot([depth[up], depth[node]], [height[up], height[node]], color=INK, linewidth=0.7, alpha=0.55)
    good = tree["good"].to_numpy(bool)
    small = 5.5 if len(tree) < 60 else 3.2
    handles: dict[str, Any] = {}
    for mask, marker, word in ((good, "o", "praise"), (~good, "X", "warning")):
        if mask.any():
            (handles[w(word, lang)],) = axes.plot(
                depth[mask], height[mask], linestyle="none", marker=marker, color=color, markersize=small,
                markeredgecolor=PAPER, markeredgewidth=0.4)  # fmt: skip
    axes.set_yticks([])
    axes.set_ylim(height.max() + 0.8, height.min() - 0.8)
    axes.set_xlim(-0.35, max(depth.max(), 1.0) + 0.35)
    deep = int(max(depth.max(), 1))
    axes.xaxis.set_major_locator(FixedLocator(range(0, deep + 1, 1 + deep // 8)))
    axes.spines["left"].set_visible(False)
    return handles


def _rows(parent: np.ndarray) -> np.ndarray:
    """Height of each node: leaves one below the other, a parent in the middle of its children. float64[nodes]."""
    children: dict[int, list[int]] = {}
    for node, up in enumerate(parent):
        children.setdefault(int(up), []).append(node)
    order, stack = [], list(reversed(children.get(-1, [])))
    while stack:
        node = stack.pop()
        order.append(node)
        stack += reversed(children.get(node, []))
    height, below = np.zeros(len(parent)), 0
    for node in order:
        if node not in children:
            height[node], below = below, below + 1
    for node in reversed(order):
        if node in children:
            height[node] = np.mean(height[children[node]])
    return height


@in_style
def network(comparison: ComparisonLike, lang: str = "en", strategy: str | None = None) -> Figure:
    """A piece of the social network under a strategy: by which channel each person met the brand first."""
    strategy = strategy or comparison.strategies[0]
    people, ties = own(comparison, "piece", strategy), own(comparison, "ties", strategy)
    figure, axes = canvas(w("map", lang, strategy), height=4.6)
    if people.empty or ties.empty:
        empty(axes, w("no_ties", lang))
        return figure
    place = layout(len(people), tuple(ties["a"]), tuple(ties["b"]))
    ends = np.stack([place[ties["a"]], place[ties["b"]]], axis=1).reshape(-1, 2)
    codes = np.tile([Path.MOVETO, Path.LINETO], len(ties))
    axes.add_patch(PathPatch(Path(ends, codes), edgecolor=INK, facecolor="none", linewidth=0.35, alpha=0.28))
    touch, bought = people["first_touch"].astype(str).to_numpy(), people["bought"].to_numpy() >= 0
    handles: dict[str, Line2D] = {}
    met = [name for name in CHANNELS if (touch == name).any()]
    for name in [*(["", *met] if (touch == "").any() else met)]:
        look: dict[str, Any] = channel_look(name) if name else {"color": FAINT, "marker": "."}
        text = f"{channel_words(name, lang) if name else w('never', lang)} · {int((touch == name).sum())}"
        for filled in (False, True):
            mask = (touch == name) & (bought == filled)
            axes.plot(place[mask, 0], place[mask, 1], linestyle="none", marker=look["marker"], color=look["color"],
                      markersize=5.0 if filled else 4.0, markerfacecolor=look["color"] if filled or not name else PAPER,
                      markeredgewidth=0.9)  # fmt: skip
        handles[text] = Line2D([], [], linestyle="none", **look)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xlabel(label(w("piece", lang, len(people)), 70))
    legend(figure, list(handles.values()), list(handles))
    return figure


@functools.lru_cache(maxsize=8)
def layout(people: int, a: tuple[int, ...], b: tuple[int, ...]) -> np.ndarray:
    """Places float64[people, 2] of people so that friends are near; the same graph always gets the same picture.

    People whom no path leads to the largest part of the graph stand in rows below it.
    """
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(people))
    graph.add_edges_from(zip(a, b, strict=True))
    parts: list[set[int]] = list(nx.connected_components(graph))
    main = sorted(sorted(parts, key=lambda part: -len(part))[0])
    found = nx.spring_layout(graph.subgraph(main), seed=1, iterations=120, k=3.0 / np.sqrt(len(main)))
    place = np.zeros((people, 2))
    inner = np.array([found[i] for i in main], float)
    inner -= inner.mean(axis=0)
    radius = np.linalg.norm(inner, axis=1, keepdims=True)
    # Stretched so that as many people stand in every ring of the same area: the crowd in the middle can be told apart.
    rank = np.sqrt((np.argsort(np.argsort(radius[:, 0])) + 1.0) / len(main))[:, None]
    place[main] = inner / np.maximum(radius, 1e-9) * (0.35 * radius / max(radius.max(), 1e-9) + 0.65 * rank)
    rest = sorted(set(range(people)) - set(main))
    for k, person in enumerate(rest):
        place[person] = (-1.0 + 2.0 * (k % 40) / 39, -1.14 - 0.08 * (k // 40))
    return place
