"""Two tables of money: the sum that leads from GMV to profit, and buyers by month of first order."""

from __future__ import annotations

from sim.metrics import declared
from sim.report.inputs import ComparisonLike, cell, names, rows
from sim.report.numbers import numbers_of
from sim.report.tables import Row
from sim.report.words import words

STATEMENT = (
    ("gmv", ""),
    ("refunds", "-"),
    ("refunds_expected", "-"),
    ("goods_cost", "-"),
    ("platform_fees", "-"),
    ("freight_cost", "-"),
    ("order_margin", "="),
    ("ads_spend", "-"),
    ("slot_fees", "-"),
    ("commissions", "-"),
    ("samples_cost", "-"),
    ("share_rewards", "-"),
    ("community_cost", "-"),
    ("referral_rewards", "-"),
    ("distribution_commissions", "-"),
    ("live_cost", "-"),
    ("own_posts_cost", "-"),
    ("contribution_margin", "="),
    ("integrity_costs", "-"),
    ("operations", "-"),
    ("subsidies", "+"),
    ("member_fees", "+"),
    ("points_cost", "-"),
    ("donations", "-"),
    ("write_off", "-"),
    ("carried_over", "+"),
    ("profit", "="),
    ("tax", "-"),
    ("profit_after_tax", "="),
)
"""From GMV to profit after tax: what is taken off (-), added (+) and what that comes to (=)."""


def statement(comparison: ComparisonLike, lang: str) -> list[Row]:
    """The sum from GMV to profit, means over replications in whole yuan, so that it can be followed down the column."""
    n, have = numbers_of(comparison, lang), set(names(comparison.table))
    found: list[Row] = []
    if not {"order_margin", "profit"} <= have:
        return []
    for name, sign in STATEMENT:
        if name not in have and sign in ("-", "+"):
            continue
        values = [cell(comparison.table, strategy, name) for strategy in comparison.strategies]
        if not any(abs(value) >= 0.5 for value in values) and sign in ("-", "+"):
            continue
        if name == "profit_after_tax" and found[-1]["name"] != "tax":
            continue
        cells = [
            {"strategy": strategy, "mean": n.money(-value if sign == "-" else value), "note": ""}
            for strategy, value in zip(comparison.strategies, values, strict=True)
        ]
        found.append({"name": name, "label": declared(name).text(lang), "total": sign in ("", "="), "cells": cells})
    for one in found[0]["cells"]:
        given = cell(comparison.table, one["strategy"], "discounts")
        one["note"] = f"{declared('discounts').text(lang)} {n.money(given)}" if given >= 0.5 else ""
    return found


MONTH = 30
"""Days of a month of cohorts (:mod:`sim.metrics.cohorts`)."""


def cohort_tables(comparison: ComparisonLike, lang: str) -> list[Row]:
    """For each strategy, buyers by month of first order: the share active and what a buyer left, month by month.

    Only cells seen whole; ``heat`` 0..0.4 grows with the share, on one scale for all strategies.
    """
    n, w, found = numbers_of(comparison, lang), words(lang), []
    table = comparison.cohorts
    if table.empty:
        return []
    table = table[(table["cohort"] >= 0) & table["observed"] & (table["buyers"] > 0)]
    table = table.assign(share=table["active"] / table["buyers"], each=table["contribution"] / table["buyers"])
    most = table.loc[table["month"] > 0, "share"].max()  # one scale for all strategies, so that they compare
    for strategy in comparison.strategies:
        mine = rows(table, strategy=strategy)
        if mine.empty:
            continue
        heads = [w("month_n", k + 1) for k in range(int(mine["month"].max()) + 1)]
        lines = []
        for c in sorted(set(mine["cohort"].tolist())):
            own = mine[mine["cohort"] == c]
            cells = [{"head": head, "mean": "", "note": "", "heat": 0.0} for head in heads]
            for k, share, each in zip(own["month"], own["share"], own["each"], strict=True):
                cells[int(k)] |= {
                    "mean": n.value(float(share), "share"),
                    "note": n.value(float(each), "yuan"),
                    "heat": round(0.4 * float(share) / float(most), 2) if k > 0 and most > 0 else 0.0,
                }
            first = int(c) * MONTH
            size = w("n_buyers", n.count(float(own["buyers"].iloc[0])))
            lines.append({"label": w("won_in", first, first + MONTH - 1), "note": size, "cells": cells})
        found.append({"strategy": strategy, "heads": heads, "rows": lines})
    return found
