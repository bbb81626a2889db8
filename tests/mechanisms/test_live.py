"""Live sessions: the room is an M/G/infinity queue, thinking of buying a Poisson clock, limits and bills are exact."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from city import same
from hypothesis import given
from hypothesis import strategies as st
from stage import PLAN, STAGE, stage
from words import dense, kept

from sim.contract import CHANNEL, CHANNELS, Words
from sim.mechanisms.live import on_air
from sim.rng import day_key
from sim.rules.live import SOURCES, Sessions, _explained, _when, promised, scarcity, watch
from sim.state.exposures import table
from sim.state.ledger import REASON
from sim.state.records import OCCASION

LIVE = CHANNEL["live"]
FIT = 0.5
PEOPLE = 20_000


def sessions(length: float = 600.0, products: tuple[int, ...] = (0,), **more: Any) -> Sessions:
    """One session of the merchant's own, found in the feed."""
    single = {"key": np.uint64(9), "merchant": 0, "platform": 0, "category": 0, "author": -1, "start": 600.0,
              "length": length, "slot": 10.0, "follow": 0.0, "member": 0.0, "feed": 0.5, "bought": 0.0, "theta": 0.0,
              "trust": 1.0, "boost": 1.0, "dwell": 3.0, "urgency": np.uint8(50)} | more
    turns = len(products)
    return Sessions(**{name: np.array([value]) for name, value in single.items()}, first=np.array([0, turns]),
                    product=np.array(products), price=np.full(turns, 900), promise=np.full(turns, 0.9))


def watched(s: Sessions, people: int = PEOPLE, hazard: float = 0.1, fans: Any = ((0, 0), ())) -> dict[str, Any]:
    """What one block of people of medium interest does; everybody is on the platform and trusts as is prior."""
    indptr, followers = (np.array(x, np.int64) for x in fans)
    expectation = kept("expectation", np.full((people, 3), 0.5))
    shown, occasions = Words(people * 4), np.zeros(people, OCCASION)
    room, entries, stays = np.zeros((1, 1441), np.int32), np.zeros((1, len(SOURCES)), np.int64), np.zeros(1)
    shown.n, n = watch(
        0, people, np.arange(people, dtype=np.uint64), np.ones(people, np.uint32),
        kept("fit", np.full((people, 1), FIT)), np.zeros((people, 1), np.uint16), np.ones((people, 1), np.uint8),
        kept("trust_good", np.full((people, 1), 3.0)),
        kept("trust_bad", np.full((people, 1), 2.0)), np.zeros((0, 0), np.uint8),
        expectation, indptr, followers, s, 0.6, hazard, 2.0, np.arange(3, dtype=np.uint64),
        day_key(1, 61, 0), LIVE, shown.data, 0, occasions, 0, room, entries, stays)
    return {"shown": shown, "occasions": occasions[:n], "room": np.cumsum(room[0]), "entries": entries[0],
            "stays": stays[0], "expectation": expectation}  # fmt: skip


# ------------------------------------------------------------------------------------------------------- closed forms


@pytest.mark.parametrize("mean", [1.0, 3.0, 8.0])
def test_viewers_in_the_room_are_arrivals_times_stay(mean: float) -> None:
    """Little's law, L = lambda W, with W as declared; away from the ends of the session; variance = mean."""
    found = watched(sessions(dwell=mean))
    arrivals = PEOPLE * (1.0 - math.exp(-0.5)) / 600.0
    steady = found["room"][60:540]
    expected = arrivals * mean * (0.5 + FIT)
    correlated = math.sqrt(2.0 * mean / 480.0)
    assert steady.mean() == pytest.approx(expected, abs=4 * math.sqrt(expected) * correlated + 0.01 * expected)
    assert steady.var() == pytest.approx(expected, rel=0.5)
    assert found["room"][-1] == 0


def test_all_who_look_in_are_counted_by_where_they_came_from() -> None:
    found = watched(sessions(feed=0.2, bought=0.1))
    looked_in = 1.0 - math.exp(-0.3)
    error = 4 * math.sqrt(PEOPLE * looked_in * (1 - looked_in))
    assert found["entries"].sum() == pytest.approx(PEOPLE * looked_in, abs=error)
    assert found["entries"][3] / found["entries"].sum() == pytest.approx(1 / 3, abs=0.02)
    assert found["entries"][:2].sum() == 0


def test_only_followers_of_the_host_are_called() -> None:
    fans = np.arange(0, PEOPLE, 4)
    found = watched(sessions(feed=0.0, follow=0.7, author=0), fans=((0, len(fans)), fans))
    assert found["entries"][0] == pytest.approx(len(fans) * (1 - math.exp(-0.7)), rel=0.03)
    assert (table(found["shown"].rows)["row"] % 4 == 0).all()


def test_thinking_of_buying_is_a_poisson_clock() -> None:
    """P = h W/(1 + h W) for an exponential stay; W = 3 minutes."""
    found = watched(sessions(), hazard=0.2)
    expected = 0.6 / 1.6
    viewers = found["entries"].sum()
    assert len(found["occasions"]) / viewers == pytest.approx(expected, abs=4 * math.sqrt(0.25 / viewers))
    assert set(found["occasions"]["price"]) == {900}
    assert set(found["occasions"]["urgency"]) == {50}
    assert (found["occasions"]["hour"] >= 10.0).all()
    assert (found["occasions"]["hour"] <= 20.0).all()


def test_a_doubt_about_the_host_halves_the_clock() -> None:
    """Half the trust is half the hazard: h W/(1 + h W) at h/2."""
    found = watched(sessions(trust=0.5), hazard=0.2)
    assert len(found["occasions"]) / found["entries"].sum() == pytest.approx(0.3 / 1.3, abs=0.02)


def test_what_is_heard_moves_the_expectation_by_minutes() -> None:
    """Mean of exp(-t/2) over a stay of mean 3 is 1/(1 + 3/2): 60 % of the way from .5 to .9 on average."""
    found = watched(sessions())
    seen = np.unique(table(found["shown"].rows)["row"])
    moved = found["expectation"][seen, 0] / 8192 - 4.0
    assert moved.mean() == pytest.approx(0.5 + 0.4 * 0.6, abs=0.01)
    unseen = np.setdiff1d(np.arange(PEOPLE), seen)
    assert (found["expectation"][unseen, 0] / 8192 - 4.0 == pytest.approx(0.5, abs=1e-3))


def test_a_slot_bought_of_a_creator_is_seen_by_those_who_are_there() -> None:
    """One of 60 slots of 10 minutes: seen by arrivals in it and those who stay into it, (10 + W)/600."""
    found = watched(sessions(products=(*(-1,) * 30, 2, *(-1,) * 29)))
    saw = dense(found["shown"], PEOPLE, 3)[:, 2, LIVE].sum()
    viewers = found["entries"].sum()
    assert saw / viewers == pytest.approx(13.0 / 600.0, abs=4 * math.sqrt(13.0 / 600.0 / viewers))
    assert dense(found["shown"], PEOPLE, 3)[:, :2].sum() == 0


@given(begin=st.floats(0, 200), stay=st.floats(0.01, 300), slot=st.floats(1, 30), turns=st.integers(1, 6))
def test_minutes_explained_add_up_and_can_be_found_again(begin: float, stay: float, slot: float, turns: int) -> None:
    minutes = np.zeros(turns)
    _explained(begin, begin + stay, slot, turns, minutes)
    assert minutes.sum() == pytest.approx(stay, rel=1e-9)
    for k in range(turns):
        if minutes[k] > 1e-6:
            at = _when(begin, slot, turns, k, 0.5 * minutes[k])
            assert begin <= at <= begin + stay + 1e-9
            half = np.zeros(turns)
            _explained(begin, at, slot, turns, half)
            assert half[k] == pytest.approx(0.5 * minutes[k], abs=1e-6)


def test_scarcity_is_the_tighter_of_clock_and_stock() -> None:
    assert scarcity(0.3, 0.9) == 0.9
    assert scarcity(0.3, 0.0) == 0.3
    assert scarcity(0.0, 5.0) == 1.0


def test_the_evening_is_worth_more_than_the_night() -> None:
    assert on_air(0, 24) == pytest.approx(1.0)
    assert on_air(20, 3) > 3 / 24 > on_air(2, 3)
    assert on_air(9.5, 4.5) == pytest.approx(on_air(9.5, 1.0) + on_air(10.5, 3.5))


def test_on_camera_as_it_is_there_is_nothing_to_promise() -> None:
    assert promised(0.9, 0.7, 0.1, 1.0) == pytest.approx(0.7)
    assert promised(0.9, 0.7, 0.1, 0.0) == pytest.approx(1.0)
    assert promised(0.7, 0.7, 0.1, 0.5) == pytest.approx(0.75)


# ------------------------------------------------------------------------------------------------------- in a market

@pytest.fixture(scope="module")
def market() -> Any:
    return stage()


def test_orders_from_a_session_pay_the_live_price_and_keep_their_urgency(market: Any) -> None:
    orders = market.state.table("orders").rows
    mine = orders[(orders["last_touch"] == LIVE) & (orders["impulse"] == 1)]
    assert len(mine) > 50
    assert set(mine["price"][mine["product"] == market.world.product_names.index("Leaf.green")]) == {3600}
    assert set(mine["urgency"]) == {50}
    hours = mine["hour"] % 24
    assert (hours >= 19).all()
    assert (hours <= 23).all()
    assert (orders["urgency"][orders["last_touch"] != LIVE] == 0).all()


def test_the_creator_who_sold_it_earns_the_commission_and_the_slot(market: Any) -> None:
    log = market.mechanisms["live"].log
    hosted = [s for s in log if s.host == "star"]
    fees = market.ledger.total[REASON["live_host"], 0]
    own = [s for s in log if s.host == "brand"]
    studio = round(100 * 50 * 4 * market.world.scale)
    assert fees == len(hosted) * round(100 * market.creators[0].fee) + len(own) * studio
    orders = market.state.table("orders").rows
    orders = orders[(orders["last_touch"] == LIVE) & (orders["impulse"] == 1)]
    credited = (orders["creator"] >= 0).sum()
    assert credited == pytest.approx(sum(s.sold for s in hosted), abs=4 * math.sqrt(sum(s.sold for s in hosted) + 1))
    assert credited > 0
    assert market.ledger.total[REASON["commission"], 0] > 0


def test_bought_viewers_are_paid_for_once_they_have_come(market: Any) -> None:
    came = sum(int(s.viewers[3]) for s in market.mechanisms["live"].log)
    paid = market.ledger.total[REASON["live_traffic"], 0] / 100.0
    assert 0 < paid <= came * 1.0


def test_beyond_the_limit_there_is_nothing_and_next_time_it_is_felt() -> None:
    market = stage(days=8, **{f"{PLAN}.live.limit": 3, f"{PLAN}.live.countdown": 0.0})
    log = [s for s in market.mechanisms["live"].log if s.host == "brand"]
    assert all(s.sold == min(s.wanted, 3) for s in log)
    assert any(s.wanted > 3 for s in log)
    orders = market.state.table("orders").rows
    mine = orders[(orders["last_touch"] == LIVE) & (orders["impulse"] == 1)]
    assert (mine["urgency"][mine["day"] == log[0].day] == 0).all()
    assert (mine["urgency"] == 100).any()


def test_nobody_hosts_nothing_changes() -> None:
    """Without hosts the mechanism is as good as absent: same draws of everybody else, same world."""
    quiet = {f"{PLAN}.live": {}, f"{PLAN}.mix": {"ads": 1}}
    same(stage(10, **quiet), stage(10, **quiet, mechanisms__live__enabled=False))


def test_switched_off_it_shows_sells_and_spends_nothing() -> None:
    market = stage(7, merchants__Leaf__off=["live"])
    assert market.mechanisms["live"].log == []
    assert market.book.tally[:, :, :, CHANNELS.index("live")].sum() == 0
    assert market.ledger.total[[REASON["live_host"], REASON["live_traffic"]]].sum() == 0


@pytest.mark.parametrize(("change", "path", "words"), [
    ({"mix": {"live": 1}, "live": {}}, "mix.live", "nobody hosts"),
    ({"live": {"hosts": {"stra": 2}}}, "hosts.stra", "did you mean"),
    ({"live": {"hosts": {"brand": -1}}}, "hosts.brand", ">= 0"),
    ({"live": {"hosts": {"brand": 1}, "platform": "flim"}}, "live.platform", "did you mean"),
    ({"live": {"hosts": {"brand": 1}, "products": ["gren"]}}, "live.products", "did you mean"),
])  # fmt: skip
def test_a_plan_that_cannot_be_is_refused(change: dict[str, Any], path: str, words: str) -> None:
    from sim import load
    from sim.contract import ScenarioError

    with pytest.raises(ScenarioError) as caught:
        load(STAGE, set={f"{PLAN}.{key}": value for key, value in change.items()})
    assert any(path in str(p) and words in str(p) for p in caught.value.problems), str(caught.value)
