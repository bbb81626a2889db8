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
    the funded channels, and which of them are switched off. ``split``: the day's budget last granted, and its parts."""

    orders: Any
    rows: np.ndarray
    price: np.ndarray
    grouped: np.ndarray
    group_price: np.ndarray
    weights: np.ndarray
    off: np.ndarray
    split: dict[int, np.ndarray]


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
        if not hasattr(self, "granted"):
            self.granted = np.zeros(max(1, len(view.world.merchants)), np.int64)
        self.terms: dict[int, Terms] = {}

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
            self._grant(view, world, m, terms, merchant.spec.plan.total)
            silent, weekly = "community" in merchant.spec.off, orders.push_days
            view.pushes[m] = 0.0 if silent else float(sum(weekly)) if weekly else orders.pushes_per_week
            view.favours.club[m] = orders.club_discount
        if self.off[:, FRIEND].any() and len(view.inbox):
            view.inbox.keep(~self.off[view.inbox.rows["product"], FRIEND])
        if self.dark.any() and len(view.inbox):
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
        off = np.isin(FUNDED, world.scenario.merchants[m].off)
        return Terms(orders, rows, np.array(prices, np.int64), np.array(grouped, np.int64),
                     np.array(group_prices, np.int64), weights, off, {})

    def _grant(self, view: Any, world: Any, m: int, terms: Terms, total: float | None) -> None:
        today = fen(terms.orders.budget_per_day * world.scale)
        if total is not None:
            today = min(today, max(0, fen(total * world.scale) - int(self.granted[m])))
        parts = terms.split.get(today)
        if parts is None:
            terms.split.clear()
            parts = terms.split[today] = split(today, terms.weights)
        self.granted[m] += parts.sum()
        view.budget[m, :] = 0
        view.budget[m, CODES] = np.where(terms.off, 0, parts)
        view.purse[m, CODES] = np.where(terms.off, 0, view.purse[m, CODES] + parts)
