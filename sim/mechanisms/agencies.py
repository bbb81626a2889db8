"""Agencies of creators (MCN): signed creators, package prices, a share of what they earn, posts passed on.

    signed     a creator of a tier by one uniform against the agencies' cumulative shares of the tier, once
    package    fee x (1 - discount) for a merchant who booked ``package`` posts of the agency in ``package_days`` days
    share      split x fee, on the day of the post; split x commission x the members' part of the tier's posts
    passed on  each other member, w.p. ``passed_on``, to her own followers on the post's platform, if she posts there;
               it costs her the trust that a sponsored post costs

Followers see a post passed on as they see the first one (:mod:`sim.mechanisms.creators`). What merchants pay is the
creators' fee; the agency is paid out of it, on an account of its own. Commissions are booked by tier, so the agency's
part is that of its members among the tier's sponsored posts of the last 30 days.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNEL, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.following import followers_see
from sim.scenario.parameters import AgencyParams
from sim.state.ledger import REASON
from sim.state.population import uniforms

KOL = CHANNEL["kol"]
ONE = np.ones(1, np.uint64)
CREDITED_DAYS = 30
"""Days of posts by which a tier's commissions are divided between agencies and creators of none."""


class Agencies(Mechanism):
    """Groups of creators."""

    name = "agencies"
    Params = AgencyParams
    reads = ("id", "visited", "market", "followers", "posts")
    writes = ("bills",)
    equation = "fee x (1 - discount) from package posts on;  agency gets split x (fee + commission)"

    def prepare(self, view: Any, day: int) -> None:
        """Sign creators, once; where a tier posts; the chance that a follower is shown a post."""
        market, world = view.market, view.world
        self.keys = np.array([c.key for c in market.creators], np.uint64)
        self.tier = np.array([c.tier for c in market.creators], np.int64)
        names = world.platform_names
        self.posts_on = np.array([[t.platform in (None, s) for s in names] for t in world.scenario.creators], bool)
        reach = world.scenario.mechanisms.creators.reach
        self.chance_on = reach * (1.0 - np.exp(-world.platforms.part[:, 1]))
        if not hasattr(self, "signed"):
            self.signed = self._sign(view)
            market.roster.agency[:] = self.signed

    def _sign(self, view: Any) -> np.ndarray:
        """int64[creators], agency of each, -1 none."""
        made = np.full(len(self.keys), -1)
        if len(view.market.agencies) and len(self.keys):
            u = uniforms(view.seed, int(Stream.SIGNED), self.keys, ONE)[:, 0]
            low = np.zeros(len(self.keys))
            for a, agency in enumerate(view.world.scenario.agencies):
                high = low + np.array([agency.signs.get(t, 0.0) for t in view.world.creators], float)[self.tier]
                made[(u >= low) & (u < high)] = a
                low = high
        return made

    def morning(self, view: Any, day: int) -> None:
        """Take the share of today's fees, pass today's posts on, name tomorrow's prices."""
        self.echo: tuple[np.ndarray, ...] | None = None
        if not view.market.agencies:
            return
        roster, ledger = view.market.roster, view.market.ledger
        for when, x, m, fen in roster.booked:
            if when == day and (a := int(roster.agency[x])) >= 0:
                agency = view.market.agencies[a]
                agency.sold.append((day, m))
                share = round(agency.spec.split * fen)
                if share > 0:
                    view.bills.add(ledger.creator0 + int(self.tier[x]), ledger.agency0 + a, share, REASON["agency"], m)
        self._pass_on(view, day)
        for a, agency in enumerate(view.market.agencies):
            roster.rebate[a] = agency.plan(view.market)

    def _pass_on(self, view: Any, day: int) -> None:
        """Today's posts of members on the pages of other members."""
        rows = self._posts(view, day)
        roster, cost = view.market.roster, view.world.scenario.mechanisms.creators.sponsored_trust_cost
        base = day_key(view.seed, Stream.PASSED_ON, day)
        found: list[tuple[int, int, int, Any]] = []
        for post in rows[self.signed[rows["author"]] >= 0]:
            agency = view.market.agencies[self.signed[post["author"]]]
            who, s = entity_key(base, post["key"]), int(post["platform"])
            for x in agency.members.tolist():
                if x == post["author"] or not self.posts_on[self.tier[x], s]:
                    continue
                if uniform(who, self.keys[x]) < agency.spec.passed_on:
                    found.append((x, int(post["product"]), s, entity_key(post["key"], self.keys[x])))
                    roster.trust[x] = max(0.0, roster.trust[x] - cost)
        if found:
            author, product, platform, key = zip(*found, strict=True)
            where = np.array(platform, np.int64)
            self.echo = (np.array(author, np.int64), np.array(product, np.int64), where, np.array(key, np.uint64),
                         self.chance_on[where])

    def _posts(self, view: Any, first: int) -> np.ndarray:
        """POST rows of creators born from day ``first`` on."""
        rows = view.posts.rows
        rows = rows[np.searchsorted(rows["born"], first) :]
        return np.asarray(rows[(rows["channel"] == KOL) & (rows["born"] >= first)])

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Followers of those who passed a post on may see it."""
        if self.echo is not None:
            author, product, platform, key, chance = self.echo
            graph, shown = view.followers, scratch.shown
            room = shown.room(int(np.minimum(np.diff(graph.indptr)[author], hi - lo).sum()))
            shown.n = followers_see(lo, hi, view.id, view.visited, graph.indptr, graph.indices, author, product,
                                    platform, key, chance, KOL, day_key(view.seed, Stream.PASSED_ON, day), room,
                                    shown.n)

    def evening(self, view: Any, day: int) -> None:
        """Take the share of the commissions that today's settlements brought."""
        if not view.market.agencies:
            return
        rows, ledger = view.bills.rows, view.market.ledger
        rows = rows[rows["reason"] == REASON["commission"]].copy()
        if len(rows) == 0:
            return
        authors = self._posts(view, day - CREDITED_DAYS)["author"]
        for tier in np.unique(rows["target"] - ledger.creator0).tolist():
            posted = authors[self.tier[authors] == tier]
            own = self.signed[posted if len(posted) else self.tier == tier]
            for a, agency in enumerate(view.market.agencies):
                part = agency.spec.split * float((own == a).mean())
                for bill in rows[rows["target"] == ledger.creator0 + tier]:
                    share = round(part * int(bill["fen"]))
                    if share > 0:
                        view.bills.add(ledger.creator0 + tier, ledger.agency0 + a, share, REASON["agency"],
                                       int(bill["merchant"]))
