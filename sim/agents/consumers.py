"""Consumers as rows with an agent's face: a light view of one person, a frame of all, columns by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.agents.crowd import Crowd
from sim.contract import CHANNELS, MODES, NO_TOUCH
from sim.state.columns import AWARE, NEVER, REACHED, numbers
from sim.state.records import STATUSES


class Consumers(Crowd):
    """All consumers of a market. ``consumers[i]`` is a view of one; ``consumers.fatigue`` a read-only column; sets of
    them are made as by mesa's AgentSet (:mod:`sim.agents.crowd`)."""

    def __init__(self, market: Any) -> None:
        self._market = market
        super().__init__(self, np.arange(market.network.n))

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the segments, by their code."""
        names: tuple[str, ...] = self._market.world.segments
        return names

    def __len__(self) -> int:
        return int(self._market.network.n)

    def __iter__(self) -> Iterator[Consumer]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> Consumer:
        n = len(self)
        if not -n <= i < n:
            raise IndexError(f"there are {n} consumers, no number {i}")
        return Consumer(self._market, i % n)

    def __getattr__(self, name: str) -> np.ndarray:
        column = self._market.state.columns.get(name) if not name.startswith("_") else None
        if column is None or len(column) != len(self):
            raise AttributeError(f"consumers have no column {name!r}; `sim explain columns` lists them")
        view: np.ndarray = numbers(self._market.state.columns, name).view()
        view.flags.writeable = False
        return view

    def frame(self) -> Any:
        """DataFrame, one row a person: traits, and per product or merchant columns named ``column:owner``."""
        import pandas as pd

        world = self._market.world
        owners = {"P": world.product_names, "M": world.merchants, "C": world.categories}
        data: dict[str, np.ndarray] = {}
        for column in self._market.state.declared:
            if column.shape[0] != "N":
                continue
            values = numbers(self._market.state.columns, column.name)
            if values.ndim == 1:
                data[column.name] = values
            else:
                for k, owner in enumerate(owners[column.shape[1]]):
                    data[f"{column.name}:{owner}"] = values[:, k]
        frame = pd.DataFrame(data)
        frame["segment"] = pd.Categorical.from_codes(frame["segment"].to_numpy(np.int64), pd.Index(world.segments))
        frame["degree"] = np.diff(self._market.network.indptr)
        return frame


class Consumer:
    """One person: traits as attributes, friends, history. A view: it holds nothing of its own."""

    __slots__ = ("_market", "row")

    def __init__(self, market: Any, row: int) -> None:
        self._market = market
        self.row = row

    def __repr__(self) -> str:
        return f"Consumer({self.row}, segment={self.segment!r}, friends={len(self.friends)})"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._market.consumers, name)[self.row]

    @property
    def segment(self) -> str:
        """Name of the segment."""
        return str(self._market.world.segments[self._market.state.columns["segment"][self.row]])

    @property
    def friends(self) -> np.ndarray:
        """Rows of the friends."""
        net = self._market.network
        rows: np.ndarray = net.indices[net.indptr[self.row] : net.indptr[self.row + 1]]
        return rows

    @property
    def trust(self) -> dict[str, float]:
        """Trust in each merchant, 0..1, as of the last experience."""
        c = self._market.state.columns
        good, bad = c["trust_good"][self.row], c["trust_bad"][self.row]
        return {m: float(good[k] / (good[k] + bad[k])) for k, m in enumerate(self._market.world.merchants)}

    @property
    def knows(self) -> list[str]:
        """Products the person is aware of."""
        flags = self._market.state.columns["flags"][self.row]
        return [p for k, p in enumerate(self._market.world.product_names) if flags[k] & AWARE]

    def history(self) -> Any:
        """DataFrame of the person's orders."""
        import pandas as pd

        rows = self._market.state.table("orders").rows
        mine = rows[rows["consumer"] == self.row]
        names = (*CHANNELS, *[""] * (256 - len(CHANNELS)))
        return pd.DataFrame(
            {
                "day": mine["day"],
                "product": [self._market.world.product_names[p] for p in mine["product"]],
                "mode": [MODES[m] for m in mine["mode"]],
                "price": mine["price"] / 100.0,
                "status": [STATUSES[s] for s in mine["status"]],
                "last_touch": [names[t] if t != NO_TOUCH else "" for t in mine["last_touch"]],
                "delivered_day": mine["delivered_day"],
                "satisfaction": mine["satisfaction"],
            }
        )

    def why(self, product: str) -> str:
        """In words, how things stand between this person and a product (``merchant.product``)."""
        p = self._market.world.product_names.index(product)
        c = {
            n: numbers(self._market.state.columns, n, (self.row, p))
            for n, v in self._market.state.columns.items()
            if v.ndim == 2
            and v.shape[0] == len(self._market.consumers)
            and v.shape[1] == len(self._market.world.product_names)
        }
        if not c["flags"] & REACHED:
            return f"has never met {product}" + (", though aware of it" if c["flags"] & AWARE else "")
        met = f"first met {product} through {CHANNELS[c['first_touch']]}, last through {CHANNELS[c['last_touch']]}"
        known = "knows it" if c["flags"] & AWARE else "has not taken notice"
        bought = (
            f"bought {c['units']} times, last on day {c['last_purchase']}"
            if c["last_purchase"] > NEVER
            else "never bought"
        )
        return f"{met} on day {c['last_exposure']}; {known}; expects quality {c['expectation']:.2f}; {bought}"
