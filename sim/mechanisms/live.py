"""Live-streaming (直播): sessions of creators (达人), of the merchant itself (店播) and of virtual hosts (数字人).

    held      sessions a week by host, evenly spaced, as long as the purse pays: slot fee, or studio by the hour
    look in   1 - exp(-(followers + members + feed card + bought traffic)), at a time drawn over the session
    stay      Exp(W (1/2 + fit) (1 + w interaction)); the room is M/G/inf: L = lambda W
    think     h0 (trust/prior) (1/2 + fit) exp(b_d discount + b_s scarcity + b_i interaction) a minute of explanation;
              the rest is choice at the live price (sim.mechanisms.choice)
    expect    E <- E + (1 - e^(-minutes/tau)) (promise - E)
    promise   q + (1 - transparency)(advertised - q + hype sigma)
    limit     of the intents of a session the first ``limit`` are let through; how far it was wanted is scarcity next
              time

Urgency (the scarcity felt) stays with the order and adds to the logit of its return (delivery). The person's part is in
:mod:`sim.rules.live`. Model section 4.8, decision D10.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.contract import CHANNEL, COUNT, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, uniform
from sim.rules.community import pushes_until
from sim.rules.live import BOUGHT, DAY_MINUTES, SOURCES, Sessions, boost, promised, scarcity, watch, whose
from sim.rules.packed import FIT
from sim.scenario.parameters import LiveParams
from sim.state.columns import unpacked
from sim.state.ledger import REASON, SUPPLIER, split
from sim.state.records import INTENT, OCCASION, read_only

LIVE = CHANNEL["live"]
_REFUSED = COUNT["refused"]
INTEREST_PART = 3
OWN_HOSTS = ("brand", "virtual")
"""Hosts that are the merchant's; every other one is a tier of creators."""

VISITS_BY_HOUR = np.array([2, 1, 1, 1, 1, 1, 2, 3, 4, 4, 4, 5, 7, 5, 4, 4, 4, 4, 5, 6, 8, 9, 8, 5], float)
"""Weights of the hours of a day: peaks at 12-13 and 20-23 (decision D33; values assumed)."""


def on_air(start: float, hours: float) -> float:
    """Share of a day's visits that fall into ``hours`` from the hour ``start`` on."""
    edges = np.concatenate([[0.0], np.cumsum(VISITS_BY_HOUR)]) / VISITS_BY_HOUR.sum()
    begin, end = np.interp([start, start + hours], np.arange(25.0), edges)
    return float(end - begin)


class Session(NamedTuple):
    """One session as it was held. ``viewers`` by source, ``minutes`` watched, ``room`` people by minute of the session,
    ``wanted`` intents and ``sold`` those within the limit."""

    day: int
    merchant: int
    host: str
    hours: float
    viewers: np.ndarray
    minutes: float
    room: np.ndarray
    wanted: int
    sold: int


class Live(Mechanism):
    """Sessions, viewers, urgency."""

    name = "live"
    Params = LiveParams
    reads = ("id", "segment", "visited", "fit", "orders_with", "alive", "trust_good", "trust_bad", "followers",
             "market", "orders_of", "stock", "price")
    writes = ("expectation", "signal", "lift", "credence", "live_host", "purse", "bills", "intents")
    equation = "L = lambda W;  h = h0 exp(b_d disc + b_s scarce + b_i interact);  E <- E + (1-e^(-t/tau)) (promise - E)"

    def prepare(self, view: Any, day: int) -> None:
        """Prior trust, people a platform can expect, what is remembered from session to session."""
        world, p = view.world, view.world.scenario.mechanisms.delivery
        self.prior = p.trust_prior_good / (p.trust_prior_good + p.trust_prior_bad)
        self.sigma = np.hypot(world.products.spread, world.products.fit_sd)
        self.visitors = world.platforms.activity @ np.bincount(view.segment, minlength=len(world.segments))
        self.off = np.array(["live" in merchant.off for merchant in world.scenario.merchants], bool)
        self.keen: dict[tuple[int, int], float] = {}
        if not hasattr(self, "log"):
            self.log: list[Session] = []
            self.wanted: dict[tuple[int, str], float] = {}
            """Intents over the limit, at most 1, of the last session of a merchant and host."""

    # -- the morning: which sessions there are ----------------------------------------------------------------------

    def morning(self, view: Any, day: int) -> None:
        """Hold the sessions of the day, as far as purses go."""
        self.rows: list[dict[str, Any]] = []
        self.parts: dict[int, tuple[np.ndarray, ...]] = {}
        self.budget = np.zeros(len(self.off), np.int64)
        view.live_host[:] = 0.0
        for m, name in enumerate(view.world.merchants):
            orders = view.orders_of[m]
            if not self.off[m] and orders is not None and orders.live.hosts and view.purse[m, LIVE] > 0:
                first = len(self.rows)
                purse = int(view.purse[m, LIVE])
                for host, rate in sorted(orders.live.hosts.items()):
                    for k in range(self._due(view, day, name, host, rate)):
                        self._hold(view, day, m, host, k, orders.live)
                if len(self.rows) > first:
                    self._buy_traffic(view, m, first, min(int(orders.live.traffic * purse), int(view.purse[m, LIVE])))
        if self.rows:
            self._compile(view)

    def _due(self, view: Any, day: int, merchant: str, host: str, rate: float) -> int:
        step = float(view.world.scenario.market.step_length)
        offset = float(uniform(day_key(view.seed, Stream.LIVE, 0), name_key("live", merchant, host)))
        return int(pushes_until((day + 1) * step, rate, offset) - pushes_until(day * step, rate, offset))

    def _hold(self, view: Any, day: int, m: int, host: str, ordinal: int, tactics: Any) -> None:
        """Pay for one session and note it, if it can be paid and somebody hosts it."""
        world, p = view.world, self.params
        sold = [q for q in np.flatnonzero((world.products.merchant == m) & (world.products.enters <= day)).tolist()
                if view.stock[q] != 0 and (not tactics.products or self._named(world, q) in tactics.products)]
        if not sold:
            return
        sold.sort(key=lambda q: int(world.products.key[q]))
        key = entity_key(entity_key(name_key("live", world.merchants[m], host), ordinal), day + 100_000)
        draw = entity_key(day_key(view.seed, Stream.LIVE, day), key)
        hours = tactics.virtual_hours if host == "virtual" else tactics.hours
        row: dict[str, Any] = {"key": key, "merchant": m, "host": host, "hours": hours, "tactics": tactics,
                               "author": -1, "trust": 1.0, "weight": p.feed_weight, "integrity": 1.0}
        if host in OWN_HOSTS:
            virtual = host == "virtual"
            cost = round(100 * p.studio_cost * hours * world.scale * (p.virtual_cost if virtual else 1.0))
            if cost > view.purse[m, LIVE]:
                return
            row["trust"], account, allowed = p.virtual_trust if virtual else 1.0, SUPPLIER, None
        else:
            sold = [sold[int(uniform(draw, 0) * len(sold))]]
            creator = self._hire(view, m, host, sold[0], draw)
            if creator is None:
                return
            cost, account = round(100 * creator.fee), view.market.ledger.creator0 + creator.tier
            allowed = creator.spec.platform
            row |= {"author": creator.index, "trust": creator.trust / self.prior, "tier": creator.tier,
                    "weight": p.feed_weight * creator.lift, "integrity": creator.spec.integrity}
            turns = max(1, int(60.0 * hours / p.slot_minutes))
            sold = [sold[0] if k == int(uniform(draw, 1) * turns) else -1 for k in range(turns)]
        places = [s for s, name in enumerate(world.platform_names) if (tactics.platform or allowed or name) == name]
        row["platform"] = places[int(uniform(draw, 2) * len(places))]
        row["sold"] = sold
        view.purse[m, LIVE] -= cost
        view.bills.add(view.market.ledger.merchant0 + m, account, cost, REASON["live_host"], m)
        self.rows.append(row)

    @staticmethod
    def _named(world: Any, product: int) -> str:
        return str(world.product_names[product]).partition(".")[2]

    def _hire(self, view: Any, m: int, tier: str, product: int, draw: Any) -> Any:
        """A creator of the tier who takes the slot, the luckiest first; None when nobody does."""
        free = [c for c in view.market.creators
                if c.spec.name == tier and c.capacity >= 1.0 and round(100 * c.fee) <= view.purse[m, LIVE]]
        for creator in sorted(free, key=lambda c: uniform(entity_key(draw, c.key), np.uint64(3))):
            if creator.plan([(creator.fee, m, product)]):
                return creator
        return None

    def _buy_traffic(self, view: Any, m: int, first: int, budget: int) -> None:
        """Viewers bought for the merchant's sessions of today, in equal parts; paid when they have come."""
        self.budget[m] = budget
        for row in self.rows[first:]:
            row["bought"] = budget / (100.0 * self.params.traffic_price * (len(self.rows) - first))

    def _compile(self, view: Any) -> None:
        """The day's sessions as arrays; what persuasion is told of channel live."""
        p, world = self.params, view.world
        products, platforms = world.products, world.platforms
        weight = np.bincount([r["platform"] for r in self.rows], [r["weight"] for r in self.rows],
                             minlength=len(world.platform_names))
        passed = world.scenario.mechanisms.persuasion.hype_weight.live
        table: dict[str, list[Any]] = {field: [] for field in Sessions._fields}
        table["first"].append(0)
        for row in self.rows:
            t, s, sold = row["tactics"], row["platform"], row["sold"]
            shown = next(q for q in sold if q >= 0)
            c = int(products.category[shown])
            wanted = self.wanted.get((row["merchant"], row["host"]), 0.0) if t.limit is not None else 0.0
            scarce = scarcity(t.countdown, wanted)
            slots = platforms.part[s, INTEREST_PART] * row["weight"] / (platforms.rest[s] + weight[s])
            found = 1.0 - np.exp(-row["hours"] / p.show_up_hours)
            start = min(t.start_hour, 24.0 - row["hours"])
            known = self.visitors[s] * self._keen(view, s, c)
            values = {
                "key": row["key"], "merchant": row["merchant"], "platform": s, "category": c, "author": row["author"],
                "start": 60.0 * start, "length": 60.0 * row["hours"],
                "slot": p.slot_minutes, "follow": found * p.show_up, "member": found * p.member_show_up,
                "feed": slots * p.enter * on_air(start, row["hours"]),
                "bought": row["bought"] / known if known > 0 else 0.0,
                "theta": platforms.theta_fit[s], "trust": row["trust"], "urgency": round(100 * scarce),
                "boost": boost(t.discount, scarce, t.interaction, p.b_discount, p.b_scarcity, p.b_interaction),
                "dwell": p.dwell * (1.0 + p.dwell_interaction * t.interaction),
            }  # fmt: skip
            for field, value in values.items():
                table[field].append(value)
            for q in sold:
                hype = passed * t.hype * self.sigma[q] * (1.5 - row["integrity"] if row["author"] >= 0 else 1.0)
                promise = promised(products.advertised[q], products.quality[q], hype, t.transparency)
                table["product"].append(q)
                table["price"].append(max(1, int(round(int(view.price[q]) * (1.0 - t.discount)))))
                table["promise"].append(promise)
                if q >= 0:
                    view.signal[q, LIVE], view.lift[q, LIVE] = promise, 0.0
                    view.credence[q, LIVE] = min(1.0, row["trust"] * self.prior)
            table["first"].append(len(table["product"]))
        whole = {"key": np.uint64, "urgency": np.uint8, "price": np.int32} | dict.fromkeys(
            ("merchant", "platform", "category", "author", "first", "product"), np.int64)
        self.sessions = Sessions(**{f: np.array(v, whole.get(f, np.float64)) for f, v in table.items()})
        state = view.market.state.columns
        self.member = read_only(state["member"]) if "member" in state else np.zeros((0, 0), np.uint8)

    def _keen(self, view: Any, s: int, c: int) -> float:
        """Mean over people of exp(theta (fit - 1/2)), worked out once."""
        if (s, c) not in self.keen:
            theta = view.world.platforms.theta_fit[s]
            self.keen[s, c] = float(np.exp(theta * (unpacked(view.fit[:, c], FIT) - 0.5)).mean())
        return self.keen[s, c]

    # -- the day: who looks in --------------------------------------------------------------------------------------

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """People of the block watch."""
        count = len(self.rows)
        if count == 0:
            return
        shown, people = scratch.shown, hi - lo
        most = people * (count + 4 * view.world.dims["C"] + view.world.dims["P"])
        if len(scratch.occasions) < most:
            scratch.occasions, scratch.intents = np.zeros(most, OCCASION), np.zeros(most, INTENT)
        part = (np.zeros((count, DAY_MINUTES + 1), np.int32), np.zeros((count, len(SOURCES)), np.int64),
                np.zeros(count))
        room = shown.room(people * int((self.sessions.product >= 0).sum()))
        graph, p = view.followers, self.params
        shown.n, scratch.filled[0] = watch(
            lo, hi, view.id, view.visited, view.fit, view.orders_with, view.alive, view.trust_good, view.trust_bad,
            self.member, view.expectation, graph.indptr, graph.indices, self.sessions, self.prior, p.hazard, p.learning,
            view.world.products.key, day_key(view.seed, Stream.LIVE_VIEW, day), LIVE, room, shown.n, scratch.occasions,
            int(scratch.filled[0]), *part)
        self.parts[lo] = part

    # -- the evening: limits, bills -------------------------------------------------------------------------------

    def evening(self, view: Any, day: int) -> None:
        """Turn away what is beyond the limits, charge bought viewers, remember how each session went."""
        if not self.rows:
            return
        parts = [self.parts[lo] for lo in sorted(self.parts)]
        rooms, entries, minutes = (np.sum([part[k] for part in parts], axis=0) for k in range(3))
        intents = view.intents.rows
        made_in = np.empty(len(intents), np.int64)
        whose(intents, LIVE, view.id, view.world.products.key, day, self.sessions.key, made_in)
        keep = np.ones(len(intents), bool)
        for x, row in enumerate(self.rows):
            mine = np.flatnonzero(made_in == x)
            wanted = len(mine)
            limit = row["tactics"].limit
            if limit is not None:
                limit = max(1, round(limit * view.world.scale))
                mine = mine[np.lexsort((intents["key"][mine], intents["hour"][mine]))]
                keep[mine[limit:]] = False
                self.wanted[row["merchant"], row["host"]] = min(1.0, wanted / limit)
                np.add.at(view.tally[_REFUSED, :, LIVE], intents["product"][mine[limit:]], 1)
                mine = mine[:limit]
            if "tier" in row:
                np.add.at(view.live_host, (row["tier"], intents["product"][mine]), 1.0)
            length = int(60.0 * row["hours"])
            self.log.append(Session(day, row["merchant"], row["host"], row["hours"], entries[x], float(minutes[x]),
                                    np.cumsum(rooms[x])[:length], wanted, len(mine)))
        kept = intents[keep & (made_in >= 0)]
        total = np.bincount(kept["product"], minlength=view.live_host.shape[1])
        view.live_host[:] /= np.maximum(total, 1)
        if not keep.all():
            view.intents.keep(keep)
        self._charge(view, entries[:, BOUGHT])

    def _charge(self, view: Any, came: np.ndarray) -> None:
        """One bill for each merchant and platform, up to what was set aside."""
        price = 100.0 * self.params.traffic_price
        for m in np.flatnonzero(self.budget).tolist():
            owed = np.zeros(len(view.world.platform_names))
            for x, row in enumerate(self.rows):
                owed[row["platform"]] += came[x] * price * (row["merchant"] == m)
            fen = min(round(float(owed.sum())), int(self.budget[m]))
            for platform, part in enumerate(split(fen, owed).tolist()):
                if part > 0:
                    ledger = view.market.ledger
                    view.bills.add(ledger.merchant0 + m, ledger.platform0 + platform, part, REASON["live_traffic"], m)
            view.purse[m, LIVE] -= fen
