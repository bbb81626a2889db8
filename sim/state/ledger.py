"""The books: integer fen between named accounts. Every transfer is double-entry, so balances always sum to zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit

from sim.state.records import Table

REASONS: tuple[str, ...] = (
    "sale",
    "refund",
    "settlement",
    "goods",
    "freight",
    "return_freight",
    "platform_fee",
    "commission",
    "ads",
    "slot_fee",
    "note_reward",
    "sample",
    "community",
    "service",
    "salvage",
    "capital",
    "stock",
    "share_reward",
    "referral",
    "distribution",
    "supply",
    "storage",
    "region",
    "subsidy",
    "subsidy_back",
    "review_reward",
    "fake_orders",
    "counterfeit",
    "fine",
    "compensation",
    "verification",
    "assurance",
    "hand_over",
    "crm",
    "care",
    "member_fee",
    "points_earned",
    "points_spent",
    "points_expired",
    "live_host",
    "live_traffic",
    "own_posts",
    "donation",
    "charity_report",
    "agency",
)
OWED: tuple[str, ...] = ("referral", "distribution")
"""Reasons under which a merchant comes to owe what is paid later: fen int64[M] each in the shared table ``owed``."""
REASON = {name: code for code, name in enumerate(REASONS)}
CONSUMERS, ESCROW, SUPPLIER, CARRIER, OWNERS, STATE = range(6)
_FIXED = ("consumers", "escrow", "supplier", "carrier", "owners", "state")
PARTIES = (*_FIXED, "brand", "rivals", "platforms", "creators", "points", "charity", "agencies")
"""Kinds of accounts among which the watched merchant's money is followed: ``brand`` is that merchant itself."""


@njit(nogil=True, cache=True)
def _pay(bills: Any, balance: Any, flow: Any, party: Any, paths: Any, watched: int) -> int:
    """Pay one bill after another; the place of the first that is negative, or -1."""
    for k in range(len(bills)):
        bill = bills[k]
        if bill.fen < 0:
            return k
        balance[bill.source] -= bill.fen
        balance[bill.target] += bill.fen
        flow[bill.reason, bill.merchant] += bill.fen
        if bill.merchant == watched:
            paths[bill.reason, party[bill.source], party[bill.target]] += bill.fen
    return -1


OWN = -1
"""In an entry: the account of the merchant whom it concerns."""


def entries(*rows: tuple[int, int, str]) -> np.ndarray:
    """int64[n, 3], who pays, who is paid and the reason: what :meth:`Ledger.owe` is told of each row of money."""
    return np.array([(source, target, REASON[reason]) for source, target, reason in rows], np.int64)


@njit(nogil=True, cache=True, _nrt=False)
def _owe(fen: Any, said: Any, merchant0: int, bills: Any, n: int) -> int:
    """Write a bill for all that is not zero behind the ``n`` there are; how many there are then."""
    for c in range(len(fen)):
        for m in range(fen.shape[1]):
            if fen[c, m] != 0:
                bill = bills[n]
                bill.source = said[c, 0] if said[c, 0] >= 0 else merchant0 + m
                bill.target = said[c, 1] if said[c, 1] >= 0 else merchant0 + m
                bill.fen = fen[c, m]
                bill.reason = said[c, 2]
                bill.merchant = m
                n += 1
    return n


class Ledger:
    """Balances int64[accounts] in fen and the flows of the day by reason and merchant, int64[reasons, M].

    The six collective accounts come first, then one account for each merchant, platform and creator tier; then the
    accounts ``points``, which holds what merchants owe their members, and ``charity``, what they gave; last one for
    each agency of creators. ``walked`` int64[reasons, parties, parties] tells who paid whom in the business of the
    ``watched`` merchant since the books were opened.
    """

    def __init__(self, merchants: Sequence[str], platforms: Sequence[str], creators: Sequence[str],
                 agencies: Sequence[str] = (), watched: int = 0) -> None:  # fmt: skip
        self.names = (*_FIXED, *merchants, *platforms, *creators, "points", "charity", *agencies)
        self.merchant0 = len(_FIXED)
        self.platform0 = self.merchant0 + len(merchants)
        self.creator0 = self.platform0 + len(platforms)
        self.points = self.creator0 + len(creators)
        self.charity, self.agency0 = self.points + 1, self.points + 2
        self.balance = np.zeros(len(self.names), np.int64)
        self.flow = np.zeros((len(REASONS), max(1, len(merchants))), np.int64)
        self.total = np.zeros_like(self.flow)
        self.watched = watched
        kinds = [*range(len(_FIXED)), *("brand" if m == watched else "rivals" for m in range(len(merchants))),
                 *("platforms" for _ in platforms), *("creators" for _ in creators), "points", "charity",
                 *("agencies" for _ in agencies)]  # fmt: skip
        self.party = np.array([k if isinstance(k, int) else PARTIES.index(k) for k in kinds], np.int64)
        self.walked = np.zeros((len(REASONS), len(PARTIES), len(PARTIES)), np.int64)

    def transfer(self, source: int, target: int, fen: int, reason: str, merchant: int) -> None:
        """Move ``fen`` (>= 0) between two accounts, booked under a reason and the merchant it concerns."""
        if fen < 0:
            raise ValueError(f"a transfer cannot be negative (got {fen} fen for {reason})")
        self.balance[source] -= fen
        self.balance[target] += fen
        self.flow[REASON[reason], merchant] += fen
        if merchant == self.watched:
            self.walked[REASON[reason], self.party[source], self.party[target]] += fen

    def owe(self, bills: Table, said: np.ndarray, fen: np.ndarray) -> None:
        """Bill ``fen`` int64[n, M], a row for each of the :func:`entries`, by merchant."""
        bills.grew(_owe(fen, said, self.merchant0, bills.reserve(fen.size), len(bills)))

    def pay(self, bills: np.ndarray) -> None:
        """Transfer every bill (BILL rows)."""
        wrong = int(_pay(bills, self.balance, self.flow, self.party, self.walked, self.watched))
        if wrong >= 0:
            bill = bills[wrong]
            raise ValueError(f"a transfer cannot be negative (got {bill['fen']} fen for {REASONS[bill['reason']]})")

    def open(self) -> None:
        """Begin a new book, in which the days that were closed do not stand."""
        if self.total.any():
            self.walked[:] = 0
        self.total[:] = 0

    def close_day(self) -> np.ndarray:
        """Flows of the day, int64[reasons, M]; the running totals take them over and the day's page is emptied."""
        page = self.flow.copy()
        self.total += page
        self.flow[:] = 0
        return page

    def merchant_cash(self) -> np.ndarray:
        """int64[M], fen."""
        return self.balance[self.merchant0 : self.platform0]


def split(total: int, weights: np.ndarray) -> np.ndarray:
    """``total`` fen shared in proportion to ``weights`` by largest remainder; the parts sum to the total exactly."""
    weights = np.asarray(weights, float)
    whole = float(weights.sum())
    if total == 0 or whole <= 0:
        return np.zeros(len(weights), np.int64)
    exact = [int(total) * (weight / whole) for weight in weights.tolist()]  # a few: a list is quicker than an array
    parts = [math.floor(part) for part in exact]
    left = [part - sure for part, sure in zip(exact, parts, strict=True)]
    for _ in range(int(total) - sum(parts)):
        most = left.index(max(left))
        parts[most] += 1
        left[most] = -1.0
    return np.array(parts, np.int64)
