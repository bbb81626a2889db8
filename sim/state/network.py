"""Who knows whom: one immutable graph in compressed rows, whatever it was made from.

``build_network`` turns the ``network`` block of a scenario into a :class:`Network`: generated communities, an edge
list, a networkx generator by name, or nothing at all (``well_mixed``). Every graph is symmetric, without self-loops or
repeated ties, and its people stand community by community, so that friends are near in memory. networkx is imported
only where it is used.

Tie strength, in (0, 1]: from a weight column when there is one (weights above 1 are divided by their 99th percentile
and cut at 1), otherwise ``tie_strong`` inside a community and ``tie_weak`` across, which is not stored edge by edge
(:mod:`sim.state.ties`): such a graph takes 4 bytes a friend and 16 a person. Graphs that come without communities are
divided by :mod:`sim.state.partition`, at most 500 people each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.contract import Problem, ScenarioError
from sim.rng import Stream
from sim.state.edgelist import id_key, read_edges
from sim.state.foreign import FILES, read_graph
from sim.state.generate import community_network
from sim.state.generators import generated
from sim.state.partition import divide, rows_of
from sim.state.records import read_only
from sim.state.ties import Ties, every_strength, every_strong

COMMUNITY_MAX = 500
_STREAM = int(Stream.NETWORK)
_SHIFT, _MASK = np.uint64(32), np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, eq=False)
class Network:
    """Friendships of ``n`` people. Friends of i: ``indices[indptr[i]:indptr[i+1]]``, ascending.

    ``indptr`` int64[n+1]; ``indices`` uint32[2 ties]; ``starts`` int64[communities+1], first person of each community;
    ``ids`` uint64[n], the semantic keys of draws (the index for generated graphs, the hash of the id for files);
    ``inside`` and ``across``, strength of a tie within and between communities, unless ``stored`` float32[2 ties] in
    (0, 1] gives every tie its own, the same both ways. With ``well_mixed`` everybody knows everybody and no tie is
    stored. ``strength``, ``strong`` and ``community`` are made on demand.
    """

    n: int
    indptr: NDArray[np.int64]
    indices: NDArray[np.uint32]
    starts: NDArray[np.int64]
    ids: NDArray[np.uint64]
    inside: float = 1.0
    across: float = 0.3
    stored: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    report: dict[str, Any] = field(default_factory=dict)
    well_mixed: bool = False

    def __post_init__(self) -> None:
        for array in (self.indptr, self.indices, self.starts, self.ids, self.stored):
            array.flags.writeable = False

    def __setstate__(self, state: dict[str, Any]) -> None:
        """An unpickled graph is as read-only as the first; kernels were compiled for that."""
        self.__dict__.update(state)
        self.__post_init__()

    @cached_property
    def ties(self) -> Ties:
        """What kernels need to know of the strength of ties."""
        inside, across = (float(np.float32(level)) for level in (self.inside, self.across))
        return Ties(self.indices, self.stored, self.starts, inside, across)

    @property
    def strength(self) -> NDArray[np.float32]:
        """float32[2 ties], read-only; made anew at each call unless the graph stores it."""
        if len(self.stored):
            return self.stored
        made = np.empty(len(self.indices), np.float32)
        every_strength(self.indptr, self.ties, made)
        return read_only(made)

    @property
    def strong(self) -> NDArray[np.uint8]:
        """uint8[2 ties], read-only, made anew at each call."""
        made = np.empty(len(self.indices), np.uint8)
        every_strong(self.indptr, self.ties, made)
        return read_only(made)

    @property
    def strong_share(self) -> float:
        """Share of strong ties, 0 without ties."""
        return int(every_strong(self.indptr, self.ties, np.empty(0, np.uint8))) / max(len(self.indices), 1)

    @property
    def community(self) -> NDArray[np.int32]:
        """int32[n], community of each person, read-only, made anew at each call."""
        return read_only(np.repeat(np.arange(self.communities, dtype=np.int32), np.diff(self.starts)))

    @property
    def degree(self) -> NDArray[np.int64]:
        """int64[n], friends of each person."""
        return np.diff(self.indptr)

    @property
    def edges(self) -> int:
        """Number of ties, each counted once."""
        return len(self.indices) // 2

    @property
    def mean_degree(self) -> float:
        return len(self.indices) / self.n if self.n else 0.0

    @property
    def communities(self) -> int:
        return len(self.starts) - 1

    def neighbours(self, person: int) -> NDArray[np.uint32]:
        """uint32[degree], the friends of one person."""
        return self.indices[self.indptr[person] : self.indptr[person + 1]]

    def to_frame(self) -> Any:
        """DataFrame of ties, a row each: ``a`` < ``b`` (persons), ``strength`` in (0, 1], ``strong``."""
        import pandas as pd

        source = np.repeat(np.arange(self.n), self.degree)
        once = source < self.indices
        ends = {"a": source[once], "b": self.indices[once].astype(np.int64)}
        return pd.DataFrame({**ends, "strength": self.strength[once], "strong": self.strong[once]})

    def plot(self, kind: str = "degrees", **options: Any) -> Any:
        """A matplotlib Figure: ``degrees``, how friends are spread over people, or ``map`` of the first communities."""
        return import_module("sim.report.ties").plot_network(self, kind, **options)

    def explain(self, seed: int = 0) -> str:
        """Its measures beside those of real networks, as text (:func:`sim.state.network_stats.table`)."""
        return str(import_module("sim.state.network_stats").table(self, seed))

    def _repr_html_(self) -> str:
        return str(import_module("sim.report.cards").network(self))

    def to_networkx(self) -> Any:
        """A ``networkx.Graph`` with ``community`` and ``id`` on nodes, ``strength`` and ``strong`` on ties."""
        import networkx as nx

        graph = nx.Graph()
        people = zip(self.community.tolist(), self.ids.tolist(), strict=True)
        graph.add_nodes_from((i, {"community": community, "id": key}) for i, (community, key) in enumerate(people))
        source = np.repeat(np.arange(self.n), self.degree)
        once = source < self.indices
        columns = (source[once], self.indices[once], self.strength[once], self.strong[once])
        for a, b, strength, strong in zip(*(column.tolist() for column in columns), strict=True):
            graph.add_edge(a, b, strength=strength, strong=bool(strong))
        return graph

    @classmethod
    def from_networkx(cls, graph: Any, seed: int = 0, tie_strong: float = 1.0, tie_weak: float = 0.3) -> Network:
        """Any networkx graph. Directions and parallel ties are merged; ``strength`` or ``weight`` on *every* tie is
        its strength; nodes 0..n-1 keep their number as id, other labels are hashed."""
        labels = list(graph.nodes)
        n = len(labels)
        plain = all(type(label) is int for label in labels) and set(labels) == set(range(n))
        keys = labels if plain else [id_key(str(label)) for label in labels]
        ids, place = np.unique(np.array(keys, np.uint64), return_inverse=True)
        if len(ids) < n:
            raise ScenarioError("two nodes of the graph have the same text; rename one")
        where = dict(zip(labels, place.tolist(), strict=True))
        loops = 0
        ties: dict[int, list[float]] = {}
        weighted = True
        for a, b, data in graph.edges(data=True):
            i, j = sorted((where[a], where[b]))
            if i == j:
                loops += 1
                continue
            value = data.get("strength", data.get("weight"))
            weighted &= value is not None
            ties.setdefault(i << 32 | j, []).append(float(value or 0.0))
        code_list = sorted(ties)
        codes = np.array(code_list, np.uint64)
        mean = np.array([sum(ties[code]) / len(ties[code]) for code in code_list], np.float64)
        report = {"kind": "networkx", "self_loops": loops, "duplicates": sum(map(len, ties.values())) - len(ties)}
        if weighted and not bool(np.all(mean > 0.0)):
            raise ScenarioError("weights of ties must be above 0")
        return _assemble(ids, codes, mean if weighted and ties else None, report, seed, tie_strong, tie_weak)


def build_network(
    spec: Any, n: int | None, seed: int, base_dir: str | Path | None = None, threads: int = 1
) -> Network:
    """The network of a scenario. ``spec`` has ``kind`` and the fields of that kind; ``n`` is ``market.consumers``;
    ``threads`` make a generated graph sooner and never another.

    Raises ScenarioError: a damaged file (with its line), a generator that does not exist or refuses its arguments, a
    number of consumers that contradicts the graph.
    """
    kind = spec.kind
    if kind in ("community", "well_mixed") and n is None:
        raise ScenarioError([Problem("how many consumers? only a network from a file knows", path="market.consumers")])
    if kind == "community":
        return _communities(spec, int(n or 0), seed, threads)
    if kind == "well_mixed":
        return well_mixed(int(n or 0))
    if kind == "networkx":
        network = Network.from_networkx(generated(spec, n, seed), seed, *_levels(spec))
        network.report["generator"] = str(spec.generator)
        known = f"network.generator {spec.generator}"
    elif kind == "file":
        network = _from_file(spec, seed, base_dir)
        known = str(spec.path)
    else:
        raise ScenarioError([Problem(f"unknown kind {kind!r}", path="network.kind")])
    if n is not None and n != network.n:
        remedy = "leave market.consumers out (--set market.consumers=null) or make them agree"
        message = f"is {n:,} but {known} has {network.n:,} people; {remedy}"
        raise ScenarioError([Problem(message, path="market.consumers")])
    return network


def well_mixed(n: int) -> Network:
    """Everybody meets everybody: no ties stored, one community in name."""
    return Network(
        n,
        np.zeros(n + 1, np.int64),
        np.zeros(0, np.uint32),
        np.array([0, n] if n else [0], np.int64),
        np.arange(n, dtype=np.uint64),
        report={"kind": "well_mixed", "people": n, "ties": 0, "notes": []},
        well_mixed=True,
    )


def _communities(spec: Any, n: int, seed: int, threads: int) -> Network:
    names = ("mean_degree", "strong_share", "community_max", "community_mean", "closure", "tail",
             "degree_spread")  # fmt: skip
    given = {name: getattr(spec, name) for name in names if hasattr(spec, name)}
    indptr, indices, starts, made = community_network(n, seed, **given, threads=threads)
    report = {"kind": "community", "people": n, "ties": len(indices) // 2, **made}
    return Network(n, indptr, indices, starts, np.arange(n, dtype=np.uint64), *_levels(spec), report=report)


def _levels(spec: Any) -> tuple[float, float]:
    return float(getattr(spec, "tie_strong", 1.0)), float(getattr(spec, "tie_weak", 0.3))


def _from_file(spec: Any, seed: int, base_dir: str | Path | None) -> Network:
    path = Path(base_dir or ".") / Path(spec.path).expanduser()  # an absolute one stays as it is
    if not path.is_file():
        raise ScenarioError([Problem(f"there is no file {str(path)!r}", path="network.path")])
    if path.suffix in FILES:
        return Network.from_networkx(read_graph(path, spec.columns, spec.weight), seed, *_levels(spec))
    table = read_edges(
        path,
        columns=getattr(spec, "columns", None),
        weight=getattr(spec, "weight", None),
        directed=bool(getattr(spec, "directed", False)),
        header=getattr(spec, "header", "auto"),
        separator=getattr(spec, "separator", "auto"),
    )
    return _assemble(table.ids, table.codes, table.weight, {"kind": "file", **table.report}, seed, *_levels(spec))


def _assemble(
    ids: NDArray[np.uint64],
    codes: NDArray[np.uint64],
    weight: NDArray[np.float64] | None,
    report: dict[str, Any],
    seed: int,
    tie_strong: float,
    tie_weak: float,
) -> Network:
    """Divide into communities, put people in their order, give ties their strength."""
    n = len(ids)
    value = np.ones(len(codes)) if weight is None else weight
    notes: list[str] = []
    if weight is not None and len(weight) and float(weight.max()) > 1.0:
        top = float(np.quantile(weight, 0.99))
        value = np.maximum(np.minimum(weight / top, 1.0), 1e-6)
        notes.append(f"weights divided by their 99th percentile, {top:g}")
    indptr, indices, strength = rows_of(n, codes, value)
    # The labels depend on the graph, not on the run: replications of one file share their communities.
    label = divide(0, ids, indptr, indices, strength, COMMUNITY_MAX)
    distinct, label = np.unique(label, return_inverse=True)
    order = np.argsort(label, kind="stable")
    rank = np.empty(n, np.uint64)
    rank[order] = np.arange(n, dtype=np.uint64)
    a, b = rank[(codes >> _SHIFT).astype(np.int64)], rank[(codes & _MASK).astype(np.int64)]
    moved = (np.minimum(a, b) << _SHIFT) | np.maximum(a, b)
    by_code = np.argsort(moved)
    indptr, indices, strength = rows_of(n, moved[by_code], value[by_code])
    starts = np.concatenate([[0], np.cumsum(np.bincount(label, minlength=len(distinct)))]).astype(np.int64)
    isolated = int((np.diff(indptr) == 0).sum())
    made = {"people": n, "ties": len(codes), "isolated": isolated, "communities": len(distinct)}
    stored = np.zeros(0, np.float32) if weight is None else strength
    network = Network(n, indptr, indices, starts, ids[order], tie_strong, tie_weak, stored, report | made)
    network.report.update(strong_share=network.strong_share, notes=notes)
    return network
