"""The social rule of awareness, beside exposures: none, or one of four textbook rules.

    contact    1 - (1-alpha)(1-beta_w)^j (1-beta_s)^m     j weak, m strong friends who talk; p_day = 1-(1-p)^(1/7)
    hazard     1 - exp(-(p + q F))                        F share of friends who have bought (well mixed: of everybody)
    threshold  share of friends who have bought >= phi    without friends never
    cascade    one try of b along each tie, on the day after the friend bought, and never again

A friend talks from the day after delivery, for ``talk_days``. alpha counts only in a market without feed and ads
(decision D8). Everybody looks at purchases of earlier days, so the order of people does not matter. Sources:
Goldenberg, Libai & Muller 2001; Bass 1969; Watts 2002; Kempe, Kleinberg & Tardos 2003; decision D7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, COUNT, NO_TOUCH, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.exposure import word
from sim.rules.memory import aware_by_contact, aware_by_hazard
from sim.scenario.parameters import AwarenessParams
from sim.state.columns import AWARE, NEVER
from sim.state.ties import circle, is_strong

CONTACT = CHANNEL["contact"]
RULES = ("none", "contact", "hazard", "threshold", "cascade")
_CONTACT, _HAZARD, _THRESHOLD, _CASCADE = 1, 2, 3, 4
_AWARE = COUNT["aware"]
WEEK = 7.0


def per_step(weekly: float, step: float) -> float:
    """A weekly probability as one for a step of ``step`` days: 1 - (1-p)^(step/7)."""
    return float(1.0 - (1.0 - weekly) ** (step / WEEK))


@njit
def _bought(indptr: Any, indices: Any, units: Any, i: int, p: int) -> int:
    count = 0
    for e in range(indptr[i], indptr[i + 1]):
        if units[indices[e], p] > 0:
            count += 1
    return count


@njit(nogil=True, cache=True)
def _learn(lo: int, hi: int, day: int, rule: int, ids: Any, indptr: Any, indices: Any, ties: Any, flags: Any,
           units: Any, talked: Any, bought_on: Any, first_touch: Any, last_touch: Any, on_sale: Any, product_key: Any,
           alpha: float, beta_weak: float, beta_strong: float, talk: int, p_own: float, q: float, mixed: bool,
           everybody: Any, phi: float, b: float, today: Any, ever: Any, became: Any, filled: int,
           tally: Any) -> int:
    """``talked`` int16[N, P], day of what starts a friend's talk; ``everybody`` float64[P], share that has bought."""
    home = (0, 0)
    for i in range(lo, hi):
        if i >= home[1]:
            home = circle(ties, i)
        degree = indptr[i + 1] - indptr[i]
        for p in range(len(product_key)):
            if flags[i, p] & AWARE or not on_sale[p]:
                continue
            success = False
            if rule == _CASCADE:
                for e in range(indptr[i], indptr[i + 1]):
                    j = indices[e]
                    if bought_on[j, p] != day - 1:
                        continue
                    tie = entity_key(entity_key(ever, ids[j]), ids[i])
                    if uniform(tie, product_key[p]) < b:
                        success = True
                        break
            elif rule == _THRESHOLD:
                success = degree > 0 and _bought(indptr, indices, units, i, p) >= phi * degree - 1e-9
            else:
                if rule == _CONTACT:
                    weak, tight = 0, 0
                    for e in range(indptr[i], indptr[i + 1]):
                        since = talked[indices[e], p]
                        if since > NEVER and 0 < day - since <= talk:
                            if is_strong(ties, e, home):
                                tight += 1
                            else:
                                weak += 1
                    if alpha == 0.0 and weak + tight == 0:
                        continue
                    chance = aware_by_contact(alpha, beta_weak, beta_strong, weak, tight)
                else:
                    share = everybody[p] if mixed else 0.0
                    if not mixed and degree > 0:
                        share = _bought(indptr, indices, units, i, p) / degree
                    chance = aware_by_hazard(p_own, q, share)
                success = uniform(entity_key(today, ids[i]), product_key[p]) < chance
            if not success:
                continue
            flags[i, p] |= AWARE
            became[filled] = word(i - lo, p, CONTACT, 0, 1)
            filled += 1
            if first_touch[i, p] == NO_TOUCH:
                first_touch[i, p] = CONTACT
            if last_touch[i, p] == NO_TOUCH:
                last_touch[i, p] = CONTACT
            tally[_AWARE, p, CONTACT] += 1
    return filled


class Awareness(Mechanism):
    """Who hears of a product from people, by one of the textbook rules.

    Whoever hears of it has met it: where persuasion acts, one exposure in channel contact is booked, which sets recency
    and adstock there.
    """

    name = "awareness"
    Params = AwarenessParams
    reads = ("id", "units", "last_purchase", "last_delivery")
    writes = ("flags", "first_touch", "last_touch")
    equation = "P(aware) = 1-(1-alpha)(1-bw)^j(1-bs)^m | 1-exp(-(p+qF)) | 1[F >= phi] | b once a tie"

    def prepare(self, view: Any, day: int) -> None:
        """Rates of a step."""
        p, others = self.params, view.world.scenario.mechanisms
        step = view.world.scenario.market.step_length
        alpha = 0.0 if others.feed.enabled or others.ads.enabled else p.alpha
        weekly = (alpha, p.beta_weak, p.beta_strong)
        self.rates = tuple(per_step(rate, step) for rate in weekly) if p.per_week else weekly
        self.talk = int(p.talk_days / step)
        self.delivered = others.delivery.enabled
        self.exposes = others.persuasion.enabled
        self.rule = RULES.index(p.rule)

    def morning(self, view: Any, day: int) -> None:
        """The share of everybody who has bought, float64[P], where everybody meets everybody."""
        products = view.world.products
        self.on_sale = products.enters <= day
        self.mixed = bool(getattr(view.network, "well_mixed", False))
        self.everybody = np.zeros(len(products.key))
        if self.mixed and self.rule == _HAZARD:
            self.everybody = (view.units > 0).mean(axis=0, dtype=float)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Ask friends."""
        if self.rule == 0:
            return
        p, net = self.params, view.network
        alpha, weak, strong = self.rates
        talked = view.last_delivery if self.delivered else view.last_purchase
        products, became = view.world.products, scratch.became
        room, first = became.room((hi - lo) * len(products.key)), became.n
        became.n = _learn(
            lo, hi, day, self.rule, view.id, net.indptr, net.indices, net.ties, view.flags, view.units, talked,
            view.last_purchase, view.first_touch, view.last_touch, self.on_sale, products.key, alpha, weak, strong,
            self.talk, p.p, p.q, self.mixed, self.everybody, p.phi, p.b, day_key(view.seed, Stream.CONTACT, day),
            day_key(view.seed, Stream.CONTACT, 0), room, first, scratch.tally)
        if self.exposes:
            met, shown = became.rows[first:], scratch.shown
            shown.room(len(met))[shown.n : shown.n + len(met)] = met
            shown.n += len(met)
