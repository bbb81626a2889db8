"""Examples in the documentation run, and every public name has one."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

import sim
from sim import catalogue, plugins
from sim.contract import Registry

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(page for page in (ROOT / "docs").glob("*.md") if ">>>" in page.read_text(encoding="utf-8"))
NEEDS = {"learners.md": "gymnasium"}
MADE_BY_OTHERS = ("Comparison", "Results", "RunResult", "Scenario")
"""What public functions give: their examples begin with the function."""


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_examples_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if page.name in NEEDS:
        pytest.importorskip(NEEDS[page.name])
    if page.name == "reference.md":
        pytest.importorskip("optuna")
        pytest.importorskip("SALib")
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(plugins, "registry", Registry())
    monkeypatch.setattr(catalogue, "registry", plugins.registry)
    failed, tried = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert tried > 3
    assert not failed


def sections() -> dict[str, str]:
    """The reference page, by name."""
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    parts = re.split(r"^## sim\.(\w+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_public_name_is_there_with_its_standing_and_an_example() -> None:
    public = {name for name in sim.__all__ if not name.startswith("__")}
    found = sections()
    assert public <= set(found), f"docs/reference.md lacks {sorted(public - set(found))}"
    assert set(found) <= public, f"docs/reference.md has {sorted(set(found) - public)}, which sim has not"
    for name, text in found.items():
        assert re.search(r"^\*(stable|experimental)\*$", text, re.MULTILINE), name
        assert re.search(rf"^(>>>|\.\.\.).*\b{name}\b", text, re.MULTILINE), f"{name} has no example of its own"
        where = re.search(r"^::: (\S+)$", text, re.MULTILINE)
        assert where is not None, name
        module, _, last = where[1].rpartition(".")
        assert getattr(importlib.import_module(module), last) is getattr(sim, name), where[1]


NAMES = sorted(name for name in sim.__all__ if callable(getattr(sim, name)))


@pytest.mark.parametrize("name", NAMES)
def test_help_of_every_public_name_has_an_example_that_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but ``import sim`` stands before it."""
    if name in ("optimise", "calibrate"):
        pytest.importorskip("optuna")
    if name == "sensitivity":
        pytest.importorskip("SALib")
    fresh = Registry()
    monkeypatch.setattr(plugins, "registry", fresh)
    monkeypatch.setattr(catalogue, "registry", fresh)
    test = doctest.DocTestParser().get_doctest(getattr(sim, name).__doc__, {"sim": sim}, f"sim.{name}", None, 0)
    assert any(f"sim.{name}" in example.source for example in test.examples) or name in MADE_BY_OTHERS
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def test_pages_of_the_site_are_there() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in re.findall(r"[\w/]+\.md", site):
        assert (ROOT / "docs" / page).is_file(), page


def test_examples_of_the_folder_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Small; the lottery has tests of its own."""
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    importlib.import_module("shop_duel").main(replications=1, consumers=200, days=10)
    table = importlib.import_module("recommenders").main(consumers=200, days=20, seeds=1)
    assert "discounter" in capsys.readouterr().out
    assert list(table.index) == ["own rule", "popularity", "content-based", "factorised"]
    assert table.notna().all().all()


def test_every_command_of_make_does_something(root: Path) -> None:
    """What ``make help`` names, and what is phony, has a recipe: make says nothing of a target without one."""
    text = (root / "Makefile").read_text(encoding="utf-8")
    rules = set(re.findall(r"^([a-z]+(?: [a-z]+)*):.*\n(?=\t)", text, re.MULTILINE))
    phony = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)[0].split()
    grouped = {"check"}  # it only calls others
    assert set(phony) - {name for rule in rules for name in rule.split()} <= grouped
    assert set(re.findall(r"'make ([a-z]+) ", text)) <= set(phony)
