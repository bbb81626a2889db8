"""Bought slots: an auction a day for each platform and segment, then the exposures won.

    slots    v_sg = a_sg n_g (1 - phi mean F_g),  on offer v_sg x ad slots a visit x load (sim.mechanisms.retention)
    budget   a merchant's purse, in equal shares over its products on sale, over cells by slots x (1|mean fit|listed)
    score    bid x ctr0 (1 + w (mean fit - 1/2));  price = next score / own ctr       (sim.rules.auction)
    shown    k ~ Poisson( won_sgp / v_sg  x  fit_i / mean fit  [target interest] )
    charge   sum k price, at most the purse

Outside bidders are rungs at the quantiles (k + 1/2)/n of a lognormal of bids, each after an equal part of the slots.
A bid that nobody named is the lowest that ranks above enough slots to spend the day's budget: what an impression costs
is an outcome. Decision D19. A merchant with an empty purse does not bid, and without bidders nothing happens here.
"""

from __future__ import annotations

from operator import is_
from statistics import NormalDist
from typing import Any

import numpy as np
from numba import njit

from sim.contract import CHANNEL, Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, slots_of, uniform
from sim.rules.auction import clear, lowest_level
from sim.rules.cells import TILE, Room, expose, openers
from sim.rules.exposure import count_of, product_of, row_of
from sim.rules.packed import FIT, SHARE, number_of
from sim.scenario.parameters import AdParams
from sim.state import judgement
from sim.state.exposures import room_of
from sim.state.ledger import REASON
from sim.state.records import BILL

ADS = CHANNEL["ads"]
AUTO = -1.0
MOST = 3.0
"""Targeting by interest shows a person at most this multiple of the segment's mean."""


def ladder(competitors: int, cpm_median: float, cpm_spread: float) -> np.ndarray:
    """float64[competitors], outside bids in fen an impression, ascending; ``cpm_median`` yuan per 1000."""
    z = [NormalDist().inv_cdf((k + 0.5) / competitors) for k in range(competitors)]
    return np.asarray(cpm_median * 0.1 * np.exp(cpm_spread * np.array(z, float)))


@njit(nogil=True, cache=True)
def _auction(slots: Any, outside: Any, ctr0: float, bid: Any, ctr: Any, budget: Any, tie: Any, won: Any,
             price: Any) -> None:
    """Fill ``won`` (impressions) and ``price`` (fen an impression), float64[S, G, P], cell by cell.

    ``slots`` [S, G]; ``outside`` [K] bids; ``bid`` [P], AUTO for none named; ``ctr`` [G, P]; ``budget`` [S, G, P] fen;
    ``tie`` [P] uniforms that rank equal scores.
    """
    platforms, segments, products = budget.shape
    rungs = len(outside)
    for s in range(platforms):
        for g in range(segments):
            supply = slots[s, g]
            if supply <= 0.0 or budget[s, g].sum() <= 0.0:
                continue
            n = rungs + products
            score = np.zeros(n)
            rate = np.full(n, ctr0)
            wanted = np.zeros(n)
            money = np.full(n, np.inf)
            for k in range(rungs):
                score[k] = outside[k] * ctr0
                wanted[k] = supply / rungs
            worth = 0.0
            for p in range(products):
                b = rungs + p
                rate[b] = ctr[g, p]
                money[b] = budget[s, g, p]
                if money[b] <= 0.0 or rate[b] <= 0.0:
                    rate[b] = 1.0
                elif bid[p] == AUTO:
                    worth += money[b] * rate[b]
                else:
                    score[b] = bid[p] * rate[b] * (1.0 + 1e-9 * tie[p])
                    wanted[b] = supply
            if worth > 0.0:
                others, _ = clear(score, rate, wanted, money, supply)
                level, room = lowest_level(score, others, supply, worth)
                share = min(1.0, level * room / worth) if level > 0.0 else 0.0
                for p in range(products):
                    b = rungs + p
                    if bid[p] == AUTO and budget[s, g, p] > 0.0 and ctr[g, p] > 0.0:
                        score[b] = level * (1.0 + 1e-9 * (1.0 + tie[p]))
                        if level > 0.0:
                            wanted[b] = share * money[b] * rate[b] / level
                        else:
                            wanted[b] = room * money[b] * rate[b] / worth
            got, paid = clear(score, rate, wanted, money, supply)
            for p in range(products):
                won[s, g, p] = got[rungs + p]
                price[s, g, p] = paid[rungs + p] if got[rungs + p] > 0.0 else 0.0


@njit(nogil=True, cache=True, _nrt=False)
def _show_ads(start: int, lo: int, hi: int, ids: Any, segment: Any, visited: Any, fit: Any, category: Any,
              expected: Any, bought: Any, channel: Any, at: Any, by_interest: Any, mean_fit: Any, base: Any, shown: Any,
              room: Room, out: Any, filled: int) -> tuple[int, int]:
    """Ads seen by the people [start, hi) of the block that begins at ``lo``. Stops where ``out`` might not hold what
    the next people see; the row it came to and how many words there are."""
    platforms, count = expected.shape[0], len(bought)
    rows, key, who, liking, mean = room.rows, room.key, room.who, room.by_category, room.mean
    for first in range(start, hi, TILE):
        last = min(hi, first + TILE)
        if filled + TILE * count * platforms > len(out):
            return first, filled
        mine = ids[first:last]
        for j in range(len(mine)):
            key[j] = entity_key(base, mine[j])
        for s in range(platforms):
            n = openers(first, last, s, visited, rows)
            for j in range(n):
                who[j] = key[rows[j] - first]
            for c in range(fit.shape[1]):
                row = liking[c]
                for j in range(n):
                    i = rows[j]
                    row[j] = min(MOST, number_of(fit[i, c], FIT) / mean_fit[segment[i], c])
            for x in range(count):
                p = bought[x]
                each, row, factor = expected[s, :, p], mean[x], liking[category[p]]
                if by_interest[p]:
                    for j in range(n):
                        row[j] = each[segment[rows[j]]] * factor[j]
                else:
                    for j in range(n):
                        row[j] = each[segment[rows[j]]]
            was = filled
            filled = expose(lo, s, n, count, at[s], bought, channel, room, out, filled)
            for x in range(was, filled):
                shown[s, segment[lo + row_of(out[x])], product_of(out[x])] += count_of(out[x])
    return hi, filled


@njit(nogil=True, cache=True, _nrt=False)
def _offer(segment: Any, fatigue: Any, people: Any, activity: Any, effect: float, ads: Any, load: Any, weight: Any,
           visits: Any, slots: Any, cells: Any) -> None:
    """Fill ``visits`` and ``slots`` [S, G], visits to expect today and slots on offer, and ``cells`` [S, G, P], slots x
    ``weight`` [G, P]. ``people`` [G]; ``ads`` [S], bought slots a visit, times ``load`` [S]."""
    platforms, groups, products = cells.shape
    tired = slots[0]
    for g in range(groups):
        tired[g] = 0.0
    for i in range(len(segment)):
        tired[segment[i]] += fatigue[i]
    for g in range(groups):
        left = 1.0 - effect * (SHARE.step * tired[g] / max(people[g], 1.0))
        for s in range(platforms):
            expected = min(max(activity[s, g] * left, 0.0), 1.0) * people[g]
            visits[s, g] = max(expected, 1e-12)
            slots[s, g] = expected * (ads[s] * load[s])
            for p in range(products):
                cells[s, g, p] = slots[s, g] * weight[g, p]


@njit(nogil=True, cache=True, _nrt=False)
def _charge(shown: Any, price: Any, merchant: Any, purse: Any, owed: Any, parts: Any) -> None:
    """Fill ``parts`` [M, S] with the fen that merchants pay platforms for what was ``shown`` at its ``price``, both
    [S, G, P]: the sum, at most the ``purse`` [M], shared by largest remainder. ``owed`` [M, S]: zeros."""
    platforms, groups, products = shown.shape
    for s in range(platforms):
        for p in range(products):
            fen = 0.0
            for g in range(groups):
                fen += shown[s, g, p] * price[s, g, p]
            owed[merchant[p], s] += fen
    for m in range(len(purse)):
        whole = 0.0
        for s in range(platforms):
            whole += owed[m, s]
        total = min(int(np.rint(whole)), purse[m])
        if total <= 0:
            continue
        left = total
        for s in range(platforms):
            exact = total * (owed[m, s] / whole)
            parts[m, s] = int(np.floor(exact))
            owed[m, s] = exact - parts[m, s]
            left -= parts[m, s]
        for _ in range(left):
            most = 0
            for s in range(1, platforms):
                most = s if owed[m, s] > owed[m, most] else most
            parts[m, most] += 1
            owed[m, most] = -1.0


class Ads(Mechanism):
    """The market for paid slots, and who sees what was bought."""

    name = "ads"
    Params = AdParams
    reads = ("id", "segment", "visited", "fit", "fatigue", "stock", "closed_until", "ad_shown", "ad_load", "ledger",
             "orders_of")
    writes = ("purse", "ad_mean", "ad_price", "bills")
    equation = "rank bid x ctr; price = next score / own ctr; n ~ Poisson(won / visits x fit_i/mean fit)"

    def prepare(self, view: Any, day: int) -> None:
        """Who the segments are, what outsiders bid, what each product predicts to be clicked."""
        world, p = view.world, self.params
        groups, categories = world.affinity.shape
        self.people = np.bincount(view.segment, minlength=groups).astype(float)
        at_least = np.maximum(self.people, 1.0)
        total = [np.bincount(view.segment, view.fit[:, c], groups) for c in range(categories)]
        self.mean_fit = FIT.step * (np.array(total).reshape(categories, groups) / at_least).T
        clicks = world.scenario.mechanisms.clicks
        self.effect = world.scenario.mechanisms.visits.fatigue_effect
        self.ctr0 = max(clicks.ctr0, 1e-9)
        self.typical = np.where(self.mean_fit > 0.0, self.mean_fit, np.inf)
        fit = self.mean_fit[:, world.products.category]
        self.ctr = self.ctr0 * np.maximum(1.0 + clicks.relevance_weight * (fit - 0.5), 0.0)
        self.outside = ladder(p.competitors, p.cpm_median, p.cpm_spread)
        base = day_key(view.seed, Stream.ADS, 0)
        self.tie = np.array([uniform(base, key) for key in world.products.key], float)
        self.targeted: list[Any] = []
        self.wins: list[bool] = []
        self.bought, self.at = np.zeros(0, np.int64), np.zeros((0, 0), np.uint64)
        self.visits, self.slots = np.zeros((2, len(world.platform_names), groups))

    def morning(self, view: Any, day: int) -> None:
        """Clear every cell; keep what a visit brings and what an impression costs."""
        view.ad_price.fill(0.0)
        purse, world = view.purse[:, ADS], view.world
        if not purse.any():
            view.ad_mean.fill(0.0)
            self.wins, self.bought = [], self.bought[:0]
            return
        merchant, on_sale = world.products.merchant, judgement.on_sale(view, day) & (view.stock != 0)
        self.target(view)
        cells, won = np.zeros((2, *view.ad_mean.shape))
        _offer(view.segment, view.fatigue, self.people, world.platforms.activity, self.effect,
               world.platforms.part[:, 0], view.ad_load, self.weight, self.visits, self.slots, cells)  # fmt: skip
        each = (purse / np.maximum(np.bincount(merchant, on_sale, len(purse)), 1.0))[merchant] * on_sale
        budget = cells / np.maximum(cells.sum(axis=(0, 1)), 1e-300) * each
        _auction(self.slots, self.outside, self.ctr0, self.bid, self.ctr, budget, self.tie, won, view.ad_price)
        np.divide(won, self.visits[:, :, None], out=view.ad_mean)
        wins = won.any(axis=(0, 1))
        if wins.tolist() != self.wins:
            self.wins, self.bought = wins.tolist(), wins.nonzero()[0]
            self.channel = np.full(len(self.bought), ADS)
            self.at = slots_of(world.cell_key[:, self.bought, ADS])

    def target(self, view: Any) -> None:
        """Bids float64[P] (fen an impression), weights of segments float64[G, P], who targets by interest, today."""
        if len(self.targeted) == len(view.orders_of) and all(map(is_, self.targeted, view.orders_of)):
            return
        self.targeted = list(view.orders_of)
        world = view.world
        count, groups = len(world.product_names), len(self.people)
        self.bid = np.full(count, AUTO)
        self.weight = np.ones((groups, count))
        self.by_interest = np.zeros(count, np.uint8)
        for m, merchant in enumerate(world.scenario.merchants):
            mine = world.products.merchant == m
            tactics = getattr(view.orders_of[m], "ads", merchant.plan.ads)
            if tactics.bid is not None:
                self.bid[mine] = tactics.bid * 0.1
            elif not self.params.auto_bid:
                self.bid[mine] = self.params.cpm_median * 0.1
            if tactics.target == "interest":
                self.by_interest[mine] = 1
                self.weight[:, mine] = self.mean_fit[:, world.products.category[mine]]
            elif tactics.target == "segment":
                listed = np.array([name in tactics.segments for name in world.segments], float)
                self.weight[:, mine] = listed[:, None]

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Show what was bought to those who opened the platform."""
        if len(self.bought) == 0:
            return
        words, row = scratch.shown, lo
        tile = room_of(scratch, view.fit.shape[1], 0, len(self.bought))
        while row < hi:
            out = words.room(TILE * self.at.size)
            row, words.n = _show_ads(row, lo, hi, view.id, view.segment, view.visited, view.fit,
                                     view.world.products.category, view.ad_mean, self.bought, self.channel, self.at,
                                     self.by_interest, self.typical, day_key(view.seed, Stream.ADS, day),
                                     scratch.ad_shown, tile, out, words.n)

    def evening(self, view: Any, day: int) -> None:
        """Charge what was really shown, up to the purse: one bill for each merchant and platform."""
        if len(self.bought) == 0:
            return
        purse, ledger = view.purse[:, ADS], view.ledger
        owed, parts = np.zeros((len(purse), len(view.ad_shown))), np.zeros((len(purse), len(view.ad_shown)), np.int64)
        _charge(view.ad_shown, view.ad_price, view.world.products.merchant, purse, owed, parts)
        bills = [(ledger.merchant0 + m, ledger.platform0 + s, fen, REASON["ads"], m)
                 for m, row in enumerate(parts.tolist()) for s, fen in enumerate(row) if fen > 0]  # fmt: skip
        view.bills.append(np.array(bills, BILL))
        purse -= parts.sum(axis=1)
