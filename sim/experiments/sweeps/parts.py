"""The memory of sweeps on disk: finished markets as rows, some hundreds in a file, each file whole or not there.

``<scenario>/cells/<part>.runs.parquet`` has a row a market: ``cell`` (hash), ``seed``, ``seconds``, a column a metric;
outcomes of a table's row (``units@Lumi.serum``) stand as ``outcome:<name>``. ``<part>.daily.parquet`` has its days. The
second is written first: a part counts when its ``runs`` file is there. Pages carry checksums, so a torn one is found.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.contract import ScenarioError
from sim.experiments.identity import digest
from sim.experiments.store import NO_ROOM, full, read_json, room, write_json
from sim.experiments.sweeps.cells import FORMAT, Key

RUNS, DAILY = ".runs.parquet", ".daily.parquet"
MARKER = "format.json"
EXTRA = "outcome:"
"""Prefix of columns that hold an outcome which is no metric of the summary."""

_KEPT = 8


class TornPart(Exception):
    """A part that cannot be read; it has been set aside, and its markets must be run again."""


def usable(home: Path) -> None:
    """Raise ScenarioError when results cannot be written under ``home``, with the remedy."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except FileExistsError:
        raise ScenarioError(f"{home} is a file, not a folder of results; name another folder with --out") from None
    except OSError as error:
        if error.errno in NO_ROOM:
            raise full(error, home) from error
        reason = (error.strerror or str(error)).lower()
        raise ScenarioError(f"results cannot be written to {home} ({reason}); name another folder with --out") from None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file by way of a temporary one that has reached the disk. Raises DiskFull."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with room(path), open(partial, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        with room(path):
            os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as a Parquet file in memory; hundreds of columns of few numbers gain nothing by dictionaries."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True, use_dictionary=False,
                   write_statistics=False)  # fmt: skip
    return bytes(sink.getvalue())


class Parts:
    """The parts of one scenario, and which markets they hold. ``refresh`` sees what other processes have added."""

    def __init__(self, home: Path, write: bool = True) -> None:
        self.folder = home / "cells"
        self._where: dict[Key, tuple[str, ...]] = {}
        self._columns: dict[str, frozenset[str]] = {}
        self._hidden: set[str] = set()
        self._read: OrderedDict[str, pa.Table] = OrderedDict()
        if write:
            usable(self.folder)
        self._check_format()
        self.refresh()

    def _check_format(self) -> None:
        marker = self.folder / MARKER
        said = read_json(marker)
        if said is None and not any(self.folder.glob("*.parquet")):
            write_json({"format": FORMAT, "what": "finished markets of sweeps; see docs/results.md"}, marker)
        elif said is None or said.get("format") != FORMAT:
            found = "an unknown format" if said is None else f"format {said.get('format')}"
            raise ScenarioError(
                f"{self.folder} holds results in {found}, and this version keeps format {FORMAT}: remove that folder "
                "(its markets are then run again), or name another folder with --out"
            )

    def refresh(self) -> None:
        """Take in parts that have appeared."""
        for entry in sorted(os.scandir(self.folder), key=lambda entry: entry.name):
            part = entry.name.removesuffix(RUNS)
            if part == entry.name or entry.name.startswith(".") or part in self._columns:
                continue
            try:
                file = pq.ParquetFile(entry.path, page_checksum_verification=True)
                keys = file.read(columns=["cell", "seed"]).to_pydict()
                self._take_in(part, file.schema_arrow.names, zip(keys["cell"], keys["seed"], strict=True))
            except (pa.ArrowException, OSError, KeyError):
                self.set_aside(part)

    def _take_in(self, part: str, columns: Sequence[str], keys: Iterable[tuple[str, int]]) -> None:
        days = {DAILY} if (self.folder / (part + DAILY)).is_file() else set()
        self._columns[part] = frozenset(columns) | days
        for cell, seed in keys:
            key = Key(cell, seed)
            self._where[key] = (*self._where.get(key, ()), part)

    def find(self, key: Key, outcomes: Sequence[str], daily: bool) -> str | None:
        """The part that holds a market with these outcomes (and its days, when asked for), else None."""
        for part in self._where.get(key, ()):
            columns = self._columns.get(part, frozenset())
            if part in self._hidden:
                continue
            if (not daily or DAILY in columns) and all(o in columns or EXTRA + o in columns for o in outcomes):
                return part
        return None

    def add(self, runs: pa.Table, daily: pa.Table | None) -> None:
        """Keep finished markets. Raises DiskFull."""
        keys = list(zip(runs["cell"].to_pylist(), runs["seed"].to_pylist(), strict=True))
        extra = sorted(name for name in runs.schema.names if name.startswith(EXTRA))
        part = digest([sorted(keys), extra, daily is not None], 24)
        if daily is not None:
            write_whole(self.folder / (part + DAILY), parquet_bytes(daily))
        write_whole(self.folder / (part + RUNS), parquet_bytes(runs))
        self._hidden.discard(part)
        self._read.pop(part + RUNS, None)
        if part not in self._columns:
            self._take_in(part, runs.schema.names, keys)

    def schema(self, part: str, kind: str) -> pa.Schema:
        """Columns of one of a part's tables, ``RUNS`` or ``DAILY``. Raises TornPart."""
        try:
            return pq.read_schema(self.folder / (part + kind))
        except (pa.ArrowException, OSError) as error:
            self.set_aside(part)
            raise TornPart(str(error)) from error

    def read(self, part: str, kind: str) -> pa.Table:
        """One of a part's tables; the latest few are kept in memory. Raises TornPart."""
        name = part + kind
        if name not in self._read:
            try:
                made = pq.ParquetFile(self.folder / name, page_checksum_verification=True).read()
            except (pa.ArrowException, OSError) as error:
                self.set_aside(part)
                raise TornPart(str(error)) from error
            self._read[name] = made
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
        self._read.move_to_end(name)
        return self._read[name]

    def set_aside(self, part: str) -> None:
        """Rename a part that cannot be read to ``<part>.broken...`` and forget it."""
        for kind in (RUNS, DAILY):
            if (self.folder / (part + kind)).exists():
                os.replace(self.folder / (part + kind), self.folder / (part + ".broken" + kind + ".bak"))
        self._columns.pop(part, None)

    def hide(self, keys: set[Key]) -> None:
        """Look past the parts that hold any of these markets, so that they are run again."""
        self._hidden |= {part for key in keys for part in self._where.get(key, ())}


def bytes_of(table: pa.Table | None) -> bytes | None:
    """A table as bytes that any process reads."""
    if table is None:
        return None
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def table_of(data: bytes | None) -> Any:
    """The inverse of :func:`bytes_of`."""
    return None if data is None else pa.ipc.open_stream(data).read_all()
