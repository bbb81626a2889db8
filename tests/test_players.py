"""Players, recommenders and graphs of one's own: they act, see what they may, and leave the rest alone."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import sim
from sim import ScenarioError
from sim.agents.sight import merchant_view, on_sale
from sim.contract import CHANNEL, COUNT
from sim.market import Market
from sim.metrics.diversity import diversity, gini
from sim.state.graphs import export_graph
from sim.testing.promises import TOWN, fingerprints

DAYS = 12


@pytest.fixture(scope="module")
def town() -> Any:
    """The town of the contract tests."""
    return sim.load(TOWN)


class Sale(sim.MerchantPolicy):
    """A fifth off from day 5 on."""

    def plan(self, view: Any) -> Any:
        return sim.Plan(discount=0.2) if view.day >= 5 else None


def test_a_policy_that_wants_what_is_planned_changes_nothing(town: Any) -> None:
    idle = type("Idle", (sim.MerchantPolicy,), {"plan": lambda self, view: None})()
    with_, without = Market(town, seed=3, policies={"Leaf": idle}), Market(town, seed=3)
    for market in (with_, without):
        market.run()
    assert fingerprints(with_) == fingerprints(without)


def test_a_policy_that_says_what_a_phase_says_is_that_phase(town: Any) -> None:
    """The same words in Python and in YAML give the same market, bit for bit."""
    phase = [{"name": "sale", "from_day": 5, "discount": 0.2}]
    written = Market(town.with_set({"merchants.Leaf.plan.phases": phase}), seed=3)
    decided = Market(town, seed=3, policies={"Leaf": Sale()})
    for market in (written, decided):
        market.run()
    assert fingerprints(written) == fingerprints(decided)
    assert decided.products.loc["Leaf.green", "price"] == 36.0


def test_a_merchant_sees_its_own_books_and_no_secret(town: Any) -> None:
    market = Market(town, seed=3)
    for _ in range(6):
        market.step()
    view = merchant_view(market, market.merchants[0], None)
    assert view.cash == pytest.approx(market.merchants[0].cash)
    assert sum(view.yesterday.gmv.values()) == market.book.tally[5, COUNT["gmv"], 0].sum() / 100
    assert view.yesterday.impressions["ads"] == market.book.tally[5, COUNT["impressions"], 0, CHANNEL["ads"]]
    assert {p.seen.name for p in view.products} == {"green"}
    assert {p.name for p in view.rivals} == {"black", "bar"}
    pictures = view, view.products[0], view.rivals[0]
    said = {f.name for picture in pictures for f in dataclasses.fields(picture)}
    assert not said & {"quality", "seed", "market", "sensitivity", "taste", "income", "trust"}
    assert not {f.name for f in dataclasses.fields(view.rivals[0])} & {"unit_cost", "cash", "stock"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        view.day = 3
    with pytest.raises(TypeError):
        view.paid["ads"] = 0.0


def test_hidden_quality_cannot_be_told_from_the_view(town: Any) -> None:
    """Before the first order arrives, two markets that differ in quality alone look the same to everybody."""
    advertised = {"merchants.Leaf.products.green.advertised_quality": 0.9}
    good, bad = (town.with_set({"merchants.Leaf.products.green.quality": q} | advertised) for q in (0.9, 0.1))
    a, b = Market(good, seed=3), Market(bad, seed=3)
    assert on_sale(a) == on_sale(b)


def test_money_and_counts_are_those_of_the_reference_market(town: Any) -> None:
    """A policy that was written for one size of market sees and asks the same in another."""
    half = town.with_set({"market.consumers": 150, "market.reference_consumers": 300})
    seen = []
    for made in (town, half):
        market = Market(made, seed=3)
        seen.append(merchant_view(market, market.merchants[0], None).cash)
    assert seen[0] == pytest.approx(seen[1])


def test_a_platform_that_stops_showing_goods_shows_none(town: Any) -> None:
    class Quiet(sim.PlatformPolicy):
        def plan(self, view: Any) -> Any:
            return sim.PlatformPlan(commercial_load=0.0)

    quiet = Market(town, seed=3, policies={"notes": Quiet(), "film": Quiet()})
    loud = Market(town, seed=3)
    for market in (quiet, loud):
        market.run()
    feed = [CHANNEL[c] for c in ("ads", "search")]
    assert quiet.book.tally[:, COUNT["impressions"]][:, :, feed].sum() == 0
    assert loud.book.tally[:, COUNT["impressions"]][:, :, feed].sum() > 0


def test_a_platform_policy_is_what_an_event_is(town: Any) -> None:
    class Shift(sim.PlatformPolicy):
        def plan(self, view: Any) -> Any:
            return sim.PlatformPlan(theta_fit=0.0, explore=0.5) if view.day == 4 else None

    event = [{"name": "shift", "day": 4, "change": {"platforms.notes.theta_fit": 0.0, "platforms.notes.explore": 0.5}}]
    told = Market(town.with_set({"events": event}), seed=3)
    tuned = Market(town, seed=3, policies={"notes": Shift()})
    for market in (told, tuned):
        market.run()
    assert fingerprints(told) == fingerprints(tuned)


def test_creators_that_take_nothing_post_nothing(town: Any) -> None:
    seen: list[Any] = []

    class Idle(sim.CreatorPolicy):
        def plan(self, view: Any) -> Any:
            seen.append(view)
            return []

    class Eager(sim.CreatorPolicy):
        def plan(self, view: Any) -> Any:
            return range(len(view.offers))

    idle, eager = (Market(town, seed=3, policies={"nano": p()}) for p in (Idle, Eager))
    for market in (idle, eager):
        market.run()
    assert idle.book.flow[:, :, :].sum(axis=(0, 2))[sim.state.ledger.REASON["slot_fee"]] == 0
    assert eager.book.flow[:, :, :].sum(axis=(0, 2))[sim.state.ledger.REASON["slot_fee"]] > 0
    assert {v.tier for v in seen} <= {"nano"}


def test_players_that_are_not_there_are_named(town: Any) -> None:
    with pytest.raises(ScenarioError, match=r"policies\.Leef: there is no merchant of this name; did you mean 'Leaf'"):
        Market(town, policies={"Leef": Sale()})
    with pytest.raises(ScenarioError, match=r"policies\.Leaf: is not an instance"):
        Market(town, policies={"Leaf": Sale})


# ------------------------------------------------------------------------------------------------------ recommenders


def test_a_feed_ranked_by_one_product_shows_little_else(town: Any) -> None:
    class Only(sim.FeedPolicy):
        def score(self, view: Any) -> Any:
            return np.tile(np.array([1.0 if n == "Rival.bar" else 0.0 for n in view.products]), (len(view.segments), 1))

    still = town.with_set({"platforms.*.explore": 0.0})
    market = Market(still, seed=3, policies={"notes": Only(), "film": Only()})
    market.run()
    shelf = market.book.tally[:, COUNT["impressions"], :, CHANNEL["search"]].sum(axis=0)
    at = {name: shelf[k] for k, name in enumerate(market.world.product_names)}
    assert at["Rival.bar"] > 0
    assert at["Leaf.green"] == at["Rival.black"] == 0


def test_the_same_score_by_segment_and_by_person_is_the_same_feed(town: Any) -> None:
    def policy(rows: str) -> sim.FeedPolicy:
        def score(self: Any, view: Any) -> Any:
            table = 1.0 + np.arange(len(view.segments))[:, None] * np.arange(len(view.products))[None, :]
            return table if rows == "segments" else table[view.segment]

        return type("Ranked", (sim.FeedPolicy,), {"score": score})()

    prints = []
    for rows in ("segments", "people"):
        market = Market(town, seed=3, policies={"notes": policy(rows)})
        market.run()
        prints.append(fingerprints(market))
    assert prints[0] == prints[1]


def test_personal_scores_reach_the_persons_they_are_for(town: Any) -> None:
    class Split(sim.FeedPolicy):
        def score(self, view: Any) -> Any:
            green = np.array([n == "Leaf.green" for n in view.products])
            return np.where((np.arange(len(view.segment)) % 2 == 0)[:, None], green, ~green).astype(float)

    still = town.with_set({"platforms.*.explore": 0.0, "merchants.*.plan.budget_per_day": 0.0,
                           "mechanisms.seeding.enabled": False, "mechanisms.sharing.enabled": False})  # fmt: skip
    market = Market(still, seed=3, policies={"notes": Split(), "film": Split()})
    for _ in range(5):
        market.step()
    seen = np.asarray(market.consumers.recent)
    green = market.world.product_names.index("Leaf.green")
    assert seen[::2, green].sum() > 0
    assert seen[1::2, green].sum() == 0


def test_scores_of_no_use_are_refused(town: Any) -> None:
    several = ((np.ones(3), "shape"), (np.full((2, 3), -1.0), "below 0"), (np.full((2, 3), np.nan), "finite"))
    for made, message in several:
        odd = type("Odd", (sim.FeedPolicy,), {"score": lambda self, view, made=made: made})()
        with pytest.raises(ScenarioError, match=rf"policies\.notes: score\(\) gave.*{message}"):
            Market(town, seed=3, policies={"notes": odd}).step()


def test_factors_are_learnt_from_who_bought_what() -> None:
    """Two kinds of people, two kinds of goods: who bought one of a kind is told the other of the same kind."""
    from sim.agents.recommenders import FeedView, MatrixFactorised

    person, product = [], []
    for i in range(40):
        for p in ((0, 1) if i % 2 else (2, 3)):
            if not (i < 2 and p in (1, 3)):  # the first two have bought only one of the pair
                person.append(i)
                product.append(p)
    arrays = (np.zeros(41, int), np.zeros(4, int), np.zeros(4), np.ones(4), np.array(person), np.array(product),
              np.zeros(len(person), int), np.zeros(4))  # fmt: skip
    score = MatrixFactorised(rank=2).score(FeedView("x", 30, ("all",), tuple("abcd"), ("k",), *arrays))
    assert score[1, 1] > score[1, 3]
    assert score[0, 3] > score[0, 1]
    assert score.shape == (41, 4)
    assert np.allclose(score[40], score[40][::-1], rtol=0.2), "a stranger gets what all like"


def test_popularity_concentrates_and_taste_divides(town: Any) -> None:
    """The laws the two are known for: rich-get-richer raises the Gini, content-based narrows what one person sees."""
    many = {
        **TOWN, "market": {"consumers": 600, "days": 60},
        "merchants": [{"name": f"M{k}", "products": [
            {"name": "p", "category": ("tea", "soap")[k % 2], "price": 18, "initial": {"aware": 0.3}}]}
            for k in range(8)],
        "focal": "M0",
    }  # fmt: skip
    made = sim.load(many, set={"platforms.*.rest_of_market": 0.0, "platforms.*.explore": 0.05,
                               "mechanisms.seeding.enabled": False, "mechanisms.sharing.enabled": False})  # fmt: skip
    found = {}
    for name, policy in {"even": Flat(), "popular": sim.agents.recommenders.Popularity(theta=1.5),
                         "content": sim.agents.recommenders.ContentBased(theta=6.0, prior=0.2)}.items():
        market = Market(made, seed=4, policies={"notes": policy, "film": policy}, check=False)
        market.run()
        found[name] = diversity(market)
    assert found["popular"]["gini"] > found["even"]["gini"] + 0.05
    assert found["content"]["kinds"] < found["even"]["kinds"]


class Flat(sim.FeedPolicy):
    """Everything alike."""

    def score(self, view: Any) -> Any:
        return np.ones((len(view.segments), len(view.products)))


def test_gini_of_known_cases() -> None:
    assert gini(np.ones(7)) == pytest.approx(0.0)
    assert gini(np.array([0, 0, 0, 5.0])) == pytest.approx(0.75)
    assert gini(np.arange(1, 6)) == pytest.approx(4 / 15)
    assert gini(np.zeros(3)) == 0.0


# ------------------------------------------------------------------------------------------------------------ graphs


def graphs() -> dict[str, Any]:
    """One graph in every dress."""
    graph = nx.watts_strogatz_graph(200, 6, 0.2, seed=1)
    pairs = np.array(graph.edges)
    igraph = pytest.importorskip("igraph", reason="igraph is not installed")

    return {
        "networkx": graph,
        "igraph": igraph.Graph(n=200, edges=pairs.tolist()),
        "scipy": nx.to_scipy_sparse_array(graph),
        "pandas": pd.DataFrame(pairs, columns=["a", "b"]),
    }


def test_a_graph_is_the_same_in_every_dress(town: Any, tmp_path: Path) -> None:
    made = town.with_set({"market.consumers": 200})
    dresses = graphs()
    first = Market(made, seed=3, network=dresses["networkx"])
    assert first.network.edges == 600
    for name, graph in dresses.items():
        network = Market(made, seed=3, network=graph).network
        np.testing.assert_array_equal(network.indices, first.network.indices, err_msg=name)
    first.run()
    for ending, write in ((".graphml", nx.write_graphml), (".gexf", nx.write_gexf), (".gml", nx.write_gml)):
        write(dresses["networkx"], tmp_path / f"g{ending}")
    dresses["pandas"].to_parquet(tmp_path / "g.parquet")
    for ending in (".graphml", ".gexf", ".gml", ".parquet"):
        said = TOWN | {"network": {"kind": "file", "path": f"g{ending}"}, "market": {"days": 2}}
        file = tmp_path / "town.yaml"
        file.write_text(sim.scenario.scenario.yaml_text(said), encoding="utf-8")
        network = Market(sim.load(file), seed=3).network
        assert (network.n, network.edges) == (200, 600), ending
    (tmp_path / "g.gexf").write_text("<gexf>", encoding="utf-8")
    said = TOWN | {"network": {"kind": "file", "path": str(tmp_path / "g.gexf")}, "market": {"days": 2}}
    with pytest.raises(ScenarioError, match="cannot be read as gexf"):
        Market(said, seed=3)


def test_weights_are_the_strength_of_ties(town: Any) -> None:
    matrix = scipy.sparse.csr_array(np.array([[0, 0.5, 0], [0.5, 0, 0.25], [0, 0.25, 0.0]]))
    table = pd.DataFrame({"weight": [0.5, 0.25], "a": ["x", "y"], "b": ["y", "z"]})
    for graph in (matrix, table):
        network = sim.state.graphs.graph_network(graph)
        assert sorted(network.strength.tolist()) == [0.25, 0.25, 0.5, 0.5]


def test_what_is_no_graph_is_refused(town: Any) -> None:
    for graph, message in (
        (3, "is int; give a networkx"),
        (scipy.sparse.csr_array(np.ones((2, 3))), "square"),
        (pd.DataFrame({"a": [1]}), "one column"),
        (pd.DataFrame({"a": [1, None], "b": [2, 3]}), "empty cell in row 1"),
        (nx.path_graph(5), "300 but the graph has 5"),
    ):
        with pytest.raises(ScenarioError, match=message):
            Market(town, network=graph)


@pytest.mark.parametrize("ending", [".gexf", ".graphml", ".gml", ".edgelist"])
def test_a_graph_goes_out_and_comes_back(town: Any, tmp_path: Path, ending: str) -> None:
    market = Market(town, seed=3)
    market.step()
    file = export_graph(market, tmp_path / f"out{ending}")
    read = {".gexf": nx.read_gexf, ".graphml": nx.read_graphml, ".gml": nx.read_gml,
            ".edgelist": nx.read_weighted_edgelist}[ending]  # fmt: skip
    back = read(file)
    assert back.number_of_edges() == market.network.edges
    if ending != ".edgelist":
        assert {data["segment"] for _, data in back.nodes(data=True)} == {"young", "old"}
    if ending in (".gexf", ".graphml"):
        assert ET.parse(file).getroot() is not None
    with pytest.raises(ScenarioError, match=r"cannot write \.xyz; known: \.gexf"):
        export_graph(market, tmp_path / "out.xyz")
