"""Golden runs (decision D18): the same program gives the same bits, and a change of results has been said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import markets
from markets import BOOK, SCENARIOS, digest, figures, here, lived, results_lines, together

TOLERANCE = 0.15
"""Relative, of totals of a market of 500: where libraries differ, a last digit may turn a purchase and its sequels."""


@pytest.fixture(scope="module")
def book() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(BOOK.read_text(encoding="utf-8"))
    return made


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_bits_are_those_written_down(book: dict[str, Any], name: str) -> None:
    market = lived(name)
    wanted = book["platforms"].get(here())
    if wanted is None:
        for key, value in figures(market).items():
            assert value == pytest.approx(book["figures"][name][key], rel=TOLERANCE, abs=3), key
        pytest.skip(f"no digests of {here()}: held to the figures of another platform")
    assert digest(market) == wanted[name], (
        "the results of an unchanged scenario have changed: say so in CHANGELOG.md, marked **results**, and renew the "
        'digests: python tests/golden/markets.py "words of that line"'
    )


def test_digests_see_a_single_bit() -> None:
    market = lived(SCENARIOS[0])
    before = digest(market)
    market.state.columns["flags"].reshape(-1)[7] ^= 1
    assert digest(market) != before


def test_every_change_of_results_was_said(book: dict[str, Any], root: Path) -> None:
    """The book's last entry is of these digests; each entry has a line of its own in the CHANGELOG."""
    said = results_lines((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    reasons = [entry["because"] for entry in book["history"]]
    assert len(set(reasons)) == len(reasons)
    for reason in reasons:
        assert any(reason in line for line in said), f"CHANGELOG.md has no line marked **results** with {reason!r}"
    assert book["history"][-1]["digest"] in {together(digests) for digests in book["platforms"].values()}


@pytest.mark.parametrize("before", ["HEAD", "HEAD^"])
def test_the_book_is_only_ever_added_to(book: dict[str, Any], root: Path, before: str) -> None:
    """Digests that differ from those of the commit before have an entry more; nobody rewrites the last one."""
    shown = subprocess.run(
        ["git", "show", f"{before}:{BOOK.relative_to(root).as_posix()}"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if shown.returncode:
        pytest.skip(f"no {before} with a book of digests here")
    earlier = json.loads(shown.stdout)
    assert book["history"][: len(earlier["history"])] == earlier["history"]
    if earlier["platforms"] != book["platforms"] and set(earlier["platforms"]) & set(book["platforms"]):
        assert len(book["history"]) > len(earlier["history"])


def test_renewing_needs_a_reason_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markets, "ROOT", tmp_path)
    monkeypatch.setattr(markets, "BOOK", tmp_path / "digests.json")
    monkeypatch.setattr(markets, "SCENARIOS", ("a",))
    monkeypatch.setattr(markets, "lived", lambda name: name)
    monkeypatch.setattr(markets, "digest", lambda market: market * 16)
    monkeypatch.setattr(markets, "figures", lambda market: {})
    (tmp_path / "CHANGELOG.md").write_text(
        "- **results** Tastes are\n  drawn anew.\n- A page has colours.\n", encoding="utf-8"
    )
    for reason in ("colours", "unheard of"):
        with pytest.raises(SystemExit, match=r"marked \*\*results\*\*"):
            markets.renew(reason)
    assert not (tmp_path / "digests.json").exists()
    markets.renew("Tastes are drawn anew")
    with pytest.raises(SystemExit, match="earlier renewal"):
        markets.renew("Tastes are drawn anew")
