"""What common seeds are worth in every scenario: variance of independent differences over that of paired ones.

    python tests/pairing.py [--people 600] [--days 30] [--replications 10] [--out docs/experiments/pairing.md]

A ratio of 3 means that independent seeds would need three times the replications for the same interval. Markets are
kept in ``results``, so that it may be interrupted. Scenarios that stand on data of one's own or on a network of a given
size are run as far as they can be made small.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from sim.contract import SimError
from sim.experiments.compare import compare
from sim.scenario import load

ROOT = Path(__file__).resolve().parents[1]


def measured(file: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """A row a strategy: the ratio of its first outcome, and of the outcome where pairing is worth most."""
    scenario = load(file, set={"market.consumers": options.people, "market.days": options.days})
    found = compare(scenario, replications=options.replications, jobs=options.jobs, out=options.results)
    table, first = found.pairing, found.outcomes[0]
    rows = []
    for strategy in table["strategy"].unique():
        mine = table[table["strategy"] == strategy].set_index("metric")
        rows.append({"scenario": file.stem, "strategy": strategy, "outcome": first, "n": int(mine.loc[first, "n"]),
                     "correlation": float(mine.loc[first, "correlation"]), "ratio": float(mine.loc[first, "ratio"]),
                     "baseline": found.baseline})  # fmt: skip
    return rows


def text(rows: list[dict[str, Any]], left: list[str], options: argparse.Namespace) -> str:
    """The page."""
    many = {r["scenario"] for r in rows if 3 <= r["ratio"] < math.inf}
    lines = [
        "# What pairing is worth", "",
        f"`python tests/pairing.py` runs every scenario small ({options.people:,} people, {options.days} days, "
        f"{options.replications} replications on common seeds) and measures, for the first outcome of each, the "
        "variance a difference to the baseline would have with independent seeds, over the variance it has with common "
        "ones. With so few replications a ratio is known to within a factor of about two; "
        "and a strategy that hardly acts in so few days shows a large one, or leaves no noise at all.", "",
        f"At least 3 in {len(many)} of {len({r['scenario'] for r in rows})} scenarios"
        + (f": {', '.join(sorted(many))}." if many else "."), "",
        "| scenario | strategy | against | outcome | n | correlation | variance ratio |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for r in rows:
        ratio = "no noise left" if math.isinf(r["ratio"]) else "-" if math.isnan(r["ratio"]) else f"{r['ratio']:.1f}"
        tie = "-" if math.isnan(r["correlation"]) else f"{r['correlation']:.2f}"
        lines.append(f"| {r['scenario']} | {r['strategy']} | {r['baseline']} | {r['outcome']} | {r['n']} | {tie} | "
                     f"{ratio} |")  # fmt: skip
    if left:
        lines += ["", "Not run: " + "; ".join(left) + "."]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> list[dict[str, Any]]:
    """Run all, print, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--replications", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", help="names of scenarios")
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    rows: list[dict[str, Any]] = []
    left = []
    for file in sorted((ROOT / "scenarios").glob("*.yaml")):
        if options.only and file.stem not in options.only:
            continue
        try:
            rows += measured(file, options)
        except (SimError, FileNotFoundError) as error:
            said = str(error).splitlines()[0].replace(f"{ROOT}/", "")
            left.append(f"{file.stem} ({said})")
        print(file.stem, [round(r["ratio"], 2) for r in rows if r["scenario"] == file.stem] or left[-1], flush=True)
        if options.out:
            options.out.write_text(text(rows, left, options), encoding="utf-8")
    return rows


if __name__ == "__main__":
    main()
