"""NDlib's nearest: its independent cascade model on the same graph. There is no choice, and each person passes the
news on once only, so the adoption curve is another; what is compared is the pace."""

from __future__ import annotations

from typing import Any

import ndlib.models.epidemics as epidemics
import ndlib.models.ModelConfig as configuration
import networkx as nx
from workload import PERSUASION, Graph, Live, People, Story, serve

MEAN_TRUST = 0.6


def prepare(graph: Graph) -> Live:
    """The graph in networkx, as NDlib wants it."""
    n = len(graph.indptr) - 1
    town = nx.Graph()
    town.add_nodes_from(range(n))
    indices = graph.indices.tolist()
    town.add_edges_from((i, j) for i in range(n) for j in indices[graph.indptr[i] : graph.indptr[i + 1]] if i < j)

    def live(crowd: People, seed: int) -> Any:
        model = epidemics.IndependentCascadesModel(town, seed=seed)
        chosen = configuration.Configuration()
        chosen.add_model_initial_configuration("Infected", crowd.seeds.tolist())
        for tie in town.edges():
            chosen.add_edge_configuration("threshold", tie, PERSUASION * MEAN_TRUST)
        model.set_initial_status(chosen)

        def go(ticks: int) -> Story:
            for _ in range(ticks):
                model.iteration()
            return Story([], [])

        return go

    return live


if __name__ == "__main__":
    serve(prepare)
