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
# # 6 · The traffic auction and fatigue 流量竞价与广告疲劳
#
# **Question.** Attention is sold by auction. What does the next yuan of ads buy, and who tires of what?
#
# You need 45 minutes. Words: [auction, CPM, CTR, ad fatigue](../../docs/glossary.md).

# %%
STUDENT = "2026-001"  # your own number: it makes your own market

import matplotlib.pyplot as plt
import numpy as np

import sim
from sim.rules.attention import fatigue_after
from sim.rules.auction import clear

lesson = sim.Lesson("Traffic auction and fatigue", STUDENT, total=4)

# %% [markdown]
# ## Predict first
# A lamp maker spends 500 yuan a day on ads (for a city of 20,000). It spends four times as much. New buyers will be ...

# %%
prediction = None  # "about four times", "about twice" or "less than half as many again"
OPTIONS = ["about four times", "about twice", "less than half as many again"]
lesson.predict("Four times the budget brings", prediction, OPTIONS)

# %% [markdown]
# ## The auction
# Rank by bid x predicted click rate; pay what the next one would have had to bid (a second price). Five bidders of your own:

# %%
chance = np.random.default_rng(lesson.seed)
bids = np.round(chance.uniform(2, 10, 5), 1)  # fen an impression
rates = np.round(chance.uniform(0.01, 0.05, 5), 3)  # predicted clicks an impression
got, price = clear(bids * rates, rates, np.full(5, 400.0), np.full(5, 1e9), 1_000.0)
for k in np.argsort(-bids * rates):
    print(f"bidder {k}: bids {bids[k]:4.1f} fen, rate {rates[k]:.3f}, score {bids[k] * rates[k]:.4f}: "
          f"{got[k]:5.0f} impressions at {price[k]:.2f} fen")

# %% [markdown]
# ## The market
# Budgets from an eighth to eight times the usual, each on two seeds of your own.

# %%
scenario = sim.load("../../scenarios/dear_traffic.yaml", set={"market.consumers": 2_500, "market.days": 60, "events": []})
BUDGETS = [60, 125, 250, 500, 1_000, 2_000, 4_000]


def spend(budget):
    made = scenario.with_set({"merchants.Copperline.plan.budget_per_day": budget})
    runs = [sim.Market(made, seed=lesson.seed + k).run().summary for k in range(2)]
    names = ("profit", "new_buyers", "cpm", "impressions", "marketing_spend", "fatigue")
    return {name: float(np.mean([run[name] for run in runs])) for name in names}


curve = {budget: spend(budget) for budget in BUDGETS}


def line(name):
    return np.array([curve[budget][name] for budget in BUDGETS])


days, memory, load = np.arange(60), scenario.mechanisms.visits.fatigue_memory, scenario.mechanisms.visits.fatigue_load
tired = {}
for views in (5, 10, 20):
    f, path = 0.0, []
    for _ in days:
        f = fatigue_after(f, views, load, memory)
        path.append(f)
    tired[views] = path

plt.style.use("tableau-colorblind10")
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.8), constrained_layout=True)
left.semilogx(BUDGETS, line("new_buyers"), "o-")
left.set(title="What money brings", xlabel="budget, yuan a day", ylabel="new buyers in 60 days", ylim=(0, None))
middle.semilogx(BUDGETS, line("profit") / 1000, "o-", label="profit, thousand yuan")
middle.semilogx(BUDGETS, line("cpm"), "s--", label="price of 1,000 views, yuan")
middle.set(title="Profit has a top, the price has none", xlabel="budget, yuan a day")
middle.axhline(0, color="grey", lw=1)
middle.legend(fontsize=8)
for views, path in tired.items():
    right.plot(days, path, label=f"{views} commercial views a day")
right.set(title="Fatigue of one person", xlabel="day", ylabel="fatigue, 0 to 1", ylim=(0, 1.05))
right.legend(fontsize=8)
plt.show()

# %%
times = curve[2_000]["new_buyers"] / curve[500]["new_buyers"]
lesson.reveal("Four times the budget brings", OPTIONS[0] if times > 2.8 else OPTIONS[1] if times > 1.5 else OPTIONS[2])

# %% [markdown]
# Two reasons: each further impression goes to somebody who has seen the lamp already, and to get it one must outbid dearer rivals.
#
# ## Exercises
# **1.** In your auction, what does the winner (highest score) pay for an impression, in fen?

# %%
order = np.argsort(-bids * rates)
answer_1 = None
lesson.number("1", answer_1, bids[order[1]] * rates[order[1]] / rates[order[0]], within=0.02,
              hint="Score of the second over the *own* click rate of the first.")

# %% [markdown]
# **2.** Marginal return: from 500 to 1,000 yuan a day, what does one *more* new buyer cost, in yuan? (Extra spend over extra buyers.)

# %%
a, b = curve[500], curve[1_000]
answer_2 = None
lesson.number("2", answer_2, (b["marketing_spend"] - a["marketing_spend"]) / (b["new_buyers"] - a["new_buyers"]),
              within=0.05, hint="Use marketing_spend and new_buyers of `curve`; the mean cost is much lower.")

# %% [markdown]
# **3.** Which budget of the list earns most in your market?

# %%
answer_3 = None
lesson.choice("3", answer_3, str(max(BUDGETS, key=lambda budget: curve[budget]["profit"])),
              because="Beyond it the last buyer costs more than he leaves, though the mean return still looks fine.")

# %% [markdown]
# **4.** In the market fatigue does not move when you buy more ads (`line("fatigue")`). Why?

# %%
answer_4 = None  # "people do not tire", "the slots are sold anyway" or "ads are too few to matter"
lesson.choice("4", answer_4, "the slots are sold anyway",
              because="The platform sets how many slots a screen has; you only decide whose ad is in them.",
              why={"people do not tire": "The right panel says that they do.",
                   "ads are too few to matter": "Fatigue is far from 0. Look at its level, not at its change."})

# %% [markdown]
# ## What to take away
# - The average return of a budget says nothing about the next yuan.
# - A good product pays less for attention: a click rate twice as high halves the price of an impression.
# - Fatigue is a commons: platforms fill it, everybody pays.

# %%
print(lesson.score())
