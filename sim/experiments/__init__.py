"""Running many markets: run, compare, the statistics between them, and the store that remembers.

Names are resolved when first used: importing the package imports neither pandas nor the market. The functions ``run``,
``compare`` and ``sweep`` are in the modules of their names and, for users, in :mod:`sim`.

On disk, under ``results/<scenario>/`` (for readers: ``docs/results.md``)::

    <run id>/   one answer: manifest.json (written last) and Parquet tables, a row an observation, sorted
        compare, run    summary, daily, channels, products, merchants, cash, cascades, groups, orders
        sweep           cells, runs, outcomes, daily, failures; failures/<cell>.<replication>.txt
    parts/      finished replications of comparisons and runs, a folder a market
    cells/      finished markets of sweeps, some hundreds of rows a file (see ``sweeps.parts``)
    claims/     who is working on what (see ``sweeps.claims``)
    failed/     the last failure of a market that has no result
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
