"""The choice of the best in words: who is left, who went when, and how many runs that saved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.metrics import declared
from sim.report.exploration import numbers_of
from sim.report.numbers import DASH
from sim.report.style import FAINT, INK, canvas, in_style, legend, looks, unit_axis

if TYPE_CHECKING:
    from sim.experiments.choose import Choice


def sentence_of(found: Choice) -> str:
    """The answer, never surer than the procedure is."""
    metric, n, many = declared(found.outcome), numbers_of(found.manifest), len(found.table)
    zone = n.value(found.zone, metric.unit)
    if found.chosen is None:
        return (f"Not decided after {found.used} replications: {', '.join(found.left)} may each still be the best on "
                f"{metric.label.lower()}. At most {found.most:,} replications decide; or let a larger difference "
                f"than {zone} not matter.")  # fmt: skip
    saved = many * found.used - found.markets
    less = f", {saved} fewer than if all {many} had lived as long" if saved > 0 else ""
    return (f"{found.chosen} is chosen on {metric.label.lower()}: with at least 95 % it is the best of {many}, or "
            f"within {zone} of it. It took {found.markets} markets{less}.")  # fmt: skip


def table_of(found: Choice) -> tuple[str, list[str], list[list[str]]]:
    """Title, heads and rows: a row a strategy."""
    metric, n = declared(found.outcome), numbers_of(found.manifest)
    rows = []
    for r in found.table.to_dict("records"):
        error = r["sd"] / math.sqrt(r["replications"]) if r["replications"] > 1 else math.nan
        went = f"after {r['dropped']}" if r["dropped"] else "chosen" if found.chosen else "still in"
        rows.append([r["strategy"], went, str(r["replications"]), n.value(r["mean"], metric.unit, spread=error),
                     n.value(error, metric.unit, spread=error) if math.isfinite(error) else DASH])  # fmt: skip
    return f"{metric.label}", ["strategy", "went", "replications", "mean", "standard error"], rows


NOTE = (
    "Runs are added only for strategies that may still be the best (the fully sequential procedure KN of Kim and "
    "Nelson 2001, on common seeds). Its 95 % hold however often one looks. Means of strategies that went early rest on "
    "fewer replications; an ordinary interval around them would not allow for the stopping."
)


@in_style
def race(found: Choice) -> Figure:
    """Each strategy's running mean less the leader's, up to the replication at which it went; the zone is shaded."""
    metric, names = declared(found.outcome), [str(name) for name in found.manifest["strategies"]]
    first = found.manifest["select"]["first"]
    wide = found.runs.pivot(index="replication", columns="strategy", values=found.outcome)
    means = found.table.set_index("strategy")["mean"][found.left]
    leader = str(means.idxmin() if metric.better == "down" else means.idxmax())
    drawn, axes = canvas(f"{metric.label}: less that of {leader}, as runs were added", height=3.0)
    axes.axhspan(-found.zone, found.zone, color=FAINT, alpha=0.35, linewidth=0)
    axes.axhline(0, color=INK, linewidth=0.8)
    handles, look, others = [], looks(names), [name for name in names if name != leader]
    for name in others:
        gap = (wide[name] - wide[leader]).dropna().to_numpy(float)
        at = np.arange(1, len(gap) + 1)
        handles += axes.plot(at[1:], (np.cumsum(gap) / at)[1:], **look[name], markevery=max(1, len(at) // 8))
        axes.plot(at[-1], gap.mean(), "o", color=look[name]["color"], markersize=5)
    axes.axvline(first, color=INK, linewidth=0.8, linestyle=(0, (2, 2)))
    axes.set_xlim(1.5, max(first, int(wide[leader].count())) + 0.5)
    axes.set_xlabel("replications (dashed: the first stage)")
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    unit_axis(axes.yaxis, metric.unit, numbers_of(found.manifest))
    legend(drawn, handles, others)
    return drawn
