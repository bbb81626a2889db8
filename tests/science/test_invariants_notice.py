"""Control of V22: the invariants that guard every run notice a fault. The laws themselves are in sim/validation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sim.market import Market
from sim.state.invariants import InvariantError
from sim.state.ledger import ESCROW
from sim.validation.case import limit


def lose_a_fen(market: Any) -> None:
    market.ledger.balance[ESCROW] -= 1


def sell_one_unseen(market: Any) -> None:
    market.state.columns["sold"][0] += 1


def owe_a_unit(market: Any) -> None:
    market.state.columns["stock"][0] = -2


@pytest.mark.parametrize("fault", [lose_a_fen, sell_one_unseen, owe_a_unit])
def test_the_laws_notice_a_fault(fault: Callable[[Any], None]) -> None:
    """A fen gone from escrow, a unit sold that nobody bought, a unit owed: the run stops."""
    market = Market(limit("nbd", market={"consumers": 500}), seed=1, check=True)
    market.step()
    fault(market)
    with pytest.raises(InvariantError):
        market.step()
