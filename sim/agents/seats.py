"""Who sits where in a market: its agents, the policies in their places, and what these want of a new day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.agents.agency import Agency
from sim.agents.creator import Creator, Roster
from sim.agents.merchant import Merchant
from sim.agents.platform import Platform, tune
from sim.agents.policies import seat
from sim.agents.recommenders import recommend
from sim.contract import ScenarioError
from sim.rng import name_key
from sim.scenario.own_players import PLACES

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


def seat_named(market: Any) -> None:
    """Seat the policies that the scenario in force names. One whose entry stands as it was stays, with what it
    remembers; who was put in a place in Python stays there. Raises ScenarioError on one that cannot be made."""
    if market.unmanned is market.world.scenario:
        return
    changed = manned = False
    for players, field, player, agents in _places(market):
        said = getattr(player, field)
        entry = said if said is not None and said.name else None
        now, named = getattr(agents[0], field), agents[0].named.get(field)
        manned |= entry is not None
        if entry == named or (now is not None and named is None):
            continue
        for agent in agents:
            setattr(agent, field, None if entry is None else _made(market, players, player.name, field, entry))
            agent.named[field] = entry
        if field == "recommender":
            market.state.shared["ranking"].own[agents[0].index] = False
        elif players == "platforms":
            agents[0].tuned = {}
        changed = True
    for name, mechanism in market.mechanisms.items() if changed else ():  # some keep a list of who decides for herself
        mechanism.prepare(market.views[name], market.day)
    market.unmanned = None if manned else market.world.scenario


def _places(market: Any) -> Iterator[tuple[str, str, Any, list[Any]]]:
    """(list of players, field that names a policy, player as in the scenario in force, its agents): the creators of a
    tier are one player."""
    for players, field, _ in PLACES:
        at = 0
        for player in getattr(market.world.scenario, players):
            count = player.count if players == "creators" else 1
            yield players, field, player, getattr(market, players)[at : at + count]
            at += count


def _made(market: Any, players: str, name: str, field: str, entry: Any) -> Any:
    try:
        return entry.made()
    except Exception as error:
        said = f"{entry.name!r} could not be made: {type(error).__name__}: {error}"
        at = [player.name for player in getattr(market.scenario, players)].index(name)
        raise ScenarioError([market.scenario.problem((players, at, field), said)]) from error


def this_morning(market: Any) -> None:
    """Policies take their places, recommenders rank, platforms tune."""
    seat_named(market)
    recommend(market)
    tune(market)
