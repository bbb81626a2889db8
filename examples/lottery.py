"""A lottery for shoppers (抽奖券): who opens a platform may draw a coupon, and holds it until it is used or expires.

    P(win today)   share, for who opened a platform today and holds no coupon of the merchant that is still good
    prize          a coupon of ``value`` yuan off an order of at least ``min_spend``, good for ``valid_days`` days

Whether winners buy earlier, more, or only cheaper is an outcome: the till takes the coupon off the price, and choice
weighs it like any other. Draws are named by (seed, "lottery", day, person, merchant), so the winners of a smaller share
are among those of a larger one. Coupons are kept by the mechanism ``crm``, which must be on.

    sim --plugin examples/lottery.py compare examples/lottery.yaml
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sim.contract import Column, Mechanism, MechanismParams, Scratch, quantity
from sim.rng import day_key, entity_key, name_key, stream_of, uniform

STREAM = stream_of("lottery")


class LotteryParams(MechanismParams):
    """A daily draw of coupons."""

    share: float = quantity(0.02, "Chance of a draw to win.", unit="probability", ge=0, le=1, plausible=(0.005, 0.1))
    value: float = quantity(20.0, "Worth of the coupon.", unit="yuan", gt=0, plausible=(5, 50))
    min_spend: float = quantity(0.0, "Least order it can be used for.", unit="yuan", ge=0)
    valid_days: int = quantity(7, "Days it is good for, that of the draw included.", unit="days", ge=1, le=365)


@njit(nogil=True, cache=True)
def _draw(lo: int, hi: int, ids: Any, visited: Any, m: int, key: Any, issue: int, day: int, last: Any, share: float,
          base: Any, coupon: Any, wins: Any) -> None:  # fmt: skip
    """Put coupons of ``issue`` into the hands of those of [lo, hi) who win."""
    for i in range(lo, hi):
        held = coupon[i, m]
        if visited[i] and (held == 0 or last[held] < day) and uniform(entity_key(base, ids[i]), key) < share:
            coupon[i, m] = issue
            wins[i] += 1


class Lottery(Mechanism):
    """Coupons drawn by those who open a platform."""

    name = "lottery"
    Params = LotteryParams
    columns = (
        Column("lottery_wins", ("N",), np.uint16, "coupons", "Coupons a person has won so far.", owner="lottery"),
    )
    reads = ("id", "visited")
    writes = ("coupon", "favours", "lottery_wins")
    equation = "coupon w.p. share a visit-day, unless one is in hand"
    ahead_of = "choice"
    needs = ("crm",)

    def prepare(self, view: Any, day: int) -> None:
        """Keys of the merchants; fen of the terms."""
        self.keys = [np.uint64(name_key(name)) for name in view.world.merchants]
        self.terms = round(100 * self.params.value), round(100 * self.params.min_spend)

    def morning(self, view: Any, day: int) -> None:
        """A new issue for each merchant."""
        until = day + self.params.valid_days - 1
        self.issues = [view.favours.issue(m, *self.terms, until) for m in range(len(self.keys))]

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        """Everybody who is here draws."""
        base, last = day_key(view.seed, STREAM, day), view.favours.last
        for m, issue in enumerate(self.issues):
            _draw(lo, hi, view.id, view.visited, m, self.keys[m], issue, day, last, self.params.share, base,
                  view.coupon, view.lottery_wins)  # fmt: skip
