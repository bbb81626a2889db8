"""Who of the creators asked is hired, against a plain account."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms.creators import LEAST, PURSE, TAKEN, Creators, _room

Asked = tuple[int, int, int, bool | None, int]
"""Tier, product offered, fee, what she says (None, who takes what fits her tier), and score."""

ASKED = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(1, 6), st.sampled_from([None, None, False, True]),
              st.integers(0, 5)),
    max_size=12,
)  # fmt: skip
FITS = np.array([[True, False], [True, True], [False, False]])


def hired(asked: list[Asked], purse: int) -> tuple[list[int], int, list[int]]:
    """Places of those who sign, what is left, and the fees of those who were asked themselves, in turn. The free stand
    in order of their keys, which fall with the place."""
    said: list[int] = []

    def mind(answer: bool) -> SimpleNamespace:
        def takes(offers: list[tuple[float, int, int]]) -> bool:
            said.append(round(100 * offers[0][0]))
            return answer

        return SimpleNamespace(takes=takes)

    found = object.__new__(Creators)
    found.tier = np.array([tier for tier, *_ in asked], int)
    found.own_mind = {k: mind(one[3]) for k, one in enumerate(asked) if one[3] is not None}
    found.alone = np.array([one[3] is not None for one in asked], bool)
    found.fits, found.room = FITS, _room(len(asked))
    room = found.room
    room.fen[:] = [one[2] for one in asked]
    room.asked[:] = room.fen / 100
    room.offered[:] = [one[1] for one in asked]
    room.free[:] = np.arange(len(asked))[::-1]
    room.score[:] = [one[4] for one in asked[::-1]]
    room.state[PURSE], room.state[LEAST] = purse, min(room.fen, default=0)
    found._taken(found._ranked(None, len(asked), {}), 0)
    return room.taken[: room.state[TAKEN]].tolist(), int(room.state[PURSE]), said


@given(ASKED, st.integers(0, 15))
def test_money_goes_down_the_list_to_those_who_fit_or_say_so(asked: list[Asked], purse: int) -> None:
    fits, wanted, left, consulted = {(0, 0), (1, 0), (1, 1)}, [], purse, []
    for k in sorted(range(len(asked)), key=lambda k: (asked[k][4], -k)):
        tier, product, fee, answer, _ = asked[k]
        if fee > left:
            continue
        if answer is not None:
            consulted.append(fee)
        if (tier, product) in fits if answer is None else answer:
            left -= fee
            wanted.append(k)
    assert hired(asked, purse) == (wanted, left, consulted)


def test_the_last_fen_still_hires() -> None:
    assert hired([(1, 0, 4, None, 0), (1, 0, 5, None, 1), (1, 0, 2, None, 2)], 6) == ([0, 2], 0, [])
