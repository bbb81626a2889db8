"""Good causes and classes of content: what is believed, worth and passed on, against slow bodies of the rules."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rng import entity_key, uniform
from sim.rules.causes import disbelieve, lean, premium, report
from sim.rules.classes import KINDS, alike, heard, together, watch
from sim.rules.experience import faded
from sim.rules.exposure import word
from sim.rules.packed import EVIDENCE, FACTOR, SHARE, TASTE, code_of, number_of

pytestmark = pytest.mark.jitoff

BASE, KEY = np.uint64(31), np.uint64(8)
N = 60
IDS = np.arange(900, 900 + N, dtype=np.uint64)
MERCHANT = np.array([0, 1, 1])


# ------------------------------------------------------------------------------------------------------------- causes


def test_the_premium_by_hand() -> None:
    assert premium(0.1, 0.2, 0.1) == pytest.approx(0.1)
    assert premium(0.3, 0.2, 0.1) == pytest.approx(0.15)
    assert premium(1.0, 0.2, 1.0) == pytest.approx(0.1)
    assert (premium(0.0, 0.2, 0.1), premium(0.0, 0.2, 0.0)) == (0.0, 0.0)


@pytest.mark.parametrize("tiers", [True, False])
def test_causes_lean_the_taste_and_can_be_taken_away(tiers: bool) -> None:
    rng = np.random.default_rng(4)
    care, belief = (rng.integers(0, 65536, shape).astype(np.uint16) for shape in ((N,), (N, 2)))
    good, bad = (rng.integers(600, 4000, (N, 2)).astype(np.uint16) for _ in range(2))
    sensitivity, tier = rng.integers(1000, 9000, N).astype(np.uint16), rng.integers(0, 3, (N, 2)).astype(np.int8)
    own = rng.integers(61_000, 62_500, (N, 3)).astype(np.uint16)
    taste, held = own.copy(), np.zeros((N, 3), np.int16)
    days = (([0.5, 0.0, 0.2], [0.0, 0.4, 0.3]), ([0.1, 2.5, 0.0], [0.2, 0.0, 0.0]), ([0.0] * 3, [0.0] * 3))
    for worth, reward in days:
        lean(np.array(worth), np.array(reward), MERCHANT, sensitivity, 1.5, care, belief, good, bad,
             tier if tiers else np.zeros((0, 2), np.int8), taste, held)  # fmt: skip
        for i in range(N):
            for p, m in enumerate(MERCHANT):
                trusted = int(good[i, m]) / (int(good[i, m]) + int(bad[i, m]))
                gain = worth[p] * number_of(care[i], SHARE) * trusted * number_of(belief[i, m], SHARE)
                gain += reward[p] * (tiers and tier[i, m] > 0)
                utils = 1.5 * number_of(sensitivity[i], FACTOR) * gain
                assert taste[i, p] == min(65535, int(own[i, p] + np.floor(utils * 1024 + 0.5))), (i, p)
                assert held[i, p] == int(taste[i, p]) - own[i, p]
    assert (taste == own).all()


def test_a_taste_at_its_top_gives_back_what_it_took() -> None:
    taste, held = np.array([[65_500]], np.uint16), np.zeros((1, 1), np.int16)
    one = (np.zeros(1, np.int64), np.array([code_of(1.0, FACTOR)], np.uint16), 1.0, np.array([65535], np.uint16),
           np.array([[65535]], np.uint16), np.array([[512]], np.uint16), np.zeros((1, 1), np.uint16),
           np.zeros((0, 1), np.int8), taste, held)  # fmt: skip
    lean(np.array([0.5]), np.zeros(1), *one)
    assert (taste[0, 0], held[0, 0], TASTE.top) == (65_535, 35, 65_535)
    lean(np.zeros(1), np.zeros(1), *one)
    assert (taste[0, 0], held[0, 0]) == (65_500, 0)


def test_the_only_member_gets_what_members_get() -> None:
    taste, held, u16 = np.array([[61_000]], np.uint16), np.zeros((1, 1), np.int16), np.zeros((1, 1), np.uint16)
    lean(np.zeros(1), np.array([0.5]), np.zeros(1, np.int64), np.array([code_of(1.0, FACTOR)], np.uint16), 1.0, u16[0],
         u16, u16, u16, np.ones((1, 1), np.int8), taste, held)  # fmt: skip
    assert (taste[0, 0], held[0, 0]) == (61_512, 512)


def test_a_report_is_read_by_some_and_moves_belief_to_the_truth() -> None:
    belief = np.tile(np.array([code_of(0.3, SHARE), code_of(0.9, SHARE)], np.uint16), (N, 1))
    orders = np.tile(np.array([[1, 0], [0, 1], [0, 2]]), (N // 3, 1))
    had = belief.copy()
    readers = 0
    count = report(IDS, KEY, 1, 0.5, 0.3, 0.8, 0.25, orders, BASE, belief)
    for i in range(N):
        reads = uniform(entity_key(BASE, IDS[i]), KEY) < (0.8 if i % 3 else 0.3)
        readers += reads
        assert belief[i, 1] == (code_of(number_of(had[i, 1], SHARE) * 0.75 + 0.125, SHARE) if reads else had[i, 1])
    assert count == readers
    assert 10 < readers < N - 10
    assert (belief[:, 0] == had[:, 0]).all()


def test_bad_news_of_a_false_claim_is_believed_once() -> None:
    told = np.array([[1, 1], [0, 1], [1, 0], [1, 1]], np.uint8)
    known = np.array([[0, 0], [0, 0], [1, 0], [0, 1]], np.uint8)
    belief = np.full((4, 2), code_of(0.8, SHARE), np.uint16)
    for _ in range(2):
        disbelieve(told, known, np.array([True, False]), 0.75, belief)
        low, high = code_of(0.2, SHARE), code_of(0.8, SHARE)
        assert belief.tolist() == [[low, high], [high, high], [high, high], [low, high]]
    assert known.tolist() == [[1, 1], [0, 1], [1, 0], [1, 1]]


# ------------------------------------------------------------------------------------------------------------ classes


def test_likeness_by_hand() -> None:
    assert alike(4.0, 2.0, 7.0, 0.1, 0.2) == pytest.approx((0.5, 0.2 * 6.0 + 0.1 * 4.0))
    assert alike(1.0, 0.5, 0.5, 0.1, 0.2) == pytest.approx((0.05, 0.1))
    assert alike(0.2, 0.3, 1.5, 0.5, 0.5) == pytest.approx((0.0, 0.35))
    assert together(3.0, 2.0, 0.5, 1.0) == pytest.approx(5.0 / 3.0 - 1.0)
    assert together(0.0, 2.0, 0.5, 1.0) == pytest.approx(1.0)
    assert together(0.5, 0.0, 0.25, 1.0) == pytest.approx(0.25)
    assert together(0.0, 0.0, 0.5, 1.0) == 0.0


def evidence(good: float, bad: float, since: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns of what N people think of two merchants."""
    return (np.full((N, 2), code_of(good, EVIDENCE), np.uint16), np.full((N, 2), code_of(bad, EVIDENCE), np.uint16),
            np.full((N, 2), since, np.int64))  # fmt: skip


PRIOR, HALF = np.array([3.0, 1.0]), 20.0


def after(good: float, bad: float, days: float, more: float, against: float) -> tuple[int, int]:
    """Codes of evidence after so many days and news, from the words of the rule."""
    a = faded(number_of(code_of(good, EVIDENCE), EVIDENCE), PRIOR[0], days, HALF)
    b = faded(number_of(code_of(bad, EVIDENCE), EVIDENCE), PRIOR[1], days, HALF)
    return code_of(a + more * b / (a + b), EVIDENCE), code_of(b + against, EVIDENCE)


@pytest.mark.parametrize(("since", "days"), [(10, 20.0), (30, 0.0), (35, 0.0)])
def test_news_of_trust_counts_for_the_distrust_that_is_left(since: int, days: float) -> None:
    good, bad, day = evidence(7.0, 4.0, since)
    heard(5, 1, 30, 0.8, 0.6, PRIOR, HALF, good, bad, day)
    assert (good[5, 1], bad[5, 1], day[5, 1]) == (*after(7.0, 4.0, days, 0.8, 0.6), 30)
    assert (np.delete(day.ravel(), 11) == since).all()
    assert (np.delete(good.ravel(), 11) == code_of(7.0, EVIDENCE)).all()


SHARES = np.array([0.2, 0.9])
AWARE = np.array([0.5, 0.2, 0.1, 0.7])


def test_each_post_does_what_its_class_does() -> None:
    assert KINDS == 8
    rng = np.random.default_rng(6)
    lo, channel, merchant = 10, 5, MERCHANT
    cells = [(row, p, s) for row in range(N - lo) for p in range(3) for s in range(2) if rng.random() < 0.5]
    times = rng.integers(1, 5, len(cells)).tolist()
    of = [channel if rng.random() < 0.9 else 2 for _ in cells]
    words = np.array([word(row, p, c, s, k) for (row, p, s), k, c in zip(cells, times, of, strict=True)], np.uint64)
    weight = rng.random((2, 3, 8)) + 0.3
    kinds = np.cumsum(weight, 2) / weight.sum(2, keepdims=True)
    kinds[1, 2, :] = [0.2, 0.4, 0.5, 0.5, 0.6, 0.7, 0.75, 0.75]  # the last kind has what is left
    at = np.arange(50, 56, dtype=np.uint64).reshape(2, 3)
    segment, flags = rng.integers(0, 2, N), rng.integers(0, 4, (N, 3)).astype(np.uint8)
    good, bad, since = evidence(7.0, 4.0, 30)
    passes, became, tally = np.zeros((N, 3), np.uint8), np.zeros(len(words) + 3, np.uint64), np.zeros(3, np.int64)
    knew, trusted, against, moved = flags.copy(), good.copy(), bad.copy(), since.copy()
    filled = watch(lo, 31, words, channel, IDS, segment, kinds, at, merchant, AWARE, 0.3, 0.6, 0.4, 0.25, SHARES, PRIOR,
                   HALF, BASE, flags, good, bad, since, passes, became, 3, tally)  # fmt: skip
    wanted, passed, met = [0, 0, 0], np.zeros((N, 3), np.uint8), set()
    for (row, p, s), k, c, w in zip(cells, times, of, words.tolist(), strict=True):
        if c != channel:
            continue
        i, m = lo + row, int(merchant[p])
        who = entity_key(entity_key(BASE, IDS[i]), at[s, p])
        kind = min(7, int(np.searchsorted(kinds[s, p], uniform(who, 0), side="right")))
        sort, by_ai = kind % 4, kind > 3
        if knew[i, p] % 2 == 0 and uniform(who, 1) < 1.0 - (1.0 - AWARE[sort]) ** k:
            knew[i, p] += 1
            wanted.append(w)
        noticed = by_ai and uniform(who, 2) < 1.0 - 0.6**k
        more = (0.3 * k * (0.4 if noticed else 1.0)) if sort == 2 else 0.0
        if more or noticed:
            days = 31.0 - moved[i, m]
            a = faded(number_of(trusted[i, m], EVIDENCE), PRIOR[0], days, HALF)
            b = faded(number_of(against[i, m], EVIDENCE), PRIOR[1], days, HALF)
            trusted[i, m] = code_of(a + more * (1.0 - a / (a + b)), EVIDENCE)
            against[i, m] = code_of(b + 0.25 * noticed, EVIDENCE)
            moved[i, m] = 31
        if sort == 3 and uniform(who, 3) < 1.0 - (1.0 - SHARES[segment[i]]) ** k:
            passed[i, p] = 1
        met.add((kind, bool(noticed)))
    assert met >= {(kind, seen) for kind in range(8) for seen in (False, True) if kind > 3 or not seen}
    assert (filled, became[:filled].tolist()) == (len(wanted), wanted)
    assert tally.tolist() == [sum((w >> 24) & 0xFFFF == p for w in wanted[3:]) for p in range(3)]
    for found, right in ((flags, knew), (passes, passed), (since, moved), (good, trusted), (bad, against)):
        assert (found == right).all()


def test_what_is_not_noticed_is_not_held_against_anybody() -> None:
    """A post of no class of trust, by hand or unnoticed, leaves evidence and its day alone."""
    good, bad, since = evidence(7.0, 4.0, 30)
    words = np.array([word(row, 0, 5, 0, 1) for row in range(N)], np.uint64)
    kinds = np.array([[[0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]]])
    filled = watch(0, 31, words, 5, IDS, np.zeros(N, np.int64), kinds, np.full((1, 1), 50, np.uint64),
                   np.zeros(1, np.int64), np.zeros(4), 0.3, 0.6, 0.0, 0.25, SHARES, PRIOR, HALF, BASE,
                   np.zeros((N, 1), np.uint8), good, bad, since, np.zeros((N, 1), np.uint8), np.zeros(N, np.uint64), 0,
                   np.zeros(1, np.int64))  # fmt: skip
    assert filled == 0
    assert (since == 30).all()
    assert (good == code_of(7.0, EVIDENCE)).all()
