"""How much to order, at what cost, and how many units spoil. Plain numbers, one product at a time.

    critical ratio  (p - c)/(p - c + o)                          newsvendor (Arrow-Harris-Marschak 1951)
    order up to     S = mu (L + R) + z sigma sqrt(L + R)         periodic review R, lead time L
    unit cost       c (q/q0)^(-b), within c/4 and 4 c
"""

from __future__ import annotations

import math
from statistics import NormalDist


def critical_ratio(price: float, cost: float, overage: float) -> float:
    """Chance of not running out at which one more unit neither gains nor loses; within .5 % and 99.5 %."""
    under, over = max(price - cost, 0.0), max(overage, 0.0)
    if under + over <= 0.0:
        return 0.5
    return min(0.995, max(0.005, under / (under + over)))


def order_up_to(mean: float, sd: float, days: float, level: float) -> float:
    """Units on hand and on order from which demand of ``days`` is met with chance ``level``; never below 0."""
    return max(0.0, mean * days + NormalDist().inv_cdf(level) * sd * math.sqrt(days))


def to_order(target: float, position: float, batch: int) -> int:
    """Units to order: the fewest whole batches that bring the position to the target, 0 when it is there."""
    missing = target - position
    return math.ceil(missing / batch - 1e-9) * batch if missing > 0 else 0


def unit_cost(cost: float, units: float, usual: float, effect: float) -> float:
    """Fen a unit costs in a batch of ``units``; ``cost`` in one of ``usual``."""
    if effect == 0.0 or units <= 0:
        return cost
    return cost * min(4.0, max(0.25, math.exp(-effect * math.log(units / usual))))


def arrives(units: int, sources: int, outage: float) -> int:
    """What arrives of an order divided evenly among sources, the first of which sends only 1 - outage of its part."""
    first = -(-units // sources)
    return units - int(round(first * outage))


class Forecast:
    """Demand of a day, smoothed: mean and standard deviation by exponential weights."""

    def __init__(self, mean: float = 0.0) -> None:
        self.mean, self.variance, self.days = mean, mean, 0

    def observe(self, demand: float, half_life: float) -> None:
        """A day's demand. Young forecasts weigh it 1/(days + 1), so the start is soon forgotten."""
        self.days += 1
        weight = max(1.0 - 0.5 ** (1.0 / half_life), 1.0 / (self.days + 1.0))
        surprise = demand - self.mean
        self.mean += weight * surprise
        self.variance = (1.0 - weight) * (self.variance + weight * surprise * surprise)

    @property
    def sd(self) -> float:
        """Standard deviation of a day, at least that of a Poisson."""
        return math.sqrt(max(self.variance, self.mean))
