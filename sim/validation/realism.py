"""The generator of friendships beside real graphs: figures, distances, and settings that come nearer.

The real figures are those of ``sim/state/real_networks.csv``; no data are needed. A gap is measured in units that make
figures comparable: logarithms for counts and paths, tenths for shares and correlations. The distance is the root mean
square of the gaps. Degrees count once for mean, median, 90th and 99th percentile together with their Gini.

Beside friendships stand the audiences of creators: those of the packaged rate card, against the ties of Twitch's
streamers, which know no yuan and no city: only how unequal they are is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.state.network import build_network
from sim.state.network_stats import ROWS, describe, real_networks

LOGS = ("mean_degree", "median_degree", "p90_degree", "p99_degree", "path_length")
TENTHS = ("degree_gini", "clustering", "transitivity", "assortativity", "modularity")
SETTINGS: dict[str, tuple[float, float]] = {
    "closure": (0.1, 0.95), "strong_share": (0.4, 0.95), "community_mean": (15, 150), "tail": (2.3, 4),
    "degree_spread": (0.7, 1.4),
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


AUDIENCE: tuple[tuple[str, str], ...] = (
    ("median", "median, means"), ("p90", "90th percentile, means"), ("p99", "99th percentile, means"),
    ("gini", "Gini"), ("top1pct", "held by the top 1 %"),
)  # fmt: skip


def audiences(graph: str = "twitch_ZHTW", seeds: int = 20) -> list[tuple[str, float, float]]:
    """Label, packaged rate card, real graph: how unequal the audiences of creators are, a row a figure.

    The card's figures are means over ``seeds`` draws of its tiers; quantiles are in units of the mean audience.
    """
    row = next(r for r in real_networks() if r["graph"] == graph)
    mean = float(row["mean_degree"])
    real = {"median": float(row["median_degree"]) / mean, "p90": float(row["p90_degree"]) / mean,
            "p99": float(row["p99_degree"]) / mean, "gini": float(row["degree_gini"]),
            "top1pct": float(row["top1pct_share"])}  # fmt: skip
    drawn = [_inequality(_rate_card(seed)) for seed in range(seeds)]
    return [(label, float(np.mean([one[key] for one in drawn])), real[key]) for key, label in AUDIENCE]


def _rate_card(seed: int) -> np.ndarray:
    """float[creators], audiences of the packaged tiers."""
    import yaml

    import sim.scenario
    from sim.state.followers import power_law_followers

    assert sim.scenario.__file__ is not None
    path = Path(sim.scenario.__file__).parent / "presets" / "creators" / "rate_card.yaml"
    tiers = yaml.safe_load(path.read_text(encoding="utf-8"))["creators"]
    return np.concatenate([
        power_law_followers(seed, np.arange(k * 10**6, k * 10**6 + tier["count"], dtype=np.uint64), tier["followers"])
        for k, tier in enumerate(tiers)
    ])  # fmt: skip


def _inequality(values: np.ndarray) -> dict[str, float]:
    """Quantiles in units of the mean, Gini, and the share of the top 1 %."""
    x, mean = np.sort(values), float(values.mean())
    ranks = np.arange(1, len(x) + 1)
    top = max(1, round(0.01 * len(x)))
    return {
        "median": float(np.median(x)) / mean, "p90": float(np.quantile(x, 0.9)) / mean,
        "p99": float(np.quantile(x, 0.99)) / mean,
        "gini": float(2 * (ranks * x).sum() / (len(x) * x.sum()) - (len(x) + 1) / len(x)),
        "top1pct": float(x[-top:].sum() / x.sum()),
    }  # fmt: skip


def tails() -> list[tuple[str, int, float, float, float, str]]:
    """Graph, people in the tail, exponent, ln likelihood of power law over lognormal, p, verdict; a row a graph.

    The last row is the generator as packaged, at the size of LastFM Asia (:mod:`sim.validation.tails`).
    """
    from sim.scenario.schema import CommunityNetwork
    from sim.validation.tails import judged, tail

    rows = []
    for row in real_networks():
        ratio, p = float(row["power_over_lognormal"]), float(row["tail_p"])
        rows.append((row["graph"], int(row["tail_people"]), float(row["tail_exponent"]), ratio, p, judged(ratio, p)))
    own = tail(build_network(CommunityNetwork(), 7624, 0, None).degree)
    return [*rows, ("generator", own.count, own.exponent, own.loglik, own.p, own.verdict)]
