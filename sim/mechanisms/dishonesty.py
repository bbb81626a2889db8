"""Fake orders and reviews (刷单), and what counterfeits (假货) save.

    fakes     f a week at an even pace, each a five-star review (or one star on a rival) and a sale that ranks
    cost      fee to the faker + freight of an empty parcel + platform fee on the price, each
    pays      margin (e^lift - 1) weeks > cost + P(found) penalty                    (sim.rules.honesty)
    saved     (1 - cost share) unit cost for each counterfeit that arrived

The money of a fake sale goes round and comes back; only its cost is billed. Goods are untouched by it: ``sold`` counts
true units, ``faked`` what ranks beside them. Counterfeits are met by their buyers in delivery. A suspended merchant
buys no fakes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Mechanism
from sim.rng import Stream, day_key, entity_key, name_key, uniform
from sim.rules.community import pushes_until
from sim.rules.honesty import fakes_pay, lift_of_fakes
from sim.scenario.parameters import DishonestyParams
from sim.state.columns import NEVER
from sim.state.judgement import DISPLAY
from sim.state.ledger import CARRIER, CONSUMERS, REASON, SUPPLIER
from sim.state.records import PRAISE, SMEAR
from sim.state.world import fen

NOBODY = -1


class Dishonesty(Mechanism):
    """Merchants' tricks."""

    name = "dishonesty"
    Params = DishonestyParams
    reads = ("rating_sum", "review_count", *DISPLAY, "sold", "price", "closed_until", "experiences", "ledger")
    writes = ("reviews", "faked", "bills")
    equation = "fakes pay when margin (e^lift - 1) weeks > cost + P(found) penalty;  Q = Q_fake w.p. counterfeit share"

    def prepare(self, view: Any, day: int) -> None:
        """Tricks in force; where the pace of each merchant's fakes starts; what last week sold."""
        world = view.world
        self.tricks = [m.tricks for m in world.scenario.merchants]
        if not hasattr(self, "buying"):
            base = day_key(view.seed, Stream.FAKE, 0)
            self.key = [name_key("fakes", name) for name in world.merchants]
            self.offset = [float(uniform(base, key)) for key in self.key]
            self.buying = [True] * len(self.tricks)
            self.sold, self.weekly = view.sold.copy(), np.zeros(len(view.sold))

    def morning(self, view: Any, day: int) -> None:
        """Count what counterfeits saved, weigh up, buy fakes."""
        view.faked *= 2.0 ** (-1.0 / self.params.sales_window)
        self._saved(view)
        if day % 7 == 0:
            self.weekly, self.sold = (view.sold - self.sold).astype(float), view.sold.copy()
            self.buying = [t.when == "always" or self._worth(view, m) for m, t in enumerate(self.tricks)]
        for m, tricks in enumerate(self.tricks):
            if tricks.fake_orders > 0 and self.buying[m] and view.closed_until[m] <= day:
                self._buy(view, day, m)

    def _saved(self, view: Any) -> None:
        lived = view.experiences.rows
        lived = lived[lived["fake"] == 1]
        products = view.world.products
        for p, count in zip(*np.unique(lived["product"], return_counts=True), strict=True):
            m = int(products.merchant[p])
            left = 1.0 - self.tricks[m].counterfeit_cost
            view.bills.add(SUPPLIER, view.ledger.merchant0 + m, round(int(count) * int(products.unit_cost[p]) * left),
                           REASON["counterfeit"], m)

    def _targets(self, view: Any, m: int) -> np.ndarray:
        """Products that merchant ``m``'s fakes speak of."""
        rival = self.tricks[m].rival
        whose = m if rival is None else view.world.merchants.index(rival)
        return np.flatnonzero(view.world.products.merchant == whose)

    def _price(self, view: Any, m: int, p: int) -> list[tuple[int, int]]:
        """Who is paid how many fen for a fake order of product ``p``."""
        world, tricks = view.world, self.tricks[m]
        paid = [(CONSUMERS, fen(tricks.fee))]
        if tricks.rival is None:
            paid.append((CARRIER, fen(world.scenario.logistics.freight)))
            if len(world.platforms.fee):
                paid.append((view.ledger.platform0, round(int(view.price[p]) * float(world.platforms.fee[0]))))
        return paid

    def _worth(self, view: Any, m: int) -> bool:
        """Whether the coming week's fakes are worth it, as the merchant can know: by its own sales and the rules."""
        world, tricks = view.world, self.tricks[m]
        mine = self._targets(view, m)
        if tricks.fake_orders <= 0 or len(mine) == 0 or tricks.rival is not None:
            return tricks.rival is not None
        scenario = world.scenario
        choice, delivery, policing = (scenario.mechanisms.choice, scenario.mechanisms.delivery,
                                      scenario.mechanisms.moderation)
        on = float(policing.enabled)
        each = tricks.fake_orders / len(mine) * (1.0 - on * policing.recall)
        gain = revenue = 0.0
        stars, weight, volume = (a / world.scale for a in (
            view.rating_sum + view.shown_stars, view.review_count + view.shown_weight,
            view.review_count + view.shown_volume))
        lifts = [lift_of_fakes(each, stars[p], weight[p], volume[p], delivery.review_prior,
                               delivery.review_prior_count, choice.b_v, choice.b_n) for p in mine]
        margin = np.maximum(view.price[mine] - world.products.unit_cost[mine], 0) / 100.0 * self.weekly[mine]
        revenue = float((view.price[mine] / 100.0 * self.weekly[mine]).sum())
        gain = float(margin.sum())
        lift = float(np.average(lifts, weights=margin)) if gain > 0 else 0.0
        cost = tricks.fake_orders * world.scale * float(np.mean([
            sum(paid for _, paid in self._price(view, m, int(p))) for p in mine])) / 100.0
        penalty = policing.fine * revenue * 30.0 / 7.0 + gain * policing.suspension / 7.0
        found = on * policing.inspections * policing.power * 7.0 / 30.0
        return bool(fakes_pay(gain, lift, self.params.weeks_ahead, cost, found, penalty))

    def _buy(self, view: Any, day: int, m: int) -> None:
        """Today's share of the week's fakes."""
        tricks, mine = self.tricks[m], self._targets(view, m)
        a_week = tricks.fake_orders * view.world.scale
        before, after = (pushes_until(float(d), a_week, self.offset[m]) for d in (day, day + 1))
        harm = tricks.rival is not None
        base = day_key(view.seed, Stream.FAKE, day)
        for k in range(before, after if len(mine) else before):
            p = int(mine[k % len(mine)])
            key = entity_key(entity_key(base, self.key[m]), np.uint64(k - before))
            view.reviews.add(key, NOBODY, m, p, day, NEVER, 1 if harm else 5, uniform(key, 0) < tricks.images,
                             SMEAR if harm else PRAISE)
            if not harm:
                view.faked[p] += 1.0
            for target, paid in self._price(view, m, p):
                view.bills.add(view.ledger.merchant0 + m, target, paid, REASON["fake_orders"], m)
