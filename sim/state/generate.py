"""A friendship graph of any size: communities, circles of friends inside them, acquaintances across.

Equation sheet (person i of community c of size s, wanted degree w_i):

* Sizes: P(s) ~ s^-2 on [a, community_max], a such that the mean is ``community_mean``. Ids are consecutive inside.
* Wanted degree: lognormal (sigma .8) up to the point where its local slope reaches ``tail``, a power law beyond, at
  most ``DEGREE_LIMIT``; rescaled so that the mean is ``mean_degree``.
* Strong ties: members sit on a ring, t_i = min(strong_share w_i, .6 (s-1)) is what i wants inside. A pair at ring
  distance d is tied with p = 1-(1-near)(1-far), near = clip(R-d+1, 0, 1), R = f ring t_i t_j / (2 mean t),
  far = f (1-ring) t_i t_j / (mean t (s-1)). One number f, found by bisection, restores what clipping loses.
  ``ring`` = sqrt(closure) is the share of strong ties laid on the ring, so ``closure`` is the chance that both ties
  of a person are, and close a triangle with theirs. (The ring is the S1 model of Serrano, Krioukov, Boguna
  2008 with a step for a kernel, so that the cost of a pair is one hash.)
* Weak ties: as many as bring the mean degree to ``mean_degree``; i starts a number proportional to the rest of its
  wanted degree, the other end is drawn in proportion to the same rest, never inside the community, never twice.

Every draw is keyed by ``Stream.NETWORK`` and the ids of the people: the graph is a pure function of its arguments.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.rng import Stream, day_key, entity_key, uniform

DEGREE_LIMIT = 5_000
"""Friends a platform lets one person have (Facebook's and WeChat's limits are of this order)."""

SIGMA = 0.8
"""Log-spread of the body of degrees: medians of .73 of the mean, between LastFM Asia's .55 and Deezer's .85."""

CALIBRATE_ON = 30_000
WEAK_ROUNDS = 8
_STREAM = int(Stream.NETWORK)
_SHIFT = np.uint64(32)
_MASK = np.uint64(0xFFFFFFFF)


def community_network(
    n: int,
    seed: int,
    mean_degree: float = 12.0,
    strong_share: float = 0.6,
    community_max: int = 500,
    community_mean: float = 60.0,
    closure: float = 0.3,
    tail: float = 2.8,
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint8], NDArray[np.int32], dict[str, Any]]:
    """``(indptr int64[n+1], indices uint32[E2], strong uint8[E2], community int32[n], report)``; rows are sorted.

    Where n is too small for the wish (12 friends among 10 people) the nearest possible graph is made and
    ``report["notes"]`` says so. ``strong_share`` in [0, 1], ``closure`` in [0, 1], ``tail`` > 2.
    """
    notes: list[str] = []
    wanted = min(float(mean_degree), max(n - 1.0, 0.0))
    if wanted < mean_degree:
        notes.append(f"mean degree {mean_degree:g} cannot be had among {n} people: {wanted:g} is used")
    starts = _community_starts(n, seed, community_max, community_mean)
    share = strong_share if len(starts) > 2 else 1.0
    community = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
    weight = wanted_degrees(n, seed, wanted, tail)
    inside = _inside_wish(starts, weight, share)
    ring = math.sqrt(closure)
    factor = _calibrate(starts, inside, weight, share, ring)
    near, far = factor * ring, factor * (1.0 - ring)
    strong_degree = _count_strong(seed, starts, inside, near, far)
    strong_ties = int(strong_degree.sum()) // 2
    missing = round(n * wanted / 2.0) - strong_ties
    weak = np.empty(0, np.uint64)
    if missing > 0 and len(starts) > 2:
        rest = np.maximum(weight - strong_degree, 0.25 * (1.0 - share) * weight + 1e-9)
        weak = _weak_ties(seed, community, rest, missing)
        if len(weak) < 0.99 * missing:
            notes.append(f"{missing - len(weak)} of {missing} weak ties found no free pair")
    indptr, indices, strong = _fill(seed, starts, inside, near, far, strong_degree, weak)
    report = {
        "strong_ties": strong_ties,
        "weak_ties": len(weak),
        "strong_share": round(strong_ties / max(strong_ties + len(weak), 1), 4),
        "communities": len(starts) - 1,
        "notes": notes,
    }
    return indptr, indices, strong, community, report


def wanted_degrees(n: int, seed: int, mean: float, tail: float, sigma: float = SIGMA) -> NDArray[np.float64]:
    """float64[n], friends each person would have: lognormal body, power-law tail of exponent ``tail``, given mean."""
    from scipy.special import ndtri

    u = _uniforms(n, seed, 0)
    z = (tail - 1.0) * sigma
    body = 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))
    beyond = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) / (sigma * (tail - 1.0))
    total = body + beyond
    with np.errstate(divide="ignore"):
        lognormal = np.exp(sigma * ndtri(np.clip(u * total, 1e-12, body)))
    pareto = math.exp(sigma * z) * (beyond / (total * np.clip(1.0 - u, 1e-15, 1.0))) ** (1.0 / (tail - 1.0))
    shape = np.where(u * total < body, lognormal, pareto)
    limit = max(min(float(DEGREE_LIMIT), n / 4.0), mean)
    weight = shape * (mean / max(float(shape.mean()), 1e-12)) if n else shape
    for _ in range(6):
        weight = np.minimum(weight, limit)
        weight *= mean / max(float(weight.mean()), 1e-12) if n else 1.0
    return np.asarray(np.minimum(weight, limit), np.float64)


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
    u = _uniforms(max(64, int(2.0 * n / max(mean, 1.0)) + 64), seed, 1)
    sizes = np.clip(np.rint(1.0 / (1.0 / smallest - u * (1.0 / smallest - 1.0 / largest))), 1, largest).astype(np.int64)
    ends = np.cumsum(sizes)
    while ends[-1] < n:
        ends = np.concatenate([ends, ends + ends[-1]])
    kept = int(np.searchsorted(ends, n))
    starts = np.concatenate([[0], ends[:kept], [n]]).astype(np.int64)
    return starts if n else np.zeros(1, np.int64)


def _inside_wish(starts: NDArray[np.int64], weight: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    sizes = np.diff(starts)
    room = np.repeat(0.6 * np.maximum(sizes - 1, 0), sizes)
    return np.asarray(np.minimum(share * weight, room), np.float64)


def _calibrate(
    starts: NDArray[np.int64], inside: NDArray[np.float64], weight: NDArray[np.float64], share: float, ring: float
) -> float:
    """The factor that makes the expected number of strong ties right, found on the first communities."""
    some = starts[: max(2, int(np.searchsorted(starts, CALIBRATE_ON, side="right")))]
    aim = share * float(weight[: some[-1]].sum()) if len(some) > 1 else 0.0
    if aim <= 0.0:
        return 0.0
    low, high = 0.0, 3.0
    for _ in range(14):
        middle = 0.5 * (low + high)
        reached = 2.0 * _expected_strong(some, inside, middle * ring, middle * (1.0 - ring))
        low, high = (middle, high) if reached < aim else (low, middle)
    return 0.5 * (low + high)


def _weak_ties(seed: int, community: NDArray[np.int32], rest: NDArray[np.float64], missing: int) -> NDArray[np.uint64]:
    """uint64[<= missing], sorted distinct codes lo << 32 | hi of ties between communities."""
    cumulative = np.cumsum(rest)
    guide = np.searchsorted(cumulative, np.arange(len(rest)) * (cumulative[-1] / len(rest)), side="right")
    codes = np.empty(0, np.uint64)
    for attempt in range(WEAK_ROUNDS):
        lacking = missing - len(codes)
        if lacking <= 0 or (attempt > 1 and lacking < 1e-4 * missing):
            break
        new = _draw_weak(seed, 3 + attempt, community, cumulative, guide, lacking)
        codes = sorted_distinct(np.concatenate([codes, new]) if len(codes) else new)
    return codes


def sorted_distinct(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Like ``np.unique``, which hashes and takes twenty times as long on millions of codes."""
    codes = np.sort(codes)
    return codes[np.concatenate([[True], codes[1:] != codes[:-1]])] if len(codes) else codes


@njit(cache=True)
def _uniforms(n, seed, purpose):  # type: ignore[no-untyped-def]
    base = day_key(seed, _STREAM, purpose)
    out = np.empty(n, np.float64)
    for i in range(n):
        out[i] = uniform(entity_key(base, np.uint64(i)), np.uint64(0))
    return out


@njit
def _tie_probability(ti, tj, distance, near, far):  # type: ignore[no-untyped-def]
    """``near`` and ``far`` already divided by the community's mean wish (and by s-1): see the equation sheet."""
    product = ti * tj
    close = min(max(near * product - distance + 1.0, 0.0), 1.0)
    return close + (1.0 - close) * min(far * product, 1.0)


@njit(cache=True)
def _scales(inside, lo, hi, near, far):  # type: ignore[no-untyped-def]
    mean = 0.0
    for i in range(lo, hi):
        mean += inside[i]
    mean = max(mean / max(hi - lo, 1), 1e-12)
    return 0.5 * near / mean, far / (mean * max(hi - lo - 1, 1))


@njit(cache=True)
def _expected_strong(starts, inside, near, far):  # type: ignore[no-untyped-def]
    total = 0.0
    for c in range(len(starts) - 1):
        lo, hi = starts[c], starts[c + 1]
        size = hi - lo
        near_c, far_c = _scales(inside, lo, hi, near, far)
        for i in range(lo, hi):
            for j in range(i + 1, hi):
                total += _tie_probability(inside[i], inside[j], min(j - i, size - j + i), near_c, far_c)
    return total


@njit(cache=True)
def _count_strong(seed, starts, inside, near, far):  # type: ignore[no-untyped-def]
    """int64[n], strong ties of each person."""
    degree = np.zeros(len(inside), np.int64)
    base = day_key(seed, _STREAM, 2)
    for c in range(len(starts) - 1):
        lo, hi = starts[c], starts[c + 1]
        size = hi - lo
        near_c, far_c = _scales(inside, lo, hi, near, far)
        for i in range(lo, hi):
            key = entity_key(base, np.uint64(i))
            for j in range(i + 1, hi):
                p = _tie_probability(inside[i], inside[j], min(j - i, size - j + i), near_c, far_c)
                if uniform(key, np.uint64(j)) < p:
                    degree[i] += 1
                    degree[j] += 1
    return degree


@njit(cache=True)
def _draw_weak(seed, purpose, community, cumulative, guide, wanted):  # type: ignore[no-untyped-def]
    """uint64[<= wanted]: each person starts floor-systematic many ties, so that the total is exact."""
    n = len(community)
    base = day_key(seed, _STREAM, purpose)
    out = np.empty(wanted + 1, np.uint64)
    total = cumulative[n - 1]
    shift = uniform(base, np.uint64(0))
    made = 0
    before = np.int64(math.floor(shift))
    for i in range(n):
        upto = np.int64(math.floor(cumulative[i] * (wanted / total) + shift))
        key = entity_key(base, np.uint64(i))
        for slot in range(upto - before):
            for trial in range(32):
                x = uniform(key, np.uint64(slot * 32 + trial)) * total
                j = guide[min(np.int64(x / total * n), n - 1)]
                while j < n - 1 and cumulative[j] <= x:
                    j += 1
                if community[j] != community[i]:
                    if made < len(out):
                        out[made] = (np.uint64(min(i, j)) << _SHIFT) | np.uint64(max(i, j))
                        made += 1
                    break
        before = upto
    return out[:made]


@njit(cache=True)
def _fill(seed, starts, inside, near, far, strong_degree, weak):  # type: ignore[no-untyped-def]
    """CSR from the strong ties, drawn again, and the sorted weak codes; three passes leave every row sorted."""
    n = len(inside)
    indptr = np.zeros(n + 1, np.int64)
    for i in range(n):
        indptr[i + 1] = strong_degree[i]
    for code in weak:
        indptr[np.int64(code >> _SHIFT) + 1] += 1
        indptr[np.int64(code & _MASK) + 1] += 1
    for i in range(n):
        indptr[i + 1] += indptr[i]
    indices = np.empty(indptr[n], np.uint32)
    strong = np.zeros(indptr[n], np.uint8)
    at = indptr[:-1].copy()
    for code in weak:
        person = np.int64(code & _MASK)
        indices[at[person]] = np.uint32(code >> _SHIFT)
        at[person] += 1
    base = day_key(seed, _STREAM, 2)
    for c in range(len(starts) - 1):
        lo, hi = starts[c], starts[c + 1]
        size = hi - lo
        near_c, far_c = _scales(inside, lo, hi, near, far)
        for i in range(lo, hi):
            key = entity_key(base, np.uint64(i))
            for j in range(i + 1, hi):
                p = _tie_probability(inside[i], inside[j], min(j - i, size - j + i), near_c, far_c)
                if uniform(key, np.uint64(j)) < p:
                    indices[at[i]] = j
                    strong[at[i]] = 1
                    at[i] += 1
                    indices[at[j]] = i
                    strong[at[j]] = 1
                    at[j] += 1
    for code in weak:
        person = np.int64(code >> _SHIFT)
        indices[at[person]] = np.uint32(code & _MASK)
        at[person] += 1
    return indptr, indices, strong
