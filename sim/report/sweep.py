"""The page of a sweep: a figure an outcome over its first axes, every cell with its intervals, what failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from sim.experiments.statistics import mean_interval
from sim.experiments.store import write_text
from sim.metrics import declared
from sim.report.numbers import Numbers
from sim.report.style import canvas, in_style, label, legend, looks, svg, unit_axis
from sim.report.words import unit as unit_words

if TYPE_CHECKING:
    from sim.experiments.results import Results

MOST_CELLS = 400
"""Cells in the page's table; a larger design is in the files beside the page."""

MOST_LINES = 7
"""Levels of the second axis that are drawn; of more, this many from end to end."""


def write_sweep_report(found: Results, path: Path) -> Path:
    """Write the page of a sweep or of a run; it appears whole or not at all."""
    here = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(here), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style = Markup((here / "page.css").read_text(encoding="utf-8"))
    write_text(environment.get_template("sweep.html.j2").render(style=style, **_content(found)), path)
    return path


def _content(found: Results) -> dict[str, Any]:
    manifest = found.manifest
    numbers = Numbers("en", str((manifest["resolved"].get("market") or {}).get("currency") or "CNY"))
    figures = []
    for k, (outcome, figure) in enumerate(sweep_figures(found, numbers)):
        title = figure.get_suptitle().replace("\\$", "$") or outcome
        figures.append({"name": outcome, "svg": Markup(svg(figure, f"f{k}", title))})
    market = manifest["resolved"].get("market") or {}
    people = market.get("consumers")
    facts = {
        "run id": manifest["run_id"], "design": manifest.get("design", manifest["kind"]), "seed": manifest["seed"],
        "scenario file": manifest.get("scenario_file"), "command": manifest.get("command"),
        **{f"version of {name}": text for name, text in manifest["versions"].items()},
        "finished": manifest["timings"]["finished"],
    }  # fmt: skip
    return {
        "title": manifest["scenario"], "question": manifest.get("question") or "",
        "subtitle": f"{len(found.cells):,} cells, {manifest['replications']} replications each on common seeds"
        + (f", {people:,} consumers" if isinstance(people, int) else "") + f", {market.get('days', '?')} days",
        "axes": [name for name in found.axes if name != "strategy"],
        "heads": [_head(name, numbers) for name in manifest["outcomes"]],
        "rows": _rows(found, numbers), "more": max(0, len(found.cells) - MOST_CELLS), "figures": figures,
        "failures": found.failures.head(MOST_CELLS).to_dict("records"), "failed": len(found.failures),
        "facts": {key: str(value) for key, value in facts.items() if value is not None},
    }  # fmt: skip


def _head(outcome: str, numbers: Numbers) -> dict[str, str]:
    metric, owner = declared(outcome), outcome.partition("@")[2]
    return {"label": metric.label + (f" @ {owner}" if owner else ""),
            "unit": unit_words(metric.unit, "en", numbers.currency)}  # fmt: skip


def _rows(found: Results, numbers: Numbers) -> list[dict[str, Any]]:
    """A row a cell: its levels, its strategy, mean and interval of every outcome."""
    names = found.manifest["outcomes"]
    values = {(row["cell"], row["outcome"]): row for row in found.outcomes.to_dict("records")}
    made = []
    for cell in found.cells.head(MOST_CELLS).to_dict("records"):
        told = []
        for name in names:
            row, unit = values.get((cell["cell"], name)), declared(name).unit
            if row is None:
                told.append({"mean": "failed" if found.failures.size else "", "interval": ""})
                continue
            spread = (row["high"] - row["low"]) / 2
            told.append({
                "mean": numbers.value(row["mean"], unit, spread=spread if np.isfinite(spread) else None),
                "interval": numbers.interval(row["low"], row["high"], unit, mean=row["mean"]),
            })  # fmt: skip
        levels = [_level(cell[name]) for name in found.axes if name != "strategy"]
        made.append({"cell": cell["cell"], "levels": levels, "strategy": cell["strategy"], "values": told})
    return made


def _level(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def sweep_figures(found: Results, numbers: Numbers) -> Iterator[tuple[str, Figure]]:
    """A figure an outcome; one for every strategy beside when a second axis takes the lines."""
    axes = [name for name in found.axes if name != "strategy" and found.runs[name].nunique() > 1]
    strategies = list(dict.fromkeys(found.cells["strategy"]))
    if not axes and len(strategies) < 2:
        return
    grid = found.manifest.get("design", "grid") == "grid"
    for outcome in found.manifest["outcomes"]:
        if outcome not in found.runs.columns or found.runs[outcome].notna().sum() == 0:
            continue
        if len(axes) < 2 or not grid:
            yield outcome, over(found.runs, outcome, axes[0] if axes else "strategy", "strategy", numbers, "")
            continue
        for strategy in strategies:
            mine = found.runs[found.runs["strategy"] == strategy]
            yield outcome, over(mine, outcome, axes[0], axes[1], numbers, strategy if len(strategies) > 1 else "")


@in_style
def over(runs: pd.DataFrame, outcome: str, x: str, lines: str, numbers: Numbers, of: str) -> Figure:
    """Mean and 95 % interval of an outcome over the levels of ``x``, a line for each level of ``lines``.

    Other axes are averaged over within a replication first, so intervals show chance alone.
    """
    unit = declared(outcome).unit
    title = declared(outcome).label + (f", {of}" if of else "")
    figure, panel = canvas(title)
    levels = list(dict.fromkeys(runs[lines])) if lines != x else [None]
    shown = levels
    if len(levels) > MOST_LINES:
        shown = [levels[round(k)] for k in np.linspace(0, len(levels) - 1, MOST_LINES)]
    number = bool(pd.api.types.is_numeric_dtype(runs[x]) and not pd.api.types.is_bool_dtype(runs[x]))
    places = {level: k for k, level in enumerate(dict.fromkeys(runs[x]))}
    many = len(places) > 25
    look = looks([str(level) for level in shown])
    handles = []
    for k, level in enumerate(shown):
        mine = runs if level is None else runs[runs[lines] == level]
        by = mine.groupby([x, "replication"], sort=False)[outcome].mean().dropna()
        ends = {at: mean_interval(by.loc[at].to_numpy(float)) for at in dict.fromkeys(by.index.get_level_values(0))}
        order = sorted(ends) if number else list(ends)
        at = np.array([at if number else places[at] for at in order], float)
        if not number and len(shown) > 1:
            at = at + 0.12 * (k - (len(shown) - 1) / 2)
        mean = np.array([ends[o].mean for o in order])
        half = np.nan_to_num(np.array([(ends[o].high - ends[o].low) / 2 for o in order]))
        how = look[str(level)]
        handles.append(panel.errorbar(
            at, mean, yerr=half, color=how["color"], marker="." if many else how["marker"], markersize=5, capsize=0,
            linestyle=how["linestyle"] if number and not many else "none", linewidth=1.4,
            elinewidth=0.6 if many else 1.6, alpha=0.8 if many else 1.0,
        ))  # fmt: skip
    if not number:
        panel.set_xticks(range(len(places)), [label(level, 14) for level in places])
        panel.set_xlim(-0.6, len(places) - 0.4)
    panel.set_xlabel(label(x, 60))
    panel.set_ylabel(unit_words(unit, "en", numbers.currency))
    unit_axis(panel.yaxis, unit, numbers)
    if len(shown) > 1:
        short = "" if lines == "strategy" else lines.rpartition(".")[2] + " "
        legend(figure, handles, [short + _level(level) for level in shown])
    return figure
