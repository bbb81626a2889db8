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
# # 1 · Seeding and the Bass curve 种草与巴斯曲线
#
# **Question.** A durable product spreads through a town. Some people buy on their own (innovators, `p`), others because
# those around them have bought (imitators, `q`). When do most people buy, and what do a few early users that you pay for
# (seeding, 种草) change?
#
# You need 45 minutes. The words are in the [glossary](../../docs/glossary.md); every cell can be run again.

# %%
STUDENT = "2026-001"  # your own number: it makes your own market

import math

import matplotlib.pyplot as plt
import numpy as np

import sim

lesson = sim.Lesson("Seeding and Bass", STUDENT, total=3)
PEOPLE, STEPS = 2_000, 120


def adoption(p=0.003, q=0.038, seeds=0):
    """Share that has bought by the end of each step, float[STEPS]; ``seeds`` people have it from the start."""
    scenario = sim.load("limits/bass", set={
        "market.consumers": PEOPLE, "market.days": STEPS, "mechanisms.awareness.p": p, "mechanisms.awareness.q": q,
        "merchants.Seller.products.item.initial_adopters.count": seeds,
    })
    orders = sim.Market(scenario, seed=lesson.seed).run().daily["orders"].to_numpy()
    return (seeds + np.cumsum(orders)) / PEOPLE


def half(path):
    """The first step by whose end half have bought; infinite when that never happens."""
    return int(np.argmax(path >= 0.5)) if path[-1] >= 0.5 else math.inf


# %% [markdown]
# ## Predict first
# You may double one of the two: how strongly people buy on their own (`p`), or how strongly they imitate (`q`).
# Which brings the day on which half the town has bought forward by more?

# %%
prediction = None  # "p", "q" or "the same"
lesson.predict("Doubling which counts more?", prediction, ["p", "q", "the same"])

# %% [markdown]
# ## The experiment

# %%
paths = {"as it is": adoption(), "p doubled": adoption(p=0.006), "q doubled": adoption(q=0.076)}
seeded = {seeds: adoption(seeds=seeds) for seeds in (0, 20, 100, 300)}

plt.style.use("tableau-colorblind10")
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.8), constrained_layout=True)
for name, path in paths.items():
    left.plot(path * 100, label=f"{name}: half by step {half(path)}")
    middle.plot(np.convolve(np.diff(path, prepend=0) * 100, np.ones(9) / 9, "valid"), label=name)
for seeds, path in seeded.items():
    right.plot(path * 100, label=f"{seeds} seeds")
left.set(title="Who has bought", xlabel="step (a tenth of a year)", ylabel="people, %")
middle.set(title="New buyers (mean of 9 steps)", xlabel="step", ylabel="people a step, %")
right.set(title="Paid early users", xlabel="step", ylabel="people, %")
for axes in (left, middle, right):
    axes.legend(fontsize=8)
plt.show()

# %%
found = {name: half(path) for name, path in paths.items()}
winner = min(("p", "q"), key=lambda name: found[f"{name} doubled"])
lesson.reveal("Doubling which counts more?", winner if found["p doubled"] != found["q doubled"] else "the same")

# %% [markdown]
# The S has a reason. Early, hardly anybody has bought, so hardly anybody is imitated; late, nobody is left. In between
# sales peak at $t^* = \ln(q/p)/(p+q)$. Your curve is one draw of chance; the formula is its mean for a very large town.
#
# ## Exercises
# **1.** At which step does the formula put the peak of sales for p = .003, q = .038?

# %%
answer_1 = None
lesson.number("1", answer_1, math.log(0.038 / 0.003) / 0.041, within=0.02, hint="The logarithm is the natural one.")

# %% [markdown]
# **2.** In *your* market, by how many steps do 100 seeds bring half the town forward, against none? (`seeded` has the paths.)

# %%
answer_2 = None
lesson.number("2", answer_2, half(seeded[0]) - half(seeded[100]), within=0.01, hint="half(seeded[0]) is where to begin.")

# %% [markdown]
# **3.** You want half the town by step 45. How many seeds does *your* market need? Come within a fifth of the fewest.
# The check lives your market with your number, so try as often as you like.


# %%
def enough(seeds):
    if not 0 <= seeds < PEOPLE / 2:
        return f"Between 0 and {PEOPLE // 2} people, please."
    when = half(adoption(seeds=int(seeds)))
    if when > 45:
        return f"Half the town by step {when}: too late."
    cheaper = half(adoption(seeds=int(seeds * 0.8)))
    return f"In time, but {int(seeds * 0.8)} would do as well." if cheaper <= 45 else None


answer_3 = None
lesson.rule("3", answer_3, enough, because="Each further seed buys less time than the one before: look at the right panel.")

# %% [markdown]
# ## What to take away
# - Imitation, not persuasion, makes the steep part of the curve: a launch is won where people see others use the thing.
# - Seeds move the curve to the left; they do not make it higher. They are worth money only if time is.
# - A Bass market is *well mixed*: everybody meets everybody. The next lesson gives people friends.

# %%
print(lesson.score())
