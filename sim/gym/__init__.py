"""Gymnasium environments: one player learns, the rest of the market lives (needs the extra ``learn``).

    import gymnasium, sim.gym
    env = gymnasium.make("sim/MerchantBudget-v0")                     # or the class, with a scenario of your own
    envs = gymnasium.make_vec("sim/PlatformFeed-v0", num_envs=4)

    sim/MerchantBudget-v0   what a merchant spends today, and where
    sim/PlatformFeed-v0     how many goods a platform shows, and how it ranks them
    sim/GroupTerms-v0       size, hours and discount of a group-buy

A step is a day (``days_per_step``), an episode the horizon; all observations are what such a player could know.
``reset(seed=...)`` names the market: the same seed and actions give the same episode, bit for bit.
"""

from __future__ import annotations

import gymnasium

from sim.gym.environment import MarketEnv
from sim.gym.group import GroupTerms
from sim.gym.merchant import MerchantBudget
from sim.gym.platform import PlatformFeed

for _kind in (MerchantBudget, PlatformFeed, GroupTerms):
    _name = f"sim/{_kind.__name__}-v0"
    if _name not in gymnasium.registry:
        gymnasium.register(id=_name, entry_point=f"{_kind.__module__}:{_kind.__name__}")

__all__ = ["GroupTerms", "MarketEnv", "MerchantBudget", "PlatformFeed"]
