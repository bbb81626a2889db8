"""Glimpses of a run agree with its books: payments with the ledger, segments with the summary, trees with shares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from city import lived, plain

from sim import load
from sim.contract import CHANNELS
from sim.market import Market
from sim.metrics import glimpses
from sim.metrics.cascades import cascade_table
from sim.state.columns import REACHED
from sim.state.ledger import PARTIES, REASON

WARM = {"market": {"consumers": 900, "days": 40, "warmup": 10},
        "mechanisms": {"sharing": {"incentive": 3, "reach_per_share": 0.9}}}  # fmt: skip


@pytest.fixture(scope="module", params=["from day 0", "warmed up"])
def market(request: pytest.FixtureRequest) -> Any:
    world = {**WARM, "market": {**WARM["market"], "warmup": 10 if request.param == "warmed up" else 0}}
    made = Market(load(plain(**world)), seed=5).warm_up()
    warmed = made.scenario.market.warmup > 0
    # Without warm-up the capital brought in is itself a payment of day 0.
    made.opening = int(made.ledger.merchant_cash()[made.world.merchants.index("Leaf")]) / 100 if warmed else 0.0
    while made.running:
        made.step()
    return made


@pytest.fixture(scope="module")
def tables(market: Any) -> dict[str, pd.DataFrame]:
    made = market.tables()
    return {name: pd.DataFrame(made[name]) for name in ("trees", "piece", "ties", "fills", "flows", "segments")} | {
        "summary": pd.Series(made["summary"])
    }


def test_payments_are_the_ledgers_and_make_the_brands_cash(market: Any, tables: dict[str, pd.DataFrame]) -> None:
    flows, ledger = tables["flows"], market.state.ledger
    focal = market.world.merchants.index("Leaf")
    by_reason = flows.groupby("reason")["yuan"].sum()
    booked = ledger.total[:, focal] / 100.0
    assert all(by_reason.get(name, 0.0) == pytest.approx(booked[code]) for name, code in REASON.items())
    assert set(flows["payer"]) <= set(PARTIES)
    came, went = (flows.loc[flows[side] == "brand", "yuan"].sum() for side in ("payee", "payer"))
    cash = pd.DataFrame(market.tables()["cash"])["Leaf"]
    assert cash.iloc[-1] == pytest.approx(market.opening + came - went)
    assert came > 0 < went


def test_a_rivals_payments_are_not_the_brands(market: Any) -> None:
    ledger = market.state.ledger
    brand = PARTIES.index("brand")
    own = ledger.party[ledger.merchant0 + market.world.merchants.index("Leaf")]
    other = ledger.party[ledger.merchant0 + market.world.merchants.index("Foam")]
    assert own == brand
    assert other == PARTIES.index("rivals")
    assert ledger.walked[:, other].sum() == 0


def test_segments_sum_to_the_summary(market: Any, tables: dict[str, pd.DataFrame]) -> None:
    found, summary = tables["segments"], tables["summary"]
    assert found["people"].sum() == market.network.n
    for name in ("gmv", "orders", "new_buyers", "reach", "aware", "order_margin"):
        assert found[name].sum() == pytest.approx(summary[name]), name
    assert (found["new_buyers"] <= found["people"]).all()
    assert found["trust"].between(0, 1).all()


def test_trees_are_trees_and_the_largest_is_the_largest(market: Any, tables: dict[str, pd.DataFrame]) -> None:
    trees, rows = tables["trees"], market.state.table("shares").rows
    mine = market.world.products.merchant[rows["product"]] == market.world.merchants.index("Leaf")
    shapes = cascade_table(rows)
    sizes = shapes["size"][mine[shapes["root"]] & (shapes["day"] >= 0)]
    assert set(trees["tree"]) == {"largest", "typical"}
    for name, tree in trees.groupby("tree"):
        parent, depth = tree["parent"].to_numpy(), tree["depth"].to_numpy()
        assert (tree["node"].to_numpy() == np.arange(len(tree))).all()
        assert parent[0] == -1
        assert (parent[1:] < np.arange(1, len(tree))).all(), "parents come first"
        assert (depth[1:] == depth[parent[1:]] + 1).all()
        assert len(tree) == min(int(tree["size"].iloc[0]), glimpses.MOST_NODES), name
    size = trees.groupby("tree")["size"].first()
    assert size["largest"] == sizes.max()
    assert size["typical"] == np.sort(sizes[sizes > 1])[((sizes > 1).sum() - 1) // 2]


def test_a_large_tree_is_cut_from_its_far_end(market: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pd.DataFrame(glimpses.trees(market.book, market.world.merchants.index("Leaf")))
    monkeypatch.setattr(glimpses, "MOST_NODES", 3)
    cut = pd.DataFrame(glimpses.trees(market.book, market.world.merchants.index("Leaf")))
    largest = cut[cut["tree"] == "largest"]
    assert len(largest) == min(3, int(largest["size"].iloc[0]))
    assert largest["size"].iloc[0] == whole["size"].max()
    assert (largest["parent"].iloc[1:] >= 0).all()


def test_the_piece_of_the_network_is_a_piece_of_it(market: Any, tables: dict[str, pd.DataFrame]) -> None:
    people, ties, net = tables["piece"], tables["ties"], market.network
    n = len(people)
    assert n <= glimpses.MOST_PEOPLE
    assert n in net.starts, "communities are whole"
    inside = sum(int((net.neighbours(i) < n).sum()) for i in range(n))
    assert len(ties) == inside // 2
    assert all(b in net.neighbours(a) for a, b in zip(ties["a"][:50], ties["b"][:50], strict=True))
    c, mine = market.state.columns, market.world.products.merchant == market.world.merchants.index("Leaf")
    met = ((c["flags"][:n][:, mine] & REACHED) != 0).any(axis=1)
    assert ((people["first_touch"] != "") == met).all()
    touched = c["first_touch"][:n][:, mine]
    for i in np.flatnonzero(met)[:100]:
        assert CHANNELS.index(people["first_touch"][i]) in touched[i]
    first = c["first_order"][:n, market.world.merchants.index("Leaf")]
    assert ((people["bought"] >= 0) == (first >= 0)).all()


def test_groups_fill_from_the_leaders_seat_up(market: Any, tables: dict[str, pd.DataFrame]) -> None:
    fills, summary = tables["fills"], tables["summary"]
    assert set(fills["size"]) == {3}
    seats, full = fills["seats"].to_numpy(), fills["complete"].to_numpy()
    assert seats[0] >= 1 / 3 - 1e-9
    assert (np.diff(seats) >= 0).all()
    assert (np.diff(full) >= 0).all()
    assert seats[-1] <= 1 + 1e-9
    assert full[-1] + fills["filled_up"].iloc[0] == pytest.approx(summary["group_completion"])


def test_nothing_shared_no_groups_no_ties_leaves_empty_tables() -> None:
    quiet = {"market": {"consumers": 200, "days": 3}, "network": {"kind": "well_mixed"},
             "mechanisms": {"sharing": {"enabled": False}, "group_buy": {"enabled": False}}}  # fmt: skip
    made = lived(plain(**quiet), seed=1).tables()
    for name in ("trees", "ties", "fills"):
        assert len(pd.DataFrame(made[name])) == 0, name
    assert len(pd.DataFrame(made["piece"])) == 200
