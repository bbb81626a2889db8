"""Places, people, strategies and events of the library do what they claim: two worlds on the same seeds, a chain each.

The rows are those of ``sim/scenario/coverage/presets.yaml``; each names what differs between its worlds and, in causal
order, what must be higher or lower for it in the mean over the seeds. A row that names ``people``, ``days`` and
``seeds`` has its claim judged with power: by the paired differences, at two standard errors. What a claim says and the
model does not is kept as a claim of its own, contradicted, and a test holds that it still is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import yaml

import sim
from sim.scenario.systems import FOLDER, Row, rows

OWN = "test_an_algorithm_change_hits_those_who_live_by_posts"
ROWS = rows([FOLDER / "presets.yaml"])
MINE = [row for row in ROWS if row.toggle and row.status == "shown" and OWN not in str(row.test)]
CLAIMS = [row for row in ROWS if row.status == "contradicted"]
QUICK = ("Y05", "Y86", "Y88", "Y90")
SEEDS = (1, 2, 3, 4)
CITY: dict[str, Any] = {
    "name": "city", "market": {"consumers": 1500, "days": 40}, "focal": "Lumi",
    "merchants": [
        {
            "name": "Lumi", "service": 0.8,
            "products": [{
                "name": "serum", "category": "beauty", "price": 149, "unit_cost": 60, "quality": 0.75, "cycle_days": 30,
                "initial": {"aware": 0.1, "buyers": 0.05, "reviews": 60, "rating": 4.4},
            }],
            "plan": {"budget_per_day": 60, "mix": {"ads": 0.3, "kol": 0.3, "koc": 0.3, "community": 0.1},
                     "group": {"size": 2, "discount": 0.2}},
        },
        {
            "name": "Aurel",
            "products": [{
                "name": "serum", "category": "beauty", "price": 139, "unit_cost": 60, "quality": 0.7, "cycle_days": 30,
                "initial": {"aware": 0.3, "buyers": 0.1, "reviews": 600, "rating": 4.4},
            }],
            "plan": {"budget_per_day": 30, "mix": {"ads": 1}},
        },
    ],
}  # fmt: skip


def world(arm: dict[str, Any]) -> sim.Scenario:
    """The city with what an arm says of places, people, strategy, events, settings, and its size."""
    people = [f"presets/segments/{arm['segments']}.yaml"] if "segments" in arm else []
    places = [f"presets/platforms/{place}.yaml" for place in arm.get("places", ["notes", "interest_feed"])]
    size = {"market": {"reference_consumers": 1500} | arm["size"]} if "size" in arm else {}
    files = ["presets/market/small_city.yaml", *people, *places]
    said = CITY | size | {"extends": files, "events": arm.get("events", [])}
    if "use" in arm:
        said["strategies"] = {"it": {"use": arm["use"]}}
    return sim.load(said, set=arm.get("set")).for_strategy("it" if "use" in arm else None)


@lru_cache(maxsize=16)
def lived(text: str, seed: int) -> tuple[Any, dict[str, int]]:
    """A run and, by platform, how many opened it on the last day."""
    market = sim.Market(world(yaml.safe_load(text)), seed=seed, orders=True)
    result = market.run()
    opened = market.state.columns["visited"]
    names = market.world.platform_names
    return result, {name: int(((opened >> np.uint32(k)) & np.uint32(1)).sum()) for k, name in enumerate(names)}


def seen(name: str, result: Any, opened: dict[str, int]) -> float:
    """One observable of a run."""
    about, at, owner = name.partition("@")
    channels = result.channels.set_index("channel")
    column = {"impressions": "impressions", "orders": "orders_last_touch", "first": "orders_first_touch"}
    parts = about.split(".")
    total = result.summary
    if parts[0] == "visits":
        return opened[parts[1]]
    if parts[0] == "share":
        return float(channels[column[parts[1]]][parts[2]] / channels[column[parts[1]]].sum())
    if len(parts) == 2:
        return float(channels[column[parts[0]]][parts[1]])
    posts, orders = channels.loc[["kol", "koc"]].sum(), result.orders
    own = {
        "posts_ctr": lambda: posts.clicks / posts.impressions,
        "posts_cvr": lambda: posts.orders_last_touch / posts.clicks,
        "impulse_share": lambda: total["click_to_order"] * total["clicks"] / total["orders"],
        "lead_days": lambda: (orders.delivered_day - orders.paid_day)[orders.delivered_day >= 0].mean(),
        "delivered_share": lambda: result.daily.delivered.sum() / total["orders"],
        "fee_share": lambda: total["platform_fees"] / total["gmv"],
        "goods_cost_each": lambda: total["goods_cost"] / total["orders"],
        "margin": lambda: total[f"order_margin{at}{owner}"] / total[f"gmv{at}{owner}"],
    }
    return float(own[about]() if about in own else total[name])


def mean(name: str, arm: dict[str, Any]) -> float:
    """The mean of an observable over the seeds."""
    text = yaml.safe_dump(arm, sort_keys=True)
    return float(np.mean([seen(name, *lived(text, seed)) for seed in SEEDS]))


def shifts(row: Row) -> list[tuple[str, float]]:
    """For each link of a chain the paired difference over its standard error, positive where the claim has it."""
    size = {"consumers": row.toggle["people"], "days": row.toggle["days"]}
    texts = [yaml.safe_dump(row.toggle[k] | {"size": size}, sort_keys=True) for k in ("with", "without")]
    found: dict[str, list[float]] = {name: [] for name, _ in row.chain}
    for seed in range(1, row.toggle["seeds"] + 1):
        runs = [lived(text, seed) for text in texts]
        for name in found:
            found[name].append(seen(name, *runs[0]) - seen(name, *runs[1]))
    out = []
    for name, way in row.chain:
        d = np.array(found[name]) * (1 if way == "up" else -1)
        out.append((name, float(d.mean() / max(d.std(ddof=1) / np.sqrt(len(d)), 1e-12))))
    return out


@pytest.mark.slow
@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: row.system)
def test_a_claim_the_model_contradicts(row: Row) -> None:
    """Were every link of it shown at two standard errors, the row would have to be told otherwise."""
    assert any(t < 2 for _, t in shifts(row)), "the claim holds now: say so in its row"


@pytest.mark.slow
def test_an_algorithm_change_hits_those_who_live_by_posts() -> None:
    """Who lives by posts loses what the row says; who buys ads alone loses no GMV."""
    row = next(row for row in ROWS if OWN in str(row.test))
    assert all(t > 2 for _, t in shifts(row)), shifts(row)
    ads = {"merchants.Lumi.plan.mix": {"ads": 1}}
    toggle = row.toggle | {"with": row.toggle["with"] | {"set": ads}, "without": {"set": ads}}
    spared = row.model_copy(update={"toggle": toggle, "chain": [("gmv", "down")]})
    assert shifts(spared)[0][1] < 2


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=row.system, marks=[] if row.system in QUICK else pytest.mark.slow) for row in MINE]
)
def test_chain(row: Row) -> None:
    if "seeds" in row.toggle:
        found = shifts(row)
        assert all(t > 2 for _, t in found), found
        return
    with_it, without = row.toggle["with"], row.toggle["without"]
    means = [(name, way, mean(name, without), mean(name, with_it)) for name, way in row.chain]
    for _, way, before, after in means:
        assert (after > before) if way == "up" else (after < before), means


@pytest.mark.parametrize("limit", [0.3, 0.9, 5.0])
def test_limited_attention_is_shared_out_in_proportion(limit: float) -> None:
    """Below the limit nothing changes; above it activities sum to the limit and keep their ratios."""
    arms = ({}, {"set": {"mechanisms.visits.places_per_day": limit}})
    free, bound = (sim.Market(world(arm), seed=1).world.platforms.activity for arm in arms)
    total = free.sum(axis=0)
    assert bound.sum(axis=0) == pytest.approx(np.minimum(total, limit))
    assert bound / bound.sum(axis=0) == pytest.approx(free / total)


def test_what_one_place_wins_the_others_lose() -> None:
    """A second place costs the first one more visits where attention is limited."""
    alone, beside = {"places": ["notes"]}, {"places": ["notes", "interest_feed"]}
    limit = {"set": {"mechanisms.visits.places_per_day": 0.6}}
    free = mean("visits.notes", beside) / mean("visits.notes", alone)  # below 1: two places tire more than one
    bound = mean("visits.notes", beside | limit) / mean("visits.notes", alone | limit)
    assert bound < 0.8 * free
