"""The parameter book: every parameter of a scenario as a page, generated from the schema and from MODEL.md."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from sim.scenario.explain import Entry, book

MODEL = Path(__file__).resolve().parent.parent / "MODEL.md"
_SECTION = re.compile(r"^### (7\.\d+)[ .](.*)$")
_NUMBER = re.compile(r"(?<=\s)\((\d{1,3}[a-z]?)\)")
SIMULATED = "simulation input"
"""What the source of a number says when nobody estimated it: it went into a simulation study (decision D34)."""
_HEAD = "| parameter | what | default | range | bounds | unit | source | standing | used in |"
_INPUT = "an input of a simulation study, not an estimate"


def sections(text: str | None = None) -> dict[str, tuple[str, str]]:
    """Number and text of the section of MODEL.md that names a mechanism in its heading, by mechanism."""
    found: dict[str, tuple[str, str]] = {}
    number, names, lines = "", list[str](), list[str]()
    for line in [*(text or MODEL.read_text(encoding="utf-8")).splitlines(), "## "]:
        head = _SECTION.match(line)
        if head or line.startswith("## "):
            for name in names:
                found.setdefault(name, (number, "\n".join(lines)))
            number, names, lines = (head[1], re.findall(r"`(\w+)`", head[2]), []) if head else ("", [], [])
        lines.append(line)
        if number and line.startswith("*"):  # a part of a section that tells of a mechanism of its own
            names += re.findall(r"\(`(\w+)`", line)
    return found


def where(entry: Entry, told: dict[str, tuple[str, str]]) -> str:
    """Section of MODEL.md in which a parameter is used, and the equations of the lines that name it."""
    parts = entry.path.split(".")
    if parts[0] != "mechanisms" or parts[1] not in told:
        return ""
    number, text = told[parts[1]]
    naming = [line for line in text.splitlines() if re.search(rf"\b{re.escape(parts[-1])}\b", line)]
    equations = dict.fromkeys(n for line in naming for n in _NUMBER.findall(line))
    return number + "".join(f" ({n})" for n in equations)


def standing(entry: Entry) -> str:
    """What a number is worth; inputs of simulation studies are named as such. Words and switches are choices."""
    if "number" not in entry.type:
        return "a choice"
    return _INPUT if SIMULATED in entry.source else entry.standing


def page() -> str:
    """The whole book in Markdown: one table a group, groups in the order of the schema."""
    told = sections()
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in book():
        parts = entry.path.split(".")
        groups["scenario" if len(parts) == 1 else ".".join(parts[: 2 if parts[0] == "mechanisms" else 1])].append(entry)
    lines = [
        "# Parameters",
        "",
        "Written by `python -m sim explain parameters --write docs/parameters.md` from the schema; nothing here",
        "is kept by hand. `*` stands for the name of an item. *Range* is what is plausible, over which",
        "sensitivity is judged; bounds are what is accepted. *Used in* names the section of `sim/MODEL.md` and",
        "the equations that name the parameter.",
        "",
        "What a number is worth: verified in the literature, from a secondary source, field knowledge, market",
        f"reports, assumption. A number that is {_INPUT}, says so: its authors chose it to explore, and no data",
        "stand behind it.",
    ]  # fmt: skip
    for name, entries in groups.items():
        lines += ["", f"## {name}", "", _HEAD, "|---" * _HEAD.count(" | ") + "|---|"]
        for e in dict.fromkeys(entries):
            span = f"{e.plausible[0]:g} to {e.plausible[1]:g}" if e.plausible else ""
            short = e.path.removeprefix(name + ".")
            cells = (
                f"`{short}`",
                e.description,
                e.default,
                span,
                e.bounds,
                e.unit,
                e.source,
                standing(e),
                where(e, told),
            )
            lines.append("| " + " | ".join(" ".join(cell.split()).replace("|", "/") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
