"""Paid content (知识付费): a free part to try, access for those who pay, and goods that it speaks of.

    trial     of those on its page, w.p. ``trial_reads``, once: a part of the experience            (sim.rules.reading)
    access    from the evening of the payment on, for ``days`` or for good; a copy costs nothing and is not sent
    read      w.p. by satisfaction a day; readers come to know the goods recommended and may think of buying them

Converted: those who had tried and pay for the first time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNEL, COUNT, Column, Mechanism, Scratch
from sim.rng import Stream, day_key
from sim.rules.reading import read, try_it
from sim.scenario.parameters import PaidContentParams
from sim.state.columns import NEVER
from sim.state.offers import contents
from sim.state.records import OCCASION
from sim.state.withheld import withheld

CONTENT = CHANNEL["content"]
FOR_GOOD = 32_000


class PaidContent(Mechanism):
    """Trial, access, reading."""

    name = "paid_content"
    Params = PaidContentParams
    columns = (
        Column("tried", ("N", "P"), np.uint8, "0/1", "Has read the free part.", owner="paid_content"),
        Column("access_until", ("N", "P"), np.int16, "day", "Last day on which it may be read.", NEVER,
               owner="paid_content"),
    )
    reads = ("id", "visited", "orders")
    writes = ("tried", "access_until", "expectation", "experience", "trust_good", "trust_bad", "trust_day", "flags")
    equation = "E <- E + t (Q - E);  P(read) = r min(1, (1/2 + X)+)"

    def prepare(self, view: Any, day: int) -> None:
        """Terms by product; what each speaks of; which sets hold access."""
        world = view.world
        owned = [(m, p) for m in world.scenario.merchants for p in m.products]
        terms = [p.access for _, p in owned]
        self.days = np.array([0 if a is None else a.days or FOR_GOOD for a in terms], np.int64)
        self.trial = np.array([0.0 if a is None else a.trial for a in terms])
        at = {(m.name, p.name): k for k, (m, p) in enumerate(owned)}
        silent = withheld(world)[:, CONTENT]
        spoken = [[] if a is None else [q for name in a.recommends if not silent[q := at[m.name, name]]]
                  for (m, _), a in zip(owned, terms, strict=True)]  # fmt: skip
        self.first = np.concatenate([[0], np.cumsum([len(s) for s in spoken])]).astype(np.int64)
        self.others = np.array([q for s in spoken for q in s], np.int64)
        self.inside = {p: np.array([p]) for p in np.flatnonzero(self.days).tolist()}
        self.inside |= {b: which[self.days[which] > 0] for b, (which, _) in contents(world.scenario, owned).items()}
        self.sigma = np.hypot(world.products.spread, world.products.fit_sd)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Those on the page try; holders read."""
        p, products = self.params, view.world.products
        d = view.world.scenario.mechanisms.delivery
        if self.trial.any() and len(scratch.clicked.rows):
            try_it(lo, day, scratch.clicked.rows, view.id, products.key, products.merchant, self.trial,
                   products.quality, products.spread, self.sigma, p.trial_reads, float(d.theta),
                   float(d.experience_rate), (float(d.trust_prior_good), float(d.trust_prior_bad)),
                   float(d.trust_half_life), float(d.trust_bad), float(d.trust_bad_below),
                   day_key(view.seed, Stream.TRIAL, 0), view.tried, view.expectation, view.experience, view.trust_good,
                   view.trust_bad, view.trust_day, scratch.tally[COUNT["trials"]])
        if len(self.others) == 0:
            return
        people, most = hi - lo, len(self.others)
        need = int(scratch.filled[0]) + people * (4 * view.world.dims["C"] + view.world.dims["P"] + most)
        if len(scratch.occasions) < need:
            scratch.occasions = np.concatenate([scratch.occasions, np.zeros(need - len(scratch.occasions), OCCASION)])
            scratch.intents = np.zeros(need, scratch.intents.dtype)
        scratch.filled[0] = read(
            lo, hi, day, view.access_until, view.id, products.key, self.first, self.others, view.experience,
            products.category, view.visited, len(view.world.platform_names), p.reads, p.thinks,
            day_key(view.seed, Stream.READER, day), CONTENT, view.flags, scratch.tally[COUNT["aware"], :, CONTENT],
            scratch.occasions, int(scratch.filled[0]))

    def evening(self, view: Any, day: int) -> None:
        """Open access to what was paid for today; count those who had tried it."""
        sold = view.orders.rows[view.orders.paid]
        for b, which in self.inside.items():
            mine = sold[sold["product"] == b]
            for k in which.tolist():
                who = mine["consumer"]
                had = mine[(view.tried[who, k] == 1) & (view.access_until[who, k] == NEVER)]
                view.access_until[who, k] = min(FOR_GOOD, day + int(self.days[k]))
                touch = np.minimum(had["last_touch"], view.tally.shape[2] - 1)
                np.add.at(view.tally[COUNT["trial_orders"]], (had["product"], touch), 1)
