"""The answer of a comparison: strategies side by side, their paired differences, and how sure one may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.experiments import preferences, reference, statistics
from sim.experiments.multiple import holm, may_be_best
from sim.experiments.store import MANIFEST, read_json, read_parquet
from sim.experiments.switches import WHY
from sim.experiments.tables import COMBINED, averages, bands
from sim.metrics import declared, in_order

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Comparison:
    """What ``sim.compare`` gives.

    ``table``: strategy, metric, mean, low, high, n, sd. ``differences``: strategy, metric, mean, low, high, p_better,
    boot_low, boot_high, p_value, p_holm, n, pairing. ``p_best``: metric, strategy, p, regret, may_be_best.
    ``pairing``: strategy, metric, correlation, ratio, saved, n. ``best``: metric -> strategy. ``daily``: strategy, day,
    metric, mean, low, high, n. ``channels``, ``products``, ``merchants``, ``cohorts``: means over replications.
    ``summary``: a row a run. ``spending`` and ``returns``: see :mod:`sim.experiments.reference`. Intervals are 95 %;
    differences are to ``baseline`` on the same seeds. Only replications in which every strategy finished are counted.
    ``pilot``: the replications that settled how many there are, None when that was fixed
    (:mod:`sim.experiments.precision`).

    >>> answer = sim.compare("presets/examples/tea.yaml", replications=3, jobs=1)
    >>> answer.best["orders"] in answer.strategies
    True
    """

    def __init__(self, scenario: Any, manifest: dict[str, Any], tables: Mapping[str, pd.DataFrame],
                 path: Path | None = None) -> None:  # fmt: skip
        self._scenario = scenario
        self.manifest = manifest
        self.tables = dict(tables)
        self.path = path
        self.run_id: str = manifest["run_id"]
        self.baseline: str = manifest["baseline"]
        self.strategies: list[str] = list(manifest["strategies"])
        self.outcomes: list[str] = list(manifest["outcomes"])
        self.replications: int = int(manifest["replications_done"])
        self.references: list[str] = list(manifest.get("references", []))
        self.pilot: int | None = (manifest.get("precision") or {}).get("first_stage")
        self.failures: list[dict[str, Any]] = list(manifest.get("failures", []))

    @classmethod
    def load(cls, path: str | Path, scenario: Any = None) -> Comparison:
        """Read an answer from its folder. Raises FileNotFoundError when there is none, or an unfinished one."""
        folder = Path(path)
        manifest = read_json(folder / MANIFEST)
        if manifest is None or manifest.get("kind") != "compare":
            raise FileNotFoundError(f"no finished comparison in {folder}")
        kept = [name for name in (*COMBINED, *WHY, "doubts") if name != "orders"]
        tables = {name: read_parquet(folder / f"{name}.parquet") for name in kept}
        return cls(scenario, manifest, tables, folder)

    @property
    def scenario(self) -> Any:
        """The scenario that was asked; read again from the manifest when the answer comes from disk alone."""
        if self._scenario is None:
            self._scenario = import_module("sim.scenario").load(self.manifest["resolved"])
        return self._scenario

    @property
    def summary(self) -> pd.DataFrame:
        """A row a run: strategy, replication, seed, and a column a metric."""
        return self.tables["summary"]

    @cached_property
    def metrics(self) -> list[str]:
        """Everything measured: the outcomes first, then the rest as declared."""
        rest = [c for c in self.summary.columns if c not in ("strategy", "replication", "seed", *self.outcomes)]
        return [*self.outcomes, *in_order(rest)]

    def values(self, metric: str) -> pd.DataFrame:
        """A row a replication, a column a strategy: the raw values behind every statistic."""
        wide = self.summary.pivot(index="replication", columns="strategy", values=metric)
        return wide.reindex(columns=self.strategies).astype(float)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Mean and interval of every metric by strategy."""
        return pd.DataFrame([
            {"strategy": strategy, "metric": metric,
             **asdict(statistics.mean_interval(values[strategy].to_numpy(), pilot=self.pilot))}
            for metric in self.metrics for values in [self.values(metric)] for strategy in self.strategies
        ])  # fmt: skip

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Paired difference of every strategy to the baseline, by metric; ``p_holm`` allows for their number."""
        rows: list[dict[str, Any]] = []
        for metric in self.metrics:
            values, better = self.values(metric), declared(metric).better
            base, first = values[self.baseline].to_numpy(), len(rows)
            for strategy in self.strategies:
                if strategy != self.baseline:
                    own = values[strategy].to_numpy()
                    found = asdict(statistics.paired_difference(own, base, better, pilot=self.pilot))
                    ratio = statistics.pairing(own, base).ratio
                    rows.append({"strategy": strategy, "metric": metric, **found, "pairing": ratio})
            for row, p in zip(rows[first:], holm([row["p_value"] for row in rows[first:]]), strict=True):
                row["p_holm"] = p
        return pd.DataFrame(rows)

    @cached_property
    def pairing(self) -> pd.DataFrame:
        """What common seeds were worth, by strategy and metric: see :class:`sim.experiments.statistics.Pairing`."""
        return pd.DataFrame([
            {"strategy": strategy, "metric": metric,
             **asdict(statistics.pairing(values[strategy].to_numpy(), values[self.baseline].to_numpy()))}
            for metric in self.outcomes for values in [self.values(metric)]
            for strategy in self.strategies if strategy != self.baseline
        ])  # fmt: skip

    @cached_property
    def p_best(self) -> pd.DataFrame:
        """Probability that each strategy has the best mean, by metric; NaN for a metric without a good direction.

        ``regret``: what choosing it may be expected to give away; ``may_be_best``: whether it is among those that
        cannot be told from the best (the set holds the best with 95 %).
        """
        rows = []
        for metric in self.metrics:
            values, better = self.values(metric).to_numpy(), declared(metric).better
            p = statistics.probability_best(values, better, pilot=self.pilot)
            regret = statistics.expected_regret(values, better, pilot=self.pilot)
            stay = may_be_best(values, better, pilot=self.pilot)
            rows += [
                {"metric": metric, "strategy": strategy, "p": float(p[k]), "regret": float(regret[k]),
                 "may_be_best": stay[k]}
                for k, strategy in enumerate(self.strategies)
            ]  # fmt: skip
        return pd.DataFrame(rows)

    @cached_property
    def spending(self) -> pd.DataFrame:
        """Whether strategies spent the same: see :func:`sim.experiments.reference.spending`."""
        return reference.spending(self)

    @cached_property
    def returns(self) -> pd.DataFrame:
        """Profit over doing nothing per yuan spent on it: see :func:`sim.experiments.reference.returns`."""
        return reference.returns(self)

    def dominance(self, metric: str | None = None) -> pd.DataFrame:
        """Every ordered pair: see :func:`sim.experiments.preferences.dominance`. Default: the first outcome."""
        return preferences.dominance(self, metric or self.outcomes[0])

    def pareto(self, first: str, second: str) -> pd.DataFrame:
        """The trade-off of two metrics: see :func:`sim.experiments.preferences.front`."""
        return preferences.front(self, first, second)

    def select(self, zone: float, metric: str | None = None) -> pd.Series:
        """Select the best, ``zone`` being too little to care: see :func:`sim.experiments.preferences.selection`."""
        return preferences.selection(self, zone, metric or self.outcomes[0])

    def waterfall(self, strategy: str | None = None, metric: str = "profit") -> pd.DataFrame:
        """From the baseline to a strategy (default: the best) in steps: see :func:`sim.experiments.waterfall.steps`."""
        from sim.experiments.waterfall import steps

        return steps(self, strategy, metric)

    def attribution(self, strategy: str | None = None, metric: str | None = None, **options: Any) -> pd.DataFrame:
        """What each channel of a strategy (or, with ``by``, each creator, segment or event) brought, by switching it
        off: see :func:`sim.experiments.why.attribute`.

        The stored answer where there is one for that strategy and metric, else it is computed.
        """
        from sim.experiments.why import attribute, stored

        known = stored(self, strategy, metric, options.get("by", "channel"))
        return attribute(self, strategy, metric, **options) if known.empty or options.keys() - {"by"} else known

    def doubts(self, strategy: str | None = None, metric: str | None = None, **options: Any) -> pd.DataFrame:
        """The difference to the baseline at either end of every uncertainty: :func:`sim.experiments.doubts.doubts`.

        The stored answer where there is one for that strategy and metric, else it is computed.
        """
        from sim.experiments.doubts import doubts, rival_of

        metric = metric or self.outcomes[0]
        chosen = strategy or rival_of(self, metric)
        known = self.tables.get("doubts", pd.DataFrame())
        same = not known.empty and (known["strategy"].iloc[0], known["metric"].iloc[0]) == (chosen, metric)
        return known if same and not options else doubts(self, chosen, metric, **options)

    @cached_property
    def best(self) -> dict[str, str]:
        """The strategy with the best mean of each outcome that has a good direction and was observed."""
        found = {}
        for metric in self.outcomes:
            better = declared(metric).better
            means = self.table[self.table["metric"] == metric].set_index("strategy")["mean"].dropna()
            if better and not means.empty:
                found[metric] = str(means.idxmax() if better == "up" else means.idxmin())
        return found

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Mean and band by day, strategy and metric."""
        return bands(self.tables.get("daily", pd.DataFrame()))

    @cached_property
    def channels(self) -> pd.DataFrame:
        """What each channel brought and cost: means over replications."""
        return averages(self.tables.get("channels", pd.DataFrame()), "channel")

    @cached_property
    def products(self) -> pd.DataFrame:
        """Products: means over replications."""
        return averages(self.tables.get("products", pd.DataFrame()), "name")

    @cached_property
    def merchants(self) -> pd.DataFrame:
        """Merchants: means over replications."""
        return averages(self.tables.get("merchants", pd.DataFrame()), "merchant")

    @cached_property
    def cohorts(self) -> pd.DataFrame:
        """Buyers by month of first order and month since, of the focal merchant: means over replications."""
        return averages(self.tables.get("cohorts", pd.DataFrame()), "cohort", "month", "observed")

    @property
    def cascades(self) -> pd.DataFrame:
        """Share trees of all replications: strategy, size, depth, virality, count."""
        return self.tables.get("cascades", pd.DataFrame())

    @property
    def cash(self) -> pd.DataFrame:
        """Cash by strategy, replication and day, a column a merchant."""
        return self.tables.get("cash", pd.DataFrame())

    def plot(self, kind: str = "differences", **options: Any) -> Figure:
        """One figure by kind; see :func:`sim.report.figures.plot_comparison`."""
        figure: Figure = import_module("sim.report.figures").plot_comparison(self, kind, **options)
        return figure

    def to_html(self, path: str | Path, lang: str = "en") -> Path:
        """Write the report, one self-contained page, and give its path."""
        import_module("sim.report.page").write_report(self, Path(path), lang=lang)
        return Path(path)

    def to_json(self) -> dict[str, Any]:
        """The answer as plain data, the schema of ``sim compare --json``. What was not observed is None."""
        from sim.experiments.as_data import as_data

        return as_data(self)

    def to_frame(self, metric: str | None = None) -> pd.DataFrame:
        """The answer as a table, a row a strategy: mean, interval and difference of ``metric``, or of all outcomes."""
        wanted = [metric] if metric else self.outcomes
        own = self.table[self.table["metric"].isin(wanted)]
        gap = self.differences
        gap = gap[["strategy", "metric", "mean", "low", "high", "p_better"]] if len(gap) else gap
        gap = gap.rename(columns={"mean": "difference", "low": "difference_low", "high": "difference_high"})
        return own.merge(gap, on=["strategy", "metric"], how="left") if len(gap) else own.reset_index(drop=True)

    def explain(self, metric: str | None = None, lang: str = "en") -> str:
        """The answer on ``metric`` (default: the first outcome) in a sentence, with its uncertainty."""
        return str(import_module("sim.report.verdict").answer(self, metric, lang).sentence)

    def __repr__(self) -> str:
        names = ", ".join(self.strategies)
        return f"<Comparison {self.manifest['scenario']!r}: {names}; {self.replications} replications>"

    def _repr_html_(self) -> str:
        return str(import_module("sim.report.cards").comparison(self))
