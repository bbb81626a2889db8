"""The answers on the screen: a comparison, and a single run beside the plausible bands."""

from __future__ import annotations

import math
from textwrap import fill
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from sim.cli.screen import literal
from sim.experiments.run import BANDS, Band, Stored
from sim.metrics import declared
from sim.report.inputs import cell
from sim.report.numbers import DASH, Numbers, numbers_of
from sim.report.remarks import remarks
from sim.report.verdict import answer
from sim.report.why import content, kept, w

if TYPE_CHECKING:
    from sim.experiments.comparison import Comparison


def show(console: Console, found: Comparison) -> None:
    """The answer in a sentence, then every outcome by strategy with its paired difference to the baseline."""
    numbers = numbers_of(found, "en")
    question = str(found.scenario.question).strip()
    asked = f"  {literal(question)}" if question else ""
    console.print(f"[bold]{literal(found.manifest['scenario'])}[/bold]" + asked)
    like: Any = found
    console.print(answer(like).sentence, style="green", markup=False)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("outcome", "strategy", "mean", "95 % interval", f"against {found.baseline}", "95 % interval",
                 "P(better)", "P(best)"):  # fmt: skip
        table.add_column(head, justify="left" if head in ("outcome", "strategy") else "right", no_wrap=True)
    for metric in found.outcomes:
        for k, strategy in enumerate(found.strategies):
            table.add_row(_title(metric) if k == 0 else "", strategy, *_row(found, numbers, strategy, metric))
        table.add_section()
    console.print()
    console.print(table)
    for remark in remarks(found):
        console.print(remark, markup=False)
    _show_why(console, like)
    _show_switched(console, found)
    console.print(_pairing(found), style="dim", markup=False)


def _show_why(console: Console, found: Any) -> None:
    """What each channel brought, where that was worked out."""
    shown = content(found, "en")
    if not shown or not shown["rows"]:
        return
    title = w("attribution", "en", strategy=f"“{kept(found)['strategy'].iloc[0]}”")
    console.print()
    console.print(f"{title}: {_title(str(kept(found)['metric'].iloc[0])).lower()}", style="bold", markup=False)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for at, head in enumerate(("channel", *shown["heads"])):
        table.add_column(head, justify="right" if at else "left", no_wrap=True)
        if 0 < at < 3:
            table.add_column("95 % interval", justify="right", no_wrap=True)
    for row in shown["rows"]:
        cells = [(c["text"], c["note"]) if at < 2 else (c["text"],) for at, c in enumerate(row["cells"])]
        table.add_row(row["label"], *(part for cell in cells for part in cell))
    console.print(table)


def _show_switched(console: Console, found: Comparison) -> None:
    """What each creator, segment or event brought, and whose word did, where that was worked out."""
    from sim.report import crowd, switched

    like: Any = found
    for title, note, heads, rows in (*switched.tables_of(like), *crowd.tables_of(like)):
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for at, head in enumerate(heads):
            table.add_column(fill(head, 14), justify="right" if at else "left", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        console.print()
        console.print(title, style="bold", markup=False)
        if rows:
            console.print(table)
        console.print(note, style="dim", markup=False)


def _title(metric: str) -> str:
    owner = metric.partition("@")[2]
    return declared(metric).label + (f" @ {owner}" if owner else "")


def _row(found: Comparison, numbers: Numbers, strategy: str, metric: str) -> list[str]:
    unit = declared(metric).unit
    mean, low, high = (cell(found.table, strategy, metric, part) for part in ("mean", "low", "high"))
    cells = [_value(numbers, mean, low, high, unit), numbers.interval(low, high, unit, mean=mean)]
    if strategy == found.baseline:
        cells += ["", "", ""]
    else:
        parts = ("mean", "low", "high", "p_better")
        gap, left, right, p = (cell(found.differences, strategy, metric, part) for part in parts)
        cells += [_value(numbers, gap, left, right, unit, sign=True),
                  numbers.interval(left, right, unit, sign=True, mean=gap), numbers.probability(p)]  # fmt: skip
    return [*cells, numbers.probability(cell(found.p_best, strategy, metric, "p"))]


def _value(numbers: Numbers, mean: float, low: float, high: float, unit: str, sign: bool = False) -> str:
    return numbers.value(mean, unit, sign=sign, spread=(high - low) / 2 if math.isfinite(high - low) else None)


def _pairing(found: Comparison) -> str:
    """What common seeds saved, on the first outcome, in words."""
    said = f"{found.replications} replications on common seeds, seed {found.manifest['seed']}"
    metric = found.outcomes[0] if found.outcomes else ""
    pairs = found.pairing.to_dict("records")
    finite = sorted(pair["ratio"] for pair in pairs if pair["metric"] == metric and math.isfinite(pair["ratio"]))
    if not finite:
        return said
    middle = finite[len(finite) // 2]
    if middle <= 1:
        return f"{said}; on {_title(metric).lower()} pairing saved nothing (variance ratio {middle:.2f})"
    more = found.replications * middle
    return f"{said}; on {_title(metric).lower()} pairing did the work of {more:,.0f} independent ones ({middle:.1f} x)"


def show_run(console: Console, stored: Stored, scenario: Any, strategy: str) -> None:
    """Every metric of a run, with the plausible band and whether it is in it."""
    currency = str(getattr(scenario.market, "currency", "CNY") or "CNY")
    numbers, bands = Numbers("en", currency), {band.metric: band for band in BANDS}
    count = stored.manifest["replications_done"]
    console.print(f"[bold]{literal(scenario.name)}[/bold]  strategy {strategy}, seed {stored.manifest['seed']}, "
                  f"{count} replication{'s' if count > 1 else ''}")  # fmt: skip
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("metric", "mean" if count > 1 else "value", "95 % interval", "plausible", ""):
        if head != "95 % interval" or count > 1:
            table.add_column(head, justify="right" if head not in ("metric", "") else "left", no_wrap=True)
    asked = set(scenario.outcomes)
    for metric in (name for name in stored.metrics if "@" not in name or name in asked):
        found, unit = stored.interval(metric), declared(metric).unit
        cells = [_title(metric), _value(numbers, found.mean, found.low, found.high, unit)]
        if count > 1:
            cells.append(numbers.interval(found.low, found.high, unit, mean=found.mean))
        band = bands.get(metric)
        table.add_row(*cells, *(("", "") if band is None else (_range(band), verdict(band, found.mean))))
    console.print()
    console.print(table)


def _range(band: Band) -> str:
    return f"{100 * band.low:g}{DASH}{100 * band.high:g}%"


def verdict(band: Band, value: float) -> str:
    """Whether a value lies in its band, in a word."""
    if not math.isfinite(value):
        return "not observed"
    return "low" if value < band.low else "high" if value > band.high else "in"
