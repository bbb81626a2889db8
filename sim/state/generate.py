"""A friendship graph of any size: communities, circles of friends inside them, acquaintances across.

Equation sheet (person i of community c of size s, wanted degree w_i):

* Sizes: P(s) ~ s^-2 on [a, community_max], a such that the mean is ``community_mean``. Ids are consecutive inside.
* Wanted degree: lognormal of log-spread ``degree_spread`` up to the point where its local slope reaches ``tail``, a
  power law beyond, at most ``DEGREE_LIMIT``; rescaled so that the mean is ``mean_degree``.
* Strong ties: members sit on a ring, t_i = min(strong_share w_i, .6 (s-1)) is what i wants inside. A pair at ring
  distance d is tied with p = 1-(1-near)(1-far), near = clip(R-d+1, 0, 1), R = f ring t_i t_j / (2 mean t),
  far = f (1-ring) t_i t_j / (mean t (s-1)). One number f, found by bisection, restores what clipping loses.
  ``ring`` = sqrt(closure) is the share of strong ties laid on the ring, so ``closure`` is the chance that both ties
  of a person are, and close a triangle with theirs. (The ring is the S1 model of Serrano, Krioukov, Boguna
  2008 with a step for a kernel, so that the cost of a pair is one hash.)
* Weak ties: as many as bring the mean degree to ``mean_degree``; i starts a number proportional to the rest of its
  wanted degree, the other end is drawn in proportion to the same rest, never inside the community, never twice.

Every draw is keyed by ``Stream.NETWORK`` and the ids of the people: the graph is a pure function of its arguments, and
``threads`` change nothing but the time. Strong ties are drawn twice, to be counted and to be written, so that the rows
are filled in place: at its peak the work holds 16 bytes a person, 4 a friend and 8 a weak tie.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.state.pieces import ROWS, in_pieces
from sim.state.tie_kernels import (
    NONE,
    distinct,
    draw_weak,
    expected_strong,
    strong_ties,
    to_row_starts,
    uniforms,
    weak_wish,
    write_weak,
)

DEGREE_LIMIT = 5_000
"""Friends a platform lets one person have (Facebook's and WeChat's limits are of this order)."""

CALIBRATE_ON = 30_000
WEAK_ROUNDS = 8
COMMUNITIES = 1024


def community_network(
    n: int,
    seed: int,
    mean_degree: float = 7.3,
    strong_share: float = 0.85,
    community_max: int = 500,
    community_mean: float = 95.0,
    closure: float = 0.2,
    tail: float = 3.3,
    degree_spread: float = 1.2,
    threads: int = 1,
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.int64], dict[str, Any]]:
    """``(indptr int64[n+1], indices uint32[2 ties], starts int64[communities+1], report)``; rows are sorted.

    ``starts`` is the first person of each community: ties inside one are the strong ones. Where n is too small for the
    wish (12 friends among 10 people) the nearest possible graph is made and ``report["notes"]`` says so.
    ``strong_share`` in [0, 1], ``closure`` in [0, 1], ``tail`` > 2, ``degree_spread`` > 0. The defaults make the graph
    of LastFM Asia: ``sim verify --networks``.
    """
    notes: list[str] = []
    wanted = min(float(mean_degree), max(n - 1.0, 0.0))
    if wanted < mean_degree:
        notes.append(f"mean degree {mean_degree:g} cannot be had among {n} people: {wanted:g} is used")
    starts = _community_starts(n, seed, community_max, community_mean)
    share = strong_share if len(starts) > 2 else 1.0
    weight = wanted_degrees(n, seed, wanted, tail, degree_spread)
    ring = math.sqrt(closure)
    factor = _calibrate(starts, weight, share, ring)
    wish = (starts, weight, share, factor * ring, factor * (1.0 - ring))
    indptr = np.zeros(n + 1, np.int64)
    empty = np.empty(0, np.uint32)
    in_pieces(len(starts) - 1, threads, lambda a, b: strong_ties(seed, *wish, a, b, indptr, empty), COMMUNITIES)
    strong = int(indptr.sum()) // 2
    missing = round(n * wanted / 2.0) - strong
    weak = np.empty(0, np.uint64)
    if missing > 0 and len(starts) > 2:
        weak = _weak_ties(seed, starts, weight, indptr, share, missing, threads)
        if len(weak) < 0.99 * missing:
            notes.append(f"{missing - len(weak)} of {missing} weak ties found no free pair")
    isolated = to_row_starts(indptr, weak)
    indices = np.empty(2 * (strong + len(weak)), np.uint32)
    write_weak(indptr, indices, weak, True)
    in_pieces(len(starts) - 1, threads, lambda a, b: strong_ties(seed, *wish, a, b, indptr, indices), COMMUNITIES)
    write_weak(indptr, indices, weak, False)
    report = {
        "isolated": isolated,
        "strong_ties": strong,
        "weak_ties": len(weak),
        "strong_share": round(strong / max(strong + len(weak), 1), 4),
        "communities": len(starts) - 1,
        "notes": notes,
    }
    return indptr, indices, starts, report


def wanted_degrees(n: int, seed: int, mean: float, tail: float, sigma: float) -> NDArray[np.float64]:
    """float64[n], friends each person would have: lognormal body, power-law tail of exponent ``tail``, given mean."""
    from scipy.special import ndtri

    weight = uniforms(n, seed, 0)
    z = (tail - 1.0) * sigma
    body = 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))
    beyond = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) / (sigma * (tail - 1.0))
    total = body + beyond
    for lo in range(0, n, ROWS):
        u = weight[lo : lo + ROWS]
        with np.errstate(divide="ignore"):
            lognormal = np.exp(sigma * ndtri(np.clip(u * total, 1e-12, body)))
        pareto = math.exp(sigma * z) * (beyond / (total * np.clip(1.0 - u, 1e-15, 1.0))) ** (1.0 / (tail - 1.0))
        u[:] = np.where(u * total < body, lognormal, pareto)
    limit = max(min(float(DEGREE_LIMIT), n / 4.0), mean)
    for turn in range(7 if n else 0):
        if turn > 0:
            np.minimum(weight, limit, out=weight)
        weight *= mean / max(float(weight.mean()), 1e-12)
    np.minimum(weight, limit, out=weight)
    return np.asarray(weight, np.float64)


def _community_starts(n: int, seed: int, largest: int, mean: float) -> NDArray[np.int64]:
    """int64[communities+1], first person of each community; a small world is cut into at least three."""
    largest = max(1, min(largest, max(8, n // 3)))
    mean = min(mean, 0.8 * largest)
    low, high = 1.0, float(largest)
    for _ in range(60):
        middle = 0.5 * (low + high)
        average = math.log(largest / middle) / (1.0 / middle - 1.0 / largest) if middle < largest else largest
        low, high = (middle, high) if average < mean else (low, middle)
    smallest = low
    u = uniforms(max(64, int(2.0 * n / max(mean, 1.0)) + 64), seed, 1)
    sizes = np.clip(np.rint(1.0 / (1.0 / smallest - u * (1.0 / smallest - 1.0 / largest))), 1, largest).astype(np.int64)
    ends = np.cumsum(sizes)
    while ends[-1] < n:
        ends = np.concatenate([ends, ends + ends[-1]])
    kept = int(np.searchsorted(ends, n))
    starts = np.concatenate([[0], ends[:kept], [n]]).astype(np.int64)
    return starts if n else np.zeros(1, np.int64)


def _calibrate(starts: NDArray[np.int64], weight: NDArray[np.float64], share: float, ring: float) -> float:
    """The factor that makes the expected number of strong ties right, found on the first communities."""
    some = starts[: max(2, int(np.searchsorted(starts, CALIBRATE_ON, side="right")))]
    aim = share * float(weight[: some[-1]].sum()) if len(some) > 1 else 0.0
    if aim <= 0.0:
        return 0.0
    low, high = 0.0, 3.0
    for _ in range(14):
        middle = 0.5 * (low + high)
        reached = 2.0 * expected_strong(some, weight, share, middle * ring, middle * (1.0 - ring))
        low, high = (middle, high) if reached < aim else (low, middle)
    return 0.5 * (low + high)


def _weak_ties(
    seed: int,
    starts: NDArray[np.int64],
    weight: NDArray[np.float64],
    indptr: NDArray[np.int64],
    share: float,
    missing: int,
    threads: int,
) -> NDArray[np.uint64]:
    """uint64[<= missing + 1], ascending distinct codes lo << 32 | hi of ties between communities."""
    n = len(weight)
    cumulative, guide = weak_wish(weight, indptr, 0.25 * (1.0 - share))
    codes = np.empty(missing + 1, np.uint64)
    made = 0
    for attempt in range(WEAK_ROUNDS):
        lacking = missing - made
        if lacking <= 0 or (attempt > 1 and lacking < 1e-4 * missing):
            break
        new = codes[made : made + lacking + 1]
        new.fill(NONE)

        def draw(a: int, b: int, new: NDArray[np.uint64] = new, attempt: int = attempt, lacking: int = lacking) -> None:
            draw_weak(seed, 3 + attempt, starts, cumulative, guide, lacking, a, b, new)

        in_pieces(n, threads, draw)
        codes[: made + lacking + 1].sort()
        made = distinct(codes[: made + lacking + 1])
    return codes[:made]
