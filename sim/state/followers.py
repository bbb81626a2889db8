"""Who follows which creator: a keyed coin for every (creator, consumer), tossed only where it may fall.

Consumer i follows creator k with p_ik = 1 - exp(-c_k w_ik), w_ik = activity_i exp(theta affinity_ik): proportional to
w while small, never above 1. c_k is solved so that the expected number of followers is the one asked for. How unequal
creators are is the caller's: :func:`power_law_followers` spreads a tier by P(F) ~ F^-gamma, gamma 2.1-2.7 (Goel et al.
2016, simulation).

Consumers are taken in blocks of 256. A block that expects up to 32 followers draws their number by the inverse Poisson
CDF of one uniform and then each by weight, which is the same law as a coin each: the cost is proportional to the
followers. In a fuller block every consumer's own coin is tossed. Within a block more expected followers add to the old
ones and take none away. All creators are served in one sweep over the consumers, so that what a consumer is worth to
them is known for a piece of the rows at a time only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from sim.rng import Stream, day_key, entity_key, normal, poisson, uniform
from sim.state.pieces import ROWS, in_pieces

BLOCK = 256
FULL = 32.0
BINS = 1024
ACTIVITY_SPREAD = 0.8
SURE = 1e-11
"""Distance of log c from the root beyond which no rounding of a sum over ``BINS`` groups hides on which side it is."""
_STREAM = int(Stream.FOLLOW)


@dataclass(frozen=True, eq=False)
class Followers:
    """Followers of creator k: ``indices[indptr[k]:indptr[k+1]]``, ascending. int64[K+1], uint32[ties]."""

    n: int
    indptr: NDArray[np.int64]
    indices: NDArray[np.uint32]

    def __post_init__(self) -> None:
        self.indptr.flags.writeable = self.indices.flags.writeable = False

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Read-only when unpickled, too."""
        self.__dict__.update(state)
        self.__post_init__()

    @property
    def counts(self) -> NDArray[np.int64]:
        """int64[K], followers of each creator among the consumers."""
        return np.diff(self.indptr)

    @property
    def following(self) -> NDArray[np.int64]:
        """int64[N], creators each consumer follows."""
        return np.bincount(self.indices, minlength=self.n)

    def of(self, creator: int) -> NDArray[np.uint32]:
        """uint32[followers], the followers of one creator."""
        return self.indices[self.indptr[creator] : self.indptr[creator + 1]]


def follower_graph(
    seed: int,
    ids: NDArray[np.uint64],
    creators: NDArray[np.uint64],
    expected: ArrayLike,
    affinity: NDArray[np.floating],
    weights: NDArray[np.floating] | None = None,
    activity: NDArray[np.floating] | None = None,
    theta: float = 2.0,
    threads: int = 1,
) -> Followers:
    """Followers of K creators among N consumers.

    ``ids`` uint64[N] and ``creators`` uint64[K] are semantic keys; ``expected`` float[K], people among these N (all
    when above N); ``affinity`` float[N], or float[N, C] with ``weights`` float[K, C], what each creator is about (one
    1 in a row for one category, zeros for none); ``activity`` float[N] > 0, lognormal of spread .8 by key when None.
    """
    keys = np.ascontiguousarray(ids, np.uint64)
    n, count = len(keys), len(creators)
    wish = np.clip(np.asarray(expected, np.float64), 0.0, n)
    if wish.shape != (count,):
        raise ValueError(f"expected has shape {wish.shape}, there are {count} creators")
    about = np.asarray(affinity)
    if about.ndim == 1:
        about, weights = about[:, None], np.ones((count, 1))
    if weights is None or about.shape != (n, np.shape(weights)[1]) or np.shape(weights)[0] != count:
        raise ValueError(f"affinity {about.shape} needs weights of shape ({count}, {about.shape[1]})")
    kinds, kind_of = np.unique(np.asarray(weights, np.float64), axis=0, return_inverse=True)
    kind_of = kind_of.reshape(-1)

    def worth(lo: int, hi: int) -> list[NDArray[np.float64]]:
        """float64[hi - lo] for each kind of creator: what the consumers of a piece weigh."""
        active = _activity(seed, keys[lo:hi]) if activity is None else np.asarray(activity[lo:hi], np.float64)
        piece = about[lo:hi].astype(np.float64)
        return [active * np.exp(theta * (piece @ kind)) for kind in kinds]

    scales = _scales(worth, n, wish, kind_of, len(kinds), threads)
    found = in_order(_sweep(seed, np.asarray(creators, np.uint64), keys, worth, scales, kind_of, len(kinds)), count)
    return Followers(n, *found)


def _scales(worth: Any, n: int, wish: NDArray[np.float64], kind_of: NDArray[np.int64], kinds: int,
            threads: int) -> NDArray[np.float64]:  # fmt: skip
    """float64[K], the factor c of each creator, from the consumers in up to ``BINS`` groups of like weight."""
    if not n or not len(wish):
        return np.zeros(len(wish))

    def extremes(lo: int, hi: int) -> NDArray[np.float64]:
        logs = [np.log(np.maximum(weight, 1e-300)) for weight in worth(lo, hi)]
        return np.array([[each.min(), each.max()] for each in logs])

    ends = np.array(in_pieces(n, threads, extremes))
    low = ends[:, :, 0].min(axis=0)
    span = np.maximum(ends[:, :, 1].max(axis=0) - low, 1e-12)
    sizes, sums = np.zeros((kinds, BINS)), np.zeros((kinds, BINS))
    for lo in range(0, n, ROWS):
        for g, weight in enumerate(worth(lo, min(lo + ROWS, n))):
            logs = np.log(np.maximum(weight, 1e-300))
            place = np.minimum(((logs - low[g]) / span[g] * BINS).astype(np.int64), BINS - 1)
            _add_up(place, weight, sizes[g], sums[g])
    scales = np.zeros(len(wish))
    for k, g in enumerate(kind_of):
        used = sizes[g] > 0
        scales[k] = _solve(sums[g][used] / sizes[g][used], sizes[g][used], float(wish[k]), n)
    return scales


def _sweep(seed: int, creators: NDArray[np.uint64], keys: NDArray[np.uint64], worth: Any, scales: NDArray[np.float64],
           kind_of: NDArray[np.int64], kinds: int) -> Iterator[tuple[int, NDArray[np.uint32]]]:  # fmt: skip
    """Creators with their followers in one piece of the consumers after the other."""
    before = np.zeros(kinds)
    for lo in range(0, len(keys), ROWS):
        ids = keys[lo : lo + ROWS]
        for g, weight in enumerate(worth(lo, lo + len(ids))):
            cumulative = np.cumsum(np.concatenate([before[g : g + 1], weight]))
            for k in np.flatnonzero((kind_of == g) & (scales != 0.0)):
                yield int(k), _follow(seed, creators[k], lo, ids, weight, cumulative, scales[k])
            before[g] = cumulative[-1]


def in_order(
    found: Iterable[tuple[int, NDArray[np.uint32]]], count: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """int64[count+1] and uint32[ties], what was found piece by piece put together creator by creator."""
    parts: list[list[NDArray[np.uint32]]] = [[] for _ in range(count)]
    for k, part in found:
        parts[k].append(part)
    indptr = np.zeros(count + 1, np.int64)
    np.cumsum([sum(map(len, mine)) for mine in parts], out=indptr[1:])
    indices = np.empty(int(indptr[-1]), np.uint32)
    for k, mine in enumerate(parts):
        if mine:
            np.concatenate(mine, out=indices[indptr[k] : indptr[k + 1]])
        mine.clear()
    return indptr, indices


def power_law_followers(
    seed: int, creators: NDArray[np.uint64], mean: float, exponent: float = 2.3, widest: float = 30.0
) -> NDArray[np.float64]:
    """float64[K], expected followers of the creators of one tier: keyed Pareto of density F^-exponent, the largest
    at most ``widest`` times the smallest, of expectation ``mean``."""
    g = exponent - 1.0
    top = widest**-g
    u = _uniforms(seed, np.ascontiguousarray(creators, np.uint64))
    shape = (1.0 - u * (1.0 - top)) ** (-1.0 / g)
    average = g / (g - 1.0) * (1.0 - widest ** (1.0 - g)) / (1.0 - top)
    return np.asarray(mean * shape / average, np.float64)


@njit(cache=True)
def _uniforms(seed, keys):  # type: ignore[no-untyped-def]
    out = np.empty(len(keys), np.float64)
    base = day_key(seed, _STREAM, 3)
    for i in range(len(keys)):
        out[i] = uniform(entity_key(base, keys[i]), np.uint64(0))
    return out


@njit(nogil=True, cache=True)
def _activity(seed, ids):  # type: ignore[no-untyped-def]
    out = np.empty(len(ids), np.float64)
    base = day_key(seed, _STREAM, 2)
    for i in range(len(ids)):
        out[i] = np.exp(ACTIVITY_SPREAD * normal(entity_key(base, ids[i]), np.uint64(0)))
    return out


@njit(cache=True)
def _add_up(place, weight, sizes, sums):  # type: ignore[no-untyped-def]
    """One after the other, so that the sums do not depend on the size of pieces."""
    for i in range(len(place)):
        sizes[place[i]] += 1.0
        sums[place[i]] += weight[i]


@njit(cache=True)
def _solve(bins, sizes, wish, n):  # type: ignore[no-untyped-def]
    """c with sum over consumers of 1 - exp(-c w) = wish, by bisection of log c; -1 when everybody follows.

    Newton's method, which nears the root of a concave function from below, says where the sum need not be formed.
    """
    if wish <= 0.0 or n == 0:
        return 0.0
    if wish >= n:
        return -1.0
    total = 0.0
    for b in range(len(bins)):
        total += bins[b] * sizes[b]
    low = np.log(wish / total)
    high = low + 60.0
    c, near, margin = wish / total, low, np.inf
    for _ in range(40):
        lack, slope = wish, 0.0
        for b in range(len(bins)):
            left = np.expm1(-c * bins[b])
            lack += sizes[b] * left
            slope += sizes[b] * bins[b] * (1.0 + left)
        c += lack / slope
        if abs(lack) <= 1e-12 * wish:
            near, margin = np.log(c), SURE * max(1.0, wish / (c * slope))
            break
    for _ in range(60):
        middle = 0.5 * (low + high)
        if abs(middle - near) > margin:
            below = middle < near
        else:
            lack, factor = 0.0, -np.exp(middle)
            for b in range(len(bins)):
                lack += sizes[b] * np.expm1(factor * bins[b])
            below = -lack < wish
        if below:
            low = middle
        else:
            high = middle
    return np.exp(0.5 * (low + high))


@njit(nogil=True, cache=True)
def _follow(seed, creator, first, ids, weight, cumulative, scale):  # type: ignore[no-untyped-def]
    """uint32[followers], ascending, among the rows from ``first`` on; ``cumulative`` has one more entry, in front."""
    n = len(ids)
    out = np.empty(BLOCK, np.uint32)
    made = 0
    own = entity_key(day_key(seed, _STREAM, 0), creator)
    blocks = entity_key(day_key(seed, _STREAM, 1), creator)
    found = np.empty(BLOCK, np.int64)
    for lo in range(0, n, BLOCK):
        hi = min(lo + BLOCK, n)
        before = cumulative[lo]
        held = cumulative[hi] - before
        if scale < 0.0 or scale * held > FULL:
            size = 0
            for i in range(lo, hi):
                if scale < 0.0 or uniform(entity_key(own, ids[i]), np.uint64(0)) < -np.expm1(-scale * weight[i]):
                    found[size] = i
                    size += 1
        else:
            size = _draw_few(entity_key(blocks, ids[lo]), scale, lo, hi, before, held, cumulative[1:], found)
        if made + size > len(out):
            grown = np.empty(2 * len(out) + BLOCK, np.uint32)
            for m in range(made):
                grown[m] = out[m]
            out = grown
        for m in range(size):
            out[made + m] = first + found[m]
        made += size
    return out[:made].copy()


@njit(cache=True)
def _draw_few(key, scale, lo, hi, before, held, cumulative, found):  # type: ignore[no-untyped-def]
    """Fill ``found`` with distinct people of [lo, hi), ascending; how many."""
    size = 0
    for slot in range(poisson(uniform(key, np.uint64(0)), scale * held)):
        x = before + uniform(key, np.uint64(slot + 1)) * held
        low, high = lo, hi - 1
        while low < high:
            middle = (low + high) // 2
            if cumulative[middle] > x:
                high = middle
            else:
                low = middle + 1
        at = size
        while at > 0 and found[at - 1] > low:
            at -= 1
        if at > 0 and found[at - 1] == low:
            continue
        for m in range(size, at, -1):
            found[m] = found[m - 1]
        found[at] = low
        size += 1
    return size
