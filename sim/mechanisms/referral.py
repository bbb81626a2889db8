"""Referral (裂变): buyers invite friends for a reward, friends open, decide and order, rewards are paid.

    invites   once a person and merchant, the day after a paid order, w.p. logit^-1(willing + a (r1 + g r2)/ref);
              each friend but one's own inviter w.p. min(1, n / such friends)
    opens     w.p. opened: an exposure in channel referral
    orders    w.p. opened x logit^-1(V(price - r2) + obligation tie), or opens and orders at a constant rate; only whom
              the merchant has not sold to counts, and of several invitations the one first answered
    paid      r1 to the inviter up to a cap, r2 to the friend: when the friend's first order settles, or (no gate) when
              the friend opens, which then no longer speaks for ordering
    bond      a referred buyer's lapse chance is x bond while the inviter stays with the merchant; by lot (``bonds``),
              that of other new buyers, for good: the arm that tells the bond from who is invited
    gift      (礼物) a buyer buys the same for a friend w.p. rate x logit^-1(V(price - r3) + obligation tie)

Orders are written as intents, rewards as bills. With constant rates this is a Galton-Watson tree whose mean is
invites x accept_rate: case V04. A friend who is a customer already is an invitation lost. Model section 7.30.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import COUNT, Column, Mechanism, Scratch
from sim.rng import Stream, day_key
from sim.scenario.parameters import ReferralParams
from sim.state import judgement
from sim.state.invitations import ASKED, FRIEND, GIFT, REFERRAL, WON, ask, decide, show
from sim.state.ledger import CONSUMERS, REASON
from sim.state.population import uniforms
from sim.state.records import INTENT, RETURNED, SETTLED, Table
from sim.state.withheld import withheld
from sim.state.world import fen

INVITED = COUNT["invited"]
BY_LOT = np.array([0x10F], np.uint64)

class Referral(Mechanism):
    """Rewarded invitations, and gifts to friends."""

    name = "referral"
    Params = ReferralParams
    columns = (
        Column("invited", ("N", "M"), np.uint8, "0/1", "Has invited friends to the merchant.", owner="referral"),
        Column("invited_by", ("N", "M"), np.int32, "row", "Who brought the person to the merchant.", -1,
               owner="referral"),
        Column("referred", ("N", "M"), np.uint8, "0/1", "Came by an invitation, or was drawn to be held like those who "
               "did.", owner="referral"),
        Column("brought", ("N", "M"), np.uint16, "people", "Friends rewarded for.", owner="referral"),
    )
    reads = ("id", "alive", "income", "orders_with", *judgement.READS, "stock", "orders", "orders_of", "ledger")
    writes = ("invited", "invited_by", "referred", "brought", "intents", "bills", "lapse_p", "owed")
    lasting = True
    equation = "P(invite) = logit^-1(willing + a (r1 + g r2)/ref);  R = invites x P(order);  referred lapse x bond"

    def prepare(self, view: Any, day: int) -> None:
        """Whose products nobody is invited to, bool[P]; invitations of today and friends won live with the market."""
        self.silent = withheld(view.world)[:, REFERRAL]
        self.tastes = judgement.tastes(view.world)
        if not hasattr(self, "won"):
            self.asked = np.zeros(0, ASKED)
            self.placed = np.zeros(0, WON)
            self.won = Table(WON, 64)
            self.first_unpaid = 0

    def morning(self, view: Any, day: int) -> None:
        """Yesterday's orders are seen, settled ones rewarded, and their buyers invite."""
        self._own(view)
        if self.params.bonds == "random":
            self._draw(view, day)
        self._reward(view)
        self._loosen(view)
        self.asked = self._invitations(view, day)
        opened = self.asked[(self.asked["opened"] == 1) & (self.asked["kind"] == FRIEND)]
        np.add.at(view.tally, (INVITED, self.asked["product"][self.asked["kind"] == FRIEND], REFERRAL), 1)
        for m, plan in enumerate(view.orders_of):
            if plan is not None and plan.referral is not None and not plan.referral.first_order_gate:
                self._register(view, m, plan.referral, opened[view.world.products.merchant[opened["product"]] == m])

    def _own(self, view: Any) -> None:
        """Find the orders that yesterday's invitations became; what was refused or held is void."""
        placed, self.placed = self.placed, np.zeros(0, WON)
        if len(placed) == 0:
            return
        rows, paid = view.orders.rows, view.orders.paid
        order = np.argsort(rows["key"][paid])
        keys = rows["key"][paid][order]
        at = np.minimum(np.searchsorted(keys, placed["key"]), max(0, len(keys) - 1))
        found = keys[at] == placed["key"] if len(keys) else np.zeros(len(placed), bool)
        won = placed[found]
        won["order"] = paid[order[at[found]]]
        won["first"] &= (view.orders_with[won["friend"], won["merchant"]] == 1).astype(np.uint8)
        new = won["first"] == 1
        friend, m = won["friend"], won["merchant"]
        view.invited_by[friend[new], m[new]] = won["inviter"][new]
        won["lapse"] = view.lapse_p[friend, m]
        by_lot = self.params.bonds == "random"
        view.referred[friend[new], m[new]] = 0 if by_lot else 1
        won["bonded"] = new & (self.params.bond < 1.0) & (not by_lot)
        tied = won["bonded"] == 1
        view.lapse_p[friend[tied], m[tied]] = np.rint(won["lapse"][tied] * self.params.bond).astype(np.uint16)
        self.won.append(won[new | (won["kind"] == GIFT)])

    def _draw(self, view: Any, day: int) -> None:
        """Hold a share of yesterday's new buyers whom nobody brought as if somebody had."""
        rows = view.orders.rows[view.orders.paid]
        who, m = rows["consumer"], view.world.products.merchant[rows["product"]]
        asks = np.array([o is not None and o.referral is not None for o in view.orders_of], bool)[m]
        new = asks & (rows["sample"] == 0) & (view.orders_with[who, m] == 1) & (view.invited_by[who, m] < 0)
        luck = uniforms(view.seed, int(Stream.REFERRED), rows["key"].copy(), BY_LOT)[:, 0]
        drawn = new & (luck < self.params.random_share)
        who, m = who[drawn], m[drawn]
        view.referred[who, m] = 1
        view.lapse_p[who, m] = np.rint(view.lapse_p[who, m] * self.params.bond).astype(np.uint16)

    def _reward(self, view: Any) -> None:
        """Bill the rewards of first orders that have settled; an order that came back earns none."""
        rows = self.won.rows[self.first_unpaid :]
        status = view.orders.rows["status"][rows["order"]]
        rows["paid"][(status == RETURNED) & (rows["paid"] == 0)] = 2
        due = np.flatnonzero((status == SETTLED) & (rows["paid"] == 0))
        rows["paid"][due] = 1
        for won in rows[due]:
            m, cap = int(won["merchant"]), self._cap(view, int(won["merchant"]))
            first = 0 if view.brought[won["inviter"], m] >= cap and won["kind"] == FRIEND else int(won["r1"])
            if won["kind"] == FRIEND and first:
                view.brought[won["inviter"], m] += 1
            self._bill(view, m, first + int(won["r2"]))
        while self.first_unpaid < len(self.won) and self.won.rows["paid"][self.first_unpaid]:
            self.first_unpaid += 1
        rows = rows[rows["paid"] == 0]
        owed = np.bincount(rows["merchant"], rows["r1"] + rows["r2"], minlength=len(view.orders_of))
        view.owed["referral"][: len(owed)] = owed.astype(np.int64)

    def _loosen(self, view: Any) -> None:
        """The bond ends with the inviter's own relation."""
        rows = self.won.rows
        gone = np.flatnonzero((rows["bonded"] == 1) & (view.alive[rows["inviter"], rows["merchant"]] == 0))
        view.lapse_p[rows["friend"][gone], rows["merchant"][gone]] = rows["lapse"][gone]
        rows["bonded"][gone] = 0

    def _register(self, view: Any, m: int, terms: Any, opened: np.ndarray) -> None:
        """Without a gate the opening of an invitation is what is paid for, once a friend."""
        cap = self._cap(view, m)
        for asked in opened:
            if view.orders_with[asked["target"], m] or view.invited_by[asked["target"], m] >= 0:
                continue
            view.invited_by[asked["target"], m] = asked["sender"]
            paid = int(view.brought[asked["sender"], m]) < cap
            view.brought[asked["sender"], m] += paid
            self._bill(view, m, paid * fen(terms.inviter_reward) + fen(terms.invitee_reward))

    @staticmethod
    def _cap(view: Any, m: int) -> int:
        plan = view.orders_of[m]
        cap = plan.referral.cap if plan is not None and plan.referral is not None else None
        return 65_535 if cap is None else int(cap)

    @staticmethod
    def _bill(view: Any, m: int, amount: int) -> None:
        if amount:
            view.bills.add(view.ledger.merchant0 + m, CONSUMERS, amount, REASON["referral"], m)

    def _rewards(self, view: Any, what: str) -> np.ndarray:
        """One reward of every merchant that has a programme today, fen float64[M]; negative without one."""
        plans = [None if o is None else o.referral for o in view.orders_of]
        return np.array([-1.0 if r is None else fen(getattr(r, what)) for r in plans], float)

    def _invitations(self, view: Any, day: int) -> np.ndarray:
        """ASKED rows of today, in the order of their targets."""
        paid, p, net, world = view.orders.paid, self.params, view.network, view.world
        inviter = self._rewards(view, "inviter_reward")
        if not p.enabled or len(paid) == 0 or not (inviter >= 0).any():
            return np.zeros(0, ASKED)
        rows = view.orders.rows
        buyers = rows["consumer"][paid]
        room = np.zeros(len(paid) + int((net.indptr[buyers + 1] - net.indptr[buyers]).sum()), ASKED)
        terms = np.column_stack([inviter, p.generosity * self._rewards(view, "invitee_reward"),
                                 self._rewards(view, "gift_reward")])
        streams = (Stream.REFER, Stream.REFERRED, Stream.OPENED, Stream.GIFT)
        n = ask(paid, rows, day, view.id, net.indptr, net.indices, net.ties, world.products.merchant, terms,
                 inviter >= 0, view.invited, view.invited_by, judgement.beliefs(view), judgement.shelf(view),
                 self.tastes, world.products.reference, p.invites, self._constant(), p.willing, p.opened, p.gift_rate,
                 p.obligation, tuple(day_key(view.seed, s, 0) for s in streams), room)
        asked = room[:n]
        asked = asked[~self.silent[asked["product"]]]
        return np.asarray(asked[np.lexsort((asked["key"], asked["target"]))])

    def _constant(self) -> float:
        return self.params.accept_rate if self.params.accept == "constant" else -1.0

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Those who open an invitation, or receive a gift, see the product."""
        start, stop = np.searchsorted(self.asked["target"], [lo, hi])
        if start < stop:
            shown = scratch.shown
            shown.n = show(self.asked, start, stop, lo, shown.room(stop - start), shown.n)

    def evening(self, view: Any, day: int) -> None:
        """Opened invitations become intents, or not; of several to one person only the first answered."""
        asked = self.asked[self.asked["opened"] == 1]
        if len(asked) == 0:
            return
        world, p = view.world, self.params
        gated = np.array([bool(o and o.referral and o.referral.first_order_gate) for o in view.orders_of])
        r1, r2, r3 = (np.maximum(0.0, self._rewards(view, f"{who}_reward")) for who in ("inviter", "invitee", "gift"))
        r1, r2 = r1 * gated, r2 * gated
        intents, which = np.zeros(len(asked), INTENT), np.zeros(len(asked), np.int64)
        n = decide(asked, day, world.products.merchant, (world.products.enters <= day) & (view.stock != 0), view.alive,
                    view.orders_with, view.income, view.price, world.scenario.mechanisms.choice.wallet_share, r2,
                    world.products.reference, judgement.beliefs(view), judgement.shelf(view), self.tastes, p.obligation,
                    day_key(view.seed, Stream.WELCOME, 0), day_key(view.seed, Stream.WELCOME, 1), intents, which)
        intents, asked = intents[:n], asked[which[:n]]
        m, gift = world.products.merchant[asked["product"]], asked["kind"] == GIFT
        turn = np.lexsort((intents["key"], intents["hour"]))
        pair = np.where(gift, -1 - np.arange(n), asked["target"].astype(np.int64) * len(view.orders_of) + m)
        _, first = np.unique(pair[turn], return_index=True)
        kept = np.sort(turn[first])
        intents, asked, m, gift = intents[kept], asked[kept], m[kept], gift[kept]
        view.intents.append(intents)
        placed = np.zeros(len(kept), WON)
        placed["key"], placed["inviter"], placed["friend"] = intents["key"], asked["sender"], asked["target"]
        placed["merchant"], placed["day"], placed["kind"] = m, day, asked["kind"]
        placed["first"] = view.orders_with[asked["target"], m] == 0
        placed["r1"], placed["r2"] = np.where(gift, r3[m], r1[m]), np.where(gift, 0.0, r2[m])
        self.placed = placed
