"""The mutation check itself: it finds places for faults, and its page is that of the results kept."""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parent


def beside(name: str) -> ModuleType:
    """A module of this folder, which is no package."""
    spec = importlib.util.spec_from_file_location(f"mutation_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("line", "wanted"), [
    ("x = a + 2", {"a - 2", "3", "4"}),
    ("x = a < 0", {"a <= 0", "a > 0", "1"}),
    ("x = -a", {"a"}),
    ("x = min(a, b) and not c", {"max", "min(a, b) or not c", "c"}),
    ("x += day", {"x -= day", "day + 1"}),
    ("x: int = b\ny = __import__", set()),
])  # fmt: skip
def test_each_place_gets_its_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, wanted: set[str]
) -> None:
    mutate = beside("mutate")
    monkeypatch.setattr(mutate, "RULES", tmp_path)
    (tmp_path / "rule.py").write_text(line + "\n", encoding="utf-8")
    found = mutate.faults("rule")
    assert {fault.after for fault in found} == wanted
    assert all(ast.unparse(fault.tree) != ast.unparse(ast.parse(line)) for fault in found)


def test_the_page_is_that_of_the_results_and_every_survivor_has_a_reason(root: Path) -> None:
    book = beside("book")
    reasons = book.read_reasons(HERE / "survivors.yaml")
    page = book.page(HERE / "results.json", reasons)
    assert (root / "docs" / "mutation.md").read_text(encoding="utf-8") == page
    assert book.UNKNOWN not in page.lower()
    kept = json.loads((HERE / "results.json").read_text(encoding="utf-8")).values()
    assert 1 - sum(len(f["survivors"]) for f in kept) / sum(f["faults"] for f in kept) >= 0.9
