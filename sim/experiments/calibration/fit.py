"""``calibrate``: global search, local fit with standard errors, profiles, posterior, held-out window."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from sim.contract import Problem, ScenarioError
from sim.experiments.calibration import plan as plans
from sim.experiments.calibration.answer import Calibration, Profile
from sim.experiments.calibration.certainty import Certain, certain
from sim.experiments.calibration.evaluate import Laboratory, Space, check_space
from sim.experiments.calibration.moments import Target, target
from sim.experiments.calibration.posterior import posterior
from sim.experiments.calibration.surface import Surface, best_on, covariance, fitted, sandwich

Progress = Callable[[int, int], None]
BATCH = 6
"""Points of the search between two looks at what was found."""

NOISE = 16
"""Markets at one point from which noise is learned, at least."""

FAR, FRESH = 1000, 3000
"""Replications from ``FAR`` on are used for weights and prediction only, from ``FRESH`` on for errors only."""


def calibrate(scenario: Any, data: Any = None, free: Mapping[str, Any] | None = None, *, jobs: int | None = None,
              progress: Progress | None = None, **options: Any) -> Calibration:  # fmt: skip
    """Fit named parameters to data by simulated moments.

    ``scenario``: a Scenario, a path, a mapping, or a :class:`~sim.experiments.calibration.plan.Plan`. ``data``: a path
    of orders (columns consumer and day), or the mapping of a plan's ``data``. ``free``: ``{path: [low, high]}`` or
    ``[low, high, "log"]``. ``jobs`` processes share the markets (default 1: starting one takes
    seconds); results do not depend on it. ``options``: the other fields of a plan (fit_days, bins, trials,
    replications, rounds, posterior, seed, name). Raises ScenarioError on wrong input.

    >>> data = {"kind": "cumulative", "people": 200, "rows": [[20, 0.06, 0.06], [40, 0.13, 0.13]]}
    >>> bass = {"extends": "presets/limits/bass.yaml", "market": {"consumers": 200}}
    >>> fit = sim.calibrate(bass, data, {"mechanisms.awareness.p": [0.001, 0.01]}, trials=4, replications=1,
    ...                     rounds=1, certainty=8, posterior=0)
    >>> fit.table["parameter"].tolist()
    ['mechanisms.awareness.p']
    """
    plan, base = _asked(scenario, data, free, options)
    wanted = target(plan)
    space = Space(plan.free)
    made = base.with_set({**plan.set, "market.days": wanted.window.horizon})
    if wanted.window.prior and made.adoptions is None:
        said = "some adopted before it: name the table under 'adoptions' in the scenario, which begins with them"
        raise ScenarioError([Problem(said, "data.first")])
    check_space(made, space)
    lab = Laboratory(made, space, wanted.window, plan.seed, jobs or 1)
    stages = _Stages(plan, progress)
    start = time.perf_counter()
    point, points, seen = _search(lab, wanted, plan, stages)
    local = _local(lab, wanted, plan, point, stages)
    weight = local.weight
    ratio = (made.market.consumers or wanted.people) / wanted.people
    sure = certain(lab, wanted.fitted, local.point, weight, local.error, range(FRESH, FRESH + plan.certainty), ratio)
    stages.done("certainty")
    point, spread = sure.point, sure.covariance
    surface = Surface(sure.base, sure.mean, sure.jacobian, local.surface.square)
    error = np.sqrt(np.maximum(np.diag(spread), 0.0))
    profiles = [_profile(surface, wanted.fitted, weight, k, sure) for k in range(len(space.free))]
    cloud = None
    if plan.posterior:
        cloud = posterior(lab, wanted.fitted, weight, surface, point, error, plan.posterior, ratio)
    stages.done("posterior")
    moments, ahead = lab.ahead([point], range(2 * FAR, 2 * FAR + NOISE))
    stages.done("prediction")
    return Calibration(
        plan=plan, target=wanted, space=space, point=point, covariance=spread, profiles=profiles, posterior=cloud,
        tried=points, losses=np.einsum("ni,ij,nj->n", seen - wanted.fitted, weight, seen - wanted.fitted),
        moments=moments[0], ahead=ahead[0], doubt=np.einsum("hi,ij,hj->h", sure.ahead, spread, sure.ahead),
        statistic=sure.statistic, misfit=sure.misfit, chance=sure.chance, markets=lab.markets,
        seconds=time.perf_counter() - start, scenario=made,
    )  # fmt: skip


class _Stages:
    """Counts stages for a progress bar."""

    def __init__(self, plan: plans.Plan, progress: Progress | None) -> None:
        self.total, self.count, self.progress = plan.trials + plan.rounds + 3, 0, progress
        if progress is not None:
            progress(0, self.total)

    def done(self, what: str) -> None:
        self.count += 1
        if self.progress is not None:
            self.progress(min(self.count, self.total), self.total)


def _asked(scenario: Any, data: Any, free: Any, options: dict[str, Any]) -> tuple[plans.Plan, Any]:
    """The plan and the scenario it speaks of."""
    from sim.scenario import Scenario, load

    if isinstance(scenario, plans.Plan):
        given = scenario.scenario
        if isinstance(given, str):
            beside = Path(scenario.base_dir) / given
            return scenario, load(beside if beside.is_file() else given)
        return scenario, load(given)
    if data is None or not free:
        raise ScenarioError("calibrate needs data (a file, or a mapping with kind and path) and free parameters")
    source = data if isinstance(data, Mapping) else {"kind": "orders", "path": str(data)}
    plan = plans.made({"scenario": "given", "data": dict(source), "free": dict(free), **options})
    return plan, scenario if isinstance(scenario, Scenario) else load(scenario)


def _search(lab: Laboratory, wanted: Target, plan: plans.Plan, stages: _Stages) -> tuple[np.ndarray, ...]:
    """The best point of a global search by Optuna, all points float[n, p], and their moments float[n, k]."""
    try:
        import optuna
    except ImportError:
        raise ScenarioError("calibrate needs Optuna: pip install 'sim[science]'") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    names, seeds = list(lab.space.free), range(plan.replications)
    first = max(BATCH, plan.trials // 3)
    sampler = optuna.samplers.TPESampler(seed=plan.seed, n_startup_trials=first, multivariate=True)
    study = optuna.create_study(sampler=sampler)
    scale = np.maximum(np.abs(wanted.fitted), 0.1 * np.abs(wanted.fitted).max())
    points: list[np.ndarray] = []
    seen: list[np.ndarray] = []
    while len(points) < plan.trials:
        # Trials are asked for in batches and told in order, so that the search is the same for any number of processes.
        asked = [study.ask() for _ in range(min(BATCH if points else first, plan.trials - len(points)))]
        batch = [np.array([trial.suggest_float(name, 0.0, 1.0) for name in names]) for trial in asked]
        found = lab(batch, seeds).mean(axis=1)
        for trial, point, moments in zip(asked, batch, found, strict=True):
            study.tell(trial, float((((moments - wanted.fitted) / scale) ** 2).sum()))
            points.append(point)
            seen.append(moments)
            stages.done("search")
    loss = ((np.array(seen) - wanted.fitted) / scale) ** 2
    return points[int(loss.sum(axis=1).argmin())], np.array(points), np.array(seen)


@dataclass(frozen=True)
class _Local:
    """The local fit: the point, the surface around it, the weight of moments, and a first guess of errors float[p]."""

    point: np.ndarray
    surface: Surface
    weight: np.ndarray
    error: np.ndarray


def _local(lab: Laboratory, wanted: Target, plan: plans.Plan, point: np.ndarray, stages: _Stages) -> _Local:
    """Gauss-Newton on response surfaces made anew in ever smaller boxes.

    The surface gives the slope. The level comes from many markets at the new point: their mean gap to the data makes
    one more step, which takes away what the surface got wrong and most of the noise of few replications.
    """
    p, seeds = len(point), range(plan.replications)
    noise = max(NOISE, 2 * len(wanted.fitted))
    width = np.full(p, 0.2)
    omega = _noise(lab, wanted, point, noise)[1]
    for turn in range(plan.rounds):
        low, high = np.clip(point - width, 0, 1), np.clip(point + width, 0, 1)
        unit = stats.qmc.LatinHypercube(p, rng=plan.seed + turn).random(4 * p + 6)
        here = np.vstack([low + unit * (high - low), point])
        surface = fitted(here, lab(list(here), seeds).mean(axis=1), point)
        moved, _ = best_on(surface, wanted.fitted, np.linalg.inv(omega), low, high)
        mean, omega = _noise(lab, wanted, moved, noise)
        weight, slope = np.linalg.inv(omega), surface.jacobian(moved)
        step = np.linalg.pinv(slope.T @ weight @ slope) @ slope.T @ weight @ (wanted.fitted - mean)
        point = np.clip(moved + np.clip(step, -width / 2, width / 2), 0, 1)
        error = np.sqrt(np.diag(sandwich(slope, weight, omega)))
        width = np.clip(3.0 * error, 0.04, width)
        stages.done("local fit")
    return _Local(point, surface, weight, error)


def _noise(lab: Laboratory, wanted: Target, point: np.ndarray, seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean moments float[k] of many markets, and Omega float[k, k]: the covariance of the data's moments, as if the
    model had made them, and of that mean."""
    sample = lab([point], range(FAR, FAR + seeds))[0]
    people = lab.scenario.market.consumers or wanted.people
    return sample.mean(axis=0), covariance(sample) * (people / wanted.people + 1.0 / seeds)


def _profile(surface: Surface, data: np.ndarray, weight: np.ndarray, k: int, sure: Certain) -> Profile:
    """Least misfit with parameter k held along a grid of four standard errors to either side, on the surface.

    In units in which 3.84 is the end of a 95 % interval: near the point it rises as (u - point)^2 / V.
    """
    point, error = sure.point, float(np.sqrt(max(sure.covariance[k, k], 1e-12)))
    reach = min(max(4.0 * error, 0.02), 0.5)
    grid = np.clip(np.linspace(point[k] - reach, point[k] + reach, 25), 0.0, 1.0)
    low, high = np.clip(point - 0.5, 0, 1), np.clip(point + 0.5, 0, 1)
    loss = np.array([best_on(surface, data, weight, low, high, {k: float(u)})[1] for u in grid])
    alone = np.array([_at(surface, data, weight, point, k, float(u)) for u in grid])
    naive = np.linalg.pinv(sure.jacobian.T @ weight @ sure.jacobian)[k, k]
    unit = naive / error**2
    return Profile(grid, (loss - loss.min()) * unit, (alone - loss.min()) * unit)


def _at(surface: Surface, data: np.ndarray, weight: np.ndarray, point: np.ndarray, k: int, u: float) -> float:
    moved = point.copy()
    moved[k] = u
    gap = surface(moved) - data
    return float(gap @ weight @ gap)
