"""What the environments share: a market whose one player does as it is told, observed through that player's view."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from sim.contract import Problem, ScenarioError
from sim.market import Market
from sim.scenario import Scenario, load


def squashed(values: Any) -> np.ndarray:
    """float32 in [-1, 1]: sign(x) ln(1+|x|)/16, so that a click and a million yuan have room on one scale."""
    x = np.asarray(values, float)
    made: np.ndarray = np.clip(np.sign(x) * np.log1p(np.abs(x)) / 16.0, -1.0, 1.0).astype(np.float32)
    return made


class MarketEnv(gymnasium.Env[np.ndarray, np.ndarray]):
    """An episode of a market. Actions lie in [0, 1]; observations in [-1, 1]; rewards are yuan a reference market.

    ``scenario``: a Scenario, path or mapping; the default is the environment's own. ``player``: whose place the learner
    takes, by default the focal one. ``days_per_step``: days an action holds. Raises ScenarioError on bad input.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}
    default: ClassVar[dict[str, Any]] = {}
    actions: ClassVar[tuple[str, ...]] = ()
    """What each part of an action is."""
    observed: ClassVar[tuple[str, ...]] = ()
    """What each part of an observation is."""

    def __init__(self, scenario: Any = None, player: str | None = None, days_per_step: int = 1,
                 render_mode: str | None = None) -> None:
        source = self.default if scenario is None else scenario
        self.scenario = source if isinstance(source, Scenario) else load(source)
        self.player = player or self._usual()
        if days_per_step < 1:
            raise ScenarioError([Problem(f"must be at least 1 (got {days_per_step})", "days_per_step")])
        self.days_per_step, self.render_mode = days_per_step, render_mode
        self.action_space = spaces.Box(0.0, 1.0, (len(self.actions),), np.float32)
        self.observation_space = spaces.Box(-1.0, 1.0, (len(self.observed),), np.float32)
        self.market: Any = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """A new market; without a seed the next of those the last one named."""
        super().reset(seed=seed)
        drawn = seed if seed is not None else int(self.np_random.integers(2**31))
        self.market = Market(self.scenario, seed=drawn, check=False, policies=self._policies())
        self._begin()
        return self._observe(), {"seed": drawn}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Live ``days_per_step`` days under an action; the episode is truncated at the horizon."""
        if self.market is None or not self.market.running:
            raise gymnasium.error.ResetNeeded("the episode is over: reset the environment")
        self._act(np.clip(np.asarray(action, float), 0.0, 1.0))
        before = self._wealth()
        for _ in range(self.days_per_step):
            if self.market.running:
                self.market.step()
        over, info = not self.market.running, {"day": self.market.day}
        return self._observe(), float(self._wealth() - before), False, over, info

    # -- what each environment says --------------------------------------------------------------------------------

    def _usual(self) -> str:
        """Whose place is taken when nobody is named."""
        return str(self.scenario.focal or self.scenario.merchants[0].name)

    def _policies(self) -> dict[str, Any]:
        """The puppet in the player's place."""
        raise NotImplementedError

    def _begin(self) -> None:
        """Find the puppet in the new market."""
        raise NotImplementedError

    def _act(self, action: np.ndarray) -> None:
        """Tell the puppet."""
        raise NotImplementedError

    def _observe(self) -> np.ndarray:
        """float32[observed], this morning."""
        raise NotImplementedError

    def _wealth(self) -> float:
        """Yuan whose growth is the reward."""
        raise NotImplementedError
