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
# # Research 1 · A scenario from your own tables
#
# From three tables (a catalogue, past orders, and a network of friends if there is one) to a market that begins where the shop
# stands, and a comparison in it. The tables here are invented, written by the first cell; put yours in their place. Ids are hashed on reading; nothing
# personal is kept. All forms: `scenarios/README.md`, "Data of your own".

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import sim

SEED = 11
folder = Path(tempfile.mkdtemp())
chance = np.random.default_rng(SEED)

pd.DataFrame({
    "SKU": ["green", "black", "jasmine"], "售价": [48, 58, 66], "cost": [15, 19, 24], "quality": [0.72, 0.78, 0.75],
    "known": ["8%", "5%", "2%"], "stars": [4.4, 4.6, 4.5], "reviews": [310, 120, 40],
}).to_csv(folder / "catalogue.csv", index=False)

# 240 customers with unequal appetites over the last year
appetite = chance.gamma(0.8, 3.0, 240)
orders = pd.DataFrame([
    {"buyer": f"C{who:04d}", "item": chance.choice(["green", "black", "jasmine"], p=[0.5, 0.35, 0.15]),
     "paid": (pd.Timestamp("2025-05-19") - pd.Timedelta(days=int(chance.integers(0, 365)))).date(), "pieces": 1}
    for who, much in enumerate(appetite) for _ in range(1 + chance.poisson(much))
])
orders.to_csv(folder / "orders.csv", index=False)
orders.head()

# %% [markdown]
# ## The scenario names the tables and their columns

# %%
(folder / "shop.yaml").write_text("""
extends: [presets/market/small_city.yaml, presets/platforms/notes.yaml]
name: The tea shop
question: Should the money go to ads or to the buyers the shop has?
market: {consumers: 2_500, days: 60, start: 2025-05-20}
categories: [{name: tea, reference_price: 60, occasions_per_year: 20, occasion_shape: 0.6}]
merchants:
  - name: Lindenhof
    catalogue:
      file: catalogue.csv
      columns: {name: SKU, price: 售价, unit_cost: cost, quality: quality, initial.aware: known,
                initial.rating: stars, initial.reviews: reviews}
      each: {category: tea}
    plan: {budget_per_day: 60, mix: {ads: 1}}
orders: {file: orders.csv, columns: {customer: buyer, product: item, day: paid, quantity: pieces}}
strategies:
  ads: {}
  own_buyers: {merchants.Lindenhof.plan.mix: {community: 0.6, koc: 0.4}}
outcomes: [profit, orders, new_buyers]
experiment: {replications: 6, baseline: ads}
""", encoding="utf-8")
scenario = sim.load(folder / "shop.yaml")
for table in scenario.tables:
    print(f"{table.file}: {table.rows} rows in {table.where}; not used: {', '.join(table.unused) or 'nothing'}")

# %% [markdown]
# ## A mistake is told where it is
# Break a cell of the catalogue on purpose:

# %%
text = (folder / "catalogue.csv").read_text(encoding="utf-8")
(folder / "catalogue.csv").write_text(text.replace("0.78", "very good"), encoding="utf-8")
try:
    sim.load(folder / "shop.yaml")
except sim.ScenarioError as error:
    print(str(error).replace(str(folder) + "/", ""))
(folder / "catalogue.csv").write_text(text, encoding="utf-8")

# %% [markdown]
# ## Does the market remember the past?
# Those who bought before should come back more often than others. That is a check of the data's way into the model: do it before
# any comparison.

# %%
market = sim.Market(scenario, seed=SEED)
before = np.asarray(market.consumers.units).sum(axis=1)
market.run()
more = np.asarray(market.consumers.units).sum(axis=1) - before
past = before > 0
print(f"{past.sum()} past buyers: {more[past].mean():.2f} orders a head in 60 days; "
      f"{(~past).sum()} others: {more[~past].mean():.2f}")

# %%
answer = sim.compare(scenario, replications=6, seed=SEED, jobs=1)
answer.differences[answer.differences["metric"].isin(answer.outcomes)][["strategy", "metric", "mean", "low", "high"]].round(1)

# %%
plt.style.use("tableau-colorblind10")
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), constrained_layout=True)
counts = orders.groupby("buyer").size().clip(upper=10).value_counts().sort_index()
left.bar(counts.index, counts.values)
left.set(title="The data: orders of a customer in a year", xlabel="orders (10: ten or more)", ylabel="customers")
daily = answer.daily[answer.daily["metric"] == "orders"]
for name in answer.strategies:
    one = daily[daily["strategy"] == name].set_index("day")
    smooth = one[["mean", "low", "high"]].rolling(7).mean()
    right.plot(smooth.index, smooth["mean"], label=name)
    right.fill_between(smooth.index, smooth["low"], smooth["high"], alpha=0.2)
right.set(title="The model: orders (mean of 7 days, 95 % band)", xlabel="day from 20 May", ylabel="orders a day", ylim=(0, None))
right.legend()
plt.show()

# %% [markdown]
# ## Where to go on
# - `sim validate shop.yaml` says the same from the command line, `sim compare shop.yaml` writes the report.
# - What the tables do not say (how people choose, how far a share reaches) is assumed: the next two notebooks ask how much hangs on it, and
#   what your orders can tell of it.
