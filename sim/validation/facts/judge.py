"""From replications to a value with an interval, and from that to a verdict. The rule is stated here and nowhere else.

The value of an arm is the sum of numerators over the sum of denominators; a comparison is of two such values on the
same seeds. Intervals are 95 %, by the jackknife over replications. The figure is met within a quarter of it
(:data:`sim.validation.facts.figures.TOLERANCE`), chosen before any run.

    reproduced        the interval meets the figure with its tolerance, and an effect excludes none
    right direction   an effect excludes none on the side claimed, its size is another; a level is within a factor 2
    contradicted      an effect lies on the other side, or is too small to be told from none and from the figure apart;
                      a level is further off than a factor 2
    not comparable    the interval holds both the figure and no effect, or the observable was not seen often enough, or
                      what differs between the arms never came about
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from sim.validation.facts.figures import Wiring
from sim.validation.facts.observables import Pair

VERDICTS = ("reproduced", "right direction", "contradicted", "not comparable")
FACTOR = 2.0


@dataclass(frozen=True)
class Estimate:
    """A value, the ends of its interval (NaN when there is none), replications behind it."""

    value: float
    low: float
    high: float
    n: int


def estimate(first: Sequence[Pair], second: Sequence[Pair] | None, how: str) -> Estimate:
    """The statistic of a wiring from (numerator, denominator) a replication, of one arm or of two."""
    a = np.asarray(first, float)
    b = None if second is None else np.asarray(second, float)
    seen = np.isfinite(a).all(axis=1) if b is None else np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    a, b = a[seen], None if b is None else b[seen]
    n = len(a)
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    every = np.ones(n, bool)
    value = _statistic(a, b, every, how)
    if n < 3:
        return Estimate(value, math.nan, math.nan, n)
    without = np.array([_statistic(a, b, np.arange(n) != k, how) for k in range(n)])
    error = math.sqrt((n - 1) / n * float(((without - without.mean()) ** 2).sum()))
    half = float(special.stdtrit(n - 1, 0.975)) * error
    return Estimate(value, value - half, value + half, n)


def _statistic(a: np.ndarray, b: np.ndarray | None, used: np.ndarray, how: str) -> float:
    top = _ratio(*a[used].sum(axis=0))
    if b is None:
        return top
    ratio = _ratio(top, _ratio(*b[used].sum(axis=0)))
    return ratio if how == "ratio" else ratio - 1.0


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below else math.nan


def verdict(found: Estimate, wiring: Wiring) -> tuple[str, str]:
    """The verdict and why."""
    low, high, null = found.low, found.high, wiring.null
    if not all(map(math.isfinite, (found.value, low, high))):
        return "not comparable", "what is observed did not happen often enough to have an interval"
    if null is None:
        return _level(found, wiring)
    if low == high == null:
        return "not comparable", "both arms lived the same days: what differs between them never came about"
    up = wiring.figure > null
    claimed, other = (low > null, high < null) if up else (high < null, low > null)
    if wiring.how == "sign":
        if claimed:
            return "reproduced", "the difference has the sign claimed"
        return ("contradicted", "the difference has the other sign") if other else (
            "not comparable", "no difference that could be told from none")  # fmt: skip
    meets = low <= wiring.high and high >= wiring.low
    if claimed:
        return ("reproduced", "of the size claimed") if meets else ("right direction", _size(found, wiring, null))
    if other:
        return "contradicted", "the effect has the other sign"
    if meets:
        return "not comparable", "the interval holds both the figure and no effect"
    return "contradicted", "no effect that could be told from none, and too small for the figure"


def _level(found: Estimate, wiring: Wiring) -> tuple[str, str]:
    if found.low <= wiring.high and found.high >= wiring.low:
        return "reproduced", "of the level claimed"
    nearest = wiring.low if found.value < wiring.low else wiring.high
    off = max(found.value, nearest) / min(found.value, nearest) if found.value > 0 and nearest > 0 else math.inf
    word = "above" if found.value > nearest else "below"
    if off <= FACTOR:
        return "right direction", f"{word} the figure, within a factor of {FACTOR:g}"
    return "contradicted", f"{word} the figure by more than a factor of {FACTOR:g}"


def _size(found: Estimate, wiring: Wiring, null: float) -> str:
    share = (found.value - null) / (wiring.figure - null)
    return f"{share:.0%} of the effect claimed"
