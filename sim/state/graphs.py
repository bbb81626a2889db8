"""Graphs as people have them: networkx, igraph, a scipy matrix, a table of pairs; and as others read them.

    Market(scenario, network=nx.watts_strogatz_graph(2000, 8, 0.1))
    Market(scenario, network=pd.DataFrame({"from": [...], "to": [...]}))

Directions and parallel ties are merged, loops dropped, ``strength`` or ``weight`` on every tie is its strength
(:meth:`sim.state.network.Network.from_networkx`). Writers: GEXF, GraphML, and whatever networkx writes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.contract import Problem, ScenarioError
from sim.state.foreign import as_networkx
from sim.state.network import Network


def graph_network(graph: Any, people: int | None = None) -> Network:
    """The network that ``graph`` is. Raises ScenarioError on what is not a graph, and where ``people``, the number of
    consumers of the scenario, says something else."""
    made = graph if isinstance(graph, Network) else Network.from_networkx(as_networkx(graph))
    if people is not None and people != made.n:
        said = f"is {people:,} but the graph has {made.n:,} people; leave it out or make them agree"
        raise ScenarioError([Problem(said, "market.consumers")])
    return made


def _writers() -> dict[str, Callable[[Any, str], None]]:
    import networkx as nx

    return {".gexf": nx.write_gexf, ".graphml": nx.write_graphml_xml, ".gml": nx.write_gml,
            ".edgelist": nx.write_weighted_edgelist}  # fmt: skip


def export_graph(market: Any, path: str | Path) -> Path:
    """Write who knows whom to ``path``; its ending says how: ``.gexf``, ``.graphml``, ``.gml``, ``.edgelist``.

    On people: segment, community, orders paid so far; on ties: strength, strong. Raises ScenarioError on another
    ending.
    """
    file, writers = Path(path), _writers()
    if file.suffix not in writers:
        raise ScenarioError([Problem(f"cannot write {file.suffix or 'a file without ending'}; known: "
                                     + ", ".join(writers), file=str(path))])  # fmt: skip
    graph = to_networkx(market)
    if file.suffix == ".edgelist":
        for _, _, tie in graph.edges(data=True):
            tie["weight"] = tie["strength"]
    writers[file.suffix](graph, str(file))
    return file


def to_networkx(market: Any) -> Any:
    """A networkx graph of a market's people, with ``segment``, ``orders``, ``community`` and ``id`` on them."""
    graph, world = market.network.to_networkx(), market.world
    orders = market.state.columns["orders_with"].sum(axis=1).tolist()
    for i, code in enumerate(market.state.columns["segment"].tolist()):
        graph.nodes[i].update(segment=world.segments[code], orders=orders[i], id=str(graph.nodes[i]["id"]))
    for _, _, tie in graph.edges(data=True):
        tie["strength"] = float(tie["strength"])
    return graph
