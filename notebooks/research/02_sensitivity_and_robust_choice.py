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
# # Research 2 · Sensitivity, and a choice that survives it
#
# Two questions are often taken for one. *Which of the things I do not know does the answer hang on?* (sensitivity) and *which choice
# is right although I do not know them?* (robust choice). The first ranks uncertainties, the second strategies.

# %%
import matplotlib.pyplot as plt
import numpy as np

import sim

SEED = 11
scenario = sim.load("../../scenarios/koc_or_kol.yaml", set={"market.consumers": 1_000, "market.days": 45})
ARMS = ["ads_and_kol", "koc_first"]
list(scenario.uncertainties.items())

# %% [markdown]
# ## Screening: elementary effects (Morris)
# A few paths through the ranges, each moving one factor at a time. `mu_star` is the mean size of what a move does; the difference of two
# strategies on the same seed is asked about too, since it is the choice that matters and not the level.

# %%
found = sim.sensitivity(scenario, method="morris", samples=6, strategies=ARMS, outcome="profit", seed=SEED, jobs=1)
of = found.manifest["sensitivity"]["of"]
print("asked about:", of)
found.ranked("profit", of).round(2)

# %%
level, choice = found.ranked("profit", "koc_first"), found.ranked("profit", of)
column = "mu_star" if "mu_star" in choice.columns else choice.columns[5]
plt.style.use("tableau-colorblind10")
figure, panels = plt.subplots(1, 2, figsize=(12, 3.4), constrained_layout=True)
for axes, table, title in zip(panels, (level, choice), ("Profit of koc_first", "Its lead over ads_and_kol"), strict=True):
    names = [name.split(".")[-1] if "kappa" not in name else "kappa.koc" for name in table["factor"]][::-1]
    axes.barh(names, table[column][::-1] / 1000)
    axes.set(title=title, xlabel="mean size of the effect, thousand yuan")
plt.show()

# %% [markdown]
# The two panels need not agree: what moves the level of profit may move both strategies alike and leave the choice untouched.
#
# ## Robust choice
# Worlds drawn from all ranges at once; in each, every strategy on the same seeds. *Regret* is what a choice gives away in a world where
# another was best. One may choose by wins, or by the smallest largest regret (minimax).

# %%
choice = sim.robust(scenario, worlds=24, replications=1, outcome="profit", seed=SEED, jobs=1)
print(f"best in most worlds: {choice.winner}; least regret at worst: {choice.careful}")
choice.summary.round(2)

# %%
wide = choice.regret.pivot(index="world", columns="strategy", values="regret") / 1000
figure, axes = plt.subplots(figsize=(8, 3.4), constrained_layout=True)
axes.boxplot([wide[name] for name in wide.columns], orientation="horizontal", whis=(0, 100))
axes.set(title="Regret over 24 worlds (line: median; whiskers: all)", xlabel="thousand yuan given away",
         yticks=range(1, len(wide.columns) + 1), yticklabels=list(wide.columns))
plt.show()

# %% [markdown]
# ## To think about
# - 24 worlds of 1,000 people make a sketch; `sim compare koc_or_kol --robust 64` makes a figure one may show.
# - A range is an assumption too. Whose? (`sim explain mechanisms.sharing.reach_per_share` names the source.)
# - If one strategy is best in every world, no further study of the uncertainties can change the choice: stop.
