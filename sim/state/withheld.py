"""What a merchant has switched off (``off``, ``off_creators``, ``off_segments``), as mechanisms read it.

Off is a counterfactual, not a tactic: what the channel would have shown is blanked, and the money granted to it is
neither spent nor moved to another channel (decision D20).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import CHANNEL, CHANNELS


def withheld(world: Any) -> np.ndarray:
    """bool[P, CH]: which products are not shown in which channels, under the scenario in force."""
    made = np.zeros((len(world.products.merchant), len(CHANNELS)), bool)
    for m, merchant in enumerate(world.scenario.merchants):
        for channel in merchant.off:
            made[world.products.merchant == m, CHANNEL[channel]] = True
    return made


def unseen(world: Any) -> np.ndarray:
    """bool[P, G]: which products are shown to nobody of which segments."""
    names = [segment.name for segment in world.scenario.segments]
    made = np.zeros((len(world.products.merchant), max(1, len(names))), bool)
    for m, merchant in enumerate(world.scenario.merchants):
        for name in merchant.off_segments:
            made[world.products.merchant == m, list(world.segments).index(name)] = True
    return made


def unposted(world: Any) -> np.ndarray:
    """bool[M, tiers]: which tiers of creators post nothing for which merchants."""
    tiers = list(world.creators)
    made = np.zeros((len(world.merchants), max(1, len(tiers))), bool)
    for m, merchant in enumerate(world.scenario.merchants):
        made[m, [tiers.index(name) for name in merchant.off_creators]] = True
    return made


__all__ = ["unposted", "unseen", "withheld"]
