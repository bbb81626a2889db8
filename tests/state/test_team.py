"""Work done side by side comes back in order, and is cut so that the cuts do not matter."""

from __future__ import annotations

import copy
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.sorting import NEAR
from sim.state.team import WORTHWHILE, Team, between_neighbours, neighbours


@pytest.mark.parametrize("threads", [1, 3])
def test_results_come_in_the_order_of_the_pieces(threads: int) -> None:
    team = Team(threads)
    first = threading.Event()

    def act(k: int) -> int:
        if k == 0 and threads > 1:
            first.wait(10.0)  # the first piece ends last
        elif k == 1:
            first.set()
        return k * k

    assert team.each(act, 9) == [k * k for k in range(9)]
    assert copy.deepcopy(team).threads == threads


def test_an_error_in_a_piece_is_the_caller_s() -> None:
    with pytest.raises(ZeroDivisionError):
        Team(2).each(lambda k: 1 // (k - 1), 3)


@given(rows=st.integers(0, 40_000), threads=st.integers(1, 5))
def test_pieces_are_whole_and_worth_a_thread(rows: int, threads: int) -> None:
    pieces = Team(threads).cut(rows)
    assert [b for _, b in pieces[:-1]] == [a for a, _ in pieces[1:]]
    assert (pieces[0][0], pieces[-1][1]) == (0, rows)
    assert len(pieces) == 1 or all(b - a >= WORTHWHILE for a, b in pieces)


@given(st.lists(st.integers(0, 6 << NEAR), max_size=60), st.integers(1, 6))
def test_no_person_is_in_two_pieces(people: list[int], count: int) -> None:
    person = np.array(people, np.int64)
    turn = neighbours(person, 7 << NEAR)
    cuts = [(len(turn) * k // count, len(turn) * (k + 1) // count) for k in range(count)]
    pieces = between_neighbours(person, turn, cuts)
    parts = [set(person[turn[a:b]].tolist()) for a, b in pieces]
    assert sum(map(len, parts)) == len(set(people))
    assert np.concatenate([turn[a:b] for a, b in pieces]).tolist() == turn.tolist()
