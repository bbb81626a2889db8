"""Why it won: every channel switched off in paired runs, alone and with others, and the total shared among them.

A *coalition* is the strategy with some of its channels off (``merchants.NAME.off``): their exposures blanked, their
money neither spent nor moved (decision D20). Each is run on the comparison's own seeds, so that a channel which does
nothing gets exactly zero. Up to five channels all coalitions are run; beyond, those on sampled orders.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import pandas as pd

from sim.contract import ScenarioError
from sim.experiments.execute import Progress, collect
from sim.experiments.question import Question, ask
from sim.experiments.reference import focal
from sim.experiments.shapley import EXACT_UP_TO, coalitions, exact, orders, sampled
from sim.experiments.statistics import Floats, mean_interval
from sim.experiments.store import write_parquet
from sim.experiments.waterfall import challenger
from sim.metrics import declared

ORDERS = 12
"""Orders of channels that are sampled when there are more than five."""

LABEL = 20
"""Letters of a strategy's name that the names of its variants begin with: a name has at most 80."""

REST, TOTAL = "rest", "total"
"""Rows beside the channels: what comes with all of them off, and what comes with all of them on."""


def attribute(comparison: Any, strategy: str | None = None, metric: str | None = None, *,
              channels: Sequence[str] | None = None, replications: int | None = None, jobs: int | None = None,
              threads: int = 1, progress: Progress | None = None) -> pd.DataFrame:  # fmt: skip
    """A row a channel, then ``rest`` and ``total``: what each brought to ``metric`` (default: the first outcome).

    ``strategy`` defaults to the best one, reference arms left out; ``channels`` to those it pays for, and sharing among
    friends and invitations to groups where it has them. Columns: ``mean, low, high, n`` the Shapley part, which sums
    with ``rest`` to ``total``; ``order_error`` the part's standard error from sampling orders, 0 when all were run;
    ``alone*`` what is lost when only this channel is off; ``moved*`` the same when its money goes to the others, in
    proportion; ``gmv_last_touch, gmv_first_touch`` what the usual credits say, ``spend`` what it cost, in yuan. All are
    means over ``replications`` (default: the comparison's) with 95 % intervals. Where the comparison has a folder the
    runs and the table are kept in it. Raises ScenarioError on an unknown name.
    """
    metric = metric or comparison.outcomes[0]
    chosen = leader(comparison, strategy, metric)
    scenario = comparison.scenario
    merchant = focal(scenario)
    players = _players(scenario, chosen, merchant, channels)
    if not players:
        raise ScenarioError(f"{chosen!r} uses no channel that could be switched off")
    sampling = orders(len(players), ORDERS) if len(players) > EXACT_UP_TO else None
    masks = {mask: _without(chosen, [p for k, p in enumerate(players) if not mask >> k & 1])
             for mask in sorted({*coalitions(len(players), sampling), *_all_but_one(len(players))})}  # fmt: skip
    moved = {channel: f"{chosen[:LABEL]} moving {channel}" for channel in _funded(scenario, chosen, merchant, players)}
    variants = {name: _change(scenario, chosen, merchant, [p for k, p in enumerate(players) if not mask >> k & 1])
                for mask, name in masks.items() if name != chosen}  # fmt: skip
    variants |= {name: _change(scenario, chosen, merchant, [ch], move=True) for ch, name in moved.items()}
    runs = _run(comparison, variants, chosen, replications, jobs, threads, progress)

    def values(name: str) -> Floats:
        return np.array([run.outcome(metric) for (arm, _, _), run in runs.items() if arm == name], float)

    worth = {mask: values(name) for mask, name in masks.items()}
    full = (1 << len(players)) - 1
    parts, errors = sampled(worth, sampling) if sampling else (exact(worth, len(players)), [0.0] * len(players))
    credit = _credit([run for (arm, _, _), run in runs.items() if arm == chosen])
    rows = []
    for k, channel in enumerate(players):
        row = {"channel": channel, **_spread("", parts[k]), "order_error": errors[k]}
        row |= _spread("alone", worth[full] - worth[full ^ 1 << k])
        row |= _spread("moved", worth[full] - values(moved[channel]) if channel in moved else np.zeros(0))
        rows.append({**row, **credit.get(channel, {})})
    rows.append({"channel": REST, **_spread("", worth[0])})
    rows.append({"channel": TOTAL, **_spread("", worth[full])})
    table = pd.DataFrame(rows)
    table.insert(0, "strategy", chosen)
    table.insert(1, "metric", metric)
    _keep(comparison, table)
    return table


def leader(comparison: Any, strategy: str | None, metric: str) -> str:
    """The strategy named, else the one with the best mean; the baseline may be it, a reference arm not."""
    own = [s for s in comparison.strategies if s not in comparison.references]
    if strategy is not None or not own:
        return challenger(comparison, strategy, metric)
    means = comparison.values(metric)[own].mean()
    return str(means.idxmin() if declared(metric).better == "down" else means.idxmax())


def stored(comparison: Any, strategy: str | None = None, metric: str | None = None) -> pd.DataFrame:
    """The table kept with a comparison; empty where there is none."""
    kept: pd.DataFrame | None = comparison.tables.get("attribution")
    if kept is None or kept.empty:
        return pd.DataFrame()
    metric = metric or comparison.outcomes[0]
    chosen = leader(comparison, strategy, metric)
    return kept[(kept["strategy"] == chosen) & (kept["metric"] == metric)].reset_index(drop=True)


def _keep(comparison: Any, table: pd.DataFrame) -> None:
    kept = comparison.tables.get("attribution")
    if kept is not None and not kept.empty:
        same = (kept["strategy"] == table["strategy"].iloc[0]) & (kept["metric"] == table["metric"].iloc[0])
        table = pd.concat([part for part in (kept[~same], table) if not part.empty], ignore_index=True)
    comparison.tables["attribution"] = table
    if comparison.path is not None:
        write_parquet(table, comparison.path / "attribution.parquet")


def _players(scenario: Any, strategy: str, merchant: str, channels: Sequence[str] | None) -> list[str]:
    """The channels to be switched off."""
    from sim.scenario.paths import nearest
    from sim.scenario.players import Silenced

    known = list(get_args(Silenced))
    if channels is not None:
        for channel in channels:
            if channel not in known:
                raise ScenarioError(f"unknown channel {channel!r}{nearest(channel, known)}")
        return list(dict.fromkeys(channels))
    version = scenario.for_strategy(strategy)
    plan = _plan(version, merchant)
    versions = [plan, *(plan.during(phase) for phase in plan.phases)]
    used = {channel for v in versions if v.budget_per_day > 0 for channel, share in v.mix.shares().items() if share > 0}
    if version.mechanisms.sharing.enabled:
        used.add("friend")
    if version.mechanisms.group_buy.enabled and any(v.group is not None for v in versions):
        used.add("invite")
    return [channel for channel in known if channel in used]


def _plan(version: Any, merchant: str) -> Any:
    return next(m for m in version.merchants if m.name == merchant).plan


def _funded(scenario: Any, strategy: str, merchant: str, players: Sequence[str]) -> list[str]:
    """The players that a budget pays for: only they have money that could be moved."""
    from sim.scenario.players import MIX_CHANNELS

    plan = _plan(scenario.for_strategy(strategy), merchant)
    mixes = [plan.mix, *(phase.mix for phase in plan.phases if phase.mix is not None)]
    return [ch for ch in players if ch in MIX_CHANNELS and any(getattr(mix, ch) > 0 for mix in mixes)]


def _all_but_one(n: int) -> set[int]:
    full = (1 << n) - 1
    return {full, *(full ^ 1 << k for k in range(n))}


def _without(strategy: str, off: Sequence[str]) -> str:
    return f"{strategy[:LABEL]} without {' '.join(off)}" if off else strategy


def _change(scenario: Any, strategy: str, merchant: str, off: Sequence[str], move: bool = False) -> dict[str, Any]:
    """The strategy's own change and, after it, the channels that are off; ``move``: their money goes to the others.

    A mix that has no other channel has nowhere to move money to; it stays unspent.
    """
    from sim.scenario.paths import quote
    from sim.scenario.players import MIX_CHANNELS

    version = scenario.for_strategy(strategy)
    at = f"merchants.{quote(merchant)}"
    own = next(m for m in version.merchants if m.name == merchant)
    made = {**scenario.strategies.get(strategy, {}), f"{at}.off": sorted({*own.off, *off})}
    mixes = [(f"{at}.plan.mix", own.plan.mix),
             *((f"{at}.plan.phases.{quote(phase.name)}.mix", phase.mix) for phase in own.plan.phases)]  # fmt: skip
    for path, mix in mixes if move else []:
        if mix is not None and any(getattr(mix, other) > 0 for other in MIX_CHANNELS if other not in off):
            made |= {f"{path}.{channel}": 0 for channel in off}
    return made


def _run(comparison: Any, variants: dict[str, Any], strategy: str, replications: int | None, jobs: int | None,
         threads: int, progress: Progress | None) -> dict[Any, Any]:  # fmt: skip
    """Every variant and the strategy itself on the comparison's first ``replications`` seeds."""
    scenario = comparison.scenario
    scenario = scenario.with_set({"strategies": {**scenario.strategies, **variants}})
    count = min(replications or comparison.replications, len(comparison.manifest["seeds"]))
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


def _credit(runs: Sequence[Any]) -> dict[str, dict[str, float]]:
    """By channel: money credited by last and first touch, and money spent; means over the runs."""
    columns = ["gmv_last_touch", "gmv_first_touch", "spend"]
    tables = [run.channels.set_index("channel")[columns] for run in runs]
    mean = sum(tables[1:], tables[0]) / len(tables)
    return {str(channel): {c: float(row[c]) for c in columns} for channel, row in mean.iterrows()}


__all__ = ["attribute", "stored"]
