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
    """What one merchant's orders come to: its products and their prices (fen), the weights of the funded channels, and
    which of them are on (0 or 1). ``daily``: fen to grant a day; ``total``: fen to grant in all, None for no end."""

    orders: Any
    rows: np.ndarray
    price: np.ndarray
    weights: np.ndarray
    on: np.ndarray
    daily: int
    total: int | None


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
        world = view.world
        off, dark = withheld(world), unseen(world)
        self.off, self.dark, self.blanks = off, dark, bool(off.any() or dark.any())
        self.no_friends = ~off[:, FRIEND] if off[:, FRIEND].any() else None
        self.seen = ~dark if dark.any() else None
        count = max(1, len(world.merchants))
        if not hasattr(self, "granted"):
            self.granted = np.zeros(count, np.int64)
        self.terms: list[Terms | None] = [None] * len(world.merchants)
        self.owned = [np.flatnonzero(world.products.merchant == m) for m in range(len(world.merchants))]
        self.group_price = np.zeros_like(view.group_price)
        self.today, self.pushes, self.club = np.zeros(count, np.int64), np.zeros(count), np.zeros(count)
        self.parts = np.zeros_like(view.budget)
        self.funded = np.ones_like(view.purse)

    def morning(self, view: Any, day: int) -> None:
        """Ask every merchant for the plan of the day and put it into numbers."""
        market = view.market
        for merchant in market.merchants:
            m, orders = merchant.index, merchant.plan(market)
            view.orders_of[m] = orders
            terms = self.terms[m]
            if terms is None or terms.orders is not orders:
                terms = self._read(view, m, orders)
            view.price[terms.rows] = terms.price  # who is asked next may look at it
            if terms.total is not None:
                self._split(m, terms, min(terms.daily, max(0, terms.total - int(self.granted[m]))))
        view.group_price[:] = self.group_price
        view.pushes[:] = self.pushes[: len(view.pushes)]
        view.favours.club[:] = self.club[: len(view.favours.club)]
        self.granted += self.today
        view.budget[:] = self.parts
        view.purse += self.parts
        view.purse *= self.funded
        self._withhold(view)

    def _withhold(self, view: Any) -> None:
        """What friends would tell in a channel or segment that is switched off is not told."""
        if self.no_friends is not None and len(view.inbox):
            view.inbox.keep(self.no_friends[view.inbox.rows["product"]])
        if self.seen is not None and len(view.inbox):
            told = view.inbox.rows
            view.inbox.keep(self.seen[told["product"], view.segment[told["target"]]])

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Blank what was about to be shown to the people [lo, hi) in switched-off channels or segments."""
        if self.blanks:
            shown = scratch.shown
            told = table(shown.rows)
            blank = self.off[told["product"], told["channel"]]
            blank |= self.dark[told["product"], view.segment[lo + told["row"]]]
            kept = shown.rows[~blank]
            shown.data[: len(kept)] = kept
            shown.n = len(kept)

    def _read(self, view: Any, m: int, orders: Any) -> Terms:
        """New orders of merchant ``m`` in numbers; its groups, messages and part of the budget are kept as well."""
        world, spec, rows = view.world, view.world.scenario.merchants[m], self.owned[m]
        group = orders.group if world.scenario.mechanisms.group_buy.enabled else None
        prices = []
        self.group_price[rows] = 0
        for name, p in zip([p.name for p in spec.products], rows.tolist(), strict=True):
            full = int(world.products.list_price[p])
            price = int(round(full * (1.0 - orders.discount)))
            if orders.coupon is not None and full >= fen(orders.coupon.min_spend):
                price = max(1, price - fen(orders.coupon.value))
            prices.append(price)
            if group is not None and (not group.products or name in group.products):
                self.group_price[p] = max(1, int(round(price * (1.0 - group.discount))))
                view.group_size[p], view.group_hours[p] = group.size, group.hours
        silent, weekly, total = "community" in spec.off, orders.push_days, spec.plan.total
        self.pushes[m] = 0.0 if silent else float(sum(weekly)) if weekly else orders.pushes_per_week
        self.club[m] = orders.club_discount
        weights = np.array([getattr(orders.mix, c) for c in FUNDED], float)
        self.funded[m, CODES] = on = (~np.isin(FUNDED, spec.off)).astype(np.int64)
        terms = self.terms[m] = Terms(
            orders, rows, np.array(prices, np.int64), weights, on,
            fen(orders.budget_per_day * world.scale) if weights.any() else 0,
            None if total is None else fen(total * world.scale))
        self.today[m] = -1
        self._split(m, terms, terms.daily)
        return terms

    def _split(self, m: int, terms: Terms, today: int) -> None:
        """Fen by channel that ``today``'s budget of merchant ``m`` comes to; what is switched off has nothing."""
        if today != self.today[m]:
            self.today[m] = today
            self.parts[m, CODES] = split(today, terms.weights) * terms.on
