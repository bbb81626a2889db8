"""Plans into prices, terms and purses.

    price     list x (1 - discount) - coupon          rounded to fen once, when quoted
    group     price x (1 - group discount), g people, T hours
    purse     + budget of the day split over channels by the mix, until the plan's total is granted
    off       a channel the merchant has switched off: purse 0, no pushes, and nothing of it is seen (D20)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.contract import CHANNEL, Mechanism, MechanismParams, Scratch
from sim.state.exposures import table
from sim.state.ledger import split
from sim.state.withheld import unseen, withheld
from sim.state.world import fen

FUNDED = ("ads", "kol", "koc", "community", "live", "content")
FRIEND = CHANNEL["friend"]


CODES = np.array([CHANNEL[c] for c in FUNDED])


class Terms(NamedTuple):
    """What one merchant's orders come to: its products and their prices (fen), those sold to groups, and the weights of
    the funded channels, and which of them are on (0 or 1). ``daily``: fen to grant a day; ``today``: those last split,
    -1 for none."""

    orders: Any
    rows: np.ndarray
    price: np.ndarray
    grouped: np.ndarray
    group_price: np.ndarray
    weights: np.ndarray
    on: np.ndarray
    daily: int
    today: int = -1


class Planning(Mechanism):
    """What merchants ask and grant today."""

    name = "planning"
    Params = MechanismParams
    reads = ("market", "segment")
    writes = ("price", "group_price", "group_size", "group_hours", "budget", "purse", "pushes", "orders_of", "inbox",
              "favours")
    equation = "price = list (1-discount) - coupon"

    def prepare(self, view: Any, day: int) -> None:
        """What has been granted so far is remembered per merchant; which channels are off today."""
        self.off, self.dark = withheld(view.world), unseen(view.world)
        self.muted, self.blind = bool(self.off[:, FRIEND].any()), bool(self.dark.any())
        if not hasattr(self, "granted"):
            self.granted = np.zeros(max(1, len(view.world.merchants)), np.int64)
        self.terms: dict[int, Terms] = {}
        self.parts = np.zeros((len(view.budget), len(FUNDED)), np.int64)
        self.funded = np.ones_like(self.parts)

    def morning(self, view: Any, day: int) -> None:
        """Ask every merchant for the plan of the day and put it into numbers."""
        world = view.world
        view.group_price[:] = 0
        for merchant in view.market.merchants:
            m, orders = merchant.index, merchant.plan(view.market)
            view.orders_of[m] = orders
            terms = self.terms.get(m)
            if terms is None or terms.orders is not orders:
                terms = self.terms[m] = self._terms(world, m, orders)
            view.price[terms.rows] = terms.price
            if len(terms.grouped):
                view.group_price[terms.grouped] = terms.group_price
                view.group_size[terms.grouped] = orders.group.size
                view.group_hours[terms.grouped] = orders.group.hours
            self._grant(world, m, terms, merchant.spec.plan.total)
            silent, weekly = "community" in merchant.spec.off, orders.push_days
            view.pushes[m] = 0.0 if silent else float(sum(weekly)) if weekly else orders.pushes_per_week
            view.favours.club[m] = orders.club_discount
        view.budget[:] = 0
        view.budget[:, CODES] = self.parts
        view.purse[:, CODES] = (view.purse[:, CODES] + self.parts) * self.funded
        if self.muted and len(view.inbox):
            view.inbox.keep(~self.off[view.inbox.rows["product"], FRIEND])
        if self.blind and len(view.inbox):
            told = view.inbox.rows
            view.inbox.keep(~self.dark[told["product"], view.segment[told["target"]]])

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Blank what was about to be shown to the people [lo, hi) in switched-off channels or segments."""
        if self.off.any() or self.dark.any():
            shown = scratch.shown
            told = table(shown.rows)
            blank = self.off[told["product"], told["channel"]]
            blank |= self.dark[told["product"], view.segment[lo + told["row"]]]
            kept = shown.rows[~blank]
            shown.data[: len(kept)] = kept
            shown.n = len(kept)

    @staticmethod
    def _terms(world: Any, m: int, orders: Any) -> Terms:
        names = [p.name for p in world.scenario.merchants[m].products]
        rows = np.flatnonzero(world.products.merchant == m)
        group = orders.group if world.scenario.mechanisms.group_buy.enabled else None
        prices, grouped, group_prices = [], [], []
        for name, p in zip(names, rows, strict=True):
            full = int(world.products.list_price[p])
            price = int(round(full * (1.0 - orders.discount)))
            if orders.coupon is not None and full >= fen(orders.coupon.min_spend):
                price = max(1, price - fen(orders.coupon.value))
            prices.append(price)
            if group is not None and (not group.products or name in group.products):
                grouped.append(p)
                group_prices.append(max(1, int(round(price * (1.0 - group.discount)))))
        weights = np.array([getattr(orders.mix, c) for c in FUNDED], float)
        on = ~np.isin(FUNDED, world.scenario.merchants[m].off)
        return Terms(orders, rows, np.array(prices, np.int64), np.array(grouped, np.int64),
                     np.array(group_prices, np.int64), weights, on.astype(np.int64),
                     fen(orders.budget_per_day * world.scale) if weights.any() else 0)

    def _grant(self, world: Any, m: int, terms: Terms, total: float | None) -> None:
        """Fen by channel that the day's budget of merchant ``m`` comes to, into ``parts``; what is switched off has
        nothing."""
        today = terms.daily
        if total is not None:
            today = min(today, max(0, fen(total * world.scale) - int(self.granted[m])))
        self.granted[m] += today
        if terms.today != today:
            self.terms[m] = terms._replace(today=today)
            self.parts[m] = split(today, terms.weights) * terms.on
            self.funded[m] = terms.on
