"""A merchant of one's own that scenarios can name: it spends on what paid lately.

    sim --plugin examples/budgeter.py compare examples/budgeter.yaml

Each day the channels that cost money share the budget by the sales each brought, remembered with a half-life; every
channel keeps a small share, so that it can still show what it is worth.
"""

from __future__ import annotations

from typing import Any

import sim

CHANNELS = ("ads", "kol", "koc")


class FollowTheMoney(sim.MerchantPolicy):
    """Named ``follow_the_money``. ``half_life`` days of memory; ``floor`` is the least share of a channel."""

    def __init__(self, half_life: float = 7.0, floor: float = 0.1) -> None:
        if not 0 <= floor <= 1 / len(CHANNELS):
            raise ValueError(f"floor must be from 0 to 1/{len(CHANNELS)}")
        self.keep, self.floor = 0.5 ** (1 / half_life), floor
        self.brought = dict.fromkeys(CHANNELS, 1.0)

    def plan(self, view: Any) -> sim.Plan:
        """The scenario's budget, by what each channel brought."""
        for channel in CHANNELS:
            self.brought[channel] = self.keep * self.brought[channel] + view.yesterday.gmv[channel]
        total, free = sum(self.brought.values()), 1 - self.floor * len(CHANNELS)
        return sim.Plan(mix={c: self.floor + free * brought / total for c, brought in self.brought.items()})
