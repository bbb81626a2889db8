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
# # 8 · Capstone: design a launch 综合练习：设计一次上市
#
# **Question.** Lumi has a good serum that hardly anybody knows, an established rival, and 800 yuan a day (for a city of
# 20,000; your market is smaller and so is the purse). An agency proposes: nearly all of it for famous creators. Do better, and
# show that it is not luck.
#
# You need 90 minutes. At the end your strategy is a file that enters the contest of your class. Words: the
# [glossary](../../docs/glossary.md).

# %%
STUDENT = "2026-001"  # your own number: it makes your own market

from pathlib import Path

import matplotlib.pyplot as plt
import yaml

import sim
from sim.scenario.entries import planned_spend

lesson = sim.Lesson("Capstone: design a launch", STUDENT, total=3)
LIMITS = {"market.consumers": 1_500, "market.days": 75}
scenario = sim.load("../../scenarios/koc_or_kol.yaml", set=LIMITS)
PURSE = 800 * 75  # yuan, for the city

# %% [markdown]
# ## What you may set
# The plan of Lumi and the price of its serum, by path; `sim explain merchants.Lumi.plan` names every lever. Channels are `ads`,
# `kol`, `koc`, `community`; phases change them over time:
#
# ```python
# my_launch = {
#     "merchants.Lumi.plan.phases": [
#         {"name": "open", "from_day": 0, "to_day": 20, "budget_per_day": 1200, "mix": {"ads": 0.7, "koc": 0.3}},
#         {"name": "keep", "from_day": 21, "budget_per_day": 600, "mix": {"ads": 0.6, "community": 0.4}},
#     ],
# }
# ```
#
# ## Predict first
# Before you try: which single channel would you put first for 75 days?

# %%
prediction = None  # "ads", "kol" or "koc"
lesson.predict("Which channel alone earns most in 75 days?", prediction, ["ads", "kol", "koc"])

# %%
singles = {channel: {"merchants.Lumi.plan.mix": {channel: 1}} for channel in ("ads", "kol", "koc")}
arms = {"agency": {"merchants.Lumi.plan.mix": {"kol": 0.9, "koc": 0.1}}, **{f"only_{c}": s for c, s in singles.items()}}


def race(more, replications=5, **worlds):
    """Compare strategies with the agency's proposal on your own seeds."""
    made = scenario.with_set({**worlds, **{f"strategies.{name}": change for name, change in {**arms, **more}.items()}})
    return sim.compare(made, strategies=["agency", *more], baseline="agency", replications=replications,
                       seed=lesson.seed, jobs=1)


first = race({name: change for name, change in arms.items() if name != "agency"})
profits = first.table[first.table["metric"] == "profit"].set_index("strategy")
profits[["mean", "low", "high"]].round(0)

# %%
plt.style.use("tableau-colorblind10")
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), constrained_layout=True)
names = list(profits.index)
left.errorbar(profits["mean"], names, xerr=[profits["mean"] - profits["low"], profits["high"] - profits["mean"]], fmt="o", capsize=4)
left.set(title="Profit after 75 days, 95 % interval", xlabel="yuan")
course = first.daily[first.daily["metric"] == "cumulative_profit"]
for name in names:
    one = course[course["strategy"] == name].set_index("day")["mean"]
    right.plot(one.index, one / 1000, label=name)
right.axhline(0, color="grey", lw=1)
right.set(title="How it gets there", xlabel="day", ylabel="profit so far, thousand yuan")
right.legend(fontsize=8)
plt.show()

# %%
alone = profits.drop("agency")["mean"].idxmax().removeprefix("only_")
lesson.reveal("Which channel alone earns most in 75 days?", alone)

# %% [markdown]
# ## Design yours
# Put your strategy here. Then each check lives your market: the purse, the race, and two worlds in which the thing nobody
# knows (how far a share reaches) is at its ends.

# %%
my_launch = None


# %%
def planned(change):
    """What a strategy plans to spend in the city, yuan."""
    return planned_spend(scenario.with_set({"strategies.mine": change}).for_strategy("mine"), "Lumi")


def affordable(change):
    allowed = ("merchants.Lumi.plan", "merchants.Lumi.products.serum.price")
    outside = [path for path in change if not path.startswith(allowed)]
    if outside:
        return f"{outside[0]} is not yours to set."
    total = planned(change)
    return None if total <= PURSE else f"It plans to spend {total:,.0f} yuan, the purse is {PURSE:,.0f}."


def beats(change, **worlds):
    wrong = affordable(change)
    if wrong:
        return wrong
    found = race({"mine": change}, **worlds)
    gain = found.differences.set_index(["metric", "strategy"]).loc[("profit", "mine")]
    if gain["low"] > 0:
        return None
    return f"{gain['mean']:+,.0f} yuan against the agency, interval {gain['low']:+,.0f} to {gain['high']:+,.0f}: " + (
        "not decided." if gain["high"] > 0 else "it loses.")


# %% [markdown]
# **1.** Is it within the purse?

# %%
lesson.rule("1", my_launch, affordable)

# %% [markdown]
# **2.** Does it beat the agency's proposal, so surely that the 95 % interval of the paired difference leaves out zero?

# %%
lesson.rule("2", my_launch, beats, because="Decided: the same people and the same luck, and yours earns more.")


# %% [markdown]
# **3.** Does it also when shares reach hardly anybody (0.05), and when they reach many (0.35)?


# %%
def robust(change):
    for reach in (0.05, 0.35):
        wrong = beats(change, **{"mechanisms.sharing.reach_per_share": reach})
        if wrong:
            return f"With a reach of {reach}: {wrong}"
    return None


lesson.rule("3", my_launch, robust, because="It does not hang on what nobody knows, at least not on this.")

# %% [markdown]
# ## Hand it in
# The file below enters the contest: your teacher gathers them in a folder and says `sim contest folder/`.

# %%
if my_launch is not None:
    Path("my_launch.yaml").write_text(yaml.safe_dump(my_launch, sort_keys=False, allow_unicode=True), encoding="utf-8")
    print(Path("my_launch.yaml").read_text(encoding="utf-8"))

# %% [markdown]
# ## What to take away
# - A strategy is a set of levers; a good one is a set that stays good when the assumptions move.
# - State the difference, its interval and what would turn it round: that is a recommendation.
# - 75 days is a horizon somebody chose. Which strategy would win at 300? (Set `market.days` and see.)

# %%
print(lesson.score())
