"""Membership and points (会员积分): who joins, which tier, what is earned, spent and owed.

    join      enrol after a paid order; the paid tier is considered w.p. offered and taken w.p.
              logit^-1(b0 + b1 (benefit - fee)/fee), again when a term ends      (sim.rules.membership)
    tier      1 basic, then by kept spending since joining; the paid one is the last
    points    earn x factor x price of an order that was kept; a point is a fen; spent at choice (sim.rules.favours)
    owed      account ``points`` = points in all hands: earning moves money there from the merchant, spending and
              lapsing move it back

What is billed here is paid the next evening, or when the market ends; so at the horizon the account is the liability.
Points laid down for an order that comes back, or that the till refused, return to their owner. Fees are income of
the day they are paid. With ``assign: random`` a share of the people is drawn into the highest free tier at the start
and nobody else joins; with ``benefits: false`` people join as ever and get nothing: the arms that tell treatment from
selection.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Column, Mechanism
from sim.rng import Stream, day_key, entity_key, name_key
from sim.rules.membership import pay_probability
from sim.scenario.parameters import MembershipParams
from sim.state.columns import NEVER
from sim.state.favours import TIERS, given_back
from sim.state.ledger import CONSUMERS, REASON
from sim.state.population import uniforms
from sim.state.records import CANCELLED, RECEIVED, RETURNED, SETTLED
from sim.state.world import fen

ONE = np.ones(1, np.uint64)


class Membership(Mechanism):
    """Members, their tiers and their points."""

    name = "membership"
    Params = MembershipParams
    columns = (
        Column("tier", ("N", "M"), np.uint8, "code", "Tier of the merchant's programme, 0 none.", owner="membership"),
        Column("enrolled", ("N", "M"), np.int16, "day", "Day of joining.", NEVER, owner="membership"),
        Column("points", ("N", "M"), np.int32, "fen", "Points in hand.", owner="membership"),
        Column("kept_spending", ("N", "M"), np.int32, "fen", "Kept orders since joining.", owner="membership"),
        Column("paid_until", ("N", "M"), np.int16, "day", "Last day of the paid term.", NEVER, owner="membership"),
        Column("stirred", ("N", "M"), np.int16, "day", "Day of the last order of a member.", NEVER, owner="membership"),
    )
    reads = ("id", "orders", "intents", "retry", "ledger", "orders_with", "first_order")
    writes = ("tier", "enrolled", "points", "kept_spending", "paid_until", "stirred", "bills", "favours")
    equation = "P(pay) = logit^-1(b0 + b1 (benefit-fee)/fee);  account points = sum of points held"

    def prepare(self, view: Any, day: int) -> None:
        """Terms by merchant and tier into the book of favours; on the first day the random members."""
        world, p = view.world, self.params
        self.plans = [merchant.plan.membership for merchant in world.scenario.merchants]
        self.top = np.zeros(max(1, len(self.plans)), np.int64)
        self.factor = np.ones((max(1, len(self.plans)), TIERS))
        book = view.favours
        book.cut[:], book.redeem[:], book.postage[:], book.least[:] = 0.0, 0.0, 0, 1
        for m, plan in enumerate(self.plans):
            if plan is None:
                continue
            ladder = [*plan.tiers, *([plan.paid] if plan.paid else [])]
            self.top[m] = 1 + len(ladder)
            self.factor[m, 2 : 2 + len(ladder)] = [tier.points for tier in ladder]
            book.postage[m, :] = fen(plan.postage)
            if p.benefits:
                book.cut[m, 2 : 2 + len(ladder)] = [tier.discount for tier in ladder]
                book.postage[m, 2 : 2 + len(ladder)] = [0 if t.free_freight else fen(plan.postage) for t in ladder]
                if plan.points:
                    book.redeem[m, 1:], book.least[m] = plan.points.redeem, fen(plan.points.least)
        book.agreed()
        if not hasattr(self, "pending"):
            self.pending = np.zeros(0, np.int64)
            self.base = np.array([name_key("membership", name) for name in world.merchants], np.uint64)
            if p.assign == "random":
                self._draw(view, day)

    def _draw(self, view: Any, day: int) -> None:
        """Members by lot, in the highest free tier."""
        luck = uniforms(view.seed, int(Stream.ENROL), view.id, self.base)
        for m, plan in enumerate(self.plans):
            if plan is not None:
                chosen = luck[:, m] < self.params.random_share
                view.tier[chosen, m] = 1 + len(plan.tiers)
                view.enrolled[chosen, m] = view.stirred[chosen, m] = day

    def evening(self, view: Any, day: int) -> None:
        """Points back, spent, earned and lapsed; new members; tiers and terms."""
        lost = given_back(view)
        owner = view.world.products.merchant
        np.add.at(view.points, (lost["consumer"], owner[lost["product"]]), lost["points"])
        rows, paid = view.orders.rows, view.orders.paid
        for m, plan in enumerate(self.plans):
            if plan is None:
                continue
            mine = paid[owner[rows["product"][paid]] == m]
            self._bill(view, m, "points_spent", int(rows["points"][mine].sum()))
            if self.params.assign == "earned":
                self._join(view, day, m, plan, rows[mine])
            view.stirred[rows["consumer"][mine], m] = day
            if plan.paid:
                self._renew(view, day, m, plan)
            if plan.points and plan.points.expire_days and day % 7 == 0:
                self._lapse(view, day, m, plan.points.expire_days)
        self._keep(view, paid)

    def _join(self, view: Any, day: int, m: int, plan: Any, orders: np.ndarray) -> None:
        """Some of those who paid an order today join; some of them the paid tier."""
        luck = uniforms(view.seed, int(Stream.ENROL), orders["key"], ONE)[:, 0] < self.params.enrol
        who = np.unique(orders["consumer"][luck])
        who = who[view.tier[who, m] == 0]
        view.tier[who, m], view.enrolled[who, m], view.stirred[who, m] = 1, day, day
        if not plan.paid:
            return
        asked = uniforms(view.seed, int(Stream.SUBSCRIBE), orders["key"], ONE)[:, 0] < self.params.offered
        who = np.unique(orders["consumer"][asked])
        self._subscribe(view, day, m, plan, who[view.tier[who, m] < self.top[m]], np.uint64(1))

    def _renew(self, view: Any, day: int, m: int, plan: Any) -> None:
        """Terms that end today are renewed, or their members go back to the tier of their spending."""
        due = np.flatnonzero((view.tier[:, m] == self.top[m]) & (view.paid_until[:, m] == day))
        if len(due):
            view.tier[due, m] = self._earned(view, m, plan, due)
            self._subscribe(view, day, m, plan, due, np.uint64(2))

    def _subscribe(self, view: Any, day: int, m: int, plan: Any, who: np.ndarray, slot: np.uint64) -> None:
        """Some of ``who`` pay for a term, as it seems worth the fee at the pace of their orders so far."""
        if len(who) == 0:
            return
        fee, orders = fen(plan.paid.fee), view.orders_with[who, m].astype(float)
        since = np.maximum(30.0, day - view.first_order[who, m].astype(float) + 1.0)
        price = np.mean([view.world.products.list_price[view.world.products.merchant == m]])
        tiers, paid = view.tier[who, m], plan.paid
        earn = plan.points.earn if plan.points else 0.0
        cuts = np.array([0.0, 0.0, *(t.discount for t in plan.tiers), paid.discount])
        free = np.array([False, False, *(t.free_freight for t in plan.tiers), paid.free_freight])
        gain = price * (cuts[-1] - cuts[tiers]) + price * earn * (paid.points - self.factor[m, tiers] * (tiers > 0))
        gain += fen(plan.postage) * (free[-1].astype(float) - free[tiers])
        chance = pay_probability(orders / since * paid.days * gain, float(fee), self.params.fee_base,
                                 self.params.fee_slope)
        base = entity_key(day_key(view.seed, Stream.SUBSCRIBE, day), self.base[m])
        luck = uniforms(int(base >> np.uint64(1)), int(Stream.SUBSCRIBE), view.id[who], np.array([slot]))[:, 0]
        taken = who[luck < chance]
        new = taken[view.tier[taken, m] == 0]
        view.enrolled[new, m] = view.stirred[new, m] = day
        view.tier[taken, m], view.paid_until[taken, m] = self.top[m], day + plan.paid.days
        if len(taken):
            view.bills.add(CONSUMERS, view.ledger.merchant0 + m, fee * len(taken), REASON["member_fee"], m)

    def _earned(self, view: Any, m: int, plan: Any, who: np.ndarray) -> Any:
        """Free tier that the spending of ``who`` leads to."""
        steps = np.array([fen(tier.spend) for tier in plan.tiers], np.int64)
        return 1 + np.searchsorted(steps, view.kept_spending[who, m], side="right")

    def _keep(self, view: Any, paid: np.ndarray) -> None:
        """Orders that were kept earn points and count for the tier; what was laid down for returned ones goes back."""
        self.pending = np.concatenate([self.pending, paid])
        orders = view.orders.rows
        status = orders["status"][self.pending]
        final = np.isin(status, (RECEIVED, RETURNED, SETTLED, CANCELLED))
        rows, status = orders[self.pending[final]], status[final]
        self.pending = self.pending[~final]
        owner = view.world.products.merchant[rows["product"]]
        for m, plan in enumerate(self.plans):
            if plan is None:
                continue
            own, back = owner == m, np.isin(status, (RETURNED, CANCELLED))
            gone, kept = rows[own & back], rows[own & ~back]
            np.add.at(view.points[:, m], gone["consumer"], gone["points"])
            self._bill(view, m, "points_earned", int(gone["points"].sum()))
            kept = kept[view.tier[kept["consumer"], m] > 0]
            who = kept["consumer"]
            np.add.at(view.kept_spending[:, m], who, kept["price"])
            free = np.unique(who[(view.tier[who, m] < self.top[m]) | (plan.paid is None)])
            if self.params.assign == "earned":
                view.tier[free, m] = self._earned(view, m, plan, free)
            if plan.points and self.params.benefits:
                won = np.rint(plan.points.earn * self.factor[m, view.tier[who, m]] * kept["price"]).astype(np.int64)
                np.add.at(view.points[:, m], who, won.astype(np.int32))
                self._bill(view, m, "points_earned", int(won.sum()))

    def _lapse(self, view: Any, day: int, m: int, days: int) -> None:
        """Points of those who have not ordered for long are void."""
        stale = (view.points[:, m] > 0) & (day - view.stirred[:, m].astype(np.int64) >= days)
        self._bill(view, m, "points_expired", int(view.points[stale, m].sum()))
        view.points[stale, m] = 0

    @staticmethod
    def _bill(view: Any, m: int, reason: str, amount: int) -> None:
        """Put ``amount`` fen aside for points earned, or take it back for points spent and lapsed."""
        own, aside = view.ledger.merchant0 + m, view.ledger.points
        source, target = (own, aside) if reason == "points_earned" else (aside, own)
        if amount > 0:
            view.bills.add(source, target, amount, REASON[reason], m)
