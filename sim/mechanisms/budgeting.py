"""Merchants who move their budget to the channels that pay: by last touch (末次归因), or by experiment (留出实验).

    last touch    earned_c = GMV whose last touch was c
    experiment    a share h of people (or regions, or days) is not reached by c, by lot, anew every ``hold_days``;
                  earned_c = reached people-days x (GMV a reached people-day - GMV a held-out people-day), at least 0
    ROAS_c        earned_c / spend, since the last decision (by experiment: with what ``memory`` leaves of the evidence)
    w_c           <- w_c exp(rate (ROAS_c / mean ROAS - 1)), every ``every`` days; then shares of at least ``floor``

Acts for merchants with ``budgeting``. Starts from the mix of the plan; a channel of no weight there never gets any.
By last touch, what is measured is not what is caused: a channel seen last before a purchase that would have come anyway
looks good. The experiment knows only who bought and who was held out, and is as noisy as that is. Ads that a person is
not shown are not paid for. What friends pass on reaches the held-out too, and is lost to the measurement.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, CHANNELS, COUNT, Column, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, uniform
from sim.rules.exposure import channel_of, count_of, platform_of, product_of, row_of
from sim.scenario.parameters import BudgetingParams
from sim.state.budgets import moved_weights
from sim.state.ledger import split

_GMV = COUNT["gmv"]
ADS = CHANNEL["ads"]
TESTED = ("ads", "kol", "koc", "community")
"""Channels that can be held out person by person."""
_CODES = [CHANNEL[c] for c in TESTED]
REACHED, HELD = 0, 1


@njit(nogil=True, cache=True)
def held_out(units: Any, base: Any, slots: Any, share: float) -> Any:
    """uint8[n, len(slots)], 1 where the unit (uint64[n]) is held out of the channel (uint64 key)."""
    out = np.empty((len(units), len(slots)), np.uint8)
    for x in range(len(units)):
        who = entity_key(base, units[x])
        for c in range(len(slots)):
            out[x, c] = uniform(who, slots[c]) < share
    return out


@njit(nogil=True, cache=True, _nrt=False)
def _blank(words: Any, mine: Any, column: Any, held: Any, segment: Any, ads: int, ad_shown: Any) -> int:
    """Drop what the held-out were about to see of the products ``mine`` (0/1); how many words are left.

    ``column`` int[CH]: place of a channel in ``held`` [rows, tested], -1 none; an ad not shown is not counted.
    """
    n = 0
    for x in range(len(words)):
        w = words[x]
        p, c = product_of(w), channel_of(w)
        if mine[p] and column[c] >= 0 and held[row_of(w), column[c]]:
            if c == ads:
                ad_shown[platform_of(w), segment[row_of(w)], p] -= count_of(w)
            continue
        words[n] = w
        n += 1
    return n


class Budgeting(Mechanism):
    """Budget that follows measured return."""

    name = "budgeting"
    Params = BudgetingParams
    columns = (
        Column("mix", ("M", "CH"), np.float64, "share", "Shares of the budget in force.", owner="budgeting"),
        Column("spent", ("M", "CH"), np.float64, "fen", "Spent since the last decision.", owner="budgeting"),
        Column("earned", ("M", "CH"), np.float64, "fen", "GMV measured since then, by last touch or experiment.",
               owner="budgeting"),
    )
    reads = ("id", "segment", "region", "orders")
    writes = ("mix", "spent", "earned", "budget", "purse")
    equation = "w_c <- w_c exp(rate (ROAS_c/mean ROAS - 1))"

    def prepare(self, view: Any, day: int) -> None:
        """Who decides by the account, and who by experiment."""
        world = view.world
        self.rules = [m.budgeting for m in world.scenario.merchants]
        self.ruled = any(rule is not None for rule in self.rules)
        self.before = np.zeros_like(view.purse)
        self.testers = [m for m, rule in enumerate(self.rules) if rule is not None and rule.by == "experiment"]
        self.slots = {m: np.array([name_key(world.merchants[m], c) for c in TESTED], np.uint64) for m in self.testers}
        self.mine = {m: (world.products.merchant == m).astype(np.uint8) for m in self.testers}
        self.column = np.full(len(CHANNELS), -1)
        self.column[_CODES] = range(len(TESTED))
        self.places = np.array([name_key("region", r.name) for r in world.scenario.logistics.regions], np.uint64)
        if not hasattr(self, "arms"):
            self.arms = np.zeros((len(self.rules), len(TESTED), 2, 2))
            """By merchant, channel, and reached or held out: people-days, and fen of GMV."""
            self.counted: dict[int, tuple[int, np.ndarray]] = {}

    def morning(self, view: Any, day: int) -> None:
        """Divide today's budget anew."""
        if not self.ruled:
            return
        for m, rule in enumerate(self.rules):
            total = int(view.budget[m].sum()) if rule is not None else 0
            if rule is None or total == 0:
                continue
            if view.mix[m].sum() <= 0.0:
                view.mix[m] = view.budget[m] / total
            elif day % rule.every == 0 and view.spent[m].sum() > 0.0:
                view.mix[m] = moved_weights(view.mix[m], view.earned[m], view.spent[m], rule.rate, rule.floor)
                kept = rule.memory if rule.by == "experiment" else 0.0
                view.spent[m] *= kept
                view.earned[m] *= kept
                self.arms[m] *= kept
            parts = split(total, view.mix[m])
            view.purse[m] += parts - view.budget[m]
            view.budget[m] = parts
        self.before = view.purse.copy()

    def _held(self, view: Any, day: int, m: int, lo: int, hi: int) -> np.ndarray:
        """uint8[hi - lo, tested], whom merchant ``m`` holds out of what today."""
        rule = self.rules[m]
        if rule.unit == "day":
            units, period = np.full(hi - lo, day, np.int64).astype(np.uint64), 0
        else:
            period = day // rule.hold_days
            known = rule.unit == "region" and len(self.places)
            units = self.places[view.region[lo:hi]] if known else view.id[lo:hi]
        return np.asarray(held_out(units, day_key(view.seed, Stream.HOLD_OUT, period), self.slots[m], rule.hold_out))

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """The held-out do not see what they were about to see."""
        for m in self.testers:
            if scratch.shown.n:
                scratch.shown.n = _blank(scratch.shown.rows, self.mine[m], self.column,
                                         self._held(view, day, m, lo, hi), view.segment[lo:hi], ADS, scratch.ad_shown)

    def evening(self, view: Any, day: int) -> None:
        """Read the account."""
        if not self.ruled:
            return
        owner = view.world.products.merchant
        for m, rule in enumerate(self.rules):
            if rule is None:
                continue
            view.spent[m] += self.before[m] - view.purse[m]
            last_touch = view.tally[_GMV][owner == m].sum(axis=0)[: len(CHANNELS)]
            if rule.by == "experiment":
                self._measure(view, day, m)
                last_touch = np.where(self.column >= 0, 0, last_touch)
            view.earned[m] += last_touch

    def _measure(self, view: Any, day: int, m: int) -> None:
        """Add today's people-days and GMV to the arms, and work out what each channel has added."""
        rule, people = self.rules[m], len(view.id)
        period = day if rule.unit == "day" else day // rule.hold_days
        if self.counted.get(m, (None,))[0] != period:
            held = self._held(view, day, m, 0, people).sum(axis=0, dtype=np.int64)
            self.counted[m] = (period, held)
        held = self.counted[m][1]
        rows = view.orders.rows[view.orders.paid]
        rows = rows[(view.world.products.merchant[rows["product"]] == m) & (rows["sample"] == 0)]
        out = self._held(view, day, m, 0, people)[rows["consumer"]] if len(rows) else np.zeros((0, len(TESTED)))
        price = rows["price"].astype(float)[:, None]
        self.arms[m, :, HELD, 0] += held
        self.arms[m, :, REACHED, 0] += people - held
        self.arms[m, :, HELD, 1] += (price * out).sum(axis=0)
        self.arms[m, :, REACHED, 1] += (price * (1.0 - out)).sum(axis=0)
        days, gmv = self.arms[m, :, :, 0], self.arms[m, :, :, 1]
        each = gmv / np.maximum(days, 1.0)
        added = np.where((days > 0).all(axis=1), (each[:, REACHED] - each[:, HELD]) * days[:, REACHED], 0.0)
        view.earned[m, _CODES] = np.maximum(0.0, added)


__all__ = ["Budgeting", "held_out"]
