"""Stores, reading, followers, listings: who looks at what and thinks of buying it, against slow bodies of the rules."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numba import njit
from rows import rows

from sim.rng import entity_key, normal, uniform
from sim.rules.experience import faded, satisfaction
from sim.rules.exposure import word
from sim.rules.following import followers_see
from sim.rules.listings import Listed, best_listing
from sim.rules.packed import EVIDENCE, FELT, QUALITY, code_of, number_of
from sim.rules.reading import keen, read, try_it
from sim.rules.store import goes, looks, stroll
from sim.rules.wishes import think, want
from sim.state.records import INTENT, OCCASION

pytestmark = pytest.mark.jitoff

BASE = np.uint64(77)
IDS = np.arange(500, 620, dtype=np.uint64)
KEYS = np.array([901, 902, 903, 904], np.uint64)
CATEGORY = np.array([3, 1, 2, 5])
LO = 7


def used(kind: np.dtype[Any], n: int) -> Any:
    """Records of a kind that hold what was there before."""
    out = rows(kind, n)
    out.view(np.uint8)[:] = 77
    return out


def occasion(row: int, product: int, key: int, channel: int, platform: int) -> tuple[Any, ...]:
    """A thought at the price of the shelf, of no urgency, at an hour still to be drawn."""
    return int(key), row, 0, -1.0, product, int(CATEGORY[product]), channel, platform, 0


# ------------------------------------------------------------------------------------------------------------ records


@njit
def _thought(out: Any) -> int:
    return think(out, 1, np.uint64(9), 4, 2, 5, 3, 6)


@njit
def _wanted(out: Any) -> int:
    return want(out, 1, np.uint64(9), 7.5, 4, 1200, 2, 6, 3)


def test_every_field_of_a_record_is_written() -> None:
    thoughts, wants = used(OCCASION, 3), used(INTENT, 3)
    before = thoughts.tolist(), wants.tolist()
    assert _thought(thoughts) == 2
    assert _wanted(wants) == 2
    names = dict(zip(OCCASION.names or (), thoughts[1].tolist(), strict=True))
    assert names == {"key": 9, "row": 4, "price": 0, "hour": -1.0, "product": 2, "category": 5, "channel": 3,
                     "platform": 6, "urgency": 0}  # fmt: skip
    names = dict(zip(INTENT.names or (), wants[1].tolist(), strict=True))
    assert names == {"key": 9, "hour": 7.5, "consumer": 4, "price": 1200, "product": 2, "platform": 6, "mode": 0,
                     "channel": 3, "impulse": 0, "sees": 0, "coupon": 0, "points": 0, "urgency": 0}  # fmt: skip
    assert [thoughts.tolist()[k] for k in (0, 2)] == [before[0][k] for k in (0, 2)]
    assert [wants.tolist()[k] for k in (0, 2)] == [before[1][k] for k in (0, 2)]


# -------------------------------------------------------------------------------------------------------------- store


def test_going_and_looking_by_hand() -> None:
    assert goes(0.2, 3.0, 6.0, 0.5, 0) == pytest.approx(0.2 * math.exp(-0.5))
    assert goes(0.2, 3.0, 6.0, 0.5, 1) == pytest.approx(1.0 - (1.0 - 0.2 * math.exp(-0.5)) * 0.5)
    assert goes(0.2, 0.0, 6.0, 0.25, 1) == pytest.approx(0.4)
    assert [looks(s, 0.2) for s in (-3.0, -0.5, 0.0, 0.5, 1.5, 4.0)] == pytest.approx([0.0, 0.0, 0.2, 0.4, 0.8, 0.8])
    assert looks(1.5, 0.5) == 1.0


def test_visitors_see_what_stands_beside_and_think_of_one_thing() -> None:
    n = 90
    people, bought = np.arange(LO, LO + n), np.arange(n) % 3
    pleased, platform = np.tile([-0.4, 0.1, 0.3, 2.0], n)[:n], np.arange(n) % 2
    keys = np.arange(3000, 3000 + n, dtype=np.uint64)
    first, others = np.array([0, 3, 3, 5]), np.array([1, 3, 2, 0, 3])
    out, occasions = np.zeros(4 * n, np.uint64), used(OCCASION, n + 5)
    shown, found = stroll(LO, people, bought, pleased, keys, first, others, KEYS, CATEGORY, platform, 8, 0.3, BASE,
                          out, 2, occasions, 4)  # fmt: skip
    words, thoughts = [0, 0], []
    for x in range(n):
        beside = [[1, 3, 2], [], [0, 3]][bought[x]]
        words += [int(word(x, q, 8, int(platform[x]), 1)) for q in beside]
        who = entity_key(BASE, keys[x])
        if beside and uniform(who, 0) < looks(pleased[x], 0.3):
            q = beside[int(uniform(who, 1) * len(beside))]
            thoughts.append(occasion(x, q, entity_key(keys[x], KEYS[q]), 8, int(platform[x])))
    assert (shown, found) == (len(words), 4 + len(thoughts))
    assert out[:shown].tolist() == words
    assert occasions[4:found].tolist() == thoughts
    assert {t[4] for t in thoughts} == {0, 1, 2, 3}


# ------------------------------------------------------------------------------------------------------------ reading


def tries(**change: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is kept before and after 160 pages were opened, half of them twice."""
    n, rng = 80, np.random.default_rng(3)
    kept = {
        "tried": np.zeros((LO + n, 3), np.int8), "expectation": np.full((LO + n, 3), code_of(0.6, QUALITY), np.uint16),
        "experience": np.full((LO + n, 3), code_of(0.5, FELT), np.uint16),
        "good": np.full((LO + n, 2), code_of(6.0, EVIDENCE), np.uint16),
        "bad": np.full((LO + n, 2), code_of(3.0, EVIDENCE), np.uint16), "since": np.full((LO + n, 2), 10, np.int64),
        "tally": np.zeros((3, 5), np.int64),
    }
    kept["tried"][LO : LO + 5] = 1
    words = np.array([word(int(i), int(p), int(c), 0, 1) for i, p, c in zip(
        rng.integers(0, n, 160), rng.integers(0, 3, 160), rng.integers(1, 5, 160), strict=True)], np.uint64)
    given = {"reads": 0.8, "theta": 0.5, "rate": 0.4, "prior": np.array([2.0, 1.0]), "half_life": 20.0,
             "bad_weight": 2.0, "bad_below": -0.3, "trial": np.array([0.3, 0.0, 0.7]),
             "quality": np.array([0.55, 0.5, 0.7]), "spread": np.array([0.1, 0.1, 0.3]),
             "sigma": np.array([0.15, 0.2, 0.3]), "words": words} | change
    before = {name: column.copy() for name, column in kept.items()}
    try_it(LO, 30, given["words"], IDS, KEYS, np.array([0, 0, 1]), given["trial"], given["quality"], given["spread"],
           given["sigma"], given["reads"], given["theta"], given["rate"], given["prior"], given["half_life"],
           given["bad_weight"], given["bad_below"], BASE, kept["tried"], kept["expectation"], kept["experience"],
           kept["good"], kept["bad"], kept["since"], kept["tally"])  # fmt: skip
    return before | given, kept


@pytest.mark.parametrize("change", [
    {}, {"sigma": np.array([0.001, 0.2, 0.002])}, {"spread": np.array([4.0, 0.1, 4.0]), "sigma": np.full(3, 0.1)},
    {"spread": np.zeros(3), "quality": np.full(3, 0.65), "sigma": np.full(3, 0.004)},
], ids=["usual", "hardly any noise", "beyond the bounds", "noise under the floor"])  # fmt: skip
def test_a_trial_is_a_part_of_the_experience(change: dict[str, Any]) -> None:
    had, now = tries(**change)
    wanted = {name: had[name].copy() for name in now}
    for w in had["words"].tolist():
        i, p, channel = LO + (w >> 40), (w >> 24) & 0xFFFF, (w >> 16) & 0xFF
        who, m, part = entity_key(entity_key(BASE, IDS[i]), KEYS[p]), p // 2, had["trial"][p]
        if part == 0.0 or wanted["tried"][i, p] or uniform(who, 0) >= had["reads"]:
            continue
        wanted["tried"][i, p] = 1
        wanted["tally"][p, channel] += 1
        met = had["quality"][p] + had["spread"][p] * normal(who, 1)
        expected = number_of(wanted["expectation"][i, p], QUALITY)
        felt = satisfaction(float(np.clip((met - expected) / max(0.01, had["sigma"][p]), -8.0, 8.0)), had["theta"])
        wanted["expectation"][i, p] = code_of(expected + part * (met - expected), QUALITY)
        old = number_of(wanted["experience"][i, p], FELT)
        wanted["experience"][i, p] = code_of(old + part * had["rate"] * (felt - old), FELT)
        days = 30.0 - wanted["since"][i, m]
        for name, prior, more in (("good", 2.0, part if felt >= -0.3 else 0.0),
                                  ("bad", 1.0, part * 2.0 if felt < -0.3 else 0.0)):  # fmt: skip
            number = faded(number_of(wanted[name][i, m], EVIDENCE), prior, days, had["half_life"])
            wanted[name][i, m] = code_of(number + more, EVIDENCE)
        wanted["since"][i, m] = 30
    for name in ("tried", "tally", "since", "good", "bad", "expectation", "experience"):
        assert (now[name] == wanted[name]).all(), name
    assert now["tally"][1].sum() == 0
    assert now["tally"].sum() > 50


def test_evidence_of_a_day_to_come_does_not_fade() -> None:
    def same(code: int) -> Any:
        return np.full((LO + 1, 1), code, np.uint16)

    good, since = same(code_of(6.0, EVIDENCE)), np.full((LO + 1, 1), 40, np.int64)
    try_it(LO, 30, np.array([word(0, 0, 1, 0, 1)], np.uint64), IDS, KEYS, np.zeros(1, np.int64), np.ones(1), np.ones(1),
           np.zeros(1), np.ones(1), 1.0, 0.5, 0.4, np.array([2.0, 1.0]), 20.0, 2.0, -9.0, BASE, same(0),
           same(code_of(1.0, QUALITY)), same(code_of(0.0, FELT)), good, same(code_of(1.0, EVIDENCE)), since,
           np.zeros((1, 2), np.int64))  # fmt: skip
    assert number_of(good[LO, 0], EVIDENCE) == 7.0


def test_the_pleased_read_more() -> None:
    assert [keen(x) for x in (-2.0, -0.5, -0.25, 0.0, 0.5, 3.0)] == [0.0, 0.0, 0.25, 0.5, 1.0, 1.0]


def test_readers_hear_of_what_is_spoken_of() -> None:
    lo, hi, day, channel = 7, 115, 12, 4
    first, others = np.array([0, 2, 2, 3, 4]), np.array([1, 3, 0, 2])
    rng = np.random.default_rng(8)
    until = rng.integers(9, 16, (len(IDS), 4))
    felt = np.full((len(IDS), 4), code_of(0.3, FELT), np.uint16)
    visited = rng.integers(0, 8, len(IDS)).astype(np.uint32)
    flags = rng.integers(0, 4, (len(IDS), 4)).astype(np.uint8)
    tally, occasions, knew = np.zeros(4, np.int64), used(OCCASION, 400), flags.copy()
    n = read(lo, hi, day, until, IDS, KEYS, first, others, felt, CATEGORY, visited, 3, 0.9, 0.6, BASE, channel, flags,
             tally, occasions, 3)  # fmt: skip
    thoughts, heard = [], np.zeros(4, np.int64)
    for i in range(lo, hi):
        for p, spoken in ((0, [(1, 1), (2, 3)]), (2, [(3, 0)]), (3, [(4, 2)])):
            who = entity_key(entity_key(BASE, IDS[i]), KEYS[p])
            if until[i, p] < day or uniform(who, 0) >= 0.9 * (0.5 + number_of(felt[i, p], FELT)):
                continue
            for slot, q in spoken:
                heard[q] += knew[i, q] & 1 == 0
                knew[i, q] |= 1
                if uniform(who, slot) < 0.6:
                    opened = [s for s in range(3) if visited[i] & (1 << s)]
                    thoughts.append(occasion(i - lo, q, entity_key(who, KEYS[q]), channel, opened[0] if opened else 2))
    assert n == 3 + len(thoughts)
    assert occasions[3:n].tolist() == thoughts
    assert tally.tolist() == heard.tolist()
    assert (flags == knew).all()
    assert {t[7] for t in thoughts} == {0, 1, 2}


# ---------------------------------------------------------------------------------------------- followers and listings


def test_followers_on_the_platform_see_the_post() -> None:
    lo, hi = 20, 100
    lists: list[list[int]] = [list(range(1, 120, 3)), list(range(25, 120)), []]
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in lists])])
    followers = np.concatenate([np.array(one, np.int64) for one in lists])
    visited = np.random.default_rng(2).integers(0, 8, 120).astype(np.uint32)
    visited[[lo - 1, lo, hi - 1, hi]] = 7
    author, product, platform = np.array([0, 1, 2, 0]), np.array([2, 0, 1, 1]), np.array([1, 0, 0, 2])
    keys, chance = np.array([41, 42, 43, 44], np.uint64), np.array([0.5, 0.8, 1.0, 0.3])
    out = np.zeros(400, np.uint64)
    n = followers_see(lo, hi, IDS, visited, indptr, followers, author, product, platform, keys, chance, 6, BASE, out, 2)
    wanted = [0, 0]
    for x in range(4):
        for i in lists[author[x]]:
            opened = (int(visited[i]) >> int(platform[x])) % 2 == 1
            if lo <= i < hi and opened and uniform(entity_key(BASE, keys[x]), IDS[i]) < chance[x]:
                wanted.append(int(word(i - lo, int(product[x]), 6, int(platform[x]), 1)))
    assert n == len(wanted)
    assert out[:n].tolist() == wanted


@njit
def _best(p: int, here: int, click: bool, listed: Any) -> Any:
    return best_listing(p, here, click, 2.0, 100.0, listed)


@pytest.mark.parametrize(("p", "here", "click", "wanted"), [
    (0, 0, True, (0, 0.1)),  # a click takes the listing in place
    (0, 1, True, (1, -0.2)),
    (0, 9, True, (3, 0.4)),  # none in place: the best, friction counted
    (0, 0, False, (3, 0.4)),  # a need looks about
    (0, 3, False, (3, 0.0)),  # and finds it cheaper where it is
    (1, 5, False, (4, 0.7)),
    (1, 2, True, (4, 0.3)),
    (2, 0, False, (5, 0.4)),  # of two that are alike the first
])  # fmt: skip
def test_the_listing_that_is_taken(p: int, here: int, click: bool, wanted: tuple[int, float]) -> None:
    listed = Listed(np.array([0, 4, 5, 7]), np.array([0, 1, 2, 3, 2, 1, 4]), np.array([90, 100, 95, 60, 30, 50, 50]),
                    np.array([0.1, -0.2, 0.5, 0.0, 0.3, 0.0, 0.0]), 0.4)  # fmt: skip
    won, beside = _best(p, here, click, listed)
    assert (won, beside) == (wanted[0], pytest.approx(wanted[1]))


def test_nearness_outweighs_a_small_gain_in_price() -> None:
    """At 2 util for a price of 100 and .4 for another place, ten cheaper is not enough and thirty is."""
    for price, wanted in ((90, 0), (70, 1)):
        listed = Listed(np.array([0, 2]), np.array([0, 1]), np.array([100, price]), np.zeros(2), 0.4)
        assert _best(0, 0, False, listed)[0] == wanted
