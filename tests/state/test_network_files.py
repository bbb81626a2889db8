"""Edge lists as people have them, real ones where they are at hand, and networkx."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract import ScenarioError
from sim.state.edgelist import id_key, read_edges
from sim.state.network import Network, build_network
from sim.state.network_stats import describe

PATH = [(1, 2), (2, 3), (3, 4), (1, 3)]


def write(tmp_path: Path, content: str | bytes, name: str = "ties.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def from_file(path: Path, n: int | None = None, **fields: Any) -> Network:
    return build_network(SimpleNamespace(kind="file", path=str(path), **fields), n, 0)


def ties_by_id(network: Network) -> set[tuple[int, int]]:
    source = np.repeat(np.arange(network.n), network.degree)
    pairs = np.sort(np.stack([network.ids[source], network.ids[network.indices]]), axis=0)
    return set(map(tuple, pairs.T.tolist()))


def expected(pairs: list[tuple[Any, Any]]) -> set[tuple[int, int]]:
    keys = [sorted((id_key(str(a)), id_key(str(b)))) for a, b in pairs]
    return {(a, b) for a, b in keys}


FORMATS = {
    "comma": "1,2\n2,3\n3,4\n1,3\n",
    "comma, header": "from,to\n1,2\n2,3\n3,4\n1,3\n",
    "spaces after commas": "1, 2\n2, 3\n3, 4\n1, 3\n",
    "tab": "1\t2\n2\t3\n3\t4\n1\t3\n",
    "space": "1 2\n2 3\n3 4\n1 3\n",
    "ragged spaces": "  1   2\n2 3  \n 3\t 4\n1 3\n",
    "semicolon, decimal comma": "a;b;w\n1;2;0,5\n2;3;0,5\n3;4;0,5\n1;3;0,5\n",
    "pipe": "1|2\n2|3\n3|4\n1|3",
    "crlf": "source,target\r\n1,2\r\n2,3\r\n3,4\r\n1,3\r\n",
    "old Mac": "1,2\r2,3\r3,4\r1,3\r",
    "bom": b"\xef\xbb\xbf1,2\n2,3\n3,4\n1,3\n",
    "utf-16": "1,2\n2,3\n3,4\n1,3\n".encode("utf-16"),
    "quotes": '"1","2"\n"2","3"\n"3","4"\n"1","3"\n',
    "comments, blanks": "# SNAP\n% KONECT\n\n1 2\n2 3\n\n3 4\n1 3\n",
    "gz": gzip.compress(b"1,2\n2,3\n3,4\n1,3\n"),
    "more columns": "a,b,when,note\n1,2,9,x\n2,3,9,\n3,4,9,y\n1,3,9,z\n",
    "whole numbers as floats": "1.0,2.0\n2.0,3.0\n3.0,4.0\n1.0,3.0\n",
    "both ways, repeated": "1,2\n2,1\n2,3\n3,4\n1,3\n1,3\n",
}


@pytest.mark.parametrize("content", FORMATS.values(), ids=FORMATS)
def test_every_format_gives_the_same_graph(tmp_path: Path, content: str | bytes) -> None:
    network = from_file(write(tmp_path, content))
    assert (network.n, network.edges) == (4, 4)
    assert ties_by_id(network) == expected(PATH)


def test_ids_may_be_words_in_any_script(tmp_path: Path) -> None:
    rows = [("ann", "小红"), ("小红", "o'neil"), ("o'neil", 'd "x"')]
    content = 'ann,小红\n小红,o\'neil\no\'neil,"d ""x"""\n'
    for encoding in ("utf-8", "gb18030"):
        network = from_file(write(tmp_path, content.encode(encoding)))
        assert ties_by_id(network) == expected(rows)
        assert network.report["header"] is None
    spaced = from_file(write(tmp_path, "ann lee,bob fox\nbob fox,cat roe\n"))
    assert ties_by_id(spaced) == expected([("ann lee", "bob fox"), ("bob fox", "cat roe")])


def test_headers_are_told_from_ties(tmp_path: Path) -> None:
    for first in ("node_1,node_2", "truster,trustee", "user_id,friend_id", "Source,Target"):
        assert from_file(write(tmp_path, f"{first}\nann,bob\nbob,cy\n")).n == 3
    assert from_file(write(tmp_path, "zig,zag\n1,2\n2,3\n")).n == 3
    assert from_file(write(tmp_path, "user1,user2\nuser2,user3\n")).n == 3
    assert from_file(write(tmp_path, "u,v\nv,w\n")).n == 3
    assert from_file(write(tmp_path, "u,v\nann,bob\n")).n == 2
    assert from_file(write(tmp_path, "zig,zag\nu1,u2\nu2,u3\n")).n == 3
    assert from_file(write(tmp_path, "zig,zag\nann,bob\n")).n == 4
    assert from_file(write(tmp_path, "zig,zag\nann,bob\n"), header=True).n == 2
    assert from_file(write(tmp_path, "from,to\nann,bob\n"), header=False).n == 4


def test_columns_by_name_and_number(tmp_path: Path) -> None:
    path = write(tmp_path, "when,a,b,times\n9,1,2,4\n9,2,3,1\n")
    for columns in (["a", "b"], [2, 3]):
        assert ties_by_id(from_file(path, columns=columns)) == expected([(1, 2), (2, 3)])
    with pytest.raises(ScenarioError, match="'c'; the header has when, a, b, times"):
        from_file(path, columns=["a", "c"])
    with pytest.raises(ScenarioError, match="no column 9: columns count from 1"):
        from_file(path, columns=[1, 9])
    with pytest.raises(ScenarioError, match="one column"):
        from_file(path, columns=["a", "a"])


def test_what_is_odd_is_handled_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path, "from,to\n1,2\n2,1\n1,2\n3,3\n4,\n,5\n# end\n")
    network = from_file(path)
    assert (network.n, network.edges) == (5, 1)
    want = {"self_loops": 1, "duplicates": 2, "isolated": 3, "comments": 1, "rows": 6, "people": 5, "ties": 1}
    assert {key: network.report[key] for key in want} == want
    directed = from_file(path, directed=True)
    assert (directed.report["duplicates"], directed.report["reciprocity"]) == (1, 1.0)


def test_weights_become_strength(tmp_path: Path) -> None:
    network = from_file(write(tmp_path, "a,b,w\n1,2,.25\n2,3,1\n2,3,0.5\n3,4,0\n"), weight="w")
    assert sorted(network.strength.tolist()) == [0.25, 0.25, 0.75, 0.75]
    assert (network.n, network.edges, network.report["zero_weight"]) == (4, 2, 1)
    counts = from_file(write(tmp_path, "1,2,10\n2,3,40\n"), weight=3)
    assert counts.strength.max() == 1.0
    assert 0.2 < counts.strength.min() < 0.3
    assert "percentile" in counts.report["notes"][0]


def test_the_order_of_rows_and_ends_changes_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    graph = nx.connected_caveman_graph(20, 8)
    rows = [f"p{a},p{b}" for a, b in graph.edges]
    one = from_file(write(tmp_path, "\n".join(rows)))
    turned = [",".join(reversed(row.split(","))) if rng.random() < 0.5 else row for row in rng.permutation(rows)]
    two = from_file(write(tmp_path, "\n".join(turned)))
    for name in ("ids", "indptr", "indices", "strength", "community"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_communities_are_found(tmp_path: Path) -> None:
    graph = nx.connected_caveman_graph(30, 10)
    network = from_file(write(tmp_path, "\n".join(f"{a} {b}" for a, b in graph.edges)))
    assert 20 <= network.communities <= 40
    assert network.report["strong_share"] > 0.9
    assert set(np.unique(network.strength)) == {np.float32(0.3), np.float32(1.0)}


BROKEN = {
    "one cell": ("1,2\n2\n3,4\n", ":2: expected at least 2 columns, found 1"),
    "short row": ("a,b,w\n1,2,1\n1,3\n", ":3: expected at least 3 columns, found 2"),
    "word as weight": ("a,b,w\n1,2,1\n\n1,3,lots\n", ":4: a tie's weight must be a number"),
    "negative weight": ("a,b,w\n1,2,-1\n", ":2: a tie's weight must be a number, 0 or more (got '-1')"),
    "infinite weight": ("a,b,w\n1,2,inf\n", ":2: a tie's weight"),
    "no ids": ("1,2\n,\n", ":2: both ids are empty"),
    "empty": ("", "holds no ties"),
    "comments only": ("# nothing\n", "holds no ties"),
    "header only": ("from,to\n", "nothing below the header"),
    "binary": (b"1,2\n\x00\x00\x01", "zero bytes"),
    "damaged gzip": (gzip.compress(b"1,2\n" * 100)[:-9], "damaged gzip"),
    "not text": (b"1,2\n3,\xff\xff\xff\n", ":2: is not text"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_mistakes_are_located(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = write(tmp_path, content)
    weight = "w" if isinstance(content, str) and content.startswith("a,b,w") else None
    with pytest.raises(ScenarioError) as caught:
        from_file(path, weight=weight)
    assert message in str(caught.value)
    assert "ties.csv" in str(caught.value)


def test_many_mistakes_are_told_at_once_but_not_all(tmp_path: Path) -> None:
    path = write(tmp_path, "1,2\n" * 200 + "3\n" * 200)
    with pytest.raises(ScenarioError) as caught:
        read_edges(path)
    assert 10 < len(caught.value.problems) < 30


def test_a_missing_file_and_a_wrong_count_are_said(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"network\.path: there is no file"):
        from_file(tmp_path / "nowhere.csv")
    path = write(tmp_path, FORMATS["comma"])
    assert from_file(path, n=4).n == 4
    with pytest.raises(ScenarioError, match=r"market\.consumers: is 5 but .* has 4 people"):
        from_file(path, n=5)
    spec = SimpleNamespace(kind="file", path="ties.csv")
    assert build_network(spec, None, 0, tmp_path).n == 4


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    network = from_file(write(tmp_path, "=cmd|'/c calc'!A1,__import__('os')\n{{7*7}},=cmd|'/c calc'!A1\n"))
    assert network.n == 3


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=80),
    st.sampled_from([",", "\t", ";", "|", " "]),
    st.booleans(),
)
def test_any_list_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[int, int]], separator: str, header: bool
) -> None:
    rows = [f"{a}{separator}{b}" for a, b in pairs]
    text = "\n".join([f"from{separator}to"] * header + rows)
    network = from_file(write(tmp_path_factory.mktemp("ties"), text))
    assert ties_by_id(network) == expected([pair for pair in pairs if pair[0] != pair[1]])
    assert network.n == len({end for pair in pairs for end in pair})
    assert network.report["self_loops"] == sum(a == b for a, b in pairs)


# ------------------------------------------------------------------------------------------------------ real graphs


def real(name: str) -> Path:
    folder = Path(os.environ.get("SIM_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    if not (folder / name).is_file():
        pytest.skip(f"{name} is not in {folder} (set SIM_DATA)")
    return folder / name


@pytest.mark.parametrize(
    ("name", "people", "ties", "clustering", "assortativity"),
    [
        ("lastfm_asia_edges.csv", 7_624, 27_806, 0.2194, 0.0171),
        ("ego_facebook_edges.txt", 4_039, 88_234, 0.6055, 0.0636),
    ],
)
def test_real_friendships(name: str, people: int, ties: int, clustering: float, assortativity: float) -> None:
    network = from_file(real(name))
    figures = describe(network, sources=20)
    assert (network.n, network.edges, network.report["isolated"]) == (people, ties, 0)
    assert figures["clustering"] == pytest.approx(clustering, abs=1e-4)
    assert figures["assortativity"] == pytest.approx(assortativity, abs=1e-4)
    assert np.bincount(network.community).max() <= 500
    assert figures["modularity"] > 0.65


def test_real_trust_is_read_both_ways() -> None:
    network = from_file(real("ciao_trust.csv"), directed=True)
    assert (network.n, network.report["rows"], network.report["reciprocity"]) == (2_342, 57_544, 0.4815)


# --------------------------------------------------------------------------------------------------------- networkx


def generated(generator: str, n: int | None, **args: Any) -> Network:
    return build_network(SimpleNamespace(kind="networkx", generator=generator, args=args), n, 3)


def test_generators_by_name() -> None:
    network = generated("watts_strogatz_graph", 200, k=6, p=0.1)
    assert (network.n, network.edges) == (200, 600)
    np.testing.assert_array_equal(np.sort(network.ids), np.arange(200))
    again = generated("watts_strogatz_graph", 200, k=6, p=0.1)
    np.testing.assert_array_equal(network.indices, again.indices)
    assert generated("barabasi_albert_graph", 500, m=3).edges == 3 * 497
    assert generated("karate_club_graph", None).n == 34


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("wats_strogatz_graph", {}, "did you mean 'watts_strogatz_graph'"),
        ("read_gpickle", {}, "has no generator"),
        ("__import__", {}, "has no generator"),
        ("barabasi_albert_graph", {"k": 3}, "takes no 'k'; it takes n, m"),
        ("barabasi_albert_graph", {}, "refuses its arguments"),
        ("barabasi_albert_graph", {"m": 0}, "refuses its arguments"),
        ("ego_graph", {"G": 1}, "refuses its arguments"),
        ("grid_2d_graph", {"m": 3}, "has 120 people"),
        ("path_graph", {"create_using": "x"}, "takes no 'create_using'"),
    ],
)
def test_generators_that_cannot_be_had(name: str, args: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        generated(name, 40, **args)
    assert message in str(caught.value)


def test_any_networkx_graph_and_back() -> None:
    graph = nx.les_miserables_graph()
    network = Network.from_networkx(graph)
    assert (network.n, network.edges) == (77, 254)
    assert network.strength.max() == 1.0
    back = network.to_networkx()
    assert nx.is_isomorphic(back, graph)
    assert Network.from_networkx(back).edges == 254
    tangled = nx.MultiDiGraph([("a", "b"), ("b", "a"), ("a", "a"), ("b", "c")])
    tangled.add_node("z")
    network = Network.from_networkx(tangled)
    assert (network.n, network.edges, network.report["self_loops"], network.report["isolated"]) == (4, 2, 1, 1)
