"""Compiled code is found again by the text of all it is made of, and by nothing else."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim import jitcache


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """A small package of the same name; writes a file of it."""
    monkeypatch.setattr(jitcache, "PACKAGE", tmp_path / "sim")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))

    def write(name: str, text: str) -> None:
        path = tmp_path / "sim" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for remembered in (jitcache._text, jitcache._imports, jitcache.digest_of):
            remembered.cache_clear()

    write("rules/price.py", "from numba import njit\n@njit\ndef cost(x): return x\n")
    write("rules/trust.py", "from numba import njit\n@njit\ndef trust(x): return x\n")
    write("state/table.py", "from sim.rules import (\n    price,\n)\nWIDTH = 3\n")
    write("mechanisms/till.py", "from sim.state.table import WIDTH\n# njit\n")
    yield write
    for remembered in (jitcache._text, jitcache._imports, jitcache.digest_of):
        remembered.cache_clear()


def test_an_edit_reaches_what_imports_it_through_others_and_nothing_else(
        house: Callable[[str, str], None], tmp_path: Path) -> None:  # fmt: skip
    till, trust = tmp_path / "sim/mechanisms/till.py", tmp_path / "sim/rules/trust.py"
    before = jitcache.digest_of(till), jitcache.digest_of(trust), jitcache.digest_of_all()
    house("rules/price.py", "from numba import njit\n@njit\ndef cost(x): return 2 * x\n")
    after = jitcache.digest_of(till), jitcache.digest_of(trust), jitcache.digest_of_all()
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True, False]
    house("state/table.py", "from sim.rules import price\nWIDTH = 3\n")
    assert jitcache.digest_of(till) == after[0], "a file without kernels or named constants is in no kernel"


def test_places_are_by_content_and_foreign_files_have_one_when_they_build_on_the_package(
        house: Callable[[str, str], None], tmp_path: Path) -> None:  # fmt: skip
    mine, other = tmp_path / "mine.py", tmp_path / "other.py"
    mine.write_text("from sim.rules.price import cost\n", encoding="utf-8")
    other.write_text("import math\n", encoding="utf-8")
    found = jitcache._Locator.from_function(lambda: None, str(mine))
    assert found is not None
    assert Path(found.get_cache_path()).parent == tmp_path / "cache"
    assert jitcache._Locator.from_function(lambda: None, str(other)) is None
    house("rules/price.py", "from numba import njit\n@njit\ndef cost(x): return 3 * x\n")
    again = jitcache._Locator.from_function(lambda: None, str(mine))
    assert again is not None
    assert again.get_cache_path() != found.get_cache_path()


def test_what_nobody_used_for_long_is_removed(tmp_path: Path) -> None:
    import os

    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))
    jitcache._clear(tmp_path)
    assert not old.exists()
    assert new.exists()


def test_the_kernels_of_the_package_are_kept_there() -> None:
    from sim.mechanisms.persuasion import _persuade

    if hasattr(_persuade, "_cache"):  # with the compiler
        place = Path(_persuade._cache.cache_path)
        assert place.name == f"persuasion-{jitcache.digest_of(jitcache.PACKAGE / 'mechanisms/persuasion.py')}"


@pytest.mark.parametrize("wanted", [True, False])
def test_nobody_looks_for_garbage_while_numba_compiles(wanted: bool) -> None:
    was, quiet = gc.isenabled(), jitcache._quiet()
    seen: list[bool] = []
    try:
        (gc.enable if wanted else gc.disable)()
        for step in (quiet.on_start, quiet.on_start, quiet.on_end, quiet.on_end):  # one kernel compiles another
            step(None)
            seen.append(gc.isenabled())
    finally:
        (gc.enable if was else gc.disable)()
    assert seen == [False, False, False, wanted]
