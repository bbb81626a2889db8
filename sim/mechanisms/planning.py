"""Plans into prices, terms and purses.

    price     list x (1 - discount) - coupon          rounded to fen once, when quoted
    group     price x (1 - group discount), g people, T hours
    purse     + budget of the day split over channels by the mix, until the plan's total is granted
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNEL, Mechanism, MechanismParams
from sim.state.ledger import split
from sim.state.world import fen

FUNDED = ("ads", "kol", "koc", "community")


class Planning(Mechanism):
    """What merchants ask and grant today."""

    name = "planning"
    Params = MechanismParams
    reads = ("market",)
    writes = ("price", "group_price", "group_size", "group_hours", "budget", "purse", "pushes", "orders_of")
    equation = "price = list (1-discount) - coupon"

    def prepare(self, view: Any, day: int) -> None:
        """What has been granted so far is remembered per merchant."""
        if not hasattr(self, "granted"):
            self.granted = np.zeros(max(1, len(view.world.merchants)), np.int64)

    def morning(self, view: Any, day: int) -> None:
        """Ask every merchant for the plan of the day and put it into numbers."""
        world = view.world
        view.group_price[:] = 0
        for merchant in view.market.merchants:
            orders = merchant.plan(view.market)
            view.orders_of[merchant.index] = orders
            self._prices(view, world, merchant.index, orders)
            self._grant(view, world, merchant.index, orders, merchant.spec.plan.total, day)
            view.pushes[merchant.index] = orders.pushes_per_week

    def _prices(self, view: Any, world: Any, m: int, orders: Any) -> None:
        names = [p.name for p in world.scenario.merchants[m].products]
        allowed = world.scenario.mechanisms.group_buy.enabled
        for name, p in zip(names, np.flatnonzero(world.products.merchant == m), strict=True):
            full = int(world.products.list_price[p])
            price = int(round(full * (1.0 - orders.discount)))
            if orders.coupon is not None and full >= fen(orders.coupon.min_spend):
                price = max(1, price - fen(orders.coupon.value))
            view.price[p] = price
            group = orders.group
            if group is not None and allowed and (not group.products or name in group.products):
                view.group_price[p] = max(1, int(round(price * (1.0 - group.discount))))
                view.group_size[p] = group.size
                view.group_hours[p] = group.hours

    def _grant(self, view: Any, world: Any, m: int, orders: Any, total: float | None, day: int) -> None:
        today = fen(orders.budget_per_day * world.scale)
        if total is not None:
            today = min(today, max(0, fen(total * world.scale) - int(self.granted[m])))
        weights = np.array([getattr(orders.mix, c) for c in FUNDED], float)
        view.budget[m, :] = 0
        for channel, part in zip(FUNDED, split(today, weights), strict=True):
            view.budget[m, CHANNEL[channel]] = part
            view.purse[m, CHANNEL[channel]] += part
            self.granted[m] += part
