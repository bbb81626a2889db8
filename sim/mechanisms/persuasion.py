"""What exposures leave behind: awareness, adstock, expectation, touches.

    recent   n <- n 2^(-dt/week) + k            A <- A 2^(-dt/h) + k kappa_ch T_ch fit response(n)
    aware    1 - (1 - p_ch)^k                   E <- E + (1 - (1-w)^k)(signal_ch - E)

T is trust in the source: the merchant for its ads, the creators for their posts, 1 for friends and
their notes (their credibility is in kappa). The signal of a channel is the quality its content promises.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.contract import CHANNEL, COUNT, NO_TOUCH, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.attention import response
from sim.rules.experience import trust
from sim.rules.exposure import MOST, PRODUCT, count_of, places
from sim.rules.memory import aware_by_exposure, faded_by, moved
from sim.rules.packed import ADSTOCK, EVIDENCE, FIT, QUALITY, RECENT, code_of, number_of
from sim.scenario.parameters import PersuasionParams
from sim.state.columns import AWARE, REACHED
from sim.state.exposures import seen
from sim.state.judgement import left_by_days

ADS, FRIEND = np.uint64(CHANNEL["ads"]), np.uint64(CHANNEL["friend"])
_IMPRESSIONS, _REACHED, _AWARE = COUNT["impressions"], COUNT["reached"], COUNT["aware"]
WEEK = 7.0
TIMES = MOST + 1
"""Exposures a day, 0 to the most that count."""


class Tables(NamedTuple):
    """What is looked up instead of worked out: what a week and the adstock leave after 0, 1, 2 ... days, the chance to
    remain unaware and the step of belief by exposures of a day (float64[CH, TIMES], float64[TIMES]), wear by code."""

    week_left: Any
    stock_left: Any
    missed: Any
    step: Any
    wear: Any


@njit(cache=True)
def _look_up(p_aware: Any, peak: float, weight: float) -> Any:
    missed, step, wear = np.empty((len(p_aware), TIMES)), np.empty(TIMES), np.empty(int(RECENT.top) + 1)
    for k in range(len(wear)):
        wear[k] = response(number_of(k, RECENT), peak)
    for k in range(TIMES):
        step[k] = 1.0 - (1.0 - weight) ** np.uint8(k)
        for ch in range(len(p_aware)):
            missed[ch, k] = 1.0 - aware_by_exposure(p_aware[ch], float(k))
    return missed, step, wear


@njit(nogil=True, cache=True, _nrt=False)
def _persuade(
    lo: int,
    day: int,
    ids: Any,
    fit: Any,
    flags: Any,
    adstock: Any,
    recent: Any,
    last: Any,
    expectation: Any,
    first_touch: Any,
    last_touch: Any,
    good: Any,
    bad: Any,
    category: Any,
    merchant: Any,
    product_key: Any,
    kappa: Any,
    signal: Any,
    tables: Tables,
    credence: Any,
    base: Any,
    words: Any,
    became: Any,
    filled: int,
    tally: Any,
) -> int:
    week_left, stock_left, missed, step, wear = tables
    expected, pull, unaware, total, first = 0.0, 0.0, 1.0, 0, ADS
    for x in range(len(words)):
        w = words[x]
        row, p, ch = places(w)
        i, k = np.uint64(lo) + row, count_of(w)
        if total == 0:
            first, expected = ch, number_of(expectation[i, p], QUALITY)
        total += k
        tally[_IMPRESSIONS, p, ch] += k
        belief = credence[p, ch]
        if ch == ADS:
            m = merchant[p]
            belief = trust(number_of(good[i, m], EVIDENCE), number_of(bad[i, m], EVIDENCE))
        pull += k * kappa[ch] * belief
        unaware *= missed[ch, k]
        if ch != FRIEND:
            expected = moved(expected, signal[p, ch], step[k])
        if x + 1 < len(words) and words[x + 1] >> PRODUCT == w >> PRODUCT:
            continue
        gap = day - last[i, p]
        known = flags[i, p]
        week = float(total)
        if known & REACHED:
            week += faded_by(number_of(recent[i, p], RECENT), gap, week_left)
        else:
            tally[_REACHED, p, first if first_touch[i, p] == NO_TOUCH else first_touch[i, p]] += 1
        times = code_of(week, RECENT)
        gain = (0.5 + number_of(fit[i, category[p]], FIT)) * wear[times]
        stock = faded_by(number_of(adstock[i, p], ADSTOCK), gap, stock_left) + pull * gain
        recent[i, p] = times
        adstock[i, p] = code_of(stock, ADSTOCK)
        expectation[i, p] = code_of(expected, QUALITY)
        last[i, p] = day
        if first_touch[i, p] == NO_TOUCH:
            first_touch[i, p] = first
        last_touch[i, p] = ch
        if not known & AWARE and uniform(entity_key(base, ids[i]), product_key[p]) < 1.0 - unaware:
            known |= AWARE
            became[filled] = w
            filled += 1
            tally[_AWARE, p, ch] += 1
        flags[i, p] = known | REACHED
        pull, unaware, total = 0.0, 1.0, 0
    return filled


class Persuasion(Mechanism):
    """From having seen to knowing, liking and expecting."""

    name = "persuasion"
    Params = PersuasionParams
    reads = ("id", "fit", "trust_good", "trust_bad", "signal", "credence")
    writes = ("flags", "adstock", "recent", "last_exposure", "expectation", "first_touch", "last_touch")
    equation = "A <- A 2^(-dt/h) + sum k kappa T fit response(n);  P(aware) = 1 - prod (1-p_ch)^k"

    def prepare(self, view: Any, day: int) -> None:
        """Per-channel tables."""
        p = self.params
        self.kappa = np.array(p.kappa.values())
        by_times = _look_up(np.array(p.aware.values()), p.wear_in, p.expectation_weight)
        self.tables = Tables(left_by_days(WEEK), left_by_days(float(p.half_life)), *by_times)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Persuade those who saw something."""
        products = view.world.products
        words, became = seen(scratch, hi - lo), scratch.became
        if len(words) == 0:
            return
        became.n = _persuade(
            lo,
            day,
            view.id,
            view.fit,
            view.flags,
            view.adstock,
            view.recent,
            view.last_exposure,
            view.expectation,
            view.first_touch,
            view.last_touch,
            view.trust_good,
            view.trust_bad,
            products.category,
            products.merchant,
            products.key,
            self.kappa,
            view.signal,
            self.tables,
            view.credence,
            day_key(view.seed, Stream.AWARE, day),
            words,
            became.room(len(words)),
            became.n,
            scratch.tally,
        )
