"""The table of what is covered: rows that can be trusted, tests that exist, a page in step with both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.contract import ScenarioError
from sim.scenario import systems


def test_ninety_systems_each_on_one_line() -> None:
    lines = systems.coverage()
    assert [line["system"] for line in lines] == [f"Y{k:02d}" for k in range(1, 91)]
    assert systems.counted(lines).endswith("of 90")


def test_the_page_is_in_step(root: Path) -> None:
    page = (root / "scenarios" / "README.md").read_text(encoding="utf-8")
    again = systems.placed(page, systems.table(systems.coverage()))
    assert page == again, "run: sim explain coverage --write scenarios/README.md"


def test_tests_named_exist(root: Path) -> None:
    for row in systems.rows():
        if row.test:
            file, _, name = row.test.partition("::")
            text = (root / file).read_text(encoding="utf-8")
            assert re.search(rf"def {re.escape(name.partition('[')[0].rpartition('::')[2])}\b", text), row.test


def test_what_expresses_a_system_is_there(root: Path) -> None:
    for row in systems.rows():
        for preset in re.findall(r"presets/[\w/]+", row.expressed_by):
            assert (root / "sim" / "scenario" / f"{preset}.yaml").is_file(), row


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {system: Y91, status: expressible}", "Y91 is none of the ninety systems"),
        ("- {system: Y01, status: shown, test: x}", "what is shown names its test and its chain"),
        ("- {system: Y01, status: out}", "what is out gives its reason"),
        ("- {system: Y01, status: done}", "status"),
        ("- {system: Y01, status: expressible, tset: x}", "tset"),
        ("Y01", "[0]"),
    ],
)
def test_rows_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "rows.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        systems.rows([file])
    assert said in str(caught.value)
    assert "rows.yaml" in str(caught.value)


def test_a_page_without_its_markers_is_refused() -> None:
    with pytest.raises(ScenarioError, match="the page needs the lines"):
        systems.placed("# Scenarios", "table")


def test_the_best_row_of_a_system_counts(tmp_path: Path) -> None:
    file = tmp_path / "rows.yaml"
    shown = "- {system: Y01, status: shown, test: a::b, chain: [[orders, up]]}"
    file.write_text("- {system: Y01, status: expressible}\n" + shown, encoding="utf-8")
    assert [row.status for row in systems.rows([file])] == ["shown", "expressible"]
