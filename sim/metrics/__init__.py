"""What a run reports: declarations, the daily book, the summary."""

from sim.scenario.measures import DAILY, KNOWN, LEVELS, METRICS, Metric, declared, in_order, split

__all__ = ["DAILY", "KNOWN", "LEVELS", "METRICS", "Metric", "declared", "in_order", "split"]
