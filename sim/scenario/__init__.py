"""What the user writes, read and checked: schema, files, and the one language of changes.

``load`` reads a file into a :class:`Scenario`; neither mesa, numba nor pandas is needed for it.
"""

from __future__ import annotations

from sim.contract import Problem, ScenarioError
from sim.scenario.scenario import Scenario, load

__all__ = ["Problem", "Scenario", "ScenarioError", "load"]
