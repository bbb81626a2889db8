"""How many replications a stated precision takes: Stein's two stages, whose interval holds however many that are.

    first stage    n0 replications; their spread s0 of each strategy and metric
    then           N = max(n0, ceil((t s0 / d)^2)),  t the quantile of Student's t with n0 - 1 degrees of freedom
    interval       mean of all N  +-  t s0 / sqrt(N)

The mean of normal values is independent of their spread, and N depends on the spread alone: so (mean - mu) sqrt(N) / s0
is exactly Student's t, whatever N turns out to be (Stein 1945, Annals of Mathematical Statistics 16, 243-258). Means
of several strategies and metrics are independent of the whole covariance matrix of the first stage, so this holds for
every interval of the comparison, paired differences too, and not only for the metric that settled N. Looking again and
again with ordinary intervals, and stopping when they please, has no such guarantee.

A precision stated as a share of the mean takes the first stage's mean for it. N then depends a little on that mean;
the error this makes in the coverage is of the order of (its relative error)^2, and a test measures it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import special

from sim.contract import ScenarioError
from sim.experiments.statistics import LEVEL, Floats

MOST = 1_000
"""Replications that a stated precision may take unless told otherwise."""

_TEXT = re.compile(r"\s*([^=\s]+)\s*=\s*([0-9.]+(?:[eE][+-]?\d+)?)\s*(%?)\s*")


@dataclass(frozen=True)
class Precision:
    """Half the 95 % interval of ``metric`` is to be at most ``target``: its unit or, if ``relative``, of the mean."""

    metric: str
    target: float
    relative: bool

    def __str__(self) -> str:
        return f"{self.metric}={100 * self.target:g}%" if self.relative else f"{self.metric}={self.target:g}"


@dataclass(frozen=True)
class Stages:
    """What the first stage says: replications needed, by the strategy that needs most."""

    needed: int
    strategy: str
    half_width: float
    """Half the interval at the first stage alone, in the metric's unit."""
    target: float
    """Half the interval asked for, in the metric's unit."""


def parse(text: str) -> Precision:
    """``profit=2%`` or ``profit=5000``. Raises ScenarioError on anything else."""
    found = _TEXT.fullmatch(text)
    try:
        number = float(found[2]) if found else math.nan
    except ValueError:
        number = math.nan
    if found is None or not number > 0:
        raise ScenarioError(
            f"cannot read the precision {text!r}: write METRIC=SHARE% or METRIC=NUMBER, above zero, as in profit=2% or "
            "profit=5000; it is half the width of the 95 % interval of every strategy's mean"
        )
    return Precision(found[1], number / 100 if found[3] else number, bool(found[3]))


def stages(values: Mapping[str, Floats], wanted: Precision) -> Stages:
    """Replications that the first stage ``values`` (strategy -> float64[n0]) says are needed.

    Raises ScenarioError where it cannot say: fewer than two observations, or a share of a mean of zero.
    """
    worst: Stages | None = None
    for strategy, column in values.items():
        first = np.asarray(column, float)
        n0 = len(first)
        if n0 < 2 or not np.isfinite(first).all():
            seen = int(np.isfinite(first).sum())
            raise ScenarioError(
                f"precision {wanted}: {wanted.metric} was observed in {seen} of {n0} first replications of "
                f"{strategy!r}; it takes at least two, and all of them"
            )
        target = wanted.target * abs(float(first.mean())) if wanted.relative else wanted.target
        half = float(special.stdtrit(n0 - 1, 0.5 + LEVEL / 2)) * float(first.std(ddof=1))
        if half > 0 and target == 0:
            raise ScenarioError(
                f"precision {wanted}: the mean of {strategy!r} is 0, and a share of nothing cannot be reached; state "
                f"it as a number, as in {wanted.metric}={max(half / math.sqrt(n0) / 2, 1e-12):.3g}"
            )
        needed = max(n0, math.ceil((half / target) ** 2)) if half > 0 else n0
        found = Stages(needed, strategy, half / math.sqrt(n0), target)
        worst = found if worst is None or found.needed > worst.needed else worst
    if worst is None:
        raise ScenarioError(f"precision {wanted}: there is no strategy to measure")
    return worst


def affordable(found: Stages, wanted: Precision, most: int) -> None:
    """Raise ScenarioError, saying how many replications it would take, when that is more than ``most``."""
    if found.needed <= most:
        return
    reach = found.target * math.sqrt(found.needed / most)
    share = reach / (found.target / wanted.target) if wanted.relative else reach
    near = Precision(wanted.metric, float(f"{share * 1.06:.2g}"), wanted.relative)
    digits = 10 ** max(0, len(str(found.needed)) - 2)
    count = -(-found.needed // digits) * digits
    raise ScenarioError(
        f"precision {wanted} would need about {count:,} replications of each strategy ({found.strategy!r} "
        f"varies most); at most {most:,} are allowed; {most:,} reach about {near}. Ask for that, or allow more with "
        f"--max-replications {count}. What has been run is kept"
    )


def record(wanted: Precision, found: Stages, first: int, most: int) -> dict[str, Any]:
    """What the manifest says of it."""
    return {**asdict(wanted), "asked": str(wanted), "first_stage": first, "needed": found.needed, "most": most}
