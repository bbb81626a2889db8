"""Sharing on graphs with known answers: R children at any degree, bond percolation, well-formed trees, keyed draws."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pytest
from words import dense, kept, scratch_of, told

from sim.contract import CHANNEL
from sim.mechanisms.sharing import Sharing
from sim.metrics.cascades import cascade_table, reproduction
from sim.scenario.parameters import SharingParams
from sim.state.columns import CUED
from sim.state.ledger import CONSUMERS, REASON, Ledger
from sim.state.network import Network
from sim.state.records import BILL, EXPERIENCE, MESSAGE, POST, SHARE, Table
from sim.state.team import Team

FRIEND, KOC, KOL = CHANNEL["friend"], CHANNEL["koc"], CHANNEL["kol"]


def view_of(graph: Any, seed: int = 3, slots: float = 50.0, taste: float | None = 0.5) -> Any:
    """A market of one product on ``graph``; everybody alike unless ``taste`` is None."""
    network = Network.from_networkx(graph, seed=1)
    n = network.n
    fit = np.random.default_rng(0).random((n, 1)) if taste is None else np.full((n, 1), taste)
    world = SimpleNamespace(
        scenario=SimpleNamespace(segments=[SimpleNamespace(share_propensity=1.0)], merchants=[]),
        platforms=SimpleNamespace(part=np.array([[0.0, 0.0, slots, 0.0, 0.0]])),
        products=SimpleNamespace(category=np.zeros(1, np.int64), merchant=np.zeros(1, np.int64),
                                 key=np.array([7], np.uint64)),
    )  # fmt: skip
    return SimpleNamespace(
        team=Team(1),
        seed=seed, world=world, network=network, id=network.ids, segment=np.zeros(n, np.uint8),
        fit=kept("fit", fit), experiences=Table(EXPERIENCE), posts=Table(POST), inbox=Table(MESSAGE),
        outbox=Table(MESSAGE), shares=Table(SHARE), sparks=Table(SHARE), bills=Table(BILL),
        ledger=Ledger(["a"], ["s"], []),
        flags=np.zeros((n, 1), np.uint8), adstock=kept("adstock", np.full((n, 1), 2)),
        expectation=kept("expectation", np.full((n, 1), 0.5)), referrer=np.full((n, 1), -1, np.int32),
    )  # fmt: skip


def lived(view: Any, people: Any, satisfaction: float = 1.5, key0: int = 100) -> None:
    """Today ``people`` live through something; keys follow their position."""
    rows = np.zeros(len(people), EXPERIENCE)
    rows["key"] = np.arange(key0, key0 + len(people), dtype=np.uint64) * np.uint64(7_919)
    rows["consumer"], rows["satisfaction"], rows["quality"] = people, satisfaction, 0.9
    view.experiences.append(rows)


def run(view: Any, days: int = 400, **params: Any) -> Sharing:
    """Evenings until every cascade has ended."""
    made = Sharing(SharingParams(**{"share_rate": 1, "bad_share_rate": 1, **params}))
    made.prepare(view, 0)
    for day in range(days):
        made.evening(view, day)
        view.experiences.grew(0)
        if len(made.pending) == 0:
            break
    return made


@pytest.mark.parametrize("degree", [4, 40])
def test_a_sharer_has_r_children_at_any_degree(degree: int) -> None:
    reach, origins = 0.35, 6_000
    view = view_of(nx.random_regular_graph(degree, 20_000, seed=2), taste=None)
    lived(view, np.arange(origins))
    run(view, reach_per_share=reach)
    rows = view.shares.rows
    children = np.bincount(rows["parent"][rows["parent"] >= 0], minlength=len(rows))
    assert abs(children.mean() - reach) < 3 * children.std() / math.sqrt(len(rows))
    first = children[:origins]
    assert abs(first.mean() - reach) < 3 * first.std() / math.sqrt(origins)
    assert reproduction(rows) == pytest.approx(children.mean())


def test_singletons_are_e_to_the_minus_r() -> None:
    origins = 6_000
    for reach in (0.1, 0.21):
        view = view_of(nx.random_regular_graph(40, 20_000, seed=2))
        lived(view, np.arange(origins))
        run(view, reach_per_share=reach)
        single = (cascade_table(view.shares.rows)["size"] == 1).mean()
        expected = math.exp(-reach)
        assert abs(single - expected) < 3 * math.sqrt(expected * (1 - expected) / origins) + reach**2 / 80


def test_percolation_reaches_the_giant_component_as_often_as_it_is_large() -> None:
    """V03: on an Erdos-Renyi graph of mean degree 8 with b = 1/4 a cascade is large w.p. x = 1 - exp(-2x) = .7968."""
    n, origins = 3_000, 400
    view = view_of(nx.fast_gnp_random_graph(n, 8 / (n - 1), seed=4))
    lived(view, np.arange(origins) * 7)
    run(view, rule="percolation", b=0.25)
    large = (cascade_table(view.shares.rows)["size"] > n / 10).mean()
    assert abs(large - 0.7968) < 3 * math.sqrt(0.7968 * 0.2032 / origins)


def test_trees_are_trees_of_friends() -> None:
    graph = nx.connected_watts_strogatz_graph(400, 8, 0.1, seed=3)
    view = view_of(graph, taste=None)
    lived(view, np.arange(0, 400, 10))
    made = run(view, reach_per_share=0.95)
    rows = view.shares.rows
    child = np.flatnonzero(rows["parent"] >= 0)
    assert len(child) > 50
    parent = rows["parent"][child]
    assert (parent < child).all()
    assert (rows["day"][child] == rows["day"][parent] + 1).all()
    assert (rows["depth"][child] == rows["depth"][parent] + 1).all()
    assert (rows["item"][child] == rows["item"][rows["root"][child]]).all()
    assert (rows["root"][rows["root"][child]] == -1).all()
    heard, told = view.id[rows["sharer"][child]], view.id[rows["sharer"][parent]]
    assert all(graph.has_edge(int(a), int(b)) for a, b in zip(heard, told, strict=True))
    assert len({(int(r["item"]), int(r["sharer"])) for r in rows}) == len(rows)
    assert len(made.taken) == 0


def test_a_cycle_meets_itself_once() -> None:
    """Certain percolation from 0 on a cycle of six: 1 and 5, 2 and 4, then 3 by the lower source id, 2."""
    view = view_of(nx.cycle_graph(6))
    lived(view, np.flatnonzero(view.id == 0))
    run(view, rule="percolation", b=1)
    rows = view.shares.rows
    assert view.id[rows["sharer"]].tolist() == [0, 1, 5, 2, 4, 3]
    assert view.id[rows["sharer"][rows["parent"][5]]] == 2
    table = cascade_table(rows)
    assert (table["size"][0], table["depth"][0]) == (6, 3)
    assert table["virality"][0] == pytest.approx(35 / 15)  # a path of six
    tries = [(int(view.id[m["sender"]]), int(view.id[m["target"]])) for m in view.outbox.rows]
    assert sorted(tries) == [(0, 1), (0, 5), (1, 2), (2, 3), (4, 3), (5, 4)]


def trees(view: Any) -> dict[int, set[tuple[int, int]]]:
    rows = view.shares.rows
    out: dict[int, set[tuple[int, int]]] = {}
    for r in rows:
        source = int(rows["sharer"][r["parent"]]) if r["parent"] >= 0 else -1
        out.setdefault(int(r["item"]), set()).add((source, int(r["sharer"])))
    return out


def test_the_same_seed_tells_the_same_story() -> None:
    graph = nx.connected_watts_strogatz_graph(300, 6, 0.2, seed=1)
    views = [view_of(graph, seed=s, taste=None) for s in (3, 3, 4)]
    for view in views:
        lived(view, np.arange(100))
        run(view, reach_per_share=0.9)
    assert views[0].shares.rows.tobytes() == views[1].shares.rows.tobytes()
    assert views[0].outbox.rows.tobytes() == views[1].outbox.rows.tobytes()
    assert trees(views[0]) != trees(views[2])


def test_other_peoples_shares_and_the_day_change_nothing() -> None:
    graph = nx.connected_watts_strogatz_graph(300, 6, 0.2, seed=1)
    few, many = view_of(graph, taste=None), view_of(graph, taste=None)
    lived(few, np.arange(10), key0=100)
    lived(many, np.arange(200, 300), key0=900)
    made = Sharing(SharingParams(share_rate=1, reach_per_share=0.9))
    made.prepare(many, -2)
    made.evening(many, -2)
    many.experiences.grew(0)
    lived(many, np.arange(10), key0=100)
    for day in range(-1, 200):
        made.evening(many, day)
        many.experiences.grew(0)
    run(few, reach_per_share=0.9)
    story, longer = trees(few), trees(many)
    assert story.items() <= longer.items()


def test_a_higher_chance_only_adds() -> None:
    graph = nx.connected_watts_strogatz_graph(300, 6, 0.2, seed=1)
    reached = []
    for b in (0.1, 0.2, 0.3):
        view = view_of(graph)
        lived(view, np.arange(40))
        run(view, rule="percolation", b=b)
        reached.append({(int(r["item"]), int(r["sharer"])) for r in view.shares.rows})
    assert reached[0] < reached[1] < reached[2]


def test_friends_see_as_often_as_said() -> None:
    view = view_of(nx.random_regular_graph(20, 4_000, seed=2), slots=1.0)
    lived(view, np.arange(2_000))
    made = run(view, days=1, reach_per_share=0)
    tries, chance = 40_000, float(view.network.strength.mean()) * 0.35 * (1 - math.exp(-1))
    assert abs(len(view.outbox) / tries - chance) < 3 * math.sqrt(chance * (1 - chance) / tries) + 0.003
    assert len(made.pending) == 0


def test_origins_rates_and_reward() -> None:
    graph = nx.empty_graph(20_000)
    view = view_of(graph)
    lived(view, np.arange(20_000), satisfaction=0.5)
    run(view, days=1, share_rate=0.1, incentive=20, incentive_effect=0.01)
    told = len(view.shares)
    assert abs(told / 20_000 - 0.12) < 3 * math.sqrt(0.12 * 0.88 / 20_000)
    bill = view.bills.rows[0]
    assert bill["fen"] == told * 2_000
    assert bill["reason"] == REASON["share_reward"]
    assert (bill["source"], bill["target"]) == (view.ledger.merchant0, CONSUMERS)
    view = view_of(graph)
    lived(view, np.arange(20_000), satisfaction=-0.5)
    run(view, days=1, bad_share_rate=0.1, incentive=20)
    assert abs(len(view.shares) / 20_000 - 0.1) < 3 * math.sqrt(0.09 / 20_000)
    assert not view.shares.rows["good"].any()
    assert len(view.bills) == 0


def test_only_todays_notes_by_consumers_start_cascades() -> None:
    view = view_of(nx.empty_graph(4))
    notes = np.zeros(4, POST)
    notes["key"], notes["author"], notes["born"] = [13, 11, 12, 14], [2, 0, 1, 3], [4, 5, 5, 5]
    notes["channel"], notes["signal"] = [KOC, KOC, KOC, KOL], [0.8, 0.8, 0.2, 0.8]
    view.posts.append(notes)
    made = Sharing(SharingParams())
    made.prepare(view, 5)
    made.evening(view, 5)
    assert view.shares.rows["item"].tolist() == [11, 12]
    assert view.shares.rows["good"].tolist() == [1, 0]


def test_good_news_is_an_exposure_and_a_warning_is_not() -> None:
    view = view_of(nx.empty_graph(6))
    mail = np.zeros(5, MESSAGE)
    mail["target"], mail["sender"], mail["good"] = [1, 3, 4, 4, 4], [0, 0, 1, 2, 5], [1, 0, 1, 1, 1]
    mail["signal"] = 0.9
    view.inbox.append(mail)
    made = Sharing(SharingParams(seen_cap=2))
    made.prepare(view, 1)
    scratch = scratch_of(1)
    made.block(view, 1, 2, 6, scratch)
    assert dense(scratch.shown, 4)[:, 0, FRIEND].tolist() == [0, 0, 2, 0]
    assert told(view, "adstock")[:, 0].tolist() == [2, 2, 2, 1, 2, 2]
    assert view.flags[:, 0].tolist() == [0, 0, 0, 0, CUED, 0]
    assert view.referrer[:, 0].tolist() == [-1, -1, -1, -1, 2, -1]
    assert told(view, "expectation")[3, 0] == pytest.approx(0.6, abs=1e-3)
    assert told(view, "expectation")[4, 0] == pytest.approx(0.5 + 0.4 * (1 - 0.75**2), abs=1e-3)
    assert told(view, "expectation")[1, 0] == 0.5
