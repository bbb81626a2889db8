"""Who of the creators asked is hired, against a plain account."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms.creators import KOL, Creators

ASKED = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(1, 6)), max_size=12)


def hired(asked: list[tuple[int, int, int]], purse: int) -> tuple[list[int], int]:
    """Places of those who sign, and what is left: creators of (tier, product offered, fee), asked in that order."""
    found = object.__new__(Creators)
    found.tier = np.array([tier for tier, _, _ in asked], int)
    found.fits, found.own_mind = [[True, False], [True, True], [False, False]], {}
    view = SimpleNamespace(purse=np.zeros((1, 20), np.int64))
    view.purse[0, KOL] = purse
    fen = np.array([fee for _, _, fee in asked], np.int64)
    offered = np.array([product for _, product, _ in asked], int)
    taken = found._taken(np.arange(len(asked)), offered, fen, fen / 100, 0, view)
    return taken, int(view.purse[0, KOL])


@given(ASKED, st.integers(0, 15))
def test_money_goes_down_the_list_to_those_who_fit(asked: list[tuple[int, int, int]], purse: int) -> None:
    fits, wanted, left = {(0, 0), (1, 0), (1, 1)}, [], purse
    for k, (tier, product, fee) in enumerate(asked):
        if (tier, product) in fits and fee <= left:
            left -= fee
            wanted.append(k)
    assert hired(asked, purse) == (wanted, left)


def test_the_last_fen_still_hires() -> None:
    assert hired([(1, 0, 4), (1, 0, 5), (1, 0, 2)], 6) == ([0, 2], 0)
