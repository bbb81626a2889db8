"""The figures of a network against networkx, and the printed table."""

from __future__ import annotations

import math
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest

from sim.state.network import Network, build_network, well_mixed
from sim.state.network_stats import ROWS, describe, real_networks, table


@pytest.mark.parametrize(
    "graph",
    [
        nx.karate_club_graph(),
        nx.barabasi_albert_graph(300, 3, seed=1),
        nx.powerlaw_cluster_graph(300, 4, 0.6, seed=2),
        nx.disjoint_union(nx.les_miserables_graph(), nx.empty_graph(9)),
    ],
    ids=["karate", "ba", "holme-kim", "with isolated people"],
)
def test_figures_agree_with_networkx(graph: nx.Graph) -> None:
    network = Network.from_networkx(graph)
    figures = describe(network, sources=1_000)
    assert figures["clustering"] == pytest.approx(nx.average_clustering(graph))
    assert figures["transitivity"] == pytest.approx(nx.transitivity(graph))
    assert figures["assortativity"] == pytest.approx(nx.degree_assortativity_coefficient(graph))
    core = graph.subgraph(max(nx.connected_components(graph), key=len))
    assert figures["path_length"] == pytest.approx(nx.average_shortest_path_length(core))
    assert figures["largest_component"] == pytest.approx(len(core) / len(graph))
    groups = [set(np.flatnonzero(network.community == c)) for c in range(network.communities)]
    plain = network.to_networkx()
    assert figures["modularity"] == pytest.approx(nx.community.modularity(plain, groups, weight=None))


def test_gini_by_hand() -> None:
    star = describe(Network.from_networkx(nx.star_graph(3)))
    assert star["degree_gini"] == pytest.approx(0.25)  # degrees 3, 1, 1, 1: mean difference .75 over twice the mean


def test_real_figures_have_a_source_each() -> None:
    rows = real_networks()
    assert len(rows) >= 6
    for row in rows:
        assert row["source"]
        assert row["facts"].startswith("F")
        assert float(row["mean_degree"]) > 0
    friends = next(row for row in rows if row["graph"] == "lastfm_asia")
    assert (friends["people"], friends["clustering"]) == ("7624", "0.2194")


def test_table_stands_beside_real_graphs() -> None:
    network = build_network(SimpleNamespace(kind="community"), 2_000, 0)
    text = table(network)
    for _, label, _ in ROWS:
        assert label in text
    assert "lastfm" in text
    assert max(map(len, text.splitlines())) <= 120
    assert "well mixed" in table(well_mixed(10))


def test_nothing_to_measure_is_not_a_number() -> None:
    figures = describe(Network.from_networkx(nx.empty_graph(5)))
    assert math.isnan(figures["clustering"])
    assert figures["isolated"] == 5
    assert "-" in table(Network.from_networkx(nx.empty_graph(5)))
    assert math.isnan(describe(Network.from_networkx(nx.cycle_graph(8)))["assortativity"])
