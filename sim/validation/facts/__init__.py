"""The market figures of reports beside the model: what it says of each, and what it cannot say.

``python -m sim facts`` prints them. The figures (``figures.csv``) and the runs they are held against (``wiring.yaml``,
``markets/``) come with the package; no parameter is fitted to any of them.
"""

from __future__ import annotations

from typing import Any

_WHERE = {"facts": "sim.validation.facts.run", "Facts": "sim.validation.facts.run",
          "FIGURES": "sim.validation.facts.figures"}  # fmt: skip

__all__ = ["FIGURES", "Facts", "facts"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)
