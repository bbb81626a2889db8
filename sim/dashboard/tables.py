"""The parts of the page that are text: funnel, numbers, YAML, and the key to the graph. Everything is escaped."""

from __future__ import annotations

from html import escape

from sim.dashboard.charts import COLOURS, LETTERS, LOOKS
from sim.dashboard.reading import Picture
from sim.dashboard.words import Words, metric
from sim.report.numbers import Numbers
from sim.scenario.measures import METRICS


def funnel(picture: Picture, w: Words) -> str:
    """People by stage, a bar a side; lengths are shares of the largest number."""
    if not picture.sides:
        return ""
    most = max((v for side in picture.sides.values() for v in side.funnel.values()), default=0.0) or 1.0
    rows = []
    for stage in next(iter(picture.sides.values())).funnel:
        bars = "".join(
            f'<div class="bar"><i style="width:{100 * side.funnel[stage] / most:.2f}%;background:{COLOURS[key]}"></i>'
            f"<b>{side.funnel[stage]:,.0f}</b></div>" for key, side in picture.sides.items()
        )  # fmt: skip
        rows.append(f"<tr><th>{w('stage_' + stage)}</th><td>{bars}</td></tr>")
    return f'<h2>{w("funnel")}</h2><table class="funnel">{"".join(rows)}</table>'


def numbers(picture: Picture, outcomes: list[str], w: Words, lang: str, currency: str = "CNY") -> str:
    """The scenario's outcomes so far on both sides, and their difference; the exact number is on the pointer."""
    if not picture.sides:
        return ""
    heads = "".join(f'<th style="color:{LETTERS[k]}">{k} {escape(s.name)}</th>' for k, s in picture.sides.items())
    form = Numbers(lang, currency)
    rows = []
    for name in outcomes:
        known = METRICS.get(name.partition("@")[0])
        unit = known.unit if known is not None else ""
        a, b = (side.metrics.get(name, float("nan")) for side in picture.sides.values())
        cells = "".join(f'<td title="{float(value)!r}">{form.value(value, unit)}</td>' for value in (a, b))
        rows.append(f'<tr data-metric="{escape(name)}"><th>{metric(name, lang)}</th>{cells}'
                    f"<td>{form.value(b - a, unit, sign=True)}</td></tr>")  # fmt: skip
    head = f"<tr><th>{w('measure')}</th>{heads}<th>{w('difference')}</th></tr>"
    return f'<h2>{w("numbers")}</h2><table class="numbers">{head}{"".join(rows)}</table>'


def script(picture: Picture, w: Words) -> str:
    """What was changed, as YAML, and the commands that give the page's numbers again."""
    said = picture.script
    body = f"<pre>{escape(said.added)}</pre>" if said.added else f"<p>{w('yaml_none')}</p>"
    lines = escape("\n".join(said.commands))
    again = f'<p>{w("same_numbers")}</p><pre class="commands">{lines}</pre>'
    return f'<h2>{w("yaml")}</h2><div class="script"><div>{body}</div><div>{again}</div></div>'


def key(picture: Picture, people: int, w: Words) -> str:
    """What the colours of the graph mean."""
    if picture.sample is None:
        return ""
    signs = "".join(
        f'<span class="sign"><i style="background:{fill};border-color:{rim};width:{size}px;height:{size}px"></i>'
        f"{w(name)}</span>" for name, (fill, rim, size) in LOOKS.items()
    )  # fmt: skip
    head = w("graph", len(picture.sample.people), people)
    return f"<h2>{head}</h2><p>{signs}</p><p class=note>{w('graph_note')}</p>"


def status(picture: Picture, slow: bool, over: bool, w: Words) -> str:
    """Where the market stands."""
    if slow or not picture.sides:
        return f'<p class="status" role="status">{w("building")}</p>'
    share = 100 * picture.day / max(picture.days, 1)
    told = w("over") if over else w("hint") if picture.day == 0 else w("cost", 1000 * picture.seconds)
    return (
        f'<p class="status" role="status"><b>{w("day_of", picture.day, picture.days)}</b> {told}</p>'
        f'<div class="progress"><i style="width:{share:.1f}%"></i></div>'
    )
