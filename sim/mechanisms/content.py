"""Posts of a merchant's own account (内容矩阵): classes along the funnel, made by people or by AI, alike or not.

    bought      purse / cost of a post a day; every post by AI costs ``ai_cost`` of it; class and maker by the plan's
                shares, the one furthest behind its share first
    in the feed as any post, at the appeal of its maker; its weight / (1 + alike)                    (sim.rules.classes)
    seed        makes aware, and most adstock          decision    clicks, and E told nearer to the truth
    trust       evidence for the merchant              fission     passed on to friends, a cascade from there on
    by AI       once noticed (a label seen, or without one) part of its pull and word is lost; unlabelled it also counts
                against the merchant

Nothing here touches an order: a class works by what its viewers know, hold likely, click and pass on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNEL, COUNT, Column, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, name_key, normal
from sim.rules.classes import KINDS, alike, together, watch
from sim.scenario.parameters import ContentParams
from sim.state.ledger import REASON, SUPPLIER
from sim.state.records import SHARE
from sim.state.withheld import withheld
from sim.state.world import fen

CONTENT, FRIEND, _AWARE = CHANNEL["content"], CHANNEL["friend"], COUNT["aware"]
POSTED = np.dtype([("born", "i4"), ("product", "i4"), ("platform", "i4"), ("kind", "i4"), ("weight", "f8")])
"""A post alive: ``kind`` is its class, plus 4 where AI made it."""


class Content(Mechanism):
    """Own posts, from the purse to the eyes."""

    name = "content"
    Params = ContentParams
    columns = (
        Column("passes", ("N", "P"), np.uint8, "0/1", "Passes an own post on tonight.", owner="content"),
        Column("posted", ("M",), np.int64, "posts", "Own posts so far.", owner="content"),
        Column("posted_ai", ("M",), np.int64, "posts", "Those made by AI.", owner="content"),
    )
    reads = ("id", "segment", "orders_of", "ledger", "signal")
    writes = ("purse", "posts", "bills", "flags", "trust_good", "trust_bad", "trust_day", "passes", "posted",
              "posted_ai", "alike", "sparks")
    equation = "weight / (1 + alike);  P(aware) = 1 - (1 - a_class)^k;  a += e (1 - T);  P(pass on) by class fission"

    def prepare(self, view: Any, day: int) -> None:
        """What each kind of post does; keys of merchants, products and cells."""
        p, world = self.params, view.world
        scenario = world.scenario
        seen = p.label_seen if p.label else p.notice
        self.aware = np.array(p.aware.values())
        self.pull = np.array(p.pull.values())[:, None] * np.array([1.0, 1.0 - seen * p.discount])[None, :]
        self.lift, self.candour = np.array(p.lift.values()), np.array(p.candour.values())
        self.seen, self.hidden = seen, 0.0 if p.label else p.hidden
        self.share = p.share * np.array([s.share_propensity for s in scenario.segments], float)
        delivery, feed = scenario.mechanisms.delivery, scenario.mechanisms.feed
        self.prior = (float(delivery.trust_prior_good), float(delivery.trust_prior_bad))
        self.half_life = float(delivery.trust_half_life)
        self.silent = withheld(world)[:, FRIEND]
        self.fade, self.spread = float(feed.note_half_life), float(feed.appeal_spread)
        self.at = np.ascontiguousarray(world.cell_key[:, :, CONTENT])
        self.names = [np.flatnonzero(world.products.merchant == m) for m in range(len(world.merchants))]
        if not hasattr(self, "made"):
            self.made = np.zeros((max(1, len(world.merchants)), KINDS), np.int64)
            self.alive = np.zeros(0, POSTED)

    def morning(self, view: Any, day: int) -> None:
        """Make today's posts; how alike those alive are, and of which kinds."""
        for m, orders in enumerate(view.orders_of):
            if orders is not None and view.purse[m, CONTENT] > 0:
                self._produce(view, day, m, orders.content)
        self.alive = self.alive[day - self.alive["born"] < 8.0 * self.fade]
        self._compare(view, day)

    def _next(self, m: int, tactics: Any) -> int:
        """Kind of the next post of merchant ``m``: class and maker furthest behind their shares."""
        made, shares = self.made[m], np.array(tactics.matrix.shares())
        by_class = made[:4] + made[4:]
        sort = int(np.argmax(shares * (by_class.sum() + 1) - by_class))
        by_ai = tactics.ai * (by_class.sum() + 1) - made[4:].sum() >= 1.0 - 1e-9
        return sort + 4 * bool(by_ai)

    def _produce(self, view: Any, day: int, m: int, tactics: Any) -> None:
        """Posts as long as the purse pays for the next one."""
        world, p = view.world, self.params
        if not any(tactics.matrix.shares()) or len(world.platform_names) == 0:
            return
        named = [f"{world.merchants[m]}.{name}" for name in tactics.products]
        about = [int(k) for k in self.names[m] if not named or world.product_names[k] in named]
        about = [k for k in about if world.products.enters[k] <= day]
        on = range(len(world.platform_names)) if tactics.platform is None else [
            world.platform_names.index(tactics.platform)]  # fmt: skip
        price = (fen(p.cost), max(1, fen(p.cost * p.ai_cost)))
        spent, count, base = 0, int(self.made[m].sum()), day_key(view.seed, Stream.CONTENT, 0)
        while about:
            kind = self._next(m, tactics)
            by_ai = kind >= 4
            if spent + price[by_ai] > view.purse[m, CONTENT]:
                break
            spent += price[by_ai]
            q, s = about[count % len(about)], on[(count // len(about)) % len(on)]
            key = entity_key(name_key("own post", world.merchants[m]), np.uint64(count))
            weight = float(np.exp(self.spread * normal(entity_key(base, key), np.uint64(2))))
            weight *= p.ai_appeal if by_ai else 1.0
            claimed, true = world.products.advertised[q], world.products.quality[q]
            view.posts.add(key, weight, -1, day, q, s, CONTENT, 1, claimed + self.candour[kind % 4] * (true - claimed),
                           self.lift[kind % 4], self.pull[kind % 4, int(by_ai)])
            self.alive = np.append(self.alive, np.array([(day, q, s, kind, weight)], POSTED))
            self.made[m, kind] += 1
            view.posted[m] += 1
            view.posted_ai[m] += by_ai
            count += 1
        view.purse[m, CONTENT] -= spent
        if spent:
            view.bills.add(view.ledger.merchant0 + m, SUPPLIER, spent, REASON["own_posts"], m)

    def _compare(self, view: Any, day: int) -> None:
        """Likeness by cell into ``alike`` [S, P, CH]; cumulative shares of the kinds, float64[S, P, KINDS]."""
        world, p, a = view.world, self.params, self.alive
        shape = (len(world.platform_names), len(world.product_names), KINDS)
        weight, count = np.zeros(shape), np.zeros(shape)
        at = (a["platform"], a["product"], a["kind"])
        left = 2.0 ** (-(day - a["born"]) / self.fade)
        np.add.at(weight, at, a["weight"] * left)
        np.add.at(count, at, left / world.scale)
        total = weight.sum(axis=2, keepdims=True)
        self.kinds = np.cumsum(weight, axis=2) / np.where(total > 0, total, 1.0)
        hand, by_ai = count[:, :, :4].sum(axis=2), count[:, :, 4:].sum(axis=2)
        around = np.zeros((shape[0], len(world.categories)))
        np.add.at(around.T, world.products.category, by_ai.T)
        view.alike[:, :, CONTENT] = 0.0
        for s, q in zip(*np.nonzero(total[:, :, 0]), strict=True):
            each = alike(hand[s, q], by_ai[s, q], around[s, world.products.category[q]], p.similarity, p.ai_similarity)
            view.alike[s, q, CONTENT] = together(weight[s, q, :4].sum(), weight[s, q, 4:].sum(), *each)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """What own posts do to those who see them."""
        words, became = scratch.shown.rows, scratch.became
        if len(words) == 0 or len(self.alive) == 0:
            return
        p = self.params
        became.n = watch(
            lo, day, words, CONTENT, view.id, view.segment, self.kinds, self.at, view.world.products.merchant,
            self.aware, p.evidence, p.discount, self.seen, self.hidden, self.share, self.prior, self.half_life,
            day_key(view.seed, Stream.POST_SEEN, day), view.flags, view.trust_good, view.trust_bad, view.trust_day,
            view.passes, became.room(len(words)), became.n, scratch.tally[_AWARE, :, CONTENT])

    def evening(self, view: Any, day: int) -> None:
        """Those who pass a post on start a cascade."""
        people, products = np.nonzero(view.passes)
        view.passes[people, products] = 0
        people, products = people[~self.silent[products]], products[~self.silent[products]]
        if len(people) == 0:
            return
        rows = np.zeros(len(people), SHARE)
        base = day_key(0, Stream.POST_SEEN, day)
        rows["item"] = [entity_key(entity_key(base, view.id[i]), view.world.products.key[q])
                        for i, q in zip(people.tolist(), products.tolist(), strict=True)]
        rows["sharer"], rows["product"], rows["day"] = people, products, day
        rows["parent"] = rows["root"] = -1
        rows["platform"] = [int(self.kinds[:, q, -1].argmax()) for q in products.tolist()]
        rows["good"], rows["signal"] = 1, view.signal[products, CONTENT]
        view.sparks.append(rows)

