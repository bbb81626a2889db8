"""Draw the gallery of scenarios: a thumbnail each, and docs/gallery.md. ``python docs/gallery.py [NAME ...]``.

A thumbnail is profit so far by day, one small market a strategy on one seed: what the question looks like, not its
answer.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

import sim

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "docs" / "gallery"
PEOPLE = 1_500
HEAD = """\
# Scenario gallery

Every question that comes with the program, by topic. A picture shows profit so far by day under each strategy, in one
market of 1,500 people on one seed: what the question looks like. Ask for the answer with `sim compare NAME`; what each
word means is in the [glossary](glossary.md), how a scenario is written in
[scenarios/README.md](../scenarios/README.md). Made by `make gallery`.
"""


def scenarios() -> list[tuple[str, sim.Scenario]]:
    """Names and scenarios, by topic."""
    loaded = [(file.stem, sim.load(file)) for file in sorted((ROOT / "scenarios").glob("*.yaml"))]
    return sorted(loaded, key=lambda item: (item[1].topic, item[0]))


def draw(name: str, scenario: sim.Scenario) -> None:
    """The thumbnail of one scenario."""
    small = scenario
    if scenario.network.kind != "file" and scenario.orders is None:
        small = scenario.with_set({"market.consumers": PEOPLE})
    figure, axes = plt.subplots(figsize=(3.4, 2.1), constrained_layout=True)
    for strategy in scenario.strategies:
        profit = sim.Market(small, strategy=strategy, seed=1, check=False).run().daily["cumulative_profit"]
        axes.plot(profit.index, profit / 1000, lw=1.2, label=strategy.replace("_", " "))
    axes.axhline(0, color="#999", lw=0.6)
    axes.set_xlabel("day", fontsize=7)
    axes.set_ylabel("profit so far, thousand yuan", fontsize=6.5)
    axes.tick_params(labelsize=6)
    axes.legend(fontsize=5.5, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    HERE.mkdir(exist_ok=True)
    figure.savefig(HERE / f"{name}.png", dpi=110, metadata={"Software": None})
    plt.close(figure)
    print(name, flush=True)


def page(found: list[tuple[str, sim.Scenario]]) -> str:
    """The gallery as Markdown."""
    lines, topic = [HEAD], ""
    for name, scenario in found:
        if scenario.topic != topic:
            topic = scenario.topic
            lines += ["", f"## {topic}", "", "| | |", "|---|---|"]
        question = " ".join(scenario.question.split())
        arms = ", ".join(f"`{arm}`" for arm in scenario.strategies)
        picture = f"![{name}: profit so far by strategy](gallery/{name}.png)"
        title = f"**[{name}](../scenarios/{name}.yaml)** {scenario.name}"
        lines.append(f"| {picture} | {title}<br>{question}<br>{arms} |")
    return "\n".join(lines) + "\n"


def main(names: list[str]) -> None:
    """Draw the named ones, or all, and write the page."""
    plt.style.use("tableau-colorblind10")
    found = scenarios()
    for name, scenario in found:
        if not names or name in names:
            draw(name, scenario)
    (ROOT / "docs" / "gallery.md").write_text(page(found), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
