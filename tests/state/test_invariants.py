"""Every law is broken on purpose, and noticed; a market left alone keeps them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from city import CITY, plain

from sim import load
from sim.market import Market
from sim.state.invariants import CHECK, CHECK_UP_TO, InvariantError, check, wanted
from sim.state.ledger import ESCROW
from sim.state.records import OPEN, SHIPPED

Fault = Callable[[Any, dict[str, np.ndarray]], None]


@pytest.fixture
def market() -> Market:
    merchants = plain()["merchants"]
    merchants[0]["plan"]["referral"] = {"inviter_reward": 5, "invitee_reward": 5}
    merchants[0]["plan"]["membership"] = {"postage": 6}
    on = {"membership": {"enabled": True}, "referral": {"enabled": True}}
    made = Market(load(plain(merchants=merchants, mechanisms=on)), seed=3, check=True)
    for _ in range(12):
        made.step()
    made.day -= 1  # as it stood at the end of the last day
    check(made)
    return made


def first(table: Any, **wanted_: int) -> int:
    rows = table.rows
    return int(np.flatnonzero(np.all([rows[name] == value for name, value in wanted_.items()], axis=0))[0])


def one(name: str, value: Any, at: Any = 0) -> Fault:
    """Write a value into a column."""

    def fault(market: Any, c: dict[str, np.ndarray]) -> None:
        c[name].reshape(-1)[at] = value

    return fault


def balance(market: Any, c: Any) -> None:
    market.ledger.balance[ESCROW] -= 1


def escrow(market: Any, c: Any) -> None:
    market.ledger.balance[ESCROW] -= 1
    market.ledger.balance[0] += 1


def ship_unseen(market: Any, c: Any) -> None:
    market.state.table("orders").to_ship[0] += 1


def lose_an_order(market: Any, c: Any) -> None:
    orders = market.state.table("orders")
    orders.rows["status"][first(orders, status=SHIPPED)] = 6


def overfill(market: Any, c: Any) -> None:
    groups = market.state.table("groups")
    if not len(groups.open_rows):
        pytest.fail("the city has no open group today")
    groups.open_rows["members"][0] = 99


def overdue(market: Any, c: Any) -> None:
    groups = market.state.table("groups").open_rows
    groups["deadline"][groups["status"] == OPEN] = 0.0


def stranger(market: Any, c: Any) -> None:
    market.state.table("orders").open_rows["consumer"][0] = market.network.n


def newcomer(market: Any, c: dict[str, np.ndarray]) -> None:
    c["id"] = np.append(c["id"], c["id"][:1])


def invited_by_himself(market: Any, c: dict[str, np.ndarray]) -> None:
    c["invited_by"][5, 0] = 5


def brought_nobody(market: Any, c: dict[str, np.ndarray]) -> None:
    c["brought"][int(np.flatnonzero(c["brought"][:, 0] == 0)[0]), 0] = 60_000


FAULTS: list[tuple[Fault, str]] = [
    (balance, "balances sum to zero"), (escrow, "escrow holds"), (one("stock", -2), "stock never below zero"),
    (one("sold", 10**6), "units sold are the paid orders"), (ship_unseen, "what is to ship"),
    (lose_an_order, "escrow holds|to ship"),
    (overfill, "members of open groups|overfull"), (overdue, "past its deadline"),
    (newcomer, "as many as there were"), (one("first_order", 3, slice(None)), "has a first order"),
    (one("second_order", 3, slice(None)), "second order comes after"), (stranger, "of people there are"),
    (invited_by_himself, "invited by himself"), (brought_nobody, "friends who came"),
    (one("points", -5), "put aside|less than none"), (one("price", -1), "price is not negative"),
    (one("ad_price", np.nan), "ad_price is a number"), (one("rating_sum", np.inf), "rating_sum is a number"),
    (one("content", -1.0), "content is not negative"), (one("signal", np.nan), "signal is a number"),
    (one("segment", 200), "segment is one of its codes"), (one("flags", 255), "flags is one of its codes"),
    (one("alive", 2), "alive is one of its codes"), (one("member", 3), "member is one of its codes"),
    (one("referrer", 10**8), "referrer names people"), (one("referrer", -2), "referrer names people"),
    (one("last_touch", 200), "last_touch is a channel"), (one("first_touch", 99), "first_touch is a channel"),
    (one("last_purchase", -30001), "last_purchase is a day"), (one("purse", -1), "purse is not negative"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "law"), FAULTS, ids=[law for _, law in FAULTS])
def test_a_broken_law_is_noticed(market: Market, fault: Fault, law: str) -> None:
    fault(market, market.state.columns)
    with pytest.raises(InvariantError, match=law):
        check(market)


def test_codes_stay_within_their_tops(market: Market) -> None:
    """Every packed column whose codes do not fill their type."""
    tried = 0
    for column in market.state.declared:
        values = market.state.columns[column.name]
        if column.packed is not None and values.size and column.packed.top < np.iinfo(values.dtype).max:
            kept, values.reshape(-1)[0] = values.reshape(-1)[0], np.iinfo(values.dtype).max
            with pytest.raises(InvariantError, match=f"{column.name} is within its codes"):
                check(market)
            values.reshape(-1)[0] = kept
            tried += 1
    check(market)
    assert tried >= 0


def test_who_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wanted(CHECK_UP_TO)
    assert not wanted(CHECK_UP_TO + 1)
    monkeypatch.setenv(CHECK, "1")
    assert wanted(10**8)
    monkeypatch.setenv(CHECK, "0")
    assert not wanted(3)
    assert Market(load(CITY), seed=1).check is False
    assert Market(load(CITY), seed=1, check=True).check is True
