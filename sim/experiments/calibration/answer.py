"""The answer of a calibration: estimates, how sure they are, how well the rest is predicted, and a preset."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.calibration.evaluate import Space
from sim.experiments.calibration.moments import Target
from sim.experiments.calibration.plan import Plan
from sim.experiments.calibration.posterior import Cloud
from sim.experiments.store import csv_text, write_json
from sim.scenario.paths import parse_path
from sim.scenario.scenario import yaml_text

WEAK = 0.25
"""An estimate whose standard error is more than this share of its range says little beyond the range."""


@dataclass(frozen=True)
class Profile:
    """Along one parameter, float[n] in [0, 1]: least Q over the others less its minimum, and Q with the others kept."""

    grid: np.ndarray
    loss: np.ndarray
    alone: np.ndarray


@dataclass(frozen=True)
class Calibration:
    """What ``sim.calibrate`` gives.

    ``point`` float[p] in [0, 1] and its ``covariance``; ``moments`` float[seeds, k] and ``ahead`` float[seeds, h] of
    markets at the estimate; ``doubt`` float[h], variance of the held-out moments for want of exact estimates;
    ``misfit``: chance of a larger misfit if the model were right (Hansen's J). ``chance``: share of what is known of
    the worst known direction that was noise of the derivative. ``tried``, ``losses``: the search.
    """

    plan: Plan
    target: Target
    space: Space
    point: np.ndarray
    covariance: np.ndarray
    profiles: list[Profile]
    posterior: Cloud | None
    tried: np.ndarray
    losses: np.ndarray
    moments: np.ndarray
    ahead: np.ndarray
    doubt: np.ndarray
    statistic: float
    misfit: float
    chance: float
    markets: int
    seconds: float
    scenario: Any

    @cached_property
    def values(self) -> dict[str, float]:
        """The estimates, ``{path: value}``."""
        return self.space.values(self.point)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a parameter: value, error (standard), low, high (95 %), posterior median and 95 % interval, verdict."""
        rows = []
        for k, (path, value) in enumerate(self.values.items()):
            unit = float(np.sqrt(max(self.covariance[k, k], 0.0)))
            error = unit * self.space.slope(k, float(self.point[k]))
            row: dict[str, Any] = {"parameter": path, "value": value, "error": error,
                                   "low": self.space.value(k, self.point[k] - 1.96 * unit),
                                   "high": self.space.value(k, self.point[k] + 1.96 * unit)}  # fmt: skip
            if self.posterior is not None:
                at = {name: self.posterior.quantile(k, q) for name, q in
                      (("posterior_low", 0.025), ("posterior", 0.5), ("posterior_high", 0.975))}  # fmt: skip
                row |= {name: self.space.value(k, u) for name, u in at.items()}
            rows.append({**row, "verdict": self._verdict(k, unit)})
        return pd.DataFrame(rows)

    def _verdict(self, k: int, unit: float) -> str:
        """Whether the data say anything about a parameter, in words."""
        if min(self.point[k], 1 - self.point[k]) < 1e-3:
            return "at the end of its range"
        partner = [j for j in range(len(self.point)) if j != k and abs(self.correlation[k, j]) > 0.95]
        if partner:
            return f"known only together with {list(self.space.free)[partner[0]]}"
        return "weak: the range says as much" if unit > WEAK else "identified"

    @cached_property
    def correlation(self) -> np.ndarray:
        """float[p, p], correlations of the estimates."""
        sd = np.sqrt(np.maximum(np.diag(self.covariance), 1e-300))
        return np.asarray(self.covariance / np.outer(sd, sd))

    @cached_property
    def fit(self) -> pd.DataFrame:
        """A row a moment: window (fitted, held out), data, model, sd of the difference, z."""
        parts = []
        scale = np.sqrt(self._people / self.target.people + 1.0 / len(self.moments))
        for window, names, data, sample in (
            ("fitted", self.target.window.names()[0], self.target.fitted, self.moments),
            ("held out", self.target.window.names()[1], self.target.held_out, self.ahead),
        ):
            model = sample.mean(axis=0)
            sd = np.sqrt((sample.std(axis=0, ddof=1) * scale) ** 2 + (self.doubt if window == "held out" else 0.0))
            z = (data - model) / np.where(sd > 0, sd, np.nan)
            parts.append(pd.DataFrame(
                {"window": window, "moment": names, "data": data, "model": model, "sd": sd, "z": z}
            ))  # fmt: skip
        return pd.concat([part for part in parts if len(part)], ignore_index=True)

    @cached_property
    def baselines(self) -> pd.DataFrame:
        """Simple models of the same adoptions (see :mod:`sim.experiments.calibration.baselines`); empty for others."""
        from sim.experiments.calibration.baselines import baselines

        window = self.target.window
        data = self.target.adoptions
        return pd.DataFrame() if data is None else baselines(data, float(window.edges[window.fitted]))

    @property
    def _people(self) -> int:
        return int(self.scenario.market.consumers or self.target.people)

    @property
    def held_out_error(self) -> float:
        """Mean absolute error of the held-out moments over their mean size; NaN without any."""
        rest = self.fit[self.fit["window"] == "held out"]
        return float((rest["data"] - rest["model"]).abs().mean() / rest["data"].abs().mean()) if len(rest) else np.nan

    def preset(self) -> str:
        """YAML to extend a scenario by: the estimates, with errors and source in comments."""
        tree: dict[str, Any] = {}
        resolved = self.scenario.resolved()
        for path, value in self.values.items():
            _put(tree, resolved, parse_path(path), float(f"{value:.6g}"))
        rows = self.table.to_dict("records")
        said = [f"#   {r['parameter']}: {r['value']:.4g} +- {r['error']:.2g} ({r['verdict']})" for r in rows]
        head = [f"# Fitted to {self.target.people:,} people by simulated moments: estimates and standard errors.",
                *said, f"# Misfit: J = {self.statistic:.1f}, p = {self.misfit:.2g}. By sim calibrate.", ""]  # fmt: skip
        return "\n".join(head) + yaml_text(tree)

    def save(self, folder: str | Path) -> Path:
        """Write preset, tables, and page into a folder, each whole or not at all; gives the folder."""
        where = Path(folder)
        where.mkdir(parents=True, exist_ok=True)
        texts = {"fitted.yaml": self.preset(), "estimates.csv": csv_text(self.table),
                 "moments.csv": csv_text(self.fit)}  # fmt: skip
        for name, text in texts.items():
            partial = where / f"{name}.part"
            partial.write_text(text, encoding="utf-8")
            partial.replace(where / name)
        write_json({"plan": self.plan.model_dump(mode="json"), "seconds": round(self.seconds, 2),
                    "markets": self.markets, "J": self.statistic}, where / "manifest.json")  # fmt: skip
        import_module("sim.report.calibration").write_page(self, where / "report.html")
        return where


def _put(tree: dict[str, Any], resolved: Any, names: tuple[str, ...], value: float) -> None:
    """Set a value at a path of nested mappings and lists of named items, as the scenario has them."""
    here: Any = tree
    for k, name in enumerate(names):
        last = k == len(names) - 1
        if isinstance(resolved, list):
            item = next((i for i in here if i["name"] == name), None)
            if item is None:
                item = {"name": name}
                here.append(item)
            resolved = next(i for i in resolved if i["name"] == name)
            here = item
            continue
        resolved = resolved.get(name)
        if last:
            here[name] = value
        else:
            here = here.setdefault(name, [] if isinstance(resolved, list) else {})
