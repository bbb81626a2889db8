"""Data as moments, and markets as the same moments: what is compared is computed by one function on both sides.

``daily``       mean total a person and day, by stretch
``adoptions``   share of people who adopt, by stretch; with a network also how many friends had adopted at the time
``orders``      mean orders a person, by stretch; shares of people by number of orders, but for the largest class;
                mean day of the last order of those with any
``cumulative``  mean orders a person so far and share of people with any, at the days named

Moments of the fitted window come first; those of the days after it are held out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import Problem, ScenarioError
from sim.experiments.calibration.plan import DataSource, Plan
from sim.experiments.calibration.tables import first_of, table_of, ties_of
from sim.state.columns import NEVER


@dataclass(frozen=True)
class Events:
    """Orders or adoptions: ``who`` int[n] and ``day`` float[n], of ``people`` people. ``ties`` int[m, 2] or none.
    ``prior`` int[k]: who had adopted before the first day, as the friends of others saw."""

    who: np.ndarray
    day: np.ndarray
    people: int
    ties: np.ndarray | None = None
    prior: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True)
class Totals:
    """``value`` float[days], totals by day."""

    value: np.ndarray
    people: int


@dataclass(frozen=True)
class Window:
    """What is measured: ``edges`` float[k+1] of stretches, of which the first ``fitted`` are fitted.

    ``counts``: where classes of people by number of orders begin. ``starts`` float[people]: the calendar day on which
    each person of the data came; the market's own days count from there.
    """

    kind: str
    edges: np.ndarray
    fitted: int
    metric: str = "orders"
    exposure: bool = False
    counts: tuple[int, ...] = (1, 2)
    starts: np.ndarray | None = None
    prior: bool = False
    """Whether some had adopted before the first day."""

    @property
    def horizon(self) -> int:
        """Days a market must live to be measured."""
        return int(np.ceil(self.edges[-1]))

    def names(self) -> tuple[list[str], list[str]]:
        """Names of the fitted and of the held-out moments."""
        def stretch(k: int) -> str:
            return f"{self.edges[k]:g}-{self.edges[k + 1]:g}"

        count = len(self.edges) - 1
        if self.kind == "cumulative":
            both = [f"{what} by {d:g}" for d in self.edges[1:] for what in ("mean", "any")]
            return both[: 2 * self.fitted], both[2 * self.fitted :]
        extra = {"orders": [*self._classes(), "last order"], "adoptions": [
            "friends before, mean share", "no friend before"] if self.exposure else []}.get(self.kind, [])
        return [*map(stretch, range(self.fitted)), *extra], [*map(stretch, range(self.fitted, count))]

    def _classes(self) -> list[str]:
        """Names of the classes by number of orders but the last, which the others imply."""
        ends = [0, *self.counts]
        return [f"{low} orders" if high == low + 1 else f"{low} to {high - 1} orders"
                for low, high in pairwise(ends)]  # fmt: skip


@dataclass(frozen=True)
class Target:
    """The data, read: their window and their moments; ``adoptions`` when that is what they are."""

    window: Window
    fitted: np.ndarray
    held_out: np.ndarray
    people: int
    notes: list[str] = field(default_factory=list)
    adoptions: Events | None = None


def measure(data: Events | Totals, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """Fitted and held-out moments, float[k] and float[h]."""
    edges, cut = window.edges, window.fitted
    if isinstance(data, Totals):
        days = np.arange(len(data.value)) + 0.5
        total = np.histogram(days, edges, weights=data.value)[0]
        rate = total / np.diff(edges) / data.people
        return rate[:cut], rate[cut:]
    if window.kind == "cumulative":
        pairs = []
        for end in edges[1:]:
            inside = data.day < end
            pairs.append([inside.sum() / data.people, len(np.unique(data.who[inside])) / data.people])
        return np.ravel(pairs[:cut]), np.ravel(pairs[cut:]) if pairs[cut:] else np.zeros(0)
    rate = np.histogram(data.day, edges)[0] / data.people
    early = data.day < edges[cut]
    extra: list[float] = []
    if window.kind == "orders":
        extra = _habits(data.who[early], data.day[early], data.people, window.counts)
    elif window.exposure:
        extra = _exposure(Events(data.who[early], data.day[early], data.people, data.ties, data.prior))
    return np.concatenate([rate[:cut], extra]), rate[cut:]


def _habits(who: np.ndarray, day: np.ndarray, people: int, counts: tuple[int, ...]) -> list[float]:
    """Shares of people by number of orders, and the mean day of the last order of those with any."""
    count = np.bincount(who, minlength=people)
    share = np.bincount(np.searchsorted(counts, count, side="right"), minlength=len(counts) + 1) / people
    last = np.zeros(people)
    np.maximum.at(last, who, day)
    return [*share[:-1].tolist(), float(last[count > 0].mean()) if (count > 0).any() else 0.0]


def _exposure(data: Events) -> list[float]:
    """Of adopters with a tie: mean share of friends who adopted before, and share of those before whom none had."""
    assert data.ties is not None
    when = np.full(data.people, np.inf)
    when[data.prior] = -1.0
    when[data.who] = np.floor(data.day)
    a, b = np.concatenate([data.ties, data.ties[:, ::-1]]).T
    degree = np.bincount(a, minlength=data.people)
    before = np.bincount(a, when[b] < when[a], minlength=data.people)
    counted = np.isfinite(when) & (when >= 0.0) & (degree > 0)
    if not counted.any():
        return [0.0, 0.0]
    return [float((before[counted] / degree[counted]).mean()), float((before[counted] == 0).mean())]


def events_of(market: Any, window: Window) -> Events | Totals:
    """What a market that has lived its days shows, in the shape of the data."""
    people, kind, metric, exposure = market.network.n, window.kind, window.metric, window.exposure
    if kind == "daily":
        daily = market.result().daily
        if metric not in daily.columns:
            raise ScenarioError(f"no metric by day is called {metric!r}; there are: {', '.join(daily.columns)}")
        return Totals(daily[metric].to_numpy(float), people)
    orders = market.result().orders
    who, day = orders.consumer.to_numpy(np.int64), (orders.day + orders.hour / 24).to_numpy(float)
    if kind != "adoptions":
        if window.starts is not None:
            day = day + window.starts[who % len(window.starts)]
            who, day = who[day < window.horizon], day[day < window.horizon]
        return Events(who, day, people)
    prior = np.zeros(0, np.int64)
    if window.prior:
        begun = market.state.columns["first_order"]
        prior = np.flatnonzero(((begun < 0) & (begun != NEVER)).any(axis=1))
        later = ~np.isin(who, prior)
        who, day = who[later], day[later]
    order = np.argsort(day, kind="stable")
    first, at = np.unique(who[order], return_index=True)
    net = market.network
    owner = np.repeat(np.arange(people), np.diff(net.indptr))
    once = owner < net.indices
    ties = np.stack([owner[once], net.indices[once].astype(np.int64)], axis=1) if exposure else None
    return Events(first, day[order][at], people, ties, prior)


def target(plan: Plan) -> Target:
    """Read the plan's data. Raises ScenarioError where they cannot be used."""
    source, base = plan.data, Path(plan.base_dir)
    table = table_of(source, base)
    if source.kind == "cumulative":
        return _published(table, source, plan)
    day = table["day"].to_numpy(float) - first_of(source)
    last = float(np.nanmax(day)) if len(day) else 0.0
    notes: list[str] = []
    starts: np.ndarray | None = None
    data: Events | Totals
    if source.kind == "daily":
        people = source.people
        if people is None:
            raise ScenarioError([Problem("how many people the totals are of must be said", "data.people")])
        value = np.bincount(day.astype(int), table["value"], minlength=int(last) + 1)
        data = Totals(value, people)
        length = float(len(value))
    elif source.kind == "adoptions":
        never = np.isnan(day) | np.isin(table["day"].to_numpy(float), source.never)
        people = source.people or len(table)
        ties, notes = ties_of(source, base, table)
        prior = ~never & (day < 0)
        never |= prior
        data = Events(np.flatnonzero(~never), day[~never] + 0.5, people, ties, np.flatnonzero(prior))
        day = day[~never]
        if prior.any():
            notes = [*notes, f"{prior.sum():,} had adopted before the first day: the market begins with them"]
        length = float(np.floor(day.max())) + 1 if len(day) else 0.0
    else:
        who, names = pd.factorize(table["consumer"])
        people = source.people or len(names)
        data = Events(who.astype(np.int64), day + 1e-9, people)
        if source.entry:
            data, starts = _after_entry(data)
        length = float(np.floor(last)) + 1
    if length < 2 or (day[np.isfinite(day)] < 0).any():
        raise ScenarioError([Problem("days must begin at data.first and there must be two of them", "data.first")])
    until = min(plan.fit_days or length, length)
    width = until / plan.bins
    edges = np.linspace(0, until, plan.bins + 1)
    more = int(np.floor((length - until) / width + 1e-9))
    edges = np.concatenate([edges, until + width * np.arange(1, more + 1)])
    events = data if isinstance(data, Events) else None
    window = Window(source.kind, edges, plan.bins, source.metric, events is not None and events.ties is not None,
                    tuple(source.counts), starts, events is not None and len(events.prior) > 0)  # fmt: skip
    fitted, held_out = measure(data, window)
    only = events if source.kind == "adoptions" else None
    return Target(window, fitted, held_out, people, notes, only)


def _after_entry(data: Events) -> tuple[Events, np.ndarray]:
    """The orders after each person's first one (on another day), and the day of that, float[people].

    Raises ScenarioError when somebody has none.
    """
    starts = np.full(data.people, np.inf)
    np.minimum.at(starts, data.who, data.day)
    if np.isinf(starts).any():
        raise ScenarioError([Problem("entry needs an order of everybody: 'people' is more than are named", "data")])
    later = np.floor(data.day) > np.floor(starts[data.who])
    who, day = data.who[later], data.day[later]
    once = np.unique(np.stack([who, np.floor(day).astype(np.int64)], axis=1), axis=0, return_index=True)[1]
    return Events(who[once], day[once], data.people), np.floor(starts)


def _published(table: pd.DataFrame, source: DataSource, plan: Plan) -> Target:
    table = table.sort_values("day")
    days = table["day"].to_numpy(float)
    cut = int((days <= (plan.fit_days or days[-1])).sum())
    if cut == 0 or source.people is None:
        raise ScenarioError([Problem("a row within fit_days and the number of people are needed", "data")])
    values = table[["mean", "share"]].to_numpy(float)
    window = Window("cumulative", np.concatenate([[0.0], days]), cut)
    return Target(window, values[:cut].ravel(), values[cut:].ravel(), source.people)
