"""The market's book: what is written down each day, in arrays laid out before the first day.

Warm-up days leave nothing behind. Everything is kept as counts and fen;
:mod:`sim.metrics.summary` turns it into metrics.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import COUNT, COUNTERS
from sim.metrics.margins import OpenSums, open_sums, terms_of, worth_of
from sim.rules.averages import mean_trust, worth_felt
from sim.rules.packed import SHARE
from sim.state.columns import AWARE, NEVER
from sim.state.judgement import displayed
from sim.state.ledger import OWED, REASON, REASONS
from sim.state.records import RESERVED

SLOW, LARGE = 7, 50_000
"""In markets of more than LARGE people, averages over all are taken every SLOW days and held in between."""


class Book:
    """Daily records of one market: ``tally`` int64[days, COUNTERS, P, CH], ``flow`` int64[days, REASONS, M], ..."""

    def __init__(self, market: Any) -> None:
        self.market = market
        days, d = market.scenario.market.days, market.world.dims
        products, channels, merchants = d["P"], d["CH"], max(1, d["M"])
        self.dims = products, d["S"], d["K"]
        self.tally = np.zeros((days, len(COUNTERS), products, channels), np.int64)
        self.flow = np.zeros((days, len(REASONS), merchants), np.int64)
        self.cash = np.zeros((days, merchants), np.int64)
        self.worth = np.zeros((days, merchants))
        self.owed = np.zeros((days + 1, len(OWED), merchants))
        """Yuan promised for orders that are open, by reason; the last row is day -1, the opening."""
        self.mood = np.zeros((days, 3 + merchants))
        """fatigue, visits a person, notes alive, trust in each merchant."""
        self.surplus = np.zeros((days, 3))
        """Believed surplus (yuan), occasions, experienced surplus (yuan)."""
        self.shares = np.zeros((days, products), np.int64)
        self.welfare = np.zeros(2)
        self.sold_before = market.state.columns["sold"].copy()
        self.days = 0
        self.start_worth = np.zeros(merchants)
        self.start_flow = np.zeros((len(REASONS), merchants), np.int64)
        self.sold_for_good = np.zeros(products, np.int64)
        """Units of the paid orders that are closed for good."""
        self.delivered_and_back = np.zeros((2, products), np.int64)
        """Orders delivered and returned so far."""
        self.shares_before = 0
        self.first_order_row = 0
        self.first_group_row = 0
        self.earlier: dict[str, np.ndarray] = {}
        """What warm-up left in the running counts of goods and questions, by column."""
        self.bought_at = market.world.products.unit_cost.astype(float)
        """Fen that a unit of the stock on hand has cost."""
        self.world = market.world
        self.terms = [terms_of(self.world, NEVER)]
        """Prices and costs in force, a version for each time they changed."""

    def open(self) -> None:
        """The experiment starts: what warm-up left is the opening balance."""
        state = self.market.state
        state.ledger.open()
        self.owed[-1] = self._owed()
        self.start_worth = self._worth(self.owed[-1]) if self.market.scenario.market.warmup else self._opening()
        self.shares_before = len(state.table("shares"))
        self.first_order_row = len(state.table("orders"))
        self.first_group_row = len(state.table("groups"))
        self.earlier = {name: state.columns[name].copy() for name in RUNNING if name in state.columns}

    def running(self, name: str) -> np.ndarray | None:
        """A running count since day 0, by product or merchant; None where its mechanism does not act."""
        count = self.market.state.columns.get(name)
        return None if count is None else count - self.earlier.get(name, 0)

    def _opening(self) -> np.ndarray:
        """Capital brought in; stock bought before the start counts at what it cost."""
        flow = self.market.state.ledger.flow
        capital: np.ndarray = flow[REASON["capital"]] / 100.0
        return capital

    def collect(self, day: int) -> None:
        """Close the day."""
        state = self.market.state
        page = state.ledger.close_day()
        if state.world is not self.world:
            self.world = state.world
            self.terms.append(terms_of(self.world, day))
        if day < 0:
            return
        tally = state.shared["tally"]
        self.tally[day] = tally
        self.delivered_and_back += tally[_DELIVERED_AND_BACK].sum(axis=2)
        self.flow[day] = page
        self.cash[day] = state.ledger.merchant_cash()
        self.owed[day] = owed = self._owed()
        self.worth[day] = self._worth(owed)
        rows = state.table("shares").rows[self.shares_before :]
        if len(rows):
            self.shares[day] = np.bincount(rows["product"], minlength=self.shares.shape[1])
            self.shares_before += len(rows)
        self.surplus[day, :2] = self.welfare
        self.surplus[day, 2] = self.welfare[0] + self._disappointment(state)
        c = state.columns
        if day % SLOW == 0 or state.network.n <= LARGE:
            mean_trust(c["trust_good"], c["trust_bad"], self.mood[day, 3:])
            fatigue = c["fatigue"]
            self.mood[day, 0] = SHARE.step * (np.add.reduce(fatigue, dtype=float) / len(fatigue))
        else:
            self.mood[day] = self.mood[day - 1]
        self.mood[day, 2] = len(state.table("posts"))
        self.days = day + 1

    def retire(self) -> None:
        """Leave behind the orders and groups that are closed for good, once the day's books are done."""
        state = self.market.state
        gone = state.table("orders").retire()
        if len(gone):
            paid = gone["product"][(gone["sample"] == 0) & (gone["paid_day"] > NEVER)]
            self.sold_for_good += np.bincount(paid, minlength=len(self.sold_for_good))
        state.table("groups").retire()

    def _disappointment(self, state: Any) -> float:
        """Yuan by which today's experiences fell short of (or beat) what was expected."""
        lived = state.table("experiences").rows
        if len(lived) == 0:
            return 0.0
        yuan, world = np.empty(len(lived)), state.world
        n = worth_felt(lived, state.columns["sensitivity"], world.products.reference,
                       float(world.scenario.mechanisms.choice.a_p), yuan)
        return float(np.add.reduce(yuan[:n]))

    def back(self) -> np.ndarray:
        """Share of open orders thought to come back, float64[P]: the rate so far, leaning to 12 % while it is young."""
        delivered, back = self.delivered_and_back
        rate: np.ndarray = (back + 1.2) / (delivered + 10.0)
        return np.asarray(rate * self.terms[-1].returns)

    def open_orders(self) -> OpenSums:
        """Sums of the orders that are not closed."""
        return open_sums(self.market.state.table("orders").open_rows, *self.dims)

    def stock_left(self, opened: OpenSums) -> np.ndarray:
        """Units bought and not sold, int64[P]: on hand or held for open groups; 0 of what is made to order."""
        stock = self.market.state.columns["stock"]
        left: np.ndarray = np.where(stock < 0, 0, stock + opened.orders[RESERVED])
        return left

    def _owed(self) -> np.ndarray:
        """Yuan each merchant has promised and not paid, float64[OWED, M]."""
        owed = self.market.state.shared["owed"]
        return np.asarray(np.array([owed[reason] for reason in OWED]) / 100.0)

    def _worth(self, owed: np.ndarray) -> np.ndarray:
        """Yuan of each merchant, who has promised ``owed`` (:func:`sim.metrics.margins.worth_of`)."""
        state = self.market.state
        cash = state.ledger.merchant_cash()
        if len(cash) == 0:
            return self.start_worth * 0.0
        return worth_of(self.open_orders(), self.terms[-1], self.back(), self.bought_at, state.columns["stock"],
                        self.market.world.products.merchant, cash, owed)

    # -- what others ask ----------------------------------------------------------------------------------------------

    def merchant_fact(self, m: int, name: str) -> float:
        """What a merchant knows of itself: ``stock``, ``buyers``, ``members``, ``roas`` (30 days)."""
        state, world = self.market.state, self.market.world
        mine = world.products.merchant == m
        if name == "stock":
            return float(np.maximum(state.columns["stock"][mine], 0).sum())
        if name == "buyers":
            return float((state.columns["orders_with"][:, m] > 0).sum())
        if name == "members":
            return float(state.columns["member"][:, m].sum()) if "member" in state.columns else 0.0
        last = slice(max(0, self.days - 30), self.days)
        spend = self.flow[last][:, [REASON[r] for r in SPEND], m].sum()
        gmv = self.tally[last, COUNT["gmv"]][:, mine].sum()
        return float(gmv / spend) if spend else float("inf")

    def products(self) -> Any:
        """DataFrame, one row a product."""
        import pandas as pd

        state, world = self.market.state, self.market.world
        c, p = state.columns, world.products
        known = (c["flags"] & AWARE).astype(bool).sum(axis=0)
        return pd.DataFrame(
            {
                "merchant": [world.merchants[m] for m in p.merchant],
                "product": [n.split(".", 1)[1] for n in world.product_names],
                "category": [world.categories[k] for k in p.category],
                "price": c["price"] / 100.0,
                "sold": c["sold"],
                "stock": np.where(c["stock"] < 0, np.nan, c["stock"]),
                "rating": displayed(world, c)[0],
                "reviews": c["review_count"],
                "quality": p.quality,
                "aware": known,
                "buyers": (c["units"] > 0).sum(axis=0),
            },
            index=pd.Index(world.product_names, name="name"),
        )

    def tables(self) -> dict[str, Any]:
        """Everything a RunResult holds."""
        from sim.metrics.tables import tables

        return tables(self)


_DELIVERED_AND_BACK = slice(COUNT["delivered"], COUNT["returned"] + 1)

SPEND = ("ads", "slot_fee", "commission", "note_reward", "share_reward", "sample", "community", "referral",
         "distribution", "hand_over", "crm", "care", "live_host", "live_traffic", "own_posts")
"""Reasons of the ledger that are marketing spend."""

RUNNING = ("received", "made", "spoiled", "empty_days", "stock_days", "asked", "left_line", "posted",
           "posted_ai")
"""Columns that count up from the first day of warm-up."""
