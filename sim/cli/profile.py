"""``sim run --profile``: where the time of one market goes, on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from sim.cli.screen import literal

if TYPE_CHECKING:
    from sim.bench.profile import Profile

LEAST = 0.001
"""Parts below this share are summed up in one line."""


def profiled(scenario: Any, strategy: str | None, seed: int, threads: int | None) -> Profile:
    """Run the market to its horizon under the clock; nothing is stored. Raises ScenarioError on an unknown strategy."""
    from sim.bench.profile import profile
    from sim.experiments.executors import share_out
    from sim.experiments.question import known
    from sim.market import Market

    if strategy is not None:
        known(scenario, strategy)
    count = share_out(1, 1, threads)[1]
    return profile(lambda: Market(scenario, strategy, seed=seed, threads=count))[0]


def show_profile(console: Console, name: str, found: Profile) -> None:
    """The parts, the longest first, and what stands apart from the days."""
    console.print(f"[bold]{literal(name)}[/bold]  {found.people:,} consumers, {found.days:,} days after the first, "
                  f"{found.threads} thread{'s' if found.threads > 1 else ''}")  # fmt: skip
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("part", "phase", "share", "ms a day", "ns a consumer-day"):
        table.add_column(head, justify="left" if head in ("part", "phase") else "right", no_wrap=True)
    rows = found.rows()
    large, small = ([row for row in rows if (row["share"] >= LEAST) == big] for big in (True, False))
    for row in large:
        table.add_row(row["name"], row["phase"], *_figures(row))
    if small:
        rest = {key: sum(row[key] for row in small) for key in ("share", "ms_a_day", "ns_a_consumer_day")}
        table.add_row(f"{len(small)} more", "", *_figures(rest), style="dim")
    table.add_section()
    table.add_row("all", "", *_figures({key: sum(row[key] for row in rows) for key in rows[0] if key not in _WORDS}),
                  style="bold")  # fmt: skip
    console.print()
    console.print(table)
    console.print(f"\nbuilding {found.build:.2f} s, first day {found.first_day:.2f} s, then {found.wall:.2f} s: "
                  f"{found.rate:,.0f} consumer-days a second; {found.busy_rate:,.0f} in a second of processor time",
                  highlight=False)  # fmt: skip
    if found.compiling > 0.05:
        console.print(f"{found.compiling:.1f} s of it went into compiling what was used for the first time: run this "
                      "once more for the usual pace", style="yellow", highlight=False)  # fmt: skip
    console.print("The table is processor time. 'engine' cuts the day into blocks and delivers messages; 'book' writes "
                  "the day down.", style="dim")  # fmt: skip


_WORDS = ("name", "phase")


def _figures(row: dict[str, float]) -> list[str]:
    return [f"{100 * row['share']:.1f} %", f"{row['ms_a_day']:.3f}", f"{row['ns_a_consumer_day']:,.1f}"]
