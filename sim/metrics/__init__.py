"""What a run reports: declarations, the daily book, the summary."""

from sim.metrics.declared import DAILY, LEVELS, METRICS, Metric, declared, in_order, split

__all__ = ["DAILY", "LEVELS", "METRICS", "Metric", "declared", "in_order", "split"]
