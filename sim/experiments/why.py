"""Why it won: every channel, creator, segment or event switched off in paired runs, and the total shared among them.

A *coalition* is the strategy with some of its players off (:mod:`sim.experiments.switches`). Each is run on the
comparison's own seeds, so that a player which does nothing gets exactly zero. Up to five players all coalitions are
run; beyond, those on sampled orders.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import ScenarioError
from sim.experiments.credits import of_creators
from sim.experiments.execute import Progress, RunsFailed, collect
from sim.experiments.question import Question, ask
from sim.experiments.reference import focal
from sim.experiments.shapley import EXACT_UP_TO, coalitions, exact, orders, sampled
from sim.experiments.statistics import Floats, mean_interval
from sim.experiments.store import write_parquet
from sim.experiments.switches import ATTRIBUTIONS, change, funded, kind_of, players
from sim.experiments.waterfall import challenger
from sim.metrics import declared

ORDERS = 12
"""Orders of players that are sampled when there are more than five."""

LABEL = 20
"""Letters of a strategy's name that the names of its variants begin with."""

LONGEST = 80
"""Letters of a name at most."""

REST, TOTAL = "rest", "total"
"""Rows beside the players: what comes with all of them off, and what comes with all of them on."""


def attribute(comparison: Any, strategy: str | None = None, metric: str | None = None, *, by: str = "channel",
              only: Sequence[str] | None = None, replications: int | None = None, jobs: int | None = None,
              threads: int | None = 1, progress: Progress | None = None) -> pd.DataFrame:  # fmt: skip
    """A row a player, then ``rest`` and ``total``: what each brought to ``metric`` (default: the first outcome).

    ``by``: players are the ``channel`` (default: those the strategy pays for, and sharing among friends and invitations
    to groups where it has them), tiers of the ``creator``, the ``segment`` or the ``event``; ``only`` names some.
    ``strategy`` defaults to the best one, reference arms left out. Columns: ``mean, low, high, n`` the Shapley part,
    which sums with ``rest`` to ``total``; ``order_error`` the part's standard error from sampling orders, 0 when all
    were run; ``alone*`` what is lost when only this one is off. Of channels also ``moved*``, the same when its money
    goes to the others, in proportion. Of channels and creators ``gmv_last_touch, gmv_first_touch`` what the usual
    credits say, and ``spend``, of creators what is saved without the tier; of creators also ``gmv_alone*``, ``alone``
    in the credits' unit; of segments ``gmv_own``, their own orders; all in yuan. All are means over ``replications``
    (default: the comparison's) with 95 % intervals. Where the comparison has a folder the runs and the table are kept
    in it. Raises ScenarioError on an unknown name.
    """
    by = kind_of(by)
    metric = metric or comparison.outcomes[0]
    chosen = leader(comparison, strategy, metric)
    found = players(comparison.scenario, chosen, focal(comparison.scenario), by, only)
    full = (1 << len(found)) - 1
    sampling = orders(len(found), ORDERS) if len(found) > EXACT_UP_TO else None
    masks = sorted({*coalitions(len(found), sampling), full, *(full ^ 1 << k for k in range(len(found)))})
    count = min(replications or comparison.replications, len(comparison.manifest["seeds"]))
    lived = _events if by == "event" else _withheld
    worth, beside = lived(comparison, chosen, metric, by, found, masks, count, jobs, threads, progress)
    parts, errors = sampled(worth, sampling) if sampling else (exact(worth, len(found)), [0.0] * len(found))
    rows = []
    for k, name in enumerate(found):
        row = {by: name, **_spread("", parts[k]), "order_error": errors[k]}
        rows.append(row | _spread("alone", worth[full] - worth[full ^ 1 << k]) | beside.get(name, {}))
    rows.append({by: REST, **_spread("", worth[0])})
    rows.append({by: TOTAL, **_spread("", worth[full])})
    table = pd.DataFrame(rows)
    table.insert(0, "strategy", chosen)
    table.insert(1, "metric", metric)
    _keep(comparison, table, by)
    return table


Worth = dict[int, Floats]
"""float64[replications] of the metric by coalition."""

Beside = dict[str, dict[str, float]]
"""Further columns of the table by player."""


def _withheld(comparison: Any, chosen: str, metric: str, by: str, found: Sequence[str], masks: Sequence[int],
              count: int, jobs: int | None, threads: int | None,
              progress: Progress | None) -> tuple[Worth, Beside]:  # fmt: skip
    """Coalitions as strategies that withhold some players; beside them what moving money and credits say."""
    scenario, merchant = comparison.scenario, focal(comparison.scenario)
    off = {mask: [p for k, p in enumerate(found) if not mask >> k & 1] for mask in masks}
    names = {mask: _without(chosen, mask, out) for mask, out in off.items()}
    variants = {names[m]: change(scenario, chosen, merchant, by, out) for m, out in off.items() if names[m] != chosen}
    moving = funded(scenario, chosen, merchant, found) if by == "channel" else []
    moved = {channel: f"{chosen[:LABEL]} moving {channel}" for channel in moving}
    variants |= {name: change(scenario, chosen, merchant, by, [ch], move=True) for ch, name in moved.items()}
    runs = _run(comparison, variants, chosen, count, jobs, threads, progress)

    def lost(without: str, of: str) -> Floats:
        return _values(runs, chosen, of) - _values(runs, without, of)

    usual = [run for (arm, _, _), run in runs.items() if arm == chosen]
    if by == "channel":
        beside = {c: _spread("moved", lost(moved[c], metric) if c in moved else np.zeros(0)) for c in found}
        credit = _means(usual, "channels", by, "gmv_last_touch", "gmv_first_touch", "spend")
    elif by == "creator":
        alone = {name: names[max(masks) ^ 1 << k] for k, name in enumerate(found)}
        beside = {name: {**_spread("gmv_alone", lost(without, "gmv")),
                         "spend": float(lost(without, "marketing_spend").mean())} for name, without in alone.items()}
        credit = of_creators(comparison, chosen, count, jobs, progress)
    else:
        beside, credit = {}, {n: {"gmv_own": c["gmv"]} for n, c in _means(usual, "segments", by, "gmv").items()}
    return ({mask: _values(runs, name, metric) for mask, name in names.items()},
            {name: beside.get(name, {}) | credit.get(name, {}) for name in found})  # fmt: skip


def _events(comparison: Any, chosen: str, metric: str, by: str, found: Sequence[str], masks: Sequence[int], count: int,
            jobs: int | None, threads: int | None, progress: Progress | None) -> tuple[Worth, Beside]:  # fmt: skip
    """Coalitions as scenarios in which only some of the events take place; events not among the players always do."""
    from sim.experiments.sweep import sweep

    always = [event.name for event in comparison.scenario.events if event.name not in found]
    levels = [always + [name for k, name in enumerate(found) if mask >> k & 1] or ["none"] for mask in masks]
    made = sweep(comparison.scenario, {"event": levels}, design="list", strategies=[chosen], replications=count,
                 seed=comparison.manifest["seed"], daily=False, jobs=jobs, threads=threads or 1, progress=progress,
                 out=None if comparison.path is None else comparison.path.parent.parent)  # fmt: skip
    runs = made.runs
    if metric not in runs.columns:
        raise ScenarioError(f"{metric!r} is no outcome of the scenario: add it under 'outcomes:'")
    wide = runs.pivot(index="cell", columns="replication", values=metric).reindex(range(len(masks))).to_numpy(float)
    wide = wide[:, np.isfinite(wide).all(axis=0)]
    if not wide.shape[1] and len(made.failures):
        raise RunsFailed([{"error": f"{row['type']}: {row['message']}"} for row in made.failures.to_dict("records")])
    return dict(zip(masks, wide, strict=True)), {}


def leader(comparison: Any, strategy: str | None, metric: str) -> str:
    """The strategy named, else the one with the best mean; the baseline may be it, a reference arm not."""
    own = [s for s in comparison.strategies if s not in comparison.references]
    if strategy is not None or not own:
        return challenger(comparison, strategy, metric)
    means = comparison.values(metric)[own].mean()
    return str(means.idxmin() if declared(metric).better == "down" else means.idxmax())


def stored(comparison: Any, strategy: str | None = None, metric: str | None = None,
           by: str = "channel") -> pd.DataFrame:  # fmt: skip
    """The table kept with a comparison; empty where there is none."""
    kept: pd.DataFrame | None = comparison.tables.get(ATTRIBUTIONS[kind_of(by)])
    if kept is None or kept.empty:
        return pd.DataFrame()
    metric = metric or comparison.outcomes[0]
    chosen = leader(comparison, strategy, metric)
    return kept[(kept["strategy"] == chosen) & (kept["metric"] == metric)].reset_index(drop=True)


def _keep(comparison: Any, table: pd.DataFrame, by: str) -> None:
    name = ATTRIBUTIONS[by]
    kept = comparison.tables.get(name)
    if kept is not None and not kept.empty:
        same = (kept["strategy"] == table["strategy"].iloc[0]) & (kept["metric"] == table["metric"].iloc[0])
        table = pd.concat([part for part in (kept[~same], table) if not part.empty], ignore_index=True)
    comparison.tables[name] = table
    if comparison.path is not None:
        write_parquet(table, comparison.path / f"{name}.parquet")


def _without(strategy: str, mask: int, off: Sequence[str]) -> str:
    """Name of a coalition: it says who is off where that is short enough for a name."""
    if not off:
        return strategy
    said = f"{strategy[:LABEL]} without {' '.join(off)}"
    return said if len(said) <= LONGEST else f"{strategy[:LABEL]} coalition {mask}"


def _run(comparison: Any, variants: dict[str, Any], strategy: str, count: int, jobs: int | None, threads: int | None,
         progress: Progress | None) -> dict[Any, Any]:  # fmt: skip
    """Every variant and the strategy itself on the comparison's first ``replications`` seeds."""
    scenario = comparison.scenario
    scenario = scenario.with_set({"strategies": {**scenario.strategies, **variants}})
    with tempfile.TemporaryDirectory(prefix="sim-") as scratch:
        out = scratch if comparison.path is None else comparison.path.parent.parent
        asked: Question = ask(scenario, strategies=[strategy, *variants], baseline=strategy, replications=count,
                              seed=comparison.manifest["seed"], out=out, references=[])  # fmt: skip
        runs, _, _, _ = collect(asked, jobs, threads, progress)
    return runs


def _spread(name: str, values: Floats) -> dict[str, Any]:
    """Mean and interval under column names; without a name, also the number of replications."""
    found = mean_interval(np.asarray(values, float))
    head = name or "mean"
    tail = f"{name}_" if name else ""
    return {head: found.mean, f"{tail}low": found.low, f"{tail}high": found.high} | ({} if name else {"n": found.n})


def _values(runs: dict[Any, Any], arm: str, metric: str) -> Floats:
    """float64[replications] of a metric under one of the strategies that were run."""
    return np.array([run.outcome(metric) for (name, _, _), run in runs.items() if name == arm], float)


def _means(runs: Sequence[Any], table: str, key: str, *columns: str) -> Beside:
    """Columns of one table of the runs by key: means over the runs."""
    tables = [getattr(run, table).set_index(key)[list(columns)] for run in runs]
    mean = sum(tables[1:], tables[0]) / len(tables)
    return {str(name): {c: float(row[c]) for c in columns} for name, row in mean.iterrows()}


__all__ = ["attribute", "stored"]
