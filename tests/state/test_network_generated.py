"""The graph that is made: shape, promises to the user, and that it is a pure function of its arguments."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from sim.contract import ScenarioError
from sim.state.generate import community_network, wanted_degrees
from sim.state.network import Network, build_network, well_mixed
from sim.state.network_stats import describe


def community(n: int, seed: int = 0, **fields: float) -> Network:
    return build_network(SimpleNamespace(kind="community", **fields), n, seed)


def assert_sound(network: Network) -> None:
    """Symmetric with equal strength both ways, no self-loops, no repeated ties, rows ascending."""
    source = np.repeat(np.arange(network.n), network.degree)
    target = network.indices.astype(np.int64)
    assert not np.any(source == target)
    forth = source * network.n + target
    assert np.all(np.diff(forth) > 0)
    back = target * network.n + source
    order = np.argsort(back)
    np.testing.assert_array_equal(back[order], forth)
    np.testing.assert_array_equal(network.strength[order], network.strength)
    np.testing.assert_array_equal(network.strong[order], network.strong)
    assert len(np.unique(network.ids)) == network.n


@pytest.mark.parametrize("n", [100, 300, 1_000, 10_000, 50_000])
@pytest.mark.parametrize("seed", [0, 1])
def test_promises_hold_at_every_size(n: int, seed: int) -> None:
    network = community(n, seed)
    assert_sound(network)
    assert network.mean_degree == pytest.approx(7.3, rel=0.04)
    assert np.bincount(network.community).max() <= 500
    assert 0.1 <= describe(network, sources=1)["clustering"] <= 0.5
    assert network.report["strong_share"] == pytest.approx(0.85, abs=0.05)
    inside = np.repeat(network.community, network.degree) == network.community[network.indices]
    np.testing.assert_array_equal(network.strong, inside)
    np.testing.assert_array_equal(network.strength, np.where(inside, np.float32(1.0), np.float32(0.3)))


def test_communities_are_runs_of_ids() -> None:
    network = community(5_000)
    assert set(np.diff(network.community).tolist()) <= {0, 1}
    np.testing.assert_array_equal(network.ids, np.arange(5_000))


def test_degrees_are_heavy_tailed_as_asked() -> None:
    figures = describe(community(50_000, degree_spread=0.8, tail=2.8, strong_share=0.6), sources=1)
    assert figures["median_degree"] < 0.8 * figures["mean_degree"]
    assert figures["p99_degree"] > 4 * figures["mean_degree"]
    assert figures["max_degree"] > 40 * figures["mean_degree"]
    assert figures["tail_exponent"] == pytest.approx(2.8, abs=0.3)
    light = describe(community(50_000, degree_spread=0.8, tail=4.5, strong_share=0.6), sources=1)
    assert light["max_degree"] < figures["max_degree"] / 2


def test_wanted_degrees_join_lognormal_and_power_law_without_a_gap() -> None:
    weight = np.sort(wanted_degrees(200_000, 3, 12.0, 2.8, 0.8))
    assert weight.mean() == pytest.approx(12.0, rel=1e-3)
    tail = weight[-2_000:]
    assert 1.0 + 1.0 / np.log(tail / tail[0]).mean() == pytest.approx(2.8, abs=0.15)
    share = np.arange(1, len(weight) + 1) / len(weight)
    middle = (share > 0.85) & (share < 0.97)
    assert np.diff(np.log(weight[middle])).max() < 0.01


def test_levers_act_in_their_direction() -> None:
    base, closed = describe(community(5_000), sources=1), describe(community(5_000, closure=0.9), sources=1)
    open_ = describe(community(5_000, closure=0.0), sources=1)
    assert open_["clustering"] < base["clustering"] < closed["clustering"]
    few, many = (community(5_000, strong_share=share) for share in (0.2, 0.9))
    assert few.report["strong_share"] == pytest.approx(0.2, abs=0.04)
    assert many.report["strong_share"] == pytest.approx(0.9, abs=0.05)
    assert community(20_000, community_mean=20).communities > 2 * community(20_000, community_mean=100).communities
    for wanted in (3.0, 30.0, 80.0):
        assert community(5_000, mean_degree=wanted).mean_degree == pytest.approx(wanted, rel=0.03)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 13, 40])
def test_tiny_worlds(n: int) -> None:
    network = community(n, 5)
    assert_sound(network)
    assert network.n == n
    assert network.mean_degree <= n - 1
    if n <= 12:
        assert "cannot be had" in network.report["notes"][0]


def test_same_arguments_same_graph_other_seed_another() -> None:
    first, again, other = (community_network(3_000, seed) for seed in (7, 7, 8))
    for a, b in zip(first[:3], again[:3], strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(first[1]) != len(other[1]) or np.any(first[1] != other[1])


def test_threads_do_not_matter() -> None:
    made: dict[int, np.ndarray] = {}

    def build(seed: int) -> None:
        made[seed] = community_network(4_000, seed)[1]

    threads = [threading.Thread(target=build, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, indices in made.items():
        np.testing.assert_array_equal(indices, community_network(4_000, seed)[1])


def test_arrays_are_read_only() -> None:
    network = community(200)
    with pytest.raises(ValueError, match="read-only"):
        network.strength[0] = 2.0


def test_well_mixed_stores_nothing() -> None:
    network = build_network(SimpleNamespace(kind="well_mixed"), 1_000, 0)
    assert network.well_mixed
    assert (network.n, network.edges, network.mean_degree) == (1_000, 0, 0.0)
    assert not well_mixed(3).degree.any()


def test_the_number_of_people_must_be_known() -> None:
    with pytest.raises(ScenarioError, match=r"market\.consumers"):
        build_network(SimpleNamespace(kind="community"), None, 0)
    with pytest.raises(ScenarioError, match="kind"):
        build_network(SimpleNamespace(kind="star"), 5, 0)


def test_networkx_is_not_imported_before_it_is_used() -> None:
    code = "import sys, sim.state.network; sys.exit('networkx' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_a_million_people_in_seconds() -> None:
    import time

    community(1_000)
    began = time.perf_counter()
    network = community(1_000_000)
    assert time.perf_counter() - began < 15.0
    assert network.mean_degree == pytest.approx(7.3, rel=0.001)
