"""Group-buys against closed forms (case V13): invited friends, Poisson strangers, an open pool of pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.state.records import COMPLETE, EXPIRED, OPEN

YEAR = 365.25
OFTEN = [{"name": "good", "occasions_per_year": 3}]


def closed_groups(market: Any) -> np.ndarray:
    """Rows of the groups whose time ran out before the end: of later ones only the quick would be seen."""
    rows = market.state.table("groups").rows
    mine = rows[rows["deadline"] <= 24.0 * market.day]
    assert (mine["status"] != OPEN).all()
    return mine


def offer(size: int, hours: float = 24) -> list[dict[str, Any]]:
    """The seller's plan: groups of ``size`` at half the price, open for ``hours``."""
    return [{"name": "Seller", "plan": {"group": {"size": size, "hours": hours, "discount": 0.5}}}]


def test_invited_friends_fill_groups_binomially(limit: Callable[..., Any], live: Callable[..., Any]) -> None:
    """V13: ten friends who each accept w.p. .1 fill groups of 2, 3 and 5 w.p. .6513, .2639, .0128."""
    for size, expected in ((2, 0.6513), (3, 0.2639), (5, 0.0128)):
        market = live(limit("group", categories=OFTEN, merchants=offer(size)), size)
        groups = closed_groups(market)
        share = (groups["status"] == COMPLETE).mean()
        error = np.sqrt(expected * (1 - expected) / len(groups))
        assert len(groups) > 9000
        assert abs(share - expected) < 3 * error, (size, share)
        # One friend more or less is another law: .6862 and .6126 for pairs.
        if size == 2:
            assert min(abs(share - 0.6862), abs(share - 0.6126)) > 3 * error
        assert market.result().summary["group_completion"] == pytest.approx(share, rel=0.05)
        assert (groups["members"][groups["status"] == COMPLETE] == size).all()
        assert (groups["closed"] <= groups["deadline"] + 1e-9).all()


def test_strangers_fill_groups_like_poisson(limit: Callable[..., Any], live: Callable[..., Any]) -> None:
    """V13: one stranger expected while a group is open; 2, 3 and 5 people come together w.p. .6321, .2642, .0190."""
    arrivals = {"group_buy": {"invites": 0, "arrivals": 1}}
    for size, expected in ((2, 0.6321), (3, 0.2642), (5, 0.0190)):
        groups = closed_groups(live(limit("group", merchants=offer(size), mechanisms=arrivals), 10 + size))
        share = (groups["status"] == COMPLETE).mean()
        assert abs(share - expected) < 3 * np.sqrt(expected * (1 - expected) / len(groups)), (size, share)
    # Twice the rate for half the time is the same law.
    changes = {"merchants": offer(2, 12), "mechanisms": {"group_buy": {"invites": 0, "arrivals": 2}}}
    groups = closed_groups(live(limit("group", **changes), 20))
    assert abs((groups["status"] == COMPLETE).mean() - 0.6321) < 3 * np.sqrt(0.6321 * 0.3679 / len(groups))


@pytest.mark.parametrize(("x", "expected"), [(0.5, 0.565), (1.0, 0.775), (2.0, 0.927)])
def test_an_open_pool_matches_pairs(limit: Callable[..., Any], live: Callable[..., Any], x: float,
                                    expected: float) -> None:
    """V13: buyers come as a Poisson process, x of them in the life of a group, and take the open one if there is one;
    the share 2(1-e^-x)/(2-e^-x) is matched. Forty categories of one product each are forty pools."""
    pools, people, days = 40, 4000, int(160 / x)
    names = ["good", *(f"good{k}" for k in range(1, pools))]
    products = [{"name": "item" if c == "good" else f"item {c}", "category": c, "price": 100, "initial": {"aware": 1}}
                for c in names]
    need = {"occasions_per_year": x * YEAR / people, "occasion_shape": 1000}
    scenario = limit(
        "group", market={"consumers": people, "days": days},
        network={"kind": "well_mixed"},
        categories=[{"name": c, "reference_price": 100, **need} for c in names],
        platforms=[{"name": "market", "open_list": True}],
        mechanisms={"group_buy": {"invites": 0, "open_list": True}},
        merchants=[{**offer(2)[0], "products": products}],
    )
    groups = closed_groups(live(scenario, 1))
    complete, expired = (int((groups["status"] == s).sum()) for s in (COMPLETE, EXPIRED))
    share = 2 * complete / (2 * complete + expired)
    # Cycles are independent: by the delta method on their number that completed.
    done = 1 - np.exp(-x)
    error = np.sqrt(done * (1 - done) / len(groups)) * 2 / (1 + done) ** 2
    assert complete + expired > 3000
    assert abs(share - expected) < 3 * error + 0.0005, share
    assert abs(share - 2 * (1 - np.exp(-x / 2)) / (2 - np.exp(-x / 2))) > 6 * error
