"""The core rules of a person's day as one mesa.Agent, in plain Python: what the engine is measured against.

Written as a modeller would write it who starts from Mesa: lists and dictionaries, one object a person, the functions
of ``sim.rules`` (their Python bodies, so that nothing is compiled), ordinary random numbers. What does not depend on a
person (prices, weights of content, the ad auction) comes from the office: see :mod:`mesa_market`.
"""

from __future__ import annotations

import math
from typing import Any

import mesa

from sim import rng
from sim.contract import CHANNEL
from sim.rules import attention, choice, experience, memory


def body(rule: Any) -> Any:
    """The Python function inside a compiled rule."""
    return getattr(rule, "py_func", rule)


visit_probability, fatigue_after = body(attention.visit_probability), body(attention.fatigue_after)
response, click_probability = body(attention.response), body(attention.click_probability)
decayed, retention, moved = body(memory.decayed), body(memory.retention), body(memory.moved)
aware_by_exposure, trust = body(memory.aware_by_exposure), body(experience.trust)
belief_utility, price_utility = body(choice.belief_utility), body(choice.price_utility)
poisson = body(rng.poisson)

ADS, KOL, KOC, FRIEND, SEARCH = (CHANNEL[c] for c in ("ads", "kol", "koc", "friend", "search"))
INTEREST_PART, SEARCH_PART = 3, 4
LONG_AGO, MOST = -30000, 3.0
COLUMNS = ("segment", "income", "sensitivity", "author", "rate", "fit", "taste", "lapse_p", "fatigue", "adstock",
           "recent", "last_exposure", "expectation", "experience", "units", "last_purchase", "alive", "trust_good",
           "trust_bad", "trust_day")


class Shopper(mesa.Agent):
    """One person. Attributes are numbers and lists over products, merchants or categories, taken from row ``row``."""

    def __init__(self, model: Any, row: int, columns: dict[str, list[Any]]) -> None:
        super().__init__(model)
        self.row = row
        for name, values in columns.items():
            setattr(self, name, values[row])
        flags = model.office.state.columns["flags"][row]
        self.aware = [bool(f & 1) for f in flags]
        self.reached = [False] * len(flags)
        self.cued = [False] * len(flags)
        self.last_touch = [-1] * len(flags)
        self.visited: list[int] = []
        self.orders = 0

    def step(self) -> None:
        """Live one day."""
        self.open_platforms()
        seen: dict[tuple[int, int], list[int]] = {}
        for s in self.visited:
            self.scroll(s, seen)
            self.meet_ads(s, seen)
        self.hear(seen)
        clicked: dict[int, tuple[int, int]] = {}
        if seen:
            self.be_persuaded(seen)
            clicked = self.click(seen)
        self.think(clicked)

    def open_platforms(self) -> None:
        """Tire or recover, then open platforms."""
        m = self.model
        p, draw = m.visits, m.random.random
        views = 0.0
        for s in self.visited:
            views += m.slots[s]
        self.fatigue = fatigue_after(self.fatigue, views, p.fatigue_load, p.fatigue_memory)
        self.visited = [s for s, activity in enumerate(m.activity)
                        if draw() < visit_probability(activity[self.segment], self.fatigue, p.fatigue_effect)]

    def scroll(self, s: int, seen: dict[tuple[int, int], list[int]]) -> None:
        """The interest feed and the shelf of one platform."""
        m = self.model
        draw, weights = m.random.random, m.weight[s]
        fit, mean_fit, personal = self.fit, m.mean_fit[self.segment], m.personal[s]
        feed: list[tuple[int, int, float]] = []
        shelf: list[tuple[int, int, float]] = []
        for p, c in enumerate(m.category):
            score = m.theta_fit[s] * (personal * fit[c] + (1.0 - personal) * mean_fit[c] - 0.5)
            if self.cued[p]:
                score += m.theta_social[s]
            factor = math.exp(score)
            w = weights[p]
            if w[KOC] > 0.0:
                feed.append((p, KOC, w[KOC] * factor))
            if w[SEARCH] > 0.0:
                shelf.append((p, SEARCH, w[SEARCH] * factor))
        explore, rest = m.explore[s], m.rest[s]
        for cells, slots in ((feed, m.part[s][INTEREST_PART]), (shelf, m.part[s][SEARCH_PART])):
            if not cells:
                continue
            total = sum(w for _, _, w in cells) + rest
            curious = explore / (len(cells) + rest)
            for p, channel, w in cells:
                mean = slots * ((1.0 - explore) * w / total + curious)
                u = draw()
                if u >= 1.0 - mean:
                    self.note(seen, p, channel, s, poisson(u, mean))

    def meet_ads(self, s: int, seen: dict[tuple[int, int], list[int]]) -> None:
        """The slots that were sold."""
        m = self.model
        shown, usual = m.ads[s][self.segment], m.ad_fit[self.segment]
        for p in m.bought:
            mean = shown[p]
            if mean > 0.0:
                c = m.category[p]
                if m.by_interest[p] and usual[c] > 0.0:
                    mean *= min(MOST, self.fit[c] / usual[c])
                u = m.random.random()
                if u >= 1.0 - mean:
                    k = poisson(u, mean)
                    self.note(seen, p, ADS, s, k)
                    m.ad_shown[s][self.segment][p] += k

    def note(self, seen: dict[tuple[int, int], list[int]], p: int, channel: int, s: int, k: int) -> None:
        """Count k exposures; of several platforms one is remembered, drawn fairly."""
        if k == 0:
            return
        cell = seen.setdefault((p, channel), [0, s])
        cell[0] += k
        if self.model.random.random() * cell[0] < k:
            cell[1] = s

    def hear(self, seen: dict[tuple[int, int], list[int]]) -> None:
        """What friends shared yesterday."""
        m = self.model
        for _, p, s, good, signal in m.inbox.get(self.row, ())[: m.sharing.seen_cap]:
            self.expectation[p] = moved(self.expectation[p], signal, m.sharing.friend_weight)
            if good:
                self.note(seen, p, FRIEND, s, 1)
                self.cued[p] = True
            else:
                self.adstock[p] *= m.sharing.warn_adstock

    def be_persuaded(self, seen: dict[tuple[int, int], list[int]]) -> None:
        """Awareness, adstock, expectation, touches."""
        m, day = self.model, self.model.day
        by_product: dict[int, list[tuple[int, int]]] = {}
        for (p, channel), (k, _) in sorted(seen.items()):
            by_product.setdefault(p, []).append((channel, k))
            m.impressions += k
        for p, cells in by_product.items():
            gap = float(day - self.last_exposure[p])
            week = sum(k for _, k in cells)
            if self.reached[p]:
                week += decayed(self.recent[p], gap, 7.0)
            stock = decayed(self.adstock[p], gap, m.persuasion.half_life)
            wear, unaware, owner = response(week, m.persuasion.wear_in), 1.0, m.merchant[p]
            for channel, k in cells:
                believed = trust(self.trust_good[owner], self.trust_bad[owner])
                belief = believed if channel == ADS else m.credence[p][channel]
                stock += k * m.kappa[channel] * belief * (0.5 + self.fit[m.category[p]]) * wear
                unaware *= 1.0 - aware_by_exposure(m.p_aware[channel], k)
                if channel != FRIEND:
                    step = 1.0 - (1.0 - m.persuasion.expectation_weight) ** k
                    self.expectation[p] = moved(self.expectation[p], m.signal[p][channel], step)
                self.last_touch[p] = channel
            self.recent[p], self.adstock[p], self.last_exposure[p], self.reached[p] = week, stock, day, True
            if not self.aware[p] and m.random.random() < 1.0 - unaware:
                self.aware[p] = True

    def click(self, seen: dict[tuple[int, int], list[int]]) -> dict[int, tuple[int, int]]:
        """Channel and platform of the click of each product clicked."""
        m, draw, clicked, best = self.model, self.model.random.random, {}, {}
        p_click = m.clicks
        for (p, channel), (k, s) in sorted(seen.items()):
            relevance = max(0.0, 1.0 + p_click.relevance_weight * (self.fit[m.category[p]] - 0.5))
            wear = response(self.recent[p], m.persuasion.wear_in) / m.norm
            chance = click_probability(p_click.ctr0 * p_click.position * m.lift[p][channel], relevance,
                                       p_click.cue if self.cued[p] else 1.0, wear, k)
            u = draw()
            if u < chance:
                m.clicks_made += 1
                if u / chance < best.get(p, 2.0):
                    best[p], clicked[p] = u / chance, (channel, s)
        for p, (channel, _) in clicked.items():
            self.aware[p], self.last_touch[p] = True, channel
        return clicked

    def think(self, clicked: dict[int, tuple[int, int]]) -> None:
        """Needs in a category, impulses for a product; each is a choice."""
        m, draw = self.model, self.model.random.random
        for c, mean_rate in enumerate(m.mean_rate):
            mean = self.rate[c] * mean_rate
            u = draw()
            if u < 1.0 - mean:
                continue
            keep = 1.0
            for p in m.of_category[c]:
                if m.cycle[p] > 0.0 and self.last_purchase[p] > LONG_AGO:
                    since = (m.day - self.last_purchase[p]) / m.cycle[p]
                    keep = min(keep, 1.0 - math.exp(-since * since))
            for _ in range(poisson(u, mean)):
                if draw() < keep:
                    v, s, home = draw(), 0, m.home[self.segment]
                    while s < len(home) - 1 and v >= home[s]:
                        s += 1
                    self.choose(m.of_category[c], s, False)
        for p in sorted(clicked):
            self.choose((p,), clicked[p][1], True)

    def choose(self, options: Any, s: int, impulse: bool) -> None:
        """Multinomial logit over what is considered and not buying."""
        m, draw = self.model, self.model.random.random
        best, chosen, a = -math.log(-math.log(draw() + 1e-17)), -1, m.tastes.a_p * self.sensitivity
        for p in options:
            owner = m.merchant[p]
            if m.stock[p] == 0 or not self.alive[owner] or m.price[p] * 0.01 > m.choice.wallet_share * self.income:
                continue
            if not impulse:
                if not self.aware[p]:
                    if draw() >= m.search_share:
                        continue
                elif not (self.units[p] > 0 and m.day - self.last_purchase[p] <= 365):
                    ago = max(0.0, float(m.day - self.last_exposure[p]))
                    if draw() >= retention(ago, m.persuasion.forgetting_tau, m.persuasion.forgetting):
                        continue
            stock = self.adstock[p]
            if stock > 0.0:
                stock = decayed(stock, float(m.day - self.last_exposure[p]), m.persuasion.half_life)
            t = m.tastes
            v = self.taste[p] + m.shown[p] + price_utility(m.shelf_price[p], 1.0, a) + belief_utility(
                stock, trust(self.trust_good[owner], self.trust_bad[owner]), self.fit[m.category[p]],
                self.expectation[p], self.experience[p], t.b_a, t.b_t, t.b_fit, t.b_e, t.b_x)
            if impulse:
                v += m.choice.impulse_appeal
            value = v - math.log(-math.log(draw() + 1e-17))
            if value > best:
                best, chosen = value, p
        if chosen >= 0:
            self.aware[chosen] = True
            m.intents.append((24.0 * draw(), self.row, chosen, s))
