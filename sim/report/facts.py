"""The page of ``sim facts``, and the same as a page of the documentation."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure as Drawing

from sim.report.style import INK, OKABE_ITO, canvas, in_style, legend, svg

if TYPE_CHECKING:
    from sim.validation.facts.run import Checked, Facts

COLORS = {"reproduced": OKABE_ITO[2], "right direction": OKABE_ITO[0], "contradicted": OKABE_ITO[1],
          "not comparable": "#8a8f98"}  # fmt: skip
SHOWN = (-1.0, 3.0)
"""Ends of the picture, in figures: 1 is the effect claimed, 0 none."""


def number(value: float, how: str) -> str:
    """A value as text: shares and uplifts in percent, ratios as factors."""
    if not math.isfinite(value):
        return "–"
    if how in ("uplift", "sign"):
        return f"{value:+.0%}".replace("-", "−")
    if how == "ratio":
        return f"×{value:.3g}"
    return f"{value:.1%}" if abs(value) <= 1.5 else f"{value:.3g}"


def claimed(c: Checked) -> str:
    """The figure with its tolerance, as text."""
    w = c.wiring
    if w is None:
        return ""
    if w.how == "sign":
        return "more" if w.figure > 0 else "less"
    low, high = sorted((w.low, w.high))
    return f"{number(low, w.how)} to {number(high, w.how)}"


def observed(c: Checked) -> str:
    """The model's value with its interval, as text."""
    e, w = c.found, c.wiring
    if e is None or w is None:
        return ""
    return f"{number(e.value, w.how)} [{number(e.low, w.how)}, {number(e.high, w.how)}]"


def compared(c: Checked) -> str:
    """What was run, in a line."""
    w = c.wiring
    if w is None:
        return ""
    other = f" against {w.against}" if w.against else f" against {w.versus}" if w.versus else ""
    return f"{w.market}: {w.observable}, {w.arm}{other}"


def disputes(found: Facts) -> list[tuple[str, list[Checked]]]:
    """Figures that speak of the same comparison, where the reports give more than one."""
    groups: dict[tuple[Any, ...], list[Checked]] = defaultdict(list)
    for c in found.wired:
        if c.wiring is not None:
            w = c.wiring
            groups[w.market, w.observable, w.arm, w.against, w.versus].append(c)
    return [(compared(group[0]), group) for group in groups.values() if len(group) > 1]


@in_style
def draw(found: Facts) -> Drawing:
    """Every effect as a multiple of the one claimed, with its interval, in order; the band is the tolerance."""
    effects = []
    for c in found.wired:
        w, e = c.wiring, c.found
        if w is not None and e is not None and w.how != "sign" and math.isfinite(e.low):
            null = w.null or 0.0
            share = w.figure - null
            ends = sorted(((e.low - null) / share, (e.high - null) / share))
            effects.append(((e.value - null) / share, ends, c.verdict))
    effects.sort(key=lambda item: item[0])
    figure, axes = canvas("What the model shows of each figure")
    axes.axhspan(0.75, 1.25, color=INK, alpha=0.08, linewidth=0)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    handles, labels = [], []
    for verdict, color in COLORS.items():
        mine = [(x, *item[:2]) for x, item in enumerate(effects) if item[2] == verdict]
        if not mine:
            continue
        low, high = SHOWN
        for x, value, (a, b) in mine:
            axes.plot([x, x], [max(low, min(high, a)), max(low, min(high, b))], color=color, linewidth=1.2)
            axes.plot([x], [max(low, min(high, value))], color=color, marker="o", markersize=4)
        handles.append(axes.plot([], [], color=color, marker="o", linestyle="none")[0])
        labels.append(verdict)
    axes.set_ylim(*SHOWN)
    axes.set_yticks([-1, 0, 1, 2, 3], ["−1", "none", "as claimed", "2", "3"])
    axes.set_xticks([])
    axes.set_xlabel("figures, by size of the effect found")
    axes.set_ylabel("effect found / effect claimed")
    legend(figure, handles, labels)
    return figure


def write_page(found: Facts, path: Path) -> None:
    """Write the page to ``path``; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(render(found), encoding="utf-8")
    partial.replace(path)


def render(found: Facts) -> str:
    """The page as a string."""
    from sim import __version__

    here = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(here), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    wired = [{"c": c, "claimed": claimed(c), "observed": observed(c), "compared": compared(c)} for c in found.wired]
    rest: dict[str, list[Checked]] = defaultdict(list)
    for c in found.checked:
        if c.wiring is None:
            rest[c.reason].append(c)
    style = Markup((here / "page.css").read_text(encoding="utf-8"))
    return environment.get_template("facts.html.j2").render(
        style=style, found=found, wired=wired, rest=dict(rest), version=__version__, counts=found.counts(),
        disputes=[(what, [(c, claimed(c)) for c in group], observed(group[0])) for what, group in disputes(found)],
        figure=Markup(svg(draw(found), "f", "What the model shows of each figure")) if found.wired else "",
        conflicts=[c for c in found.checked if c.figure.conflict],
    )  # fmt: skip


def markdown(found: Facts) -> str:
    """The results as a page of the documentation: no times, no machine, so that it changes only with the results."""
    lines = [*_preamble(found), "| | claim | figure | model | verdict | why | run | note |",
             "|---|---|---:|---:|---|---|---|---|"]  # fmt: skip
    for c in found.wired:
        note = c.wiring.note if c.wiring else ""
        cells = (c.figure.id, c.figure.claim, claimed(c), observed(c), c.verdict, c.reason, compared(c), note)
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    lines += ["", "## Where the reports contradict each other", "", "One comparison, several figures:", ""]
    for what, group in disputes(found):
        said = "; ".join(f"{c.figure.id} ({c.figure.source}) {claimed(c)}: {c.verdict}" for c in group)
        lines.append(f"- {what}. Model: {observed(group[0])}. Figures: {said}.")
    lines += ["", "What else the reports say of the same thing:", ""]
    figures = [c.figure for c in found.checked if c.figure.conflict]
    lines += [f"- {f.id} ({f.source}) {f.claim}, {f.figure} {f.unit}: {f.conflict}." for f in figures]
    return "\n".join([*lines, *_without_run(found)]) + "\n"


def _preamble(found: Facts) -> list[str]:
    """What was done, what the verdicts mean, and how often each was given."""
    counted = ", ".join(f"{n} {verdict}" for verdict, n in found.counts().items())
    return [
        "# Market figures beside the model",
        "",
        f"Written by `python -m sim facts{' --quick' if found.quick else ''} --book docs/facts.md`:",
        f"{found.replications} replications of each arm, seed 0. The markets are",
        "`sim/validation/facts/markets/*.yaml`, the figures `figures.csv` beside that folder, and what is compared",
        "with what is `wiring.yaml`. No parameter is fitted to a figure; where a parameter had been set after one,",
        "the note says so.",
        "",
        "A figure is met within a quarter of it. **Reproduced**: the 95 % interval meets that band and, for an",
        "effect, excludes none. **Right direction**: the effect is there on the side claimed, its size is",
        "another; a level is within a factor of two. **Contradicted**: the other side, or nothing that can be",
        "told from nothing. **Not comparable**: too wide to tell. The reports state no errors, windows or",
        "samples, and contradict each other; meeting a figure is no proof of the model and missing one no proof",
        "against it. What is worth reading is the pattern.",
        "",
        f"{len(found.wired)} figures were held against runs: {counted}.",
        "",
    ]


def _without_run(found: Facts) -> list[str]:
    """Checkable figures that are held against no run, by reason."""
    lines = ["", "## Held against no run", "", "Checkable figures, and why not:", ""]
    rest: dict[str, list[Checked]] = defaultdict(list)
    for c in found.checked:
        if c.wiring is None and c.figure.checkable:
            rest[c.reason].append(c)
    for why, group in rest.items():
        named = "; ".join(f"{c.figure.id} {c.figure.claim} ({c.figure.figure} {c.figure.unit})" for c in group)
        lines.append(f"- **{why[0].upper()}{why[1:]}.** {named}.")
    others = sum(c.wiring is None and not c.figure.checkable for c in found.checked)
    what = "more figures are sizes of markets, surveys, anecdotes or signs without a quantity: see `figures.csv`."
    return [*lines, "", f"{others} {what}"]
