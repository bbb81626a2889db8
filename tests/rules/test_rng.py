"""The keyed generator: uniform, uncorrelated between neighbours of every kind, and sensitive to each bit of its key.

All tests are deterministic (fixed seeds): a statistic beyond its critical value means the mixer or the chaining of keys
is at fault, not bad luck. Critical values are two-sided p = 1e-4 after Bonferroni over the cells a test looks at.
"""

from __future__ import annotations

import math
import random
import subprocess
import sys

import numpy as np
import pytest
from numba import config, njit
from scipy import stats

from sim import rng
from sim.rng import Stream, day_key, entity_key, mix, name_key, uniform

pytestmark = pytest.mark.jitoff

P = 1e-4
COMPILED = not config.DISABLE_JIT
N = 200_000 if COMPILED else 10_000  # without the compiler a twentieth is patience enough


@njit
def over_entities(seed: int, stream: int, day: int, first: int, n: int, slot: int) -> np.ndarray:
    """float64[n]: one draw for each of n neighbouring consumers."""
    base = day_key(seed, stream, day)
    out = np.empty(n)
    for i in range(n):
        out[i] = uniform(entity_key(base, np.uint64(first + i)), np.uint64(slot))
    return out


@njit
def over_slots(seed: int, stream: int, day: int, entity: int, n: int) -> np.ndarray:
    """float64[n]: neighbouring slots of one entity on one day."""
    who = entity_key(day_key(seed, stream, day), np.uint64(entity))
    out = np.empty(n)
    for i in range(n):
        out[i] = uniform(who, np.uint64(i))
    return out


@njit
def over_days(seed: int, stream: int, first: int, n: int, entity: int) -> np.ndarray:
    """float64[n]: one entity on neighbouring days."""
    out = np.empty(n)
    for i in range(n):
        out[i] = uniform(entity_key(day_key(seed, stream, first + i), np.uint64(entity)), np.uint64(0))
    return out


@njit
def over_seeds(first: int, n: int, stream: int, day: int) -> np.ndarray:
    """float64[n]: the same draw under neighbouring seeds."""
    out = np.empty(n)
    for i in range(n):
        out[i] = uniform(entity_key(day_key(first + i, stream, day), np.uint64(1)), np.uint64(0))
    return out


@njit
def over_pairs(seed: int, n: int) -> np.ndarray:
    """float64[n]: chained keys, as of an edge (i, j) of a 2-d grid of neighbours."""
    base = day_key(seed, 34, 5)
    side = int(math.sqrt(n))
    out = np.empty(side * side)
    for i in range(side):
        for j in range(side):
            out[i * side + j] = uniform(entity_key(entity_key(base, np.uint64(i)), np.uint64(j)), np.uint64(0))
    return out


@njit
def draws(kind: int, mean: float, n: int) -> np.ndarray:
    """float64[n]: n draws of a distribution (0 gumbel, 1 exponential, 2 normal, 3 poisson)."""
    base = day_key(11, 22, 3)
    out = np.empty(n)
    for i in range(n):
        who = entity_key(base, np.uint64(i))
        if kind == 0:
            out[i] = rng.gumbel(who, np.uint64(7))
        elif kind == 1:
            out[i] = rng.exponential(who, np.uint64(7))
        elif kind == 2:
            out[i] = rng.normal(who, np.uint64(7))
        else:
            out[i] = rng.poisson(uniform(who, np.uint64(7)), mean)
    return out


SEQUENCES = {
    "consumers": lambda: over_entities(1, Stream.VISIT, 10, 0, N, 0),
    "consumers far out": lambda: over_entities(1, Stream.VISIT, 10, 2**40, N, 0),
    "slots": lambda: over_slots(1, Stream.FEED, 10, 3, N),
    "days": lambda: over_days(1, Stream.CHOICE, 0, N, 3),
    "days of the warm-up": lambda: over_days(1, Stream.CHOICE, -N, N, 3),
    "seeds": lambda: over_seeds(0, N, Stream.TASTE, 0),
    "pairs": lambda: over_pairs(1, N),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_neighbouring_keys_give_uniform_draws(name: str) -> None:
    u = SEQUENCES[name]()
    assert u.min() >= 0.0
    assert u.max() < 1.0
    assert stats.kstest(u, "uniform").pvalue > P
    assert stats.chisquare(np.histogram(u, bins=256, range=(0, 1))[0]).pvalue > P
    low = np.floor(u * 2.0**32) % 256  # bits 24-31 behind the point are as good as the first ones
    assert stats.chisquare(np.bincount(low.astype(np.int64), minlength=256)).pvalue > P


@pytest.mark.parametrize("name", SEQUENCES)
def test_neighbouring_keys_are_uncorrelated(name: str) -> None:
    u = SEQUENCES[name]()
    lags = (1, 2, 3, 4, 8, 16, 64, 256, 1024)
    bound = stats.norm.isf(P / 2 / len(lags))
    for lag in lags:
        r = np.corrcoef(u[:-lag], u[lag:])[0, 1]
        assert abs(r) * math.sqrt(len(u) - lag) < bound, f"lag {lag}: r = {r:.5f}"


def test_neighbouring_pairs_fill_the_square() -> None:
    """Serial test: successive pairs, 32 x 32 cells (a lattice shows here and not in a correlation)."""
    for make in SEQUENCES.values():
        u = make()
        u = u[: len(u) // 2 * 2]
        cells = (u[0::2] * 32).astype(np.int64) * 32 + (u[1::2] * 32).astype(np.int64)
        assert stats.chisquare(np.bincount(cells, minlength=1024)).pvalue > P


def test_streams_are_uncorrelated_with_each_other() -> None:
    n = N // 10
    table = np.stack([over_entities(1, stream, 10, 0, n, 0) for stream in Stream])
    r = np.corrcoef(table)[np.triu_indices(len(Stream), 1)]
    assert np.abs(r).max() * math.sqrt(n) < stats.norm.isf(P / 2 / len(r))
    assert stats.kstest(r * math.sqrt(n), "norm").pvalue > P


def test_slots_days_and_seeds_are_uncorrelated_over_the_same_consumers() -> None:
    rows = [over_entities(1, Stream.ADS, 10, 0, N, slot) for slot in range(6)]
    rows += [over_entities(1, Stream.ADS, day, 0, N, 0) for day in (-1, 9, 11, 12)]
    rows += [over_entities(seed, Stream.ADS, 10, 0, N, 0) for seed in (0, 2, 3)]
    r = np.corrcoef(np.stack(rows))[np.triu_indices(len(rows), 1)]
    assert np.abs(r).max() * math.sqrt(N) < stats.norm.isf(P / 2 / len(r))


def test_shifted_consumers_do_not_repeat_slots_or_days() -> None:
    """(entity + 1, slot) must not be (entity, slot + k), nor (day + 1, entity) be (day, entity + k): no sum of keys."""
    block = [over_entities(1, Stream.ADS, day, 0, 2_000, slot) for day in (0, 1, 2) for slot in (0, 1, 2)]
    assert len(np.unique(np.concatenate(block))) == 9 * 2_000


@njit
def flips(words: np.ndarray, by: int) -> np.ndarray:
    """int64[64, 64]: how often output bit j changed when input bit i of the key (by=0), the entity (1), the slot (2),
    the seed (3) or the day (4) was flipped."""
    count = np.zeros((64, 64), np.int64)
    one = np.uint64(1)
    for w in words:
        for i in range(64):
            other = np.uint64(w ^ (one << np.uint64(i)))
            if by == 0:
                a, b = mix(w), mix(other)
            elif by == 1:
                a, b = entity_key(np.uint64(5), w), entity_key(np.uint64(5), other)
            elif by == 2:
                a, b = entity_key(w, np.uint64(5)), entity_key(other, np.uint64(5))
            elif by == 3:
                a, b = day_key(np.int64(w), 3, 7), day_key(np.int64(other), 3, 7)
            else:
                a, b = day_key(3, 3, np.int64(w)), day_key(3, 3, np.int64(other))
            changed = np.uint64(a ^ b)
            for j in range(64):
                if (changed >> np.uint64(j)) & one:
                    count[i, j] += 1
    return count


@pytest.mark.parametrize("by", range(5), ids=["mixer", "entity", "base", "seed", "day"])
@pytest.mark.parametrize("words", ["random", "small"])
def test_each_input_bit_flips_half_of_the_output_bits(by: int, words: str) -> None:
    """Avalanche over random words and over small ones, which is what identifiers are in practice."""
    n = 4_000 if COMPILED else 50
    source = random.Random(5)
    values = [source.getrandbits(64) for _ in range(n)] if words == "random" else list(range(n))
    share = flips(np.array(values, dtype=np.uint64), by) / n
    assert abs(share.mean() - 0.5) < 0.01
    assert abs(share.mean(axis=1) - 0.5).max() < 0.05  # each input bit
    # Small words differ in few bits, so their pairs are far from independent: a wider band for a single cell.
    assert abs(share - 0.5).max() < (6.0 if words == "random" else 24.0) * 0.5 / math.sqrt(n)


@njit
def flipped_uniform(words: np.ndarray, bit: int) -> np.ndarray:
    """float64[n]: uniform() with one bit of the slot flipped, minus the one without."""
    out = np.empty(len(words))
    for i in range(len(words)):
        a = uniform(np.uint64(99), words[i])
        b = uniform(np.uint64(99), np.uint64(words[i] ^ (np.uint64(1) << np.uint64(bit))))
        out[i] = a - b
    return out


def test_a_flipped_slot_bit_gives_an_independent_uniform() -> None:
    """The difference of two independent uniforms is triangular: variance 1/6."""
    n = 20_000 if COMPILED else 500
    words = np.arange(0, 2 * n, 2, dtype=np.uint64)
    for bit in (0, 1, 5, 17, 31, 32, 47, 63):
        gap = flipped_uniform(words, bit)
        assert stats.kstest(gap, stats.triang(0.5, loc=-1, scale=2).cdf).pvalue > P, f"bit {bit}"


def test_gumbel_moments_and_law() -> None:
    g = draws(0, 0.0, N)
    assert g.mean() == pytest.approx(np.euler_gamma, abs=4 * math.pi / math.sqrt(6 * N))
    assert g.var() == pytest.approx(math.pi**2 / 6, rel=5 * math.sqrt(4.4 / N))
    assert stats.kstest(g, "gumbel_r").pvalue > P
    assert np.isfinite(g).all()


def test_exponential_moments_and_law() -> None:
    x = draws(1, 0.0, N)
    assert x.min() >= 0.0
    assert x.mean() == pytest.approx(1.0, abs=4 / math.sqrt(N))
    assert x.var() == pytest.approx(1.0, rel=5 * math.sqrt(8 / N))
    assert stats.kstest(x, "expon").pvalue > P


def test_normal_moments_and_law() -> None:
    z = draws(2, 0.0, N)
    assert z.mean() == pytest.approx(0.0, abs=4 / math.sqrt(N))
    assert z.var() == pytest.approx(1.0, rel=4 * math.sqrt(2 / N))
    assert stats.skew(z) == pytest.approx(0.0, abs=4 * math.sqrt(6 / N))
    assert stats.kurtosis(z) == pytest.approx(0.0, abs=4 * math.sqrt(24 / N))
    assert stats.kstest(z, "norm").pvalue > P


@pytest.mark.parametrize("mean", [0.01, 0.3, 1.0, 4.0, 20.0, 50.0])
def test_poisson_moments_and_law(mean: float) -> None:
    k = draws(3, mean, N)
    assert k.mean() == pytest.approx(mean, abs=4 * math.sqrt(mean / N))
    assert k.var() == pytest.approx(mean, rel=5 * math.sqrt((2 + 1 / mean) / N))
    top = int(stats.poisson.isf(20 / N, mean))
    observed = np.bincount(np.minimum(k, top).astype(np.int64), minlength=top + 1)
    expected = stats.poisson.pmf(np.arange(top + 1), mean)
    expected[-1] = stats.poisson.sf(top - 1, mean)
    big = expected * N >= 5
    observed = np.append(observed[big], observed[~big].sum())
    expected = np.append(expected[big], expected[~big].sum()) * N
    assert stats.chisquare(observed[expected > 0], expected[expected > 0]).pvalue > P


def test_poisson_of_nothing_is_nothing_and_a_larger_mean_never_gives_less() -> None:
    """Monotone in the mean at one uniform: the pairing of strategies rests on it (decision D2)."""
    assert rng.poisson(0.999999, 0.0) == 0
    for u in (0.0, 0.2, 0.5, 0.9, 0.999):
        counts = [rng.poisson(u, m) for m in np.linspace(0, 40, 81)]
        assert counts == sorted(counts)
    assert rng.poisson(1.0 - 2.0**-53, 40.0) <= 255


@njit
def pairs(key: np.uint64, n: int) -> np.ndarray:
    """float32[2, n]: both uniforms of n neighbouring slots."""
    out = np.empty((2, n), np.float32)
    for i in range(n):
        out[0, i], out[1, i] = rng.uniform_pair(key, i)
    return out


def test_a_pair_of_uniforms_is_two_independent_ones() -> None:
    u, v = pairs(day_key(3, 22, 4), N)
    assert stats.kstest(u, "uniform").pvalue > P
    assert stats.kstest(v, "uniform").pvalue > P
    assert max(u.max(), v.max()) < 1.0
    cells = (u * 32).astype(np.int64) * 32 + (v * 32).astype(np.int64)
    assert stats.chisquare(np.bincount(cells, minlength=1024)).pvalue > P
    lagged = np.corrcoef(u[1:], v[:-1])[0, 1]
    assert abs(lagged) * math.sqrt(N - 1) < stats.norm.isf(P / 2)


def test_the_first_of_a_pair_is_the_uniform_of_that_name_cut_to_24_bits() -> None:
    key = day_key(3, 22, 4)
    u, v = pairs(key, 100)
    whole = np.array([uniform(key, np.uint64(i)) for i in range(100)])
    np.testing.assert_array_equal(u, np.floor(whole * 2.0**24) / 2.0**24)
    np.testing.assert_array_equal(v * 2.0**24, np.floor(v * 2.0**24))
    assert not np.isclose(u, v).any()


def test_seeds_and_days_below_zero_have_keys_of_their_own() -> None:
    """With and without the compiler; the numbers are golden, so that both ways are held to the same ones."""
    assert int(day_key(-1, 3, 7)) == int(day_key(2**64 - 1, 3, 7)) == 1385961761124551648
    assert int(day_key(5, 3, -1)) == 5509725638646922086
    assert len({int(day_key(seed, 3, day)) for seed in (-1, 0, 1, 2**63) for day in (-1, 0, 1)}) == 12


def test_streams_have_values_of_their_own_and_kept() -> None:
    """Values are part of every result: the first and some landmarks are pinned, so that nobody inserts one between."""
    values = [int(stream) for stream in Stream]
    assert len(Stream.__members__) == len(set(values))  # an alias would be a shared stream
    assert values[:45] == list(range(1, 46))
    assert values == sorted(values), "appended, never inserted"
    landmarks = {"SEGMENT": 1, "TASTE": 8, "VISIT": 13, "CHOICE": 22, "RETURN": 30, "SHARE": 33, "DELIVERY": 40}
    assert {name: int(Stream[name]) for name in landmarks} == landmarks


def test_name_key_is_the_same_everywhere() -> None:
    golden = {
        (): 13020603013274838756,
        ("Lumi",): 1333578995272803468,
        ("Lumi", "serum"): 13492568662509925996,
        ("种草", "面霜"): 4918723956224290693,
    }
    assert {path: int(name_key(*path)) for path in golden} == golden
    code = "from sim.rng import name_key; print(int(name_key('Lumi', 'serum')))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(other.stdout) == int(name_key("Lumi", "serum"))  # not Python's hash(), which is salted per process


def test_name_key_knows_paths_and_not_places() -> None:
    assert name_key("a", "b") != name_key("ab")
    assert name_key("a", "b") != name_key("b", "a")
    assert name_key("a", 1) == name_key("a", "1")
    names = [f"shop {i}" for i in range(5_000)]
    keys = [int(name_key(name)) for name in names]
    assert len(set(keys)) == len(names)
    assert [int(name_key(name)) for name in reversed(names)] == keys[::-1]


def test_draws_are_golden() -> None:
    """The draws themselves are part of every result; a change here invalidates all of them (CHANGELOG: results)."""
    who = entity_key(day_key(7, int(Stream.CHOICE), 12), np.uint64(345))
    assert int(who) == 17680329395273236715
    assert uniform(np.uint64(who), np.uint64(6)) == 0.008395890488507973


def test_the_least_waiting_over_worth_is_the_largest_log_worth_plus_gumbel() -> None:
    """What choice relies on: of alternatives worth w both rules pick the same one."""
    worth = np.array([0.2, 1.0, 3.5, 0.7])
    for person in range(400):
        who = rng.entity_key(np.uint64(9), np.uint64(person))
        slots = [np.uint64(k) for k in range(len(worth))]
        least = np.argmin([rng.waiting(who, slot) / w for slot, w in zip(slots, worth, strict=True)])
        most = np.argmax([np.log(w) + rng.gumbel(who, slot) for slot, w in zip(slots, worth, strict=True)])
        assert least == most
