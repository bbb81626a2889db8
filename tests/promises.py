"""What intervals and probabilities promise, measured on experiments drawn from stored replications of a market.

    python tests/promises.py [--out docs/experiments]

Prints the shares and writes the reliability figure. The tests hold the same functions to their bands.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pools import pool

from sim.experiments import statistics as s
from sim.experiments.multiple import Race, holm
from sim.experiments.precision import Precision, stages

EXPERIMENTS = 2_000
POOL = Path(__file__).resolve().parent / "pool.parquet"
STRATEGIES = ("koc_first", "ads_and_kol")
EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


def stock(metric: str = "profit") -> np.ndarray:
    """float64[2000, 2]: the stored replications of a metric under both strategies, on common seeds.

    Where they have not been made (``tests/make_pool.py``), replications drawn from a skewed law with shared luck.
    """
    if not POOL.exists():
        return pool([0.0, 3.0])
    kept = pd.read_parquet(POOL)
    return np.column_stack([kept[f"{metric} {name}"] for name in STRATEGIES]).astype(float)


def _covered(found: s.Interval, truth: float) -> bool:
    return found.low <= truth <= found.high


def fixed(rows: np.ndarray, n: int = 20, seed: int = 1) -> dict[str, float]:
    """Coverage of t intervals of a mean and of a paired difference, ``n`` replications each."""
    rng, truth = np.random.default_rng(seed), rows.mean(axis=0)
    hits = np.zeros(2)
    for _ in range(EXPERIMENTS):
        drawn = rows[rng.integers(0, len(rows), n)]
        hits += [_covered(s.mean_interval(drawn[:, 0]), truth[0]),
                 _covered(s.mean_interval(drawn[:, 1] - drawn[:, 0]), truth[1] - truth[0])]  # fmt: skip
    return dict(zip(("mean", "difference"), (hits / EXPERIMENTS).tolist(), strict=True))


def resampled(rows: np.ndarray, n: int = 20, seed: int = 2) -> float:
    """Coverage of the studentised bootstrap interval of the paired difference."""
    rng, gaps = np.random.default_rng(seed), rows[:, 1] - rows[:, 0]
    ends = [s.bootstrap_interval(gaps[rng.integers(0, len(gaps), n)], draws=300) for _ in range(EXPERIMENTS)]
    return float(np.mean([low <= gaps.mean() <= high for low, high in ends]))


def sequential(rows: np.ndarray, first: int = 20, seed: int = 3) -> dict[str, float]:
    """Coverage after a stated precision settled the number of replications; ``most`` and ``least`` of that number."""
    rng, truth = np.random.default_rng(seed), rows.mean(axis=0)
    wanted = Precision("profit", 1.96 * float(rows.std(axis=0).max()) / np.sqrt(3 * first), relative=False)
    hits, counts = np.zeros(2), []
    for _ in range(EXPERIMENTS):
        begun = rows[rng.integers(0, len(rows), first)]
        needed = stages({"a": begun[:, 0], "b": begun[:, 1]}, wanted).needed
        drawn = np.concatenate([begun, rows[rng.integers(0, len(rows), needed - first)]])
        hits += [_covered(s.mean_interval(drawn[:, 0], pilot=first), truth[0]),
                 _covered(s.mean_interval(drawn[:, 1] - drawn[:, 0], pilot=first), truth[1] - truth[0])]  # fmt: skip
        counts.append(needed)
    share = dict(zip(("mean", "difference"), (hits / EXPERIMENTS).tolist(), strict=True))
    return {**share, "least": min(counts), "most": max(counts)}


def equals(rows: np.ndarray, k: int, rng: Any) -> np.ndarray:
    """float64[2000, k]: ``k`` strategies of one mean that share their luck as the two stored ones do."""
    gap = (rows[:, 1] - rows[:, 0]) - (rows[:, 1] - rows[:, 0]).mean()
    own = np.column_stack([rng.permutation(gap) for _ in range(k)]) / np.sqrt(2.0)
    return np.asarray((rows[:, 0] - rows[:, 0].mean())[:, None] + own)


def family(rows: np.ndarray, k: int = 6, n: int = 20, seed: int = 11) -> dict[str, float]:
    """How often equal strategies are called different: with Holm's correction, and without."""
    rng = np.random.default_rng(seed)
    made, found = equals(rows, k, rng), np.zeros(2)
    for _ in range(EXPERIMENTS):
        drawn = made[rng.integers(0, len(made), n)]
        p = [s.probability_better(drawn[:, j] - drawn[:, 0]) for j in range(1, k)]
        two_sided = [2 * min(one, 1 - one) for one in p]
        found += [min(holm(two_sided)) < 0.05, min(two_sided) < 0.05]
    return dict(zip(("holm", "uncorrected"), (found / EXPERIMENTS).tolist(), strict=True))


def reliability(rows: np.ndarray, k: int = 3, n: int = 10, seed: int = 6) -> pd.DataFrame:
    """said, came, low, high, n: of strategies said to be best with a probability in a bin, the share that was."""
    rng = np.random.default_rng(seed)
    made = equals(rows, k, rng)
    scale = float((made[:, 0] - made[:, 1]).std()) / np.sqrt(n)
    said, right = [], []
    for _ in range(EXPERIMENTS):
        truth = rng.normal(0.0, 2.0 * scale, k)
        said += s.probability_best(truth + made[rng.integers(0, len(made), n)], draws=400).tolist()
        right += (truth == truth.max()).tolist()
    chance, best = np.array(said), np.array(right)
    table = []
    for low, high in itertools.pairwise(EDGES):
        mine = (chance >= low) & ((chance < high) | (high == 1.0))
        share = float(best[mine].mean())
        half = 1.96 * np.sqrt(max(share * (1 - share), 1e-4) / mine.sum())
        table.append({"said": float(chance[mine].mean()), "came": share, "low": share - half, "high": share + half,
                      "n": int(mine.sum())})  # fmt: skip
    return pd.DataFrame(table)


def selected(rows: np.ndarray, k: int = 4, seed: int = 9, times: int = 300) -> dict[str, float]:
    """How often the procedure that adds runs keeps the best, which is better than the rest by just the zone."""
    rng = np.random.default_rng(seed)
    made = equals(rows, k, rng)
    zone = 0.5 * float((made[:, 0] - made[:, 1]).std())
    made[:, -1] += zone
    right, used = 0, []
    for _ in range(times):
        race = Race(made[rng.integers(0, len(made), 10)], zone)
        while not race.decided:
            race.look(made[rng.integers(0, len(made))])
        right += bool(race.alive[-1])
        used.append(np.where(race.dropped > 0, race.dropped, race.used).sum() / (k * race.used))
    return {"right": right / times, "runs": float(np.mean(used))}


def figure(table: pd.DataFrame) -> Any:
    """The reliability figure: what was said against what came."""
    from sim.report.style import INK, canvas, in_style

    @in_style
    def drawn() -> Any:
        made, axes = canvas("P(best): what was said, and how often it came", height=3.6, width=4.4)
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        for row in table.to_dict("records"):
            axes.plot([row["said"]] * 2, [row["low"], row["high"]], color="#0072B2", linewidth=1.2)
        axes.plot(table["said"], table["came"], "o", color="#0072B2", markersize=5)
        axes.set_xlabel("probability that was stated")
        axes.set_ylabel("share that was the best")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        return made

    return drawn()


def main(arguments: list[str] | None = None) -> None:
    """Print every share; write the figure where a folder is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    rows = stock()
    print("replications:", POOL if POOL.exists() else "drawn from a skewed law (there is no pool.parquet)")
    for name, found in (("fixed", fixed(rows)), ("resampled", resampled(rows)), ("sequential", sequential(rows)),
                        ("family error of six equals", family(rows)), ("selection", selected(rows))):  # fmt: skip
        print(f"{name}: {found}")
    table = reliability(rows)
    print(table.round(3).to_string(index=False))
    if options.out:
        from sim.experiments.store import write_text
        from sim.report.style import svg

        write_text(svg(figure(table), "r", "reliability of P(best)"), options.out / "reliability.svg")


if __name__ == "__main__":
    main()
