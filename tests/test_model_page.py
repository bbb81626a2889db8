"""sim/MODEL.md describes what there is: elements, equations, the order of the day; the parameter book is current."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from sim import catalogue
from sim.report.parameters import page, sections, standing, where
from sim.scenario.explain import book

NUMBERED = re.compile(r"\((\d{1,3}[a-z]?)\)\s*$")
CITED = re.compile(r"[Ee]quations? ((?:\(\w+\)(?:, | and |,\n|\s)*)+)\s*of\s+(?:sim/)?MODEL\.md")
CONCEPTS = ("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing",
            "Interaction", "Stochasticity", "Collectives", "Observation")  # fmt: skip


@pytest.fixture(scope="module")
def model(root: Path) -> str:
    return (root / "sim" / "MODEL.md").read_text(encoding="utf-8")


def equations(model: str) -> list[str]:
    """Numbers at the end of a line inside blocks of equations; a line may name others in passing."""
    inside, found = False, []
    for line in model.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif inside and (number := NUMBERED.search(line)):
            found.append(number[1])
    return found


def test_equation_numbers_are_unique(model: str) -> None:
    found = equations(model)
    assert len(found) > 100
    assert [number for number, times in Counter(found).items() if times > 1] == []


def test_every_equation_that_is_cited_exists(root: Path, model: str) -> None:
    """In docstrings of the program, and in the text of the page itself."""
    known = set(equations(model))
    cited = {}
    for path in sorted((root / "sim").rglob("*.py")):
        for found in CITED.finditer(path.read_text(encoding="utf-8")):
            cited[path.name] = re.findall(r"\((\w+)\)", found[1])
    assert len(cited) >= 17
    wrong = {name: [n for n in numbers if n not in known] for name, numbers in cited.items()}
    assert {name: numbers for name, numbers in wrong.items() if numbers} == {}
    outside = "\n".join(model.split("```")[::2])
    assert [n for n in re.findall(r"equation \((\w+)\)|equation (\d+)", outside) if not known & set(n)] == []


def test_rules_that_compute_an_equation_cite_it(root: Path) -> None:
    """Sums, searches, sorts, codes, records and fast arithmetic are of no equation."""
    plain = {"__init__", "arrival", "averages", "exposure", "fastmath", "packed", "search", "sorting",
             "wishes"}
    rules = {path.stem: path.read_text(encoding="utf-8") for path in (root / "sim" / "rules").glob("*.py")}
    assert [name for name in sorted(set(rules) - plain) if not CITED.search(rules[name])] == []


def test_seven_elements_and_eleven_concepts(model: str) -> None:
    heads = re.findall(r"^## (\d+)\. ([^\n(]+)", model, re.M)
    assert [title.strip() for _, title in heads[:7]] == [
        "Purpose and patterns", "Entities, state variables, scales", "Process overview and scheduling",
        "Design concepts", "Initialisation", "Input data", "Submodels"]  # fmt: skip
    said = re.findall(r"^\*([A-Z][a-z ]+)\.\*", model, re.M)
    assert [name for name in CONCEPTS if name not in said] == []


def test_the_order_of_the_day_is_that_of_the_catalogue(model: str) -> None:
    day = catalogue.schedule(catalogue.names())
    for phase, first in (
        ("morning", "morning, once"),
        ("block", "block, for each 32,768 people"),
        ("evening", "evening, once"),
    ):
        row = next(line for line in model.splitlines() if line.startswith(f"| {first} |"))
        assert row.split("|")[2].strip() == ", ".join(day[phase]), phase


def test_the_parameter_book_is_current(root: Path) -> None:
    assert (root / "docs" / "parameters.md").read_text(encoding="utf-8") == page(), (
        "run: python -m sim explain parameters --write docs/parameters.md"
    )


def test_the_book_says_what_is_no_estimate_and_where_a_number_is_used() -> None:
    told = sections()
    entries = {entry.path: entry for entry in book()}
    assert standing(entries["mechanisms.awareness.beta_weak"]) == "an input of a simulation study, not an estimate"
    assert standing(entries["mechanisms.choice.a_p"]) == "verified in the literature"
    assert standing(entries["mechanisms.awareness.rule"]) == "a choice"
    assert where(entries["mechanisms.clicks.ctr0"], told) == "7.9 (36)"
    assert where(entries["market.days"], told) == ""
    assert [name for name in catalogue.names() if name not in told and name not in ("occasions",)] == []
