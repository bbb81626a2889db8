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


def select(columns: Floats, zone: float, better: str = "up", alpha: float = ALPHA, first: int = 10) -> Selection:
    """The fully sequential procedure KN on replications in their order, as far as they go.

    With probability at least 1 - ``alpha`` the survivor is the best whenever it is better than the next by ``zone``
    (the difference not worth caring about, in the metric's unit), or else within ``zone`` of it:

        eta = ((2 alpha / (K-1))^(-2/(n0-1)) - 1) / 2,   h2 = 2 eta (n0-1)
        W_il(r) = max(0, zone/(2r) (h2 S2_il / zone^2 - r));  i goes when mean_i(r) < mean_l(r) - W_il(r) for some l

    S2_il is the variance of the paired difference over the first ``first`` (n0) replications, so common random numbers
    shorten it (Kim and Nelson 2001, ACM TOMACS 11, 251-273, with c = 1). Looking after every replication is what the
    bound is made for. Raises ValueError on a zone that is not above zero, or fewer than two first replications.
    """
    if not zone > 0 or first < 2:
        raise ValueError("selection needs an indifference zone above zero and at least two first replications")
    rows = np.asarray(columns, float)
    rows = rows[np.isfinite(rows).all(axis=1)] * (1.0 if better != "down" else -1.0)
    n, k = rows.shape
    alive, dropped = np.ones(k, bool), np.zeros(k, int)
    if n < first or k < 2:
        return Selection(tuple(alive.tolist()), 0 if k > 1 else n, first, tuple(dropped.tolist()))
    eta = 0.5 * ((2.0 * alpha / (k - 1)) ** (-2.0 / (first - 1)) - 1.0)
    h2 = 2.0 * eta * (first - 1)
    variance = (rows[:first, :, None] - rows[:first, None, :]).var(axis=0, ddof=1)
    reach = h2 * variance / zone**2
    most = max(first, int(math.floor(reach.max())) + 1)
    total = rows[: first - 1].sum(axis=0)
    used = 0
    for r in range(first, min(n, most) + 1):
        total, used = total + rows[r - 1], r
        mean = total / r
        if r == most and alive.sum() > 1:
            beaten = alive & (np.arange(k) != int(np.argmax(np.where(alive, mean, -np.inf))))
        else:
            room = np.maximum(0.0, zone / (2.0 * r) * (reach - r))
            worse = mean[:, None] < mean[None, :] - room
            beaten = alive & (worse & alive[None, :]).any(axis=1)
        dropped[beaten] = r
        alive &= ~beaten
        if alive.sum() == 1:
            break
    return Selection(tuple(alive.tolist()), used, most, tuple(dropped.tolist()))
