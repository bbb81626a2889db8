"""Calibration to real data: CDNOW's repeat orders, and adoptions on two real networks.

    python docs/science/calibration.py [cdnow] [cohort] [brfarmers] [medInnovations]     (default: all but cohort)

CDNOW comes with the package ``lifetimes``; the networks are looked for in the folder named by SIM_DATA. Writes
docs/science/<name>.csv, <name>-moments.csv and <name>.svg (CDNOW: repeat orders by week; networks: adopters by period).
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import sim
from sim.experiments.calibration import Calibration
from sim.experiments.calibration.moments import Events
from sim.experiments.calibration.plan import made
from sim.report.style import OKABE_ITO, canvas, in_style, legend
from sim.validation.laws import YEAR, bgnbd_fit, bgnbd_mean

HERE = Path(__file__).parent
PAPER = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
FIT_WEEKS = 39


def cdnow(cohort: bool = False) -> pd.DataFrame:
    """Orders of CDNOW: consumer and day; a tenth of the cohort of 1997's first quarter, or all of it."""
    found = find_spec("lifetimes")
    if found is None or found.origin is None:
        raise FileNotFoundError("CDNOW is in the package lifetimes: pip install lifetimes")
    name = "CDNOW_master.txt" if cohort else "CDNOW_sample.txt"
    lines = (Path(found.origin).parent / "datasets" / name).read_text().splitlines()
    rows = [line.split() for line in lines if line.strip() and line.split()[0].isdigit()]
    at = -3
    date = pd.to_datetime([row[at] for row in rows], format="%Y%m%d")
    day = (date - pd.Timestamp("1997-01-01")).days
    return pd.DataFrame({"consumer": [row[0] for row in rows], "day": np.asarray(day)})


def cdnow_plan(path: str, people: int, **over: Any) -> Any:
    """Four parameters of the BG/NBD market, fitted to the first 39 weeks of calendar time."""
    return made({
        "scenario": "presets/limits/bgnbd.yaml", "name": "cdnow", "set": {"market.consumers": people},
        "free": {
            "categories.good.occasions_per_year": [0.5, 12, "log"],
            "categories.good.occasion_shape": [0.05, 1.5, "log"],
            "mechanisms.loyalty.beta_a": [0.1, 5, "log"], "mechanisms.loyalty.beta_b": [0.3, 12, "log"],
        },
        "data": {"kind": "orders", "path": path, "entry": True, "counts": [1, 2, 3, 5, 8]},
        "fit_days": 7 * FIT_WEEKS, "bins": 6, "trials": 14, "rounds": 2, "replications": 1, "certainty": 12,
        "posterior": 0, **over,
    })  # fmt: skip


def likelihood(orders: pd.DataFrame) -> tuple[dict[str, float], dict[str, float], np.ndarray]:
    """BG/NBD by maximum likelihood on the first 39 weeks: estimates, errors, and each person's week of entry."""
    once = orders.drop_duplicates()
    first = once.groupby("consumer")["day"].min()
    early = once[once["day"] < 7 * FIT_WEEKS]
    x = early.groupby("consumer").size().reindex(first.index).to_numpy() - 1
    last = (early.groupby("consumer")["day"].max() - first).to_numpy() / 7
    until = FIT_WEEKS - first.to_numpy() / 7
    fitted, error, _ = bgnbd_fit(x.astype(float), last, until, np.array(list(PAPER.values())))
    return dict(zip(PAPER, fitted, strict=True)), dict(zip(PAPER, error, strict=True)), first.to_numpy() / 7


@in_style
def cdnow_figure(orders: pd.DataFrame, found: Calibration, law: dict[str, float], entry: np.ndarray) -> Figure:
    """Repeat orders so far, week by week: data, BG/NBD by likelihood, the market fitted to moments."""
    once = orders.drop_duplicates()
    start = once.groupby("consumer")["day"].transform("min")
    repeat = np.sort(once["day"][once["day"] > start].to_numpy() / 7)
    weeks = np.arange(1, 79)
    figure, axes = canvas("CDNOW: repeat orders since January 1997")
    axes.axvspan(FIT_WEEKS, 78, color="#eeeeee", linewidth=0)
    seen = axes.plot(weeks, np.searchsorted(repeat, weeks), color="black", linewidth=1.4)[0]
    mean = [sum(bgnbd_mean(w - s, **law) for s in entry if s < w) for w in weeks[::3]]
    fitted = axes.plot(weeks[::3], mean, color=OKABE_ITO[1], linestyle=(0, (4, 2)))[0]
    edges = found.target.window.edges / 7
    rates = np.concatenate([found.moments.mean(axis=0)[: found.target.window.fitted], found.ahead.mean(axis=0)])
    market = axes.plot(edges[1:], np.cumsum(rates) * found.target.people, color=OKABE_ITO[0], marker="o",
                       linestyle="none")[0]  # fmt: skip
    axes.set_xlabel("week (shaded: not used for fitting)")
    axes.set_ylabel("repeat orders so far")
    legend(figure, [seen, fitted, market], ["data", "BG/NBD, maximum likelihood", "market, simulated moments"])
    return figure


def run_cdnow(cohort: bool) -> None:
    """Fit, compare with likelihood and with the paper, draw."""
    orders = cdnow(cohort)
    name = "cdnow-cohort" if cohort else "cdnow"
    path = Path("results") / f"{name}-orders.csv"
    path.parent.mkdir(exist_ok=True)
    orders.to_csv(path, index=False)
    people = orders["consumer"].nunique()
    law, error, entry = likelihood(orders)
    print(f"{people} people; BG/NBD by likelihood:", {k: f"{v:.3f} +- {error[k]:.3f}" for k, v in law.items()})
    found = sim.calibrate(cdnow_plan(str(path.resolve()), people))
    table = found.table.set_index("parameter")
    rate, shape = (table["value"].iloc[k] for k in (0, 1))
    print(table.to_string())
    print(f"r {shape:.3f}, alpha {shape / rate * YEAR / 7:.3f} weeks, a {table['value'].iloc[2]:.3f}, "
          f"b {table['value'].iloc[3]:.3f}; J {found.statistic:.1f}, p {found.misfit:.2g}")  # fmt: skip
    write(name, found)
    cdnow_figure(orders, found, law, entry).savefig(HERE / f"{name}.svg")


def network_plan(folder: Path, name: str, never: int, until: int) -> Any:
    """Bass's hazard of one's own friends on the real network, a period a step."""
    return made({
        "scenario": "limits/bass", "name": name, "base_dir": str(folder), "fit_days": until, "bins": until // 2,
        "set": {"market.consumers": None, "network": {"kind": "file", "path": str(folder / f"{name}_edges.csv")}},
        "free": {"mechanisms.awareness.p": [0.001, 0.3, "log"], "mechanisms.awareness.q": [0.005, 1]},
        "data": {"kind": "adoptions", "path": f"{name}_nodes.csv", "edges": f"{name}_edges.csv",
                 "columns": {"day": "toa"}, "first": 1, "never": [never]},
        "trials": 12, "rounds": 2, "replications": 1, "certainty": 16, "posterior": 60,
    })  # fmt: skip


@in_style
def network_figure(name: str, found: Calibration) -> Figure:
    """New adopters by period: data, calendar and Bass one period ahead, and the market on the network."""
    from sim.experiments.calibration.baselines import paths

    data = found.target.adoptions
    assert isinstance(data, Events)
    edges = found.target.window.edges
    figure, axes = canvas(f"{name}: new adopters by period")
    axes.axvspan(float(edges[found.target.window.fitted]), float(edges[-1]), color="#eeeeee", linewidth=0)
    periods = np.arange(int(edges[-1]))
    seen = axes.plot(periods + 0.5, np.bincount(np.floor(data.day).astype(int), minlength=len(periods))[: len(periods)],
                     color="black", drawstyle="steps-mid")[0]  # fmt: skip
    lines, names = [seen], ["data"]
    for k, (model, expected) in enumerate(paths(data, float(edges[found.target.window.fitted])).items()):
        lines += axes.plot(np.arange(len(expected)) + 0.5, expected, color=OKABE_ITO[k + 1], linestyle=(0, (4, 2)))
        names.append(model)
    rates = np.concatenate([found.moments.mean(axis=0)[: found.target.window.fitted], found.ahead.mean(axis=0)])
    width = np.diff(edges)
    middle = (edges[:-1] + edges[1:]) / 2
    lines += axes.plot(middle, rates * data.people / width, color=OKABE_ITO[0], marker="o", linestyle="none")
    names.append("market on the network")
    axes.set_xlabel("period (shaded: not used for fitting)")
    axes.set_ylabel("people")
    legend(figure, lines, names)
    return figure


def run_network(name: str, never: int, until: int) -> None:
    """Fit, compare with the baselines, draw."""
    folder = Path(os.environ.get("SIM_DATA", "../shared/data")).resolve()
    found = sim.calibrate(network_plan(folder, name, never, until))
    print(name, found.target.people, "people")
    print(found.table.to_string())
    print(found.fit.to_string())
    print(found.baselines.to_string(), f"\nJ {found.statistic:.1f}, p {found.misfit:.2g}, held-out error "
          f"{found.held_out_error:.1%}")  # fmt: skip
    write(name, found)
    found.baselines.to_csv(HERE / f"{name}-baselines.csv", index=False, float_format="%.5g")
    network_figure(name, found).savefig(HERE / f"{name}.svg")


def write(name: str, found: Calibration) -> None:
    """Tables of estimates and of moments."""
    found.table.to_csv(HERE / f"{name}.csv", index=False, float_format="%.5g")
    found.fit.to_csv(HERE / f"{name}-moments.csv", index=False, float_format="%.5g")


def main() -> None:
    """Run what is named."""
    for name in sys.argv[1:] or ["cdnow", "brfarmers", "medInnovations"]:
        if name in ("cdnow", "cohort"):
            run_cdnow(name == "cohort")
        else:
            run_network(name, *{"brfarmers": (20, 14), "medInnovations": (18, 12)}[name])


if __name__ == "__main__":
    main()
