"""Does a policy keep the contract? It plans what can be planned, from what it is shown, and the same each time."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from typing import Any

from sim import market as markets
from sim.testing.promises import Promises, differing, fingerprints, generators, nothing, town

KINDS = ("merchant", "platform", "creator", "feed")
_SEATS = {"merchant": "Leaf", "platform": "notes", "creator": "nano", "feed": "notes"}


def check_policy(policy: Any, player: str | None = None, scenario: Any = None, set: Mapping[str, Any] | None = None,
                 days: int = 12, seed: int = 1) -> list[str]:
    """Hold a policy (an instance) to its contract in a small market; the promises it keeps.

    ``player``: whose place it takes, in ``scenario`` or in the town of :mod:`sim.testing.promises`. Raises
    ContractBroken naming every broken promise.
    """
    tried = Promises(f"policy {type(policy).__name__}")
    tried("it says whose policy it is", lambda: _kind(policy))
    if tried.broken:
        return tried.close()
    player = player or _SEATS[policy.kind]
    made = town(scenario, {"market.days": days, **(set or {})})
    kept = pickle.dumps(policy) if _pickles(policy) else None
    prints: list[dict[str, str]] = []

    def run() -> None:
        before = generators()
        prints.append(_run(made, seed, player, policy))
        assert generators() == before, "it drew from a global generator; use view.luck"

    tried("its plans are plans, its luck is the view's", run)
    if tried.broken:
        return tried.close()
    tried("the market's copy is its own", lambda: _untouched(policy, kept))
    tried("the same seed gives the same bits", lambda: _same(prints[0], _run(made, seed, player, policy)))
    tried("it can be kept with the market", lambda: _halfway(made, seed, player, policy))
    tried("other players' luck is theirs", lambda: _apart(made, seed, player, policy))
    return tried.close()


def _kind(policy: Any) -> None:
    assert not isinstance(policy, type), "is a class; give an instance"
    known = ", ".join(KINDS)
    assert getattr(policy, "kind", None) in KINDS, f"its kind is none of {known}: derive it from sim's classes"


def _run(scenario: Any, seed: int, player: str, policy: Any) -> dict[str, str]:
    market = markets.Market(scenario, seed=seed, check=True, policies={player: policy})
    market.run()
    return fingerprints(market)


def _pickles(policy: Any) -> bool:
    try:
        pickle.dumps(policy)
    except Exception:
        return False
    return True


def _untouched(policy: Any, before: bytes | None) -> None:
    """A class no module has cannot be pickled; then there is nothing to compare."""
    assert before is None or pickle.dumps(policy) == before, "running a market changed the instance that was given"


def _same(a: dict[str, str], b: dict[str, str]) -> None:
    nothing(differing(a, b), "another run of the same seed differs in")


def _halfway(scenario: Any, seed: int, player: str, policy: Any) -> None:
    market = markets.Market(scenario, seed=seed, policies={player: policy})
    for _ in range(scenario.market.days // 2):
        market.step()
    twin = copy.deepcopy(market)
    market.run()
    twin.run()
    nothing(differing(fingerprints(market), fingerprints(twin)), "a copy that lives on differs in")


def _apart(scenario: Any, seed: int, player: str, policy: Any) -> None:
    """People and their ties on day 0 do not depend on who plays."""
    with_, without = (markets.Market(scenario, seed=seed, policies=p) for p in ({player: policy}, {}))
    nothing(differing(fingerprints(with_), fingerprints(without)), "before the first day it changes")
