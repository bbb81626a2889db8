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
# # 3 · The mathematics of the group-buy 拼团的数学
#
# **Question.** A lower price for people who buy together. How large should the group be? A larger one brings more friends a
# group, and fills less often.
#
# You need 45 minutes. Words: [group-buy, completion](../../docs/glossary.md).

# %%
STUDENT = "2026-001"  # your own number: it makes your own market

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats

import sim

lesson = sim.Lesson("Group-buy mathematics", STUDENT, total=4)
SIZES, INVITED = (2, 3, 5), 5
market = {"market.consumers": 2_500, "market.days": 60, "mechanisms.group_buy.invites": INVITED}
scenario = sim.load("../../scenarios/group_size.yaml", set=market)

# %% [markdown]
# ## Predict first
# With two people wanted, a good half of the groups fill. With three, the share of groups that fill will ...

# %%
prediction = None  # "fall by a third or less", "fall to half or less" or "rise"
OPTIONS = ["fall by a third or less", "fall to half or less", "rise"]
lesson.predict("From two to three people, completion will", prediction, OPTIONS)

# %% [markdown]
# ## A little mathematics
# The opener invites $k$ friends, each accepts with chance $a$, independently. A group of $g$ needs $g-1$ of them:
#
# $$P(\text{fills}) = P(\mathrm{Bin}(k, a) \ge g - 1)$$
#
# ## The experiment
# No strangers first: groups are seen by invited friends only (`open_list` off). Then with the open list (凑团).


# %%
def groups(size, strangers):
    """Completion, orders, new buyers and profit with groups of ``size``, the mean of three seeds."""
    made = scenario.with_set({"platforms.*.open_list": strangers, "merchants.Sunpeel.plan.group.size": size})
    runs = [sim.Market(made, seed=lesson.seed + k).run().summary for k in range(3)]
    names = ("group_completion", "orders", "new_buyers", "profit")
    return {name: float(np.mean([run[name] for run in runs])) for name in names}


friends = {size: groups(size, strangers=False) for size in SIZES}
everybody = {size: groups(size, strangers=True) for size in SIZES}

# acceptance, read off the groups of two: 1 - (1 - a)^k = completion
acceptance = 1 - (1 - friends[2]["group_completion"]) ** (1 / INVITED)
law = {size: float(stats.binom.sf(size - 2, INVITED, acceptance)) for size in SIZES}
print(f"a = {acceptance:.3f}: of {INVITED} invited friends {INVITED * acceptance:.1f} accept on average")

# %%
plt.style.use("tableau-colorblind10")
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), constrained_layout=True)
for name, values in (("binomial law", law),
                     ("market, friends only", {s: friends[s]["group_completion"] for s in SIZES}),
                     ("market, strangers too", {s: everybody[s]["group_completion"] for s in SIZES})):
    left.plot(SIZES, [100 * values[s] for s in SIZES], "--" if "law" in name else "-", marker="o", label=name)
left.set(title="Groups that fill", xlabel="people wanted", ylabel="groups, %", xticks=SIZES, ylim=(0, None))
left.legend()
width = 0.35
for k, metric in enumerate(("orders", "new_buyers")):
    right.bar(np.arange(3) + width * (k - 0.5), [everybody[s][metric] for s in SIZES], width, label=metric.replace("_", " "))
right.set(title="What it sells (strangers too)", xlabel="people wanted", ylabel="orders; people", xticks=range(3),
          xticklabels=SIZES)
right.legend()
plt.show()

# %%
ratio = friends[3]["group_completion"] / friends[2]["group_completion"]
found = OPTIONS[2] if ratio > 1 else OPTIONS[0] if ratio >= 2 / 3 else OPTIONS[1]
lesson.reveal("From two to three people, completion will", found)

# %% [markdown]
# The law is a beginning: in the market friends differ (some know the product, some want it today, some never), and a stranger
# may fill the last place. Where the market lies off the law, ask what the law leaves out.
#
# ## Exercises
# **1.** Oranges cost 16 yuan and sell at 39, in a group a fifth cheaper. Leaving fees aside, by which factor must orders grow
# for the group price to earn as much as the list price did?

# %%
answer_1 = None
lesson.number("1", answer_1, (39 - 16) / (39 * 0.8 - 16), within=0.02, hint="Compare what one order leaves at each price.")

# %% [markdown]
# **2.** Five friends are invited and each accepts with chance 0.3. How many groups of three fill, as a share?

# %%
answer_2 = None
lesson.number("2", answer_2, float(stats.binom.sf(1, 5, 0.3)), within=0.02, hint="At least two of five: one minus P(0) minus P(1).")

# %% [markdown]
# **3.** Which `acceptance` would *your* market's friends need for groups of three to fill as often as groups of two do now?
# (Five invited; solve P(Bin(5, a) >= 2) = completion of two. `scipy.optimize.brentq` will do.)


# %%
def needed(completion):
    return float(np.interp(completion, stats.binom.sf(1, INVITED, np.linspace(0, 1, 20_001)), np.linspace(0, 1, 20_001)))


answer_3 = None
lesson.number("3", answer_3, needed(friends[2]["group_completion"]), within=0.03, hint="It is above `acceptance`.")

# %% [markdown]
# **4.** In your market, with strangers, which size left the most profit?

# %%
answer_4 = None  # 2, 3 or 5
lesson.choice("4", answer_4, str(max(SIZES, key=lambda s: everybody[s]["profit"])),
              because="Profit is margin times orders: the size that sells most is not always it, for a group that does "
                      "not fill gives no discount, and some of its people buy alone.")

# %% [markdown]
# ## What to take away
# - Completion falls faster than 1/size: each further person is one more thing that must happen in time.
# - The open list and the deadline matter as much as the size.
# - A group-buy pays when the friend would not have bought at all. The invitation is the product, the discount its price.

# %%
print(lesson.score())
