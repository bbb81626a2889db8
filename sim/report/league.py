"""The page of a contest: a league table that needs neither network nor scripts and shows any name as plain text."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sim.experiments.contest import Contest
from sim.metrics import declared
from sim.report.numbers import Numbers, numbers_of
from sim.report.words import unit as unit_words


def write_league(found: Contest, path: Path) -> Path:
    """Write the page (it appears whole or not at all) and give its path."""
    here = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(here), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style = Markup((here / "page.css").read_text(encoding="utf-8"))
    page = environment.get_template("league.html.j2").render(style=style, **_content(found))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(page, encoding="utf-8", newline="\n")
    partial.replace(path)
    return path


def sentence(found: Contest) -> str:
    """Who leads, and whether that is decided."""
    first = found.standing.iloc[0]
    close = int(found.standing["may_be_best"].sum())
    label = declared(found.outcome).label.lower()
    if len(found.standing) == 1:
        gain = "ahead of" if _decided(first) else "not told from"
        return f"{first['team']} is alone, and {gain} the plan as it stands on {label}."
    behind = not _decided(first) or (float(first["mean"]) - found.base) * (1 if found.up else -1) < 0
    more = " It is not surely ahead of the plan as it stands." if behind else ""
    if close <= 1 and bool(first["may_be_best"]):
        return f"{first['team']} leads on {label}, and no other team may be the best (95 %).{more}"
    return f"{first['team']} leads on {label}, but more replications must decide: {close} teams may be the best.{more}"


def _decided(row: Any) -> bool:
    return float(row["gain_low"]) > 0 or float(row["gain_high"]) < 0


def _content(found: Contest) -> dict[str, Any]:
    comparison = found.comparison
    numbers = numbers_of(comparison, "en")
    metric = declared(found.outcome)
    manifest = comparison.manifest
    standing: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in found.standing.to_dict("records")]
    ends = [x for column in ("low", "high", "mean") for x in found.standing[column] if math.isfinite(x)]
    low, high = min([*ends, found.base]), max([*ends, found.base])
    purse = numbers.value(found.purse, "yuan")
    return {
        "title": str(comparison.scenario.name), "question": str(comparison.scenario.question).strip(),
        "subtitle": f"A contest of {len(found.standing)} strategies over {comparison.scenario.market.days} days",
        "sentence": sentence(found), "label": metric.label, "unit": unit_words(metric.unit, "en", numbers.currency),
        "rows": [_row(row, numbers, metric.unit, low, high, found.base) for row in standing],
        "base": numbers.value(found.base, metric.unit), "replications": comparison.replications,
        "refused": found.refused, "allowed": " and ".join(found.allowed), "purse": purse,
        "metric": found.outcome,
        "facts": {"seed": manifest["seed"], "replications": comparison.replications, "run": comparison.run_id},
    }  # fmt: skip


def _row(row: dict[str, Any], numbers: Numbers, unit: str, low: float, high: float, base: float) -> dict[str, Any]:
    def at(value: float) -> float:
        inside = value if math.isfinite(value) else row["mean"]
        return round(2 + 96 * (inside - low) / ((high - low) or 1.0), 2)

    return {
        "rank": row["rank"], "team": row["team"], "file": row["file"], "open": row["may_be_best"],
        "mean": numbers.value(row["mean"], unit, spread=_half(row["low"], row["high"])),
        "interval": numbers.interval(row["low"], row["high"], unit, mean=row["mean"]),
        "left": at(row["low"]), "right": at(row["high"]), "at": at(row["mean"]), "zero": at(base),
        "gain": numbers.value(row["gain"], unit, sign=True, spread=_half(row["gain_low"], row["gain_high"])),
        "gain_interval": numbers.interval(row["gain_low"], row["gain_high"], unit, sign=True, mean=row["gain"]),
        "p": numbers.probability(row["p_best"]),
    }  # fmt: skip


def _half(low: float, high: float) -> float | None:
    return (high - low) / 2 if math.isfinite(high - low) else None
