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
# # 4 · Trust and fake reviews 信任与刷单
#
# **Question.** A seller whose cream shows 3.7 stars can buy praise for the price of a lunch. Does it pay? And does paying
# ordinary buyers for honest reviews do better with less?
#
# You need 60 minutes. Words: [fake orders, rating, satisfaction](../../docs/glossary.md). Here one may try in a model what
# is an offence in a market.

# %%
STUDENT = "2026-001"  # your own number: it makes your own market

import matplotlib.pyplot as plt
import numpy as np

import sim

lesson = sim.Lesson("Trust and fake reviews", STUDENT, total=4)
scenario = sim.load("../../scenarios/fake_reviews.yaml", set={"market.consumers": 2_000, "market.days": 120})
ARMS = ["honest", "fakes", "reward_reviews"]

# %% [markdown]
# ## Predict first
# Sixty fake orders a day for a city of 20,000 (here as many a head). From day 60 a regulator inspects. After 120 days, who
# has earned most?

# %%
prediction = None  # "honest", "fakes" or "reward_reviews"
lesson.predict("Who earns most?", prediction, ARMS)

# %% [markdown]
# ## The experiment
# Every strategy lives the same four replications: the same people, the same luck.

# %%
answer = sim.compare(scenario, strategies=ARMS, baseline="honest", replications=4, seed=lesson.seed, jobs=1)
means = answer.table.pivot(index="metric", columns="strategy", values="mean")[ARMS]
means.loc[["profit", "orders", "rating", "satisfaction", "return_rate", "trust", "integrity_costs"]].round(3)


# %%
def stars(strategy):
    """What the page shows, day by day, for Velvet's cream."""
    market, shown = sim.Market(scenario, strategy=strategy, seed=lesson.seed), []
    while market.running:
        market.step()
        shown.append(float(market.products.loc["Velvet.cream", "rating"]))
    return np.array(shown)


shown = {name: stars(name) for name in ARMS}

plt.style.use("tableau-colorblind10")
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.8), constrained_layout=True)
daily = answer.daily[answer.daily["metric"] == "orders"]
for name in ARMS:
    left.plot(shown[name], label=name)
    orders = daily[daily["strategy"] == name].set_index("day")["mean"].rolling(7).mean()
    middle.plot(orders.index, orders, label=name)
gains = answer.differences[answer.differences["metric"] == "profit"].set_index("strategy").loc[ARMS[1:]]
right.axvline(0, color="grey", lw=1)
right.errorbar(gains["mean"], ARMS[1:], xerr=[gains["mean"] - gains["low"], gains["high"] - gains["mean"]], fmt="o", capsize=4)
left.set(title="Stars on the page", xlabel="day", ylabel="stars")
middle.set(title="Orders (mean of 7 days)", xlabel="day", ylabel="orders a day")
right.set(title="Profit over honesty, 95 % interval", xlabel="yuan", ylim=(-0.5, 1.5))
for axes in (left, middle):
    axes.axvline(60, color="grey", ls=":", lw=1)
    axes.legend(fontsize=8)
middle.text(62, 0.04, "inspections begin", fontsize=8, transform=middle.get_xaxis_transform())
plt.show()

# %%
lesson.reveal("Who earns most?", str(means.loc["profit"].idxmax()))

# %% [markdown]
# The stars rise at once. Then come buyers who believed them: their experience is set against a higher expectation, and
# the gap is what they write, return and remember.
#
# ## Exercises
# **1.** The page shows $(10 \times 4.3 + \text{sum of stars}) / (10 + n)$. With 60 reviews that average 3.7 before, how many
# five-star fakes lift it to 4.2?

# %%
answer_1 = None
lesson.number("1", answer_1, (4.2 * 70 - 43 - 60 * 3.7) / 0.8, within=0.03, hint="Solve (43 + 222 + 5 f) / (70 + f) = 4.2.")

# %% [markdown]
# **2.** Trust is $a/(a+b)$ from a prior of $a = 3$, $b = 1$. A good experience adds 1 to $a$, a bad one 2 to $b$. After one
# bad experience, how many good ones bring trust back to 0.75?

# %%
answer_2 = None
lesson.number("2", answer_2, 6, within=0.01, hint="After the bad one b = 3; a / (a + 3) = 0.75 asks for a = 9.")

# %% [markdown]
# **3.** In your market: what did the fakes themselves cost (fees, fines; `integrity_costs`), as a share of the profit they lost or
# won against honesty? Give (cost of fakes) / |difference of mean profit|.

# %%
answer_3 = None
lesson.number("3", answer_3, means.loc["integrity_costs", "fakes"] / abs(means.loc["profit", "fakes"] - means.loc["profit", "honest"]),
              within=0.03, hint="Both are in `means`.")

# %% [markdown]
# **4.** Does the 95 % interval of *your* comparison decide between fakes and honesty?

# %%
row = gains.loc["fakes"]
verdict = "fakes lose" if row["high"] < 0 else "fakes win" if row["low"] > 0 else "not decided"
answer_4 = None  # "fakes lose", "fakes win" or "not decided"
lesson.choice("4", answer_4, verdict,
              because="An interval that holds zero says that luck alone could have made the difference: run more replications.",
              why={"fakes win": "Where does the interval lie?", "fakes lose": "Does the interval leave out zero?"})

# %% [markdown]
# ## What to take away
# - A rating is a promise. Bought praise is paid for a second time, in disappointment.
# - Whether it pays depends on how much moderation finds (`sim explain moderation`); an honest seller gains from a strict one.
# - Honest reviews cost money too, and bring information instead of a debt.

# %%
print(lesson.score())
