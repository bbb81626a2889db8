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
# # 2 · Networks and cascades: famous voices, long chains 社交网络与传播链
#
# **Question.** A famous creator (KOL, 达人) speaks to thousands at once; an ordinary user (KOC) tells a few friends, who may
# tell theirs. What do the trees of shares look like under each, and does anything "go viral"?
#
# You need 60 minutes. Words: [cascade, hub, reproduction number, broadcast](../../docs/glossary.md).

# %%
STUDENT = "2026-001"  # your own number: it makes your own market

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import sim

lesson = sim.Lesson("Networks and cascades", STUDENT, total=4)
scenario = sim.load("../../scenarios/koc_or_kol.yaml", set={
    "market.consumers": 3_000, "market.days": 75, "mechanisms.sharing.reach_per_share": 0.35,
})

# %% [markdown]
# ## Predict first
# The same budget, once mostly for famous creators (`kol_blast`), once mostly for notes of ordinary users (`koc_first`).
# Under which is a larger share of the trees deeper than one hop (a friend passes it on to a friend)?

# %%
prediction = None  # "kol_blast" or "koc_first"
lesson.predict("Whose share trees are deeper?", prediction, ["kol_blast", "koc_first"])

# %% [markdown]
# ## First the network
# `market.network` holds who knows whom. Look at how unequal people are.

# %%
market = sim.Market(scenario, strategy="koc_first", seed=lesson.seed)
network = market.network
degree = np.asarray(network.degree)
print(f"{network.n:,} people, {network.edges:,} ties, {degree.mean():.1f} friends on average, at most {degree.max()}")

# %% [markdown]
# ## Then what spreads on it
# Three seeds of your own for each strategy; all trees of shares together.

# %%
results = {
    name: [sim.Market(scenario, strategy=name, seed=lesson.seed + k).run() for k in range(3)]
    for name in ("kol_blast", "koc_first")
}
trees = {name: pd.concat([run.cascades for run in runs]) for name, runs in results.items()}
table = pd.DataFrame({
    name: {
        "trees": t["count"].sum(),
        "people who shared": (t["size"] * t["count"]).sum(),
        "largest tree": t["size"].max(),
        "nobody passed it on, %": 100 * t.loc[t["size"] == 1, "count"].sum() / t["count"].sum(),
        "deeper than one hop, %": 100 * t.loc[t["depth"] >= 2, "count"].sum() / t["count"].sum(),
        "views by creators' posts": np.mean([r.channels.set_index("channel").loc["kol", "impressions"] for r in results[name]]),
        "views by notes": np.mean([r.channels.set_index("channel").loc["koc", "impressions"] for r in results[name]]),
    }
    for name, t in trees.items()
})
table.round(1)

# %%
plt.style.use("tableau-colorblind10")
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), constrained_layout=True)
ranked = np.sort(degree)[::-1]
left.loglog(ranked, np.arange(1, len(ranked) + 1) / len(ranked) * 100, drawstyle="steps-post")
left.set(title="Friends are shared out unequally", xlabel="friends, at least", ylabel="people, %")
sizes = np.arange(1, 8)
for k, (name, t) in enumerate(trees.items()):
    counts = [t.loc[(t["size"] == s) if s < 7 else (t["size"] >= 7), "count"].sum() for s in sizes]
    right.bar(sizes + 0.38 * k - 0.19, 100 * np.array(counts) / t["count"].sum(), 0.38, label=name)
right.set(title="Most shares are passed on by nobody", xlabel="people in the tree", ylabel="trees, %",
          xticks=sizes, xticklabels=["1", "2", "3", "4", "5", "6", "7+"])
right.legend()
plt.show()

# %%
deeper = table.loc["deeper than one hop, %"].idxmax()
lesson.reveal("Whose share trees are deeper?", deeper)

# %% [markdown]
# A creator's post is a *broadcast*: wide, one hop, bought. A chain is narrow and free. A share that brings $R$ further
# sharers makes trees of $1/(1-R)$ people on average; below $R = 1$ every tree dies.
#
# ## Exercises
# **1.** *Your friends have more friends than you.* How many friends does a friend have on average? (Pick a random tie, look
# at its end: a person with $k$ friends is met $k$ times.) Use `degree`.

# %%
answer_1 = None
lesson.number("1", answer_1, (degree.astype(float) ** 2).sum() / degree.sum(), within=0.02,
              hint="Weigh each person by the number of friends: sum of squares over sum.")

# %% [markdown]
# **2.** Under `koc_first`, every tree begins with one person, so $R$ = (people - trees) / people. Which mean tree size does
# $1/(1-R)$ give in your market?

# %%
chains = trees["koc_first"]
people, count = (chains["size"] * chains["count"]).sum(), chains["count"].sum()
answer_2 = None
lesson.number("2", answer_2, 1 / (1 - (people - count) / people), within=0.02, hint="Both numbers are in `table`.")

# %% [markdown]
# **3.** A manager plans: "we need one post to go viral". In your market, what happened to most trees?

# %%
answer_3 = None  # "they died at once", "they reached one more person" or "they went viral"
lesson.choice("3", answer_3, "they died at once",
              why={"they went viral": "R is below 1: look at the largest tree.",
                   "they reached one more person": "Look at the first pair of bars."},
              because="A plan that needs a hit is a lottery ticket; a plan that needs many small trees is arithmetic.")

# %% [markdown]
# **4.** You have 30 samples. Choose 30 people (rows of the market) who together have as many *different* friends as you can
# find; reach at least three times what 30 people at random have. `network.neighbours(i)` are the friends of person i.


# %%
def reach(chosen):
    return len(set().union(*(set(network.neighbours(int(i)).tolist()) for i in chosen)) - {int(i) for i in chosen})


def well_chosen(chosen):
    chosen = {int(i) for i in chosen}
    if len(chosen) != 30:
        return f"30 different people are wanted, these are {len(chosen)}."
    random = np.mean([reach(np.random.default_rng(k).choice(network.n, 30, replace=False)) for k in range(20)])
    ratio = reach(chosen) / random
    return None if ratio >= 3 else f"{ratio:.1f} times what chance reaches. Whom does everybody know?"


answer_4 = None
lesson.rule("4", answer_4, well_chosen, because="Hubs. But their circles overlap, and they are the first whom others buy.")

# %% [markdown]
# ## What to take away
# - Reach is bought from broadcasters; belief travels in chains, and chains are short.
# - With R below 1 a share is a *multiplier*, 1/(1-R), not a fire.
# - Next: what changes when the chain is the condition of the price: the group-buy.

# %%
print(lesson.score())
