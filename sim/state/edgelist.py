"""Read any edge list: CSV, TSV, spaces or another separator, header or not, any ids, plain or gzip, directed or not.

What a file says is data and nothing else: no cell is evaluated. Ids are hashed as they are read and the text is not
kept. The result does not depend on the order of rows nor, for ties that run both ways, on which end stands first.

* Lines that begin with ``#``, ``%`` or ``//`` are comments; blank lines are skipped.
* A row with one of its two cells empty (``42,``) is a person without ties. A row with one cell only is an error.
* Self-loops are dropped (the person stays), repeated ties merged (their weights averaged): all counted in the report.
* ``1.0`` is the id ``1``: tables with an empty cell write whole numbers so.

Every mistake is a :class:`sim.contract.ScenarioError` that names file and line; up to ``MOST_PROBLEMS`` at once.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import os
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.contract import Problem, ScenarioError
from sim.scenario.sniff import find_separator, names_columns, split

MOST_PROBLEMS = 20
MAX_BYTES = 2_000_000_000
SNIFFED_LINES = 100
SEPARATORS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " ", "whitespace": " "}


@dataclass(frozen=True)
class EdgeTable:
    """What a file holds: ``ids`` uint64[n] ascending; ``codes`` uint64[E] ascending, ``lo << 32 | hi`` with lo < hi
    positions in ``ids``; ``weight`` float64[E] > 0 or None; ``report`` counts and choices made."""

    ids: NDArray[np.uint64]
    codes: NDArray[np.uint64]
    weight: NDArray[np.float64] | None
    report: dict[str, Any]


def id_key(text: str) -> int:
    """64-bit key of an id, the same on every machine: blake2b of its text, stripped, ``7.0`` read as ``7``."""
    text = text.strip()
    if text.endswith(".0") and text[:-2].lstrip("-").isdigit():
        text = text[:-2]
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "little")


def read_edges(
    path: str | Path,
    columns: Sequence[str | int] | None = None,
    weight: str | int | None = None,
    directed: bool = False,
    header: bool | str = "auto",
    separator: str = "auto",
) -> EdgeTable:
    """Read ``path``. ``columns`` and ``weight`` are names of the header or numbers that count from 1."""
    path = Path(path)
    raw = _bytes(path)
    problem: UnicodeDecodeError | None = None
    for encoding in _encodings(raw):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError as error:
            problem = problem or error
    else:
        line = raw.count(b"\n", 0, problem.start) + 1 if problem else None
        raise _error(path, line, "is not text in UTF-8, UTF-16 or GB18030")
    if "\0" in text[:100_000]:
        raise _error(path, None, "is not a text file (it holds zero bytes); an edge list is CSV, TSV or columns")
    return _Reader(path, text, columns, weight, directed, header, separator, encoding).table()


def _error(path: Path, line: int | None, message: str) -> ScenarioError:
    return ScenarioError([Problem(message, file=str(path), line=line)])


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            size = os.fstat(file.fileno()).st_size
        if size > MAX_BYTES:
            raise _error(path, None, f"is too large: {size / 1e6:,.0f} MB, the limit is {MAX_BYTES / 1e6:g} MB")
        if not packed:
            return path.read_bytes()
        with gzip.open(path) as unpacked:
            raw = unpacked.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise _error(path, None, f"is too large when unpacked: the limit is {MAX_BYTES / 1e6:g} MB")
        return raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _error(path, None, f"is a damaged gzip file ({error})") from error
    except OSError as error:
        raise _error(path, None, f"cannot be read: {error.strerror or error}") from error


def _encodings(raw: bytes) -> tuple[str, ...]:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ("utf-16",)
    return ("utf-8-sig", "gb18030")


class _Reader:
    """One reading of one file; lives for the length of :func:`read_edges`."""

    def __init__(
        self,
        path: Path,
        text: str,
        columns: Sequence[str | int] | None,
        weight: str | int | None,
        directed: bool,
        header: bool | str,
        separator: str,
        encoding: str,
    ) -> None:
        self.path, self.text, self.directed = path, text, directed
        self.problems: list[Problem] = []
        self.comments = 0
        numbered = list(self._lines(SNIFFED_LINES))
        sample = [line for _, line in numbered]
        self.top = numbered[0][0] if numbered else 1
        if not sample:
            raise _error(path, None, "holds no ties: every line is blank or a comment")
        self.separator = self._separator(separator, sample)
        rows = [split(line, self.separator) for line in sample]
        self.header = self._has_header(header, rows, columns, weight)
        self.first, self.second = self._columns(columns or [1, 2], rows[0])
        self.weight = None if weight is None else self._columns([weight], rows[0])[0]
        self.report: dict[str, Any] = {
            "file": path.name,
            "encoding": encoding.replace("-sig", ""),
            "separator": {"\t": "tab", " ": "space"}.get(self.separator, self.separator),
            "header": rows[0] if self.header else None,
            "directed": directed,
        }

    def _lines(self, most: int | None = None) -> Iterator[tuple[int, str]]:
        """Numbered lines that are neither blank nor comments. CR, LF and CRLF all end a line."""
        self.comments = found = 0
        for number, line in enumerate(io.StringIO(self.text, newline=None), 1):
            line = line.rstrip("\n")
            if not line.strip():
                continue
            if line.startswith(("#", "%", "//")):
                self.comments += 1
                continue
            yield number, line
            found += 1
            if most is not None and found >= most:
                return

    def _separator(self, given: str, sample: list[str]) -> str:
        if given not in ("auto", None):
            chosen = SEPARATORS.get(given, given)
            if len(chosen) != 1:
                raise _error(self.path, None, f"separator {given!r} is not one character; known names: auto, tab, ...")
            return chosen
        return find_separator(sample)

    def _has_header(
        self, given: bool | str, rows: list[list[str]], columns: Sequence[str | int] | None, weight: str | int | None
    ) -> bool:
        """As given; or because a column is asked for by name; or by the look of it."""
        if given not in ("auto", None):
            return given in (True, "yes", "true", "present")
        if any(isinstance(name, str) for name in [*(columns or ()), weight]):
            return True
        return names_columns(rows, [name - 1 for name in columns or (1, 2) if isinstance(name, int)])

    def _columns(self, wanted: Sequence[str | int], first: list[str]) -> list[int]:
        places = []
        for name in wanted:
            if isinstance(name, str) and name in first and self.header:
                places.append(first.index(name))
            elif isinstance(name, int) and not isinstance(name, bool) and 1 <= name <= len(first):
                places.append(name - 1)
            elif isinstance(name, int):
                has = f"the first row has {len(first)}"
                hint = "; is the separator right?" if len(first) == 1 else ""
                raise _error(self.path, self.top, f"there is no column {name}: columns count from 1 and {has}{hint}")
            else:
                raise _error(self.path, self.top, f"there is no column {name!r}; the header has {', '.join(first)}")
        if len(set(places)) < len(places):
            raise _error(self.path, self.top, f"the two ends of a tie are read from one column ({wanted[0]!r})")
        return places

    def table(self) -> EdgeTable:
        people: dict[str, int] = {}
        ends = (array("q"), array("q"))
        weights = array("d")
        counts = dict.fromkeys(("rows", "self_loops", "lone", "zero_weight"), 0)
        lines = self._lines()
        if self.header:
            next(lines)
        need = max(self.first, self.second, self.weight or 0) + 1
        for number, line in lines:
            cells = split(line, self.separator)
            counts["rows"] += 1
            if len(cells) < need:
                self._note(number, f"expected at least {need} columns, found {len(cells)}: {line[:60]!r}")
                continue
            a, b = cells[self.first], cells[self.second]
            value = 1.0 if self.weight is None else self._weight(number, cells[self.weight], bool(a and b))
            known = [people.setdefault(cell, len(people)) for cell in (a, b) if cell]
            if not known:
                self._note(number, "both ids are empty")
            elif len(known) == 1:
                counts["lone"] += 1
            elif known[0] == known[1]:
                counts["self_loops"] += 1
            elif value == 0.0:
                counts["zero_weight"] += 1
            else:
                ends[0].append(known[0])
                ends[1].append(known[1])
                weights.append(value)
        if self.problems:
            raise ScenarioError(self.problems)
        if not people:
            raise _error(self.path, None, "holds no ties: there is nothing below the header")
        return self._merge(people, ends, weights, counts)

    def _note(self, line: int, message: str) -> None:
        self.problems.append(Problem(message, file=str(self.path), line=line))
        if len(self.problems) >= MOST_PROBLEMS:
            self.problems.append(Problem("... and perhaps more: reading stopped here", file=str(self.path)))
            raise ScenarioError(self.problems)

    def _weight(self, line: int, cell: str, tie: bool) -> float:
        if not tie and not cell:
            return 0.0
        try:
            value = float(cell.replace(",", ".")) if self.separator != "," else float(cell)
        except ValueError:
            value = math.nan
        if not 0.0 <= value < math.inf:
            self._note(line, f"a tie's weight must be a number, 0 or more (got {cell[:40]!r})")
            return 0.0
        return value

    def _merge(
        self, people: dict[str, int], ends: tuple[array[int], array[int]], weights: array[float], counts: dict[str, int]
    ) -> EdgeTable:
        keys = np.fromiter((id_key(text) for text in people), np.uint64, len(people))
        ids, place = np.unique(keys, return_inverse=True)
        a, b = (place[np.frombuffer(end, np.int64)].astype(np.uint64) for end in ends)
        loops = a == b
        value = np.frombuffer(weights, np.float64)[~loops]
        a, b = a[~loops], b[~loops]
        shift = np.uint64(32)
        code = (np.minimum(a, b) << shift) | np.maximum(a, b)
        arcs = len(np.unique((a << shift) | b))
        order = np.lexsort((value, code))
        codes, start = np.unique(code[order], return_index=True)
        mean = np.add.reduceat(value[order], start) / np.diff(np.append(start, len(code))) if len(codes) else value
        mutual = arcs - len(codes)
        tied = np.zeros(len(ids), bool)
        tied[(codes >> shift).astype(np.int64)] = tied[(codes & np.uint64(0xFFFFFFFF)).astype(np.int64)] = True
        self.report |= {
            "rows": counts["rows"],
            "comments": self.comments,
            "people": len(ids),
            "ties": len(codes),
            "self_loops": counts["self_loops"] + int(loops.sum()),
            "zero_weight": counts["zero_weight"],
            "duplicates": len(code) - (arcs if self.directed else len(codes)),
            "isolated": int((~tied).sum()),
            "reciprocity": round(2.0 * mutual / arcs, 4) if self.directed and arcs else None,
        }
        return EdgeTable(ids, codes, None if self.weight is None else mean, self.report)
