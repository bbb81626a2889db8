"""Prices that move from the plan's: by stock, after rivals, with a platform's subsidy. And rivals who match spending.

    stock         f <- f (1 + step) when less is left than the straight line to sell_by has, f (1 - step) when more
    follow        min(plan, (1 - undercut) x yesterday's cheapest of another merchant in the category)
    bounds        unit cost x (1 + floor) <= price <= plan x ceiling
    subsidy       the buyer pays (1 - share) of it; the platform pays the rest to the merchant, and gets it back if the
                  order is returned
    match_spend   rivals' purses grow by what the focal merchant's budget exceeds theirs, in their own mix

The group price keeps its ratio to the plan's price. A subsidy holds for orders of one, wherever they are placed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import MODES, Mechanism
from sim.scenario.parameters import PricingParams
from sim.state.ledger import REASON, split
from sim.state.records import RETURNED

SOLO = MODES.index("solo")


class Pricing(Mechanism):
    """Today's price, given the plan's and yesterday's."""

    name = "pricing"
    Params = PricingParams
    reads = ("stock", "orders", "ledger")
    writes = ("price", "group_price", "budget", "purse", "bills")
    equation = "stock: f <- f (1 +- step);  follow: min(plan, (1-u) cheapest);  subsidy: platform pays share"

    def prepare(self, view: Any, day: int) -> None:
        """Rules by merchant; the factors of prices and the stock at the start live as long as the market."""
        world, p = view.world, self.params
        self.rules = [m.pricing for m in world.scenario.merchants]
        focal = world.scenario.focal
        self.focal = world.merchants.index(focal) if focal is not None else 0
        rivals = [p.rivals == "follow_price" and m != self.focal for m in range(len(world.merchants))]
        self.follows = [
            p.undercut if rival else (r.undercut if r is not None and r.rule == "follow" else None)
            for r, rival in zip(self.rules, rivals, strict=True)
        ]
        self.subsidies = [r.subsidy if r is not None else None for r in self.rules]
        self.acts = p.rivals != "hold" or any(r is not None for r in self.rules)
        if not hasattr(self, "factor"):
            self.factor = np.ones(len(world.product_names))
            self.first_stock = view.stock.copy()
            self.yesterday: np.ndarray | None = None
            self.paid: dict[int, np.ndarray] = {}
            self.payer = np.full(len(self.rules), -1)
        for m, spec in enumerate(self.subsidies):
            if spec is not None:
                self.payer[m] = world.platform_names.index(spec.platform)
        self.pays = bool((self.payer >= 0).any())

    def morning(self, view: Any, day: int) -> None:
        """Put today's price in the place of the plan's."""
        if not self.acts:
            return
        plan = view.price.copy()
        asked = plan.astype(float)
        for p, m in enumerate(view.world.products.merchant.tolist()):
            asked[p] = self._asked(view, day, p, m, plan)
        asked = np.rint(asked)
        self.yesterday = asked.copy()
        share = np.array([0.0 if s is None else s.share for s in self.subsidies])[view.world.products.merchant]
        given = np.rint(asked * share).astype(np.int64)
        view.group_price[:] = np.where(view.group_price > 0, np.maximum(1, np.rint(view.group_price * asked / plan)), 0)
        view.price[:] = asked.astype(np.int64) - given
        self.paid[day] = given
        if self.params.rivals == "match_spend":
            self._match(view)

    def _asked(self, view: Any, day: int, p: int, m: int, plan: np.ndarray) -> float:
        """Price of product p today, fen, before the subsidy."""
        world, rule, undercut = view.world, self.rules[m], self.follows[m]
        price = float(plan[p])
        floor = 0.1 if rule is None else rule.floor
        if rule is not None and rule.rule == "stock" and self.first_stock[p] > 0:
            start = max(0, int(world.products.enters[p]))
            left = self.first_stock[p] * max(0.0, 1.0 - (day - start) / max(1, rule.sell_by - start))
            if day > start and view.stock[p] > 0:
                self.factor[p] *= 1.0 + rule.step if view.stock[p] < left else 1.0 - rule.step
                lowest = min(price, world.products.unit_cost[p] * (1.0 + floor))
                self.factor[p] = min(rule.ceiling, max(lowest / price, self.factor[p]))
            price *= self.factor[p]
        elif undercut is not None and self.yesterday is not None:
            products = world.products
            others = (products.category == products.category[p]) & (products.merchant != m) & (products.enters <= day)
            others &= view.stock != 0
            if others.any():
                price = min(price, (1.0 - undercut) * float(self.yesterday[others].min()))
        return max(1.0, price, min(float(plan[p]), float(world.products.unit_cost[p]) * (1.0 + floor)))

    def _match(self, view: Any) -> None:
        """Rivals spend as much as the focal merchant, in the proportions of their own mix."""
        most = int(view.budget[self.focal].sum())
        for m in range(len(view.budget)):
            mine = int(view.budget[m].sum())
            if m != self.focal and 0 < mine < most:
                extra = split(most - mine, view.budget[m].astype(float))
                view.purse[m] += extra
                view.budget[m] += extra

    def evening(self, view: Any, day: int) -> None:
        """Platforms pay their part of today's orders, and take it back of those returned today."""
        if not self.pays:
            return
        rows = view.orders.rows
        fresh = rows[view.orders.paid]
        opened = view.orders.open_rows
        back = opened[(opened["status"] == RETURNED) & (opened["delivered_day"] == day)]
        for found, out in ((fresh, True), (back, False)):
            found = found[(found["mode"] == SOLO) & (found["sample"] == 0)]
            owner = view.world.products.merchant[found["product"]]
            part = np.array([self._part(o) for o in found], np.int64)
            for m, payer in enumerate(self.payer.tolist()):
                fen = int(part[owner == m].sum())
                if payer >= 0 and fen > 0:
                    platform, own = view.ledger.platform0 + payer, view.ledger.merchant0 + m
                    source, target, why = (platform, own, "subsidy") if out else (own, platform, "subsidy_back")
                    view.bills.add(source, target, fen, REASON[why], m)

    def _part(self, order: Any) -> int:
        """Fen of an order that the platform pays: as on the day it was placed."""
        given = self.paid.get(int(order["day"]))
        return 0 if given is None else int(given[order["product"]])


