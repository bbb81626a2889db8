"""Figures of what was explored: ranked factors, regret over worlds, the course of a search and its finalists."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from sim.experiments.exploration.indices import HEADLINE
from sim.metrics import declared
from sim.report.numbers import Numbers
from sim.report.style import FAINT, INK, canvas, in_style, label, legend, looks, unit_axis
from sim.report.words import unit as unit_words

MOST = 20
"""Factors drawn; the table has them all."""

MEANS = {
    "morris": "mean effect over the whole range (Morris)",
    "sobol": "share of the variance, interactions included (Sobol)",
    "pawn": "median distance of distributions (PAWN)",
}


def numbers_of(manifest: dict[str, Any]) -> Numbers:
    """Numbers in the currency of a stored answer."""
    return Numbers("en", str((manifest["resolved"].get("market") or {}).get("currency") or "CNY"))


def short(path: str, every: list[str]) -> str:
    """The last names of a path, as many as tell it from the others."""
    parts = path.split(".")
    for k in range(1, len(parts) + 1):
        tail = ".".join(parts[-k:])
        if sum(other == tail or other.endswith("." + tail) for other in every) <= 1:
            return tail if k > 1 or len(parts) == 1 else ".".join(parts[-2:])
    return path


@in_style
def ranking(found: Any, outcome: str | None = None, of: str | None = None) -> Figure:
    """The factors that matter most, with 95 % intervals; PAWN with the height that a factor without influence shows."""
    table = found.ranked(outcome, of)
    name, head = str(table["outcome"].iloc[0]), HEADLINE[found.method]
    shown = table.head(MOST)
    metric, numbers = declared(name), numbers_of(found.manifest)
    figure, axes = canvas(f"{metric.label}: what {table['of'].iloc[0]} depends on", height=1.1 + 0.3 * len(shown))
    at = np.arange(len(shown))
    axes.barh(at, shown[head], height=0.55, color="#0072B2")
    for k, (low, high) in enumerate(zip(shown[f"{head}_low"], shown[f"{head}_high"], strict=True)):
        axes.plot([low, high], [k, k], color=INK, linewidth=1.1)
    every = [str(path) for path in table["factor"]]
    axes.set_yticks(at, [label(short(str(path), every), 30) for path in shown["factor"]])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(left=min(0.0, float(np.nanmin(shown[f"{head}_low"], initial=0.0))))
    said = MEANS[found.method]
    if found.method == "morris":
        unit_axis(axes.xaxis, metric.unit, numbers)
        said = f"{said}, {unit_words(metric.unit, 'en', numbers.currency)}"
    if found.method == "pawn":
        axes.axvline(float(table["floor"].iloc[0]), color=INK, linewidth=1.0, linestyle=(0, (4, 2)))
        said += "; dashed: no influence"
    axes.set_xlabel(said)
    return figure


@in_style
def panels(found: Any, of: str | None = None, most: int = 10) -> Figure:
    """A panel an outcome, two a row: its ``most`` first factors with 95 % intervals."""
    outcomes = list(dict.fromkeys(found.table["outcome"]))
    head, numbers = HEADLINE[found.method], numbers_of(found.manifest)
    rows = (len(outcomes) + 1) // 2
    figure = Figure(figsize=(10.4, rows * (0.9 + 0.25 * most)), layout="constrained")
    for k, name in enumerate(outcomes):
        axes, shown = figure.add_subplot(rows, 2, k + 1), found.ranked(name, of).head(most)
        every = [str(path) for path in found.table["factor"].unique()]
        at = np.arange(len(shown))
        axes.barh(at, shown[head], height=0.55, color="#0072B2")
        axes.hlines(at, shown[f"{head}_low"], shown[f"{head}_high"], color=INK, linewidth=1.1)
        axes.set_yticks(at, [label(short(str(path), every), 34) for path in shown["factor"]], fontsize=8)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        metric = declared(name)
        axes.set_title(metric.label, loc="left", fontsize=9.5)
        if found.method == "morris":
            unit_axis(axes.xaxis, metric.unit, numbers, ticks=4)
    figure.supxlabel(MEANS[found.method], fontsize=8.5)
    return figure


@in_style
def regret(found: Any) -> Figure:
    """Each strategy's regret over the worlds: 5 to 95 % as a line, the middle half as a bar, median and largest."""
    metric, numbers = declared(found.outcome), numbers_of(found.manifest)
    names = found.summary["strategy"].tolist()
    figure, axes = canvas(f"{metric.label} given away against the best in each world", height=1.2 + 0.38 * len(names))
    look = looks(names)
    for k, name in enumerate(names):
        mine = found.regret.loc[found.regret["strategy"] == name, "regret"].to_numpy(float)
        low, first, middle, third, high = np.quantile(mine, [0.05, 0.25, 0.5, 0.75, 0.95])
        color = look[name]["color"]
        axes.plot([low, high], [k, k], color=color, linewidth=1.4)
        axes.barh([k], [third - first], left=[first], height=0.46, color=color)
        axes.plot([middle], [k], marker="|", markersize=12, color="white", markeredgewidth=2)
        axes.plot([mine.max()], [k], marker="o", markersize=4, color=color)
    axes.set_yticks(range(len(names)), [label(name, 20) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    unit_axis(axes.xaxis, metric.unit, numbers)
    axes.set_xlabel(f"{unit_words(metric.unit, 'en', numbers.currency)}; bar: middle half, dot: the worst world")
    return figure


@in_style
def worlds(found: Any) -> Figure:
    """The best strategy in each world over two uncertainties, and the box in which the usual winner fails."""
    names = found.summary["strategy"].tolist()
    best = found.regret[found.regret["best"]].drop_duplicates("world")
    box = found.boxes[(found.boxes["strategy"] == found.winner) & (found.boxes["uncertainty"] != "")]
    x, y = _two(found, box)
    figure, axes = canvas(f"Which strategy is best where, in {len(best)} worlds", height=3.9)
    look = looks(names)
    handles: list[Any] = []
    shown: list[str] = []
    for name in names:
        mine = best[best["strategy"] == name]
        if len(mine):
            how = look[name]
            handles.append(axes.scatter(mine[x], mine[y] if y else np.zeros(len(mine)), s=22, color=how["color"],
                                        marker=how["marker"], alpha=0.85, linewidths=0))  # fmt: skip
            shown.append(name)
    ends = {row["uncertainty"]: (row["low"], row["high"]) for row in box.to_dict("records")}
    if ends:
        left, right = ends.get(x, axes.get_xlim())
        low, high = ends.get(y, axes.get_ylim())
        dashed = (0, (4, 2))
        axes.add_patch(Rectangle((left, low), right - left, high - low, fill=False, edgecolor=INK, linestyle=dashed))
        handles.append(Line2D([], [], color=INK, linestyle=(0, (4, 2))))
        shown.append(f"box where {found.winner} fails")
    axes.set_xlabel(label(x, 60))
    axes.set_ylabel(label(y, 44) if y else "")
    legend(figure, handles, shown)
    return figure


def _two(found: Any, box: Any) -> tuple[str, str]:
    """The two uncertainties to draw: those of the box, then those that move with the winner's regret."""
    numeric = found.regret.select_dtypes("number").columns.drop(["world", "value", "regret"])
    mine = found.regret[found.regret["strategy"] == found.winner]
    lost = mine["regret"].rank() if mine["regret"].nunique() > 1 else mine["value"].rank()
    by = sorted(numeric, key=lambda name: -abs(float(np.nan_to_num(mine[name].rank().corr(lost)))))
    ranked = list(dict.fromkeys([*(name for name in box["uncertainty"] if name in set(numeric)), *by]))
    return ranked[0], ranked[1] if len(ranked) > 1 else ""


@in_style
def course(found: Any) -> Figure:
    """Every candidate's value in the order of the search, and the best feasible one so far."""
    metric, numbers = declared(found.outcome), numbers_of(found.manifest)
    done = found.trials[found.trials["state"] == "complete"]
    figure, axes = canvas(f"{metric.label} of the candidates, in the order of the search")
    good, bad = done[done["feasible"]], done[~done["feasible"]]
    handles: list[Any] = [axes.scatter(good["number"], good[found.outcome], s=16, color="#56B4E9", linewidths=0)]
    texts = ["candidate"]
    if len(bad):
        handles.append(axes.scatter(bad["number"], bad[found.outcome], s=18, color="#D55E00", marker="x"))
        texts.append("misses a constraint")
    if len(good):
        running = good[found.outcome].cummin() if metric.better == "down" else good[found.outcome].cummax()
        handles += axes.step(good["number"], running, where="post", color="#0072B2")
        texts.append("best so far (by luck too)")
    axes.set_xlabel("candidate")
    axes.set_ylabel(unit_words(metric.unit, "en", numbers.currency))
    unit_axis(axes.yaxis, metric.unit, numbers)
    legend(figure, handles, texts)
    return figure


@in_style
def finals(found: Any) -> Figure:
    """Finalists, the equal split and the scenario as it stands on fresh seeds, and what the search had promised."""
    metric, numbers = declared(found.outcome), numbers_of(found.manifest)
    mine = found.finals[found.finals["outcome"] == found.outcome]
    figure, axes = canvas(f"{metric.label} on fresh seeds", height=1.2 + 0.34 * len(mine))
    for k, row in enumerate(mine.to_dict("records")):
        color = "#0072B2" if row["arm"] == found.winner else INK
        axes.plot([row["low"], row["high"]], [k, k], color=color)
        axes.plot([row["mean"]], [k], marker="o", color=color)
        axes.plot([row["searched"]], [k], marker="o", markerfacecolor="none", markeredgecolor="#D55E00")
    axes.set_yticks(range(len(mine)), [label(name, 20) for name in mine["arm"]])
    axes.set_ylim(len(mine) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    unit_axis(axes.xaxis, metric.unit, numbers)
    axes.set_xlabel(unit_words(metric.unit, "en", numbers.currency))
    marks = [Line2D([], [], color=INK, marker="o"),
             Line2D([], [], color=FAINT, marker="o", markerfacecolor="none", markeredgecolor="#D55E00",
                    linestyle="none")]  # fmt: skip
    legend(figure, marks, ["fresh seeds, 95 %", "in the search"])
    return figure
