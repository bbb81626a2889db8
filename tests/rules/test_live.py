"""A live session viewer by viewer, against a slow body of the same rule written from the equations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from rows import rows

from sim.rng import entity_key, uniform
from sim.rules.exposure import channel_of, count_of, platform_of, product_of, row_of
from sim.rules.live import DAY_MINUTES, Sessions, _explained, _when, boost, promised, scarcity, watch, whose
from sim.rules.packed import EVIDENCE, QUALITY, code_of, number_of
from sim.state.records import INTENT, OCCASION

pytestmark = pytest.mark.jitoff


def test_what_is_felt_and_promised() -> None:
    assert DAY_MINUTES == 24 * 60
    assert (scarcity(0.3, 0.6), scarcity(0.7, 0.6), scarcity(0.3, 4.0)) == (0.6, 0.7, 1.0)
    assert boost(0.5, 0.25, 2.0, 2.0, 4.0, 0.5) == pytest.approx(math.exp(3.0))
    assert promised(0.9, 0.6, 0.1, 0.0) == pytest.approx(1.0)
    assert promised(0.9, 0.6, 0.1, 0.75) == pytest.approx(0.7)
    assert promised(0.9, 0.6, 0.1, 1.0) == pytest.approx(0.6)


@pytest.mark.parametrize(("begin", "end", "minutes"), [
    (0.0, 5.0, [5.0, 0.0, 0.0]), (5.0, 25.0, [5.0, 10.0, 5.0]), (25.0, 42.0, [10.0, 2.0, 5.0]),
    (10.0, 10.0, [0.0, 0.0, 0.0]), (0.0, 40.0, [20.0, 10.0, 10.0]),
])  # fmt: skip
def test_products_are_explained_in_turn(begin: float, end: float, minutes: list[float]) -> None:
    found = np.full(4, 7.0)
    _explained(begin, end, 10.0, 3, found)
    assert found.tolist() == [*minutes, 7.0]


@pytest.mark.parametrize(("k", "explained", "when"), [
    (0, 3.0, 8.0), (0, 5.0, 10.0), (0, 6.0, 31.0), (1, 10.0, 20.0), (2, 4.0, 24.0), (2, 12.0, 52.0), (0, 15.0, 40.0),
])  # fmt: skip
def test_the_minute_at_which_enough_was_heard(k: int, explained: float, when: float) -> None:
    assert _when(5.0, 10.0, 3, k, explained) == pytest.approx(when)


N = 400
FANS = [np.array([350]), np.arange(3, 300, 3), np.array([330])]
"""Followers of three authors; the last one is not on air."""
SESSIONS = Sessions(
    key=np.array([9, 10, 11, 12], np.uint64), merchant=np.array([1, 0, 1, 0]), platform=np.array([1, 0, 1, 0]),
    category=np.array([0, 1, 1, 0]), author=np.array([-1, 1, -1, 0]), start=np.array([600.0, 1380.0, 60.0, 300.0]),
    length=np.array([90.0, 120.0, 60.0, 80.0]), slot=np.array([10.0, 7.0, 15.0, 9.0]),
    follow=np.array([0.5, 2.8, 0.0, 4.0]), member=np.array([0.4, 0.0, 0.0, 0.0]), feed=np.array([0.3, 0.2, 0.1, 0.1]),
    bought=np.array([0.2, 0.0, 0.4, 0.2]), theta=np.array([1.5, 0.5, 1.0, 0.8]), trust=np.array([1.2, 0.7, 0.5, 0.9]),
    boost=np.array([1.5, 2.0, 0.0, 1.0]), dwell=np.array([8.0, 12.0, 5.0, 9.0]),
    urgency=np.array([50, 20, 0, 5], np.uint8), first=np.array([0, 3, 5, 6, 8]),
    product=np.array([0, 2, 1, 1, -1, 2, 2, 0]), price=np.array([900, 800, 700, 600, 0, 500, 450, 300]),
    promise=np.array([0.9, 0.7, 0.2, 0.8, 0.0, 0.6, 0.3, 0.8]),
)  # fmt: skip
HAZARD, PRIOR, LEARNING, CHANNEL = 0.08, 0.6, 3.0, 9
HI = N


def crowd() -> dict[str, Any]:
    """Columns of N people of all kinds."""
    rng = np.random.default_rng(4)
    ids, visited = rng.integers(1, 10**9, N).astype(np.uint64), rng.integers(0, 4, N).astype(np.uint32)
    visited[[330, 350]] = 3
    return {
        "ids": ids, "visited": visited,
        "fit": rng.integers(0, 256, (N, 2)).astype(np.uint8), "bought": rng.integers(0, 2, (N, 2)).astype(np.uint16),
        "alive": rng.integers(0, 2, (N, 2)).astype(np.uint8), "good": rng.integers(300, 4000, (N, 2)).astype(np.uint16),
        "bad": rng.integers(300, 4000, (N, 2)).astype(np.uint16),
        "member": rng.integers(0, 2, (N, 2)).astype(np.uint8),
        "expectation": np.full((N, 3), code_of(0.5, QUALITY), np.uint16),
    }  # fmt: skip


KEYS = np.array([5, 6, 7], np.uint64)
BASE = np.uint64(12_345)
INDPTR = np.cumsum([0, *map(len, FANS)])
FOLLOWERS = np.concatenate(FANS)
L = len(SESSIONS.key)


def watched(people: dict[str, Any], lo: int, member: Any = None) -> dict[str, Any]:
    """What the rule makes of the crowd."""
    out, occasions = np.zeros(N * 8, np.uint64), rows(OCCASION, N * 4)
    room, entries, stays = np.zeros((L, DAY_MINUTES + 1), np.int32), np.zeros((L, 4), np.int64), np.zeros(L)
    expectation = people["expectation"].copy()
    filled, n = watch(lo, HI, people["ids"], people["visited"], people["fit"], people["bought"], people["alive"],
                      people["good"], people["bad"], people["member"] if member is None else member, expectation,
                      INDPTR, FOLLOWERS, SESSIONS, PRIOR, HAZARD, LEARNING, KEYS, BASE, CHANNEL, out, 2, occasions, 1,
                      room, entries, stays)  # fmt: skip
    words = [tuple(int(f(w)) for f in (row_of, product_of, channel_of, platform_of, count_of)) for w in out[2:filled]]
    return {"words": words, "occasions": occasions[1:n], "room": room, "entries": entries, "stays": stays,
            "expectation": expectation}  # fmt: skip


def told(people: dict[str, Any], lo: int, with_members: bool = True) -> dict[str, Any]:
    """The same told slowly: who looks in, how long each product is explained to whom, who thinks of buying when."""
    s = SESSIONS
    words, thoughts = [], []
    room, entries, stays = np.zeros((L, DAY_MINUTES + 1), int), np.zeros((L, 4), int), np.zeros(L)
    beliefs = np.array([[number_of(c, QUALITY) for c in row] for row in people["expectation"]])
    for x in range(L):
        m, shown = s.merchant[x], s.product[s.first[x] : s.first[x + 1]]
        for i in range(lo, HI):
            here = bool(people["visited"][i] >> int(s.platform[x]) & 1)
            fit = people["fit"][i, s.category[x]] / 255
            own = s.author[x] < 0
            fan = bool(people["bought"][i, m] and people["alive"][i, m]) if own else i in FANS[s.author[x]]
            member = with_members and people["visited"][i] > 0 and people["member"][i, m]
            keen = math.exp(s.theta[x] * (fit - 0.5)) * here
            rates = [s.follow[x] * (here and fan), s.member[x] * bool(member), s.feed[x] * keen, s.bought[x] * keen]
            who = entity_key(entity_key(BASE, s.key[x]), people["ids"][i])
            if sum(rates) == 0 or uniform(who, 0) >= 1 - math.exp(-sum(rates)):
                continue
            entries[x, int(np.searchsorted(np.cumsum(rates), uniform(who, 1) * sum(rates), side="right"))] += 1
            begin = s.length[x] * uniform(who, 2)
            end = min(begin - math.log(1 - uniform(who, 3)) * s.dwell[x] * (0.5 + fit), s.length[x])
            stays[x] += end - begin
            room[x, math.ceil(begin)] += 1
            room[x, math.ceil(end)] -= 1
            good, bad = (number_of(people[k][i, m], EVIDENCE) for k in ("good", "bad"))
            hazard = HAZARD * s.trust[x] * (good / (good + bad) / PRIOR if own else 1.0) * (0.5 + fit) * s.boost[x]
            first = None
            for k, p in enumerate(shown):
                grid = [(max(begin, w * s.slot[x]), min(end, (w + 1) * s.slot[x])) for w in range(k, 99, len(shown))]
                pieces = [(a, b) for a, b in grid if b > a]
                minutes = sum(b - a for a, b in pieces)
                if p < 0 or minutes <= 0:
                    continue
                words.append((i - lo, int(p), CHANNEL, int(s.platform[x]), 1))
                beliefs[i, p] += (1 - math.exp(-minutes / LEARNING)) * (s.promise[s.first[x] + k] - beliefs[i, p])
                left = -math.log(1 - uniform(entity_key(who, np.uint64(4)), KEYS[p])) / hazard if hazard else math.inf
                for a, b in pieces if left < minutes else ():
                    if left <= b - a:
                        if first is None or a + left < first[0]:
                            first = (a + left, k)
                        break
                    left -= b - a
            if first is not None:
                at, k = first
                thoughts.append((int(s.key[x]), i - lo, int(shown[k]), int(s.platform[x]), int(s.price[s.first[x] + k]),
                                 int(s.urgency[x]), min(23.9999, (s.start[x] + at) / 60)))  # fmt: skip
    return {"words": words, "thoughts": thoughts, "room": room, "entries": entries, "stays": stays, "beliefs": beliefs}


@pytest.mark.parametrize(("members", "lo"), [(True, 20), (False, 20), (True, 2)])
def test_the_session_is_what_the_equations_say(members: bool, lo: int) -> None:
    people = crowd()
    found = watched(people, lo, None if members else np.zeros((0, 0), np.uint8))
    wanted = told(people, lo, members)
    assert found["words"] == wanted["words"]
    np.testing.assert_array_equal(found["room"], wanted["room"])
    np.testing.assert_array_equal(found["entries"], wanted["entries"])
    np.testing.assert_allclose(found["stays"], wanted["stays"])
    got = [(*(int(o[f]) for f in ("key", "row", "product", "platform", "price", "urgency")), float(o["hour"]))
           for o in found["occasions"]]  # fmt: skip
    assert len(got) == len(wanted["thoughts"]) > 40
    for mine, theirs in zip(got, wanted["thoughts"], strict=True):
        assert mine[:-1] == theirs[:-1]
        assert mine[-1] == pytest.approx(theirs[-1], abs=1e-5)
    assert set(found["occasions"]["category"]) == {-1}
    assert set(found["occasions"]["channel"]) == {CHANNEL}
    assert found["occasions"]["hour"].max() == pytest.approx(23.9999, abs=1e-5)
    kept = np.array([[number_of(c, QUALITY) for c in row] for row in found["expectation"]])
    np.testing.assert_allclose(kept, wanted["beliefs"], atol=3e-4)
    assert (found["expectation"][:lo] == code_of(0.5, QUALITY)).all()
    assert (found["entries"] > 0).sum() >= (10 if members else 9)


def test_intents_know_their_session() -> None:
    sessions = np.array([9, 10], np.uint64)
    ids = np.array([100, 200], np.uint64)

    def key(i: int, p: int, session: int, day: int = 6) -> int:
        return int(entity_key(entity_key(entity_key(ids[i], KEYS[p]), np.uint64(day)), np.uint64(session)))

    intents = rows(INTENT, 6, consumer=[0, 1, 1, 0, 0, 1], product=[0, 2, 2, 1, 1, 2],
                   channel=[CHANNEL, CHANNEL, 1, CHANNEL, CHANNEL, CHANNEL], impulse=[1, 1, 1, 0, 1, 1],
                   key=[key(0, 0, 9), key(1, 2, 10), key(1, 2, 10), key(0, 1, 9), 77, key(1, 2, 10, 5)])  # fmt: skip
    out = np.full(6, 5)
    whose(intents, CHANNEL, ids, KEYS, 6, sessions, out)
    assert out.tolist() == [0, 1, -1, -1, -1, -1]
