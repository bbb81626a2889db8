"""What the reports claim of live-streaming, in paired worlds: the same people and seeds, one thing changed.

Each test asserts the steps on the way, not the end alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from stage import PLAN, stage

from sim.contract import CHANNEL, COUNT
from sim.state.columns import numbers
from sim.state.ledger import REASON

LIVE = CHANNEL["live"]
SIZE = {"market.consumers": 2500, "market.days": 40, f"{PLAN}.budget_per_day": 4000}
OWN = {f"{PLAN}.live.hosts": {"brand": 7}}
STARS = {f"{PLAN}.live.hosts": {"star": 7}}
VIRTUAL = {f"{PLAN}.live.hosts": {"virtual": 7}}


def observed(**changes: Any) -> dict[str, float]:
    """What a lived world shows of its sessions."""
    market = stage(**SIZE, **changes)
    log = market.mechanisms["live"].log
    viewers = sum(int(s.viewers.sum()) for s in log)
    hours = sum(s.hours for s in log)
    orders = market.state.table("orders").rows
    live = orders[(orders["last_touch"] == LIVE) & (orders["impulse"] == 1)]
    came = live[live["delivered_day"] >= 0]
    tally = market.book.tally[:40].sum(axis=(0, 2))
    spent = market.ledger.total[[REASON["live_host"], REASON["live_traffic"]]].sum() / 100.0
    summary = market.tables()["summary"]
    return {
        "sessions": len(log), "hours": hours, "viewers": viewers, "viewers_per_hour": viewers / max(hours, 1),
        "followers": sum(int(s.viewers[0]) for s in log), "minutes": sum(s.minutes for s in log) / max(viewers, 1),
        "intents_per_viewer": sum(s.wanted for s in log) / max(viewers, 1), "orders": len(live),
        "orders_per_hour": len(live) / max(hours, 1), "cost_per_hour": spent / max(hours, 1),
        "urgency": float(live["urgency"].mean()) if len(live) else 0.0,
        "return_rate": float((came["status"] == 4).mean()) if len(came) else np.nan,
        "satisfaction": float(came["satisfaction"].mean()) if len(came) else np.nan,
        "promise": float(market.state.columns["signal"][:, LIVE].mean()),
        "expected": float(numbers(market.state.columns, "expectation").mean()),
        "aware": float(tally[COUNT["aware"], LIVE]), "gmv": summary["gmv"], "all_orders": summary["orders"],
        "commission": market.ledger.total[REASON["commission"]].sum() / 100.0,
        "fixed_per_order": spent / max(len(live), 1),
    }  # fmt: skip


_WORLDS: dict[str, dict[str, float]] = {}


def world(**changes: Any) -> dict[str, float]:
    """A world, lived once."""
    key = str(sorted(changes.items()))
    if key not in _WORLDS:
        _WORLDS[key] = observed(**changes)
    return _WORLDS[key]


def rises(chain: list[tuple[str, int]], without: dict[str, float], with_it: dict[str, float]) -> None:
    """Every link moves as said, from the first to the last."""
    for name, sign in chain:
        change = with_it[name] - without[name]
        assert change * sign > 0, f"{name} went from {without[name]:.4g} to {with_it[name]:.4g}"


def plan(**live: Any) -> dict[str, Any]:
    """Own sessions with these tactics."""
    return OWN | {f"{PLAN}.live.{name}": value for name, value in live.items()}


def test_live_sessions_are_seen_known_and_bought_from() -> None:
    """Y21: interest is met live and turns into orders at once; more of them come back than from the shelf."""
    off = observed(merchants__Leaf__off=["live"])
    on = world(**plan())
    rises([("viewers", 1), ("aware", 1), ("all_orders", 1), ("gmv", 1)], off, on)


def test_hype_is_paid_for_at_the_door() -> None:
    """Promise up, expectation up, satisfaction down, returns up."""
    chain = [("promise", 1), ("expected", 1), ("satisfaction", -1), ("return_rate", 1)]
    rises(chain, world(**plan(hype=0.0)), world(**plan(hype=1.0)))


def test_a_countdown_sells_on_impulse_and_returns() -> None:
    """Urgency up, intents a viewer up, returns up, though what was promised is the same."""
    calm, hurried = world(**plan(countdown=0.0)), world(**plan(countdown=1.0))
    rises([("urgency", 1), ("intents_per_viewer", 1), ("return_rate", 1)], calm, hurried)
    assert hurried["promise"] == calm["promise"]


def test_live_orders_return_as_the_trade_says() -> None:
    """Shelf .10-.15; live with hype .4 and full countdown .30-.50 (decision D10 computes .35)."""
    assert world(**plan(hype=0.0, countdown=0.0))["return_rate"] == pytest.approx(0.125, abs=0.045)
    assert 0.25 < world(**plan(hype=0.4, countdown=1.0))["return_rate"] < 0.5


def test_a_limit_that_runs_out_makes_the_next_session_scarcer() -> None:
    """Stock for three: sold out, remembered, urgency, returns."""
    free, short = world(**plan(countdown=0.0)), world(**plan(countdown=0.0, limit=3))
    rises([("orders", -1), ("urgency", 1), ("intents_per_viewer", 1), ("return_rate", 1)], free, short)


def test_what_is_seen_as_it_is_comes_back_less() -> None:
    """Y23: from the factory floor the promise is the product; expectation falls, satisfaction rises, returns fall."""
    studio, factory = world(**plan(hype=1.0)), world(**plan(hype=1.0, transparency=1.0))
    rises([("promise", -1), ("satisfaction", 1), ("return_rate", -1)], studio, factory)
    assert factory["return_rate"] / studio["return_rate"] < 0.85


def test_answering_viewers_keeps_them_and_sells() -> None:
    """Interaction: longer stays, more intents a viewer (report 001: +25 %)."""
    rises([("minutes", 1), ("intents_per_viewer", 1)], world(**plan(interaction=0.0)), world(**plan(interaction=1.0)))


def test_a_brand_of_its_own_pays_by_the_hour_a_star_by_the_slot_and_the_sale() -> None:
    """Y22: own hours cost studio and no commission, and every minute is one's own; a star gives ten of them."""
    star, own = world(**STARS), world(**OWN)
    rises([("commission", -1), ("intents_per_viewer", 1), ("orders", 1)], star, own)
    assert own["commission"] == 0


def test_buyers_become_the_followers_of_a_shop() -> None:
    """Y22: a shop begins without followers; those who bought come back to its sessions, until they leave it.

    No traffic is bought: its viewers would crowd followers out, who are counted under one source.
    """
    came = {}
    for lapse in (True, False):
        log = stage(**SIZE, **plan(traffic=0.0), mechanisms__loyalty__enabled=lapse).mechanisms["live"].log
        assert log[0].viewers[0] == 0
        came[lapse] = [sum(int(s.viewers[0]) for s in half) for half in (log[:20], log[20:])]
    assert came[False][1] > 1.2 * came[False][0] > 0
    assert came[False][1] > came[True][1]


def test_a_virtual_host_is_cheap_by_the_hour_and_believed_less() -> None:
    """Y24: more hours, a tenth of the cost an hour, more viewers in all, fewer intents a viewer and orders an hour."""
    chain = [("hours", 1), ("cost_per_hour", -1), ("viewers", 1), ("intents_per_viewer", -1), ("orders_per_hour", -1)]
    traffic = {f"{PLAN}.live.traffic": 0.0}
    rises(chain, world(**OWN, **traffic), world(**VIRTUAL, **traffic))
