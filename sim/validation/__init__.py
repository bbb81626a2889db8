"""Whether the engine does what it should: textbook laws and published findings, run through public settings.

``python -m sim verify`` prints what tests/science asserts: both are :func:`sim.validation.verify.verify`.
"""

from __future__ import annotations

from typing import Any

_WHERE = {"verify": "sim.validation.verify", "Verification": "sim.validation.verify", "CASES": "sim.validation.cases"}

__all__ = ["CASES", "Verification", "verify"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)
