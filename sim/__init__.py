"""An agent-based simulator of social commerce: try a strategy here first, see who wins, by how much, how sure, and why.

    import sim
    scenario = sim.load("scenarios/koc_or_kol.yaml")
    market = sim.Market(scenario, strategy="koc_first", seed=7)
    result = sim.run(scenario)
    comparison = sim.compare(scenario, replications=20)

Names are resolved on first use, so that ``import sim`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "load": "sim.scenario",
    "Scenario": "sim.scenario",
    "ScenarioError": "sim.contract",
    "Market": "sim.market",
    "run": "sim.experiments.run",
    "compare": "sim.experiments.compare",
    "choose": "sim.experiments.choose",
    "sweep": "sim.experiments.sweep",
    "sensitivity": "sim.experiments.sensitivity",
    "robust": "sim.experiments.robust",
    "optimise": "sim.experiments.optimise",
    "load_results": "sim.experiments.results",
    "Results": "sim.experiments.results",
    "calibrate": "sim.experiments.calibration.fit",
    "verify": "sim.validation.verify",
    "RunResult": "sim.experiments.result",
    "Comparison": "sim.experiments.comparison",
    "Mechanism": "sim.contract",
    "MechanismParams": "sim.contract",
    "quantity": "sim.contract",
    "register": "sim.plugins",
    "Plan": "sim.agents.policies",
    "PlatformPlan": "sim.agents.policies",
    "MerchantPolicy": "sim.agents.policies",
    "PlatformPolicy": "sim.agents.policies",
    "CreatorPolicy": "sim.agents.policies",
    "FeedPolicy": "sim.agents.recommenders",
    "DataCollector": "sim.agents.collector",
    "tournament": "sim.experiments.tournament",
    "Column": "sim.contract",
    "METRICS": "sim.scenario.measures",
    "Lesson": "sim.experiments.classroom",
}

__all__ = [*sorted(_WHERE), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    value = getattr(import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHERE])
