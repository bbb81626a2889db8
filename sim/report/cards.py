"""Objects that show themselves: short HTML for a notebook, built from what the object already knows, without running.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape
from typing import Any

from sim.metrics import declared
from sim.report.numbers import Numbers, numbers_of

_STYLE = (
    "<style>.sim-card{max-width:60em;font-size:.95em;line-height:1.45}.sim-card table{border-collapse:collapse}"
    ".sim-card th,.sim-card td{text-align:left;padding:2px 14px 2px 0;vertical-align:top}"
    ".sim-card small{opacity:.75}</style>"
)


def _card(title: str, kind: str, lead: str, parts: Iterable[str]) -> str:
    head = f"<strong>{escape(title)}</strong> <small>{escape(kind)}</small>"
    said = f"<p>{escape(lead)}</p>" if lead else ""
    return f'{_STYLE}<div class="sim-card">{head}{said}{"".join(parts)}</div>'


def _pairs(rows: Iterable[tuple[str, Any]]) -> str:
    """A table of names and values; what is empty is left out."""
    told = [(name, value) for name, value in rows if value not in ("", None)]
    body = "".join(f'<tr><th scope="row">{escape(str(n))}</th><td>{escape(str(v))}</td></tr>' for n, v in told)
    return f"<table>{body}</table>"


def _grid(heads: list[str], rows: Iterable[list[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(c)}</td>" for c in rest)}</tr>'
        for first, *rest in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def scenario(made: Any) -> str:
    """A scenario: its question, its market, who sells what, its strategies and what is uncertain."""
    market = made.market
    people = f"{market.consumers:,}" if market.consumers else "as in the file of the network"
    sells = [f"{m.name}: {', '.join(p.name for p in m.products)}" for m in made.merchants]
    rows = [
        ("people", people), ("days", market.days), ("platforms", ", ".join(p.name for p in made.platforms)),
        ("merchants", "; ".join(sells[:6]) + ("; …" if len(sells) > 6 else "")),
        ("strategies", ", ".join(made.strategies) or "none"), ("outcomes", ", ".join(made.outcomes)),
        ("uncertain", ", ".join(made.uncertainties)), ("in force", made.strategy or ""),
    ]  # fmt: skip
    return _card(made.name, "scenario", made.question or made.description or "", [_pairs(rows)])


def market(made: Any) -> str:
    """A market: how far it has come, and what its products have done."""
    n = Numbers("en", str(made.scenario.market.currency or "CNY"))
    told = f"day {made.day} of {made.scenario.market.days}, {len(made.consumers):,} people, seed {made.seed}"
    rows = [
        [str(name), n.value(float(p["price"]), "yuan"), n.count(float(p["sold"])), n.count(float(p["buyers"])),
         n.value(float(p["rating"]), "stars")]
        for name, p in made.products.head(12).iterrows()
    ]  # fmt: skip
    grid = _grid(["product", "price", "sold", "buyers", "rating"], rows)
    return _card(made.scenario.name, f"market under {made.strategy!r}", told, [grid])


def run(result: Any) -> str:
    """A run: its outcomes, in their units."""
    n = _numbers(result.scenario)
    wanted = list(getattr(result.scenario, "outcomes", None) or []) or ["profit", "gmv", "new_buyers", "trust"]
    rows = []
    for name in wanted:
        value = result.outcome(name)
        if math.isfinite(value):
            rows.append([declared(name).label, n.value(value, declared(name).unit), name])
    told = f"seed {result.meta.get('seed')}, {result.meta.get('days')} days, {result.meta.get('consumers')} people"
    hint = "<small>.plot(kind), .to_frame(), .explain(metric)</small>"
    return _card(str(result.meta.get("scenario")), f"run of {result.strategy!r}", told,
                 [_grid(["outcome", "value", "name"], rows), hint])  # fmt: skip


def comparison(found: Any) -> str:
    """A comparison: the answer in a sentence, then every outcome with its interval."""
    from sim.report.inputs import cell
    from sim.report.verdict import answer

    n, rows = numbers_of(found, "en"), []
    for name in found.outcomes:
        metric = declared(name)
        cells = []
        for strategy in found.strategies:
            mean, low, high = (cell(found.table, strategy, name, part) for part in ("mean", "low", "high"))
            half = (high - low) / 2 if math.isfinite(high - low) else None
            span = n.interval(low, high, metric.unit, mean=mean) if half else ""
            cells.append(n.value(mean, metric.unit, spread=half) + (f" ({span})" if span else ""))
        rows.append([metric.label, *cells])
    grid = _grid(["mean (95% interval)", *found.strategies], rows)
    hint = f"<small>{found.replications} paired replications, baseline {escape(found.baseline)}</small>"
    return _card(found.manifest["scenario"], "comparison", answer(found).sentence, [grid, hint])


def network(made: Any) -> str:
    """A network: people, ties, communities, and how friends are spread over people."""
    degree = made.degree
    spread = f"{degree.min()} to {degree.max()}, median {sorted(degree)[len(degree) // 2]}" if made.n else "none"
    rows = [
        ("people", f"{made.n:,}"), ("ties", f"{made.edges:,}"),
        ("friends a person", f"{made.mean_degree:.2f} ({spread})"),
        ("communities", f"{made.communities:,}"), ("from", made.report.get("generator") or made.report.get("kind", "")),
        ("notes", "; ".join(made.report.get("notes") or [])),
    ]  # fmt: skip
    lead = "everybody knows everybody; no tie is stored" if made.well_mixed else ""
    return _card("Network", "who knows whom", lead, [_pairs(rows)])


def _numbers(scenario: Any) -> Numbers:
    return Numbers("en", str(getattr(getattr(scenario, "market", None), "currency", "CNY") or "CNY"))
