"""Platforms that guard retention (留存): bought slots react to how many come back.

    measured   r_s = those who opened s yesterday and again today / those who opened it yesterday, over ``every`` days
    decided    r_s < keep x best r_s so far:  load <- load (1 - step);  else load (1 + step);  lowest <= load <= highest
    acts       bought slots a visit x load (sim.mechanisms.ads); commercial views that tire (sim.mechanisms.visits)

The rule itself is :meth:`sim.agents.platform.Platform.decide`; a platform sees its own visits and nothing of what
people feel. Acts for platforms with a ``guard``. Slots given up are filled with what is not for sale.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Column, Mechanism
from sim.scenario.parameters import RetentionParams


class Retention(Mechanism):
    """Ad load that follows visits."""

    name = "retention"
    Params = RetentionParams
    columns = (
        Column("came_back", ("S",), np.int64, "visits", "Visits since the last decision by yesterday's visitors.",
               owner="retention"),
        Column("could_come", ("S",), np.int64, "visits", "Visitors of the days before, since the last decision.",
               owner="retention"),
    )
    reads = ("visited", "market")
    writes = ("ad_load", "came_back", "could_come")
    equation = "load <- load (1 -+ step) as r < keep best r"

    def prepare(self, view: Any, day: int) -> None:
        """Which platforms guard; who opened what yesterday."""
        self.guards = [p.guard for p in view.world.scenario.platforms]
        if not hasattr(self, "yesterday"):
            self.yesterday = np.zeros_like(view.visited)
        for s, guard in enumerate(self.guards):
            if guard is None:
                view.ad_load[s] = 1.0

    def evening(self, view: Any, day: int) -> None:
        """Count who came back; decide every so many days."""
        for s, guard in enumerate(self.guards):
            if guard is None:
                continue
            bit = np.uint32(1 << s)
            before, now = (self.yesterday & bit) != 0, (view.visited & bit) != 0
            view.could_come[s] += np.count_nonzero(before)
            view.came_back[s] += np.count_nonzero(before & now)
            if day % guard.every == guard.every - 1 and view.could_come[s] > 0:
                rate = view.came_back[s] / view.could_come[s]
                view.ad_load[s] = view.market.platforms[s].decide(float(rate), float(view.ad_load[s]))
                view.could_come[s] = view.came_back[s] = 0
        self.yesterday[:] = view.visited
