"""Input that nobody thought of: damaged texts, tables and settings are read, or refused in words; nothing else.

``SIM_FUZZ`` is the number of examples of each test; ``make torture`` asks for thousands.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sim.contract import STEERING, ScenarioError
from sim.scenario import load
from sim.scenario.scenario import yaml_text
from sim.scenario.tabular import read_grid
from sim.scenario.yamltext import parse

ROOT = Path(__file__).resolve().parents[2]
GOOD = (ROOT / "tests" / "scenario" / "good.yaml").read_text(encoding="utf-8")
TABLE = (ROOT / "scenarios" / "data" / "catalogue.csv").read_bytes()
many = settings(
    max_examples=int(os.environ.get("SIM_FUZZ", "120")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

TRIED = {"tried": 0, "refused": 0}
"""Counted for the table of ``make torture``."""

PIECES = [
    "[",
    "]",
    "{",
    "}",
    ":",
    "- ",
    "\n",
    "\r",
    "\t",
    "\0",
    "&a",
    "*a",
    "<<: ",
    "!!",
    "!x ",
    "#",
    "'",
    '"',
    "|\n",
    ">",
    "%",
    "---\n",
    "...",
    "~",
    "true",
    "9" * 40,
    ".nan",
    "-.inf",
    "1e999",
    "0x",
    "\u200b",
    "\u202e",
    "\ufeff",
    "\x1b[31m",
    "１",
    "光",
    "\ud7ff",
    "😀",
    "  ",
    "? ",
    ", ",
    "extends: ",
    "use: ",
]


@st.composite
def damaged(draw: Any, text: str = GOOD, pieces: list[str] = PIECES) -> str:
    """A text with up to six places cut out, doubled, moved, or filled with something."""
    for _ in range(draw(st.integers(1, 6))):
        a = draw(st.integers(0, len(text)))
        b = min(len(text), a + draw(st.integers(0, 40)))
        kind = draw(st.integers(0, 3))
        if kind == 0:
            text = text[:a] + text[b:]
        elif kind == 1:
            text = text[:b] + text[a:b] + text[b:]
        elif kind == 2:
            text = text[:a] + draw(st.sampled_from(pieces)) + text[b:]
        else:
            text = text[:a] + draw(st.text(max_size=8)) + text[b:]
    return text


def in_words(act: Callable[[], object], label: str | None = None) -> bool:
    """Whether it was refused; a refusal has few and short lines that nothing steers, and says where."""
    TRIED["tried"] += 1
    try:
        act()
        return False
    except ScenarioError as error:
        found = error.problems
    assert [p for p in found if p.file or not label]
    assert len(found) < 200
    assert all(p.message for p in found)
    assert not STEERING.search("\n".join(map(str, found)).replace("\t", " "))
    TRIED["refused"] += 1
    return True


@many
@given(text=damaged())
def test_a_damaged_scenario(text: str, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    in_words(lambda: load(file), "s.yaml")


@many
@given(raw=st.binary(max_size=200))
def test_any_bytes(raw: bytes, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_bytes(raw)
    assert in_words(lambda: load(file), "s.yaml"), "two hundred bytes are no market"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12,
)  # fmt: skip
STEPS = st.sampled_from([
    "market", "days", "consumers", "merchants", "Lumi", "plan", "mix", "ads", "products", "*", "serum",
    "price", "mechanisms", "sharing", "reach_per_share", "strategies", "blast", "events", "jam", "change",
    "day", "logistics", "0", "extends", "experiment", "network", "kind", "outcomes", "name", ""
])  # fmt: skip
PATHS = st.lists(STEPS | st.text(max_size=5), min_size=1, max_size=6).map(".".join)


@many
@given(
    changes=st.dictionaries(
        PATHS,
        VALUES | st.fixed_dictionaries({"scale": VALUES}) | st.fixed_dictionaries({"add": VALUES}),
        min_size=1,
        max_size=3,
    )
)
def test_any_setting(changes: dict[str, Any]) -> None:
    in_words(lambda: load(GOOD, set=changes))


@many
@given(
    data=st.dictionaries(
        st.sampled_from(
            [
                "name",
                "market",
                "merchants",
                "categories",
                "network",
                "segments",
                "platforms",
                "events",
                "strategies",
                "extends",
                "orders",
                "mechanisms",
                "x",
            ]
        ),
        VALUES,
        max_size=5,
    )
)
def test_any_mapping(data: dict[str, Any]) -> None:
    in_words(lambda: load(data))


@many
@given(start=st.integers(0, len(TABLE)), length=st.integers(0, 60), put=st.binary(max_size=12))
def test_a_damaged_table(start: int, length: int, put: bytes, tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_bytes(TABLE[:start] + put + TABLE[start + length :])

    def read() -> None:
        for _ in read_grid(file, "c.csv").rows:
            pass

    in_words(read, "c.csv")


@many
@given(value=st.text(max_size=30) | st.floats() | st.integers() | st.booleans() | st.none())
@example(value="0E0")  # text to other programs, a number here
@example(value="a\x85b\u2028")  # line breaks of other alphabets
def test_what_is_written_is_read_again(value: object) -> None:
    """Text of any kind that YAML can hold comes back as it was, or is refused: never as something else."""
    text = yaml_text({"a": value})
    try:
        found, problems = parse(text, "")
    except ScenarioError:
        return
    if not problems and isinstance(value, str):
        assert found["a"] == value


@pytest.mark.parametrize("depth", [59, 61, 400, 3_000])
def test_depth_has_a_limit_in_any_style(depth: int) -> None:
    for text in (
        "[" * depth + "]" * depth,
        "{a: " * depth + "1" + "}" * depth,
        "- " * depth + "x",
        "".join(" " * n + "a:\n" for n in range(depth)),
    ):
        try:
            parse(f"x:\n {text}" if text[0] in "[{" else text, "")
            deep = False
        except ScenarioError as error:
            deep = "nested deeper" in str(error)
        assert deep == (depth > 60) or depth == 59
