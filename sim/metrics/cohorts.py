"""Cohorts: buyers by the month of their first order, followed month by month.

A month is 30 days. ``cohort`` counts months from day 0; ``month`` counts from each buyer's own first order, so month 0
is everybody's first 30 days. A cell is ``observed`` when even the cohort's last buyer has lived it to its end. Orders
of people who had bought before day 0 are cohort -1, by the month of the order: so the table sums to the run's totals.
"""

from __future__ import annotations

import numpy as np

from sim.metrics.money import Money

MONTH = 30
BEFORE = -1


def cohorts(money: Money, m: int, weight: float) -> dict[str, np.ndarray]:
    """One row a (cohort, month) of merchant ``m``: size of the cohort, buyers active, orders, what they leave before
    marketing spend (yuan), whether the cell was seen whole."""
    months = max(1, -(-money.days // MONTH))
    own = money.merchant == m
    known = money.first[own] >= 0
    cohort = np.where(known, money.first[own] // MONTH, BEFORE)
    month = np.where(known, money.age[own], money.rows["paid_day"][own].astype(np.int64)) // MONTH
    at = (cohort + 1) * months + month
    cells = (months + 1) * months
    buyers = np.unique(np.stack([at, money.rows["consumer"][own]]), axis=1)[0] if own.any() else np.zeros(0, int)
    first = money.market.state.columns["first_order"][:, m].astype(np.int64)
    won = np.bincount(first[first >= 0] // MONTH, minlength=months)[:months]
    size = np.concatenate([[np.unique(money.rows["consumer"][own][~known]).size], won])
    row, column = np.divmod(np.arange(cells), months)
    begins = row - 1
    exists = (begins < 0) | (begins + column < months)
    last_first = np.minimum((begins + 1) * MONTH, money.days) - 1
    observed = np.where(begins < 0, (column + 1) * MONTH <= money.days, last_first + (column + 1) * MONTH <= money.days)
    return {
        "cohort": begins[exists],
        "month": column[exists],
        "buyers": size[row][exists] * weight,
        "active": np.bincount(buyers, minlength=cells)[exists] * weight,
        "orders": np.bincount(at, minlength=cells)[exists] * weight,
        "contribution": np.bincount(at, money.margin[own], minlength=cells)[exists] * weight,
        "observed": observed[exists],
    }
