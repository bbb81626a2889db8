"""What a case is: a setup in public settings, numbers expected, numbers observed, a tolerance, and a picture.

A case is a function of ``quick`` that gives a :class:`Finding`. ``quick`` asks for fewer runs, never for a laxer law:
tolerances are standard errors (or stated), so they widen by themselves. Besides its law a case has *controls*: laws
that are wrong in the likeliest way, from which the observation must lie further than the tolerance. A case whose
controls agree with the observation has no power, and fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

Rule = Literal["near", "far", "above", "below", "within"]


@dataclass(frozen=True)
class Check:
    """One number against its law.

    ``near``: within ``tolerance`` of ``expected``. ``far``: further away than that (a control). ``above``, ``below``:
    beyond ``expected`` by more than ``tolerance``. ``within``: from ``expected`` to ``tolerance``, a published band.
    """

    what: str
    expected: float
    observed: float
    tolerance: float
    rule: Rule = "near"

    @property
    def passed(self) -> bool:
        """Whether the number is where the rule wants it; never when it is not a number."""
        gap = self.observed - self.expected
        if self.rule == "within":
            return self.expected <= self.observed <= self.tolerance
        if self.rule == "near":
            return abs(gap) <= self.tolerance
        if self.rule == "far":
            return abs(gap) > self.tolerance
        return gap > self.tolerance if self.rule == "above" else -gap > self.tolerance

    @property
    def is_control(self) -> bool:
        """Whether this is a wrong law that must be told apart."""
        return self.rule == "far"


@dataclass(frozen=True)
class Curve:
    """A line (``law``) or dots of a picture: float[n] over float[n], ``error`` float[n] to either side."""

    label: str
    x: Any
    y: Any
    error: Any = None
    law: bool = False


@dataclass(frozen=True)
class Picture:
    """What to draw: curves over one x. ``names`` label the places of x when it counts things instead of measuring."""

    x: str
    y: str
    curves: Sequence[Curve]
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Finding:
    """What a run of a case gives. ``setup`` says in a line what was run."""

    setup: str
    checks: Sequence[Check]
    picture: Picture


@dataclass(frozen=True)
class Case:
    """A named case. ``key`` begins with its number in the list of validation cases, or says that it is of our own."""

    key: str
    title: str
    source: str
    run: Callable[[bool], Finding]
    kind: Literal["closed form", "published", "conservation"] = "closed form"

    @property
    def text(self) -> str:
        """What the case claims: the docstring of its function."""
        return " ".join((self.run.__doc__ or "").split())


@dataclass(frozen=True)
class Verdict:
    """A case with what came of it; ``error`` is the traceback of a case that did not finish."""

    key: str
    title: str
    source: str
    kind: str
    text: str
    seconds: float
    finding: Finding | None = None
    error: str = ""

    @property
    def passed(self) -> bool:
        """Whether the case finished, checked something, and every check passed."""
        return self.finding is not None and bool(self.finding.checks) and all(c.passed for c in self.finding.checks)


@dataclass(frozen=True)
class NotYet:
    """A case of the list that today's settings cannot state, and why."""

    key: str
    title: str
    reason: str


@dataclass
class Shelf:
    """Cases in the order in which they were put there."""

    cases: list[Case] = field(default_factory=list)

    def put(self, key: str, title: str, source: str,
            kind: Literal["closed form", "published", "conservation"] = "closed form") -> Callable[
                [Callable[[bool], Finding]], Callable[[bool], Finding]]:  # fmt: skip
        """Decorator: make a case of a function of ``quick``."""

        def keep(run: Callable[[bool], Finding]) -> Callable[[bool], Finding]:
            self.cases.append(Case(key, title, source, run, kind))
            return run

        return keep


# ---------------------------------------------------------------------------------------------- helpers of the cases


def limit(name: str, **changes: Any) -> Any:
    """The packaged preset ``presets/limits/<name>.yaml`` with some settings changed, as a Scenario."""
    from sim.scenario import load

    return load({"extends": [f"presets/limits/{name}.yaml"], **changes})


def live(scenario: Any, seed: int = 0, check: bool = True, **options: Any) -> Any:
    """A Market that has lived its days, its invariants checked every day unless told otherwise."""
    from sim.market import Market

    market = Market(scenario, seed=seed, check=check, **options)
    while market.day < scenario.market.days:
        market.step()
    return market


def share(what: str, expected: float, hits: Any) -> Check:
    """A share of independent yes-or-no observations (bool[n]) within 3 standard errors of the law."""
    hits = np.asarray(hits)
    return Check(what, expected, float(hits.mean()), 3 * float(np.sqrt(expected * (1 - expected) / len(hits))))


def mean(what: str, expected: float, values: Any, rule: Rule = "near") -> Check:
    """A mean of independent observations (float[n]) within 3 of its own standard errors of the law."""
    values = np.asarray(values, float)
    return Check(what, expected, float(values.mean()), 3 * standard_error(values), rule)


def standard_error(values: Any) -> float:
    """Standard error of the mean of independent observations."""
    values = np.asarray(values, float)
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def dots(seen: Sequence[Sequence[float]]) -> Curve:
    """What was observed, from rows of (x, y) or (x, y, half the interval), as dots in the order of x."""
    columns = np.array(sorted(tuple(row) for row in seen), float).T
    return Curve("observed", columns[0], columns[1], columns[2] if len(columns) > 2 else None)
