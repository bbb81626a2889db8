"""The generator of friendships beside real graphs: figures, distances, and settings that come nearer.

The real figures are those of ``sim/state/real_networks.csv``; no data are needed. A gap is measured in units that make
figures comparable: logarithms for counts and paths, tenths for shares and correlations. The distance is the root mean
square of the gaps. Degrees count once for mean, median, 90th and 99th percentile together with their Gini.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.state.network import build_network
from sim.state.network_stats import ROWS, describe, real_networks

LOGS = ("mean_degree", "median_degree", "p90_degree", "p99_degree", "path_length")
TENTHS = ("degree_gini", "clustering", "transitivity", "assortativity", "modularity")
SETTINGS: dict[str, tuple[float, float]] = {
    "closure": (0.1, 0.95), "strong_share": (0.4, 0.9), "community_mean": (15, 150), "tail": (2.3, 3.5),
}
"""Settings of ``network`` that are varied, with their ranges; the mean degree is set to that of the real graph."""


@dataclass(frozen=True)
class Likeness:
    """One real graph, the generator's figures at its size (as packaged, and with its mean degree), and distances.

    ``nearer``: settings that came nearest of ``tried``, their figures in ``best``; distances: packaged, matched, best.
    """

    graph: str
    real: dict[str, float]
    packaged: dict[str, Any]
    matched: dict[str, Any]
    best: dict[str, Any]
    nearer: dict[str, float]
    distances: tuple[float, float, float]
    tried: int

    def rows(self) -> list[tuple[str, float, float, float, float]]:
        """Label, packaged, with the mean degree, nearest, real; a row a figure."""
        return [(label, self.packaged[key], self.matched[key], self.best[key], self.real[key])
                for key, label, _ in ROWS if key in (*LOGS, *TENTHS)]  # fmt: skip


def gaps(own: dict[str, Any], real: dict[str, float]) -> dict[str, float]:
    """Signed gap of each figure: log-ratios in units of .3 (a third more or less), differences in units of .1."""
    found = {k: float(np.log(max(own[k], 0.5) / max(real[k], 0.5))) / 0.3 for k in LOGS}
    return found | {k: (float(own[k]) - real[k]) / 0.1 for k in TENTHS}


def distance(own: dict[str, Any], real: dict[str, float]) -> float:
    """Root mean square of the gaps; 0 for the same figures, 1 when each is off by a third or by a tenth."""
    values = np.array(list(gaps(own, real).values()))
    return float(np.sqrt((values**2).mean()))


def figures(people: int, seed: int, **settings: float) -> dict[str, Any]:
    """Figures of one generated network."""
    from sim.scenario.schema import CommunityNetwork

    spec = CommunityNetwork(**settings)
    return describe(build_network(spec, people, seed, None), seed, sources=40)


def likeness(graph: str = "lastfm_asia", trials: int = 24, seed: int = 0) -> Likeness:
    """Compare the generator with one of the real graphs, and try ``trials`` other settings (a Latin hypercube)."""
    from scipy.stats import qmc

    from sim.contract import ScenarioError
    from sim.scenario.paths import nearest

    known = {row["graph"]: row for row in real_networks()}
    if graph not in known:
        raise ScenarioError(f"no real graph is called {graph!r}{nearest(graph, known)}")
    real = {key: float(known[graph][key]) for key in (*LOGS, *TENTHS, "people")}
    people, degree = int(real["people"]), real["mean_degree"]
    packaged, matched = figures(people, seed), figures(people, seed, mean_degree=degree)
    best, nearer = matched, dict[str, float]()
    for unit in qmc.LatinHypercube(len(SETTINGS), rng=seed).random(trials):
        settings = {name: float(f"{low + u * (high - low):.3g}")
                    for (name, (low, high)), u in zip(SETTINGS.items(), unit, strict=True)}  # fmt: skip
        found = figures(people, seed, mean_degree=degree, **settings)
        if distance(found, real) < distance(best, real):
            best, nearer = found, settings
    far = (distance(packaged, real), distance(matched, real), distance(best, real))
    return Likeness(graph, real, packaged, matched, best, nearer, far, trials)
