"""Running the markets of the facts and judging the figures: what ``sim facts`` prints and the tests assert."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.contract import ScenarioError
from sim.experiments.execute import collect
from sim.experiments.identity import BASE
from sim.experiments.question import ask
from sim.experiments.result import RunResult
from sim.validation.facts.figures import REASONS, WIRING, Figure, Wiring, chosen, market_file
from sim.validation.facts.judge import VERDICTS, Estimate, estimate, verdict
from sim.validation.facts.observables import NEED_ORDERS, observe

REPLICATIONS, QUICK = 12, 4
UNCHECKABLE = {
    "out of scope": "speaks of markets, not of what a run observes",
    "directional": "a direction without a quantity that a run could meet",
}
"""Why the other kinds of figures have no run."""
Runs = dict[tuple[str, str], list[RunResult]]
"""Runs by (market, strategy), in the order of replications."""


@dataclass(frozen=True)
class Checked:
    """A figure with what came of it; ``wiring``, ``found`` are None, and ``reason`` says why, when it has no run."""

    figure: Figure
    wiring: Wiring | None
    found: Estimate | None
    verdict: str
    reason: str


@dataclass(frozen=True)
class Facts:
    """The figures asked for, checked; ``replications`` of each arm, ``seconds`` of wall clock, whether ``quick``."""

    checked: tuple[Checked, ...]
    replications: int
    seconds: float
    quick: bool

    @property
    def wired(self) -> list[Checked]:
        """Those that have a run."""
        return [c for c in self.checked if c.wiring is not None]

    def counts(self) -> dict[str, int]:
        """How many figures have each verdict."""
        return {v: sum(c.verdict == v for c in self.wired) for v in VERDICTS}

    def rows(self) -> list[dict[str, Any]]:
        """A row a figure, plain values."""
        return [_row(c) for c in self.checked]


def _row(c: Checked) -> dict[str, Any]:
    row: dict[str, Any] = {**vars(c.figure), "verdict": c.verdict, "reason": c.reason}
    w, e = c.wiring, c.found
    if w is not None and e is not None:
        row |= {"scenario": f"facts/{w.market}", "observable": w.observable, "arm": w.arm, "against": w.against,
                "versus": w.versus, "how": w.how, "low_figure": w.low, "high_figure": w.high, "value": e.value,
                "low": e.low, "high": e.high, "n": e.n, "note": w.note}  # fmt: skip
    return row


def needed(wirings: Iterable[Wiring]) -> dict[str, tuple[list[str], bool]]:
    """Strategies each market has to run, and whether orders must be kept."""
    arms: dict[str, list[str]] = defaultdict(list)
    orders: dict[str, bool] = defaultdict(bool)
    for wiring in wirings:
        for market, strategy in wiring.arms():
            if strategy not in arms[market]:
                arms[market].append(strategy)
            orders[market] |= wiring.observable in NEED_ORDERS
    return {market: (arms[market], orders[market]) for market in sorted(arms)}


def facts(names: Sequence[str] = (), *, quick: bool = False, replications: int | None = None, seed: int = 0,
          jobs: int | None = None, out: str | Path | None = None, progress: Callable[[int, int], None] | None = None,
          ) -> Facts:  # fmt: skip
    """Check the named figures (all when none is named): run what they need, which is kept under ``out``, and judge.

    Raises ScenarioError on an unknown name.
    """
    asked, start = chosen(names), time.perf_counter()
    count = replications or (QUICK if quick else REPLICATIONS)
    if count < 3:
        raise ScenarioError(f"an interval needs at least 3 replications (got {count})")
    wirings = [WIRING[f.id] for f in asked if f.id in WIRING]
    if out is None:
        with tempfile.TemporaryDirectory(prefix="sim-") as scratch:
            runs = _runs(needed(wirings), count, seed, jobs, Path(scratch), progress)
    else:
        runs = _runs(needed(wirings), count, seed, jobs, Path(out), progress)
    checked = tuple(check(figure, runs) for figure in asked)
    return Facts(checked, count, time.perf_counter() - start, quick)


def _runs(markets: dict[str, tuple[list[str], bool]], count: int, seed: int, jobs: int | None, out: Path,
          progress: Callable[[int, int], None] | None) -> Runs:  # fmt: skip
    from sim.scenario import load

    found: Runs = {}
    for k, (market, (strategies, orders)) in enumerate(markets.items()):
        if progress is not None:
            progress(k, len(markets))
        scenario = load(market_file(market))
        base = {"baseline": strategies[0]} if len(strategies) > 1 else {"baseline": BASE}
        question = ask(scenario, replications=count, seed=seed, strategies=strategies, orders=orders, references=(),
                       out=out / "facts", **base)  # fmt: skip
        runs, _, _, _ = collect(question, jobs, None, None)
        for strategy in strategies:
            mine = {r: run for (name, r, _), run in runs.items() if name == strategy}
            found[market, strategy] = [mine[r] for r in sorted(mine)]
    if progress is not None:
        progress(len(markets), len(markets))
    return found


def check(figure: Figure, runs: Runs) -> Checked:
    """Judge one figure by the runs."""
    wiring = WIRING.get(figure.id)
    if wiring is None:
        return Checked(figure, None, None, "not wired", REASONS.get(figure.id) or UNCHECKABLE[figure.kind])
    arms = [runs[arm] for arm in wiring.arms()]
    first = [observe(run, wiring.observable) for run in arms[0]]
    second = None
    if wiring.versus is not None:
        second = [observe(run, wiring.versus) for run in arms[0]]
    elif wiring.against is not None:
        second = [observe(run, wiring.observable) for run in arms[1]]
    found = estimate(first, second, wiring.how)
    return Checked(figure, wiring, found, *verdict(found, wiring))
