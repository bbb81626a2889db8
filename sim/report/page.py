"""The page: one HTML file that answers the question, needs no network and no script, and prints."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from sim.metrics import declared, in_order, split
from sim.report import accounts, assumed, doubts, glossary, groups, parties, segments, tables, why
from sim.report.crossings import crossing_tables
from sim.report.figures import page_figures
from sim.report.inputs import ComparisonLike, names, outcomes
from sim.report.remarks import remarks
from sim.report.style import looks, svg
from sim.report.verdict import answer
from sim.report.words import unit as unit_words
from sim.report.words import words

_SIGN = re.compile("([+<>\u2212])( ?)(?=\\S)")

LONGEST_YAML = 400_000
"""Characters of scenario text shown; a longer one (thousands of merchants) is cut, and says so."""


def write_report(comparison: ComparisonLike, path: str | Path, lang: str = "en") -> Path:
    """Write the comparison's page to ``path`` (it appears whole or not at all). ``lang`` is "en" or "zh"."""
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    partial = final.with_name(f"{final.name}.{os.getpid()}.part")
    partial.write_text(render_report(comparison, lang), encoding="utf-8")
    partial.replace(final)
    return final


def render_report(comparison: ComparisonLike, lang: str = "en") -> str:
    """The page as a string. Raises ValueError on a language other than "en" and "zh"."""
    if lang not in ("en", "zh"):
        raise ValueError(f"the report speaks 'en' and 'zh', not {lang!r}")
    here = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(here), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"tight": tight, "breakable": breakable}
    style = Markup((here / "page.css").read_text(encoding="utf-8"))
    return environment.get_template("template.html.j2").render(style=style, lang=lang, **_content(comparison, lang))


def tight(text: str) -> str:
    """Keep a sign with its number when lines break."""
    return _SIGN.sub(lambda found: found.group(1) + ("\u00a0" if found.group(2) else "\u2060"), text)


def breakable(name: str) -> Markup:
    """Let a long name break after an underscore rather than anywhere."""
    return escape(name).replace("_", Markup("_<wbr>"))


def _content(comparison: ComparisonLike, lang: str) -> dict[str, Any]:
    """Everything the template places, by name."""
    w, scenario = words(lang), comparison.scenario
    wanted = outcomes(comparison)
    known = assumed.parameters(comparison)
    used = [row for row in known if row["standing"] == "A"]
    have = names(comparison.table)
    money, more_money = (
        tables.measures(comparison, [m for m in wanted if m in have], lang)
        for wanted in (tables.MONEY, tables.MORE_MONEY)
    )
    by_metric = [answer(comparison, metric, lang) for metric in wanted if declared(metric).better]
    figures: dict[str, list[dict[str, Any]]] = {}
    for i, (section, name, draw) in enumerate(page_figures(comparison, lang)):
        drawn = draw()
        title = drawn.get_suptitle().replace("\\$", "$") or name
        figures.setdefault(section, []).append(
            {"name": name, "svg": Markup(svg(drawn, f"f{i}", title)), "title": title}
        )
    return {
        "w": w,
        "title": str(getattr(scenario, "name", "") or comparison.run_id),
        "question": str(getattr(scenario, "question", "") or ""),
        "description": str(getattr(scenario, "description", "") or ""),
        "subtitle": _subtitle(comparison, lang),
        "answer": by_metric[0] if by_metric else answer(comparison, None, lang),
        "also": by_metric[1:],
        "remarks": remarks(comparison, lang),
        "why": why.content(comparison, lang),
        "doubts": doubts.content(comparison, by_metric[0] if by_metric else answer(comparison, None, lang), lang),
        "segments": _section(
            segments, lang, tables=segments.tables(comparison, lang), head=segments.w("segment", lang)
        ),
        "groups": _section(groups, lang, rows=groups.rows(comparison, lang)),
        "flows": _section(parties, lang, rows=parties.rows(comparison, lang), path=parties.w("path", lang)),
        "strategies": comparison.strategies,
        "baseline": comparison.baseline,
        "looks": looks(comparison.strategies),
        "outcomes": tables.measures(comparison, wanted, lang),
        "others": tables.measures(comparison, tables.other_measures(comparison), lang),
        "best_on": tables.best_on(comparison, lang),
        "funnel": tables.funnel(comparison, lang),
        "money": money,
        "more_money": more_money,
        "statement": accounts.statement(comparison, lang),
        "channels": tables.channel_tables(comparison, lang),
        "cohorts": accounts.cohort_tables(comparison, lang),
        "crossings": crossing_tables(comparison, lang),
        "cascades": tables.cascades(comparison, lang),
        "pairing": tables.pairing(comparison, lang),
        "replications": comparison.replications,
        "figures": figures,
        "uncertain": [
            {**row, "value": assumed.plain(row["value"]), "range": assumed.span(row["range"])}
            for row in assumed.uncertain(scenario, known)
        ],
        "assumed": [{**row, "value": assumed.plain(row["value"]), "range": assumed.span(row["range"])} for row in used],
        "counts": {"assumed": len(used), "total": len(known)},
        "definitions": _definitions(comparison, lang),
        "glossary": Markup(glossary.fold(w("glossary"), lang)),
        "provenance": _provenance(comparison),
        "yaml": _yaml(comparison),
        "failures": len(getattr(comparison, "failures", None) or []),
    }


def _section(room: Any, lang: str, **parts: Any) -> dict[str, Any]:
    """Heading, note and tables of a section that a module fills; empty when its first table is."""
    filled = next(iter(parts.values()))
    return {"heading": room.w("heading", lang), "note": room.w("note", lang), **parts} if filled else {}


def _subtitle(comparison: ComparisonLike, lang: str) -> str:
    w, market = words(lang), getattr(comparison.scenario, "market", None)
    people = getattr(market, "consumers", None)
    return w(
        "subtitle",
        strategies=len(comparison.strategies),
        replications=comparison.replications,
        people=f"{people:,}" if isinstance(people, int) else w("as_in_file"),
        days=getattr(market, "days", "?"),
    )


def _definitions(comparison: ComparisonLike, lang: str) -> list[dict[str, str]]:
    """Label, unit and formula of each measure in the tables."""
    w, found = words(lang), []
    currency = str(getattr(getattr(comparison.scenario, "market", None), "currency", "CNY") or "CNY")
    for name in in_order(split(n)[0] for n in (*names(comparison.table), *names(comparison.daily))):
        metric = declared(name, daily=name not in names(comparison.table))
        extra = " ".join(
            [*([w("who", metric.who)] if metric.who else []), *([w("window", metric.window)] if metric.window else [])]
        )
        found.append(
            {
                "label": metric.text(lang),
                "unit": unit_words(metric.unit, lang, currency),
                "name": name,
                "formula": metric.formula,
                "extra": extra,
            }
        )
    return found


def _provenance(comparison: ComparisonLike) -> list[tuple[str, str]]:
    """Run id and the manifest's entries, nested ones joined by dots; long texts stay in the files beside the page."""

    def flat(prefix: str, value: Any) -> list[tuple[str, str]]:
        if isinstance(value, dict):
            return [
                pair for key, item in value.items() for pair in flat(f"{prefix}.{key}" if prefix else str(key), item)
            ]
        return [(prefix, assumed.plain(value))]

    skip = (
        "kind",
        "run_id",
        "scenario",
        "question",
        "outcomes",
        "scenario_text",
        "resolved",
        "strategies",
        "failures",
        "cells",
    )
    manifest = {key: value for key, value in (comparison.manifest or {}).items() if key not in skip}
    pairs = [("run id", comparison.run_id), ("replications", str(comparison.replications)), *flat("", manifest)]
    unique = {key: text for key, text in pairs if text and len(text) < 500}
    return list(unique.items())


def _yaml(comparison: ComparisonLike) -> str:
    write = getattr(comparison.scenario, "yaml", None)
    text = str(write()) if callable(write) else str((comparison.manifest or {}).get("scenario_text") or "")
    return (
        text
        if len(text) <= LONGEST_YAML
        else text[:LONGEST_YAML] + "\n# ... cut here: the whole text is in manifest.json"
    )
