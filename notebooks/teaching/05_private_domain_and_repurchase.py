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
# # 5 · Private domain and repurchase: who joins, or what joining does? 私域与复购：选择还是处理
#
# **Question.** "Members of our group buy half as much again as other customers, so the group is worth it." The number is
# right. Is the sentence?
#
# You need 45 minutes. Words: [private domain, selection effect, treatment effect](../../docs/glossary.md).

# %%
STUDENT = "2026-001"  # your own number: it makes your own market

import matplotlib.pyplot as plt
import numpy as np

import sim

lesson = sim.Lesson("Private domain and repurchase", STUDENT, total=4)
scenario = sim.load("../../scenarios/community_or_selection.yaml", set={"market.consumers": 3_000, "market.days": 120})
ARMS = ["selection", "treatment", "both"]

# %% [markdown]
# Three worlds of one tea shop, with the same people and the same luck:
#
# | arm | who is in the group | what the group gets |
# |---|---|---|
# | `selection` | whoever takes the card out of the parcel | nothing |
# | `treatment` | people drawn by lot | three messages a week |
# | `both` | whoever takes the card | three messages a week |
#
# ## Predict first
# Of the gap between members and other customers in `both` (as a report would show it), how much would stand without a single message?

# %%
prediction = None  # "less than a third", "about half" or "more than two thirds"
OPTIONS = ["less than a third", "about half", "more than two thirds"]
lesson.predict("Share of the gap that is selection", prediction, OPTIONS)

# %% [markdown]
# ## The experiment

# %%
answer = sim.compare(scenario, strategies=ARMS, baseline="selection", replications=6, seed=lesson.seed, jobs=1)
means = answer.table.pivot(index="metric", columns="strategy", values="mean")[ARMS]
ROWS = ["community_count", "community_orders_gap", "orders", "community_cost", "profit"]
means.loc[ROWS].round(3)

# %%
plt.style.use("tableau-colorblind10")
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), constrained_layout=True)
gap = answer.table[answer.table["metric"] == "community_orders_gap"].set_index("strategy").loc[ARMS]
left.bar(ARMS, gap["mean"], yerr=[gap["mean"] - gap["low"], gap["high"] - gap["mean"]], capsize=4, color=["C0", "C1", "C2"])
left.set(title="Members ahead of other customers", ylabel="orders a person in 120 days")
gains = answer.differences.set_index(["metric", "strategy"]).loc["orders"].loc[ARMS[1:]]
right.axvline(0, color="grey", lw=1)
right.errorbar(gains["mean"], ARMS[1:], xerr=[gains["mean"] - gains["low"], gains["high"] - gains["mean"]], fmt="o", capsize=4)
right.set(title="Orders over `selection` (same people), 95 % interval", xlabel="orders of the whole shop", ylim=(-0.5, 1.5))
plt.show()

# %%
share = means.loc["community_orders_gap", "selection"] / means.loc["community_orders_gap", "both"]
lesson.reveal("Share of the gap that is selection", OPTIONS[0] if share < 1 / 3 else OPTIONS[2] if share > 2 / 3 else OPTIONS[1])

# %% [markdown]
# A frequent buyer meets the card in the parcel again and again: the group collects those who would have bought anyway.
# The left panel is what a report shows. The right panel is what happened.
#
# ## Exercises
# **1.** In your market, which share of the members' lead in `both` is selection?

# %%
answer_1 = None
lesson.number("1", answer_1, share, within=0.03, hint="The gap of `selection` over the gap of `both`.")

# %% [markdown]
# **2.** How many orders does the group truly add *per member* in `both`? (Orders of the whole shop, `both` against `selection`, over
# the members of `both`.)

# %%
answer_2 = None
true = (means.loc["orders", "both"] - means.loc["orders", "selection"]) / means.loc["community_count", "both"]
lesson.number("2", answer_2, true, within=0.05, hint="`means.loc['orders']` and `means.loc['community_count', 'both']`.")

# %% [markdown]
# **3.** Your director wants one number that says what the group is worth. Which do you give?

# %%
answer_3 = None  # "members' lead", "lot" or "before and after"
lesson.choice("3", answer_3, "lot",
              because="Leave out people drawn by lot and compare with them: then nothing but the messages differs.",
              why={"members' lead": "That is the left panel: it holds who they are.",
                   "before and after": "People join when they buy most; afterwards they fall back by themselves."})

# %% [markdown]
# **4.** Does `both` earn more than `selection` in your market once staff and messages are paid? What does the interval of the
# difference of profit say?

# %%
money = answer.differences.set_index(["metric", "strategy"]).loc[("profit", "both")]
answer_4 = None  # "it earns", "it loses" or "not decided"
lesson.choice("4", answer_4, "it earns" if money["low"] > 0 else "it loses" if money["high"] < 0 else "not decided",
              because="`answer.differences` has the paired interval. That the members' lead is large does not decide it.")

# %% [markdown]
# ## What to take away
# - A contrast between those who chose and those who did not is not an effect.
# - A lottery (a hold-out) costs nothing and answers the question. Do it before the budget meeting.
# - The groups may still be worth their cost through what they do that this arm leaves out: talk, care, complaints mended in time
#   (strategy `talk_and_care`).

# %%
print(lesson.score())
