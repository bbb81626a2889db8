"""Distribution (分销): buyers sell to friends for a commission, and recruit; leaders (团长) do it as work.

    joins     after a paid order, w.p. logit^-1(willing + a l1 price/ref); under the seller through whose link he bought
    leaders   signed up before anybody buys: of each community, in keyed order, the person of most friends
    links     a distributor sends one w.p. posts_per_week/7 a day; a friend sees it w.p. attention x tie, an exposure in
              channel distribution; each link makes him mute the sender for good w.p. mute
    earns     l1 of an order whose last touch was his link, or which joined his group by his invitation; whoever
              recruited him l2; nobody above. Due lag_days after the order settles; a return earns nothing

Two levels are paid; recruiting goes deeper, and how deep it goes is reported (compliance). Model section 7.32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Column, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, uniform
from sim.rules.exposure import word
from sim.rules.referral import links_seen_before_mute, take_probability
from sim.rules.utility import price_sensitivity
from sim.scenario.parameters import DistributionParams
from sim.state import judgement
from sim.state.ledger import CONSUMERS, REASON
from sim.state.records import RETURNED, SETTLED, Calendar, Table
from sim.state.ties import circle, tie
from sim.state.withheld import withheld

DISTRIBUTION, INVITE = CHANNEL["distribution"], CHANNEL["invite"]
SEEN = np.dtype([("target", "i4"), ("sender", "i4"), ("product", "i2")], align=True)
WAITING, DUE, PAID_OUT = range(3)
SALE = np.dtype(
    [("order", "i4"), ("seller", "i4"), ("above", "i4"), ("merchant", "i2"), ("done", "u1"), ("first", "i8"),
     ("second", "i8")], align=True,
)  # fmt: skip
"""An order through a link: ``first`` and ``second`` fen of commission, owed once it has settled;
``done``: waiting, due, or paid out (or returned: nothing to pay)."""


@njit(nogil=True, cache=True)
def _send(lo_rows: Any, day: int, m: int, ids: Any, pushed: Any, indptr: Any, indices: Any, ties: Any, products: Any,
          posts: float, attention: float, mute: float, base: Any, mute_base: Any, out: Any, n: int) -> int:
    """Links the distributors ``lo_rows`` of merchant m send today, as SEEN rows behind the first ``n``."""
    for i in lo_rows:
        who = entity_key(base, ids[i])
        if uniform(who, np.uint64(0)) >= posts / 7.0:
            continue
        p = products[int(uniform(who, np.uint64(1)) * len(products))]
        home = circle(ties, i)
        hears = entity_key(mute_base, ids[i])
        for e in range(indptr[i], indptr[i + 1]):
            j = np.int64(indices[e])
            if uniform(who, ids[j]) >= attention * tie(ties, e, home):
                continue
            if pushed[i, m] >= links_seen_before_mute(uniform(hears, ids[j]), mute):
                continue
            out[n].target = j
            out[n].sender = i
            out[n].product = p
            n += 1
        pushed[i, m] += 1
    return n


@njit(nogil=True, cache=True)
def _look(seen: Any, start: int, stop: int, lo: int, visited: Any, merchant: Any, link: Any, out: Any,
          filled: int) -> int:
    for k in range(start, stop):
        s = seen[k]
        platform = 0
        while platform < 31 and not visited[s.target] & np.uint32(1 << platform):
            platform += 1
        out[filled] = word(s.target - lo, s.product, DISTRIBUTION, platform if platform < 31 else 0, 1)
        filled += 1
        link[s.target, merchant[s.product]] = s.sender
    return filled


@njit(nogil=True, cache=True)
def _sales(paid: Any, orders: Any, ids: Any, merchant: Any, on: Any, rates: Any, distributor: Any, upline: Any,
           link: Any, joins: Any, willing: float, reference: Any, beliefs: Any, tastes: Any, base: Any,
           out: Any) -> int:
    """Yesterday's paid orders: sales through links into ``out``, and new distributors. ``rates`` float64[M, 2]."""
    n = 0
    for o in paid:
        order = orders[o]
        i, p = order.consumer, order.product
        m = merchant[p]
        if not on[m] or order.sample:
            continue
        seller = -1
        if order.last_touch == DISTRIBUTION:
            seller = link[i, m]
        elif order.last_touch == INVITE:
            seller = order.referrer
        if seller >= 0 and (seller == i or not distributor[seller, m]):
            seller = -1
        if seller >= 0:
            s = out[n]
            s.order = o
            s.seller = seller
            s.above = upline[seller, m]
            s.merchant = m
            s.done = 0
            s.first = np.int64(np.rint(order.price * rates[m, 0]))
            s.second = np.int64(np.rint(order.price * rates[m, 1])) if s.above >= 0 else 0
            n += 1
        if not joins[m] or distributor[i, m]:
            continue
        gain = rates[m, 0] * order.price / (100.0 * reference[p])
        chance = take_probability(willing, price_sensitivity(i, beliefs, tastes), gain)
        if uniform(entity_key(base, order.key), np.uint64(0)) < chance:
            distributor[i, m] = 1
            upline[i, m] = seller
    return n


class Distribution(Mechanism):
    """Buyers and leaders who sell for a commission."""

    name = "distribution"
    Params = DistributionParams
    columns = (
        Column("distributor", ("N", "M"), np.uint8, "0/1", "Sells for the merchant.", owner="distribution"),
        Column("upline", ("N", "M"), np.int32, "row", "Who recruited the distributor, -1 none.", -1,
               owner="distribution"),
        Column("link", ("N", "M"), np.int32, "row", "Distributor whose link was seen last.", -1, owner="distribution"),
        Column("pushed", ("N", "M"), np.uint16, "links", "Links sent so far.", owner="distribution"),
        Column("sales_paid", ("N", "M"), np.int64, "fen", "Commissions paid out.", owner="distribution"),
    )
    reads = ("id", "visited", "stock", "orders", "orders_of", "ledger", *judgement.READS)
    writes = ("distributor", "upline", "link", "pushed", "sales_paid", "bills", "owed")
    lasting = True
    equation = "P(join) = logit^-1(willing + a l1 price/ref);  E(links seen of n) = (1-(1-mute)^n)/mute"

    def prepare(self, view: Any, day: int) -> None:
        """Sales that wait for settlement live as long as the market; who is silenced, bool[P]."""
        self.silent = withheld(view.world)[:, DISTRIBUTION]
        self.tastes = judgement.tastes(view.world)
        if not hasattr(self, "sales"):
            self.sales = Table(SALE, 64)
            self.first_open = 0
            self.due = Calendar()
            self.signed: set[int] = set()
            self.key = np.array([name_key("distribution", name) for name in view.world.merchants], np.uint64)

    def morning(self, view: Any, day: int) -> None:
        """Commissions fall due and are paid; yesterday's orders are credited; links go out."""
        self._settle(view, day)
        plans = [o.distribution if o is not None else None for o in view.orders_of]
        running = [plan if self.params.enabled else None for plan in plans]
        for m, plan in enumerate(running):
            if plan is not None and plan.leaders and m not in self.signed:
                self._sign(view, m, round(plan.leaders * view.world.scale))
        self._credit(view, running)
        self._owe(view)
        self.seen = self._links(view, day, running)

    def _settle(self, view: Any, day: int) -> None:
        """Sales whose orders have settled fall due after the lag; those due today are billed."""
        rows = self.sales.rows
        fresh = rows[self.first_open :]
        status = view.orders.rows["status"][fresh["order"]]
        fresh["done"][(status == RETURNED) & (fresh["done"] == WAITING)] = PAID_OUT
        found = np.flatnonzero((status == SETTLED) & (fresh["done"] == WAITING))
        fresh["done"][found] = DUE
        self.due.put(np.full(len(found), day + self.params.lag_days, np.int16), self.first_open + found)
        while self.first_open < len(rows) and rows["done"][self.first_open]:
            self.first_open += 1
        at = self.due.take(day)
        rows["done"][at] = PAID_OUT
        due = rows[at]
        np.add.at(view.sales_paid, (due["seller"], due["merchant"]), due["first"])
        np.add.at(view.sales_paid, (due["above"], due["merchant"]), due["second"])  # 0 fen where nobody is above
        owed = np.bincount(due["merchant"], due["first"] + due["second"], minlength=len(view.world.merchants))
        for m, total in enumerate(owed.astype(np.int64).tolist()):
            if total:
                view.bills.add(view.ledger.merchant0 + m, CONSUMERS, total, REASON["distribution"], m)

    def _owe(self, view: Any) -> None:
        """What is promised for sales not yet paid out nor returned."""
        rows = self.sales.rows
        rows = rows[rows["done"] < PAID_OUT]
        owed = np.bincount(rows["merchant"], rows["first"] + rows["second"], minlength=len(view.orders_of))
        view.owed["distribution"][: len(owed)] = owed.astype(np.int64)

    def _sign(self, view: Any, m: int, count: int) -> None:
        """The best connected of ``count`` communities become leaders, once a merchant."""
        self.signed.add(m)
        net = view.network
        degree, starts = np.diff(net.indptr), net.ties.starts
        base = entity_key(day_key(view.seed, Stream.RECRUIT, 1), self.key[m])
        luck = [uniform(entity_key(base, view.id[a]), np.uint64(0)) for a in starts[:-1]]
        for c in np.argsort(luck)[:count]:
            a, b = int(starts[c]), int(starts[c + 1])
            view.distributor[a + int(np.argmax(degree[a:b])), m] = 1

    def _credit(self, view: Any, plans: list[Any]) -> None:
        paid = view.orders.paid
        on = np.array([plan is not None for plan in plans])
        if len(paid) == 0 or not on.any():
            return
        rates = np.array([[*(plan.commissions if plan is not None else ()), 0.0, 0.0][:2] for plan in plans])
        joins = np.array([plan is not None and plan.open_to_buyers for plan in plans])
        room, world = np.zeros(len(paid), SALE), view.world
        n = _sales(paid, view.orders.rows, view.id, world.products.merchant, on, rates, view.distributor, view.upline,
                   view.link, joins, self.params.willing, world.products.reference, judgement.beliefs(view),
                   self.tastes, day_key(view.seed, Stream.RECRUIT, 0), room)
        self.sales.append(room[:n])

    def _links(self, view: Any, day: int, plans: list[Any]) -> np.ndarray:
        """SEEN rows of today, in the order of their targets."""
        p, net, products = self.params, view.network, view.world.products
        found = [np.zeros(0, SEEN)]
        for m, plan in enumerate(plans):
            mine = np.flatnonzero(
                (products.merchant == m) & (products.enters <= day) & (view.stock != 0) & ~self.silent)
            sellers = np.flatnonzero(view.distributor[:, m] if plan is not None else ())
            if len(mine) == 0 or len(sellers) == 0:
                continue
            room = np.zeros(int((net.indptr[sellers + 1] - net.indptr[sellers]).sum()), SEEN)
            n = _send(sellers, day, m, view.id, view.pushed, net.indptr, net.indices, net.ties, mine, p.posts_per_week,
                      p.attention, p.mute, entity_key(day_key(view.seed, Stream.LINK, day), self.key[m]),
                      entity_key(day_key(view.seed, Stream.MUTE, 0), self.key[m]), room, 0)
            found.append(room[:n])
        seen = np.concatenate(found)
        return np.asarray(seen[np.lexsort((view.id[seen["sender"]], seen["product"], seen["target"]))])

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Friends look at links."""
        start, stop = np.searchsorted(self.seen["target"], [lo, hi])
        if start < stop:
            shown = scratch.shown
            shown.n = _look(self.seen, start, stop, lo, view.visited, view.world.products.merchant, view.link,
                            shown.room(stop - start), shown.n)


def tree(distributor: np.ndarray, upline: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Levels (1: recruited nobody) and people of the tree under each root; one merchant's bool[N] and int32[N]."""
    people = np.flatnonzero(distributor)
    root, level = people.copy(), np.ones(len(people), np.int64)
    at = upline[people].astype(np.int64)
    while (at >= 0).any():
        up = at >= 0
        root[up] = at[up]
        level[up] += 1
        at[up] = upline[at[up]]
    tops, where = np.unique(root, return_inverse=True)
    levels = np.zeros(len(tops), np.int64)
    np.maximum.at(levels, where, level)
    return levels, np.bincount(where, minlength=len(tops))
