"""Plans into prices, terms and purses.

    price     list x (1 - discount) - coupon          rounded to fen once, when quoted
    group     price x (1 - group discount), g people, T hours
    purse     + budget of the day split over channels by the mix, until the plan's total is granted
    off       a channel the merchant has switched off: purse 0, no pushes, and nothing of it is seen (D20)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNEL, Mechanism, MechanismParams, Scratch
from sim.state.ledger import split
from sim.state.withheld import withheld
from sim.state.world import fen

FUNDED = ("ads", "kol", "koc", "community")
FRIEND = CHANNEL["friend"]


class Planning(Mechanism):
    """What merchants ask and grant today."""

    name = "planning"
    Params = MechanismParams
    reads = ("market",)
    writes = ("price", "group_price", "group_size", "group_hours", "budget", "purse", "pushes", "orders_of", "inbox")
    equation = "price = list (1-discount) - coupon"

    def prepare(self, view: Any, day: int) -> None:
        """What has been granted so far is remembered per merchant; which channels are off today."""
        self.off = withheld(view.world)
        self.blank = np.argwhere(self.off)
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
            view.pushes[merchant.index] = 0.0 if "community" in merchant.spec.off else orders.pushes_per_week
        if self.off[:, FRIEND].any() and len(view.inbox):
            view.inbox.keep(~self.off[view.inbox.rows["product"], FRIEND])

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Blank what switched-off channels were about to show to the people [lo, hi)."""
        for p, channel in self.blank:
            scratch.seen[: hi - lo, p, channel] = 0

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
        off = world.scenario.merchants[m].off
        view.budget[m, :] = 0
        for channel, part in zip(FUNDED, split(today, weights), strict=True):
            self.granted[m] += part
            if channel in off:
                view.purse[m, CHANNEL[channel]] = 0
            else:
                view.budget[m, CHANNEL[channel]] = part
                view.purse[m, CHANNEL[channel]] += part
