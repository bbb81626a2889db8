"""What an optimisation wants: outcomes with their good direction, and constraints on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.contract import ScenarioError
from sim.metrics import declared

_CONSTRAINT = re.compile(r"\s*([^<>=\s]+)\s*(>=|<=)\s*([-+]?[\d._]+(?:[eE][-+]?\d+)?)\s*(%?)\s*")


@dataclass(frozen=True)
class Constraint:
    """``metric >= bound`` or ``metric <= bound``, held to by the mean over replications."""

    metric: str
    sign: str
    bound: float

    def missed_by(self, value: float) -> float:
        """How far a value is on the wrong side; 0 or less when it is met."""
        return self.bound - value if self.sign == ">=" else value - self.bound

    def __str__(self) -> str:
        return f"{self.metric} {self.sign} {self.bound:g}"


@dataclass(frozen=True)
class Aims:
    """``outcomes``: what is made best, each ``up`` or ``down``; ``constraints``: what must hold."""

    outcomes: tuple[str, ...]
    ways: tuple[str, ...]
    constraints: tuple[Constraint, ...] = ()

    @property
    def metrics(self) -> list[str]:
        """Everything that must be measured."""
        return list(dict.fromkeys([*self.outcomes, *(c.metric for c in self.constraints)]))


def aims(outcomes: Sequence[str], constraints: Sequence[str] = ()) -> Aims:
    """Read them: ``profit``; ``trust>=0.4``, ``return_rate <= 20%``. Raises ScenarioError."""
    ways = tuple(good_way(name) for name in outcomes)
    return Aims(tuple(outcomes), ways, tuple(_constraint(text) for text in constraints))


def good_way(name: str) -> str:
    """``up`` or ``down``. Raises ScenarioError on an outcome that there is not, or one without a good direction."""
    from sim.scenario.measures import METRICS
    from sim.scenario.paths import nearest

    metric = name.partition("@")[0]
    if metric not in METRICS:
        raise ScenarioError(f"unknown outcome {name!r}{nearest(metric, METRICS)}; 'sim explain metrics' lists them")
    way = declared(name).better
    if not way:
        raise ScenarioError(f"{name!r} has no good direction: more of it is neither better nor worse")
    return way


def _constraint(text: Any) -> Constraint:
    found = _CONSTRAINT.fullmatch(str(text))
    try:
        if found is None:
            raise ValueError
        return Constraint(found[1], found[2], float(found[3]) / (100 if found[4] else 1))
    except ValueError:
        raise ScenarioError(f"constraint {text!r}: write METRIC>=NUMBER or METRIC<=NUMBER, as in profit>=0") from None
