"""The engine against one mesa.Agent a person: same rules, same parameters, same people; interleaved runs.

    python tests/benchmarks/against_mesa.py [--consumers 4000] [--days 60] [--repeats 5] [--large 100000]

Prints consumer-days a second of both (medians), their ratio at that size and, with ``--large``, at that many people for
ten days; and whether the two agree in distribution: the mean difference over seeds against its standard error.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import mean, median, stdev
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from mesa_market import MesaMarket, core

import sim
from sim.bench.measure import CITY

TOLERANCE = {"orders per person": 0.03, "aware share": 0.01, "return rate": 0.01, "impressions per person": 0.03,
             "clicks per person": 0.03, "shares per person": 0.05}
"""A mean difference is agreement when it is below this or below four standard errors. Relative to the mean, but for the
two shares, where it is absolute."""


def scenario(consumers: int, days: int) -> Any:
    """The benchmark city with the core rules only."""
    return core(sim.load(CITY, set={"market.consumers": consumers, "market.days": days}))


def engine(plan: Any, seed: int, threads: int = 1) -> tuple[float, dict[str, float]]:
    """Seconds of the days (building not counted) and the facts."""
    market = sim.Market(plan, seed=seed, threads=threads, check=False)
    start = perf_counter()
    for _ in range(plan.market.days):
        market.step()
    seconds = perf_counter() - start
    n = len(market.consumers)
    t = {name: int(market.book.tally[:, code].sum()) for name, code in sim.contract.COUNT.items()}
    return seconds, {
        "orders per person": t["orders"] / n,
        "aware share": float(np.mean(market.state.columns["flags"] & 1)),
        "return rate": t["returned"] / max(t["delivered"], 1),
        "impressions per person": t["impressions"] / n,
        "clicks per person": t["clicks"] / n,
        "shares per person": len(market.state.table("shares")) / n,
    }


def plain(plan: Any, seed: int) -> tuple[float, dict[str, float]]:
    """The same of the model with one agent a person."""
    market = MesaMarket(plan, seed)
    start = perf_counter()
    for _ in range(plan.market.days):
        market.step()
    return perf_counter() - start, market.facts()


def large(consumers: int, days: int = 10) -> dict[str, float]:
    """Both at the size of the speed benchmark: consumer-days a second, medians of three (the plain model once)."""
    plan = scenario(consumers, days)
    work = consumers * days
    slow = work / plain(plan, 1)[0]
    figures = {"mesa": slow}
    print(f"{consumers:,} people x {days} days")
    print(f"  mesa.Agent each    {slow:12,.0f} consumer-days/s")
    for threads in (1, 2):
        fast = work / median(engine(plan, seed, threads)[0] for seed in (1, 2, 3))
        figures[f"engine_{threads}"] = fast
        print(f"  engine, {threads} thread(s) {fast:12,.0f} consumer-days/s   ratio {fast / slow:.0f}")
    return figures


Facts = dict[str, float]


def agreement(ours: list[Facts], theirs: list[Facts]) -> dict[str, tuple[float, float, float, bool]]:
    """For each fact both means, the difference in standard errors, and whether they agree."""
    out = {}
    for name, tolerance in TOLERANCE.items():
        a, b = [f[name] for f in ours], [f[name] for f in theirs]
        gaps = [x - y for x, y in zip(a, b, strict=True)]
        error = stdev(gaps) / len(gaps) ** 0.5 if len(gaps) > 1 else 0.0
        size = 1.0 if name in ("aware share", "return rate") else max(mean(a), 1e-9)
        gap = mean(gaps)
        close = abs(gap) <= max(tolerance * size, 4.0 * error)
        out[name] = (mean(a), mean(b), gap / error if error else 0.0, close)
    return out


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Run, print, and return the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consumers", type=int, default=4000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--large", type=int, default=0)
    options = parser.parse_args(arguments)
    plan = scenario(options.consumers, options.days)
    engine(scenario(min(options.consumers, 500), min(options.days, 20)), 0)
    runs: list[tuple[tuple[float, dict[str, float]], tuple[float, dict[str, float]]]] = []
    for seed in range(1, options.repeats + 1):
        runs.append((engine(plan, seed), plain(plan, seed)))
    work = options.consumers * options.days
    fast, slow = (work / median(run[k][0] for run in runs) for k in (0, 1))
    print(f"{options.consumers} people x {len(plan.merchants) * 2} products x {options.days} days, "
          f"medians of {options.repeats} interleaved runs")
    print(f"  engine, 1 thread   {fast:12,.0f} consumer-days/s")
    print(f"  mesa.Agent each    {slow:12,.0f} consumer-days/s")
    print(f"  ratio              {fast / slow:12.0f}")
    figures: dict[str, Any] = {"engine": fast, "mesa": slow, "ratio": fast / slow}
    if options.large:
        figures["large"] = large(options.large)
    figures["agreement"] = agreement([r[0][1] for r in runs], [r[1][1] for r in runs])
    for name, (a, b, errors, close) in figures["agreement"].items():
        verdict = "ok" if close else "DIFFER"
        print(f"  {name:24} engine {a:9.4f}   mesa {b:9.4f}   {errors:+5.1f} standard errors   {verdict}")
    return figures


if __name__ == "__main__":
    main()
