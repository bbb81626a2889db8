"""Private domain (私域): a merchant's community of buyers, written to instead of advertised to.

    join      p_join after a paid order
    push      pushes_per_week, evenly spaced; each about the next of the merchant's products on sale
    read      e (1 + n/n0)^(-x), n the people in one chat group          (sim.rules.community)
    leave     weekly hazard u0 exp(u1 (pushes - free)+)
    cost      c a member and push, and the staff; a purse that falls short reaches the part of the members it pays for

Only merchants whose plan, or a phase of it, gives weight to channel ``community`` have one. A member who has left may
join again with a later order. ``assign: random`` draws the members at the start in place of joining by orders, and
``treated: false`` sends them nothing: the arms that tell treatment from selection. Model section 4.12.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Column, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, uniform
from sim.rules.community import opt_out_probability, pushes_until, read_probability
from sim.rules.exposure import word
from sim.scenario.parameters import CommunityParams
from sim.state.columns import NEVER
from sim.state.ledger import REASON, SUPPLIER
from sim.state.population import uniforms

COMMUNITY = CHANNEL["community"]
WEEK = 7.0


@njit
def _first_open(bits: Any) -> int:
    for s in range(32):
        if bits & np.uint32(1 << s):
            return s
    return 0


@njit(nogil=True, cache=True)
def _live(lo: int, hi: int, ids: Any, visited: Any, member: Any, merchant_key: Any, chance: Any, first: Any,
          promoted: Any, leave: Any, base: Any, leaving: Any, out: Any, filled: int) -> int:
    """Pushes ``first[m] .. first[m+1]`` of ``promoted`` (products) reach the members of m, each w.p. ``chance[m]``."""
    for i in range(lo, hi):
        for m in range(len(merchant_key)):
            if not member[i, m]:
                continue
            who = entity_key(base, ids[i])
            for k in range(first[m], first[m + 1]):
                if uniform(entity_key(who, merchant_key[m]), np.uint64(k - first[m])) < chance[m]:
                    out[filled] = word(i - lo, promoted[k], COMMUNITY, _first_open(visited[i]), 1)
                    filled += 1
            if leave[m] > 0.0 and uniform(entity_key(leaving, ids[i]), merchant_key[m]) < leave[m]:
                member[i, m] = 0
    return filled


@njit(nogil=True, cache=True)
def _join(day: int, orders: Any, paid: Any, merchant: Any, keeps: Any, chance: float, base: Any, member: Any,
          joined_day: Any) -> None:
    """One draw for each order ``paid`` today, keyed by the order."""
    for k in paid:
        i, m = orders[k].consumer, merchant[orders[k].product]
        if keeps[m] and not member[i, m] and uniform(entity_key(base, orders[k].key), np.uint64(0)) < chance:
            member[i, m] = 1
            joined_day[i, m] = day


@njit(nogil=True, cache=True)
def _members(member: Any) -> Any:
    """int64[M], members of each merchant."""
    out = np.zeros(member.shape[1], np.int64)
    for i in range(member.shape[0]):
        for m in range(member.shape[1]):
            out[m] += member[i, m]
    return out


class Community(Mechanism):
    """Buyers who let a merchant write to them."""

    name = "community"
    Params = CommunityParams
    columns = (
        Column("member", ("N", "M"), np.uint8, "0/1", "Member of the merchant's community.", owner="community"),
        Column("joined_day", ("N", "M"), np.int16, "day", "Day of the last joining.", NEVER, owner="community"),
    )
    reads = ("id", "visited", "pushes", "stock", "orders", "ledger", "orders_of")
    writes = ("member", "joined_day", "purse", "bills")
    equation = "P(read) = e (1+n/n0)^-x;  hazard of leaving = u0 exp(u1 (pushes-free)+) a week;  P(join) = p_join"

    def prepare(self, view: Any, day: int) -> None:
        """Which merchants keep a community."""
        world = view.world
        merchants = world.scenario.merchants
        self.step = float(world.scenario.market.step_length)
        self.keeps = np.array([_keeps(merchant.plan) for merchant in merchants], bool)
        self.keepers = self.keeps.nonzero()[0].tolist()
        owner, self.enters = world.products.merchant, world.products.enters.tolist()
        self.owned = {m: (owner == m).nonzero()[0].tolist() for m in self.keepers}
        self.key = np.array([name_key("community", name) for name in world.merchants], np.uint64)
        base = day_key(view.seed, Stream.COMMUNITY, 0)
        self.offset = [float(uniform(base, key)) for key in self.key]
        self.drawn = self.params.assign == "random"
        if self.drawn and not hasattr(self, "began"):
            luck = uniforms(view.seed, int(Stream.COMMUNITY), view.id, self.key)
            view.member[(luck < self.params.random_share) & self.keeps] = 1
            view.joined_day[view.member == 1] = day
        self.began = True

    def morning(self, view: Any, day: int) -> None:
        """Pay for today's pushes, as far as the purse goes; what each member may read and how likely each leaves."""
        p, count = self.params, len(self.key)
        members = self._counted(view).tolist() if self.keepers and p.treated else [0] * count
        self.chance, self.leave = np.zeros(count), np.zeros(count)
        promoted: list[int] = []
        first = [0]
        for m in range(count):
            if members[m] > 0 and self.keeps[m]:
                pushes = float(view.pushes[m])
                about = self._due(view, day, m, pushes)
                covered = self._pay(view, m, members[m], len(about))
                self.chance[m] = covered * read_probability(
                    members[m], p.group_size, p.engagement, p.engagement_size, p.engagement_exponent)
                self.leave[m] = opt_out_probability(pushes, p.opt_out, p.opt_out_slope, p.free_pushes, self.step)
                promoted += about if covered > 0.0 else []
            first.append(len(promoted))
        self.first, self.promoted = np.array(first, np.int64), np.array(promoted, np.int64)
        self.acts = bool(promoted) or bool(self.leave.any())

    @staticmethod
    def _counted(view: Any) -> np.ndarray:
        """int64[M], members of each merchant."""
        pieces = view.team.cut(len(view.member))
        if len(pieces) == 1:
            return np.asarray(_members(view.member))
        found: list[np.ndarray] = view.team.each(lambda k: _members(view.member[slice(*pieces[k])]), len(pieces))
        return np.asarray(sum(found))

    def _due(self, view: Any, day: int, m: int, pushes: float) -> list[int]:
        """Products that today's pushes of a merchant, so many a week, are about, one for each push."""
        mine = [p for p in self.owned[m] if self.enters[p] <= day and view.stock[p] != 0]
        if len(mine) == 0:
            return []
        weekly = view.orders_of[m].push_days if view.orders_of[m] is not None and pushes > 0 else []
        if weekly:
            before = day // 7 * sum(weekly) + sum(weekly[: day % 7])
            after = before + weekly[day % 7]
        else:
            before, after = (pushes_until(d * self.step, pushes, self.offset[m]) for d in (day, day + 1))
        return [mine[k % len(mine)] for k in range(before, after)]

    def _pay(self, view: Any, m: int, members: int, pushes: int) -> float:
        """Bill staff, then pushes; the share of the members the purse pays pushes for."""
        p = self.params
        purse = int(view.purse[m, COMMUNITY])
        staff = min(purse, round(100.0 * p.staff_cost * self.step * members))
        price = round(100.0 * p.cost_per_push * members * pushes)
        paid = min(purse - staff, price)
        if staff + paid > 0:
            view.bills.add(view.ledger.merchant0 + m, SUPPLIER, staff + paid, REASON["community"], m)
            view.purse[m, COMMUNITY] = purse - staff - paid
        return paid / price if price > 0 else 1.0

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Members read, and some leave."""
        if not self.acts:
            return
        room = scratch.shown.room((hi - lo) * len(self.promoted))
        scratch.shown.n = _live(
            lo, hi, view.id, view.visited, view.member, self.key, self.chance, self.first, self.promoted, self.leave,
            day_key(view.seed, Stream.COMMUNITY, day), day_key(view.seed, Stream.OPT_OUT, day), room, scratch.shown.n)

    def evening(self, view: Any, day: int) -> None:
        """Some of those whose order was paid today join."""
        if not self.keepers or self.drawn:
            return
        paid = view.orders.paid
        if len(paid):
            _join(day, view.orders.rows, paid, view.world.products.merchant, self.keeps, self.params.join,
                  day_key(view.seed, Stream.COMMUNITY, 0), view.member, view.joined_day)


def _keeps(plan: Any) -> bool:
    """Whether a plan ever gives weight to the community."""
    return any(mix is not None and mix.community > 0 for mix in (plan.mix, *(phase.mix for phase in plan.phases)))
