# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Research 6 · Learners in the market: a bandit, a trained policy, and the plan
#
# `sim.gym` puts a learner in the place of one merchant. A week is a step; the reward is what the week added to the merchant's worth, so an
# episode adds up to its profit. Two learners play against the plan of the scenario (400 yuan a day, all on ads), on the same seeds:
#
# - a **bandit** that knows nothing, lives once, and chooses each week among six ways to spend by upper confidence bounds;
# - a **policy** trained by the cross-entropy method on seeds of its own, then frozen and judged on seeds it has not seen.
#
# Both are also held against the best fixed way in hindsight, which no learner is given.

# %%
import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import t as student

import sim
from sim.gym import MerchantBudget

DAYS, TEST, TRAIN = 84, range(100, 112), (1, 2)
env = MerchantBudget(sim.load(MerchantBudget.default, set={"market.consumers": 1_000, "market.days": DAYS}), days_per_step=7)
print(env.actions)

# %%
ARMS = {"400 on ads (the plan)": [0.4, 1, 0, 0, 0], "100 on ads": [0.1, 1, 0, 0, 0], "200 on ads and notes": [0.2, 1, 0, 1, 0],
        "200 on notes": [0.2, 0, 0, 1, 0], "200 on creators": [0.2, 0, 1, 0, 0], "nothing": [0, 1, 0, 0, 0]}
LEVERS = [np.array(arm, np.float32) for arm in ARMS.values()]


def episode(choose, seed):
    """Rewards of the weeks of one market; ``choose(observation, week, rewards)`` gives the action."""
    seen, _ = env.reset(seed=seed)
    rewards, over = [], False
    while not over:
        seen, reward, _, over, _ = env.step(choose(seen, len(rewards), rewards))
        rewards.append(reward)
    return rewards


class Bandit:
    """UCB1 (Auer, Cesa-Bianchi, Fischer 2002) over the arms; rewards on the scale of their own spread."""

    def __init__(self, width=0.5):
        self.width, self.pulled = width, []

    def __call__(self, seen, week, rewards):
        if week < len(LEVERS):
            arm = week
        else:
            spread = np.std(rewards) or 1.0
            tried = [[r for a, r in zip(self.pulled, rewards, strict=True) if a == k] for k in range(len(LEVERS))]
            arm = int(np.argmax([np.mean(r) + self.width * spread * np.sqrt(2 * np.log(week) / len(r)) for r in tried]))
        self.pulled.append(arm)
        return LEVERS[arm]


# %% [markdown]
# ## A policy, trained
# Two numbers decide a week: how much, and how it is divided between ads and notes. Each is a logistic function of what a merchant sees: the time that is left, the
# size of its following, what it paid. Eight parameters, searched by the cross-entropy method (Rubinstein 1999): draw, keep the best, draw around them.

# %%
FEATURES = [env.observed.index(name) for name in ("day", "buyers", "paid")]


def policy(theta):
    weights = np.reshape(theta, (2, 4))

    def choose(seen, week, rewards):
        budget, ads = 1 / (1 + np.exp(-weights @ np.concatenate([[1.0], 3 * seen[FEATURES]])))
        return np.array([budget, ads, 0, 1 - ads, 0], np.float32)

    return choose


def train(generations=5, drawn=12, kept=4, seed=0):
    """Mean and best score of each generation, and the mean of the last elite."""
    draws = np.random.default_rng(seed)
    mean, spread, history = np.array([-1.0, 0, 0, 0, 0, 0, 0, 0]), np.full(8, 1.5), []
    for _ in range(generations):
        tried = mean + spread * draws.standard_normal((drawn, 8))
        scores = np.array([np.mean([sum(episode(policy(theta), s)) for s in TRAIN]) for theta in tried])
        elite = tried[np.argsort(scores)[-kept:]]
        mean, spread = elite.mean(axis=0), elite.std(axis=0) + 0.1
        history.append((scores.mean(), scores.max()))
    return mean, np.array(history)


theta, history = train()
print("mean and best profit by generation, thousand yuan:")
print((history / 1000).round(1))

# %% [markdown]
# ## Judged on seeds nobody has seen
# The margin of each over the plan is a difference on the same seed; its interval is that of the mean of such differences.

# %%
profits = {name: np.array([sum(episode(lambda *_, lever=lever: lever, s)) for s in TEST]) for name, lever in zip(ARMS, LEVERS, strict=True)}
profits["bandit"] = np.array([sum(episode(Bandit(), s)) for s in TEST])
profits["trained policy"] = np.array([sum(episode(policy(theta), s)) for s in TEST])

plan = profits["400 on ads (the plan)"]
margins = {}
for name, value in profits.items():
    more = value - plan
    half = student.ppf(0.975, len(more) - 1) * more.std(ddof=1) / np.sqrt(len(more))
    margins[name] = (more.mean(), half)
    print(f"{name:<24} {value.mean():9,.0f} yuan   over the plan {more.mean():+9,.0f} ± {half:,.0f}")

for learner in ("bandit", "trained policy"):
    assert margins[learner][0] > margins[learner][1], f"{learner} does not beat the plan by more than chance"

# %%
plt.style.use("tableau-colorblind10")
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), constrained_layout=True)
left.plot(1 + np.arange(len(history)), history / 1000, marker="o")
left.set(title="Training: profit of the policies drawn", xlabel="generation", ylabel="thousand yuan", xticks=1 + np.arange(len(history)))
left.legend(["mean", "best"], frameon=False)
names = sorted(margins, key=lambda name: margins[name][0])
right.axvline(0, color="grey", lw=1)
right.errorbar([margins[n][0] / 1000 for n in names], names, xerr=[margins[n][1] / 1000 for n in names], fmt="o", capsize=4)
right.set(title=f"Profit over the plan, {len(TEST)} unseen seeds, 95 % interval", xlabel="thousand yuan")
plt.show()

# %%
best = max(ARMS, key=lambda name: profits[name].mean())
for learner in ("bandit", "trained policy"):
    gained = (profits[learner] - profits[best]).mean()
    print(f"{learner}: {gained:+,.0f} yuan against always '{best}', which is known only afterwards")

# %% [markdown]
# ## To think about
# - The bandit spends half its life trying. What would a prior, or a longer life, be worth to it?
# - A week's reward is not the effect of the week's action: memory, stock and word of mouth come later. Which arm gets credit that is not its own?
# - The market does not answer the learner: rivals keep their plans. Give a rival a policy of its own and train again.
