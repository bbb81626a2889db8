"""The people and cascades that made the difference: tables for screen and page."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.experiments.people import TABLES
from sim.report.exploration import numbers_of

SHOWN = 10

Told = tuple[str, str, list[str], list[list[str]]]


def tables_of(comparison: Any) -> list[Told]:
    """Title, note, heads and rows: kinds of people, then single ones. Empty where it was not worked out."""
    top, kinds = (comparison.tables.get(name) for name in TABLES)
    if top is None or kinds is None or kinds.empty:
        return []
    n, strategy, base = numbers_of(comparison.manifest), kinds["strategy"].iloc[0], kinds["against"].iloc[0]
    if top.empty:
        return [(f"Orders that followed a friend's word: {strategy} less {base}",
                 "Under neither did an order follow anybody's word.", ["segment"], [])]  # fmt: skip
    kinds = pd.concat([kinds.head(1), kinds.iloc[1:][kinds.iloc[1:]["share"] > 0]])
    unit = "yuan"
    told = [
        [r["segment"], r["friends"], f"{r['people']:,}", n.value(r["difference"], unit, sign=True,
                                                               spread=(r["high"] - r["low"]) / 2),
         n.interval(r["low"], r["high"], unit, sign=True, mean=r["difference"]), f"{r['share']:.0%}"]
        for r in kinds.head(1 + SHOWN).to_dict("records")
    ]  # fmt: skip
    names = [
        [f"{r['person']} ({r['replication']})", r["segment"], f"{r['friends']:,}", f"{r['cascades']:,}",
         f"{r['reached']:,}", f"{r['direct']:,}", f"{r['downstream']:,}", n.value(r["gmv"], unit),
         n.value(r["gmv_other"], unit)]
        for r in top.sort_values("difference", ascending=False, kind="stable").head(SHOWN).to_dict("records")
    ]  # fmt: skip
    return [
        (f"Orders that followed a friend's word: {strategy} less {base}, by kind of person who spoke",
         "An order counts for everybody in the chain of words that led to it, so these sum to more than the orders.",
         ["segment", "friends", "people", "money by their word", "95 % interval", "share of it"], told),
        (f"People whose word made most of the difference between {strategy} and {base}",
         "Number of the person and, in brackets, of the replication; the same person lives under both strategies.",
         ["person", "segment", "friends", "cascades", "re-shared by", "orders, direct", "orders, downstream",
          f"money under {strategy}", f"under {base}"], names),
    ]  # fmt: skip
