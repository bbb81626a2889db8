"""What people look at: figures, tables in words, and the one-file HTML page.

Names are resolved when first used, so that importing the package does not import matplotlib.
"""

from __future__ import annotations

from typing import Any

_WHERE = {
    "write_report": "sim.report.page",
    "render_report": "sim.report.page",
    "save_all": "sim.report.figures",
    "plot_comparison": "sim.report.figures",
    "plot_run": "sim.report.figures",
    "answer": "sim.report.verdict",
    "write_sweep_report": "sim.report.sweep",
    "write_brief": "sim.report.brief",
}

__all__ = [
    "answer",
    "plot_comparison",
    "plot_run",
    "render_report",
    "save_all",
    "write_brief",
    "write_report",
    "write_sweep_report",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)
