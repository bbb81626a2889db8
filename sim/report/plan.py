"""A scenario before it is run: what each strategy spends the focal merchant's budget on, by day."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from sim.report.numbers import Numbers
from sim.report.spread import channel_look
from sim.report.style import FAINT, canvas, in_style, label, legend
from sim.report.words import channel as channel_words
from sim.report.words import unit as unit_words
from sim.report.words import words

_WORDS = {
    "title": ("What {0} spends its budget on", "{0}的预算投向"),
    "free": ("budget a day", "日预算"),
}
_HATCHES = ("", "////", "....", "\\\\\\\\")


def plot_scenario(scenario: Any, kind: str = "plan", lang: str = "en") -> Figure:
    """One figure of a scenario by kind. Raises ValueError on an unknown kind, naming the known ones."""
    kinds = {"plan": plan}
    if kind not in kinds:
        near = get_close_matches(str(kind), kinds, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise ValueError(f"unknown kind of figure {kind!r}{hint}; a scenario has: {', '.join(kinds)}")
    return kinds[kind](scenario, lang=lang)


@in_style
def plan(scenario: Any, lang: str = "en") -> Figure:
    """A row a strategy: the shares of its budget by channel over the days, with the budget a day at the left."""
    names = list(scenario.strategies) or ["base"]
    who = scenario.focal or scenario.merchants[0].name
    figure, axes = canvas(_WORDS["title"][lang == "zh"].format(who), height=1.4 + 0.55 * len(names))
    n, seen = Numbers(lang, str(scenario.market.currency or "CNY")), dict[str, Any]()
    ticks = []
    for row, name in enumerate(names):
        version = scenario.for_strategy(name)
        merchant = next(m for m in version.merchants if m.name == who)
        for start, end, part in stretches(merchant.plan, version.market.days):
            top = row - 0.36
            for channel, share in part.mix.shares().items():
                if share <= 0:
                    continue
                look = seen.setdefault(channel, {"facecolor": channel_look(channel)["color"],
                                                 "hatch": _HATCHES[len(seen) // 6 % len(_HATCHES)]})  # fmt: skip
                high = 0.72 * share
                axes.add_patch(Rectangle((start, top), end - start, high, edgecolor=FAINT, linewidth=0.4, **look))
                top += high
        budget = n.value(float(merchant.plan.budget_per_day), "yuan")
        ticks.append(f"{label(name, 20, lines=1)}\n{label(budget)}")
    axes.set_yticks(range(len(names)), ticks)
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.set_xlim(0, scenario.market.days)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    per_day = words(lang)("per_day", unit_words("yuan", lang, n.currency))
    axes.set_xlabel(label(f"{words(lang)('day')} · {_WORDS['free'][lang == 'zh']}: {per_day}"))
    if seen:
        legend(figure, [Patch(edgecolor=FAINT, **look) for look in seen.values()],
               [channel_words(c, lang) for c in seen])  # fmt: skip
    return figure


def stretches(own: Any, days: int) -> list[tuple[int, int, Any]]:
    """From day, to day (excluded) and plan in force; of phases, the first whose window holds."""
    edges = {0, days}
    for phase in own.phases:
        edges |= {phase.from_day, days if phase.to_day is None else phase.to_day + 1}
    inside = sorted(day for day in edges if 0 <= day <= days)
    found = []
    for start, end in pairwise(inside):
        phase = next((p for p in own.phases if p.from_day <= start and (p.to_day is None or start <= p.to_day)), None)
        found.append((start, end, own.during(phase)))
    return found

