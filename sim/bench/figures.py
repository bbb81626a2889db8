"""The figures of the performance book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from sim.report.style import FAINT, LINES, MARKERS, OKABE_ITO, WIDTH, canvas, in_style, legend

MOST = 7
"""Parts named in the figure of time; the others are one bar."""


@in_style
def scaling(cases: list[dict[str, Any]]) -> Figure:
    """Million consumer-days a second against the number of consumers, a line for each number of threads."""
    figure, axes = canvas("Consumer-days a second by size of the market")
    handles: list[Any] = []
    texts: list[str] = []
    threads = sorted({case["threads"] for case in cases})
    for k, count in enumerate(threads):
        mine = sorted((c for c in cases if c["threads"] == count), key=lambda c: int(c["consumers"]))
        people = [c["consumers"] for c in mine]
        axes.vlines(people, [c["least"] / 1e6 for c in mine], [c["most"] / 1e6 for c in mine], color=OKABE_ITO[k],
                    linewidth=3, alpha=0.3)  # fmt: skip
        look = {"color": OKABE_ITO[k], "marker": MARKERS[k], "linestyle": LINES[k]}
        handles += axes.plot(people, [c["rate"] / 1e6 for c in mine], **look)
        texts.append(f"{count} thread{'s' if count > 1 else ''}, on the clock")
        if count == 1:
            look = {"color": OKABE_ITO[2], "marker": MARKERS[2], "linestyle": LINES[2]}
            handles += axes.plot(people, [c["busy_rate"] / 1e6 for c in mine], **look)
            texts.append("1 thread, processor time")
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("consumers")
    axes.set_ylabel("million a second")
    legend(figure, handles, texts)
    return figure


@in_style
def spent(cases: list[dict[str, Any]]) -> Figure:
    """Nanoseconds a consumer-day by part, a bar for each size, on one thread."""
    figure, axes = canvas("Where a consumer-day goes, one thread")
    fewest = min(c["threads"] for c in cases)
    mine = sorted((c for c in cases if c["threads"] == fewest), key=lambda c: int(c["consumers"]))
    by_case = [by_name(case["parts"]) for case in mine]
    most = {name: max(case.get(name, 0.0) for case in by_case) for parts in by_case for name in parts}
    names = sorted(most, key=lambda name: -most[name])[:MOST]
    left = [0.0] * len(mine)
    handles = []
    for k, name in enumerate([*names, "all others"]):
        widths = [sum(v for n, v in b.items() if n not in names) if name == "all others" else b.get(name, 0.0)
                  for b in by_case]  # fmt: skip
        color = FAINT if name == "all others" else OKABE_ITO[k % len(OKABE_ITO)]
        handles.append(axes.barh(range(len(mine)), widths, left=left, color=color, height=0.6))
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axes.set_yticks(range(len(mine)), [f"{case['consumers']:,}" for case in mine])
    axes.grid(axis="y", visible=False)
    axes.set_ylabel("consumers")
    axes.set_xlabel("ns a consumer-day")
    legend(figure, handles, [*names, "all others"])
    return figure


@in_style
def memory(groups: Mapping[str, Mapping[str, float]]) -> Figure:
    """Bytes a consumer of every column that has a row for each, and of the network."""
    sizes = {**groups["columns"], **{f"network: {k}": v for k, v in groups["network"].items()}}
    names = sorted((n for n in sizes if sizes[n] >= 0.5), key=lambda n: sizes[n])
    figure, axes = canvas("Bytes a consumer", height=0.2 * len(names) + 1.0, width=WIDTH)
    axes.barh(names, [sizes[n] for n in names], color=OKABE_ITO[0], height=0.7)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", labelsize=8)
    axes.set_xlabel("bytes")
    return figure


def by_name(parts: list[dict[str, Any]]) -> dict[str, float]:
    """Nanoseconds a consumer-day of each part, its phases together."""
    total: dict[str, float] = {}
    for part in parts:
        total[part["name"]] = total.get(part["name"], 0.0) + part["ns_a_consumer_day"]
    return total
