"""A notebook lived cell by cell as a student with a number and answers would."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from sim import catalogue
from sim.contract import Registry

ROOT = Path(__file__).resolve().parents[1]
SHELVES = ROOT / "notebooks"
SOURCES = sorted(SHELVES.glob("*/[0-9]*.py"))
TEACHING = [file for file in SOURCES if file.parent.name == "teaching"]
KEY: dict[str, dict[str, str]] = yaml.safe_load((SHELVES / "teaching" / "answers.yaml").read_text(encoding="utf-8"))


def cells(file: Path) -> list[tuple[str, str]]:
    """Kind (``code`` or ``markdown``) and text of every cell of a percent source."""
    parts = re.split(r"(?m)^# %%(.*)$", file.read_text(encoding="utf-8"))[1:]
    return [("markdown" if "[markdown]" in head else "code", body.strip("\n"))
            for head, body in zip(parts[::2], parts[1::2], strict=True)]  # fmt: skip


def at_home(folder: Path, shelf: str) -> Path:
    """A folder of that shelf in an empty tree beside the scenarios, in which a notebook may write."""
    home = folder / "notebooks" / shelf
    home.mkdir(parents=True)
    (folder / "scenarios").symlink_to(ROOT / "scenarios")
    return home


def lived(file: Path, folder: Path, student: str = "", answers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The names a notebook leaves when every blank in ``answers`` is filled in with its expression."""
    names: dict[str, Any] = {"__name__": "lesson"}
    before, registry = Path.cwd(), catalogue.registry
    catalogue.registry = Registry()  # a mechanism that is registered here must not be known elsewhere
    os.chdir(at_home(folder, file.parent.name))
    try:
        for number, (kind, text) in enumerate(cells(file)):
            if kind == "code":
                code = _filled(text, student, answers or {})
                exec(compile(code, f"{file.name}, cell {number}", "exec"), names)
    finally:
        os.chdir(before)
        catalogue.registry = registry
    return names


def _filled(text: str, student: str, answers: Mapping[str, str]) -> str:
    if student:
        text = re.sub(r'(?m)^STUDENT = ".*?"', lambda _: f'STUDENT = "{student}"', text)
    for name, said in answers.items():
        text = re.sub(rf"(?m)^{name} = None\b", lambda _, name=name, said=said: f"{name} = ({said})", text)
    return text
