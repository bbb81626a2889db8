"""Keyed randomness: every draw is a pure function of (seed, stream, day, entity, slot).

Nothing here is "the next number". A draw is named by what it is for, so two runs of one seed share every draw that
their difference does not touch, whatever the number of threads, processes or workers, and switching one mechanism on
leaves the draws of the others alone.

Use, inside a kernel::

    base = day_key(seed, Stream.VISIT, day)      # once a day
    who = entity_key(base, consumer_id)          # once a consumer
    if uniform(who, platform_key) < p: ...       # once an alternative

Entities and slots are *semantic* 64-bit keys (an original id, the hash of a name path), never an array position.
The mixer is the 64-bit finaliser of MurmurHash3 in the variant of Stafford (2011), "Better bit mixing", mix 13, as in
SplitMix64 (Steele, Lea, Flood 2014); ``tests/rules/test_rng.py`` holds uniformity, pair correlation and avalanche.
"""

from __future__ import annotations

import hashlib
import math
from enum import IntEnum
from functools import lru_cache

import numpy as np

from sim import jitcache

jitcache.use()

from numba import njit  # noqa: E402  (after the cache has its place)
from numba.extending import overload  # noqa: E402

_C1 = np.uint64(0xBF58476D1CE4E5B9)
_C2 = np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ODD = np.uint64(0xD1B54A32D192ED03)
_S16 = np.uint64(16)
_S27 = np.uint64(27)
_S30 = np.uint64(30)
_S31 = np.uint64(31)
_S11 = np.uint64(11)
_S40 = np.uint64(40)
_LOW24 = np.uint64(0xFFFFFF)
_TO_UNIT = 2.0**-53
_TO_UNIT24 = np.float32(2.0**-24)
_ALL64 = 0xFFFF_FFFF_FFFF_FFFF


class Stream(IntEnum):
    """What a draw is for. Values are part of the results: append new ones, never renumber."""

    SEGMENT = 1
    INCOME = 2
    SENSITIVITY = 3
    OCCASION_RATE = 4
    INTEREST = 5
    AUTHOR = 6
    LAPSE_P = 7
    TASTE = 8
    NETWORK = 9
    FOLLOW = 10
    CREATOR = 11
    INITIAL = 12
    VISIT = 13
    FEED = 14
    ADS = 15
    FRIEND = 16
    CONTACT = 17
    AWARE = 18
    CLICK = 19
    OCCASION = 20
    CONSIDER = 21
    CHOICE = 22
    HOUR = 23
    PLATFORM = 24
    INVITE = 25
    REPLY = 26
    ACCEPT = 27
    QUALITY = 28
    FIT = 29
    RETURN = 30
    REVIEW = 31
    LAPSE = 32
    SHARE = 33
    RESHARE = 34
    SEEN = 35
    SAMPLE = 36
    NOTE = 37
    CONTENT = 38
    OFFER = 39
    DELIVERY = 40
    STOCK = 41
    SEARCH = 42
    COMMUNITY = 43
    OPT_OUT = 44
    EXPLORE = 45
    LIVE = 60
    LIVE_VIEW = 61
    REFER = 70
    REFERRED = 71
    OPENED = 72
    WELCOME = 73
    GIFT = 74
    BARGAIN = 75
    HELP = 76
    RECRUIT = 77
    LINK = 78
    MUTE = 79
    HAND_OVER = 80
    TALK = 81
    CARE = 82
    ENROL = 83
    SUBSCRIBE = 84
    TARGET = 85
    OPEN_MESSAGE = 86
    REVIVE = 87
    PARCEL = 90
    FAKE = 91
    FOUND = 92
    INSPECT = 93
    NEWS = 94
    READ = 95
    TRACE = 96
    CLAIM = 97
    REGION = 100
    SPOIL = 101
    PAYMENT = 102
    QUESTION = 103
    REFUSAL = 104
    POST_SEEN = 110
    STORE_VISIT = 111
    STORE_BROWSE = 112
    TRIAL = 113
    READER = 114
    CHARITY = 115
    CHARITY_REPORT = 116
    GREEN = 117
    HOLD_OUT = 130
    SIGNED = 131
    PASSED_ON = 132
    BRAND_SEARCH = 133


@njit
def mix(x: np.uint64) -> np.uint64:
    """Bijective 64-bit mixer: flipping any input bit flips each output bit with probability 1/2."""
    x = np.uint64(x)
    x = (x ^ (x >> _S30)) * _C1
    x = (x ^ (x >> _S27)) * _C2
    return np.uint64(x ^ (x >> _S31))


@njit(cache=True)
def _entity_key(base: np.uint64, entity: np.uint64) -> np.uint64:
    return mix(np.uint64(base) ^ mix(np.uint64(entity) * _ODD + _GOLDEN))


@njit(cache=True)
def _day_key(seed: int | np.uint64, stream: int, day: int) -> np.uint64:
    return _entity_key(_entity_key(mix(np.uint64(seed) + _GOLDEN), np.uint64(stream)), np.uint64(np.int64(day)))


def entity_key(base: np.uint64, entity: np.uint64 | int) -> np.uint64:
    """Key of one entity under ``base``; also chains, ``entity_key(entity_key(base, a), b)``, for keys of pairs.

    Works inside kernels and outside; outside, numba would hand back a plain int, which it then types by its size.
    """
    return np.uint64(_entity_key(np.uint64(base), np.uint64(entity)))


@lru_cache(256)
def day_key(seed: int, stream: int, day: int) -> np.uint64:
    """Key of one stream on one day. Days before the start (warm-up) are negative and have keys of their own."""
    return np.uint64(_day_key(np.uint64(int(seed) & _ALL64), int(stream), int(day)))


@overload(entity_key)
def _entity_key_in_kernel(base, entity):  # type: ignore[no-untyped-def]
    return lambda base, entity: _entity_key(base, entity)


@overload(day_key)
def _day_key_in_kernel(seed, stream, day):  # type: ignore[no-untyped-def]
    return lambda seed, stream, day: _day_key(seed, stream, day)


def stream_of(name: str) -> int:
    """The stream of a mechanism from outside: draws of its own, named by its name and apart from every :class:`Stream`.

    A whole number from 2^32 to 2^63, to be given to :func:`day_key` in place of a Stream.
    """
    return (int(name_key("stream", name)) >> 1) | 1 << 62


@njit
def slot_of(slot: np.uint64 | int) -> np.uint64:
    """What a slot adds to a key: worked out once where many people draw for the same slot (see :func:`uniform_at`)."""
    return np.uint64(np.uint64(slot) * _GOLDEN + _C2)


@njit
def uniform_at(key: np.uint64, at: np.uint64) -> float:
    """``uniform(key, slot)`` with ``at = slot_of(slot)``."""
    return float(mix(np.uint64(key) + at) >> _S11) * _TO_UNIT


@njit(cache=True)
def uniform(key: np.uint64, slot: np.uint64 | int) -> float:
    """Uniform on [0, 1) with 53 bits, named by ``key`` and ``slot``."""
    return uniform_at(key, slot_of(slot))


def slots_of(slots: np.ndarray) -> np.ndarray:
    """:func:`slot_of` for an array of slots, uint64 of the same shape."""
    found: np.ndarray = np.ascontiguousarray(slots, np.uint64) * _GOLDEN + _C2
    return found


@njit(cache=True)
def uniform_pair(key: np.uint64, slot: np.uint64 | int) -> tuple[np.float32, np.float32]:
    """Two independent float32 uniforms on [0, 1), 24 bits each, for the price of one hash: its upper and middle bits.

    For kernels that draw for everybody every tick. The first is ``uniform(key, slot)`` cut to 24 bits.
    """
    bits = mix(np.uint64(key) + np.uint64(slot) * _GOLDEN + _C2)
    first = np.float32(np.int32(bits >> _S40)) * _TO_UNIT24
    return first, np.float32(np.int32((bits >> _S16) & _LOW24)) * _TO_UNIT24


@njit
def waiting(key: np.uint64, slot: np.uint64 | int) -> float:
    """Exponential of mean 1: minus the logarithm of the uniform. Of alternatives worth w that of least waiting / w is
    the one of largest log w + :func:`gumbel` of the same name, for one logarithm instead of two."""
    return -math.log(uniform(key, slot) + 1e-17)


@njit
def gumbel(key: np.uint64, slot: np.uint64 | int) -> float:
    """Standard Gumbel (mean .577, variance pi^2/6) by inverse CDF."""
    return -math.log(waiting(key, slot))


@njit(cache=True)
def exponential(key: np.uint64, slot: np.uint64 | int) -> float:
    """Exponential of mean 1 by inverse CDF."""
    return -math.log1p(-uniform(key, slot))


@njit(cache=True)
def normal(key: np.uint64, slot: np.uint64 | int) -> float:
    """Standard normal by Box-Muller from two named uniforms (the second slot is the complement of the first)."""
    u = uniform(key, slot)
    v = uniform(key, ~np.uint64(slot))
    return math.sqrt(-2.0 * math.log1p(-u)) * math.cos(2.0 * math.pi * v)


@njit
def poisson(u: float, mean: float) -> int:
    """Poisson count by inverse CDF of one uniform; exact for means up to about 50, capped at 255."""
    if u < math.exp(-mean):
        return 0
    p = math.exp(-mean)
    cdf = p
    k = 0
    while u >= cdf and k < 255:
        k += 1
        p *= mean / k
        cdf += p
    return k


def name_key(*path: str | int) -> np.uint64:
    """64-bit key of a name path, e.g. ``name_key("Lumi", "serum")``: the same on any machine and in any list order."""
    text = "\x1f".join(str(part) for part in path).encode("utf-8")
    return np.uint64(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little"))
