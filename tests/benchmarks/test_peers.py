"""The common workload: the engine, the array version and one mesa agent a person live the same story."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = str(Path(__file__).parent / "peers")
N, TICKS, SEEDS = 1_500, 50, 12


@pytest.fixture(scope="module")
def peer() -> Iterator[Any]:
    """Imports a module of the peers' folder by name."""
    sys.path.insert(0, HERE)
    yield import_module
    sys.path.remove(HERE)
    for name in ("workload", "graph", "engine", "arrays", "objects", "compare"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def graph(peer: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The workload's graph, small."""
    folder = tmp_path_factory.mktemp("graph")
    peer("graph").write_graph(N, folder)
    return peer("workload").read_graph(folder)


@pytest.fixture(scope="module")
def answers(peer: Any, graph: Any) -> dict[str, list[dict[str, Any]]]:
    """Stories of each peer, a list by seed."""
    people = peer("workload").people
    told: dict[str, list[dict[str, Any]]] = {}
    for name in ("engine", "arrays", "objects"):
        live = peer(name).prepare(graph)
        told[name] = [live(people(N, seed), seed)(TICKS)._asdict() for seed in range(1, SEEDS + 1)]
    return told


def test_the_graph_is_a_symmetric_barabasi_albert(peer: Any, graph: Any) -> None:
    m = peer("graph").LINKS
    source = np.repeat(np.arange(N), np.diff(graph.indptr))
    ties = set(zip(source.tolist(), graph.indices.tolist(), strict=True))
    assert len(ties) == len(graph.indices) == 2 * m * (N - m)  # no tie twice
    assert all((b, a) in ties and a != b for a, b in ties)
    degree = np.diff(graph.indptr)
    assert degree.max() > 12 * degree.mean() / 2  # a hub; a random graph of this mean has none
    assert abs(np.corrcoef(np.arange(N), degree)[0, 1]) < 0.1  # ids say nothing about age


def test_engine_arrays_and_agents_agree(peer: Any, answers: Any) -> None:
    found = peer("compare").agreement(answers, N, TICKS)
    assert set(found) == {"arrays", "objects"}
    wrong = {(name, fact): row for name, rows in found.items() for fact, row in rows.items() if not row["agrees"]}
    assert not wrong


def test_disagreement_is_noticed(peer: Any, answers: Any, graph: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule a tenth off is seen."""
    arrays, people = peer("arrays"), peer("workload").people
    monkeypatch.setattr(arrays, "SENSITIVITY", 0.44)
    live = arrays.prepare(graph)
    told = [live(people(N, seed), seed)(TICKS)._asdict() for seed in range(1, SEEDS + 1)]
    rows = peer("compare").agreement({"engine": answers["engine"], "arrays": told}, N, TICKS)["arrays"]
    assert not all(row["agrees"] for row in rows.values())


def test_the_engine_gives_the_same_story_twice_and_another_for_another_seed(peer: Any, graph: Any) -> None:
    engine, crowd = peer("engine").prepare(graph), peer("workload").people(N, 3)
    assert engine(crowd, 3)(TICKS) == engine(crowd, 3)(TICKS) != engine(crowd, 4)(TICKS)


def test_a_peer_that_is_not_installed_is_left_out(peer: Any, tmp_path: Path) -> None:
    compare = peer("compare")
    compare.NEEDS["star"] = "no_such_module_anywhere"
    missing = compare.Peer("star", sys.executable, tmp_path)
    assert "no_such_module_anywhere is not installed" in missing.missing
    missing.end()
