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
# # Research 5 · A learner of your own: a bandit over plans
#
# A merchant who does not know which channel works may try: each week a different mix, judged by what the week left. That is a bandit:
# explore, then exploit. How much does learning cost, and does it find the channel that a comparison of whole runs finds?

# %%
import matplotlib.pyplot as plt
import numpy as np

import sim

SEED, WEEKS = 11, 16
ARMS = {"ads": {"ads": 1}, "kol": {"kol": 1}, "koc": {"koc": 1}}
scenario = sim.load("../../scenarios/koc_or_kol.yaml", set={"market.consumers": 1_500, "market.days": 7 * WEEKS})


# %% [markdown]
# A plan may have *phases*; a learner that decides week by week writes one phase at a time. The market so far is lived again with the plan so
# far: draws are keyed, so the past comes out the same, bit for bit, and only the new week is new.


# %%
def lived(choices, seed):
    """Daily table of a market in which week k was spent on ``choices[k]``."""
    phases = [{"name": f"week {k}", "from_day": 7 * k, "to_day": 7 * k + 6, "mix": ARMS[arm]} for k, arm in enumerate(choices)]
    made = scenario.with_set({"merchants.Lumi.plan.phases": phases, "market.days": 7 * len(choices)})
    return sim.Market(made, seed=seed, check=False).run().daily


def reward(daily):
    """What the last week left, thousand yuan: the margin of its orders less its marketing."""
    week = daily.iloc[-7:]
    return float((week["gmv"] * (199 - 80) / 199 - week["marketing_spend"]).sum()) / 1000


def learn(seed, weeks=WEEKS, width=1.0):
    """Choices and rewards of a learner by upper confidence bounds (UCB1, Auer et al. 2002)."""
    choices, rewards, names = [], [], list(ARMS)
    for week in range(weeks):
        if week < len(names):
            choices.append(names[week])  # try each once
        else:
            tried = {a: [r for c, r in zip(choices, rewards, strict=True) if c == a] for a in names}
            spread = float(np.std(rewards)) or 1.0
            choices.append(max(names, key=lambda a: np.mean(tried[a]) + width * spread * np.sqrt(2 * np.log(week) / len(tried[a]))))
        rewards.append(reward(lived(choices, seed)))
    return choices, rewards


# %%
first = lived(["ads", "kol"], SEED)
again = lived(["ads", "kol", "koc"], SEED)
assert first["orders"].iloc[:13].equals(again["orders"].iloc[:13]), "the past must not depend on the future"

runs = {seed: learn(seed) for seed in (SEED, SEED + 1, SEED + 2)}
for seed, (choices, rewards) in runs.items():
    print(f"seed {seed}: {' '.join(choices)}  total {sum(rewards):.1f}")

# %% [markdown]
# ## Against knowing from the start
# The same weeks, all on one channel, judged by the same reward.

# %%
known = {arm: np.mean([sum(reward(daily.iloc[: 7 * (k + 1)]) for k in range(WEEKS))
                       for daily in (lived([arm] * WEEKS, seed) for seed in runs)]) for arm in ARMS}
learnt = np.mean([sum(rewards) for _, rewards in runs.values()])

plt.style.use("tableau-colorblind10")
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.4), constrained_layout=True)
for k, (seed, (choices, _)) in enumerate(runs.items()):
    for week, arm in enumerate(choices):
        left.scatter(week, k, color=f"C{list(ARMS).index(arm)}", s=60)
for k, arm in enumerate(ARMS):
    left.scatter([], [], color=f"C{k}", label=arm)
left.set(title="What the learner chose", xlabel="week", yticks=range(len(runs)), yticklabels=[f"seed {s}" for s in runs], ylim=(-0.5, 3.4))
left.legend(ncols=3, loc="upper center", fontsize=8)
right.barh([*known, "learner"], [*known.values(), learnt], color=["C0", "C1", "C2", "C3"])
right.set(title=f"Left after {WEEKS} weeks (mean of three seeds)", xlabel="thousand yuan")
plt.show()

best = max(known, key=known.get)
print(f"best channel: {best}; learning gave away {known[best] - learnt:.1f} thousand yuan against knowing it")

# %% [markdown]
# ## To think about
# - The reward of a week is not the effect of its mix: adstock, trust and friends' words come later, and next week's arm gets the credit. Which channel does
#   that wrong?
# - With `width = 0` the learner is greedy. When does it lock itself in?
# - `sim optimise` searches whole plans on common seeds; a learner has one life. That is the difference between planning and acting.
