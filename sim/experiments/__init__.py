"""Running many markets: run, compare, the statistics between them, and the store that remembers.

Names are resolved when first used: importing the package imports neither pandas nor the market. The functions ``run``
and ``compare`` are in the modules of their names and, for users, in :mod:`sim`.
"""

from __future__ import annotations

from typing import Any

_WHERE = {
    "Comparison": "sim.experiments.comparison",
    "Results": "sim.experiments.results",
    "RunResult": "sim.experiments.result",
    "Store": "sim.experiments.store",
}

__all__ = ["Comparison", "Results", "RunResult", "Store"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)
