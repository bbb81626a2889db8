"""The environments pass gymnasium's own checker, are seeded, vectorised, and pay what the books say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium", reason="needs the extra learn")

from gymnasium.utils.env_checker import check_env  # noqa: E402

import sim  # noqa: E402
from sim import ScenarioError  # noqa: E402
from sim.gym import GroupTerms, MerchantBudget, PlatformFeed  # noqa: E402

KINDS = (MerchantBudget, PlatformFeed, GroupTerms)


def small(kind: Any, days: int = 8, **more: Any) -> Any:
    """The environment in a small market."""
    return kind(sim.load(kind.default, set={"market.consumers": 300, "market.days": days}), **more)


def episode(env: Any, seed: int, level: float) -> tuple[list[np.ndarray], list[float]]:
    """Observations and rewards of one constant action."""
    seen, rewards = [env.reset(seed=seed)[0]], []
    over = False
    while not over:
        observation, reward, ended, over, _ = env.step(np.full(len(env.actions), level, np.float32))
        assert not ended
        seen.append(observation)
        rewards.append(reward)
    return seen, rewards


@pytest.mark.parametrize("kind", KINDS)
def test_gymnasium_has_nothing_to_complain_of(kind: Any) -> None:
    check_env(small(kind), skip_render_check=True)


@pytest.mark.parametrize("kind", KINDS)
def test_an_episode_is_named_by_its_seed(kind: Any) -> None:
    env = small(kind)
    (a, x), (b, y), (c, _) = (episode(env, seed, 0.5) for seed in (5, 5, 6))
    np.testing.assert_array_equal(a, b)
    assert x == y
    assert any((u != v).any() for u, v in zip(a, c, strict=True))
    assert len(x) == 8
    assert all(env.observation_space.contains(o) for o in a)


def test_rewards_add_up_to_what_the_merchant_gained() -> None:
    env = small(MerchantBudget, days=20, days_per_step=7)
    _, rewards = episode(env, 3, 0.4)
    assert len(rewards) == 3, "two weeks and what is left"
    gained = env.market.book.worth[-1, 0] - 0.0
    assert sum(rewards) == pytest.approx(gained / env.market.world.scale, abs=0.01)
    assert env.market.result().outcome("marketing_spend") > 0


def test_actions_reach_the_market() -> None:
    env = small(MerchantBudget)
    env.reset(seed=1)
    env.step(np.array([0.5, 1, 0, 0, 0], np.float32))
    granted = env.market.state.columns["budget"][0] / 100 / env.market.world.scale
    assert granted.sum() == pytest.approx(500, abs=1)
    assert granted[sim.contract.CHANNEL["ads"]] > 499
    terms = small(GroupTerms)
    terms.reset(seed=1)
    terms.step(np.array([1, 0, 1], np.float32))
    assert terms.market.state.columns["group_size"][0] == 10
    assert terms.market.state.columns["group_hours"][0] == 2
    assert terms.market.state.columns["group_price"][0] == 3000
    feed = small(PlatformFeed)
    feed.reset(seed=1)
    feed.step(np.zeros(5, np.float32))
    assert feed.market.world.platforms.theta_fit[0] == 0.0


def test_many_at_once() -> None:
    envs = gymnasium.vector.SyncVectorEnv([lambda: small(MerchantBudget) for _ in range(2)])
    first, _ = envs.reset(seed=[4, 4])
    np.testing.assert_array_equal(first[0], first[1])
    seen, rewards, *_ = envs.step(np.array([[0.1] * 5, [0.1] * 5], np.float32))
    np.testing.assert_array_equal(seen[0], seen[1])
    assert rewards.shape == (2,)
    envs.close()
    assert "sim/MerchantBudget-v0" in gymnasium.registry


def test_after_the_end_a_reset_is_needed_and_bad_input_is_refused() -> None:
    env = small(MerchantBudget, days=1)
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(env.action_space.sample())
    episode(env, 1, 0.1)
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(env.action_space.sample())
    with pytest.raises(ScenarioError, match="days_per_step"):
        small(MerchantBudget, days_per_step=0)
    with pytest.raises(ScenarioError, match="no merchant of this name"):
        small(MerchantBudget, player="Nobody").reset(seed=1)
