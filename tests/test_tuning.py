"""What a platform's policy changes in the morning reaches every mechanism that keeps a table of it, and only those."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import sim
from sim.agents import platform as platforms
from sim.agents.policies import PlatformPlan
from sim.catalogue import BUILT_IN
from sim.market import Market
from sim.scenario import load
from sim.state.world import retuned
from sim.testing.promises import TOWN, fingerprints

TUNED = {"explore": 0.37, "personalisation": 0.13, "theta_fit": 4.2, "theta_pop": 0.9, "theta_social": 1.7,
         "commercial_load": 0.33}  # fmt: skip


class Restless(sim.PlatformPolicy):
    """Turns every knob every other day."""

    def plan(self, view: Any) -> PlatformPlan:
        return PlatformPlan(**{k: v * (1 + view.day % 2) / 2 for k, v in TUNED.items()})


def remembered(mechanism: Any) -> dict[str, bytes]:
    """Everything a mechanism keeps to itself, by name."""
    return {name: pickle.dumps(value) for name, value in vars(mechanism).items() if name != "params"}


def test_who_keeps_tables_of_it_is_named() -> None:
    everything = {f"mechanisms.{name}.enabled": True for name in BUILT_IN if name != "planning"}
    market = Market(load(TOWN | {"agencies": [{"name": "house"}]}, set=everything), seed=1)
    assert set(market.mechanisms) == set(BUILT_IN)
    other = retuned(market.world, [p.spec.model_copy(update=TUNED) for p in market.platforms])
    keeps = set()
    for name, mechanism in market.mechanisms.items():
        view, states = market.views[name], []
        for world in (market.world, market.world, other):
            view.world = world
            mechanism.prepare(view, 0)
            states.append(remembered(mechanism))
        if states[1] != states[2]:
            keeps.add(name)
    assert keeps == set(platforms.FEEDERS)


def test_a_tuned_market_is_as_if_everything_were_prepared_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    prints = []
    for feeders in (platforms.FEEDERS, tuple(BUILT_IN)):
        monkeypatch.setattr(platforms, "FEEDERS", feeders)
        market = Market(load(TOWN), seed=3, policies={"notes": Restless()})
        market.run()
        prints.append(fingerprints(market))
    assert prints[0] == prints[1]


def test_a_puppet_is_shown_nothing() -> None:
    class Told(Restless):
        looks = False

        def plan(self, view: Any) -> PlatformPlan:
            assert view is None
            return PlatformPlan(explore=0.4)

    market = Market(load(TOWN), seed=3, policies={"notes": Told()})
    market.step()
    assert market.world.platforms.explore[list(market.world.platform_names).index("notes")] == 0.4
