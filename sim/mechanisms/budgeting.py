"""Merchants who move their budget to the channels whose account looks best: last-touch ROAS (末次归因).

    ROAS_c        GMV by last touch / spend, since the last decision
    w_c           <- w_c exp(rate (ROAS_c / mean ROAS - 1)), every ``every`` days; then shares of at least ``floor``

Acts for merchants with ``budgeting``. Starts from the mix of the plan; a channel of no weight there never gets any.
What is measured is not what is caused: a channel seen last before a purchase that would have come anyway looks good.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNELS, COUNT, Column, Mechanism
from sim.scenario.parameters import BudgetingParams
from sim.state.budgets import moved_weights
from sim.state.ledger import split

_GMV = COUNT["gmv"]


class Budgeting(Mechanism):
    """Budget that follows measured return."""

    name = "budgeting"
    Params = BudgetingParams
    columns = (
        Column("mix", ("M", "CH"), np.float64, "share", "Shares of the budget in force.", owner="budgeting"),
        Column("spent", ("M", "CH"), np.float64, "fen", "Spent since the last decision.", owner="budgeting"),
        Column("earned", ("M", "CH"), np.float64, "fen", "GMV by last touch since then.", owner="budgeting"),
    )
    writes = ("mix", "spent", "earned", "budget", "purse")
    equation = "w_c <- w_c exp(rate (ROAS_c/mean ROAS - 1))"

    def prepare(self, view: Any, day: int) -> None:
        """Who decides by the account."""
        self.rules = [m.budgeting for m in view.world.scenario.merchants]
        self.before = np.zeros_like(view.purse)

    def morning(self, view: Any, day: int) -> None:
        """Divide today's budget anew."""
        for m, rule in enumerate(self.rules):
            total = int(view.budget[m].sum())
            if rule is None or total == 0:
                continue
            if view.mix[m].sum() <= 0.0:
                view.mix[m] = view.budget[m] / total
            elif day % rule.every == 0 and view.spent[m].sum() > 0.0:
                view.mix[m] = moved_weights(view.mix[m], view.earned[m], view.spent[m], rule.rate, rule.floor)
                view.spent[m] = view.earned[m] = 0.0
            parts = split(total, view.mix[m])
            view.purse[m] += parts - view.budget[m]
            view.budget[m] = parts
        self.before = view.purse.copy()

    def evening(self, view: Any, day: int) -> None:
        """Read the account."""
        owner = view.world.products.merchant
        for m, rule in enumerate(self.rules):
            if rule is not None:
                view.spent[m] += self.before[m] - view.purse[m]
                view.earned[m] += view.tally[_GMV][owner == m].sum(axis=0)[: len(CHANNELS)]
