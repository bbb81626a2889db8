"""Channels a merchant has switched off (``merchants.NAME.off``), as the few mechanisms that act on it read them.

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


__all__ = ["withheld"]
