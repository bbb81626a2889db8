"""The people and cascades that made the difference: whose word brought orders under a strategy, and under the baseline.

Markets of a few replications are lived again with their records at hand, both strategies on the same seeds and so with
the same people. An order that followed somebody's word is credited to that person (*direct*) and up the chain of words
that had brought her there before (*downstream*):

    order at t, by way of r_1;  r_1's own first order, if before t, by way of r_2;  ...   r_1 direct, all r_k downstream
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments import replicate
from sim.experiments.execute import Progress
from sim.experiments.executors import share_out, spread
from sim.experiments.identity import BASE
from sim.experiments.statistics import mean_interval
from sim.experiments.store import write_parquet
from sim.experiments.waterfall import challenger
from sim.experiments.why import leader
from sim.metrics.cascades import cascade_table

REPLICATIONS = 3
TOP = 20
"""People told of by name in each replication."""

BANDS = ("fewest friends", "few friends", "many friends", "most friends")
"""Quarters of the people by friends."""

TABLES = ("people", "people_kinds")


@dataclass(frozen=True)
class _Task:
    scenario: Any
    strategy: str
    seed: int
    replication: int
    market: str


def people(comparison: Any, strategy: str | None = None, *, replications: int = REPLICATIONS, jobs: int | None = None,
           progress: Progress | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Two tables, kept where the comparison has a folder: the people who made most of a difference, and their kinds.

    Against the baseline or, when that is the best itself, the next best. ``people``: strategy, against, replication,
    person, segment, friends, cascades begun, ``reached`` (who shared in them), direct orders, downstream orders,
    ``gmv`` downstream in yuan, ``gmv_other`` of the same person under the other, ``difference``: the ``TOP`` of each
    replication by difference, of those whose word brought anything. ``people_kinds``: strategy, against, segment, band
    of friends, people, difference with its 95 % interval over replications, ``share`` of all downstream money; the
    first row is everybody.
    """
    chosen = leader(comparison, strategy, comparison.outcomes[0])
    base = comparison.baseline
    if chosen == base:
        base = challenger(comparison, None, comparison.outcomes[0])
    seeds = list(comparison.manifest["seeds"])[: max(1, replications)]
    names = (chosen, base)
    tasks = [_Task(comparison.scenario, name, seed, r, replicate.MARKET)
             for r, seed in enumerate(seeds) for name in names]  # fmt: skip
    found: dict[tuple[str, int], pd.DataFrame] = {}
    for name, r, frame in spread(_lived, tasks, share_out(len(tasks), jobs)[0]):
        found[name, r] = frame
        if progress is not None:
            progress(len(found), len(tasks))
    both = [_paired(found[chosen, r], found[base, r], (chosen, base), r) for r in range(len(seeds))]
    heard = [one[(one["gmv"] > 0) | (one["gmv_other"] > 0)] for one in both]
    top = pd.concat([one.nlargest(TOP, "difference", keep="first") for one in heard], ignore_index=True)
    made = (top.drop(columns="band"), _kinds(both, (chosen, base)))
    for name, frame in zip(TABLES, made, strict=True):
        comparison.tables[name] = frame
        if comparison.path is not None:
            write_parquet(frame, comparison.path / f"{name}.parquet")
    return made


def _lived(task: _Task) -> tuple[str, int, pd.DataFrame]:
    market = replicate.market_class(task.market)(
        task.scenario, strategy=None if task.strategy == BASE else task.strategy, seed=task.seed
    )
    market.run()
    return task.strategy, task.replication, of_market(market)


def of_market(market: Any) -> pd.DataFrame:
    """A row a person of a market that has been lived: what came of her word. Index: the person's number."""
    state, world = market.state, market.world
    orders = state.table("orders").rows[market.book.first_order_row :]
    orders = orders[(orders["sample"] == 0) & (orders["status"] != 6)]
    orders = orders[np.argsort(orders["hour"], kind="stable")]
    n = state.network.n
    direct, down, gmv = credited(orders["hour"], orders["consumer"], orders["referrer"], orders["price"], n)
    shares = state.table("shares").rows
    trees = cascade_table(shares)
    begun, reached = np.zeros(n, np.int64), np.zeros(n, np.int64)
    starters = shares["sharer"][trees["root"]]
    np.add.at(begun, starters, 1)
    np.add.at(reached, starters, trees["size"] - 1)
    friends = np.diff(state.network.indptr).astype(np.int64)
    cuts = np.quantile(friends, [0.25, 0.5, 0.75])
    return pd.DataFrame({
        "segment": np.array(world.segments, object)[np.asarray(state.columns["segment"], np.int64)],
        "friends": friends, "band": np.searchsorted(cuts, friends, side="left"), "cascades": begun, "reached": reached,
        "direct": direct, "downstream": down, "gmv": gmv / 100.0,
    })  # fmt: skip


def credited(hour: Any, buyer: Any, referrer: Any, price: Any, people: int) -> tuple[Any, Any, Any]:
    """Direct orders, downstream orders and downstream money of each person; orders by rising hour."""
    direct, down = np.zeros(people, np.int64), np.zeros(people, np.int64)
    money = np.zeros(people, np.int64)
    first: dict[int, tuple[float, int]] = {}
    for t, who, by, fen in zip(hour.tolist(), buyer.tolist(), referrer.tolist(), price.tolist(), strict=True):
        if by >= 0:
            direct[by] += 1
        when, above = t, by
        while above >= 0:
            down[above] += 1
            money[above] += fen
            before = first.get(above)
            if before is None or not before[0] < when:
                break
            when, above = before
        first.setdefault(who, (t, by))
    return direct, down, money


def _paired(mine: pd.DataFrame, base: pd.DataFrame, names: tuple[str, str], replication: int) -> pd.DataFrame:
    made = mine.assign(gmv_other=base["gmv"], difference=mine["gmv"] - base["gmv"])
    made.insert(0, "strategy", names[0])
    made.insert(1, "against", names[1])
    made.insert(2, "replication", replication)
    made.insert(3, "person", made.index)
    return made


def _kinds(both: Sequence[pd.DataFrame], names: tuple[str, str]) -> pd.DataFrame:
    """By segment and band of friends: the difference a replication, and the share of what all words brought."""
    whole = np.array([one["difference"].sum() for one in both], float)
    all_money = sum(float(one["gmv"].sum()) for one in both)
    rows = [_row(names, "all", "", both, whole, 1.0)]
    for segment in dict.fromkeys(both[0]["segment"].sort_values()):
        for band, words in enumerate(BANDS):
            mine = [one[(one["segment"] == segment) & (one["band"] == band)] for one in both]
            if sum(map(len, mine)):
                gaps = np.array([one["difference"].sum() for one in mine], float)
                money = sum(float(one["gmv"].sum()) for one in mine)
                rows.append(_row(names, segment, words, mine, gaps, money / all_money if all_money else 0.0))
    return pd.DataFrame([rows[0], *sorted(rows[1:], key=lambda row: -row["difference"])])


def _row(names: tuple[str, str], segment: str, band: str, mine: Sequence[pd.DataFrame], gaps: Any,
         share: float) -> dict[str, Any]:  # fmt: skip
    found = mean_interval(gaps)
    return {"strategy": names[0], "against": names[1], "segment": segment, "friends": band,
            "people": round(sum(map(len, mine)) / len(mine)), "difference": found.mean, "low": found.low,
            "high": found.high, "share": share}  # fmt: skip


__all__ = ["credited", "of_market", "people"]
