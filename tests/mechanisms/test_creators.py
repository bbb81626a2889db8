"""Who of the creators asked is hired, against a plain account."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms.creators import KOL, Creators, Room

Asked = tuple[int, int, int, bool | None]
"""Tier, product offered, fee, and what she says: None, who takes what fits her tier."""

ASKED = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(1, 6), st.sampled_from([None, None, False, True])),
    max_size=12,
)


def hired(asked: list[Asked], purse: int) -> tuple[list[int], int, list[int]]:
    """Places of those who sign, what is left, and the fees of those who were asked themselves, in turn."""
    said: list[int] = []

    def mind(answer: bool) -> SimpleNamespace:
        def takes(offers: list[tuple[float, int, int]]) -> bool:
            said.append(round(100 * offers[0][0]))
            return answer

        return SimpleNamespace(takes=takes)

    found = object.__new__(Creators)
    found.tier = np.array([tier for tier, _, _, _ in asked], int)
    found.own_mind = {k: mind(answer) for k, (_, _, _, answer) in enumerate(asked) if answer is not None}
    found.alone = np.array([answer is not None for *_, answer in asked], bool)
    found.fits = np.array([[True, False], [True, True], [False, False]])
    view = SimpleNamespace(purse=np.zeros((1, 20), np.int64))
    view.purse[0, KOL] = purse
    fen = np.array([fee for _, _, fee, _ in asked], np.int64)
    offered = np.array([product for _, product, _, _ in asked], int)
    found.room = Room(fen / 100, fen, offered, *np.zeros((3, 0)))
    taken = found._taken(np.arange(len(asked)), view, 0).tolist()
    return taken, int(view.purse[0, KOL]), said


@given(ASKED, st.integers(0, 15))
def test_money_goes_down_the_list_to_those_who_fit_or_say_so(asked: list[Asked], purse: int) -> None:
    fits, wanted, left, consulted = {(0, 0), (1, 0), (1, 1)}, [], purse, []
    for k, (tier, product, fee, answer) in enumerate(asked):
        if fee > left:
            continue
        if answer is not None:
            consulted.append(fee)
        if (tier, product) in fits if answer is None else answer:
            left -= fee
            wanted.append(k)
    assert hired(asked, purse) == (wanted, left, consulted)


def test_the_last_fen_still_hires() -> None:
    assert hired([(1, 0, 4, None), (1, 0, 5, None), (1, 0, 2, None)], 6) == ([0, 2], 0, [])
