"""The answer of a sweep as tables, streamed from the parts: sorted, and the same bytes whatever happened on the way."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.experiments.statistics import mean_interval
from sim.experiments.store import room, write_text
from sim.experiments.sweeps.cells import Cell, Key, Study
from sim.experiments.sweeps.parts import DAILY, EXTRA, RUNS, Parts
from sim.experiments.sweeps.work import Failure
from sim.metrics import in_order

RUNS_AT_ONCE = 1_000
DAYS_AT_ONCE = 100
"""Markets put together at once: what bounds the memory, and the size of a row group."""

Row = tuple[Cell, int, Key]


def write_all(study: Study, parts: Parts, failures: dict[Key, Failure]) -> None:
    """Write cells, runs, outcomes, daily and failures into the answer's folder. Raises TornPart, DiskFull."""
    folder = study.folder
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "cells.parquet", [_cells(study)])
    _write(folder / "runs.parquet", _runs(study, parts, failures))
    _write(folder / "outcomes.parquet", _outcomes(study, folder / "runs.parquet"))
    if study.plan.daily:
        _write(folder / "daily.parquet", _daily(study, parts, failures))
    _write(folder / "failures.parquet", [_failures(study, failures)])
    _traces(study, failures)


def runs_of(study: Study, parts: Parts, failures: dict[Key, Failure]) -> pd.DataFrame:
    """A row a finished market, as in the answer's ``runs``; empty when none finished."""
    if len(failures) == sum(1 for _ in study.jobs()):
        return pd.DataFrame({"cell": []})
    made: pd.DataFrame = pa.concat_tables(_runs(study, parts, failures)).to_pandas()
    return made


def _write(path: Path, tables: Iterable[pa.Table]) -> None:
    """Stream tables of one schema into a Parquet file that appears whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(partial, "wb") as stream, room(path):
            writer = None
            for table in tables:
                writer = writer or pq.ParquetWriter(stream, table.schema, compression="zstd")
                writer.write_table(table)
            if writer is not None:
                writer.close()
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _axes(study: Study) -> dict[str, pa.Array]:
    """A column an axis, a row a cell: numbers, truth values and texts as they are, anything else as JSON."""
    made = {}
    for name in study.plan.axes:
        values = [study.plan.points[cell.point][name] for cell in study.cells]
        if all(isinstance(v, bool) for v in values) or all(isinstance(v, str) for v in values):
            made[name] = pa.array(values)
        elif all(isinstance(v, int) and not isinstance(v, bool) and abs(v) < 2**63 for v in values):
            made[name] = pa.array(values, pa.int64())
        elif all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
            made[name] = pa.array([float(v) for v in values], pa.float64())
        else:
            made[name] = pa.array([v if isinstance(v, str) else _json(v) for v in values], pa.string())
    return made


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _cells(study: Study) -> pa.Table:
    axes = {name: column for name, column in _axes(study).items() if name != "strategy"}
    return pa.table({
        "cell": pa.array([cell.number for cell in study.cells], pa.int64()),
        "strategy": pa.array([cell.strategy for cell in study.cells]),
        **axes,
        "id": pa.array([cell.id for cell in study.cells]),
    })  # fmt: skip


def _chunks(study: Study, failures: dict[Key, Failure], size: int) -> Iterator[list[Row]]:
    """Rows of the answer, whole cells together, about so many at once."""
    chunk: list[Row] = []
    last = None
    for row in study.rows():
        if len(chunk) >= size and row[0].number != last:
            yield chunk
            chunk = []
        last = row[0].number
        if row[2] not in failures:
            chunk.append(row)
    if chunk:
        yield chunk


def _places(study: Study, parts: Parts, rows: list[Row]) -> dict[str, dict[Key, None]]:
    """Which markets to take from which part."""
    plan = study.plan
    found: dict[str, dict[Key, None]] = {}
    for _, _, key in rows:
        part = parts.find(key, plan.scenario.outcomes, plan.daily)
        if part is None:
            raise KeyError(f"market {key} has gone from the results while they were put together")
        found.setdefault(part, {})[key] = None
    return found


def _used(study: Study, parts: Parts, failures: dict[Key, Failure]) -> list[str]:
    rows = [row for row in study.rows() if row[2] not in failures]
    return list(_places(study, parts, rows))


def _runs(study: Study, parts: Parts, failures: dict[Key, Failure]) -> Iterator[pa.Table]:
    """Cell, strategy, axes, replication, seed, then the outcomes, then every other metric."""
    outcomes = list(study.plan.scenario.outcomes)
    seen = {n for part in _used(study, parts, failures) for n in parts.schema(part, RUNS).names}
    rest = {n for n in seen if not n.startswith(EXTRA)} - {"cell", "seed", "seconds", *outcomes}
    metrics = [*outcomes, *in_order(rest)]
    axes = {name: column for name, column in _axes(study).items() if name != "strategy"}

    def wanted(table: pa.Table) -> pa.Table:
        """The metrics by name; what a market did not measure is null."""
        nothing = pa.nulls(len(table), pa.float64())
        have = set(table.schema.names)
        columns = {m: table[m] if m in have else table[EXTRA + m] if EXTRA + m in have else nothing for m in metrics}
        return pa.table({"key": _keys(table), **columns})

    for rows in _chunks(study, failures, RUNS_AT_ONCE):
        found = _gather(study, parts, rows, RUNS, wanted)
        place = {key: k for k, key in enumerate(found["key"].to_pylist())}
        found = found.take([place[_name(key)] for _, _, key in rows]).drop_columns(["key"])
        numbers = [cell.number for cell, _, _ in rows]
        yield pa.table({
            "cell": pa.array(numbers, pa.int64()),
            "strategy": pa.array([cell.strategy for cell, _, _ in rows]),
            **{name: column.take(pa.array(numbers)) for name, column in axes.items()},
            "replication": pa.array([r for _, r, _ in rows], pa.int64()),
            "seed": pa.array([key.seed for _, _, key in rows], pa.int64()),
            **{m: found[m].combine_chunks() for m in metrics},
        })  # fmt: skip


def _daily(study: Study, parts: Parts, failures: dict[Key, Failure]) -> Iterator[pa.Table]:
    """Cell, strategy, replication, seed, day, then a column a daily metric."""
    used = _used(study, parts, failures)
    union = pa.unify_schemas([parts.schema(part, DAILY) for part in used], promote_options="permissive")
    metrics = in_order(set(union.names) - {"cell", "seed", "day"})

    def wanted(table: pa.Table) -> pa.Table:
        columns = {}
        for m in metrics:
            kind = union.field(m).type
            columns[m] = table[m].cast(kind) if m in table.schema.names else pa.nulls(len(table), kind)
        return pa.table({"key": _keys(table), "day": table["day"], **columns})

    for rows in _chunks(study, failures, DAYS_AT_ONCE):
        found = _gather(study, parts, rows, DAILY, wanted)
        keys = np.asarray(found["key"].to_pylist(), dtype=object)
        edges = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        starts, ends = [0, *edges.tolist()], [*edges.tolist(), len(keys)]
        spans = {keys[a]: (a, b) for a, b in zip(starts, ends, strict=True)}
        taken = [(cell, r, key, *spans[_name(key)]) for cell, r, key in rows]
        lengths = [b - a for *_, a, b in taken]
        index = np.concatenate([np.arange(a, b) for *_, a, b in taken])
        days = found.take(pa.array(index))
        yield pa.table({
            "cell": pa.array(np.repeat([cell.number for cell, *_ in taken], lengths), pa.int64()),
            "strategy": pa.array(np.repeat(np.array([c.strategy for c, *_ in taken], object), lengths), pa.string()),
            "replication": pa.array(np.repeat([r for _, r, *_ in taken], lengths), pa.int64()),
            "seed": pa.array(np.repeat([key.seed for _, _, key, *_ in taken], lengths), pa.int64()),
            "day": days["day"].combine_chunks(),
            **{m: days[m].combine_chunks() for m in metrics},
        })  # fmt: skip


def _gather(study: Study, parts: Parts, rows: list[Row], kind: str, wanted: Callable[[pa.Table], pa.Table]) -> pa.Table:
    """The rows' markets from all parts that hold them, each once, in any order."""
    pieces = []
    for part, keys in _places(study, parts, rows).items():
        table = parts.read(part, kind)
        mine = pa.array([_name(key) for key in keys])
        pieces.append(wanted(table.filter(pc.is_in(_keys(table), mine))))
    return pa.concat_tables(pieces)


def _keys(table: pa.Table) -> pa.Array:
    return pc.binary_join_element_wise(table["cell"], table["seed"].cast(pa.string()), ".")


def _name(key: Key) -> str:
    return f"{key.cell}.{key.seed}"


def _outcomes(study: Study, runs: Path) -> Iterator[pa.Table]:
    """Cell, strategy, axes, outcome, mean, low, high, n, sd: a row a cell and outcome, over its replications."""
    file = pq.ParquetFile(runs)
    outcomes = list(study.plan.scenario.outcomes)
    axes = {name: column for name, column in _axes(study).items() if name != "strategy"}
    for group in range(file.num_row_groups):
        table = file.read_row_group(group, columns=["cell", *outcomes])
        cells = table["cell"].to_numpy()
        rows = []
        for number in np.unique(cells):
            mine = cells == number
            for outcome in outcomes:
                values = table[outcome].to_numpy(zero_copy_only=False)[mine].astype(float)
                rows.append((int(number), outcome, mean_interval(values)))
        numbers = pa.array([number for number, _, _ in rows], pa.int64())
        yield pa.table({
            "cell": numbers,
            "strategy": pa.array([study.cells[number].strategy for number, _, _ in rows]),
            **{name: column.take(numbers) for name, column in axes.items()},
            "outcome": pa.array([outcome for _, outcome, _ in rows]),
            **{part: pa.array([getattr(found, part) for *_, found in rows], pa.float64())
               for part in ("mean", "low", "high")},
            "n": pa.array([found.n for *_, found in rows], pa.int64()),
            "sd": pa.array([found.sd for *_, found in rows], pa.float64()),
        })  # fmt: skip


def _failures(study: Study, failures: dict[Key, Failure]) -> pa.Table:
    rows = [(cell, r, key, failures[key]) for cell, r, key in study.rows() if key in failures]
    return pa.table({
        "cell": pa.array([cell.number for cell, *_ in rows], pa.int64()),
        "strategy": pa.array([cell.strategy for cell, *_ in rows], pa.string()),
        "replication": pa.array([r for _, r, *_ in rows], pa.int64()),
        "seed": pa.array([key.seed for _, _, key, _ in rows], pa.int64()),
        "type": pa.array([failure.kind for *_, failure in rows], pa.string()),
        "message": pa.array([failure.message for *_, failure in rows], pa.string()),
        "traceback": pa.array([_trace_file(cell, r) for cell, r, *_ in rows], pa.string()),
    })  # fmt: skip


def _trace_file(cell: Cell, replication: int) -> str:
    return f"failures/{cell.number}.{replication}.txt"


def _traces(study: Study, failures: dict[Key, Failure]) -> None:
    folder = study.folder / "failures"
    kept = set()
    for cell, r, key in study.rows() if failures else ():
        if key in failures:
            write_text(failures[key].trace, study.folder / _trace_file(cell, r))
            kept.add(Path(_trace_file(cell, r)).name)
    for file in folder.glob("*.txt"):
        if file.name not in kept:
            file.unlink(missing_ok=True)
