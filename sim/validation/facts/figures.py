"""The table of figures and how each is wired to a run, read from ``figures.csv`` and ``wiring.yaml``."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from sim.contract import ScenarioError
from sim.scenario.paths import nearest

HERE = Path(__file__).resolve().parent
MARKETS = HERE / "markets"
How = Literal["level", "uplift", "ratio", "sign"]
HOWS: tuple[How, ...] = ("level", "uplift", "ratio", "sign")


@dataclass(frozen=True)
class Figure:
    """A figure as reported: ``claim`` in our words, ``figure`` with its ``unit`` as text, ``source`` the report,
    ``kind`` checkable, directional or out of scope, ``conflict`` what other reports say of the same thing."""

    id: str
    source: str
    claim: str
    figure: str
    unit: str
    kind: str
    mechanism: str
    conflict: str

    @property
    def checkable(self) -> bool:
        """Whether the figure speaks of something a run can observe."""
        return self.kind == "checkable"


@dataclass(frozen=True)
class Wiring:
    """What a figure is held against.

    ``arm`` and ``against`` name a strategy of ``market``, or one of another as market:strategy. ``how``: the
    observable's ``level`` in the arm; its ``uplift`` arm/against - 1; its ``ratio`` arm/against; or only the
    ``sign`` of the uplift. ``versus``: a second observable of the same arm takes the place of another arm. ``low`` to
    ``high``: the figure with its tolerance, for a sign the side of zero on which the uplift should lie. ``note``:
    what differs between the claim and what is observed.
    """

    market: str
    observable: str
    arm: str
    against: str | None
    versus: str | None
    how: How
    figure: float
    low: float
    high: float
    note: str

    @property
    def null(self) -> float | None:
        """Where there is no effect; none for a level."""
        return {"uplift": 0.0, "sign": 0.0, "ratio": 1.0}.get(self.how)

    def arms(self) -> tuple[tuple[str, str], ...]:
        """(market, strategy) of the arm, then of the other."""
        named = [self.arm, *([self.against] if self.against else [])]
        return tuple((m or self.market, s) for m, _, s in (name.rpartition(":") for name in named))


TOLERANCE = 0.25
"""A figure is met by what lies within a quarter of it, on either side; chosen before any run, the same for all."""


def _figures() -> dict[str, Figure]:
    with (HERE / "figures.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: Figure(**row) for row in csv.DictReader(file)}


def _wired(entry: dict[str, Any]) -> Wiring:
    """A wiring from its entry. Raises ValueError on an unknown key or an entry that compares nothing."""
    given = dict(entry)
    how: How = given.pop("how")
    figure = given.pop("figure")
    ends = figure if isinstance(figure, list) else [figure, figure]
    if how not in HOWS:
        raise ValueError(f"how: {how}")
    slack = TOLERANCE if how != "sign" else 0.0
    low, high = (end - side * slack * abs(end) for end, side in zip(ends, (1, -1), strict=True))
    made = Wiring(given.pop("market"), given.pop("observable"), given.pop("arm"), given.pop("against", None),
                  given.pop("versus", None), how, sum(ends) / 2, low, high, given.pop("note", ""))  # fmt: skip
    if given or (how != "level") == (made.against is None and made.versus is None):
        raise ValueError(f"cannot be wired: {entry}")
    return made


def _wiring() -> tuple[dict[str, Wiring], dict[str, str]]:
    """Wirings and reasons for none, by figure. Figures that share a run stand in one entry each."""
    entries = yaml.safe_load((HERE / "wiring.yaml").read_text(encoding="utf-8"))
    return ({key: _wired(entry) for key, entry in entries["wired"].items()},
            {key: why for why, keys in entries["not_wired"].items() for key in keys})  # fmt: skip


FIGURES: dict[str, Figure] = _figures()
WIRING, REASONS = _wiring()
"""How a figure is wired to a run, and why others are not."""


def chosen(names: Sequence[str]) -> list[Figure]:
    """The figures called so, all when none is named. Raises ScenarioError naming the nearest."""
    known = {key.casefold(): figure for key, figure in FIGURES.items()}
    for name in names:
        if name.casefold() not in known:
            raise ScenarioError(f"no figure is called {name!r}{nearest(name.upper(), list(FIGURES))}")
    wanted = {name.casefold() for name in names}
    return [figure for key, figure in known.items() if not wanted or key in wanted]


def market_file(name: str) -> Path:
    """The scenario of a market of the facts."""
    return MARKETS / f"{name}.yaml"
