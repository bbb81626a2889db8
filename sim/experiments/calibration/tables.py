"""Tables of data as the plan of a calibration names them: read, columns renamed, dates counted, ties between people."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import Problem, ScenarioError
from sim.experiments.calibration.plan import DataSource


def table_of(source: DataSource, base: Path) -> pd.DataFrame:
    """The rows the plan names, with our names of columns. Raises ScenarioError where they cannot be used."""
    wanted = {"orders": ["consumer", "day"], "adoptions": ["day"], "daily": ["day", "value"],
              "cumulative": ["day", "mean", "share"]}[source.kind]  # fmt: skip
    if source.rows is not None:
        if any(len(row) != len(wanted) for row in source.rows):
            raise ScenarioError([Problem(f"each row must have {', '.join(wanted)}", "data.rows")])
        return pd.DataFrame(source.rows, columns=wanted)
    path = base / str(source.path)
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except Exception as error:
        raise ScenarioError([Problem(f"the data cannot be read: {error}", "data.path", str(path))]) from None
    named = {source.columns.get(name, name): name for name in wanted}
    missing = [name for name in named if name not in table.columns]
    if missing:
        have = ", ".join(map(str, table.columns))
        raise ScenarioError([Problem(f"no column {missing[0]!r}; there are: {have}", "data.columns", str(path))])
    table = table.rename(columns=named)
    if isinstance(source.first, str):
        table["day"] = _dated(table["day"], source, path)
    for name in wanted:
        if name != "consumer":
            table[name] = pd.to_numeric(table[name], errors="coerce")
            bad = np.flatnonzero(table[name].isna())
            if len(bad) and source.kind != "adoptions":
                raise ScenarioError([Problem(f"{name}: not a number", "data", str(path), int(bad[0]) + 2)])
    return table


def first_of(source: DataSource) -> float:
    """The first day in the count of the table; for dates, their ordinal."""
    return float(date.fromisoformat(source.first).toordinal()) if isinstance(source.first, str) else source.first


def _dated(column: Any, source: DataSource, path: Path) -> Any:
    """Dates as ordinals; where nobody adopted, and there only, nothing. Raises ScenarioError on what is no date."""
    empty = column.isna() | (column.astype(str).str.strip() == "")
    when = pd.to_datetime(column.where(~empty), errors="coerce", format="ISO8601")
    bad = np.flatnonzero(when.isna() & ~empty)
    if len(bad):
        said = f"must be a date, as data.first is (got {str(column.iloc[bad[0]])[:40]!r})"
        raise ScenarioError([Problem(said, "data", str(path), int(bad[0]) + 2)])
    return (when - pd.Timestamp(1, 1, 1)).dt.days + 1.0


def ties_of(source: DataSource, base: Path, table: pd.DataFrame) -> tuple[np.ndarray | None, list[str]]:
    """Ties int[m, 2] between rows of the table, each once, as the network reads them."""
    if source.edges is None:
        return None, []
    called = source.columns.get("person", "node")
    if "person" in source.columns and called not in table.columns:
        raise ScenarioError([Problem(f"no column {called!r} in the table", "data.columns.person")])
    names = table[called] if called in table.columns else pd.Series(np.arange(len(table)))
    row = {name: k for k, name in enumerate(names)}
    try:
        pairs = pd.read_csv(base / source.edges).iloc[:, :2].to_numpy()
    except Exception as error:
        raise ScenarioError([Problem(f"the ties cannot be read: {error}", "data.edges")]) from None
    known = [(row[a], row[b]) for a, b in pairs if a in row and b in row and a != b]
    ties = np.unique(np.sort(np.array(known, np.int64).reshape(-1, 2), axis=1), axis=0)
    lost = len(pairs) - len(known)
    return ties, [f"{lost} ties lead to people without a row"] if lost else []
