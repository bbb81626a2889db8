"""Several strategies at once: Holm's correction, the strategies that may still be the best, and selecting one.

Columns are float64[R, K], a row a replication on one seed. All three allow any dependence between strategies, so common
random numbers help and do no harm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from sim.experiments.statistics import LEVEL, Floats

ALPHA = 1.0 - LEVEL


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values: reject where they are below a level, and all rejections are right with 1 - level.

    Step-down (Holm 1979, Scandinavian Journal of Statistics 6, 65-70): the k-th smallest of m times m - k + 1, made
    monotone. NaN stays NaN and does not count.
    """
    p = np.asarray(p_values, float)
    adjusted = np.full(len(p), math.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    running = 0.0
    for rank, k in enumerate(order):
        running = max(running, min(1.0, (len(order) - rank) * p[k]))
        adjusted[k] = running
    return [float(x) for x in adjusted]


def may_be_best(columns: Floats, better: str = "up", alpha: float = ALPHA, pilot: int | None = None) -> list[bool]:
    """Which strategies cannot be told from the best: the set holds the best one with at least 1 - ``alpha``.

    Subset selection by paired differences with Bonferroni's t: i stays when no l beats it by more than
    t_(1-alpha/(K-1)) s_il / sqrt(n) (Gupta 1965; for common random numbers Nelson, Swann, Goldsman and Song 2001,
    Operations Research 49, 950-963). Everything stays below two complete replications.
    """
    rows = np.asarray(columns, float)
    whole = np.isfinite(rows).all(axis=1)
    first, rows = rows[:pilot][whole[:pilot]], rows[whole]
    n, k = rows.shape
    if len(first) < 2 or k < 2 or better not in ("up", "down"):
        return [True] * k
    sign = 1.0 if better == "up" else -1.0
    mean = sign * rows.mean(axis=0)
    t = float(special.stdtrit(len(first) - 1, 1.0 - alpha / (k - 1)))
    spread = (first[:, :, None] - first[:, None, :]).std(axis=0, ddof=1)
    slack = t * spread / math.sqrt(n) + 1e-12 * np.abs(mean).max()
    return [bool(x) for x in (mean[:, None] >= mean[None, :] - slack).all(axis=1)]


@dataclass(frozen=True)
class Selection:
    """How a fully sequential selection went.

    ``alive``: strategies still in at the end; ``used``: replications looked at; ``most``: replications at which it
    ends for certain; ``dropped``: for each strategy the replication at which it went, 0 for one that did not.
    """

    alive: tuple[bool, ...]
    used: int
    most: int
    dropped: tuple[int, ...]

    @property
    def decided(self) -> bool:
        """Whether one is left."""
        return sum(self.alive) == 1


class Race:
    """The fully sequential procedure KN, a replication at a time.

    With probability at least 1 - ``alpha`` the survivor is the best whenever it is better than the next by ``zone``
    (the difference not worth caring about, in the metric's unit), or else within ``zone`` of it:

        eta = ((2 alpha / (K-1))^(-2/(n0-1)) - 1) / 2,   h2 = 2 eta (n0-1)
        W_il(r) = max(0, zone/(2r) (h2 S2_il / zone^2 - r));  i goes when mean_i(r) < mean_l(r) - W_il(r) for some l

    S2_il is the variance of the paired difference over the ``first`` rows (float64[n0, K]), so common random numbers
    shorten it (Kim and Nelson 2001, ACM TOMACS 11, 251-273, with c = 1). Looking after every replication is what the
    bound is made for, so runs may be added one by one until it is decided. Raises ValueError on a zone that is not
    above zero, or fewer than two first replications.
    """

    def __init__(self, first: Floats, zone: float, better: str = "up", alpha: float = ALPHA) -> None:
        n0, k = np.shape(first)
        if not zone > 0 or n0 < 2:
            raise ValueError("selection needs an indifference zone above zero and at least two first replications")
        self.zone, self._sign = zone, -1.0 if better == "down" else 1.0
        rows = self._sign * np.asarray(first, float)
        eta = 0.5 * ((2.0 * alpha / max(1, k - 1)) ** (-2.0 / (n0 - 1)) - 1.0)
        variance = (rows[:, :, None] - rows[:, None, :]).var(axis=0, ddof=1)
        self._reach = 2.0 * eta * (n0 - 1) * variance / zone**2
        self.most = max(n0, int(math.floor(self._reach.max())) + 1)
        self.alive, self.dropped = np.ones(k, bool), np.zeros(k, int)
        self._total, self.used = rows.sum(axis=0), n0
        self._drop()

    @property
    def decided(self) -> bool:
        """Whether one is left."""
        return int(self.alive.sum()) == 1

    def look(self, row: Floats) -> None:
        """One more replication; what has been dropped may be NaN in it."""
        self._total = self._total + np.where(self.alive, self._sign * np.asarray(row, float), 0.0)
        self.used += 1
        self._drop()

    def _drop(self) -> None:
        alive, r = self.alive, self.used
        mean = np.where(alive, self._total / r, -np.inf)
        if r >= self.most:
            beaten = alive & (np.arange(len(alive)) != int(np.argmax(mean)))
        else:
            room = np.maximum(0.0, self.zone / (2.0 * r) * (self._reach - r))
            beaten = alive & (mean[:, None] < mean[None, :] - room).any(axis=1)
        self.dropped[beaten] = r
        self.alive = alive & ~beaten


def select(columns: Floats, zone: float, better: str = "up", alpha: float = ALPHA, first: int = 10) -> Selection:
    """:class:`Race` on the replications there are, in their order; ``first`` of them are its first stage."""
    if not zone > 0 or first < 2:
        raise ValueError("selection needs an indifference zone above zero and at least two first replications")
    rows = np.asarray(columns, float)
    rows = rows[np.isfinite(rows).all(axis=1)]
    n, k = rows.shape
    if n < first or k < 2:
        return Selection((True,) * k, 0 if k > 1 else n, first, (0,) * k)
    race = Race(rows[:first], zone, better, alpha)
    for row in rows[first:]:
        if race.decided:
            break
        race.look(row)
    return Selection(tuple(race.alive.tolist()), race.used, race.most, tuple(race.dropped.tolist()))
