"""Long lives and many of them: memory grows with the history that is kept alone, and nothing is left behind."""

from __future__ import annotations

import copy
import gc
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from city import CITY, plain

from sim import load
from sim.market import Market
from sim.state import records
from sim.state.records import Table

FD = Path("/proc/self/fd")


def resident() -> int:
    """Bytes this process holds in memory, what nobody refers to let go."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def history(market: Market) -> int:
    """Bytes of the records that are kept for good: orders, groups, shares, posts, reviews and the like."""
    return sum(table._data.nbytes for table in market.state.shared.values() if isinstance(table, Table))


@pytest.mark.slow
@pytest.mark.skipif(not FD.exists(), reason="needs /proc")
def test_memory_after_day_30_is_history() -> None:
    """20,000 people, 200 days: what is not history is what it was on day 30, to 24 MB of 8 kB a person."""
    wide = plain(market={"consumers": 20_000, "days": 200, "reference_consumers": 900})
    market = Market(load(wide), seed=3, check=False)
    while market.day < 30:
        market.step()
    rest, kept = resident() - history(market), history(market)
    arrays = sum(column.nbytes for column in market.state.columns.values())
    while market.day < 200:
        market.step()
    assert history(market) > kept
    assert resident() - history(market) - rest < 24e6
    assert sum(column.nbytes for column in market.state.columns.values()) == arrays


@pytest.mark.skipif(not FD.exists(), reason="needs /proc")
@pytest.mark.parametrize("threads", [1, 2])
def test_many_markets_in_one_process_leave_nothing(threads: int) -> None:
    """Once everything is compiled and cached, a hundred markets more leave no object, thread, file or memory."""
    scenario = load(plain(market={"consumers": 60, "days": 3}))

    def live(count: int) -> tuple[int, int, int, int]:
        for seed in range(count):
            Market(scenario, list(CITY["strategies"])[seed % 4], seed=seed, threads=threads).run()
        memory = resident()
        return len(gc.get_objects()), threading.active_count(), len(list(FD.iterdir())), memory

    live(12)
    objects, running, files, memory = live(12)
    more = live(100)
    assert more[0] - objects < 300, "objects, three a market at most"
    assert more[1] <= running + 1
    assert more[2] <= files
    assert more[3] - memory < 12e6


def test_a_finished_market_can_be_let_go() -> None:
    """Nothing in the package holds on to a market: mesa's registry of agents least of all."""
    import weakref

    market = Market(load(plain(market={"consumers": 60, "days": 2})), seed=1)
    market.run()
    column = weakref.ref(market.state.columns["flags"])
    there = weakref.ref(market)
    del market
    gc.collect()
    assert there() is None
    assert column() is None


@pytest.mark.parametrize(
    ("large", "sizes"), [(1 << 28, [4, 16, 64, 256, 1024]), (256, [4, 16, 64, 128, 256, 512, 1024])]
)
def test_records_grow_by_leaps_then_double_and_keep_what_they_hold(
    monkeypatch: pytest.MonkeyPatch, large: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(records, "LARGE", large)
    table = Table(np.dtype([("a", "i4")]), 4)
    seen = set()
    for k in range(1_000):
        table.add(k)
        seen.add(len(table._data))
    assert sorted(seen) == sizes
    assert table.rows["a"].tolist() == list(range(1_000))
    twin = copy.deepcopy(table)
    assert len(twin._data) == len(twin) == 1_000  # a copy carries no spare room
    twin.add(7)
    assert (twin.rows["a"][-1], len(table)) == (7, 1_000)
