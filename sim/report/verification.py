"""The page of ``sim verify``: every case with its claim, its numbers and a picture."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from sim.report.style import INK, MARKERS, OKABE_ITO, canvas, in_style, label, legend, svg

if TYPE_CHECKING:
    from sim.validation.case import Check, Finding
    from sim.validation.verify import Verification

RULES = {"near": "within", "far": "further than", "above": "above by", "below": "below by", "within": "inside"}


def number(value: float) -> str:
    """A number of any size, short: four significant digits, whole numbers whole."""
    value = float(value)
    if not math.isfinite(value):
        return "–"
    if value == round(value) and abs(value) < 1e7:
        return f"{value:,.0f}"
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def in_words(check: Check) -> tuple[str, str, str]:
    """Expected, observed and tolerance of a check as text. A control shows the wrong law with a sign of inequality."""
    if check.rule == "within":
        return f"{number(check.expected)} to {number(check.tolerance)}", number(check.observed), "band"
    sign = {"near": "", "far": "≠ ", "above": "> ", "below": "< "}[check.rule]
    slack = number(check.tolerance) if check.tolerance else ("exact" if check.rule == "near" else "–")
    return sign + number(check.expected), number(check.observed), ("± " if check.tolerance else "") + slack


@in_style
def draw(finding: Finding, title: str) -> Figure:
    """The picture of a case: laws as lines, observations as dots with intervals of two standard errors."""
    picture = finding.picture
    figure, axes = canvas(title)
    handles: list[Any] = []
    for k, curve in enumerate(picture.curves):
        x, y = [float(v) for v in curve.x], [float(v) for v in curve.y]
        if curve.law:
            color = INK if k == 0 else OKABE_ITO[k % len(OKABE_ITO)]
            handle: Any = axes.plot(x, y, color=color, linewidth=1.4, zorder=2)[0]
            if picture.names:
                handle.set_linestyle("none")
                handle.set_marker("_")
                handle.set_markersize(20)
        else:
            color = OKABE_ITO[k % len(OKABE_ITO)]
            error = None if curve.error is None else [float(e) for e in curve.error]
            handle = axes.errorbar(x, y, yerror(error), color=color, marker=MARKERS[k % len(MARKERS)], linestyle="none",
                                   markersize=4.5, capsize=0, zorder=3)  # fmt: skip
        handles.append(handle)
    axes.set_xlabel(label(picture.x))
    axes.set_ylabel(label(picture.y))
    if picture.names:
        axes.set_xticks(range(len(picture.names)), [label(name, 14) for name in picture.names])
        axes.margins(x=0.12)
    legend(figure, handles, [curve.label for curve in picture.curves])
    return figure


def yerror(error: list[float] | None) -> list[float] | None:
    """Lengths of intervals; none where there are none."""
    return None if error is None else [max(0.0, e) if math.isfinite(e) else 0.0 for e in error]


def write_page(found: Verification, path: Path) -> None:
    """Write the page to ``path``; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.write_text(render(found), encoding="utf-8")
    partial.replace(path)


def render(found: Verification) -> str:
    """The page as a string."""
    from sim import __version__

    here = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(here), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    cases = []
    for k, verdict in enumerate(found.verdicts):
        finding = verdict.finding
        drawn = svg(draw(finding, verdict.title), f"v{k}", verdict.title) if finding else ""
        checks = [(c, *in_words(c)) for c in (finding.checks if finding else ())]
        cases.append({"verdict": verdict, "figure": Markup(drawn), "checks": checks,
                      "setup": finding.setup if finding else ""})  # fmt: skip
    style = Markup((here / "page.css").read_text(encoding="utf-8"))
    passed = sum(v.passed for v in found.verdicts)
    numbers = [c for v in found.verdicts if v.finding for c in v.finding.checks]
    return environment.get_template("verification.html.j2").render(
        style=style, cases=cases, found=found, passed=passed, version=__version__, total=len(numbers),
        controls=sum(c.is_control for c in numbers),
    )  # fmt: skip
