"""Questions before a purchase (售前咨询): a line at the merchant's desk, and buyers who will not wait.

    asks          w.p. ask_share; a bot answers a share of the questions at once
    service       exponential, mean handle_minutes; c people, first come first served
    leaves        when the wait exceeds an exponential patience: the intent is gone              M/M/c+M (Erlang A)

Acts for merchants with a ``desk``. The desk is open day and night; a line left at midnight goes on. In a market of
another size the desk has round(staff x scale) people, at least one, each as much slower as keeps its capacity.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Column, Mechanism
from sim.rng import Stream, name_key
from sim.scenario.parameters import ServiceParams
from sim.state.ledger import REASON, SUPPLIER
from sim.state.population import uniforms
from sim.state.waiting import wait_in_line

SLOTS = np.array([name_key(name) for name in ("asks", "bot", "service", "patience")], np.uint64)


class Service(Mechanism):
    """The desk before the till."""

    name = "service"
    Params = ServiceParams
    columns = (
        Column("asked", ("M",), np.int64, "questions", "Questions asked so far.", owner="service"),
        Column("left_line", ("M",), np.int64, "people", "Would-be buyers who left the line so far.", owner="service"),
        Column("waited", ("M",), np.float64, "minute", "Minutes waited so far, by those answered.", owner="service"),
    )
    reads = ("ledger",)
    writes = ("asked", "left_line", "waited", "intents", "bills")
    equation = "leaves when W > Exp(patience);  W in M/M/c, first come first served"

    def prepare(self, view: Any, day: int) -> None:
        """Desks in force; the line lives as long as the market."""
        self.desks = [m.desk for m in view.world.scenario.merchants]
        if not hasattr(self, "free"):
            self.free: list[list[float]] = [[] for _ in self.desks]

    def morning(self, view: Any, day: int) -> None:
        """Wages."""
        for m, desk in enumerate(self.desks):
            owed = round(100.0 * desk.wage * desk.staff * view.world.scale) if desk is not None else 0
            if owed > 0:
                view.bills.add(view.ledger.merchant0 + m, SUPPLIER, owed, REASON["service"], m)

    def evening(self, view: Any, day: int) -> None:
        """Today's intents pass the desk; who left the line buys nothing."""
        if not any(desk is not None for desk in self.desks) or len(view.intents) == 0:
            return
        rows = view.intents.rows
        stay = np.ones(len(rows), bool)
        owner = view.world.products.merchant[rows["product"]]
        for m, desk in enumerate(self.desks):
            if desk is not None:
                self._pass(view, day, m, desk, np.flatnonzero(owner == m), stay)
        if not stay.all():
            view.intents.keep(stay)

    def _pass(self, view: Any, day: int, m: int, desk: Any, mine: np.ndarray, stay: np.ndarray) -> None:
        """The intents ``mine`` (rows) of merchant m; those who leave are struck from ``stay``."""
        rows = view.intents.rows[mine]
        u = uniforms(view.seed, int(Stream.QUESTION), rows["key"].copy(), SLOTS)
        asks = u[:, 0] < self.params.ask_share
        human = np.flatnonzero(asks & (u[:, 1] >= desk.bot_solves))
        human = human[np.lexsort((rows["key"][human], rows["hour"][human]))]
        capacity = desk.staff * view.world.scale
        people = max(1, round(capacity))
        self._seat(m, people, 1440.0 * day)
        minutes = desk.handle_minutes * people / capacity
        patience = -self.params.patience_minutes * np.log1p(-u[human, 3])
        wait = wait_in_line(
            1440.0 * day + 60.0 * rows["hour"][human], -minutes * np.log1p(-u[human, 2]), patience, self.free[m]
        )
        left = wait > patience
        stay[mine[human[left]]] = False
        view.asked[m] += int(asks.sum())
        view.left_line[m] += int(left.sum())
        view.waited[m] += float(wait[~left].sum())
        owed = round(100.0 * desk.bot_cost * int(asks.sum())) if desk.bot_solves > 0.0 else 0
        if owed > 0:
            view.bills.add(view.ledger.merchant0 + m, SUPPLIER, owed, REASON["service"], m)

    def _seat(self, m: int, people: int, now: float) -> None:
        """As many servers as there are people; who goes is the one free first."""
        free = sorted(self.free[m])
        self.free[m] = free[len(free) - people :] if len(free) > people else [now] * (people - len(free)) + free
        self.free[m].sort()
