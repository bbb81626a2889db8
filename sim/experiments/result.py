"""What one market leaves behind: tables, a summary, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TABLES = ("daily", "products", "merchants", "channels", "cascades", "cash", "groups", "cohorts", "crossings",
          "segments", "fills", "flows", "trees", "piece", "ties")  # fmt: skip
"""Tables every run leaves; ``orders`` comes beside them when it was asked for."""


class Table:
    """A field that takes anything DataFrame() takes and makes it a DataFrame when it is first looked at."""

    def __init__(self, index: str | None = None) -> None:
        self._index = index

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_{name}"

    def __get__(self, holder: Any, owner: type | None = None) -> pd.DataFrame:
        if holder is None:
            return None  # type: ignore[return-value]  # the default of the dataclass: no table
        kept = holder.__dict__[self._name]
        if not isinstance(kept, pd.DataFrame):
            kept = _frame(kept)
            if self._index is not None:
                kept = kept.set_index(self._index) if self._index in kept.columns else kept
                kept.index.name = self._index
            holder.__dict__[self._name] = kept
        return kept

    def __set__(self, holder: Any, value: Any) -> None:
        holder.__dict__[self._name] = value


class TableOrNone(Table):
    """The same, but None stays None."""

    def __get__(self, holder: Any, owner: type | None = None) -> pd.DataFrame | None:  # type: ignore[override]
        return None if holder is None or holder.__dict__[self._name] is None else super().__get__(holder, owner)


@dataclass(repr=False, eq=False)
class RunResult:
    """The outcome of one run.

    ``summary``: metric -> number. ``daily``: a row a day (the index), a column a metric. ``products``, ``merchants``,
    ``channels``, ``groups``: a row each. ``cascades``: a row a share tree (size, depth, virality). ``cash``: a row a
    day, a column a merchant, yuan. ``cohorts``: a row a month of first order and month since, of the focal merchant
    (:mod:`sim.metrics.cohorts`). ``crossings``: paid orders of the focal merchant by place of first exposure and of
    order, for products with listings. ``segments``, ``fills``, ``flows``, ``trees``, ``piece``, ``ties``: glimpses
    (:mod:`sim.metrics.glimpses`). ``orders``: a row an order, or None when they were not kept. ``meta``: scenario,
    strategy, seed, days, consumers. ``scenario``: the scenario that was run, when it is at hand.

    >>> result = sim.run("presets/examples/tea.yaml", seed=7)
    >>> len(result.daily), "price_paid" in result.orders
    (10, True)
    """

    summary: pd.Series[float]
    daily: Table = Table("day")
    products: Table = Table()
    merchants: Table = Table()
    channels: Table = Table()
    cascades: Table = Table()
    cash: Table = Table("day")
    groups: Table = Table()
    cohorts: Table = Table()
    crossings: Table = Table()
    segments: Table = Table()
    fills: Table = Table()
    flows: Table = Table()
    trees: Table = Table()
    piece: Table = Table()
    ties: Table = Table()
    orders: TableOrNone = TableOrNone()
    meta: dict[str, Any] = field(default_factory=dict)
    scenario: Any = None

    @classmethod
    def from_market(cls, market: Any) -> RunResult:
        """Collect ``market.tables()`` after a run."""
        scenario = market.scenario
        strategy = getattr(market, "strategy", None)
        meta = {
            "scenario": scenario.name,
            "strategy": strategy if isinstance(strategy, str) else "base",
            "seed": int(market.seed) if getattr(market, "seed", None) is not None else None,
            "days": int(market.day),
            "consumers": _consumers(market),
        }
        made = cls.from_tables(market.tables(), meta, scenario)
        if getattr(market, "running", False):  # a market that goes on would change arrays not yet copied
            for name in (*TABLES, "orders"):
                getattr(made, name)
        return made

    @classmethod
    def from_tables(cls, tables: dict[str, Any], meta: dict[str, Any], scenario: Any = None) -> RunResult:
        """From plain tables: ``summary`` a mapping, the others anything DataFrame() takes. Absent ones are empty."""
        frames = {name: tables.get(name) for name in TABLES}
        summary = pd.Series({str(k): float(v) for k, v in dict(tables["summary"]).items()}, dtype=float, name="value")
        summary.index.name = "metric"
        return cls(summary, **frames, orders=tables.get("orders"), meta=meta, scenario=scenario)

    @property
    def strategy(self) -> str:
        """Name of the strategy that was run; "base" without one."""
        return str(self.meta.get("strategy", "base"))

    def plot(self, kind: str = "daily", **options: Any) -> Figure:
        """One figure by kind (:data:`sim.report.figures.RUN_KINDS`). Raises ValueError on another, with the list."""
        figure: Figure = import_module("sim.report.figures").plot_run(self, kind, **options)
        return figure

    def to_frame(self) -> pd.DataFrame:
        """What was measured: a row a metric with its value, unit, label and formula."""
        from sim.metrics import declared

        known = [declared(str(name)) for name in self.summary.index]
        told = {part: [getattr(metric, part) for metric in known] for part in ("unit", "label", "formula")}
        return self.summary.to_frame().assign(**told)

    def explain(self, metric: str) -> str:
        """A metric in words: its value here, unit and formula. Raises KeyError for one that was not measured."""
        from sim.metrics import declared

        value, found = self.outcome(metric), declared(metric)
        if value != value and metric not in self.summary.index:
            have = ", ".join(str(name) for name in self.summary.index[:40])
            raise KeyError(f"no metric {metric!r} was measured; there are: {have}")
        return f"{found.label} ({metric}): {value:,.6g} {found.unit}; {found.formula}".replace(" ;", ";")

    def outcome(self, name: str) -> float:
        """``metric`` from the summary or ``metric@owner`` from the owner's row; NaN when it was not measured."""
        if name in self.summary.index:
            return float(self.summary[name])
        metric, _, owner = name.partition("@")
        for table, key in (("merchants", "merchant"), ("products", "name"), ("channels", "channel")):
            frame: pd.DataFrame = getattr(self, table)
            if owner and key in frame.columns and metric in frame.columns:
                found = frame.loc[frame[key].astype(str) == owner, metric]
                if len(found) == 1:
                    return float(found.iloc[0])
        return float("nan")

    def __repr__(self) -> str:
        seed, days, people = (self.meta.get(key) for key in ("seed", "days", "consumers"))
        what = f"{self.meta.get('scenario')!r} strategy={self.strategy} seed={seed}"
        return f"<RunResult {what}: {people} people, {days} days>"

    def _repr_html_(self) -> str:
        return str(import_module("sim.report.cards").run(self))


def _frame(table: Any) -> pd.DataFrame:
    if table is None:
        return pd.DataFrame()
    if isinstance(table, pd.DataFrame):
        return table
    if isinstance(table, np.ndarray) and table.dtype.names:
        return pd.DataFrame.from_records(table)
    return pd.DataFrame(dict(table) if isinstance(table, dict) else table)


def _consumers(market: Any) -> int | None:
    people = getattr(market, "consumers", None)
    try:
        return len(people)  # type: ignore[arg-type]
    except TypeError:
        return getattr(market.scenario.market, "consumers", None)
