"""Which of the ninety systems of social commerce the program expresses, where, and which test shows it.

Rows lie in ``coverage/*.yaml`` beside this file and, in a checkout, in ``tests/systems/*.yaml``: a list of
``{system, title, expressed_by, toggle, chain, test, status, note | reason}``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.contract import Problem, ScenarioError
from sim.scenario.located import plain
from sim.scenario.yamltext import decode, parse

FOLDER = Path(__file__).resolve().parent / "coverage"
CHECKOUT = FOLDER.parents[2]
STATUS = ("shown", "expressible", "contradicted", "out", "not yet")
"""From a test that shows the direction to nothing at all."""
BEGIN, END = "<!-- coverage: begin -->", "<!-- coverage: end -->"


class Row(BaseModel):
    """One way in which one system is expressed, or why it is not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: str = Field(pattern=r"^Y\d\d$")
    title: str = ""
    expressed_by: str = ""
    toggle: dict[str, Any] = {}
    chain: list[tuple[str, str | int]] = []
    test: str | None = None
    status: Literal["shown", "expressible", "contradicted", "out"]
    note: str = ""
    reason: str = ""


def systems() -> dict[str, dict[str, str]]:
    """Name and kind of each system by its number."""
    return dict(_read(FOLDER / "_systems.yaml"))


def rows(files: Iterable[Path] | None = None) -> list[Row]:
    """All rows, by system and file. Raises ScenarioError on rows that cannot be used."""
    if files is None:
        inside = [file for file in sorted(FOLDER.glob("*.yaml")) if not file.name.startswith("_")]
        files = [*inside, *sorted((CHECKOUT / "tests" / "systems").glob("*.yaml"))]
    known, made, problems = systems(), [], []
    for file in files:
        data = _read(file)
        for k, item in enumerate(data if isinstance(data, list) else [data]):
            try:
                row = Row.model_validate(item)
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, (f"[{k}]", *first["loc"])))
                problems.append(Problem(str(first["msg"]), where, file.name))
                continue
            wrong = _wrong(row, known)
            problems.extend([Problem(wrong, f"[{k}]", file.name)] if wrong else [])
            made.append(row)
    if problems:
        raise ScenarioError(problems)
    return sorted(made, key=lambda row: (row.system, STATUS.index(row.status)))


def _wrong(row: Row, known: dict[str, Any]) -> str:
    if row.system not in known:
        return f"{row.system} is none of the ninety systems"
    if row.status in ("shown", "contradicted") and not (row.test and row.chain):
        return f"{row.system}: what is {row.status} names its test and its chain"
    if row.status in ("out", "contradicted") and not (row.reason or row.note):
        return f"{row.system}: what is {row.status} gives its reason"
    return ""


def _read(file: Path) -> Any:
    data, problems = parse(decode(file.read_bytes(), file.name), file.name)
    if problems:
        raise ScenarioError(problems)
    return plain(data)


def coverage() -> list[dict[str, str]]:
    """A line for each system: name, what expresses it, the test, the best status among its rows, remarks."""
    found: dict[str, list[Row]] = {}
    for row in rows():
        found.setdefault(row.system, []).append(row)
    lines = []
    for number, about in systems().items():
        mine = found.get(number, [])
        lines.append({
            "system": number,
            "name": about["name"],
            "kind": about["kind"],
            "status": mine[0].status if mine else "not yet",
            "expressed by": "; ".join(dict.fromkeys(row.expressed_by for row in mine if row.expressed_by)),
            "test": "; ".join(dict.fromkeys(row.test for row in mine if row.test)),
            "remark": "; ".join(dict.fromkeys(text for row in mine if (text := row.reason or row.note))),
        })  # fmt: skip
    return lines


def counted(lines: list[dict[str, str]]) -> str:
    """``59 shown, 5 expressible, 1 out, 25 not yet, of 90``."""
    counts = [(sum(line["status"] == status for line in lines), status) for status in STATUS]
    return f"{', '.join(f'{n} {status}' for n, status in counts if n)}, of {len(lines)}"


def table(lines: list[dict[str, str]]) -> str:
    """The lines as a table in Markdown."""
    out = ["| | system | status | expressed by | shown by | remark |", "|---|---|---|---|---|---|"]
    for line in lines:
        test = f"`{line['test'].rpartition('/')[2]}`" if line["test"] else ""
        cells = (line["system"], line["name"], line["status"], line["expressed by"], test, line["remark"])
        out.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return "\n".join([*out, "", f"{counted(lines)}."])


def placed(page: str, text: str) -> str:
    """A page with ``text`` between its two markers. Raises ScenarioError when they are not there."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ScenarioError(f"the page needs the lines {BEGIN} and {END}: the table goes between them")
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


__all__ = ["CHECKOUT", "FOLDER", "STATUS", "Row", "counted", "coverage", "placed", "rows", "systems", "table"]
