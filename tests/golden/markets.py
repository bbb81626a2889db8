"""Small markets whose every bit is written down, and the book in which it is.

    python tests/golden/markets.py "Exposures are drawn by cell"

renews the digests of this platform after a change of results. The text must be part of a line of CHANGELOG.md that is
marked **results** and that no earlier renewal gave as its reason: tests/golden/test_golden.py holds the book to it.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
BOOK = Path(__file__).with_name("digests.json")
SCENARIOS = ("koc_or_kol", "live_own_or_star", "membership_worth", "fission_or_ads", "fake_reviews", "small_batches",
             "community_or_selection", "price_war")  # fmt: skip
PEOPLE, DAYS, SEED = 500, 30, 11
FIGURES = ("orders", "gmv", "reach", "new_buyers")


def here() -> str:
    """The platform on which bits are promised to agree: machine, and libraries that compute."""
    import numba
    import scipy

    libraries = f"numpy {np.__version__} numba {numba.__version__} scipy {scipy.__version__}"
    return f"{platform.system()}-{platform.machine()} {libraries}"


def lived(name: str) -> Any:
    """A shipped scenario made small, under its last strategy, at its horizon."""
    from sim import load
    from sim.market import Market

    scenario = load(ROOT / "scenarios" / f"{name}.yaml")
    small = scenario.with_set(
        {"market.consumers": PEOPLE, "market.days": DAYS, "market.warmup": min(8, scenario.market.warmup)}
    )
    market = Market(small, list(small.strategies)[-1], seed=SEED)
    market.run()
    return market


def digest(market: Any) -> str:
    """Every column, order, share, post and balance, in sixteen hexadecimal digits."""
    sha = hashlib.blake2b(digest_size=8)
    for name in sorted(market.state.columns):
        values = np.ascontiguousarray(market.state.columns[name])
        sha.update(f"{name} {values.dtype} {values.shape}".encode() + values.tobytes())
    for table in ("orders", "groups", "shares", "posts"):
        rows = market.state.table(table).rows
        for field in rows.dtype.names:
            sha.update(f"{table}.{field}".encode() + np.ascontiguousarray(rows[field]).tobytes())
    sha.update(market.ledger.balance.tobytes())
    return sha.hexdigest()


def figures(market: Any) -> dict[str, float]:
    """A few outcomes, for platforms on which bits are not promised."""
    summary = market.tables()["summary"]
    return {name: float(summary[name]) for name in FIGURES}


def together(digests: dict[str, str]) -> str:
    """One digest of all."""
    return hashlib.blake2b(json.dumps(digests, sort_keys=True).encode(), digest_size=8).hexdigest()


def results_lines(text: str) -> list[str]:
    """The entries of CHANGELOG.md that are marked **results**, each on one line."""
    entries = text.replace("\n  ", " ").splitlines()
    return [" ".join(entry.split()) for entry in entries if entry.lstrip("- ").startswith("**results**")]


def renew(reason: str) -> None:
    """Write what this platform gives now, if the CHANGELOG says that results have changed."""
    book = (
        json.loads(BOOK.read_text(encoding="utf-8"))
        if BOOK.exists()
        else {"history": [], "platforms": {}, "figures": {}}
    )
    lines = results_lines((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    if not any(reason in line for line in lines):
        raise SystemExit(f"no line of CHANGELOG.md marked **results** holds {reason!r}")
    if any(entry["because"] == reason for entry in book["history"]):
        raise SystemExit(f"{reason!r} was the reason of an earlier renewal")
    made = {name: lived(name) for name in SCENARIOS}
    digests = {name: digest(market) for name, market in made.items()}
    if book["history"] and book["platforms"].get(here()) == digests:
        raise SystemExit("nothing has changed")
    book["platforms"] = {here(): digests}
    book["figures"] = {name: figures(market) for name, market in made.items()}
    book["history"].append({"because": reason, "digest": together(digests)})
    BOOK.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{BOOK}: {len(digests)} markets, because: {reason}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    renew(" ".join(sys.argv[1:]))
