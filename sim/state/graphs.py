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
from sim.state.network import Network

KINDS = "a networkx or igraph graph, a square scipy.sparse matrix, a pandas table of pairs, or a sim Network"


def graph_network(graph: Any, people: int | None = None) -> Network:
    """The network that ``graph`` is. Raises ScenarioError on what is not a graph, and where ``people``, the number of
    consumers of the scenario, says something else."""
    made = graph if isinstance(graph, Network) else Network.from_networkx(as_networkx(graph))
    if people is not None and people != made.n:
        said = f"is {people:,} but the graph has {made.n:,} people; leave it out or make them agree"
        raise ScenarioError([Problem(said, "market.consumers")])
    return made


def as_networkx(graph: Any) -> Any:
    """A networkx graph of the same ties. Raises ScenarioError on what is not a graph."""
    kind = type(graph).__module__.partition(".")[0]
    if kind == "networkx":
        return graph
    if kind == "igraph":
        return _from_igraph(graph)
    if kind == "scipy" and hasattr(graph, "tocoo"):
        return _from_matrix(graph)
    if kind == "pandas" and hasattr(graph, "columns"):
        return _from_pairs(graph)
    raise ScenarioError([Problem(f"is {type(graph).__name__}; give {KINDS}", "network")])


def _from_igraph(graph: Any) -> Any:
    import networkx as nx

    made = nx.Graph()
    names = graph.vs["name"] if "name" in graph.vs.attributes() else range(graph.vcount())
    labels = list(names)
    made.add_nodes_from(labels)
    weight = next((w for w in ("strength", "weight") if w in graph.es.attributes()), None)
    values = graph.es[weight] if weight else [None] * graph.ecount()
    for (a, b), value in zip(graph.get_edgelist(), values, strict=True):
        made.add_edge(labels[a], labels[b], **({} if value is None else {"weight": float(value)}))
    return made


def _from_matrix(matrix: Any) -> Any:
    import networkx as nx

    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ScenarioError([Problem(f"is a matrix of shape {matrix.shape}; who knows whom is square", "network")])
    made, entries = nx.Graph(), matrix.tocoo()
    made.add_nodes_from(range(matrix.shape[0]))
    plain = bool((entries.data == 1).all())
    for a, b, value in zip(entries.row.tolist(), entries.col.tolist(), entries.data.tolist(), strict=True):
        if value:
            made.add_edge(a, b, **({} if plain else {"weight": float(value)}))
    return made


def _from_pairs(table: Any) -> Any:
    import networkx as nx

    if table.shape[1] < 2:
        raise ScenarioError([Problem("is a table of one column; two are needed, and a weight if there is one",
                                     "network")])  # fmt: skip
    if table.iloc[:, :2].isna().any().any():
        row = int(table.iloc[:, :2].isna().any(axis=1).to_numpy().argmax())
        raise ScenarioError([Problem(f"has an empty cell in row {row}", "network")])
    weight = next((w for w in ("strength", "weight") if w in table.columns), None)
    made = nx.Graph()
    ends = [table[c].tolist() for c in [c for c in table.columns if c != weight][:2]]
    values = table[weight].tolist() if weight else [None] * len(table)
    for a, b, value in zip(*ends, values, strict=True):
        made.add_edge(a, b, **({} if value is None else {"weight": float(value)}))
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
