"""The memory on disk: finished replications and answered questions. A file or folder appears whole or not at all.

``<root>/<scenario>/parts/<cell>/<seed>/`` holds one finished market as Parquet, shared by every question that needs
it; ``<root>/<scenario>/<run id>/`` holds one answer, with ``manifest.json`` written last. Parquet content depends on
nothing but the results: no times, no machine, no order of completion.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.contract import ScenarioError
from sim.experiments.result import TABLES, RunResult

MANIFEST = "manifest.json"
_META = "meta.json"


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DiskFull(OSError):
    """There is no room for results; what was written before is whole."""


def full(error: OSError, place: Path) -> DiskFull:
    """The error to raise when writing failed for want of room."""
    said = "no room left on the disk of the results; what was written is whole: make room and give the same command"
    return DiskFull(error.errno, said, str(place))


@contextmanager
def room(place: Path) -> Iterator[None]:
    """What fails in it for want of room raises DiskFull."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM and not isinstance(error, DiskFull):
            raise full(error, place) from error
        raise


class BrokenPart(Exception):
    """A stored replication that cannot be read; it has been set aside and must be run again."""


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write ``frame`` to ``path`` by way of a temporary file beside it."""
    table = pa.Table.from_pandas(frame, preserve_index=frame.index.name is not None)
    _replace(path, lambda partial: pq.write_table(table, partial, compression="zstd"))


def csv_text(frame: pd.DataFrame) -> str:
    """``frame`` as CSV in which no cell is a formula: text that a spreadsheet would run has an apostrophe before it."""
    safe = frame.copy()
    for name in safe.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in safe.dtypes]]:
        safe[name] = safe[name].map(_no_formula)
    return str(safe.rename(columns=_no_formula).to_csv(index=False))


def _no_formula(cell: Any) -> Any:
    return "'" + cell if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def write_text(text: str, path: Path) -> None:
    """Write UTF-8 text to ``path`` by way of a temporary file beside it."""
    _replace(path, lambda partial: partial.write_text(text, encoding="utf-8", newline="\n"))


def write_json(payload: Any, path: Path) -> None:
    """Write ``payload`` as readable JSON."""
    write_text(json.dumps(payload, indent=2, ensure_ascii=False, default=str) + "\n", path)


def _replace(path: Path, write: Callable[[Path], Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with room(path):
            write(partial)
            os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def read_parquet(path: Path) -> pd.DataFrame:
    """The table at ``path``, or an empty one when there is none."""
    if not path.exists():
        return pd.DataFrame()
    frame: pd.DataFrame = pq.read_table(path, memory_map=False).to_pandas()
    return frame


def read_json(path: Path) -> dict[str, Any] | None:
    """The mapping at ``path``; None when it is absent or torn."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _give_name(made: Path, part: Path, scratch: Path) -> None:
    """Put a finished part in its place. One that is there already and is as much stays: another process was quicker,
    its bits are the same, and somebody may be reading it; an earlier one without orders makes room."""
    for attempt in range(100):
        try:
            os.replace(made, part)
            return
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        enough = (part / "orders.parquet").is_file() or not (made / "orders.parquet").is_file()
        if enough and (part / _META).is_file():
            return
        with contextlib.suppress(FileNotFoundError):
            os.replace(part, scratch / f"old-{attempt}")
    os.replace(made, part)


class Store:
    """Results of one scenario under ``root``; see the module for the layout."""

    def __init__(self, root: str | Path, scenario: str) -> None:
        self.root = Path(root)
        self.home = self.root / scenario

    def folder(self, run: str) -> Path:
        """Where the answer ``run`` is or will be."""
        return self.home / run

    def manifest(self, run: str) -> dict[str, Any] | None:
        """The manifest of a finished answer, else None."""
        return read_json(self.folder(run) / MANIFEST)

    def part(self, cell: str, seed: int) -> Path:
        """Where the market ``cell`` under ``seed`` is or will be."""
        return self.home / "parts" / cell / str(seed)

    def require_room_to_write(self) -> None:
        """Raises ScenarioError when nothing can be written here, before anything is run for it."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            probe = self.home / f".probe.{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            message = f"{self.home}: results cannot be written here ({error.strerror or error}); name another folder"
            raise ScenarioError(f"{message} with --out") from None

    def checkpoint(self, cell: str, seed: int) -> Path:
        """Where that market is kept on the way (:mod:`sim.experiments.checkpoint`)."""
        return self.home / "parts" / cell / f"{seed}.checkpoint.npz"

    def has(self, cell: str, seed: int, orders: bool = False) -> bool:
        """Whether that market is finished (and its orders kept, when they are asked for)."""
        part = self.part(cell, seed)
        return (part / _META).is_file() and (not orders or (part / "orders.parquet").is_file())

    def save(self, cell: str, seed: int, result: RunResult, seconds: float) -> None:
        """Keep a finished market: written to a temporary folder that is then given its name."""
        part = self.part(cell, seed)
        with room(part):
            self._save(part, result, seconds)

    def _save(self, part: Path, result: RunResult, seconds: float) -> None:
        part.parent.mkdir(parents=True, exist_ok=True)
        scratch = part.with_name(f".part-{uuid4().hex}")  # named first: whatever stops it, it is known to go
        try:
            made = scratch / "part"
            made.mkdir(parents=True)
            write_parquet(result.summary.rename("value").reset_index(), made / "summary.parquet")
            for name in TABLES:
                frame: pd.DataFrame = getattr(result, name)
                if len(frame.columns):
                    write_parquet(frame, made / f"{name}.parquet")
            if result.orders is not None:
                write_parquet(result.orders, made / "orders.parquet")
            write_json({**result.meta, "seconds": round(seconds, 3)}, made / _META)
            _give_name(made, part, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def load(self, cell: str, seed: int, orders: bool = False) -> RunResult:
        """Read a finished market. Raises BrokenPart, having moved it out of the way, when it cannot be read."""
        part = self.part(cell, seed)
        try:
            meta = read_json(part / _META)
            if meta is None:
                raise OSError(f"{_META} is missing or torn")
            summary = read_parquet(part / "summary.parquet").set_index("metric")["value"]
            frames = {name: read_parquet(part / f"{name}.parquet") for name in TABLES}
            kept = read_parquet(part / "orders.parquet") if orders else None
        except (OSError, ValueError, KeyError, pa.ArrowException) as error:
            self.set_aside(part)
            raise BrokenPart(f"{part}: {error}") from error
        return RunResult(summary, **frames, orders=kept, meta=meta)

    def set_aside(self, part: Path) -> None:
        """Move an unreadable part to ``<part>.broken`` for inspection."""
        broken = part.with_name(part.name + ".broken")
        shutil.rmtree(broken, ignore_errors=True)
        if part.exists():
            os.replace(part, broken)

    def speeds(self) -> list[float]:
        """Seconds a consumer-day of the markets finished so far, at most the latest fifty."""
        metas = sorted(self.home.glob(f"parts/*/*/{_META}"), key=lambda file: file.stat().st_mtime)[-50:]
        found = [meta for file in metas if (meta := read_json(file))]
        return [m["seconds"] / (m["consumers"] * m["days"]) for m in found if m.get("consumers") and m.get("days")]
