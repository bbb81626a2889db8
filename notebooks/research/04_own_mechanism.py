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
# # Research 4 · A mechanism of your own: the lottery coupon 抽奖券
#
# Each morning a merchant draws a share of the people and puts a coupon into their hands. That is all the mechanism does: whether they buy
# earlier, more, or only cheaper is an outcome of the market. One class, one file; it says what it reads and writes, and can touch nothing
# else.

# %%
import matplotlib.pyplot as plt
import numpy as np

import sim
from sim import catalogue
from sim.contract import MechanismParams, quantity
from sim.rng import Stream, name_key
from sim.state.population import uniforms

SEED = 11


class LotteryParams(MechanismParams):
    """Fields of ``mechanisms.lottery`` in a scenario, each with unit, bounds and standing."""

    share: float = quantity(0.02, "Share of the people drawn each day.", unit="1/day", ge=0, le=1)
    value: float = quantity(20.0, "Worth of a coupon.", unit="yuan", gt=0)
    valid_days: int = quantity(7, "Days it can be used.", unit="days", ge=1)


class Lottery(sim.Mechanism):
    """A daily lottery of coupons of the first merchant.

    Each person wins when u(person, day) < share; who holds one that is still good keeps it. Draws are keyed, so the winners of a smaller share are
    among those of a larger one, and nobody else's luck is disturbed.
    """

    name = "lottery"
    Params = LotteryParams
    reads = ("id",)
    writes = ("coupon", "favours")
    equation = "coupon in hand w.p. share a day"

    def morning(self, view, day):
        p = self.params
        issue = view.favours.issue(0, round(100 * p.value), 0, day + p.valid_days)  # money is whole fen
        slot = np.array([name_key("lottery", day)], np.uint64)
        won = uniforms(view.seed, int(Stream.TARGET), view.id, slot)[:, 0] < p.share
        held = view.coupon[:, 0]
        won &= (held == 0) | (view.favours.last[held] < day)
        view.coupon[won, 0] = issue
        view.favours.sent[issue] = won.sum()


if "lottery" not in catalogue.registry.classes:  # so that the cell can be run again
    catalogue.registry.register(Lottery)

# %% [markdown]
# Now the scenario language knows it: fields are checked, strategies and `--set` reach them. Coupons are kept in a column of the mechanism
# `crm`, so that one is switched on.

# %%
scenario = sim.load({
    "extends": ["presets/market/small_city.yaml", "presets/platforms/notes.yaml"],
    "name": "A lottery or a discount for all",
    "market": {"consumers": 2_000, "days": 60},
    "merchants": [{
        "name": "Lumi",
        "products": [{"name": "serum", "category": "beauty", "price": 199, "unit_cost": 80, "quality": 0.8,
                      "initial": {"aware": 0.3, "buyers": 0.05, "reviews": 200, "rating": 4.4}}],
        "plan": {"budget_per_day": 60, "mix": {"ads": 1}},
    }],
    "mechanisms": {"crm": {"enabled": True}, "lottery": {"enabled": True, "share": 0}},
    "strategies": {
        "nothing more": {},
        "lottery": {"mechanisms.lottery.share": 0.05},
        "discount": {"merchants.Lumi.plan.discount": 0.1},
    },
    "outcomes": ["profit", "orders", "coupons_used", "discounts"],
    "experiment": {"replications": 6, "baseline": "nothing more", "hold": "none"},
}, registry=catalogue.registry)

try:
    scenario.with_set({"mechanisms.lottery.share": 1.5})
except sim.ScenarioError as error:
    print("refused:", error)

# %% [markdown]
# ## Does it act, and through agents?
# Before any result: those who won should be the ones who use coupons, and with a share of 0 the market must be bit for bit the one without the mechanism.

# %%
plain = sim.Market(scenario, seed=SEED).run()
without = sim.Market(scenario.with_set({"mechanisms.lottery.enabled": False}), seed=SEED).run()
same = ["orders", "gmv", "cash", "aware", "new_buyers", "delivered"]  # (consumer_surplus is a float sum: equal but for rounding)
assert plain.daily[same].equals(without.daily[same]), "a lottery nobody wins must change nothing"

market = sim.Market(scenario, strategy="lottery", seed=SEED)
for _ in range(30):
    market.step()
holders = int((market.consumers.coupon[:, 0] > 0).sum())
print(f"after 30 days {holders} of {len(market.consumers):,} people hold a coupon")
assert holders > 0

# %%
answer = sim.compare(scenario, replications=6, seed=SEED, jobs=1)
table = answer.table.pivot(index="metric", columns="strategy", values="mean").loc[answer.outcomes, answer.strategies]
table.round(1)

# %%
plt.style.use("tableau-colorblind10")
figure, panels = plt.subplots(1, 2, figsize=(11, 3), constrained_layout=True)
for axes, metric, unit in zip(panels, ("orders", "profit"), ("orders", "yuan"), strict=True):
    gain = answer.differences[answer.differences["metric"] == metric].set_index("strategy")
    axes.axvline(0, color="grey", lw=1)
    axes.errorbar(gain["mean"], gain.index, xerr=[gain["mean"] - gain["low"], gain["high"] - gain["mean"]], fmt="o", capsize=4)
    axes.set(title=f"{metric.capitalize()} over doing nothing more, 95 % interval", xlabel=unit, ylim=(-0.5, 1.5))
plt.show()

# %% [markdown]
# ## To think about
# - A winner who would have bought at the list price is given money; one who would not is won. Which are they here? (Compare orders and `discounts`.)
# - To ship it: put the class in a package with the entry point `sim.mechanisms`, and every scenario on that machine knows it.
