"""What a run reports: declarations, the daily book, the summary."""

from sim.scenario.measures import DAILY, KNOWN, LEVELS, METRICS, declared, in_order, split
from sim.scenario.metric import Metric

__all__ = ["DAILY", "KNOWN", "LEVELS", "METRICS", "Metric", "declared", "in_order", "split"]
