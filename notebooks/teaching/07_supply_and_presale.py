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
# # 7 · Supply and presale: how much of what nobody knows? 供应与预售
#
# **Question.** Three dresses, and nobody knows which will please. Buy many, buy few and again, or sell first and make afterwards?
#
# You need 60 minutes. Words: [quick response, presale, minimum order](../../docs/glossary.md).

# %%
STUDENT = "2026-001"  # your own number: it makes your own market

import matplotlib.pyplot as plt
import numpy as np

import sim

lesson = sim.Lesson("Supply and presale", STUDENT, total=4)
scenario = sim.load("../../scenarios/small_batches.yaml", set={"market.consumers": 2_000, "market.days": 120, "events": []})

# %% [markdown]
# ## Predict first
# `bulk` buys each dress once, long before. `quick_response` (小单快返) starts with a tenth and makes again what sells, at a higher cost a
# dress. Which leaves more profit?

# %%
prediction = None  # "bulk" or "quick_response"
lesson.predict("Which leaves more profit?", prediction, ["bulk", "quick_response"])

# %% [markdown]
# ## How much to buy once
# Stock (of each dress, for a city of 20,000) from 500 to 12,000, then the other way of supplying.


# %%
def live(strategy, **change):
    runs = [sim.Market(scenario.with_set(change), strategy=strategy, seed=lesson.seed + k).run().summary for k in range(2)]
    return {name: float(np.mean([run[name] for run in runs])) for name in ("profit", "orders", "write_off")}


STOCKS = [500, 1_000, 2_500, 5_000, 8_000, 12_000]
bulk = {stock: live("bulk", **{"merchants.Moda.products.*.inventory": stock}) for stock in STOCKS}
quick = live("quick_response")

# %% [markdown]
# ## Selling before making
# A cooker is sold for 40 days and made only if enough have ordered (the smallest batch, 起订量, for a city of 20,000).

# %%
cooker = sim.load("../../scenarios/price_followers.yaml", set={"market.consumers": 2_000, "market.days": 90})
WAYS = {
    "from stock": ("list_price", {}),
    "presale, make anyway": ("presale", {}),
    "presale or refund": ("presale", {"merchants.Hearth.products.cooker.presale.fallback": "refund",
                                      "merchants.Hearth.products.cooker.presale.moq": 3_000}),
}
presales = {
    name: sim.Market(cooker.with_set(change), strategy=strategy, seed=lesson.seed).run()
    for name, (strategy, change) in WAYS.items()
}

# %%
plt.style.use("tableau-colorblind10")
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.8), constrained_layout=True)
left.plot(STOCKS, [bulk[s]["profit"] / 1000 for s in STOCKS], "o-", label="bulk")
left.axhline(quick["profit"] / 1000, ls="--", color="C1", label="quick response")
left.set(title="Profit against the stock bought once", xlabel="stock of each dress", ylabel="thousand yuan")
left.legend(fontsize=8)
middle.plot(STOCKS, [bulk[s]["orders"] for s in STOCKS], "o-", label="orders")
middle.plot(STOCKS, [bulk[s]["write_off"] / 100 for s in STOCKS], "s--", label="written off, hundred yuan")
middle.set(title="Too little, too much", xlabel="stock of each dress")
middle.legend(fontsize=8)
for name, run in presales.items():
    right.plot(run.daily.index, run.daily["orders"].cumsum(), label=name)
right.set(title="Cookers ordered", xlabel="day", ylabel="orders so far")
right.legend(fontsize=8)
plt.show()

# %%
standard = live("bulk")
lesson.reveal("Which leaves more profit?", "bulk" if standard["profit"] > quick["profit"] else "quick_response")

# %% [markdown]
# ## Exercises
# **1.** A dress sells at 169 and costs 60; unsold it keeps half its cost. The newsvendor buys up to the quantile
# $c_u/(c_u+c_o)$ of demand, $c_u$ the margin of a sale missed, $c_o$ the loss on one too many. Which quantile?

# %%
answer_1 = None
lesson.number("1", answer_1, 109 / (109 + 30), within=0.01, hint="Missed: 169 - 60. Too many: half of 60.")

# %% [markdown]
# **2.** Which stock of the list earns most in *your* market when bought once?

# %%
answer_2 = None
lesson.choice("2", answer_2, str(max(STOCKS, key=lambda stock: bulk[stock]["profit"])),
              because="Left of it sales are missed, right of it stock is written off; the top is flat, so a little too much is safe.")

# %% [markdown]
# **3.** Make `bulk` as good as you can: find a `stock` (need not be in the list) that earns at least 95 % of the best of the list.
# The check lives your market.


# %%
def good_stock(stock):
    if not 0 <= float(stock) <= 50_000:
        return "Between 0 and 50,000, please."
    mine = live("bulk", **{"merchants.Moda.products.*.inventory": float(stock)})["profit"]
    best = max(b["profit"] for b in bulk.values())
    return None if mine >= best - 0.05 * abs(best) else f"It earns {mine / best:.0%} of the best of the list."


answer_3 = None
lesson.rule("3", answer_3, good_stock, because="But you had to know demand to find it. Quick response did not.")

# %% [markdown]
# **4.** Who bears the risk of a product nobody wants, in a presale that refunds below the smallest batch?

# %%
answer_4 = None  # "the maker", "the buyer" or "nobody, it is not made"
lesson.choice("4", answer_4, "nobody, it is not made",
              because="What is not made cannot be left over. The price is time: buyers wait, and some do not want to.",
              why={"the maker": "Look at what is produced when too few have ordered.",
                   "the buyer": "A refund gives the money back; waiting is all it cost."})

# %% [markdown]
# ## What to take away
# - Stock is a bet on demand; quick response buys information first and pays for it with a higher cost a piece.
# - The top of a profit curve is flat on one side and steep on the other: know which.
# - A presale turns demand into knowledge before money is spent, and turns away those who will not wait.

# %%
print(lesson.score())
