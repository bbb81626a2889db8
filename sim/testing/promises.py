"""What the contract tests share: a small market, a fingerprint of everything in it, a list of promises."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.contract import SimError
from sim.scenario import load
from sim.state.ledger import Ledger
from sim.state.records import Table

TOWN: dict[str, Any] = {
    "name": "a town for tests",
    "market": {"consumers": 300, "days": 12},
    "network": {"mean_degree": 6},
    "segments": [{"name": "young", "share": 0.5}, {"name": "old", "share": 0.5, "price_sensitivity": 1.5}],
    "categories": [{"name": "tea", "reference_price": 50, "occasions_per_year": 60},
                   {"name": "soap", "reference_price": 20, "occasions_per_year": 60}],
    "platforms": [{"name": "notes", "activity": 0.8}, {"name": "film", "activity": 0.5}],
    "creators": [{"name": "nano", "count": 6, "followers": 40}],
    "merchants": [
        {"name": "Leaf", "cash": 5000, "products": [
            {"name": "green", "category": "tea", "price": 45, "unit_cost": 10,
             "initial": {"aware": 0.6, "buyers": 0.2, "reviews": 50, "rating": 4.5}}],
         "plan": {"budget_per_day": 120, "mix": {"ads": 1, "kol": 1, "koc": 1, "community": 1}}},
        {"name": "Rival", "cash": 5000, "products": [
            {"name": "black", "category": "tea", "price": 40, "initial": {"aware": 0.4}},
            {"name": "bar", "category": "soap", "price": 15, "initial": {"aware": 0.4}}],
         "plan": {"budget_per_day": 60, "mix": {"ads": 1, "kol": 1}}},
    ],
    "focal": "Leaf",
}  # fmt: skip
"""A market in which a dozen days see every channel, orders, parcels and reviews."""


UNORDERED = ("intents", "retry")
"""Tables whose rows stand block by block; the till sorts them by hour and key before it looks."""


class ContractBroken(AssertionError):
    """Promises that were not kept; ``broken`` has name and reason of each."""

    def __init__(self, what: str, broken: list[tuple[str, str]]) -> None:
        super().__init__(f"{what}: " + "; ".join(f"{name}: {why}" for name, why in broken))
        self.broken = broken


class Promises:
    """Promises of one class, tried one by one; all are tried whatever fails."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.kept: list[str] = []
        self.broken: list[tuple[str, str]] = []

    def __call__(self, name: str, test: Callable[[], None]) -> None:
        """Try one; what it raises is why it is broken."""
        try:
            test()
        except (Exception, SimError) as error:
            text = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
            self.broken.append((name, text.splitlines()[0] if text else type(error).__name__))
        else:
            self.kept.append(name)

    def close(self) -> list[str]:
        """The promises kept. Raises ContractBroken when one was not."""
        if self.broken:
            raise ContractBroken(self.what, self.broken)
        return self.kept


def town(scenario: Any, changes: Mapping[str, Any], registry: Any = None) -> Any:
    """The scenario given, or the town, with changes by path."""
    return load(TOWN if scenario is None else scenario, set=dict(changes) or None, registry=registry)


def fingerprints(market: Any) -> dict[str, str]:
    """Hash of every column, table and account of a market, by name."""
    made = {name: _hash(array) for name, array in market.state.columns.items()}
    for name, thing in market.state.shared.items():
        if isinstance(thing, Table):
            rows = thing.rows
            made[name] = _hash(np.sort(rows, order="key", kind="stable") if name in UNORDERED else rows)
        elif isinstance(thing, np.ndarray):
            made[name] = _hash(thing)
        elif isinstance(thing, Ledger):
            made[name] = _hash(thing.balance)
    return made


def _hash(array: np.ndarray) -> str:
    """Of the values; a record's padding is none."""
    parts = [array[field] for field in array.dtype.names] if array.dtype.names else [array]
    sha = hashlib.blake2b(digest_size=8)
    for part in parts:
        sha.update(np.ascontiguousarray(part).tobytes())
    return sha.hexdigest()


def differing(a: dict[str, str], b: dict[str, str]) -> list[str]:
    """Names whose hashes differ, or that only one has."""
    return sorted(name for name in {*a, *b} if a.get(name) != b.get(name))


def nothing(found: list[Any], text: str) -> None:
    """Fail, naming what was found."""
    assert not found, f"{text} {', '.join(map(str, dict.fromkeys(found)))}"


def generators() -> tuple[Any, ...]:
    """Where the global generators stand: who draws from them moves them."""
    name, keys, *rest = np.random.get_state()  # noqa: NPY002  (to see whether anybody used it)
    return random.getstate(), name, np.asarray(keys).tobytes(), *rest
