"""The core market with one mesa.Agent a person: the yardstick of the engine's speed, a second opinion on its results.

Both follow visits and fatigue, interest feed and shelf, ads, persuasion, clicks, needs and impulses, logit choice,
checkout, delivery (satisfaction, return, review, trust, lapse), notes of opinion consumers, sharing. What is computed
once a day for everybody (plans, ageing of content, the auction, the shelf) is the engine's own code in both, run by the
"office": a Market whose people stand still. All that is done for each person, order or share is plain Python here.
"""

from __future__ import annotations

import math
from typing import Any

import mesa
import numpy as np
from plain_shopper import COLUMNS, SEARCH, Shopper, body, moved

from sim import Market
from sim.rules import cascade, experience
from sim.state.columns import numbers
from sim.state.records import POST

KOC, LATE_BOUND, SIGMA_FLOOR = 2, 8.0, 0.01
satisfaction, return_probability = body(experience.satisfaction), body(experience.return_probability)
review_probability, stars, faded = body(experience.review_probability), body(experience.stars), body(experience.faded)
lapse_probability = body(experience.lapse_probability)
share_probability, similarity = body(cascade.share_probability), body(cascade.similarity)
pass_on_probability = body(cascade.pass_on_probability)
OFF = ("creators", "group_buy", "community", "awareness")
"""Mechanisms left out of the comparison, in both."""


def core(scenario: Any) -> Any:
    """The scenario with the core rules only: no samples, creators, groups, communities."""
    changes: dict[str, Any] = {f"mechanisms.{name}.enabled": False for name in OFF}
    for merchant in scenario.merchants:
        changes[f"merchants.{merchant.name}.plan.mix"] = {"ads": 1.0, "kol": 0.0, "koc": 0.0, "community": 0.0}
    return scenario.with_set(changes)


class MesaMarket(mesa.Model):
    """``scenario`` has been through :func:`core`; ``seed`` names the people (those of the engine) and the luck."""

    def __init__(self, scenario: Any, seed: int) -> None:
        super().__init__(rng=seed)
        self.office = Market(scenario, seed=seed, check=False)
        world, columns, net = self.office.world, self.office.state.columns, self.office.network
        self.day, self.world = 0, world
        of = world.scenario.mechanisms
        self.visits, self.persuasion, self.clicks, self.sharing = of.visits, of.persuasion, of.clicks, of.sharing
        self.choice, self.delivery, self.loyalty, self.seeding = of.choice, of.delivery, of.loyalty, of.seeding
        self.search_share, self.appeal_spread = of.occasions.search_share, of.feed.appeal_spread
        self._tables(world)
        self.indptr, self.indices = net.indptr.tolist(), net.indices.tolist()
        self.strength, self.ids = net.strength.tolist(), columns["id"].tolist()
        self.region = columns["region"].tolist()
        traits = {name: numbers(columns, name).tolist() for name in COLUMNS}
        self.people = [Shopper(self, i, traits) for i in range(net.n)]
        self.parcels: dict[int, list[tuple[Any, ...]]] = {}
        self.pending: list[tuple[Any, ...]] = []
        self.inbox: dict[int, list[Any]] = {}
        self.taken: set[tuple[int, int]] = set()
        self.impressions = self.clicks_made = self.delivered = self.returned = self.shares = self.items = 0

    def _tables(self, world: Any) -> None:
        """What never changes, as lists."""
        platforms, products, of = world.platforms, world.products, self.office.mechanisms
        for name in ("activity", "part", "explore", "rest", "theta_fit", "theta_social"):
            setattr(self, name, getattr(platforms, name).tolist())
        self.personal, self.slots = platforms.personalisation.tolist(), platforms.part.sum(axis=1).tolist()
        for name in ("category", "merchant", "cycle", "quality", "spread", "fit_sd"):
            setattr(self, name, getattr(products, name).tolist())
        self.mean_fit, self.home = world.affinity.tolist(), of["occasions"].home.tolist()
        self.kappa, self.p_aware = of["persuasion"].kappa.tolist(), list(self.persuasion.aware.values())
        self.norm = math.exp(1.0 - 3.0 / self.persuasion.wear_in) * 3.0 / self.persuasion.wear_in
        self.of_category = [[p for p, c in enumerate(self.category) if c == k] for k in range(len(world.categories))]
        self.propensity = [s.share_propensity for s in world.scenario.segments]
        self.look = of["sharing"].look.tolist()
        self.promise, self.broken = of["delivery"].promise.tolist(), of["delivery"].broken.tolist()
        given, route = products.delivery, world.scenario.logistics
        self.transit = np.where(given < 0, route.delivery_days, given).tolist()

    def step(self) -> None:
        """Live one day."""
        experiences = self.deliver()
        notes = self.write_notes(experiences)
        self.open_office()
        self.intents: list[tuple[Any, ...]] = []
        self.agents.do("step")
        self.run_till()
        self.talk(experiences, notes)
        self.day += 1

    def open_office(self) -> None:
        """Plans, content, auction and shelf of the day, by the engine's own code; their results as lists."""
        office, day = self.office, self.day
        c, views = office.state.columns, office.views
        c["fatigue"][:] = [person.fatigue for person in self.people]
        office.state.shared["tally"][:] = 0
        for name in ("planning", "feed", "ads", "choice"):
            office.mechanisms[name].morning(views[name], day)
        ads, shelf = office.mechanisms["ads"], office.mechanisms["choice"].shelf
        self.weight, self.ads = office.mechanisms["feed"].weight.tolist(), c["ad_mean"].tolist()
        self.bought, self.credence = ads.bought.tolist(), c["credence"].tolist()
        self.by_interest, self.ad_fit = ads.by_interest.tolist(), ads.mean_fit.tolist()
        self.signal, self.lift, self.price, self.stock = (c[n].tolist() for n in ("signal", "lift", "price", "stock"))
        self.shown, self.shelf_price = shelf.shown[0].tolist(), shelf.price.tolist()
        self.tastes, self.mean_rate = office.mechanisms["choice"].tastes, self.world.occasions(day).tolist()
        self.ad_shown = np.zeros_like(c["ad_mean"], np.int64).tolist()

    def run_till(self) -> None:
        """Charge the ads; orders in the order of the hour, while stock lasts; parcels leave."""
        office, luck, route = self.office, self.random, self.world.scenario.logistics
        c = office.state.columns
        office.state.shared["ad_shown"][:] = self.ad_shown
        office.mechanisms["ads"].evening(office.views["ads"], self.day)
        office.state.table("bills").grew(0)
        for _, i, p, s in sorted(self.intents):
            if c["stock"][p] == 0:
                continue
            c["stock"][p] -= c["stock"][p] > 0
            c["sold"][p] += 1
            person = self.people[i]
            person.units[p] += 1
            person.last_purchase[p] = self.day
            person.orders += 1
            z = luck.gauss(0.0, 1.0) if route.delivery_spread > 0.0 else 0.0
            days = round(self.transit[p] * math.exp(route.delivery_spread * z - 0.5 * route.delivery_spread**2))
            self.parcels.setdefault(max(self.day + 1, self.day + days), []).append((i, p, s, self.day))

    def deliver(self) -> list[tuple[Any, ...]]:
        """Return, review, trust and lapse of what arrives today: tuples (person, product, platform, S, quality)."""
        t, luck, c = self.delivery, self.random, self.office.state.columns
        lived = []
        for i, p, s, paid in self.parcels.pop(self.day, ()):
            person, m = self.people[i], self.merchant[p]
            places = self.promise[self.region[i]]
            late = max(0.0, float(self.day - paid) - places[s if s < len(places) else 0][p])
            q = self.quality[p] + self.spread[p] * luck.gauss(0.0, 1.0) + self.fit_sd[p] * luck.gauss(0.0, 1.0)
            q -= t.late_penalty * late + (t.problem_loss if luck.random() < self.broken[m] else 0.0)
            d = (q - person.expectation[p]) / max(SIGMA_FLOOR, math.hypot(self.spread[p], self.fit_sd[p]))
            d = min(LATE_BOUND, max(-LATE_BOUND, d))
            met = satisfaction(d, t.theta)
            days = max(0.0, float(self.day - person.trust_day[m]))
            good = faded(person.trust_good[m], t.trust_prior_good, days, t.trust_half_life)
            bad = faded(person.trust_bad[m], t.trust_prior_bad, days, t.trust_half_life)
            content = met >= t.trust_bad_below
            person.trust_good[m] = good + (1.0 if content else 0.0)
            person.trust_bad[m] = bad + (0.0 if content else t.trust_bad)
            person.trust_day[m] = self.day
            person.expectation[p] = moved(person.expectation[p], q, t.expectation_rate)
            person.experience[p] = moved(person.experience[p], met, t.experience_rate)
            self.delivered += 1
            if luck.random() < return_probability(d, t.return_base, t.return_slope, 0.0):
                self.returned += 1
                c["stock"][p] += c["stock"][p] >= 0
            if luck.random() < review_probability(met, t.review_base, t.review_square):
                c["rating_sum"][p] += stars(met)
                c["review_count"][p] += 1.0
            if self.loyalty.enabled and luck.random() < lapse_probability(person.lapse_p[m], met, self.loyalty.c_s):
                person.alive[m] = 0
            lived.append((i, p, s, met, q))
        return lived

    def write_notes(self, experiences: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Notes of opinion consumers: posts for the feed, and (person, product, platform, signal) for their friends."""
        notes = []
        for i, p, _, _, q in experiences:
            if self.people[i].author and self.random.random() < self.seeding.organic_rate:
                pull = [row[self.people[i].segment] for row in self.activity]
                s = self.random.choices(range(len(pull)), pull)[0]
                appeal = math.exp(self.appeal_spread * self.random.gauss(0.0, 1.0))
                row = (len(notes), appeal, i, self.day, p, s, KOC, 0, q, 1.0, 1.0)
                self.office.state.table("posts").append(np.array([row], POST))
                notes.append((i, p, s, q))
        return notes

    def talk(self, experiences: list[tuple[Any, ...]], notes: list[tuple[Any, ...]]) -> None:
        """One generation of shares: today's experiences and notes, and those who pass on what they heard yesterday."""
        p = self.sharing
        rate = p.share_rate * (1.0 + p.incentive_effect * p.incentive)
        fresh = [(i, k, s, met > 0.0, q) for i, k, s, met, q in experiences if self.random.random() < share_probability(
            met, rate, p.bad_share_rate, self.propensity[self.people[i].segment])]
        fresh += [(i, k, s, q >= self.people[i].expectation[k], q) for i, k, s, q in notes]
        nodes = list(self.pending)
        for i, k, s, good, q in fresh:
            self.items += 1
            nodes.append((self.items, i, -1, k, s, good, q))
            self.taken.add((self.items, i))
        inbox: dict[int, list[Any]] = {}
        converts: dict[tuple[int, int], tuple[Any, ...]] = {}
        for item, i, parent, k, s, good, q in sorted(nodes, key=lambda node: self.ids[node[1]]):
            self._tell(item, i, parent, k, s, good, q, inbox, converts)
        self.shares += len(nodes)
        self.taken.update(converts)
        self.inbox, self.pending = inbox, list(converts.values())

    def _tell(self, item: int, i: int, parent: int, k: int, s: int, good: bool, q: float, inbox: dict[int, list[Any]],
              converts: dict[tuple[int, int], tuple[Any, ...]]) -> None:
        """Every friend of one sharer gets one try."""
        c, draw, taste = self.category[k], self.random.random, self.people[i].fit
        ties = [(j, tie, tie * similarity(taste[c], self.people[j].fit[c])) for j, tie in zip(
            self.indices[self.indptr[i]: self.indptr[i + 1]], self.strength[self.indptr[i]: self.indptr[i + 1]],
            strict=True) if j != parent]
        total = sum(w for _, _, w in ties)
        for j, tie, w in ties:
            if (item, j) in self.taken:
                continue
            passes = draw() < pass_on_probability(self.sharing.reach_per_share, w, total)
            if not passes and draw() >= tie * self.sharing.attention * self.look[s]:
                continue
            inbox.setdefault(j, []).append((i, k, s, good, q))
            if passes:
                converts.setdefault((item, j), (item, j, i, k, s, good, q))

    def facts(self) -> dict[str, float]:
        """What is compared with the engine."""
        n = len(self.people)
        return {
            "orders per person": sum(person.orders for person in self.people) / n,
            "aware share": sum(sum(person.aware) for person in self.people) / (n * len(self.category)),
            "return rate": self.returned / max(self.delivered, 1),
            "impressions per person": self.impressions / n,
            "clicks per person": self.clicks_made / n,
            "shares per person": self.shares / n,
        }


__all__ = ["SEARCH", "MesaMarket", "core"]
