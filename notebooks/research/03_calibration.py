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
# # Research 3 · Calibration: what can data tell?
#
# Fit parameters by simulated moments, with standard errors, and look ahead into days that were not used. First on data whose truth is
# known: a fit that cannot find its own parameters again has nothing to say about the world.

# %%
import matplotlib.pyplot as plt
import numpy as np

import sim

SEED = 11
TRUTH = {"mechanisms.awareness.p": 0.01, "mechanisms.awareness.q": 0.15}
PEOPLE, DAYS = 2_000, 40

base = sim.load("limits/bass", set={"market.consumers": PEOPLE, "market.days": DAYS})
orders = sim.Market(base.with_set(TRUTH), seed=SEED).run().daily["orders"]
print(f"{orders.sum():.0f} of {PEOPLE:,} people bought in {DAYS} steps")

# %% [markdown]
# ## The fit
# Ranges for what is free; the first 26 steps are fitted, the last 14 held out.

# %%
fit = sim.calibrate(
    base,
    {"kind": "daily", "rows": [[day, value] for day, value in enumerate(orders.tolist())], "people": PEOPLE},
    {"mechanisms.awareness.p": [0.002, 0.05, "log"], "mechanisms.awareness.q": [0.02, 0.4]},
    fit_days=26, trials=18, replications=1, rounds=2, posterior=0, seed=SEED,
)
fit.table

# %%
fit.fit.round(3)

# %% [markdown]
# ## Are the two parameters told apart?
# Early sales are nearly all innovators: `p` is seen at once. `q` shows only when the curve bends. Their errors are correlated: a larger
# `q` can stand in for a larger `p`, for a while.

# %%
simulated = np.array([
    sim.Market(base.with_set(fit.values), seed=SEED + 1 + k).run().daily["orders"].cumsum() for k in range(6)
]) / PEOPLE * 100
plt.style.use("tableau-colorblind10")
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), constrained_layout=True)
left.plot(orders.cumsum() / PEOPLE * 100, "k.", label="data")
left.plot(simulated.mean(axis=0), label="fitted model, mean")
left.fill_between(range(DAYS), simulated.min(axis=0), simulated.max(axis=0), alpha=0.25, label="six runs")
left.axvline(26, color="grey", ls=":")
left.set(title="Left of the line: fitted; right: foretold", xlabel="step", ylabel="people who have bought, %")
left.legend(fontsize=8)
truth = np.array(list(TRUTH.values()))
value, low, high = (fit.table[column].to_numpy() / truth for column in ("value", "low", "high"))
right.errorbar(value, ["p", "q"], xerr=[value - low, high - value], fmt="o", capsize=4)
right.axvline(1, color="grey", lw=1)
right.set(title="Estimate over truth, 95 % interval", xlabel="ratio", ylim=(-0.5, 1.5))
plt.show()
print(f"markets lived for this fit: {fit.markets}")

# %% [markdown]
# ## With your own data
# `sim calibrate plan.yaml` does the same from a file; orders (customer, day) work as well as daily totals, and a network of friends adds what
# friends' purchases say. If the held-out days are missed, the model is wrong or the world changed; either is worth knowing before a decision.
