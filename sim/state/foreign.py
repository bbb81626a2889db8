"""Graphs of other libraries as networkx graphs: igraph, scipy matrices, pandas tables of pairs; and files of graphs.

Imported libraries are those of the object that is given; nothing is evaluated.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.contract import Problem, ScenarioError

FILES = (".graphml", ".gexf", ".gml", ".parquet")
"""Endings of files that hold a graph and are no table of text."""

KINDS = "a networkx or igraph graph, a square scipy.sparse matrix, a pandas table of pairs, or a sim Network"


def read_graph(path: Path, columns: Any = None, weight: Any = None) -> Any:
    """The graph of a file with one of the endings ``FILES``. Raises ScenarioError on a damaged one.

    Parquet: ``columns``, by default the first two, are the ends of a tie; ``weight``, by default a column of that name
    or ``strength``, what it weighs.
    """
    import networkx as nx

    try:
        if path.suffix == ".parquet":
            import pandas as pd

            table = pd.read_parquet(path)
            if columns:
                table = table[[*columns, *([weight] if weight else [])]]
            return _from_pairs(table.rename(columns={weight: "weight"}) if weight else table)
        return {".graphml": nx.read_graphml, ".gexf": nx.read_gexf, ".gml": nx.read_gml}[path.suffix](path)
    except ScenarioError:
        raise
    except Exception as error:  # each format has failures of its own
        raise ScenarioError([Problem(f"cannot be read as {path.suffix[1:]}: {error}", file=str(path))]) from error


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
