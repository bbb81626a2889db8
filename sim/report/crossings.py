"""From place to place: where buyers first met a product, and where they ordered it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.experiments.tables import averages
from sim.report.inputs import ComparisonLike, rows
from sim.report.numbers import numbers_of


def crossing_tables(comparison: ComparisonLike, lang: str) -> list[dict[str, Any]]:
    """For each strategy a matrix: a row a place of first exposure, a column a place of order; mean orders a replication
    and their share of the row. Empty where no product has listings."""
    table = averages(getattr(comparison, "tables", {}).get("crossings", pd.DataFrame()), "met_at", "ordered_at")
    n, found = numbers_of(comparison, lang), []
    labels = _labels(comparison, lang)
    for strategy in comparison.strategies:
        mine = rows(table, strategy=strategy)
        if mine.empty:
            continue
        matrix = mine.pivot_table(index="met_at", columns="ordered_at", values="orders", aggfunc="sum", fill_value=0.0)
        heads = [labels.get(str(name), str(name)) for name in matrix.columns]
        lines = []
        for place, values in zip(matrix.index, matrix.to_numpy(float), strict=True):
            cells = [{"head": head, "mean": n.count(float(v)), "note": n.value(float(v / values.sum()), "share")}
                     for head, v in zip(heads, values, strict=True)]
            lines.append({"label": labels.get(str(place), str(place)), "cells": cells})
        found.append({"strategy": strategy, "heads": heads, "rows": lines})
    return found


def _labels(comparison: ComparisonLike, lang: str) -> dict[str, str]:
    """Platforms by name as the page calls them."""
    platforms = getattr(comparison.scenario, "platforms", None) or []
    field = "label_zh" if lang == "zh" else "label"
    return {p.name: str(getattr(p, field, "") or p.name) for p in platforms}
