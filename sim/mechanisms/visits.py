"""Opening platforms, and tiring of what they sell.

    open today   u(consumer, day, platform) < a_{s,segment} (1 - phi F)
    fatigue      F <- m F + (1-m) min(1, V/f0),   V commercial slots of the platforms opened yesterday

With ``turns`` one consumer acts a step, in index order (the urn limit).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import Mechanism, Scratch
from sim.rng import Stream, day_key, entity_key, slots_of, uniform_at
from sim.rules.attention import fatigue_after, visit_probability
from sim.rules.cells import TILE
from sim.rules.packed import SHARE, code_of, number_of
from sim.scenario.parameters import VisitParams


@njit(nogil=True, cache=True)
def _visit(lo: int, hi: int, ids: Any, segment: Any, fatigue: Any, visited: Any, activity: Any, slots: Any, at: Any,
           base: Any, effect: float, load: float, memory: float) -> None:
    who, bits = np.empty(TILE, np.uint64), np.empty(TILE, np.uint64)
    views, tired, chance = np.empty(TILE), np.empty(TILE), np.empty(TILE)
    for first in range(lo, hi, TILE):
        last = min(hi, first + TILE)
        mine, group, kept, today = ids[first:last], segment[first:last], fatigue[first:last], visited[first:last]
        n = len(mine)
        for j in range(n):
            who[j] = entity_key(base, mine[j])
            views[j] = 0.0
            bits[j] = np.uint64(0)
        for s in range(len(at)):
            commercial = slots[s]
            for j in range(n):
                views[j] += commercial * ((today[j] >> np.uint32(s)) & np.uint32(1))
        for j in range(n):
            tired[j] = fatigue_after(number_of(kept[j], SHARE), views[j], load, memory)
            kept[j] = code_of(tired[j], SHARE)
        for s in range(len(at)):
            opened, add, rate = np.uint64(1) << np.uint64(s), at[s], activity[s]
            for j in range(n):
                chance[j] = visit_probability(rate[group[j]], tired[j], effect)
            for j in range(n):
                bits[j] |= opened if uniform_at(who[j], add) < chance[j] else np.uint64(0)
        for j in range(n):
            today[j] = np.uint32(bits[j])


class Visits(Mechanism):
    """Who opens which platform today."""

    name = "visits"
    Params = VisitParams
    reads = ("id", "segment", "ad_load")
    writes = ("fatigue", "visited")
    equation = "P(open s) = a_s,seg (1 - phi F);  F <- m F + (1-m) min(1, views/f0)"

    def prepare(self, view: Any, day: int) -> None:
        """Commercial slots a visit brings, by platform, as the scenario has them."""
        self.ad_slots, self.slots = view.world.platforms.part[:, 0], view.world.platforms.part.sum(axis=1)
        self.at = slots_of(view.world.platforms.key)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Tire or recover, then open platforms."""
        p, platforms = self.params, view.world.platforms
        slots = self.slots + (view.ad_load - 1.0) * self.ad_slots
        _visit(lo, hi, view.id, view.segment, view.fatigue, view.visited, platforms.activity, slots, self.at,
               day_key(view.seed, Stream.VISIT, day), p.fatigue_effect, p.fatigue_load, p.fatigue_memory)
        if p.turns:
            turn = view.visited[day] if lo <= day < hi else 0
            view.visited[lo:hi] = 0
            if lo <= day < hi:
                view.visited[day] = turn
