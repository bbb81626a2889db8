"""Sensitivity indices of a table of points and answers: Morris's screening, Sobol's variances, PAWN's distributions.

Designs are float64[points, factors] shares in [0, 1] of each factor's range; points come in *blocks* that an index
needs whole (a Morris trajectory, a Saltelli group), so that a market that failed costs its block and not the answer.
"""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

import numpy as np

from sim.contract import ScenarioError
from sim.experiments.results import MissingExtra

METHODS = ("morris", "sobol", "pawn")
SAMPLES = {"morris": 16, "sobol": 64, "pawn": 256}
"""Blocks by default: trajectories, base points (a power of two), points."""

LEVELS = 4
SLICES = 10
RESAMPLES = {"morris": 200, "sobol": 200, "pawn": 40}
"""Bootstrap samples behind an interval; PAWN's is of normal shape, from their spread."""

HEADLINE = {"morris": "mu_star", "sobol": "total", "pawn": "median_ks"}
"""The index a method ranks by."""

Floats = np.ndarray[Any, np.dtype[np.float64]]


def check(method: str, samples: int | None) -> int:
    """The number of blocks. Raises ScenarioError on an unknown method or a number it cannot use."""
    from sim.scenario.paths import nearest

    if method not in METHODS:
        raise ScenarioError(f"unknown method {method!r}{nearest(method, METHODS)}")
    count = SAMPLES[method] if samples is None else samples
    least = 2 if method != "pawn" else 4 * SLICES
    if count < least:
        raise ScenarioError(f"{method} needs at least {least} samples (got {count})")
    if method == "sobol" and count & (count - 1):
        below = 1 << (count.bit_length() - 1)
        raise ScenarioError(f"sobol needs a power of two: {below} or {2 * below} samples, not {count}")
    return count


def block_size(method: str, factors: int) -> int:
    """Points in a block."""
    return {"morris": factors + 1, "sobol": factors + 2, "pawn": 1}[method]


def design(method: str, factors: int, samples: int, seed: int) -> Floats:
    """float64[samples * block, factors]: where the answer must be known."""
    if method == "pawn":
        from scipy.stats import qmc

        made: Floats = qmc.LatinHypercube(factors, seed=np.random.default_rng(seed)).random(samples)
        return made
    problem = _problem(factors)
    if method == "morris":
        return np.asarray(_salib("SALib.sample.morris").sample(problem, samples, num_levels=LEVELS, seed=seed), float)
    return np.asarray(_salib("SALib.sample.sobol").sample(problem, samples, calc_second_order=False, seed=seed), float)


def indices(method: str, shares: Floats, answers: Floats, seed: int = 0) -> tuple[list[dict[str, float]], int]:
    """A row a factor, and how many blocks were left out for want of an answer (NaN). Ends of intervals are at 95 %.

    ``morris``: ``mu_star`` (mean absolute elementary effect, in the answer's unit over the whole range; Campolongo,
    Cariboni and Saltelli 2007), ``mu`` (with its sign), ``sigma`` (interaction and curvature). ``sobol``: ``first`` and
    ``total`` shares of the variance (Saltelli et al. 2010). ``pawn``: ``median_ks`` and ``most_ks``, the distance
    between the answer's distribution and that within a slice of the factor (Pianosi and Wagener 2018), and ``floor``,
    what a factor without any influence would show. Rows are NaN below two whole blocks, and 0 where nothing varies.
    """
    k = shares.shape[1]
    size = block_size(method, k)
    whole = np.isfinite(answers.reshape(-1, size)).all(axis=1)
    keep = np.repeat(whole, size)
    x, y, left_out = shares[keep], answers[keep], int((~whole).sum())
    if whole.sum() < 2:
        return [dict.fromkeys(columns(method), math.nan) for _ in range(k)], left_out
    if np.ptp(y) <= 1e-12 * max(1.0, float(np.abs(y).max())):
        return [dict.fromkeys(columns(method), 0.0) for _ in range(k)], left_out
    return {"morris": _morris, "sobol": _sobol, "pawn": _pawn}[method](x, y, seed), left_out


def columns(method: str) -> tuple[str, ...]:
    """Names of the columns a method gives."""
    return {
        "morris": ("mu_star", "mu_star_low", "mu_star_high", "mu", "sigma"),
        "sobol": ("total", "total_low", "total_high", "first", "first_low", "first_high"),
        "pawn": ("median_ks", "median_ks_low", "median_ks_high", "most_ks", "floor"),
    }[method]


def _morris(x: Floats, y: Floats, seed: int) -> list[dict[str, float]]:
    found = _salib("SALib.analyze.morris").analyze(
        _problem(x.shape[1]), x, y, num_levels=LEVELS, num_resamples=RESAMPLES["morris"], seed=seed
    )
    star, half = np.asarray(found["mu_star"], float), np.nan_to_num(np.asarray(found["mu_star_conf"], float))
    return [
        {"mu_star": float(star[k]), "mu_star_low": max(0.0, float(star[k] - half[k])),
         "mu_star_high": float(star[k] + half[k]), "mu": float(found["mu"][k]), "sigma": float(found["sigma"][k])}
        for k in range(len(star))
    ]  # fmt: skip


def _sobol(x: Floats, y: Floats, seed: int) -> list[dict[str, float]]:
    found = _salib("SALib.analyze.sobol").analyze(
        _problem(x.shape[1]), y, calc_second_order=False, num_resamples=RESAMPLES["sobol"], seed=seed
    )
    rows = []
    for k in range(x.shape[1]):
        row: dict[str, float] = {}
        for name, key in (("total", "ST"), ("first", "S1")):
            mean, half = float(found[key][k]), float(found[key + "_conf"][k])
            row |= {name: mean, f"{name}_low": mean - half, f"{name}_high": mean + half}
        rows.append(row)
    return rows


def _pawn(x: Floats, y: Floats, seed: int) -> list[dict[str, float]]:
    """PAWN with a bootstrap of the points, beside a factor that means nothing: the noise of the distance itself."""
    rng = np.random.default_rng(seed)
    analyze = _salib("SALib.analyze.pawn").analyze
    with_dummy = np.column_stack([x, rng.random(len(x))])
    problem = _problem(with_dummy.shape[1])
    found = analyze(problem, with_dummy, y, S=SLICES, seed=seed)
    drawn = []
    for _ in range(RESAMPLES["pawn"]):
        rows = rng.integers(0, len(y), len(y))
        drawn.append(analyze(problem, with_dummy[rows], y[rows], S=SLICES, seed=seed)["median"])
    half = 1.96 * np.array(drawn, float).std(axis=0, ddof=1)
    floor = float(found["median"][-1])
    return [
        {"median_ks": float(found["median"][k]), "median_ks_low": float(found["median"][k] - half[k]),
         "median_ks_high": float(found["median"][k] + half[k]),
         "most_ks": float(found["maximum"][k]), "floor": floor}
        for k in range(x.shape[1])
    ]  # fmt: skip


def _problem(factors: int) -> dict[str, Any]:
    return {"num_vars": factors, "names": [f"x{k}" for k in range(factors)], "bounds": [[0.0, 1.0]] * factors}


def _salib(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra("sensitivity needs SALib: pip install 'sim[science]'") from error
