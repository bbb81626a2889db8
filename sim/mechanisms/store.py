"""Local life (到店、探店): vouchers bought on a platform, redeemed by a visit, refunded or kept when they run out.

    bought      like any product, the way to the store taken off its utility (sim.state.judgement.to_go)
    redeemed    on a day w.p. 1 - (1 - h e^(-km/decay)) (1 - hurry [last days])                        (sim.rules.store)
    visit       the order is received there and then: real quality is met, and all that follows from an experience
    beside it   a visitor sees the merchant's other products, and w.p. by satisfaction thinks of buying one
    expired     refunded (过期退), or settled to the merchant without a visit

A voucher waits in escrow like an order that has not left; nothing is sent, and what was eaten does not come back.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNEL, COUNT, NO_TOUCH, Mechanism, Scratch
from sim.rng import Stream, day_key
from sim.rules.store import goes, stroll
from sim.scenario.parameters import StoreParams
from sim.state.columns import CALLED_OFF
from sim.state.judgement import way
from sim.state.ledger import CONSUMERS, ESCROW, REASON, SUPPLIER
from sim.state.parcels import give_back
from sim.state.population import uniforms
from sim.state.records import OCCASION, PAID, SETTLED, SHIPPED
from sim.state.withheld import withheld

STORE, SEARCH = CHANNEL["store"], CHANNEL["search"]
WAITS = CALLED_OFF - 1
"""Day of release of what leaves by a visit only."""


class Store(Mechanism):
    """Vouchers and visits."""

    name = "store"
    Params = StoreParams
    reads = ("id", "region", "ledger", "experiences")
    writes = ("orders", "bills", "units", "orders_with", "first_order", "second_order", "release", "stock")
    equation = "P(go) = 1 - (1 - h e^(-km/decay)) (1 - hurry [last days])"

    def prepare(self, view: Any, day: int) -> None:
        """Vouchers: days, refunds, ways; what stands beside each product; commission by creator tier."""
        world = view.world
        vouchers = [p.voucher for m in world.scenario.merchants for p in m.products]
        self.voucher = np.array([v is not None for v in vouchers], bool)
        self.refund = np.array([v is not None and v.refund_expired for v in vouchers], bool)
        self.km = way(world)
        self.commission = np.array([tier.commission for tier in world.scenario.creators], float)
        owner, shown = world.products.merchant, ~withheld(world)[:, STORE]
        beside = [np.flatnonzero((owner == owner[p]) & (np.arange(len(owner)) != p) & shown) if v else np.zeros(0, int)
                  for p, v in enumerate(self.voucher)]
        self.first = np.concatenate([[0], np.cumsum([len(b) for b in beside])]).astype(np.int64)
        self.others = np.concatenate([*beside, np.zeros(0, int)]).astype(np.int64)
        view.release[self.voucher] = WAITS
        if not hasattr(self, "held"):
            self.held = np.zeros(0, np.int64)
            self.visits = np.zeros(0, np.int64)

    def morning(self, view: Any, day: int) -> None:
        """Some holders go; what has run out is refunded or settled."""
        p, rows = self.params, view.orders.rows
        self.visits = np.zeros(0, np.int64)
        if len(self.held) == 0:
            return
        held, products = rows[self.held], view.world.products
        product = held["product"]
        left = held["paid_day"].astype(int) + products.valid[product].astype(int) - day
        chance = goes(p.visit, self.km[np.minimum(view.region[held["consumer"]], len(self.km) - 1), product],
                      p.decay_km, p.hurry, (left < p.last_days).astype(float))
        luck = uniforms(view.seed, int(Stream.STORE_VISIT), held["key"], np.array([day + 100_000], np.uint64))[:, 0]
        going = (luck < chance) & (left >= 0)
        self._visit(view, day, self.held[going])
        void = left < 0
        self._run_out(view, self.held[void & self.refund[product]], self.held[void & ~self.refund[product]])
        self.held = self.held[~going & ~void]

    def _visit(self, view: Any, day: int, going: np.ndarray) -> None:
        """Holders of the orders ``going`` are at the store today; what is used up is billed."""
        rows, products = view.orders.rows, view.world.products
        rows["status"][going] = SHIPPED
        rows["shipped_day"][going] = rows["due_day"][going] = day
        view.orders.due.put(np.full(len(going), day, np.int16), going)
        self.visits = going
        for q, count in zip(*np.unique(rows["product"][going], return_counts=True), strict=True):
            m = int(products.merchant[q])
            view.orders.to_ship[q] -= count
            if view.stock[q] < 0:
                self._bill(view, view.ledger.merchant0 + m, SUPPLIER, int(count) * int(products.unit_cost[q]), "goods",
                           m)
        self._count(view, going, "redeemed")

    def _run_out(self, view: Any, back: np.ndarray, kept: np.ndarray) -> None:
        """Refund the orders ``back``, settle the orders ``kept`` though nobody came."""
        rows, world = view.orders.rows, view.world
        self._count(view, np.concatenate([back, kept]), "expired")
        if len(back):
            stocked = rows["product"][back]
            np.add.at(view.stock, stocked[view.stock[stocked] >= 0], 1)
            owed = give_back(rows, back, view.units, view.orders_with, (view.first_order, view.second_order),
                             view.orders.to_ship, world.products.merchant, view.tally[COUNT["cancelled"]])
            for m, fen in enumerate(owed):
                self._bill(view, ESCROW, CONSUMERS, fen, "refund", m)
        rows["status"][kept] = SETTLED
        for k in kept.tolist():
            order = rows[k]
            price, m = int(order["price"]), int(world.products.merchant[order["product"]])
            own = view.ledger.merchant0 + m
            view.orders.to_ship[order["product"]] -= 1
            touch = order["last_touch"] if order["last_touch"] != NO_TOUCH else SEARCH
            view.tally[COUNT["settled"], order["product"], touch] += price
            self._bill(view, ESCROW, own, price, "settlement", m)
            if order["platform"] < len(world.platforms.fee):
                fee = int(np.rint(price * world.platforms.fee[order["platform"]]))
                self._bill(view, own, view.ledger.platform0 + int(order["platform"]), fee, "platform_fee", m)
            if order["creator"] >= 0:
                won = int(np.rint(price * self.commission[order["creator"]]))
                self._bill(view, own, view.ledger.creator0 + int(order["creator"]), won, "commission", m)

    @staticmethod
    def _count(view: Any, orders: np.ndarray, what: str) -> None:
        rows = view.orders.rows[orders]
        touch = np.where(rows["last_touch"] == NO_TOUCH, SEARCH, rows["last_touch"])
        np.add.at(view.tally[COUNT[what]], (rows["product"], touch), 1)

    @staticmethod
    def _bill(view: Any, source: int, target: int, fen: int, reason: str, m: int) -> None:
        if fen > 0:
            view.bills.add(source, target, fen, REASON[reason], m)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Visitors look around."""
        lived = view.experiences.rows
        here = (lived["consumer"] >= lo) & (lived["consumer"] < hi) & self.voucher[lived["product"]]
        lived = lived[here]
        lived = lived[np.argsort(lived["key"])]
        if len(lived) == 0:
            return
        most = int(np.diff(self.first).max())
        need = int(scratch.filled[0]) + len(lived) + (hi - lo) * (4 * view.world.dims["C"] + view.world.dims["P"])
        if len(scratch.occasions) < need:
            scratch.occasions = np.concatenate([scratch.occasions, np.zeros(need - len(scratch.occasions), OCCASION)])
            scratch.intents = np.zeros(need, scratch.intents.dtype)
        shown, places = scratch.shown, max(1, len(view.world.platform_names))
        shown.n, scratch.filled[0] = stroll(
            lo, lived["consumer"].astype(np.int64), lived["product"].astype(np.int64), lived["satisfaction"],
            lived["key"], self.first, self.others, view.world.products.key, view.world.products.category,
            np.minimum(lived["platform"], places - 1), STORE, self.params.browse,
            day_key(view.seed, Stream.STORE_BROWSE, day), shown.room(len(lived) * most), shown.n, scratch.occasions,
            int(scratch.filled[0]))

    def evening(self, view: Any, day: int) -> None:
        """Vouchers paid today are held from now on."""
        paid = view.orders.paid
        product = view.orders.rows["product"][paid]
        fresh = paid[self.voucher[product]]
        self.held = np.concatenate([self.held, fresh[view.orders.rows["status"][fresh] == PAID]])
