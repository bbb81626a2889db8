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
from sim.rng import Stream, day_key, entity_key, uniform
from sim.rules.attention import fatigue_after, visit_probability
from sim.scenario.parameters import VisitParams


@njit(nogil=True, cache=True)
def _visit(lo: int, hi: int, ids: Any, segment: Any, fatigue: Any, visited: Any, activity: Any, slots: Any, keys: Any,
           base: Any, effect: float, load: float, memory: float, turn: int) -> None:
    platforms = len(keys)
    for i in range(lo, hi):
        views = 0.0
        old = visited[i]
        for s in range(platforms):
            if old & np.uint32(1 << s):
                views += slots[s]
        tired = fatigue_after(fatigue[i], views, load, memory)
        fatigue[i] = tired
        who = entity_key(base, ids[i])
        bits = np.uint32(0)
        if turn < 0 or turn == i:
            for s in range(platforms):
                if uniform(who, keys[s]) < visit_probability(activity[s, segment[i]], tired, effect):
                    bits |= np.uint32(1 << s)
        visited[i] = bits


class Visits(Mechanism):
    """Who opens which platform today."""

    name = "visits"
    Params = VisitParams
    reads = ("id", "segment")
    writes = ("fatigue", "visited")
    equation = "P(open s) = a_s,seg (1 - phi F);  F <- m F + (1-m) min(1, views/f0)"

    def prepare(self, view: Any, day: int) -> None:
        """Commercial slots a visit brings, by platform."""
        self.slots = view.world.platforms.part.sum(axis=1)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Tire or recover, then open platforms."""
        p, platforms = self.params, view.world.platforms
        _visit(lo, hi, view.id, view.segment, view.fatigue, view.visited, platforms.activity, self.slots, platforms.key,
               day_key(view.seed, Stream.VISIT, day), p.fatigue_effect, p.fatigue_load, p.fatigue_memory,
               day if p.turns else -1)
