"""Goods ordered again: forecast, review, lead time, sources, spoilage, tests of small batches (小单快返).

    review        every R days: order the fewest batches that bring stock + on order to S     (sim.state.replenishment)
    arrival       L days later, less what a source in an outage does not send; paid on arrival at the cost of its batch
    forecast      of paid and refused orders, exponential; days that began without stock teach nothing
    trial         judged some days after entry: below the sell-through it is never ordered again
    spoilage      a share of the stock each day, whole units; holding cost a unit and day

Acts for products with ``supply``. Stock is kept at the cost of the first day; what a batch cost above or below that is
a cost of supply (:mod:`sim.metrics.operations`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import COUNT, Column, Mechanism
from sim.rng import Stream, day_key, uniform
from sim.scenario.parameters import SupplyParams
from sim.state.ledger import REASON, SUPPLIER
from sim.state.replenishment import Forecast, arrives, critical_ratio, order_up_to, to_order, unit_cost
from sim.state.world import ALWAYS_ON_SALE, fen

_ORDERS, _REFUSED = COUNT["orders"], COUNT["refused"]


class Supply(Mechanism):
    """Stock that is ordered again."""

    name = "supply"
    Params = SupplyParams
    columns = (
        Column("on_order", ("P",), np.int64, "units", "Units ordered and not yet arrived.", owner="supply"),
        Column("received", ("P",), np.int64, "units", "Units that arrived so far.", owner="supply"),
        Column("spoiled", ("P",), np.int64, "units", "Units that spoiled so far.", owner="supply"),
        Column("short", ("P",), np.int64, "units", "Units ordered that did not come.", owner="supply"),
        Column("empty_days", ("P",), np.int64, "day", "Days on sale that began without stock.", owner="supply"),
        Column("stock_days", ("P",), np.int64, "units x day", "Sum over days of the stock.", owner="supply"),
        Column("dropped", ("P",), np.uint8, "0/1", "Failed its trial.", owner="supply"),
    )
    reads = ("price", "sold", "ledger")
    writes = ("on_order", "received", "spoiled", "short", "empty_days", "stock_days", "dropped", "stock", "bills")
    equation = "S = mu (L+R) + z sigma sqrt(L+R);  z = Phi^-1((p-c)/(p-c+o));  c(q) = c (q/q0)^-b"

    def prepare(self, view: Any, day: int) -> None:
        """Which products are supplied; orders on their way and forecasts live as long as the market."""
        world = view.world
        specs = [p.supply for m in world.scenario.merchants for p in m.products]
        self.supplied = [(p, spec) for p, spec in enumerate(specs) if spec is not None]
        if not hasattr(self, "coming"):
            self.coming: dict[int, list[tuple[int, int, float, int]]] = {}
            self.forecasts = [Forecast() for _ in specs]
            self.first_stock, self.sold_at_start = view.stock.copy(), view.sold.copy()

    def morning(self, view: Any, day: int) -> None:
        """Batches arrive, goods spoil, stock is reviewed; the day of a product without stock is counted."""
        for p, units, cost, sources in self.coming.pop(day, []):
            self._arrive(view, p, units, cost, sources)
        products = view.world.products
        for p, spec in self.supplied:
            enters = max(0, int(products.enters[p])) if products.enters[p] != ALWAYS_ON_SALE else 0
            if view.stock[p] < 0 or day < enters:
                continue
            if spec.spoils > 0.0:
                self._spoil(view, day, p, spec.spoils)
            if spec.trial is not None and day == enters + spec.trial.days:
                sold = view.sold[p] - self.sold_at_start[p]
                view.dropped[p] = sold < spec.trial.sell_through * self.first_stock[p]
            tested = spec.trial is None or day >= enters + spec.trial.days
            if tested and not view.dropped[p] and (day - enters) % spec.review_days == 0 and day > enters:
                self._review(view, day, p, spec)
            view.empty_days[p] += view.stock[p] == 0
            view.stock_days[p] += view.stock[p]
            if spec.holding > 0.0 and view.stock[p] > 0:
                m = int(products.merchant[p])
                owed = round(100.0 * spec.holding * int(view.stock[p]))
                view.bills.add(view.ledger.merchant0 + m, SUPPLIER, owed, REASON["storage"], m)
        self.began_empty = view.stock == 0

    def _arrive(self, view: Any, p: int, units: int, cost: float, sources: int) -> None:
        come = arrives(units, sources, self.params.outage)
        m = int(view.world.products.merchant[p])
        view.on_order[p] -= units
        view.received[p] += come
        view.short[p] += units - come
        view.stock[p] += come
        if come * cost > 0:
            view.bills.add(view.ledger.merchant0 + m, SUPPLIER, round(come * cost), REASON["supply"], m)

    def _spoil(self, view: Any, day: int, p: int, rate: float) -> None:
        """Whole units; the broken rest by one keyed draw of the product and day."""
        expected = rate * int(view.stock[p])
        lost = int(expected)
        lost += uniform(day_key(view.seed, Stream.SPOIL, day), view.world.products.key[p]) < expected - lost
        view.spoiled[p] += lost
        view.stock[p] -= lost

    def _review(self, view: Any, day: int, p: int, spec: Any) -> None:
        """Order up to what forecast, lead time and the worth of a unit missed or left ask for."""
        cost, scale = float(view.world.products.unit_cost[p]), view.world.scale
        level = spec.service_level
        if level is None:
            left_over = spec.review_days * (fen(spec.holding) + spec.spoils * cost)
            level = critical_ratio(float(view.price[p]), cost, left_over)
        forecast = self.forecasts[p]
        target = order_up_to(forecast.mean, forecast.sd, float(spec.lead_days + spec.review_days), level)
        units = to_order(target, float(view.stock[p] + view.on_order[p]), max(1, round(spec.batch * scale)))
        if units == 0:
            return
        each = unit_cost(cost, units / spec.sources, spec.cost_batch * scale, spec.scale_effect)
        view.on_order[p] += units
        if spec.lead_days == 0:
            self._arrive(view, p, units, each, spec.sources)
        else:
            self.coming.setdefault(day + spec.lead_days, []).append((p, units, each, spec.sources))

    def evening(self, view: Any, day: int) -> None:
        """Learn from the day's demand."""
        for p, spec in self.supplied:
            if not self.began_empty[p] and view.world.products.enters[p] <= day:
                demand = view.tally[_ORDERS, p].sum() + view.tally[_REFUSED, p].sum()
                self.forecasts[p].observe(float(demand), spec.forecast_half_life)
