"""Memory: the graph's bytes, building piece by piece, the estimate against the truth, and runs that cannot fit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from city import CITY

import sim
from sim.catalogue import columns
from sim.contract import ScenarioError
from sim.state import pieces, size
from sim.state.build import build
from sim.state.memory import FORCE, available
from sim.state.network import Network, build_network
from sim.state.size import estimate, require

GB = 10**9
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc")


def city(consumers: int, **fields: object) -> sim.Scenario:
    return sim.load({**CITY, "market": {**CITY["market"], "consumers": consumers, **fields}})


def test_a_generated_graph_takes_four_bytes_a_friend_and_eight_a_person() -> None:
    network = build_network(SimpleNamespace(kind="community", mean_degree=12.0), 20_000, 0)
    held = sum(a.nbytes for a in vars(network).values() if isinstance(a, np.ndarray)) - network.ids.nbytes
    assert held <= network.n * (8 + 4 * network.mean_degree) + 8 * (network.communities + 2)


def test_stored_and_implied_ties_are_the_same_to_kernels() -> None:
    implied = build_network(SimpleNamespace(kind="community", tie_weak=0.2), 3_000, 0)
    stored = Network(implied.n, implied.indptr, implied.indices, implied.starts, implied.ids, stored=implied.strength)
    np.testing.assert_array_equal(stored.strength, implied.strength)
    np.testing.assert_array_equal(stored.strong, implied.strong)
    assert stored.strong_share == implied.strong_share == pytest.approx(0.85, abs=0.04)


def test_people_are_the_same_in_pieces_of_any_size_and_by_any_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = city(1_500).for_strategy(None)
    whole = build(scenario, 3, columns(scenario), 1)
    monkeypatch.setattr(pieces.in_pieces, "__defaults__", (256,))
    parts = build(scenario, 3, columns(scenario), 3)
    for name, values in whole.columns.items():
        np.testing.assert_array_equal(values, parts.columns[name], err_msg=name)
    np.testing.assert_array_equal(whole.network.indices, parts.network.indices)
    for name in ("indptr", "indices"):
        one, other = (getattr(state.shared["followers"], name) for state in (whole, parts))
        np.testing.assert_array_equal(one, other)
    assert parts.columns["id"] is parts.network.ids


MEASURE = """
import sim
from city import CITY
from sim.catalogue import columns
from sim.state.size import estimate
for n in (2_000, 300_000):
    scenario = sim.load({**CITY, "market": {**CITY["market"], "consumers": n, "days": 3}})
    market = sim.Market(scenario, seed=0, check=False)
    for _ in range(3):
        market.step()
    peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(peak, estimate(scenario, columns(scenario), n).total)
"""


@LINUX
def test_the_estimate_is_near_the_peak(root: Path) -> None:
    sim.Market(city(2_000, days=3), seed=0).run()  # so that the kernels are compiled: that takes memory, too
    paths = os.pathsep.join([str(root), str(root / "tests")])
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": paths})  # fmt: skip
    (small, told_small), (large, told_large) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert told_large == pytest.approx(large, rel=0.15)
    assert told_large - told_small == pytest.approx(large - small, rel=0.25)  # what the people take


def test_doubling_people_doubles_what_people_take() -> None:
    scenario = city(1_000)
    one, two = (estimate(scenario, columns(scenario), n) for n in (1_000_000, 2_000_000))
    for part in ("columns", "network", "records"):
        assert getattr(two, part) == pytest.approx(2 * getattr(one, part), rel=1e-3)
    assert two.buffers == one.buffers  # one thread works on one block whatever their number
    assert estimate(scenario, columns(scenario), 10**6, threads=4).buffers == 4 * one.buffers


def test_a_market_that_cannot_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "available", lambda: GB)
    small = estimate(city(1_000), columns(city(1_000)), 1_000)
    require(small, 1_000)
    with pytest.raises(ScenarioError, match=r"market\.consumers: 50,000,000 do not fit.*would fit") as refused:
        sim.Market(city(50_000_000), seed=0)
    assert "1.0 GB of free memory" in str(refused.value)
    with pytest.raises(ScenarioError, match=r"4 markets at a time.*--jobs 3 would do"):
        require(small, 1_000, workers=4)
    monkeypatch.setenv(FORCE, "1")
    require(small, 1_000, workers=4)
    monkeypatch.delenv(FORCE)
    monkeypatch.setattr(size, "available", lambda: None)
    require(small, 1_000, workers=4)


def test_what_is_said_to_fit_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "available", lambda: 3 * GB)
    scenario = city(1_000)
    with pytest.raises(ScenarioError) as refused:
        require(estimate(scenario, columns(scenario), 10**8), 10**8)
    said = int(str(refused.value).split("about ")[-1].split(" would")[0].replace(",", ""))
    assert said > 10**6
    require(estimate(scenario, columns(scenario), said), said)
    with pytest.raises(ScenarioError):
        require(estimate(scenario, columns(scenario), int(1.15 * said)), int(1.15 * said))


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_free_memory_is_the_least_of_machine_and_containers(tmp_path: Path) -> None:
    assert available(tmp_path) is None
    write(tmp_path, {"proc/meminfo": "MemTotal: 9000 kB\nMemAvailable:    4000 kB\n"})
    assert available(tmp_path) == 4_096_000
    write(tmp_path, {
        "proc/self/cgroup": "0::/a/b\n",
        "sys/fs/cgroup/a/memory.max": "2000000\n",
        "sys/fs/cgroup/a/memory.current": "1500000\n",
        "sys/fs/cgroup/a/memory.stat": "anon 1\ninactive_file 300000\n",
        "sys/fs/cgroup/a/b/memory.max": "max\n",
        "sys/fs/cgroup/a/b/memory.current": "7\n",
    })  # fmt: skip
    assert available(tmp_path) == 800_000
    write(tmp_path, {
        "proc/self/cgroup": "5:memory:/old\n3:cpu,cpuacct:/\n0::/none\n",
        "sys/fs/cgroup/memory/old/memory.limit_in_bytes": "600000\n",
        "sys/fs/cgroup/memory/old/memory.usage_in_bytes": "100000\n",
    })  # fmt: skip
    assert available(tmp_path) == 500_000
