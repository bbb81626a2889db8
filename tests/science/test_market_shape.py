"""What a usual market looks like from outside: its cascades (V08) and its books (V22)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.contract import COUNT
from sim.mechanisms.sharing import cascade_table
from sim.state.invariants import InvariantError
from sim.state.ledger import CONSUMERS, ESCROW, REASONS
from sim.state.records import (
    CANCELLED,
    COMPLETE,
    EXPIRED,
    FILLED,
    OPEN,
    PAID,
    RECEIVED,
    RESERVED,
    RETURNED,
    SETTLED,
    SHIPPED,
)

BASELINE = {"market.consumers": 40_000, "market.days": 110, "mechanisms.sharing.share_rate": 0.15,
            "mechanisms.sharing.bad_share_rate": 0.3}
"""More people tell than usual, so that there are trees enough to judge; how a tree goes on is untouched."""


def lived(path: Path, strategy: str | None, seed: int, **changes: Any) -> Any:
    """A market of a packaged scenario after its last day, its laws checked every day."""
    scenario = sim.load(path)
    market = sim.Market(scenario, strategy=strategy, seed=seed, check=True, **changes)
    while market.running:
        market.step()
    return market


@pytest.fixture(scope="module")
def baseline(scenarios: Path) -> Any:
    return lived(scenarios / "baseline.yaml", None, 2, **BASELINE)


@pytest.fixture(scope="module")
def groups(scenarios: Path) -> Any:
    """A market with group-buys, invitations, an open list, samples, creators, ads."""
    scenario = scenarios / "group_buy_or_discount.yaml"
    names = list(sim.load(scenario).strategies_names)
    assert "group_of_two" in names
    return lived(scenario, "group_of_two", 3, **{"market.consumers": 6_000, "market.days": 60})


def trees(market: Any) -> dict[str, Any]:
    """The market's cascades whose last generation has had time to come."""
    table = cascade_table(market.state.table("shares").rows)
    return {name: column[table["day"] < market.day - 10] for name, column in table.items()}


def test_cascades_are_mostly_singletons(baseline: Any) -> None:
    """V08: 70-95 % of trees are singletons, 1-4 % go beyond one hop; R is what the scenario says."""
    found = trees(baseline)
    count = len(found["size"])
    assert count > 1000
    single, deep = (found["size"] == 1).mean(), (found["depth"] >= 2).mean()
    error = np.sqrt(0.15 * 0.85 / count)
    assert 0.70 + 3 * error < single < 0.95 - 3 * error, single
    assert 0.01 < deep < 0.04, deep
    many = found["size"] >= 3
    assert found["virality"][many].mean() < 2.5
    # The children a sharer has are a sum of many small chances: mean R, variance about R.
    children = found["size"].sum() - count
    reach = baseline.scenario.mechanisms.sharing.reach_per_share
    assert abs(children / found["size"].sum() - reach) < 3 * np.sqrt(reach / found["size"].sum())


def test_unnormalised_sharing_would_leave_the_band(scenarios: Path) -> None:
    """Control of V08: with each tie passing on w.p. R/2 whatever the degree, trees are larger than the band allows."""
    wild = lived(scenarios / "baseline.yaml", None, 2, **{
        "market.consumers": 6_000, "market.days": 60, "mechanisms.sharing.rule": "percolation",
        "mechanisms.sharing.b": 0.07})
    found = trees(wild)
    assert (found["size"] == 1).mean() < 0.70 or (found["depth"] >= 2).mean() > 0.04


@pytest.mark.parametrize("which", ["baseline", "groups"])
def test_books_balance(which: str, request: pytest.FixtureRequest) -> None:
    """V22: every order is in one place, every fen and every unit is accounted for."""
    market = request.getfixturevalue(which)
    orders, ledger, world = market.state.table("orders").rows, market.ledger, market.world
    sold = orders[orders["sample"] == 0]
    price, status = sold["price"].astype(np.int64), sold["status"]
    assert len(sold) > 300
    assert len(np.unique(sold["key"])) == len(sold)
    assert ledger.balance.sum() == 0
    open_money = np.isin(status, (RESERVED, PAID, SHIPPED, RECEIVED))
    assert ledger.balance[ESCROW] == price[open_money].sum()
    total = {reason: int(ledger.total[k].sum()) for k, reason in enumerate(REASONS)}
    paid = sold["paid_day"] > -30000
    back = np.isin(status, (CANCELLED, RETURNED))
    assert total["sale"] == price.sum()
    assert total["refund"] == price[back].sum()
    assert total["settlement"] == price[status == SETTLED].sum()
    tally = market.book.tally.sum(axis=(0, 3))
    assert (tally[COUNT["orders"]] == np.bincount(sold["product"][paid], minlength=len(world.product_names))).all()
    assert tally[COUNT["gmv"]].sum() == price[paid].sum()
    assert tally[COUNT["returned"]].sum() == (status == RETURNED).sum()
    assert tally[COUNT["cancelled"]].sum() == (status == CANCELLED).sum()
    # Consumers have paid in what they did not get back; they got rewards for notes and shares beside it.
    rewards = total["note_reward"] + total["share_reward"]
    assert ledger.balance[CONSUMERS] == -(price.sum() - price[back].sum()) + rewards
    start = (market.state.columns["units"].sum(axis=0) - np.bincount(
        sold["product"][paid], minlength=len(world.product_names)))
    assert (start >= 0).all()
    assert (start == np.round(start)).all()
    assert start.sum() == market.book.sold_before.sum()


def test_groups_are_whole(groups: Any) -> None:
    """V22: a complete group has its g paid members, an expired one has cancelled them all, nobody sits in two seats."""
    rows, orders = groups.state.table("groups").rows, groups.state.table("orders").rows
    seated = orders[orders["group"] >= 0]
    members = np.bincount(seated["group"], minlength=len(rows))
    assert len(rows) > 100
    assert (members == rows["members"]).all()
    for status, law in ((COMPLETE, rows["size"]), (FILLED, rows["size"])):
        assert (members == law)[rows["status"] == status].all()
    assert (members < rows["size"])[np.isin(rows["status"], (OPEN, EXPIRED))].all()
    of = rows["status"][seated["group"]]
    assert (seated["status"][of == EXPIRED] == CANCELLED).all()
    assert (seated["status"][of == OPEN] == RESERVED).all()
    assert not np.isin(seated["status"][of == COMPLETE], (RESERVED, CANCELLED)).any()
    hours = rows["closed"] - rows["opened"]
    assert (hours[rows["status"] != OPEN] >= 0).all()
    assert (rows["closed"] <= rows["deadline"] + 1e-9)[rows["status"] != OPEN].all()


def test_the_laws_notice_a_fault(limit: Any) -> None:
    """Control of V22: a fen gone from escrow, a unit sold that nobody bought, a unit owed: the run stops."""

    def lose_a_fen(market: Any) -> None:
        market.ledger.balance[ESCROW] -= 1

    def sell_one_unseen(market: Any) -> None:
        market.state.columns["sold"][0] += 1

    def owe_a_unit(market: Any) -> None:
        market.state.columns["stock"][0] = -2

    for fault in (lose_a_fen, sell_one_unseen, owe_a_unit):
        market = sim.Market(limit("nbd", market={"consumers": 500}), seed=1, check=True)
        market.step()
        fault(market)
        with pytest.raises(InvariantError):
            market.step()


def test_stock_is_never_lost(scenarios: Path) -> None:
    """V22: each of 100 packs (400 to the file's 20,000 people) is on hand, with somebody, or on its way."""
    market = lived(scenarios / "baseline.yaml", None, 4, **{
        "market.consumers": 5_000, "market.days": 60, "merchants.Mountleaf.products.tea.inventory": 400})
    orders, stock = market.state.table("orders").rows, int(market.state.columns["stock"][0])
    gone = ~np.isin(orders["status"], (CANCELLED, RETURNED))
    assert stock + gone.sum() == 100
    assert stock >= 0
    assert market.book.tally[:, COUNT["refused"]].sum() > 0


def test_littles_law(scenarios: Path) -> None:
    """V22: parcels on the way, summed over mornings, are the days the parcels were on the way: L = lambda W."""
    market = sim.Market(sim.load(scenarios / "baseline.yaml"), seed=5, check=True,
                        **{"market.consumers": 5_000, "market.days": 60})
    standing = 0
    while market.running:
        market.step()
        standing += int((market.state.table("orders").rows["status"] == SHIPPED).sum())
    orders = market.state.table("orders").rows
    shipped = orders[orders["shipped_day"] > -30000]
    arrived = np.where(shipped["delivered_day"] > -30000, shipped["delivered_day"], market.day)
    waits = arrived.astype(int) - shipped["shipped_day"]
    assert standing == waits.sum()
    stay = waits[shipped["delivered_day"] > -30000]
    law = market.scenario.logistics.delivery_days
    # Log-normal around the mean, rounded to days; at most one parcel a person a day, hence the plain error.
    assert abs(stay[shipped["shipped_day"][shipped["delivered_day"] > -30000] < 45].mean() - law) < 0.1
