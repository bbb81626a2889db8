"""What is read off the two markets after a day: plain arrays and numbers that a page can draw in another thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.dashboard.sample import Sample, sample, states, told
from sim.dashboard.session import Session
from sim.metrics.money import Money
from sim.metrics.summary import daily, focal_index, of_market, of_merchant, weight_of
from sim.scenario.scenario import yaml_text

POINTS = 1_000
"""Points of a curve; longer horizons are thinned."""

CURVES = ("gmv", "cumulative_profit")
"""Columns of the daily table that are drawn."""


@dataclass(frozen=True)
class Reading:
    """One side after a day. ``curves``: by column of the daily table, float64[d] (and ``day``); ``funnel``: people by
    stage; ``metrics``: the summary so far; ``nodes`` uint8[k] and ``told`` int64[e, 2] of the sampled graph."""

    name: str
    curves: dict[str, np.ndarray]
    funnel: dict[str, float]
    metrics: dict[str, float]
    nodes: np.ndarray
    told: np.ndarray


@dataclass(frozen=True)
class Script:
    """What the scenario has become: where levers stand by side and path, what was added as YAML, the whole as YAML."""

    changed: int = -1
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    added: str = ""
    text: str = ""
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """Everything the page draws. ``marks``: days on which something was changed or thrown in."""

    script: Script = Script()
    day: int = 0
    days: int = 1
    seconds: float = 0.0
    version: int = -1
    sides: dict[str, Reading] = field(default_factory=dict)
    sample: Sample | None = None
    marks: tuple[tuple[int, str], ...] = ()


class Reader:
    """Reads pictures off a session; keeps the layout of the graph while the network stays."""

    def __init__(self) -> None:
        self._network: tuple[Any, ...] = ()
        self._sample: Sample | None = None
        self._script = Script()

    def read(self, session: Session) -> Picture:
        """The picture of a session whose markets stand."""
        market = session.sides["A"].market
        key = (session.seed, market.network.n, market.network.edges)
        if self._sample is None or key != self._network:
            self._sample, self._network = sample(market.network, market.state.columns["author"] == 1), key
        marks = tuple((event["day"], event["name"]) for event in session.story.events)
        sides = {key: read(side.market, side.name, self._sample) for key, side in session.sides.items()}
        return Picture(self._read_script(session), session.day, session.days, session.seconds, session.version, sides,
                       self._sample, marks)  # fmt: skip

    def _read_script(self, session: Session) -> Script:
        if self._script.changed != session.changed:
            added = session.story.added()
            self._script = Script(
                session.changed, {key: session.values(key) for key in session.sides},
                yaml_text(added) if added else "", session.text(), tuple(session.commands()),
            )  # fmt: skip
        return self._script


def read(market: Any, name: str, picture: Sample) -> Reading:
    """What there is to show of a market after its day, ``picture`` being a sample of its people."""
    book, m = market.book, focal_index(market)
    mine = market.world.products.merchant == m
    if not len(market.world.merchants):
        return Reading(name, {"day": np.zeros(0)}, {}, {}, np.zeros(len(picture.people), np.uint8),
                       np.zeros((0, 2), np.int64))  # fmt: skip
    money = Money(book)
    table = daily(book, m, money)
    metrics = of_merchant(book, m, money) | of_market(book) if book.days else {}
    keep = slice(None, None, max(1, -(-book.days // POINTS)))
    curves = {column: np.asarray(table[column])[keep] for column in ("day", *CURVES)}
    again = float((market.state.columns["orders_with"][:, m] >= 2).sum()) * weight_of(market)
    funnel = {
        "reach": metrics.get("reach", 0.0), "aware": metrics.get("aware", 0.0),
        "new_buyers": metrics.get("new_buyers", 0.0), "again": again if book.days else 0.0,
    }  # fmt: skip
    return Reading(name, curves, funnel, metrics, states(market, picture, mine), told(market, picture, mine))
