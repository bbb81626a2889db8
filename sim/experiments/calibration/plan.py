"""The plan of a calibration: which scenario, which parameters in which ranges, which data, which window.

    scenario: presets/limits/bgnbd.yaml         # a file, a preset, or a packaged scenario
    set: {market.consumers: 5000}               # changes that hold throughout
    free:
      categories.good.occasion_shape: [0.05, 1, log]
      mechanisms.loyalty.beta_a: [0.2, 3]
    data: {kind: orders, path: orders.csv, columns: {consumer: customer, day: day}, people: 2000}
    fit_days: 273                               # the rest of the data is held out
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sim.contract import Problem, ScenarioError
from sim.scenario.datapath import DataPathError, Folders
from sim.scenario.located import Map, plain
from sim.scenario.names import IsoDate
from sim.scenario.yamltext import parse, parse_value, read_text

Kind = Literal["orders", "adoptions", "daily", "cumulative"]


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Range(_Block):
    """Where a parameter is looked for, and whether steps are counted as ratios (``log``)."""

    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        """``[low, high]`` or ``[low, high, log]``."""
        if isinstance(value, (list, tuple)) and len(value) in (2, 3):
            return dict(zip(("low", "high", "scale"), value, strict=False))
        return value

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"a log range must begin above 0 (got {self.low:g})")
        return self


class DataSource(_Block):
    """A table of orders (consumer, day), adoptions (day; empty: never), totals by day (day, value), or cumulative
    figures (day, mean orders a person so far, share of people with any)."""

    kind: Kind
    path: str | None = Field(None, description="CSV or Parquet, relative to the plan.")
    rows: list[list[float]] | None = Field(None, description="The table itself, for a few published figures.")
    columns: dict[str, str] = Field({}, description="Our name to the file's: consumer, person (as the edges name who "
                                    "adopted; none: node), day, value, mean, share.")
    people: int | None = Field(None, ge=1, description="People the data are about; none: those named in the table.")
    metric: str = Field("orders", description="daily: the metric whose totals they are.")
    first: float | IsoDate = Field(0.0, description="What the data call the first day or period; a date where days are "
                                   "dates. Whoever adopted before it is part of the beginning: adoptions, in the "
                                   "scenario.")
    entry: bool = Field(False, description="orders: the first order of each person is his entry, from which the "
                        "market counts his days; only what follows is counted, in calendar time.")
    counts: list[int] = Field([1, 2], min_length=1, description="orders: where classes of people by their number of "
                              "orders begin.")
    never: list[float] = Field([], description="adoptions: codes of those who never adopted.")
    edges: str | None = Field(None, description="adoptions: edge list of the same people, for exposure moments.")

    @model_validator(mode="after")
    def _one_source(self) -> DataSource:
        if (self.path is None) == (self.rows is None):
            raise ValueError("name either a path or rows")
        return self


class Plan(_Block):
    """A whole plan; see the module."""

    scenario: str | dict[str, Any]
    data: DataSource
    free: dict[str, Range] = Field(min_length=1)
    set: dict[str, Any] = {}
    fit_days: float | None = Field(None, gt=0, description="Last day of the window that is fitted; none: all.")
    bins: int = Field(6, ge=2, le=60, description="Stretches into which the window is cut.")
    name: str = "fit"
    seed: int = Field(0, ge=0)
    trials: int = Field(40, ge=4, le=100_000, description="Points the global search looks at.")
    replications: int = Field(2, ge=1, le=1000, description="Markets a point, on common seeds.")
    rounds: int = Field(3, ge=1, le=20, description="Rounds of the local fit.")
    certainty: int = Field(40, ge=8, le=10_000, description="Markets at the estimate, and each as many to either side "
                           "of it along every parameter, from which standard errors are made.")
    posterior: int = Field(120, ge=0, le=100_000, description="Markets spent on the posterior; 0: none.")
    base_dir: str = "."


def made(given: dict[str, Any], file: str = "") -> Plan:
    """A validated plan of plain data. Raises ScenarioError with every problem."""
    try:
        return Plan.model_validate(given)
    except ValidationError as error:
        raise ScenarioError([
            Problem(e["msg"].removeprefix("Value error, "), ".".join(map(str, e["loc"])), file) for e in error.errors()
        ]) from None


def read(path: str | Path) -> Plan:
    """The plan in a YAML file; paths in it are relative to its folder. Raises ScenarioError when it cannot be read."""
    where = Path(path)
    given, problems = parse(read_text(where, str(path)), str(path))
    if problems:
        raise ScenarioError(problems)
    if not isinstance(given, dict):
        raise ScenarioError([Problem("a plan is a mapping, beginning with 'scenario: ...'", file=str(path), line=1)])
    _confine(given.get("data"), where.parent, str(path))
    return made({"name": where.stem, **plain(given), "base_dir": str(where.parent)}, str(path))


def _confine(data: Any, folder: Path, label: str) -> None:
    """Data that a plan names lie beside it or below."""
    for key in ("path", "edges"):
        if isinstance(data, Map) and isinstance(data.get(key), str):
            try:
                Folders(folder, folder).existing(data[key])
            except DataPathError as error:
                mark = data.marks[key]
                raise ScenarioError([Problem(str(error), f"data.{key}", label, mark.line if mark else None)]) from None


def free_of(texts: list[str]) -> dict[str, Any]:
    """``--free path=low:high[:log]`` as ranges. Raises ScenarioError naming what cannot be read."""
    out: dict[str, Any] = {}
    for text in texts:
        path, _, ends = text.rpartition("=")
        parts = ends.split(":")
        if not path or len(parts) not in (2, 3):
            raise ScenarioError(f"--free {text}: write PATH=LOW:HIGH or PATH=LOW:HIGH:log")
        try:
            out[path] = [float(parse_value(parts[0])), float(parse_value(parts[1])), *parts[2:]]
        except (TypeError, ValueError):
            raise ScenarioError(f"--free {text}: {ends!r} is not a range of numbers") from None
    return out
