"""Who sits where in a market: its agents, the policies in their places, and what these want of a new day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.agents.agency import Agency
from sim.agents.creator import Creator, Roster
from sim.agents.merchant import Merchant
from sim.agents.platform import Platform, tuned
from sim.agents.policies import seat
from sim.agents.recommenders import recommend
from sim.rng import name_key

Few = tuple[list[Platform], list[Merchant], list[Agency], list[Creator]]


def roster_of(world: Any, trust: float) -> Roster:
    """What changes daily in all creators of a world."""
    count = sum(tier.count for tier in world.scenario.creators)
    return Roster(count, trust, len(world.scenario.agencies), len(world.merchants))


def settle(market: Any, policies: Mapping[str, Any]) -> Few:
    """Platforms, merchants, agencies and creators of a market, policies in their places. Raises ScenarioError on a
    policy whose player is not there."""
    world = market.world
    tiers = world.scenario.creators
    places = [(t, k) for t, tier in enumerate(tiers) for k in range(tier.count)]
    platforms = [Platform(market, n, k) for k, n in enumerate(world.platform_names)]
    merchants = [Merchant(market, n, k) for k, n in enumerate(world.merchants)]
    agencies = [Agency(market, agency.name, k) for k, agency in enumerate(world.scenario.agencies)]
    creators = [
        Creator(market, f"{tiers[t].name} {k + 1}", t, x, int(name_key("creator", tiers[t].name, k)))
        for x, (t, k) in enumerate(places)
    ]
    seat(policies, platforms, merchants, creators)
    return platforms, merchants, agencies, creators


def this_morning(market: Any) -> Any:
    """The world as platforms with a policy, or with somebody who recommends, want it today; mostly the market's own."""
    recommend(market)
    return tuned(market)
