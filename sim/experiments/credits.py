"""Which tier of creators an order is credited to by touch, to be set beside what the tier brought by being there.

A touch tells the channel, not the post. Among the tiers it is shared as the market itself shares commissions: the last
touch goes to the tier that the till credited, the first one to the tiers in proportion to the weight of their posts of
the product (or to their hours on air) on the day on which the buyer first met it:

    last     order at t, last touch kol or live:    1 to the tier the till drew for it
    first    met on day d through kol or live:      w_tier,d / sum w_d to each tier

What a live session of the merchant's own brought goes to no tier. Markets are lived again with their records at hand:
no record keeps the day of a first touch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import CHANNEL
from sim.experiments import replicate
from sim.experiments.execute import Progress
from sim.experiments.executors import share_out, spread
from sim.experiments.identity import BASE
from sim.metrics.money import Money
from sim.metrics.summary import focal_index, weight_of

WEIGHTS = {"kol": "creator_weight", "live": "live_host"}
"""By channel in which creators speak, the column that tells whose posts or sessions they are, float64[tiers, P]."""

COLUMNS = ("gmv_last_touch", "gmv_first_touch")


@dataclass(frozen=True)
class _Task:
    scenario: Any
    strategy: str
    seed: int
    market: str


def of_creators(comparison: Any, strategy: str, replications: int, jobs: int | None = None,
                progress: Progress | None = None) -> dict[str, dict[str, float]]:  # fmt: skip
    """Yuan of the focal merchant's paid orders by tier: ``gmv_last_touch``, ``gmv_first_touch``, means over runs."""
    seeds = list(comparison.manifest["seeds"])[:replications]
    tasks = [_Task(comparison.scenario, strategy, seed, replicate.MARKET) for seed in seeds]
    found: list[pd.DataFrame] = []
    for frame in spread(_lived, tasks, share_out(len(tasks), jobs)[0]):
        found.append(frame)
        if progress is not None:
            progress(len(found), len(tasks))
    mean = sum(found[1:], found[0]) / len(found)
    return {str(tier): {c: float(row[c]) for c in COLUMNS} for tier, row in mean.iterrows()}


def _lived(task: _Task) -> pd.DataFrame:
    market = replicate.market_class(task.market)(
        task.scenario, strategy=None if task.strategy == BASE else task.strategy, seed=task.seed
    )
    watch = Watch(market)
    while market.day < market.scenario.market.days:
        market.step()
        watch.look()
    return watch.credit()


class Watch:
    """Looks at a market after each of its days and remembers through whom everybody first met each product."""

    def __init__(self, market: Any) -> None:
        self.market = market
        touch = market.state.columns["first_touch"]
        self.touch = touch.copy()
        self.met = np.full(touch.shape, -1, np.int32)
        """int32[N, P], place in ``self.parts`` of the day of the first touch by a creator, -1 without one."""
        self.parts: list[dict[int, np.ndarray]] = []
        """By day and channel, float64[tiers, P]: part of each tier in that day's posts or sessions of a product."""
        self.seen = 0
        self.of_order: list[np.ndarray] = []
        """By day, int32[orders placed]: ``met`` of the buyer and product."""

    def look(self) -> None:
        """Take down today's parts, who met what today, and how the buyers of today's orders had met it."""
        columns, orders = self.market.state.columns, self.market.state.table("orders").rows
        self.parts.append({CHANNEL[name]: _parts(name, columns[column])
                           for name, column in WEIGHTS.items() if column in columns})  # fmt: skip
        touch = columns["first_touch"]
        self.met[(touch != self.touch) & np.isin(touch, list(self.parts[-1]))] = len(self.parts) - 1
        self.touch[:] = touch
        new = orders[self.seen :]
        self.of_order.append(self.met[new["consumer"], new["product"]])
        self.seen = len(orders)

    def credit(self) -> pd.DataFrame:
        """Yuan by tier, the index; of all paid orders of the focal merchant since day 0."""
        market, money = self.market, Money(self.market.book)
        table = market.state.table("orders").rows
        kept = (table["sample"] == 0) & (table["paid_day"] >= 0)
        mine = money.merchant == focal_index(market)
        rows, day = table[kept][mine], np.concatenate(self.of_order)[kept][mine]
        price, tiers = money.lines.price[mine], list(market.world.creators)
        spoken = np.isin(rows["last_touch"], [CHANNEL[name] for name in WEIGHTS]) & (rows["creator"] >= 0)
        last = np.bincount(rows["creator"][spoken], price[spoken], minlength=len(tiers))
        first = np.zeros(len(tiers))
        for d, touch, p, yuan in zip(day, rows["first_touch"], rows["product"], price, strict=True):
            if d >= 0 and touch in self.parts[d]:
                first += yuan * self.parts[d][touch][:, p]
        weight = weight_of(market)
        return pd.DataFrame(dict(zip(COLUMNS, (last * weight, first * weight), strict=True)),
                            index=pd.Index(tiers, name="creator"))  # fmt: skip


def _parts(channel: str, weight: np.ndarray) -> np.ndarray:
    """float64[tiers, P]: shares of the tiers; hours on air are shares already, and some may be the merchant's own."""
    if channel == "live":
        return np.array(weight, float)
    whole = weight.sum(axis=0)
    return np.asarray(weight / np.where(whole > 0, whole, 1.0))


__all__ = ["Watch", "of_creators"]
