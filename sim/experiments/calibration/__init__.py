"""Fitting named parameters to data by simulated moments: plan, moments, search, local fit, posterior, answer."""

from __future__ import annotations

from typing import Any

_WHERE = {"calibrate": "sim.experiments.calibration.fit", "Calibration": "sim.experiments.calibration.answer"}

__all__ = ["Calibration", "calibrate"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)
