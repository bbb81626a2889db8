"""A table in a file as a header and rows: CSV (UTF-8, UTF-16, GB18030), Parquet or xlsx, told apart by content.

Cells are data: nothing is evaluated. pyarrow and openpyxl are imported only for a file that needs them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.contract import Problem, ScenarioError
from sim.scenario.paths import nearest, visible
from sim.scenario.sniff import find_separator

MAX_BYTES = 500_000_000
MAX_UNPACKED = 100_000_000
SEPARATORS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
MOST_PROBLEMS = 20


@dataclass
class Grid:
    """``header``: names of the columns, each on one line. ``rows``: line (in Parquet: row) and cells, read once.

    ``problems`` fills while rows are read. ``comma``: numbers may have a decimal comma.
    """

    label: str
    header: list[str]
    rows: Iterator[tuple[int, list[Any]]]
    sha256: str
    form: str
    line: int | None = None
    comma: bool = False
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.header = [one_line(head) for head in self.header]

    def column(self, name: str) -> int:
        """Position of a column. Raises LookupError saying what there is, or that there are two."""
        found = [k for k, head in enumerate(self.header) if head == one_line(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise LookupError(f"{self.label} has {len(found)} columns called {name!r}")
        near = nearest(name, filter(None, self.header), cutoff=0.5)  # Chinese headers are short: one sign of two
        raise LookupError(f"{self.label} has no column {name!r}{near}")

    def complain(self, line: int, message: str, path: str = "") -> None:
        """Note a mistake in a row."""
        self.problems.append(Problem(message, path, self.label, line))


def one_line(header: str) -> str:
    """A header as it is told and compared: sheets break them into lines."""
    return visible(" ".join(header.split()))


def capped(problems: list[Problem], most: int = MOST_PROBLEMS) -> list[Problem]:
    """The first ``most`` problems, and how many more there are."""
    if len(problems) <= most:
        return problems
    return [*problems[:most], Problem(f"... and {len(problems) - most:,} more in this file", file=problems[0].file,
                                      line=problems[-1].line)]  # fmt: skip


def read_grid(path: Path, label: str, sheet: str | None = None, separator: str = "auto", most: int = MAX_BYTES) -> Grid:
    """Open a table of at most ``most`` bytes. Raises ScenarioError when the file cannot be read at all."""
    try:
        size = path.stat().st_size
        if size > most:
            raise _error(label, f"too large: {size / 1e6:,.0f} MB, the limit is {most / 1e6:g} MB")
        raw = path.read_bytes()
    except OSError as error:
        raise _error(label, f"cannot be read: {error.strerror or error}") from None
    if raw[:4] == b"PAR1":
        return _parquet(raw, label)
    if raw[:4] == b"PK\x03\x04":
        return _xlsx(raw, label, sheet)
    if raw[:4] == b"\xd0\xcf\x11\xe0":
        raise _error(label, "an Excel file of the old kind (.xls): save it as .xlsx or CSV")
    return _csv(raw, label, separator)


def _error(label: str, message: str, line: int | None = None) -> ScenarioError:
    return ScenarioError([Problem(message, file=label, line=line)])


def _sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def decoded(raw: bytes, label: str) -> tuple[str, str]:
    """Text and the encoding it was in. Raises ScenarioError naming the line of what is in none we know."""
    first: UnicodeDecodeError | None = None
    for encoding in ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError as error:
            first = first or error
    else:
        line = raw.count(b"\n", 0, first.start) + 1 if first else None
        raise _error(label, "not text in UTF-8, UTF-16 or GB18030: save it in one of these", line)
    if "\0" in text:
        raise _error(label, "not a table: it holds zero bytes", text[: text.index("\0")].count("\n") + 1)
    return text, encoding.replace("-sig", "")


def _csv(raw: bytes, label: str, separator: str) -> Grid:
    text, encoding = decoded(raw, label)
    head = [line for line in text[:200_000].splitlines()[:100] if line.strip()]
    if not head:
        raise _error(label, "empty: a table begins with a line that names its columns")
    mark = SEPARATORS.get(separator, separator) if separator != "auto" else find_separator(head)
    mark = "," if mark == " " else mark
    if len(mark) != 1:
        raise _error(label, f"separator {separator!r} is not one character; known names: auto, {', '.join(SEPARATORS)}")
    lines = _csv_lines(text, label, mark)
    top, header = next(lines)
    name = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "pipe"}.get(mark, mark)
    grid = Grid(label, [str(cell) for cell in header], iter(()), _sha(raw), f"{encoding}, {name}", top, mark == ";")
    grid.rows = _checked(lines, grid)
    return grid


def _csv_lines(text: str, label: str, mark: str) -> Iterator[tuple[int, list[Any]]]:
    """Line on which each row begins, and its cells stripped; rows without anything in them are left out."""
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=mark, skipinitialspace=True, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _error(label, f"not CSV: {error}; is a quote without its end?", line) from None
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield line, cells


def _checked(rows: Iterator[tuple[int, list[Any]]], grid: Grid) -> Iterator[tuple[int, list[Any]]]:
    """Rows as wide as the header; the others are problems."""
    wide = len(grid.header)
    for line, cells in rows:
        if len(cells) != wide:
            hint = "; is a separator inside a value without quotes?" if len(cells) > wide else ""
            grid.complain(line, f"{len(cells)} cells, the header has {wide}{hint}")
        else:
            yield line, cells


def _parquet(raw: bytes, label: str) -> Grid:
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(pyarrow.BufferReader(raw))
        header = [str(name) for name in table.schema_arrow.names]
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _error(label, f"not a whole Parquet file: {error}") from None

    def rows() -> Iterator[tuple[int, list[Any]]]:
        number = 0
        try:
            for batch in table.iter_batches():
                for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    yield number, list(cells)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            raise _error(label, f"not a whole Parquet file: {error}", number + 1) from None

    return Grid(label, header, rows(), _sha(raw), "Parquet")


def _xlsx(raw: bytes, label: str, sheet: str | None) -> Grid:
    try:
        import openpyxl
    except ImportError:
        message = "xlsx needs openpyxl: pip install 'sim[data]', or save the sheet as CSV"
        raise _error(label, message) from None
    _check_unpacked(raw, label)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and drawings that a reader of cells does not know
        try:
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
            if sheet is not None and sheet not in book.sheetnames:
                raise _error(label, f"has no sheet {sheet!r}{nearest(sheet, book.sheetnames)}")
            page = book[sheet] if sheet is not None else book.worksheets[0]
            found = [(k, list(cells)) for k, cells in enumerate(page.iter_rows(values_only=True), 1)]
        except ScenarioError:
            raise
        except Exception as error:  # a damaged workbook fails in zipfile, in XML or anywhere in openpyxl
            raise _error(label, f"not an xlsx file that can be read: {error}") from None
    full = [(line, cells) for line, cells in found if any(cell not in (None, "") for cell in cells)]
    if not full:
        raise _error(label, "empty: a table begins with a line that names its columns")
    top, header = full[0]
    names = ["" if cell is None else str(cell).strip() for cell in header]
    while names and not names[-1]:
        names.pop()
    grid = Grid(label, names, iter(()), _sha(raw), f"xlsx, sheet {page.title}", top)
    grid.rows = _checked(((line, _fitted(cells, len(names))) for line, cells in full[1:]), grid)
    return grid


def _check_unpacked(raw: bytes, label: str) -> None:
    """Refuse a workbook that grows without measure when unpacked; zipfile holds members to what its directory says."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            size = sum(member.file_size for member in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _error(label, f"not an xlsx file that can be read: {error}") from None
    if size > MAX_UNPACKED:
        raise _error(label, f"too large: {size / 1e6:,.0f} MB unpacked, the limit is {MAX_UNPACKED / 1e6:g} MB; "
                            "save the sheet as CSV")  # fmt: skip


def _fitted(cells: list[Any], wide: int) -> list[Any]:
    """Cells as many as columns where only blanks are in the way."""
    while len(cells) > wide and cells[-1] in (None, ""):
        cells.pop()
    return cells + [None] * (wide - len(cells))
