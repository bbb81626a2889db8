"""The page of ``sim calibrate``: estimates, identifiability, fit, held-out window, preset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from sim.report.style import FAINT, INK, OKABE_ITO, canvas, in_style, label, legend, svg
from sim.report.verification import number

if TYPE_CHECKING:
    from sim.experiments.calibration import Calibration

Rows = tuple[list[str], list[list[str]]]


def estimate_rows(found: Calibration) -> Rows:
    """Heads and rows of the estimates, as text."""
    rows = []
    for r in found.table.to_dict("records"):
        row = [r["parameter"], number(r["value"]), number(r["error"]), f"{number(r['low'])} to {number(r['high'])}"]
        if found.posterior is not None:
            row.append(f"{number(r['posterior'])} ({number(r['posterior_low'])} to {number(r['posterior_high'])})")
        rows.append([*row, r["verdict"]])
    heads = ["parameter", "estimate", "std error", "95 % interval"]
    return [*heads, *(["posterior, 95 %"] if found.posterior is not None else []), "verdict"], rows


def moment_rows(found: Calibration) -> Rows:
    """Heads and rows of the moments, as text."""
    rows = [[r["window"], r["moment"], number(r["data"]), number(r["model"]), number(r["sd"]), f"{r['z']:+.1f}"]
            for r in found.fit.to_dict("records")]  # fmt: skip
    return ["window", "moment", "data", "model", "sd", "z"], rows


def baseline_rows(found: Calibration) -> Rows:
    """Heads and rows of simple models of the same adoptions, as text; no rows for other data."""
    rows = []
    for r in found.baselines.to_dict("records"):
        said = ", ".join(f"{name} {number(r[name])}" for name in ("a", "b", "p", "q") if r.get(name) == r.get(name, 0))
        rows.append([r["model"], said, number(r["loglik"]), number(r["aic"]), number(r["held_out_loglik"])])
    return ["baseline", "parameters", "log-likelihood", "AIC", "held-out log-likelihood"], rows


@in_style
def fit_figure(found: Calibration) -> Figure:
    """Data and model by moment; what was held out is shaded."""
    table = found.fit
    figure, axes = canvas("Data and model, moment by moment")
    at = np.arange(len(table))
    out = np.flatnonzero((table["window"] == "held out").to_numpy())
    if len(out):
        axes.axvspan(out[0] - 0.5, out[-1] + 0.5, color=FAINT, alpha=0.6, linewidth=0)
    data = axes.plot(at, table["data"], color=INK, marker="_", markersize=14, linestyle="none")[0]
    model = axes.errorbar(at, table["model"], 2 * table["sd"], color=OKABE_ITO[0], marker="o", linestyle="none")
    axes.set_xticks(at, [label(m, 12) for m in table["moment"]], rotation=60, ha="right", fontsize=7.5)
    legend(figure, [data, model], ["data", "model, two sd" + ("; shaded: held out" if len(out) else "")])
    return figure


@in_style
def profile_figure(found: Calibration, k: int) -> Figure:
    """Misfit along one parameter: a sharp valley is identified, a flat floor is not."""
    path = list(found.space.free)[k]
    profile = found.profiles[k]
    figure, axes = canvas(path)
    values = [found.space.value(k, float(u)) for u in profile.grid]
    best = axes.plot(values, profile.loss, color=OKABE_ITO[0])[0]
    alone = axes.plot(values, profile.alone, color=OKABE_ITO[1], linestyle=(0, (4, 2)))[0]
    limit = axes.axhline(3.84, color=INK, linewidth=0.9, linestyle=(0, (2, 2)))
    axes.axvline(found.values[path], color=INK, linewidth=0.8)
    axes.set_ylim(0, max(8.0, min(30.0, float(profile.loss.max()) * 1.1)))
    axes.set_xlabel(label(path.rsplit(".", 1)[-1]))
    axes.set_ylabel("misfit above the least")
    handles, names = [best, alone, limit], ["others fitted again", "others kept", "95 % limit"]
    if found.posterior is not None:
        draws = [found.space.value(k, float(u)) for u in found.posterior.points[:, k]]
        handles.append(axes.plot(draws, np.full(len(draws), 0.25), "|", color=OKABE_ITO[2], markersize=8)[0])
        names.append("posterior draws")
    legend(figure, handles, names)
    return figure


def write_page(found: Calibration, path: Path) -> None:
    """Write the page to ``path``; it appears whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.write_text(render(found), encoding="utf-8")
    partial.replace(path)


def render(found: Calibration) -> str:
    """The page as a string."""
    here = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(here), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    pictures: list[Any] = [Markup(svg(fit_figure(found), "fit", "Data and model"))]
    pictures += [Markup(svg(profile_figure(found, k), f"p{k}", path)) for k, path in enumerate(found.space.free)]
    style = Markup((here / "page.css").read_text(encoding="utf-8"))
    names = list(found.space.free)
    joint = [[number(v) for v in row] for row in found.correlation.round(2).tolist()]
    return environment.get_template("calibration.html.j2").render(
        style=style, found=found, estimates=estimate_rows(found), moments=moment_rows(found),
        baselines=baseline_rows(found), pictures=pictures, names=names, joint=joint,
        number=number, held_out=found.held_out_error == found.held_out_error,
    )  # fmt: skip
